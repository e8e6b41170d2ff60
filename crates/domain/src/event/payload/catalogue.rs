//! How the catalogue is kept: editions, limits that change, what other districts publish (domain.md S14, S23).

use super::{Limit, code_enum};
use crate::event::CodeText;
use jiff::civil::Date;

/// 办理流程汇编, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowsConsolidated {
    /// Each with its items.
    pub categories: Vec<FlowCategory>,
}

/// A category of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowCategory {
    /// Its code.
    pub code: CodeText,
    /// Codes of its items.
    pub items: Vec<CodeText>,
}

/// 承诺时限调整.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitChanged {
    /// The version that brings the new limit.
    pub version: CodeText,
    /// The limit before it.
    pub old: Option<Limit>,
    /// The new one.
    pub new: Limit,
    /// First day of the new one.
    pub in_force_from: Date,
}

code_enum! {
    /// What districts are compared by.
    FigureKind { Items = "items", Materials = "materials", Steps = "steps", Days = "days" }
}

/// A figure of another district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFigure {
    /// Which.
    pub figure: FigureKind,
    /// Its value in hundredths.
    pub hundredths: u32,
    /// The day it is about.
    pub valid_on: Date,
}
