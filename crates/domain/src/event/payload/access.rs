//! Who read what.

use super::super::CodeText;
use crate::ids::Subject;

/// 查阅留痕: what a record is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accessed {
    /// The log that was read.
    pub log: CodeText,
    /// The thing that was asked about.
    pub subject: Option<Subject>,
    /// The reference into the vault; empty where there was none.
    pub reference: CodeText,
}
