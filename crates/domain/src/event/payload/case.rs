//! The life of a case (办件), with tolerance (容缺).

use super::{Channel, code_enum};
use crate::event::CodeText;
use crate::ids::Subject;
use jiff::civil::Date;

/// 收件.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseReceived {
    /// Item applied for; empty where the source has none.
    pub item_code: CodeText,
    /// Version its materials are pinned to; empty where the source has none.
    pub item_version: CodeText,
    /// How it came in.
    pub channel: Channel,
    /// Receiving window.
    pub window: CodeText,
    /// Codes of the materials handed in.
    pub materials: Vec<CodeText>,
}

/// 不受理 / 不予受理.
#[derive(Debug, Clone, PartialEq)]
pub struct NotAccepted {
    /// Code of the ground.
    pub ground: CodeText,
}

/// 受理.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseAccepted {
    /// By tolerance.
    pub tolerance: bool,
    /// The date promised to the applicant.
    pub promised_due: Option<Date>,
}

/// 容缺受理.
#[derive(Debug, Clone, PartialEq)]
pub struct ToleranceGranted {
    /// What is missing.
    pub missing: Vec<CodeText>,
    /// Last day for it.
    pub promised_on: Date,
    /// The list was handed over in one go.
    pub told: bool,
}

/// 容缺延期.
#[derive(Debug, Clone, PartialEq)]
pub struct ToleranceExtended {
    /// The new last day.
    pub new_on: Date,
}

code_enum! {
    /// What came of a tolerance, as the sender states it.
    ToleranceOutcome { Fulfilled = "fulfilled", Late = "late", Unfulfilled = "unfulfilled", Withdrawn = "withdrawn" }
}

/// Sent to, or taken by, a department.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// The department.
    pub unit: CodeText,
}

/// 移交.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTransferred {
    /// Who gives.
    pub from: CodeText,
    /// Who takes.
    pub to: CodeText,
}

code_enum! {
    /// Kinds of special procedure; all but the last two are in art. 45 and stop the clock (C7).
    ProcedureKind {
        Hearing = "hearing", Tender = "tender", Auction = "auction", Inspection = "inspection", Testing = "testing",
        Quarantine = "quarantine", Appraisal = "appraisal", ExpertReview = "expert_review", SiteVisit = "site_visit",
        Other = "other",
    }
}

/// 特别程序开始.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureStarted {
    /// The sender's id of the procedure.
    pub proc_id: CodeText,
    /// What is done.
    pub kind: ProcedureKind,
    /// The applicant was told in writing (C8).
    pub told: bool,
    /// The part of a joint case whose clock it stops; none where it stops the whole case.
    pub sub_case: Option<Subject>,
}

/// 特别程序结束.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureEnded {
    /// Which.
    pub proc_id: CodeText,
}

/// 延长审批.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Working days added.
    pub days: u32,
    /// The applicant was told (C5).
    pub told: bool,
}

code_enum! {
    /// What was decided.
    Decision { Pass = "pass", PassWithTolerance = "pass_with_tolerance", Refused = "refused" }
}

/// A step of the sender's own.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseNote {
    /// Its code.
    pub code: CodeText,
}
