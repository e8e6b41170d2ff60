//! Corrections of events.

use crate::event::CodeText;
use crate::ids::Identity;

/// 作废.
#[derive(Debug, Clone, PartialEq)]
pub struct Voided {
    /// What does not count.
    pub target: Identity,
    /// The authority; empty where none is named.
    pub authority: CodeText,
}

/// 更正.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// What does not count.
    pub target: Identity,
    /// What holds instead.
    pub by_event: Identity,
    /// The authority; empty where none is named.
    pub authority: CodeText,
}
