//! Enterprises and projects (企业、项目), and what is done once or jointly for a new project (S16 to S18).

use super::code_enum;
use crate::event::CodeText;
use jiff::civil::Date;

code_enum! {
    /// What a subject is.
    SubjectKind { Enterprise = "enterprise", Project = "project" }
}

code_enum! {
    /// 一化四联: the five procedures of new projects (S16 to S20).
    LinkedProcedure {
        Zone = "zone", Remote = "remote", Drawing = "drawing", Inspection = "inspection", Acceptance = "acceptance",
    }
}

/// 企业或项目登记.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectRegistered {
    /// What it is.
    pub kind: SubjectKind,
    /// First day as a new one.
    pub new_from: Option<Date>,
    /// The zone it lies in; empty where it lies in none.
    pub zone_id: CodeText,
    /// Which of the linked procedures apply, each once.
    pub linked: Vec<LinkedProcedure>,
}

/// 区域评估批准.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneAssessmentApproved {
    /// The zone's id of it.
    pub assessment_id: CodeText,
    /// What is assessed.
    pub kind: CodeText,
    /// First day.
    pub valid_from: Date,
    /// Last day; none where it does not end.
    pub valid_to: Option<Date>,
}

/// 区域评估成果应用.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneAssessmentApplied {
    /// The zone.
    pub zone_id: CodeText,
    /// Which of its assessments.
    pub assessment_id: CodeText,
}

/// 要求单独评估.
#[derive(Debug, Clone, PartialEq)]
pub struct SeparateAssessmentDemanded {
    /// What is to be assessed.
    pub kind: CodeText,
    /// Code of the reason; empty where none was given.
    pub reason: CodeText,
}

/// 联动审批会.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkedSessionHeld {
    /// The sender's id of the session.
    pub session_id: CodeText,
    /// The units that were invited.
    pub units: Vec<CodeText>,
    /// By video.
    pub remote: bool,
}

/// 远程审批意见.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteOpinionGiven {
    /// Which session.
    pub session_id: CodeText,
    /// Whose opinion.
    pub unit: CodeText,
}

/// A version of a set of drawings of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetVersion {
    /// Which set; empty where the project has one.
    pub set_id: CodeText,
    /// Its version.
    pub version: CodeText,
}

/// 施工图报审.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingSubmitted {
    /// What was handed in.
    pub of: SetVersion,
    /// Sheets that are new or changed against the version before; none where not known.
    pub changed_sheets: Vec<CodeText>,
}

/// 联合审图开始.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingReviewOpened {
    /// What is reviewed.
    pub of: SetVersion,
    /// Who reviews it.
    pub specialties: Vec<CodeText>,
}

/// 专业审查意见.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingOpinionGiven {
    /// Of what.
    pub of: SetVersion,
    /// By whom.
    pub specialty: CodeText,
    /// Its points.
    pub points: Vec<DrawingPoint>,
}

/// A point of an opinion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DrawingPoint {
    /// Number of the sheet; empty where it is about the set as a whole.
    pub sheet: CodeText,
    /// Code of the point.
    pub code: CodeText,
}

code_enum! {
    /// What a round of the review came to; only `revise` goes on.
    DrawingConclusion { Pass = "pass", Revise = "revise", Fail = "fail" }
}

/// 联合审图结论.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingConclusionIssued {
    /// Of what.
    pub of: SetVersion,
    /// What it says.
    pub result: DrawingConclusion,
}
