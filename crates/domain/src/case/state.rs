//! The state table (domain.md section 2): which fact may find which state, and the refusal where it may not.
//!
//! Promises: the table is the specification; the fold flags by it and the gate refuses by it. `docs/states.md` shows it, and a
//! test compares.
//! Left to others: what a state does not tell: which notice, which procedure, who allows a correction.

use crate::event::Fact;
use crate::refusal::Code;

macro_rules! states {
    ($($variant:ident $zh:literal $phase:ident;)*) => {
        /// Where a case stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum State { $(#[doc = $zh] $variant,)* }

        impl State {
            /// Every state there is, in the order of a case's life.
            pub const ALL: &'static [State] = &[$(State::$variant,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(State::$variant => stringify!($variant),)* }
            }

            /// Its name in Chinese.
            pub const fn zh(self) -> &'static str {
                match self { $(State::$variant => $zh,)* }
            }

            /// The column of the table it stands in.
            pub const fn phase(self) -> Phase {
                match self { $(State::$variant => Phase::$phase,)* }
            }
        }
    };
}

states! {
    Received "收件" Received;
    CorrectionPending "补正" CorrectionPending;
    Lapsed "逾期未补正" Ended;
    NotRequired "不受理" Ended;
    NotAccepted "不予受理" Ended;
    Accepted "受理" InHand;
    UnderReview "部门办理" InHand;
    SpecialProcedure "特别程序" SpecialProcedure;
    Decided "审批决定" Decided;
    Completed "办结" Completed;
    ResultIssued "出证" Completed;
    Delivered "送达" Delivered;
    WithdrawnEarly "撤件" Ended;
    Withdrawn "撤回" Ended;
    Terminated "终止" Ended;
    Revoked "撤销" Revoked;
}

impl State {
    /// Closed: 办结 or ended. A correction then needs an authority (3.9).
    pub const fn is_closed(self) -> bool {
        matches!(self.phase(), Phase::Completed | Phase::Delivered | Phase::Revoked | Phase::Ended)
    }
}

/// States that allow the same facts. The columns of [`TABLE`], in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No receipt is known.
    Before,
    /// 收件.
    Received,
    /// 补正.
    CorrectionPending,
    /// Accepted, no procedure open.
    InHand,
    /// Accepted, a procedure open.
    SpecialProcedure,
    /// Decided, not completed.
    Decided,
    /// Completed, not delivered.
    Completed,
    /// Delivered.
    Delivered,
    /// 撤销.
    Revoked,
    /// Ended for good.
    Ended,
}

/// Facts that find the same states. The rows of [`TABLE`], in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// `CaseReceived`.
    Receive,
    /// `ApplicationSubmittedOnline`, which may come before the receipt; corrections of events, which have checks of their own.
    Any,
    /// Notes, breaches, the close of a tolerance: on any case.
    AnyCase,
    /// On any open case: transfers, hearing rights, alerts, the first check, joint handling and visits to the site; the begin and end
    /// of a procedure that stops a member's part.
    OpenCase,
    /// `NoticeGiven`.
    Notice,
    /// `CorrectionSubmitted`.
    Correction,
    /// `ToleranceGranted`.
    Tolerate,
    /// What comes of a tolerance, which may go on after a decision by tolerance.
    Deficiency,
    /// `CaseAccepted`, `NotAccepted`.
    Accept,
    /// Review steps, routing, extension, a procedure's begin.
    Review,
    /// `SpecialProcedureEnded`.
    ProcedureEnd,
    /// `CaseDecided`.
    Decide,
    /// `CaseCompleted`.
    Complete,
    /// Issue, mailing, delivery.
    Deliver,
    /// `CaseWithdrawn`.
    Withdraw,
    /// `CaseTerminated`.
    Terminate,
    /// `DecisionRevoked`.
    Revoke,
    /// `CaseReopened`.
    Reopen,
}

const OK: Option<Code> = None;
const UNKNOWN: Option<Code> = Some(Code::CaseUnknown);
const EXISTS: Option<Code> = Some(Code::CaseExists);
const ENDED: Option<Code> = Some(Code::CaseEnded);
const PENDING: Option<Code> = Some(Code::CorrectionPending);
const NOT_ASKED: Option<Code> = Some(Code::CorrectionNotAsked);
const ACCEPTED: Option<Code> = Some(Code::CaseAccepted);
const NOT_ACCEPTED: Option<Code> = Some(Code::CaseNotAccepted);
const NO_PROC: Option<Code> = Some(Code::ProcedureUnknown);
const PROC_OPEN: Option<Code> = Some(Code::ProcedureOpen);
const DECIDED: Option<Code> = Some(Code::CaseDecided);
const NOT_DECIDED: Option<Code> = Some(Code::CaseNotDecided);
const COMPLETED: Option<Code> = Some(Code::CaseCompleted);
const NOT_COMPLETED: Option<Code> = Some(Code::CaseNotCompleted);
const NO_REVOKE: Option<Code> = Some(Code::CaseNotRevocable);

/// What each group of facts meets in each phase: nothing, or its refusal.
#[rustfmt::skip]
pub const TABLE: [[Option<Code>; 10]; 18] = [
    //                Before   Received      CorrectionPending InHand   SpecialProc. Decided        Completed  Delivered  Revoked    Ended
    /* Receive */      [OK,      EXISTS,       EXISTS,       EXISTS,      EXISTS,      EXISTS,        EXISTS,    EXISTS,    EXISTS,    EXISTS],
    /* Any */          [OK,      OK,           OK,           OK,          OK,          OK,            OK,        OK,        OK,        OK],
    /* AnyCase */      [UNKNOWN, OK,           OK,           OK,          OK,          OK,            OK,        OK,        OK,        OK],
    /* OpenCase */     [UNKNOWN, OK,           OK,           OK,          OK,          OK,            OK,        ENDED,     ENDED,     ENDED],
    /* Notice */       [UNKNOWN, OK,           OK,           OK,          OK,          OK,            OK,        ENDED,     ENDED,     ENDED],
    /* Correction */   [UNKNOWN, NOT_ASKED,    OK,           OK,          OK,          OK,            OK,        ENDED,     ENDED,     ENDED],
    /* Tolerate */     [UNKNOWN, OK,           PENDING,      OK,          OK,          DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Deficiency */   [UNKNOWN, OK,           OK,           OK,          OK,          OK,            OK,        OK,        ENDED,     ENDED],
    /* Accept */       [UNKNOWN, OK,           PENDING,      ACCEPTED,    ACCEPTED,    DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Review */       [UNKNOWN, NOT_ACCEPTED, NOT_ACCEPTED, OK,          OK,          DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* ProcedureEnd */ [UNKNOWN, NOT_ACCEPTED, NOT_ACCEPTED, NO_PROC,     OK,          DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Decide */       [UNKNOWN, NOT_ACCEPTED, NOT_ACCEPTED, OK,          PROC_OPEN,   DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Complete */     [UNKNOWN, NOT_DECIDED,  NOT_DECIDED,  NOT_DECIDED, NOT_DECIDED, OK,            COMPLETED, COMPLETED, ENDED,     ENDED],
    /* Deliver */      [UNKNOWN, NOT_DECIDED,  NOT_DECIDED,  NOT_DECIDED, NOT_DECIDED, NOT_COMPLETED, OK,        OK,        ENDED,     ENDED],
    /* Withdraw */     [UNKNOWN, OK,           OK,           OK,          OK,          DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Terminate */    [UNKNOWN, NOT_ACCEPTED, NOT_ACCEPTED, OK,          OK,          DECIDED,       DECIDED,   DECIDED,   ENDED,     ENDED],
    /* Revoke */       [UNKNOWN, NO_REVOKE,    NO_REVOKE,    NO_REVOKE,   NO_REVOKE,   OK,            OK,        OK,        NO_REVOKE, NO_REVOKE],
    /* Reopen */       [UNKNOWN, NO_REVOKE,    NO_REVOKE,    NO_REVOKE,   NO_REVOKE,   OK,            OK,        OK,        OK,        NO_REVOKE],
];

/// The group of a fact; none where no case stream holds it.
pub(super) fn group(fact: &Fact) -> Option<Group> {
    Some(match fact {
        Fact::CaseReceived(_) => Group::Receive,
        Fact::ApplicationSubmittedOnline | Fact::EventVoided(_) | Fact::EventReplaced(_) => Group::Any,
        Fact::CaseNoteRecorded(_) | Fact::NoticeBreachAlleged(_) | Fact::NoticeBreachFound(_) | Fact::ToleranceClosed(_) => {
            Group::AnyCase
        }
        Fact::FirstCheckDone
        | Fact::CaseTransferred(_)
        | Fact::HearingRightTold
        | Fact::HearingRequested
        | Fact::JointCaseOpened(_)
        | Fact::SubOpinionGiven(_)
        | Fact::RectificationListIssued
        | Fact::RectificationAccepted
        | Fact::JointConcluded(_)
        | Fact::SiteInspectionScheduled(_)
        | Fact::SiteInspectionDone(_)
        | Fact::InspectionAbsence(_)
        | Fact::SupervisionAlertRaised
        | Fact::SupervisionAlertCleared => Group::OpenCase,
        Fact::NoticeGiven(_) => Group::Notice,
        Fact::CorrectionSubmitted(_) => Group::Correction,
        Fact::ToleranceGranted(_) => Group::Tolerate,
        Fact::DeficiencyFiled(_) | Fact::DeficiencyMadeGood(_) | Fact::ToleranceExtended(_) => Group::Deficiency,
        Fact::CaseAccepted(_) | Fact::NotAccepted(_) => Group::Accept,
        Fact::ReviewStepDone
        | Fact::CaseRoutedToDept(_)
        | Fact::DeptTookCase(_)
        | Fact::ExtensionApproved(_)
        | Fact::SpecialProcedureStarted(_) => Group::Review,
        Fact::SpecialProcedureEnded(_) => Group::ProcedureEnd,
        Fact::CaseDecided(_) => Group::Decide,
        Fact::CaseCompleted => Group::Complete,
        Fact::ResultIssued | Fact::ResultMailed | Fact::ResultDelivered => Group::Deliver,
        Fact::CaseWithdrawn => Group::Withdraw,
        Fact::CaseTerminated => Group::Terminate,
        Fact::DecisionRevoked => Group::Revoke,
        Fact::CaseReopened => Group::Reopen,
        _ => return None,
    })
}

/// Whether a fact may find a case in this state; before the receipt there is none.
///
/// # Errors
/// The code of the refusal.
pub fn allowed(state: Option<State>, fact: &Fact) -> Result<(), Code> {
    group(fact).map_or(Ok(()), |group| allowed_group(state, group))
}

/// The same, of a group.
pub(super) fn allowed_group(state: Option<State>, group: Group) -> Result<(), Code> {
    let phase = state.map_or(Phase::Before, State::phase);
    TABLE[group as usize][phase as usize].map_or(Ok(()), Err)
}
