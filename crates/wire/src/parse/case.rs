//! Facts of a case (`case.proto`), the notices apart.

use super::form::{self, Inside, Parsed};
use crate::v1;
use xiaoer_domain::{
    Code, Fact, Refusal,
    event::{CaseAccepted, CaseNote, CaseReceived, CaseTransferred, Channel, Decision, Extension, NotAccepted, ProcedureEnded},
    event::{FirstCheck, ProcedureKind, ProcedureStarted, Routed, ToleranceExtended, ToleranceGranted, ToleranceOutcome},
};

/// Longest 事项编码 (domain.md section 4).
pub(super) const ITEM_CODE_LEN_MAX: usize = 64;
/// Longest version of an item.
pub(super) const ITEM_VERSION_LEN_MAX: usize = 32;

pub(super) fn received(m: &v1::CaseReceived) -> Parsed<Fact> {
    let item_code = form::text("item_code", &m.item_code, ITEM_CODE_LEN_MAX)?;
    let item_version = form::text("item_version", &m.item_version, ITEM_VERSION_LEN_MAX)?;
    m.applicant.as_ref().map_or(Ok(()), applicant).inside("applicant")?;
    let channel = channel("channel", m.channel)?;
    let window = form::code("window_id", &m.window_id)?;
    form::code("consult_id", &m.consult_id)?;
    let materials = form::codes("materials", &m.materials)?;
    let renews_until = form::date("renews_until", &m.renews_until)?;
    Ok(Fact::CaseReceived(CaseReceived { item_code, item_version, channel, window, materials, renews_until }))
}

/// No rule reads the applicant, but a code that can point to one person must not enter an event.
fn applicant(m: &v1::Applicant) -> Parsed<()> {
    form::code("ref", &m.r#ref)?;
    let kind = form::named::<v1::ApplicantKind>("kind", m.kind)?;
    form::text("usci", &m.usci, form::USCI_LEN)?;
    if !m.usci.is_empty() && kind != v1::ApplicantKind::LegalPerson {
        let mut refusal = Refusal::new(Code::InvalidUsci, "only a legal person carries a code").at("usci");
        "Leave the code out; for anyone else it could point to one person.".clone_into(&mut refusal.remedy);
        return Err(refusal);
    }
    form::legal_person("usci", &m.usci)
}

pub(super) fn channel(field: &str, number: i32) -> Parsed<Channel> {
    use v1::Channel as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => Channel::Unknown,
        Wire::Window => Channel::Window,
        Wire::Online => Channel::Online,
        Wire::Phone => Channel::Phone,
        Wire::Mail => Channel::Mail,
        Wire::Kiosk => Channel::Kiosk,
        Wire::Desk => Channel::Desk,
        Wire::Hotline => Channel::Hotline,
        Wire::Other => Channel::Other,
    })
}

pub(super) fn not_accepted(m: &v1::NotAccepted) -> Parsed<Fact> {
    let ground = form::code("ground", &m.ground)?;
    form::text_ref("text_ref", m.text_ref.as_ref())?;
    Ok(Fact::NotAccepted(NotAccepted { ground }))
}

pub(super) fn accepted(m: &v1::CaseAccepted) -> Parsed<Fact> {
    let tolerance = form::named::<v1::AcceptanceMode>("mode", m.mode)? == v1::AcceptanceMode::Tolerance;
    let promised_due = form::date("promised_due", &m.promised_due)?;
    Ok(Fact::CaseAccepted(CaseAccepted { tolerance, promised_due }))
}

pub(super) fn tolerance_granted(m: &v1::ToleranceGranted) -> Parsed<Fact> {
    let missing = form::some("missing", &m.missing, |code| form::given_code("", code))?;
    let promised_on = form::given_date("promised_on", &m.promised_on)?;
    if m.undertaking_ref.is_none() {
        return Err(form::missing("undertaking_ref", "the signed undertaking"));
    }
    form::text_ref("undertaking_ref", m.undertaking_ref.as_ref())?;
    form::text_ref("list_ref", m.list_ref.as_ref())?;
    Ok(Fact::ToleranceGranted(ToleranceGranted { missing, promised_on, told: m.list_ref.is_some() }))
}

pub(super) fn deficiency_filed(m: &v1::DeficiencyFiled) -> Parsed<Fact> {
    form::given_code("material_code", &m.material_code).map(Fact::DeficiencyFiled)
}

pub(super) fn deficiency_made_good(m: &v1::DeficiencyMadeGood) -> Parsed<Fact> {
    form::given_code("material_code", &m.material_code).map(Fact::DeficiencyMadeGood)
}

pub(super) fn tolerance_extended(m: &v1::ToleranceExtended) -> Parsed<Fact> {
    let new_on = form::given_date("new_on", &m.new_on)?;
    form::code("reason", &m.reason)?;
    Ok(Fact::ToleranceExtended(ToleranceExtended { new_on }))
}

pub(super) fn tolerance_closed(m: &v1::ToleranceClosed) -> Parsed<Fact> {
    use v1::ToleranceOutcome as Wire;
    Ok(Fact::ToleranceClosed(match form::named::<Wire>("outcome", m.outcome)? {
        Wire::Unspecified => return Err(form::not_stated("outcome")),
        Wire::Fulfilled => ToleranceOutcome::Fulfilled,
        Wire::Late => ToleranceOutcome::Late,
        Wire::Unfulfilled => ToleranceOutcome::Unfulfilled,
        Wire::Withdrawn => ToleranceOutcome::Withdrawn,
    }))
}

pub(super) fn review_step(m: &v1::ReviewStepDone) -> Parsed<Fact> {
    form::code("step", &m.step)?;
    Ok(Fact::ReviewStepDone)
}

pub(super) fn routed(m: &v1::CaseRoutedToDept) -> Parsed<Fact> {
    Ok(Fact::CaseRoutedToDept(Routed { unit: form::given_unit("to_usci", &m.to_usci)? }))
}

pub(super) fn took(m: &v1::DeptTookCase) -> Parsed<Fact> {
    Ok(Fact::DeptTookCase(Routed { unit: form::given_unit("usci", &m.usci)? }))
}

pub(super) fn procedure_started(m: &v1::SpecialProcedureStarted) -> Parsed<Fact> {
    let proc_id = form::given_code("proc_id", &m.proc_id)?;
    let kind = procedure_kind("kind", m.kind)?;
    form::bounded("expected_wd", m.expected_wd)?;
    let told_at = form::time("told_applicant_at", m.told_applicant_at.as_ref())?;
    let sub_case = m.sub_case.as_ref().map(|part| form::case_ref(part).inside("sub_case")).transpose()?;
    Ok(Fact::SpecialProcedureStarted(ProcedureStarted { proc_id, kind, told_at, sub_case }))
}

fn procedure_kind(field: &str, number: i32) -> Parsed<ProcedureKind> {
    use v1::SpecialProcedureKind as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Hearing => ProcedureKind::Hearing,
        Wire::Tender => ProcedureKind::Tender,
        Wire::Auction => ProcedureKind::Auction,
        Wire::Inspection => ProcedureKind::Inspection,
        Wire::Testing => ProcedureKind::Testing,
        Wire::Quarantine => ProcedureKind::Quarantine,
        Wire::Appraisal => ProcedureKind::Appraisal,
        Wire::ExpertReview => ProcedureKind::ExpertReview,
        Wire::SiteVisit => ProcedureKind::SiteVisit,
        Wire::Other => ProcedureKind::Other,
    })
}

pub(super) fn procedure_ended(m: &v1::SpecialProcedureEnded) -> Parsed<Fact> {
    let proc_id = form::given_code("proc_id", &m.proc_id)?;
    form::code("result", &m.result)?;
    Ok(Fact::SpecialProcedureEnded(ProcedureEnded { proc_id }))
}

pub(super) fn extension(m: &v1::ExtensionApproved) -> Parsed<Fact> {
    let days = form::count("days", m.days)?;
    form::code("approver", &m.approver)?;
    form::code("reason", &m.reason)?;
    let told = form::time("told_applicant_at", m.told_applicant_at.as_ref())?.is_some();
    Ok(Fact::ExtensionApproved(Extension { days, told }))
}

pub(super) fn decided(m: &v1::CaseDecided) -> Parsed<Fact> {
    let decision = decision("result", m.result)?;
    form::code("doc_no", &m.doc_no)?;
    form::codes("reasons", &m.reasons)?;
    form::text_ref("text_ref", m.text_ref.as_ref())?;
    Ok(Fact::CaseDecided(decision))
}

fn decision(field: &str, number: i32) -> Parsed<Decision> {
    use v1::DecisionResult as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Pass => Decision::Pass,
        Wire::PassWithTolerance => Decision::PassWithTolerance,
        Wire::Refused => Decision::Refused,
    })
}

pub(super) fn issued(m: &v1::ResultIssued) -> Parsed<Fact> {
    form::code("cert_no", &m.cert_no)?;
    Ok(Fact::ResultIssued)
}

pub(super) fn mailed(m: &v1::ResultMailed) -> Parsed<Fact> {
    form::text_ref("waybill_ref", m.waybill_ref.as_ref())?;
    Ok(Fact::ResultMailed)
}

pub(super) fn delivered(m: &v1::ResultDelivered) -> Parsed<Fact> {
    form::named::<v1::DeliveryMeans>("how", m.how)?;
    Ok(Fact::ResultDelivered)
}

pub(super) fn withdrawn(m: &v1::CaseWithdrawn) -> Parsed<Fact> {
    form::named::<v1::WithdrawnBy>("by", m.by)?;
    Ok(Fact::CaseWithdrawn)
}

pub(super) fn terminated(m: &v1::CaseTerminated) -> Parsed<Fact> {
    form::code("ground", &m.ground)?;
    Ok(Fact::CaseTerminated)
}

pub(super) fn revoked(m: &v1::DecisionRevoked) -> Parsed<Fact> {
    form::code("ground", &m.ground)?;
    form::code("by", &m.by)?;
    Ok(Fact::DecisionRevoked)
}

pub(super) fn reopened(m: &v1::CaseReopened) -> Parsed<Fact> {
    if form::named::<v1::ReopenGround>("ground", m.ground)? == v1::ReopenGround::Unspecified {
        return Err(form::not_stated("ground"));
    }
    Ok(Fact::CaseReopened)
}

pub(super) fn transferred(m: &v1::CaseTransferred) -> Parsed<Fact> {
    let from = form::unit("from_usci", &m.from_usci)?;
    let to = form::given_unit("to_usci", &m.to_usci)?;
    let reason = form::code("reason", &m.reason)?;
    Ok(Fact::CaseTransferred(CaseTransferred { from, to, reason }))
}

pub(super) fn alert_raised(m: &v1::SupervisionAlertRaised) -> Parsed<Fact> {
    form::code("rule_id", &m.rule_id)?;
    if form::named::<v1::AlertColour>("colour", m.colour)? == v1::AlertColour::Unspecified {
        return Err(form::not_stated("colour"));
    }
    Ok(Fact::SupervisionAlertRaised)
}

pub(super) fn alert_cleared(m: &v1::SupervisionAlertCleared) -> Parsed<Fact> {
    form::code("rule_id", &m.rule_id)?;
    Ok(Fact::SupervisionAlertCleared)
}

pub(super) fn first_check(m: &v1::FirstCheckDone) -> Parsed<Fact> {
    let window = form::code("window_id", &m.window_id)?;
    form::code("result", &m.result)?;
    Ok(Fact::FirstCheckDone(FirstCheck { window }))
}

pub(super) fn note(m: &v1::CaseNoteRecorded) -> Parsed<Fact> {
    let code = form::given_code("code", &m.code)?;
    form::text_ref("text_ref", m.text_ref.as_ref())?;
    Ok(Fact::CaseNoteRecorded(CaseNote { code }))
}
