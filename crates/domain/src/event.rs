//! Events as the rules need them.
//!
//! The contract in `proto/` is the definition; `xiaoer-wire` parses it into these types one way. A field that no rule reads
//! does not stand here. To add an event, read `docs/adding-an-event.md`.

mod payload;

pub use payload::*;

use crate::ids::{Identity, Subject};
use jiff::{Timestamp, civil::Date};
use std::sync::Arc;

/// A code: a ground, a material, a window, a person's work number. Compared, never read.
pub type CodeText = Arc<str>;

/// A fact that happened, as the sender states it.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identity for ever.
    pub identity: Identity,
    /// The stream it stands on.
    pub subject: Subject,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The local date it counts on: the document's (`legal_date`), else the log's local date of `occurred_at`.
    pub day: Date,
    /// The sender's own order among equal times.
    pub source_seq: Option<u32>,
    /// Code of the unit that acted; empty where unknown.
    pub unit: CodeText,
    /// Work number of the person who acted; empty where unknown.
    pub staff: CodeText,
    /// Window it happened at; empty where unknown.
    pub window: CodeText,
    /// What happened.
    pub fact: Fact,
}

/// An event the log holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Position in the log, from 1.
    pub position: u64,
    /// Revision in its stream, from 1.
    pub revision: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Posted in record mode: what the state forbids was stored, not refused.
    pub record_mode: bool,
    /// The event; shared, since a writer, a history and a batch all hold it.
    pub event: Arc<Event>,
}

/// Key of the order in which events of a stream count (domain.md section 2, Order). Total, and independent of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderKey<'a>(Timestamp, u64, u8, &'a str, uuid::Uuid);

impl Event {
    /// Where this event stands among those of its stream: by time, then the sender's number (absent last), then the rank of
    /// the fact, then the identity.
    pub fn order(&self) -> OrderKey<'_> {
        let seq = self.source_seq.map_or(u64::MAX, u64::from);
        OrderKey(self.occurred_at, seq, self.fact.rank(), &self.identity.system, self.identity.event_id)
    }

    /// Whether a unit acted in it, or is named by it as one that has a part in the thing.
    pub fn concerns(&self, unit: &str) -> bool {
        *self.unit == *unit || self.fact.units().any(|named| **named == *unit)
    }
}

impl Fact {
    /// The units it names as having a part in the thing.
    fn units(&self) -> Box<dyn Iterator<Item = &CodeText> + '_> {
        use std::iter::{empty, once};
        match self {
            Self::CaseRoutedToDept(routed) | Self::DeptTookCase(routed) => Box::new(once(&routed.unit)),
            Self::CaseTransferred(CaseTransferred { from, to, .. }) => Box::new([from, to].into_iter()),
            Self::JointCaseOpened(JointOpened { lead, members, .. }) => {
                Box::new(once(lead).chain(members.iter().map(|member| &member.unit)))
            }
            Self::SiteInspectionScheduled(scheduled) => Box::new(scheduled.units.iter()),
            Self::FirstAskHandedOver(handed) => Box::new(once(&handed.to_unit)),
            Self::LinkedSessionHeld(session) => Box::new(session.units.iter()),
            Self::RemoteOpinionGiven(opinion) => Box::new(once(&opinion.unit)),
            Self::ItemVersionPublished(version) => Box::new(once(&version.lead_unit)),
            _ => Box::new(empty()),
        }
    }

    /// Things beside its own whose figures it is read for. They see the whole stream it stands on, from its first event.
    pub fn reaches(&self) -> &[Subject] {
        match self {
            Self::ApplicantVisited(visit) => &visit.cases,
            Self::StaffHeldLiable(liable) => liable.cause_subject.as_slice(),
            Self::JointCaseOpened(opened) => opened.project.as_slice(),
            _ => &[],
        }
    }
}

macro_rules! facts {
    ($($variant:ident $(($inner:ty))? $rank:literal $kinds:expr $(, $contract:literal)?;)*) => {
        /// What happened. One variant for each message of the contract's `Event.fact`.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Fact { $(#[allow(missing_docs)] $variant $(($inner))?,)* }

        impl Fact {
            /// Name of the message in the contract.
            pub fn name(&self) -> &'static str {
                match self { $(facts!(@pattern $variant $($inner)?) => stringify!($variant),)* }
            }

            /// Rank among events of one time, low first (domain.md section 2, Order); 255 for all others.
            pub fn rank(&self) -> u8 {
                match self { $(facts!(@pattern $variant $($inner)?) => $rank,)* }
            }

            /// Number of the contract that this form came with. A log holds it once its own number is as high (docs/upgrading.md).
            pub fn contract(&self) -> u32 {
                let of_fact = match self { $(facts!(@pattern $variant $($inner)?) => facts!(@contract $($contract)?),)* };
                of_fact.max(self.contract_of_fields())
            }

            /// The same, by the name of the fact alone.
            pub fn contract_of(name: &str) -> u32 {
                match name {
                    $(stringify!($variant) => facts!(@contract $($contract)?),)*
                    _ => 1,
                }
            }

            /// Kinds of subject it may stand on; empty for any.
            pub fn kinds(&self) -> &'static [&'static str] {
                match self { $(facts!(@pattern $variant $($inner)?) => $kinds,)* }
            }
        }

        /// Names of all facts, as in the contract.
        pub const FACT_NAMES: &[&str] = &[$(stringify!($variant),)*];
    };
    (@pattern $variant:ident) => { Fact::$variant };
    (@pattern $variant:ident $inner:ty) => { Fact::$variant(_) };
    (@contract) => { 1 };
    (@contract $contract:literal) => { $contract };
}

const CASE: &[&str] = &[crate::ids::kind::CASE];
const NOTICE: &[&str] = &[crate::ids::kind::CASE, crate::ids::kind::CONSULT];
const NOTICE_BREACH: &[&str] = &[crate::ids::kind::CASE, crate::ids::kind::CONTACT, crate::ids::kind::CONSULT];
const CONTACT: &[&str] = &[crate::ids::kind::CONTACT];
const ASK_BREACH: &[&str] = &[crate::ids::kind::CONTACT, crate::ids::kind::STAFF];
const VISIT: &[&str] = &[crate::ids::kind::VISIT];
const LOG: &[&str] = &[crate::ids::kind::LOG];
const UNIT: &[&str] = &[crate::ids::kind::UNIT];
const ITEM: &[&str] = &[crate::ids::kind::ITEM];
const STAFF: &[&str] = &[crate::ids::kind::STAFF];
const WINDOW: &[&str] = &[crate::ids::kind::WINDOW];
const TRAINING: &[&str] = &[crate::ids::kind::TRAINING];
const EDITION: &[&str] = &[crate::ids::kind::EDITION];
const DISTRICT: &[&str] = &[crate::ids::kind::DISTRICT];
const SUBJECT: &[&str] = &[crate::ids::kind::SUBJECT];
const ZONE: &[&str] = &[crate::ids::kind::ZONE];
const PERSON: &[&str] = &[crate::ids::kind::PERSON];
const VAULT: &[&str] = &[crate::ids::kind::VAULT];
const COMPLAINT: &[&str] = &[crate::ids::kind::COMPLAINT];
const RECORD: &[&str] = &[crate::ids::kind::RECORD];
const REPORT: &[&str] = &[crate::ids::kind::REPORT];
const ACCESS: &[&str] = &[crate::ids::kind::ACCESS];
const ANY: &[&str] = &[];

// Each with its rank, the kinds of subject it may stand on, and the number of the contract it came with where that is not 1. What
// begins a stream of another kind (100) comes before the rest of it, an allegation or session (254) before its finding or opinion,
// and the steps of a review of drawings and of a complaint one after the other.
facts! {
    CaseReceived(CaseReceived) 1 CASE;
    FirstCheckDone(FirstCheck) 2 CASE;
    NoticeGiven(NoticeGiven) 3 NOTICE;
    CorrectionSubmitted(CorrectionSubmitted) 4 CASE;
    ToleranceGranted(ToleranceGranted) 5 CASE, 3;
    NotAccepted(NotAccepted) 6 CASE;
    CaseAccepted(CaseAccepted) 7 CASE;
    JointCaseOpened(JointOpened) 8 CASE, 4;
    CaseRoutedToDept(Routed) 9 CASE;
    DeptTookCase(Routed) 10 CASE;
    CaseTransferred(CaseTransferred) 11 CASE;
    ReviewStepDone 12 CASE;
    SpecialProcedureStarted(ProcedureStarted) 13 CASE;
    SpecialProcedureEnded(ProcedureEnded) 14 CASE;
    ExtensionApproved(Extension) 15 CASE;
    DeficiencyMadeGood(CodeText) 16 CASE, 3;
    ToleranceExtended(ToleranceExtended) 17 CASE, 3;
    ToleranceClosed(ToleranceOutcome) 18 CASE, 3;
    SubOpinionGiven(SubOpinion) 19 CASE, 4;
    JointConcluded(JointResult) 20 CASE, 4;
    CaseDecided(Decision) 21 CASE;
    CaseCompleted 22 CASE;
    ResultIssued 23 CASE;
    ResultMailed 24 CASE;
    ResultDelivered 25 CASE;
    CaseWithdrawn 26 CASE;
    CaseTerminated 27 CASE;
    DecisionRevoked 28 CASE;
    CaseReopened 29 CASE;
    DeficiencyFiled(CodeText) 255 CASE, 3;
    RectificationListIssued 255 CASE, 4;
    RectificationAccepted 255 CASE, 4;
    SiteInspectionScheduled(InspectionScheduled) 255 CASE, 4;
    SiteInspectionDone(InspectionDone) 255 CASE, 4;
    InspectionAbsence(InspectionAbsence) 255 CASE, 4;
    HearingRightTold 255 CASE;
    HearingRequested 255 CASE;
    SupervisionAlertRaised 255 CASE;
    SupervisionAlertCleared 255 CASE;
    CaseNoteRecorded(CaseNote) 255 CASE;
    ApplicationSubmittedOnline 255 CASE;
    NoticeBreachAlleged(NoticeBreachAlleged) 254 NOTICE_BREACH;
    NoticeBreachFound(NoticeBreachFound) 255 NOTICE_BREACH;
    StaffHeldLiable(StaffHeldLiable) 255 STAFF, 4;
    FirstAskReceived(FirstAskReceived) 100 CONTACT;
    FirstAskAnswered 255 CONTACT;
    FirstAskHandedOver(HandedOver) 255 CONTACT;
    FirstAskAccepted(AskAccepted) 255 CONTACT;
    FirstAskReplied 255 CONTACT;
    FirstAskRefused(AskRefused) 255 CONTACT;
    FirstAskBreachAlleged(AskBreachAlleged) 254 ASK_BREACH;
    FirstAskBreachFound(AskBreachFound) 255 ASK_BREACH;
    ApplicantVisited(Visit) 100 VISIT;
    VisitCauseDecided(CauseDecided) 255 VISIT;
    EventVoided(Voided) 255 ANY;
    EventReplaced(Replaced) 255 ANY;
    LogOpened(LogOpened) 100 LOG;
    RuleSet(RuleSet) 255 LOG;
    CalendarPublished(CalendarPublished) 255 LOG;
    LogRecovered 255 LOG, 2;
    UnitRegistered(UnitRegistered) 255 UNIT;
    UnitHeadAppointed(UnitHead) 255 UNIT;
    UnitHeadRelieved(UnitHead) 255 UNIT;
    WindowConfigured(Configured) 255 WINDOW, 4;
    StaffPosted(StaffPosted) 255 STAFF, 4;
    StaffUnposted(CodeText) 255 STAFF, 4;
    TrainingHeld 255 TRAINING, 4;
    TrainingAttended(TrainingAttended) 255 STAFF, 4;
    ItemVersionPublished(Box<ItemVersion>) 255 ITEM;
    ItemPosted(ItemPosted) 255 ITEM;
    ItemWithdrawn 255 ITEM;
    ToleranceListPublished(ToleranceList) 255 ITEM, 3;
    ItemFlowsConsolidated(FlowsConsolidated) 255 EDITION, 4;
    ItemTakenOver 255 ITEM, 4;
    ItemCancelled 255 ITEM, 4;
    ItemDelegated 255 ITEM, 4;
    ItemLimitChanged(LimitChanged) 255 ITEM, 4;
    PeerFigurePublished(PeerFigure) 255 DISTRICT, 4;
    SubjectRegistered(SubjectRegistered) 100 SUBJECT, 4;
    ZoneAssessmentApproved(ZoneAssessmentApproved) 255 ZONE, 4;
    ZoneAssessmentApplied(ZoneAssessmentApplied) 255 SUBJECT, 4;
    SeparateAssessmentDemanded(SeparateAssessmentDemanded) 255 SUBJECT, 4;
    LinkedSessionHeld(LinkedSessionHeld) 254 SUBJECT, 4;
    RemoteOpinionGiven(RemoteOpinionGiven) 255 SUBJECT, 4;
    DrawingSubmitted(DrawingSubmitted) 251 SUBJECT, 4;
    DrawingReviewOpened(DrawingReviewOpened) 252 SUBJECT, 4;
    DrawingOpinionGiven(DrawingOpinionGiven) 253 SUBJECT, 4;
    DrawingConclusionIssued(DrawingConclusionIssued) 254 SUBJECT, 4;
    LegalHoldPlaced(CodeText) 253 PERSON, 5;
    LegalHoldLifted(CodeText) 254 PERSON, 5;
    PersonErased(Erased) 255 PERSON, 5;
    VaultEpochDestroyed 255 VAULT, 5;
    HotlineStaffDesignated(HotlineDesignation) 255 UNIT, 6;
    ComplaintReceived(ComplaintReceived) 100 COMPLAINT, 6;
    ComplaintAccepted(Option<Date>) 101 COMPLAINT, 6;
    ComplaintVerificationStarted(CodeText) 102 COMPLAINT, 6;
    ComplaintVerified(Finding) 103 COMPLAINT, 6;
    ComplaintTransferred(ComplaintTransferred) 104 COMPLAINT, 6;
    ComplaintReplied 105 COMPLAINT, 6;
    ComplainantCalledBack(bool) 106 COMPLAINT, 6;
    ComplaintReworkOrdered(Option<Date>) 107 COMPLAINT, 6;
    ComplaintExtended(Date) 108 COMPLAINT, 6;
    ComplaintClosed(ComplaintOutcome) 109 COMPLAINT, 6;
    RecordRefIssued(CodeText) 255 RECORD, 6;
    ComplaintDigestCompiled 255 REPORT, 6;
    AccessRecorded(Accessed) 255 ACCESS, 6;
}

impl Fact {
    /// Facts that got a field after they came: their form depends on whether it is set.
    pub const WITH_LATER_FIELDS: &'static [&'static str] = &["CaseReceived", "SpecialProcedureStarted"];

    /// Whether the vault alone states it: nobody posts it, and it stands for ever.
    pub fn is_of_the_vault(&self) -> bool {
        matches!(self, Self::LegalHoldPlaced(_) | Self::LegalHoldLifted(_) | Self::PersonErased(_) | Self::VaultEpochDestroyed)
    }

    /// Number of the contract that the fields came with which are set.
    fn contract_of_fields(&self) -> u32 {
        match self {
            Self::CaseReceived(received) if received.renews_until.is_some() => 4,
            Self::SpecialProcedureStarted(started) if started.sub_case.is_some() => 4,
            _ => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_fact_of_the_rank_list_has_a_rank_of_its_own() {
        // domain.md section 2, Order.
        let order = [
            "CaseReceived",
            "FirstCheckDone",
            "NoticeGiven",
            "CorrectionSubmitted",
            "ToleranceGranted",
            "NotAccepted",
            "CaseAccepted",
            "JointCaseOpened",
            "CaseRoutedToDept",
            "DeptTookCase",
            "CaseTransferred",
            "ReviewStepDone",
            "SpecialProcedureStarted",
            "SpecialProcedureEnded",
            "ExtensionApproved",
            "DeficiencyMadeGood",
            "ToleranceExtended",
            "ToleranceClosed",
            "SubOpinionGiven",
            "JointConcluded",
            "CaseDecided",
            "CaseCompleted",
            "ResultIssued",
            "ResultMailed",
            "ResultDelivered",
            "CaseWithdrawn",
            "CaseTerminated",
            "DecisionRevoked",
            "CaseReopened",
        ];
        let positions: Vec<_> = order.iter().map(|name| FACT_NAMES.iter().position(|n| n == name).unwrap()).collect();
        assert!(positions.is_sorted(), "the list of facts follows the order of ranks");
        assert_eq!(Fact::CaseReopened.rank(), 29);
        assert_eq!(Fact::HearingRequested.rank(), 255);
    }
}
