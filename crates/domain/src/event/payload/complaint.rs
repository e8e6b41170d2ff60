//! Complaints to the hotline (评议热线, S8).

use super::{Channel, code_enum};
use crate::event::CodeText;
use jiff::civil::Date;

/// 专人.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HotlineDesignation {
    /// Work number.
    pub staff: CodeText,
    /// First day.
    pub from: Date,
    /// Last day; none for as long as nothing else is said.
    pub to: Option<Date>,
}

code_enum! {
    /// What a person tells the hotline.
    ComplaintKind { Complaint = "complaint", Praise = "praise", Suggestion = "suggestion" }
}

code_enum! {
    /// What a complaint is about.
    ComplaintCategory {
        Attitude = "attitude", Bounced = "bounced", Refused = "refused", Unclear = "unclear", Delay = "delay", Notice = "notice",
        Disturbance = "disturbance", Integrity = "integrity", Other = "other",
    }
}

code_enum! {
    /// How a complaint ended.
    ComplaintOutcome { Handled = "handled", Withdrawn = "withdrawn" }
}

/// 登记.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintReceived {
    /// What it is.
    pub kind: ComplaintKind,
    /// What it is about.
    pub category: ComplaintCategory,
    /// How it came.
    pub channel: Channel,
    /// Unit it is about; empty where unknown.
    pub unit: CodeText,
    /// Work number of the official it is about; empty where it is about none.
    pub staff: CodeText,
    /// Reference of its text; empty where none was kept.
    pub text: CodeText,
    /// Id of the first on the same matter; empty where it is the first.
    pub repeat_of: CodeText,
}

/// 转交.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintTransferred {
    /// Unit that has to answer.
    pub unit: CodeText,
    /// Reference of the redacted text.
    pub redacted: CodeText,
    /// Day by which it answers.
    pub due_on: Option<Date>,
}
