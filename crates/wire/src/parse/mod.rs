//! From the contract to the domain: by hand, one way, field by field, at the edge.
//!
//! Promises: the first field that is wrong is refused, in the order of the contract, with a code, its path in proto names
//! (`case_received.applicant.usci`) and a message that repeats nothing the sender wrote. Everything the contract bounds is
//! checked here, also what no rule reads, so that what is stored keeps to the contract for ever.
//!
//! Left to others: what the state of a thing allows (`xiaoer_domain::decide`), the size of an event and its place in a
//! request (`server`). Adding a fact: a function in the file of its proto file, a line in [`fact`], a fixture.

mod access;
mod case;
mod catalogue;
mod complaint;
mod contact;
mod correction;
mod form;
mod joint;
mod notice;
mod project;
mod registry;
pub mod vault;
mod visit;
mod window;

use crate::v1;
use form::{Inside, Parsed};
use jiff::tz::TimeZone;
use std::sync::Arc;
use xiaoer_domain::{
    Code, Event, Fact, Identity, Refusal, Subject,
    ids::{CODE_LEN_MAX, kind},
};

/// Longest kind of a subject.
const KIND_LEN_MAX: usize = 32;
/// The system that numbers logs: this one.
pub(crate) const LOG_SYSTEM: &str = "xiaoer";

/// The domain's form of an event; `zone` is the log's, for the local date of `occurred_at`.
///
/// The path of a refused field is relative to the event.
pub fn event(event: &v1::Event, zone: &TimeZone) -> Result<Event, Refusal> {
    let event_id = form::event_id("event_id", &event.event_id)?;
    let subject = subject(form::present("subject", event.subject.as_ref())?).inside("subject")?;
    let occurred_at = form::given_time("occurred_at", *form::present("occurred_at", event.occurred_at.as_ref())?)?;
    let legal_date = event.legal_date.as_deref().map(|date| form::given_date("legal_date", date)).transpose()?;
    let source = source(form::present("source", event.source.as_ref())?).inside("source")?;
    let what =
        event.fact.as_ref().ok_or_else(|| Refusal::new(Code::MissingFact, "the event says nothing that happened").at("fact"))?;
    let fact = fact(what)?;
    stands_on(&fact, &subject)?;
    Ok(Event {
        identity: Identity { system: source.system, event_id },
        subject,
        occurred_at,
        day: legal_date.unwrap_or_else(|| zone.to_datetime(occurred_at).date()),
        source_seq: event.source_seq,
        unit: source.unit,
        staff: source.staff,
        window: source.window,
        fact,
    })
}

/// The bytes of an event that are stored, relayed, exported and hashed: its proto3 JSON without white space.
///
/// Fails only for what [`event`] refuses: an enum number the contract does not know.
pub fn body(event: &v1::Event) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(event)
}

/// Reads stored bytes of any age. An old form that changed its meaning would be brought up to date here; there is none yet.
pub fn stored(json: &[u8]) -> Result<v1::Event, serde_json::Error> {
    serde_json::from_slice(json)
}

fn subject(subject: &v1::Subject) -> Parsed<Subject> {
    let kind = form::given("kind", &subject.kind, KIND_LEN_MAX)?;
    if !kind.bytes().all(|b| matches!(b, b'a'..=b'z' | b'_')) {
        return Err(form::invalid("kind", "a character other than a-z and underscore"));
    }
    let system = form::given("system", &subject.system, form::SYSTEM_LEN_MAX)?;
    let id = match &*kind {
        kind::UNIT => form::given_unit("id", &subject.id)?,
        kind::LOG => form::log_name("id", &subject.id)?,
        _ => form::given("id", &subject.id, CODE_LEN_MAX)?,
    };
    if &*kind == kind::LOG && &*system != LOG_SYSTEM {
        return Err(form::invalid("system", format!("a log is numbered by the system `{LOG_SYSTEM}`")));
    }
    Ok(Subject { kind, system, id })
}

struct Source {
    system: Arc<str>,
    unit: Arc<str>,
    staff: Arc<str>,
    window: Arc<str>,
}

fn source(source: &v1::Source) -> Parsed<Source> {
    Ok(Source {
        system: form::source_system("system", &source.system)?,
        unit: form::unit("unit_usci", &source.unit_usci)?,
        staff: form::code("staff_id", &source.staff_id)?,
        window: form::code("window_id", &source.window_id)?,
    })
}

fn stands_on(fact: &Fact, subject: &Subject) -> Parsed<()> {
    let kinds = fact.kinds();
    if kinds.is_empty() || kinds.contains(&&*subject.kind) {
        return Ok(());
    }
    let message = format!("{} stands on a subject of kind {}", fact.name(), kinds.join(" or "));
    Err(Refusal::new(Code::WrongSubject, message).at("subject.kind"))
}

fn fact(fact: &v1::event::Fact) -> Parsed<Fact> {
    use v1::event::Fact as Wire;
    match fact {
        Wire::CaseReceived(m) => case::received(m).inside("case_received"),
        Wire::NoticeGiven(m) => notice::given(m).inside("notice_given"),
        Wire::CorrectionSubmitted(m) => notice::correction(m).inside("correction_submitted"),
        Wire::NotAccepted(m) => case::not_accepted(m).inside("not_accepted"),
        Wire::CaseAccepted(m) => case::accepted(m).inside("case_accepted"),
        Wire::ReviewStepDone(m) => case::review_step(m).inside("review_step_done"),
        Wire::CaseRoutedToDept(m) => case::routed(m).inside("case_routed_to_dept"),
        Wire::DeptTookCase(m) => case::took(m).inside("dept_took_case"),
        Wire::SpecialProcedureStarted(m) => case::procedure_started(m).inside("special_procedure_started"),
        Wire::SpecialProcedureEnded(m) => case::procedure_ended(m).inside("special_procedure_ended"),
        Wire::ExtensionApproved(m) => case::extension(m).inside("extension_approved"),
        Wire::CaseDecided(m) => case::decided(m).inside("case_decided"),
        Wire::CaseCompleted(v1::CaseCompleted {}) => Ok(Fact::CaseCompleted),
        Wire::ResultIssued(m) => case::issued(m).inside("result_issued"),
        Wire::ResultMailed(m) => case::mailed(m).inside("result_mailed"),
        Wire::ResultDelivered(m) => case::delivered(m).inside("result_delivered"),
        Wire::CaseWithdrawn(m) => case::withdrawn(m).inside("case_withdrawn"),
        Wire::CaseTerminated(m) => case::terminated(m).inside("case_terminated"),
        Wire::DecisionRevoked(m) => case::revoked(m).inside("decision_revoked"),
        Wire::ToleranceGranted(m) => case::tolerance_granted(m).inside("tolerance_granted"),
        Wire::DeficiencyFiled(m) => case::deficiency_filed(m).inside("deficiency_filed"),
        Wire::DeficiencyMadeGood(m) => case::deficiency_made_good(m).inside("deficiency_made_good"),
        Wire::ToleranceExtended(m) => case::tolerance_extended(m).inside("tolerance_extended"),
        Wire::ToleranceClosed(m) => case::tolerance_closed(m).inside("tolerance_closed"),
        Wire::CaseReopened(m) => case::reopened(m).inside("case_reopened"),
        Wire::CaseTransferred(m) => case::transferred(m).inside("case_transferred"),
        Wire::HearingRightTold(v1::HearingRightTold {}) => Ok(Fact::HearingRightTold),
        Wire::HearingRequested(v1::HearingRequested {}) => Ok(Fact::HearingRequested),
        Wire::SupervisionAlertRaised(m) => case::alert_raised(m).inside("supervision_alert_raised"),
        Wire::SupervisionAlertCleared(m) => case::alert_cleared(m).inside("supervision_alert_cleared"),
        Wire::FirstCheckDone(m) => case::first_check(m).inside("first_check_done"),
        Wire::CaseNoteRecorded(m) => case::note(m).inside("case_note_recorded"),
        Wire::ApplicationSubmittedOnline(v1::ApplicationSubmittedOnline {}) => Ok(Fact::ApplicationSubmittedOnline),
        Wire::JointCaseOpened(m) => joint::opened(m).inside("joint_case_opened"),
        Wire::SubOpinionGiven(m) => joint::opinion(m).inside("sub_opinion_given"),
        Wire::RectificationListIssued(m) => joint::list_issued(m).inside("rectification_list_issued"),
        Wire::RectificationAccepted(v1::RectificationAccepted {}) => Ok(Fact::RectificationAccepted),
        Wire::JointConcluded(m) => joint::concluded(m).inside("joint_concluded"),
        Wire::SiteInspectionScheduled(m) => joint::inspection_scheduled(m).inside("site_inspection_scheduled"),
        Wire::SiteInspectionDone(m) => joint::inspection_done(m).inside("site_inspection_done"),
        Wire::InspectionAbsence(m) => joint::absence(m).inside("inspection_absence"),
        Wire::NoticeBreachAlleged(m) => notice::breach_alleged(m).inside("notice_breach_alleged"),
        Wire::NoticeBreachFound(m) => notice::breach_found(m).inside("notice_breach_found"),
        Wire::FirstAskReceived(m) => contact::received(m).inside("first_ask_received"),
        Wire::FirstAskAnswered(m) => contact::answered(m).inside("first_ask_answered"),
        Wire::FirstAskHandedOver(m) => contact::handed_over(m).inside("first_ask_handed_over"),
        Wire::FirstAskAccepted(m) => contact::accepted(m).inside("first_ask_accepted"),
        Wire::FirstAskReplied(v1::FirstAskReplied {}) => Ok(Fact::FirstAskReplied),
        Wire::FirstAskRefused(m) => contact::refused(m).inside("first_ask_refused"),
        Wire::FirstAskBreachAlleged(m) => contact::breach_alleged(m).inside("first_ask_breach_alleged"),
        Wire::FirstAskBreachFound(m) => contact::breach_found(m).inside("first_ask_breach_found"),
        Wire::ApplicantVisited(m) => visit::visited(m).inside("applicant_visited"),
        Wire::VisitCauseDecided(m) => visit::cause_decided(m).inside("visit_cause_decided"),
        Wire::EventVoided(m) => correction::voided(m).inside("event_voided"),
        Wire::EventReplaced(m) => correction::replaced(m).inside("event_replaced"),
        Wire::LogOpened(m) => registry::log_opened(m).inside("log_opened"),
        Wire::LogRecovered(m) => registry::log_recovered(m).inside("log_recovered"),
        Wire::RuleSet(m) => registry::rule_set(m).inside("rule_set"),
        Wire::CalendarPublished(m) => registry::calendar(m).inside("calendar_published"),
        Wire::UnitRegistered(m) => registry::unit(m).inside("unit_registered"),
        Wire::UnitHeadAppointed(m) => registry::head_appointed(m).inside("unit_head_appointed"),
        Wire::UnitHeadRelieved(m) => registry::head_relieved(m).inside("unit_head_relieved"),
        Wire::StaffHeldLiable(m) => window::held_liable(m).inside("staff_held_liable"),
        Wire::WindowConfigured(m) => window::configured(m).inside("window_configured"),
        Wire::StaffPosted(m) => window::posted(m).inside("staff_posted"),
        Wire::StaffUnposted(m) => window::unposted(m).inside("staff_unposted"),
        Wire::TrainingHeld(m) => window::training_held(m).inside("training_held"),
        Wire::TrainingAttended(m) => window::training_attended(m).inside("training_attended"),
        Wire::ItemVersionPublished(m) => registry::item_version(m).inside("item_version_published"),
        Wire::ItemPosted(m) => registry::item_posted(m).inside("item_posted"),
        Wire::ToleranceListPublished(m) => registry::tolerance_list(m).inside("tolerance_list_published"),
        Wire::SubjectRegistered(m) => project::registered(m).inside("subject_registered"),
        Wire::ZoneAssessmentApproved(m) => project::zone_approved(m).inside("zone_assessment_approved"),
        Wire::ZoneAssessmentApplied(m) => project::zone_applied(m).inside("zone_assessment_applied"),
        Wire::SeparateAssessmentDemanded(m) => project::separate_demanded(m).inside("separate_assessment_demanded"),
        Wire::LinkedSessionHeld(m) => project::session_held(m).inside("linked_session_held"),
        Wire::RemoteOpinionGiven(m) => project::remote_opinion(m).inside("remote_opinion_given"),
        Wire::DrawingSubmitted(m) => project::drawing_submitted(m).inside("drawing_submitted"),
        Wire::DrawingReviewOpened(m) => project::review_opened(m).inside("drawing_review_opened"),
        Wire::DrawingOpinionGiven(m) => project::drawing_opinion(m).inside("drawing_opinion_given"),
        Wire::DrawingConclusionIssued(m) => project::drawing_concluded(m).inside("drawing_conclusion_issued"),
        Wire::LegalHoldPlaced(m) => vault::hold_placed(m).inside("legal_hold_placed"),
        Wire::LegalHoldLifted(m) => vault::hold_lifted(m).inside("legal_hold_lifted"),
        Wire::PersonErased(m) => vault::erased(m).inside("person_erased"),
        Wire::VaultEpochDestroyed(v1::VaultEpochDestroyed { completed: _ }) => Ok(Fact::VaultEpochDestroyed),
        Wire::HotlineStaffDesignated(m) => complaint::designated(m).inside("hotline_staff_designated"),
        Wire::ComplaintReceived(m) => complaint::received(m).inside("complaint_received"),
        Wire::ComplaintAccepted(m) => complaint::accepted(m).inside("complaint_accepted"),
        Wire::ComplaintVerificationStarted(m) => complaint::verification_started(m).inside("complaint_verification_started"),
        Wire::ComplaintVerified(m) => complaint::verified(m).inside("complaint_verified"),
        Wire::ComplaintTransferred(m) => complaint::transferred(m).inside("complaint_transferred"),
        Wire::ComplaintReplied(m) => complaint::replied(m).inside("complaint_replied"),
        Wire::ComplainantCalledBack(v1::ComplainantCalledBack { satisfied }) => Ok(Fact::ComplainantCalledBack(*satisfied)),
        Wire::ComplaintReworkOrdered(m) => complaint::rework_ordered(m).inside("complaint_rework_ordered"),
        Wire::ComplaintExtended(m) => complaint::extended(m).inside("complaint_extended"),
        Wire::ComplaintClosed(m) => complaint::closed(m).inside("complaint_closed"),
        Wire::RecordRefIssued(m) => complaint::record_ref_issued(m).inside("record_ref_issued"),
        Wire::ComplaintDigestCompiled(m) => complaint::digest_compiled(m).inside("complaint_digest_compiled"),
        Wire::AccessRecorded(m) => access::recorded(m).inside("access_recorded"),
        Wire::ItemWithdrawn(m) => registry::item_withdrawn(m).inside("item_withdrawn"),
        Wire::ItemFlowsConsolidated(m) => catalogue::flows_consolidated(m).inside("item_flows_consolidated"),
        Wire::ItemTakenOver(m) => catalogue::taken_over(m).inside("item_taken_over"),
        Wire::ItemCancelled(m) => catalogue::cancelled(m).inside("item_cancelled"),
        Wire::ItemDelegated(m) => catalogue::delegated(m).inside("item_delegated"),
        Wire::ItemLimitChanged(m) => catalogue::limit_changed(m).inside("item_limit_changed"),
        Wire::PeerFigurePublished(m) => catalogue::peer_figure(m).inside("peer_figure_published"),
    }
}
