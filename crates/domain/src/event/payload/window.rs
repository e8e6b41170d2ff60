//! Windows, who stands at them, and who was held liable for what was not told there (S10, S13, S15).

use super::code_enum;
use crate::event::CodeText;
use crate::ids::{Identity, Subject};
use jiff::civil::Date;

code_enum! {
    /// Kinds of centre a window stands in.
    Centre { District = "district", Branch = "branch", Town = "town" }
}

code_enum! {
    /// What a window is for: 综合窗口 takes every item of its list, 专窗 those of one department.
    WindowKind { General = "general", Special = "special" }
}

/// 窗口设置.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configured {
    /// Where it stands.
    pub centre: Centre,
    /// What it is for.
    pub kind: WindowKind,
    /// Items it takes.
    pub items: Vec<CodeText>,
}

/// 初审.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstCheck {
    /// The window that checked; empty where unknown.
    pub window: CodeText,
}

/// 派驻.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffPosted {
    /// To this window.
    pub window: CodeText,
    /// First day.
    pub from: Date,
    /// Whether it says why this person was chosen.
    pub is_selected: bool,
}

/// 参加培训.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingAttended {
    /// With success.
    pub passed: bool,
}

/// 追究责任.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffHeldLiable {
    /// The thing on whose stream the breach was found; none where it is the person's own, or a sealed record alone.
    pub cause_subject: Option<Subject>,
    /// The allegation or the finding.
    pub cause_event: Option<Identity>,
    /// The sealed record; empty where there is none.
    pub record: CodeText,
}
