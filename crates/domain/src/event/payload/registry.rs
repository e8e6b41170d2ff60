//! What changes an answer and is no case: the log, rules, the calendar, units, items.

use super::{Limit, code_enum};
use crate::event::CodeText;
use jiff::civil::Date;

/// 容缺受理清单 of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToleranceList {
    /// The version.
    pub version: CodeText,
    /// Materials that may follow, each with the most working days until it does; 0 is any number.
    pub materials: Vec<(CodeText, u32)>,
}

/// Genesis.
#[derive(Debug, Clone, PartialEq)]
pub struct LogOpened {
    /// Name of the log.
    pub name: CodeText,
    /// Suite of algorithms.
    pub suite: CodeText,
    /// IANA time zone.
    pub time_zone: CodeText,
    /// Number of the contract.
    pub contract: u32,
    /// Simulated time.
    pub synthetic: bool,
}

/// A value of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleValue {
    /// Days, hours, a count.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One code.
    Code(CodeText),
    /// A list of codes.
    Codes(Vec<CodeText>),
    /// Numbers by key.
    Table(std::collections::BTreeMap<CodeText, i64>),
}

/// 规则.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    /// Which rule.
    pub rule_id: CodeText,
    /// Its value.
    pub value: RuleValue,
    /// First day it holds.
    pub in_force_from: Date,
    /// What sets it.
    pub authority: CodeText,
}

/// 工作日历 of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarPublished {
    /// The year.
    pub year: i16,
    /// Version of the year.
    pub version: u32,
    /// Days that are not what their weekday says: the day, and whether it is a working day.
    pub days: Vec<(Date, bool)>,
}

/// 单位登记.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRegistered {
    /// First day of validity.
    pub from: Option<Date>,
}

/// 主要负责人 appointed or relieved.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitHead {
    /// Opaque id of the person.
    pub person_id: CodeText,
    /// First day; the event's own where none is given.
    pub from: Option<Date>,
}

/// A material of an item's step.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Its code.
    pub code: CodeText,
    /// Whether it is needed.
    pub required: bool,
    /// Whether a gap may be tolerated.
    pub tolerance_ok: bool,
}

code_enum! {
    /// 事项类型.
    ItemType {
        Unknown = "", Permit = "permit", Penalty = "penalty", Enforcement = "enforcement", Levy = "levy", Benefit = "benefit",
        Inspection = "inspection", Confirmation = "confirmation", Reward = "reward", Ruling = "ruling", Other = "other",
        PublicService = "public_service",
    }
}

/// 事项版本.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemVersion {
    /// Its version.
    pub version: CodeText,
    /// What kind of item.
    pub item_type: ItemType,
    /// Lead unit.
    pub lead_unit: CodeText,
    /// It can be handled online.
    pub online: bool,
    /// Number of its steps; 0 where none are published.
    pub steps: u32,
    /// Materials of all steps.
    pub materials: Vec<Material>,
    /// 法定时限.
    pub statutory: Option<Limit>,
    /// 承诺时限.
    pub promised: Option<Limit>,
    /// Silence within the receipt window accepts.
    pub deemed_acceptance: bool,
    /// 到办事现场次数.
    pub visit_limit: Option<u32>,
    /// First day in force.
    pub in_force_from: Date,
}

/// 事项公开.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPosted {
    /// The version.
    pub version: CodeText,
    /// Code of the channel.
    pub channel: CodeText,
}
