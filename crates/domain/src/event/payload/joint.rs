//! Joint handling (联审联办) and site inspections (勘验).

use super::{Limit, code_enum};
use crate::event::CodeText;
use crate::ids::Subject;
use jiff::civil::Date;

code_enum! {
    /// What a member, or the lead of all, comes to.
    JointResult { Pass = "pass", Conditional = "conditional", Fail = "fail" }
}

/// 联办开始.
#[derive(Debug, Clone, PartialEq)]
pub struct JointOpened {
    /// The project it is for.
    pub project: Option<Subject>,
    /// Code of the stage.
    pub stage: CodeText,
    /// The lead unit.
    pub lead: CodeText,
    /// The members' parts.
    pub members: Vec<JointMember>,
}

/// A member's part.
#[derive(Debug, Clone, PartialEq)]
pub struct JointMember {
    /// The member.
    pub unit: CodeText,
    /// Its number of the part.
    pub sub_case: Subject,
    /// Its limit.
    pub limit: Option<Limit>,
    /// Item of the part; empty where it is that of the joint case.
    pub item: CodeText,
}

/// 分项意见.
#[derive(Debug, Clone, PartialEq)]
pub struct SubOpinion {
    /// Which part.
    pub sub_case: Subject,
    /// What it comes to.
    pub opinion: JointResult,
}

/// 联合勘验安排.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectionScheduled {
    /// The sender's id of the visit.
    pub visit_id: CodeText,
    /// Units that have to look.
    pub units: Vec<CodeText>,
    /// The day.
    pub on: Date,
}

/// 现场勘验.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectionDone {
    /// Which visit.
    pub visit_id: CodeText,
    /// Units that were there.
    pub present: Vec<CodeText>,
}

/// 勘验缺席.
#[derive(Debug, Clone, PartialEq)]
pub struct InspectionAbsence {
    /// Which visit.
    pub visit_id: CodeText,
    /// The unit that did not come.
    pub unit: CodeText,
}
