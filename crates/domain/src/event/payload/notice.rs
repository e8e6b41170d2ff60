//! One-time notification (一次性告知).

use super::{Finding, code_enum};
use crate::event::CodeText;

code_enum! {
    /// Form of a notice.
    NoticeForm { Unknown = "", Written = "written", Electronic = "electronic", Oral = "oral" }
}

code_enum! {
    /// Why an item stands in a notice.
    NoticeCause {
        First = "first", Unfixed = "unfixed", NewDocument = "new_document", LawChanged = "law_changed",
        RequestChanged = "request_changed",
    }
}

/// One thing to correct.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeItem {
    /// The material.
    pub material: CodeText,
    /// The defect.
    pub defect: CodeText,
    /// Why it is asked now.
    pub cause: NoticeCause,
}

/// 一次性告知.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeGiven {
    /// The sender's id of the notice.
    pub notice_id: CodeText,
    /// How it was given.
    pub form: NoticeForm,
    /// What has to be corrected.
    pub items: Vec<NoticeItem>,
}

/// 补正.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionSubmitted {
    /// The notice answered; empty where not linked.
    pub notice_id: CodeText,
    /// Materials handed in.
    pub materials: Vec<CodeText>,
}

code_enum! {
    /// Kinds of notice breach (3.4).
    NoticeBreach {
        Late = "late", Incomplete = "incomplete", OffList = "off_list", OralOnly = "oral_only",
        PostAcceptance = "post_acceptance", Unclear = "unclear", Missing = "missing",
    }
}

/// 反映未一次性告知.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeBreachAlleged {
    /// The sender's id of the allegation.
    pub allegation_id: CodeText,
    /// What was wrong.
    pub kind: NoticeBreach,
    /// The sealed record it rests on; empty where there is none.
    pub record: CodeText,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeBreachFound {
    /// Which allegation.
    pub allegation_id: CodeText,
    /// What was found.
    pub finding: Finding,
    /// The kind that was found.
    pub kind: NoticeBreach,
}
