//! What the vault says of itself: holds and erasures (domain.md section 5).

use super::code_enum;
use jiff::civil::Date;

code_enum! {
    /// How long the law keeps content (保管期限).
    RetentionClass { None = "none", Short = "short", Long = "long", Permanent = "permanent" }
}

/// Content that an erasure takes: the last that was put of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Its class.
    pub class: RetentionClass,
    /// The day it was put.
    pub since: Date,
}

/// 删除个人信息.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// What was kept, one for each class.
    pub kept: Vec<Kept>,
}
