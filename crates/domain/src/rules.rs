//! Rule values in force on a day (domain.md 3.10). Everything configurable that changes a figure is a `RuleSet` in the log.
//!
//! Promises: a rule has a value on every day, the built-in default before any event sets it; of values with the same first day
//! the one recorded last holds.
//! Left to others: which day decides (the period's end, or the day the case pins it). To add a rule: a line in [`RULES`], by id,
//! and `docs/rules.md`, which a test compares.

use crate::event::{CodeText, RuleSet, RuleValue};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A value as the program has it built in. Its variant is the rule's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// Days, hours, a count. Where the meaning says so, 0 is "none".
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One code.
    Code(&'static str),
    /// A list of codes.
    Codes(&'static [&'static str]),
    /// Numbers by key.
    Table(&'static [(&'static str, i64)]),
}

/// A rule there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleDef {
    /// Its id.
    pub id: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What holds until an event sets it.
    pub default: BuiltIn,
    /// The only codes it takes; empty for any. For a list, each of them; for a table, the keys.
    pub choices: &'static [&'static str],
    /// Where in the domain page it is used.
    pub source: &'static str,
}

/// A rule's value on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleInForce {
    /// The value.
    pub value: RuleValue,
    /// Since when; none for the built-in default.
    pub in_force_from: Option<Date>,
    /// What sets it; empty for the built-in default.
    pub authority: CodeText,
}

/// The rule values that are known.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// By id, then by first day; the last recorded of a day.
    set: Arc<BTreeMap<CodeText, BTreeMap<Date, RuleSet>>>,
}

impl Rules {
    /// Takes a value in; in the order of recording.
    pub fn set(&mut self, rule: &RuleSet) {
        let days = Arc::make_mut(&mut self.set).entry(rule.rule_id.clone()).or_default();
        days.insert(rule.in_force_from, rule.clone());
    }

    /// The value in force on a day; none where there is no such rule.
    pub fn value(&self, rule_id: &str, on: Date) -> Option<RuleInForce> {
        let built_in = def(rule_id)?;
        Some(match self.event(rule_id, on) {
            Some(rule) => RuleInForce {
                value: rule.value.clone(),
                in_force_from: Some(rule.in_force_from),
                authority: rule.authority.clone(),
            },
            None => RuleInForce { value: built_in.default.value(), in_force_from: None, authority: "".into() },
        })
    }

    /// A number in force on a day; 0 where the rule is none of numbers.
    pub fn number(&self, rule_id: &str, on: Date) -> i64 {
        match self.event(rule_id, on) {
            Some(RuleSet { value: RuleValue::Number(number), .. }) => *number,
            _ => match built_in(rule_id) {
                Some(BuiltIn::Number(number)) => number,
                _ => 0,
            },
        }
    }

    /// A count of days or minutes in force on a day: a number, not less than 0.
    pub fn count(&self, rule_id: &str, on: Date) -> u32 {
        u32::try_from(self.number(rule_id, on).max(0)).unwrap_or(u32::MAX)
    }

    /// A yes or no in force on a day; no where the rule is none of flags.
    pub fn flag(&self, rule_id: &str, on: Date) -> bool {
        match self.event(rule_id, on) {
            Some(RuleSet { value: RuleValue::Flag(flag), .. }) => *flag,
            _ => built_in(rule_id) == Some(BuiltIn::Flag(true)),
        }
    }

    /// Whether a rule of one code has this code on a day.
    pub fn is(&self, rule_id: &str, on: Date, code: &str) -> bool {
        match self.event(rule_id, on) {
            Some(RuleSet { value: RuleValue::Code(value), .. }) => **value == *code,
            _ => matches!(built_in(rule_id), Some(BuiltIn::Code(value)) if *value == *code),
        }
    }

    /// Whether a code stands in the list in force on a day.
    pub fn lists(&self, rule_id: &str, on: Date, code: &str) -> bool {
        match self.event(rule_id, on) {
            Some(RuleSet { value: RuleValue::Codes(codes), .. }) => codes.iter().any(|c| **c == *code),
            _ => matches!(built_in(rule_id), Some(BuiltIn::Codes(codes)) if codes.contains(&code)),
        }
    }

    /// The list in force on a day.
    pub fn codes(&self, rule_id: &str, on: Date) -> Vec<CodeText> {
        match self.value(rule_id, on).map(|rule| rule.value) {
            Some(RuleValue::Codes(codes)) => codes,
            _ => Vec::new(),
        }
    }

    /// A number that a table in force on a day names; 0 where it names none.
    pub fn entry(&self, rule_id: &str, key: &str, on: Date) -> i64 {
        self.named(rule_id, key, on).unwrap_or(0)
    }

    /// A day that a table in force on a day names, as the number yyyymmdd; none where it names none.
    pub fn day(&self, rule_id: &str, key: &str, on: Date) -> Option<Date> {
        self.named(rule_id, key, on).and_then(date_of)
    }

    /// The days that a table of days has named for something. A deadline is one by the value in force on that very day: one that was
    /// moved before it came is none, one that has passed stays.
    pub fn deadlines(&self, rule_id: &str, key: &str) -> BTreeSet<Date> {
        let named = |on| self.day(rule_id, key, on);
        let days = [Date::MIN].into_iter().chain(self.first_days(rule_id)).filter_map(named);
        days.filter(|day| named(*day) == Some(*day)).collect()
    }

    /// The first days of the values that were set, in order.
    pub fn first_days(&self, rule_id: &str) -> impl Iterator<Item = Date> {
        self.set.get(rule_id).into_iter().flat_map(|days| days.keys().copied())
    }

    /// A number that a table in force on a day names, where it does.
    pub fn named(&self, rule_id: &str, key: &str, on: Date) -> Option<i64> {
        match self.event(rule_id, on) {
            Some(RuleSet { value: RuleValue::Table(table), .. }) => table.get(key).copied(),
            _ => match built_in(rule_id) {
                Some(BuiltIn::Table(rows)) => rows.iter().find(|(name, _)| *name == key).map(|(_, number)| *number),
                _ => None,
            },
        }
    }

    fn event(&self, rule_id: &str, on: Date) -> Option<&RuleSet> {
        self.set.get(rule_id)?.range(..=on).next_back().map(|(_, rule)| rule)
    }
}

impl BuiltIn {
    /// The value as an event would carry it.
    pub fn value(self) -> RuleValue {
        match self {
            Self::Number(number) => RuleValue::Number(number),
            Self::Flag(flag) => RuleValue::Flag(flag),
            Self::Code(code) => RuleValue::Code(code.into()),
            Self::Codes(codes) => RuleValue::Codes(codes.iter().map(|code| (*code).into()).collect()),
            Self::Table(table) => RuleValue::Table(table.iter().map(|(key, number)| ((*key).into(), *number)).collect()),
        }
    }

    /// Name of the kind, as in `docs/rules.md`.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Number(_) => "number",
            Self::Flag(_) => "flag",
            Self::Code(_) => "code",
            Self::Codes(_) => "codes",
            Self::Table(_) => "table",
        }
    }
}

impl RuleDef {
    /// Whether the rule takes a value: of its kind, no number below 0, and only codes it knows.
    pub fn accepts(&self, value: &RuleValue) -> bool {
        let known = |code: &CodeText| self.choices.is_empty() || self.choices.contains(&&**code);
        match (self.default, value) {
            (BuiltIn::Number(_), RuleValue::Number(number)) => *number >= 0,
            (BuiltIn::Flag(_), RuleValue::Flag(_)) => true,
            (BuiltIn::Code(_), RuleValue::Code(code)) => known(code),
            (BuiltIn::Codes(_), RuleValue::Codes(codes)) => codes.iter().all(known),
            (BuiltIn::Table(_), RuleValue::Table(table)) => table.iter().all(|(key, number)| known(key) && *number >= 0),
            _ => false,
        }
    }
}

/// The rule of an id.
pub fn def(rule_id: &str) -> Option<&'static RuleDef> {
    RULES.binary_search_by(|def| def.id.cmp(rule_id)).ok().map(|index| &RULES[index])
}

/// The day of a number yyyymmdd.
fn date_of(number: i64) -> Option<Date> {
    let year = i16::try_from(number / 10_000).ok()?;
    let month = i8::try_from(number / 100 % 100).ok()?;
    let day = i8::try_from(number % 100).ok()?;
    Date::new(year, month, day).ok()
}

fn built_in(rule_id: &str) -> Option<BuiltIn> {
    def(rule_id).map(|def| def.default)
}

const fn rule(
    id: &'static str,
    default: BuiltIn,
    choices: &'static [&'static str],
    source: &'static str,
    meaning: &'static str,
) -> RuleDef {
    RuleDef { id, meaning, default, choices, source }
}

use BuiltIn::{Code, Codes, Flag, Number, Table};

/// Every rule there is, by id.
#[rustfmt::skip]
pub const RULES: &[RuleDef] = &[
    rule("agent_wd", Number(5), &[], "S5", "Working days from registration until an agent is named."),
    rule("aspect_rise", Number(0), &[], "S34", "Least rise of a mean that is an improvement; more than this."),
    rule("aspect_round", Code("half_year"), &["month", "quarter", "half_year", "year"], "S34", "Length of a round of the eight aspects."),
    rule("bad_rating_wd", Number(5), &[], "3.8", "Working days to close a 差评."),
    rule("callback_sample", Table(&[("size", 30), ("case", 1), ("contact", 1), ("agency", 1), ("liaison", 1)]), &["size", "case", "contact", "agency", "liaison"], "S26", "Size of the monthly sample, and the kinds drawn from (1)."),
    rule("callback_self", Flag(false), &[], "S2", "A leader may call back the subjects he looks after."),
    rule("clock_skew_min", Number(5), &[], "3.9", "Minutes ahead of the server an event may be."),
    rule("commend_check", Code("flag"), &["flag", "refuse"], "S32", "What happens to a commendation with a complaint in the same period."),
    rule("complaint_early_transfer", Code("flag"), &["flag", "refuse"], "S8", "What happens to a transfer before the finding."),
    rule("complaint_ext_wd", Number(7), &[], "S8, 3.7", "Working days a complaint may be extended by."),
    rule("complaint_wd", Number(15), &[], "S8, 3.7", "Working days to handle a complaint."),
    rule("conference_wd", Number(10), &[], "S24", "Working days from the report of a key issue to a conference."),
    rule("consult_wd", Number(2), &[], "S12", "Working days to answer a consultation."),
    rule(
        "correction_pause",
        Table(&[]),
        &[],
        "C9",
        "A correction asked for after acceptance stops the promised clock (1) until it is handed in, by type of the item as `item_online` has it. Read on the day of acceptance.",
    ),
    rule("correction_wd", Number(0), &[], "section 2", "Working days an applicant has for corrections; 0 is none set. Read on the day of the notice."),
    rule("counter_hours", Code("24:00"), &[], "C2", "End of a due day."),
    rule("day0_shift", Flag(false), &[], "3.9", "A filing or acceptance on a day off counts as on the next working day."),
    rule("dispatch_joint", Flag(true), &[], "S30", "The six bodies of supervision act as one."),
    rule("dissat_open_wd", Number(3), &[], "S35", "Working days to open a dissatisfaction."),
    rule("dissat_triggers", Codes(&["rating_4", "rating_5", "callback_4", "callback_5", "liaison_below_60", "opinion_dissatisfied", "complainant_not_satisfied"]), &[], "S35", "Answers that open a dissatisfaction."),
    rule("dissat_wd", Number(10), &[], "S35", "Working days to resolve a dissatisfaction without a due date of its own."),
    rule("due_default_wd", Table(&[("liaison_issue", 20), ("finding", 10), ("opinion", 20), ("task", 20), ("hearing_decision", 60)]), &[], "S1, S25–S27, S30", "Working days of any other promise without a due date, by kind."),
    rule("efficiency_categories", Codes(&["delay", "bounced", "refused", "unclear", "notice"]), &[], "S33", "Complaint categories of 零投诉."),
    rule("extension_moves_promised", Flag(false), &[], "C5", "A legal extension also moves the promised due date. Read on the day of acceptance."),
    rule("first_ask_max_wd", Number(5), &[], "S6, 3.2", "Working days after receipt of the longest reply date an official may promise."),
    rule("forum_rhythm", Code("quarter"), &["month", "quarter", "half_year", "year"], "S26", "Period in which each kind of forum is owed."),
    rule("handover_wd", Number(5), &[], "S9", "Working days to hand a substantiated complaint over."),
    rule("head_duty_rhythm", Code("half_year"), &["month", "quarter", "half_year", "year"], "S7", "Period in which a unit head owes each kind of duty."),
    rule("inspection_absent", Table(&[("own_trip_wd", 3)]), &["bound", "own_trip_wd"], "S19", "An absent unit is bound by the finding (`bound` = 1), or goes itself within `own_trip_wd` working days."),
    rule("inspection_cap", Number(0), &[], "S28", "Inspections an enterprise may have in a year; 0 is none set."),
    rule("item_channels", Codes(&["portal", "print", "reading_area", "kiosk"]), &["portal", "print", "reading_area", "kiosk"], "S14", "Channels on which an item must stand."),
    rule("joint_clock", Codes(&["union", "strict"]), &["union", "strict"], "C14", "When a member's pause stops the main clock: official, then internal."),
    rule("late_posted_wd", Number(1), &[], "3.9", "Working days after its own day from which a post is flagged `late_posted`: more than this. Not in the domain page's table."),
    rule("liability_wd", Number(20), &[], "S13", "Working days from a verified breach to liability. Read on the day of the finding."),
    rule("liaison_idle_counts", Flag(false), &[], "S1", "A liaison visit with no purpose and no issue counts."),
    rule("mass_meeting_n", Number(10), &[], "S29", "Enterprises that make a meeting a 大规模 one."),
    rule("milestones", Table(&[("flows", 20_180_331), ("window_training", 20_180_430)]), &[], "S14, S15", "One-off deadlines, as the number yyyymmdd."),
    rule("not_accepted_grounds", Codes(&["not_required", "not_our_authority"]), &[], "section 2, 3.2", "Listed grounds of `NotAccepted`."),
    rule("notice_scope", Codes(&["window"]), &[], "S13", "Where a notice breach brings liability: `window`, `consult`, or the code of another way in. Read on the day of the finding."),
    rule("on_lapse", Code("continue"), &["continue", "pause", "terminate"], "3.5", "What a lapsed tolerance does: nothing, stop the promised clock, end the case. Read on the day of the grant."),
    rule("on_lapse_grace_wd", Number(0), &[], "3.5", "Working days after a lapse until the pause ends, or the case does; at 0 a pause lasts until the gap is closed, and the case ends at once."),
    rule("outcome_wd", Number(60), &[], "S9, S31", "Working days until the outcome of 处理 is reported."),
    rule("peer_districts", Codes(&["370302", "370303", "370304", "370305", "370321", "370322", "370323"]), &[], "S23", "Districts compared; the default is the others of 淄博."),
    rule("policy_notice_wd", Number(10), &[], "S3", "Working days for notice and posting after a policy changed."),
    rule("rating_late_wd", Number(5), &[], "3.8", "Working days after the day of service in which a rating counts."),
    rule("rating_scope", Codes(&["district"]), &["district", "branch", "town"], "S11", "Kinds of centre whose windows need a rating device."),
    rule("record_mode_sources", Codes(&[]), &[], "section 2", "Sources whose irregular events may be stored and flagged; others are flagged `record_mode_unlisted` beside."),
    rule("referral_wd", Number(10), &[], "S31", "Working days for referral and circular after two awards."),
    rule("refusal_grounds_ok", Codes(&["out_of_remit", "unlawful"]), &[], "3.2, S33", "Grounds of refusal that, explained, are no 推托."),
    rule("remote_opinion_wd", Number(3), &[], "S17", "Working days for an opinion after a linked session by video. Read on the day of the session."),
    rule("retention_years", Table(&[("short", 10), ("long", 30)]), &["short", "long"], "section 5", "Calendar years, from the day it was put, for which content of the vault is kept before it may be erased, by retention class. Read on the day of the erasure."),
    rule("small_count", Number(5), &[], "S8, section 5", "Smallest count shown to units."),
    rule("snail_candidate", Table(&[]), &[], "S31", "Thresholds, by ground and figure, past which a subject is a candidate."),
    rule("snail_issuer", Code("supervision_office"), &[], "S31", "Who gives 蜗牛奖; the default is the two 督查室."),
    rule("snail_round", Code("quarter"), &["month", "quarter", "half_year", "year"], "S31", "Length of a round of 蜗牛奖."),
    rule("spot_joint", Flag(true), &[], "S25", "A joint spot check counts for both offices."),
    rule("sub_silence", Table(&[]), &[], "3.6", "Silence at a sub-limit means agreed (1), by item."),
    rule("suggestion_wd", Number(20), &[], "S11", "Working days for the sending unit to answer a suggestion."),
    rule("tolerance_bar", Number(0), &[], "3.5, example B", "Working days without tolerance after a late promise; 0 is none."),
    rule("training_period", Code("half_year"), &["month", "quarter", "half_year", "year"], "S10", "Period of training coverage."),
    rule("unknown_year", Code("weekdays_less_fixed"), &["weekdays_less_fixed"], "section 6", "Days of a year without a notice: Monday to Friday less the fixed days, provisional."),
    rule("unproven_pause", Flag(true), &[], "C8", "A pause without written notice counts in the main figure. Read on the day of acceptance."),
    rule("visit_merge_h", Number(4), &[], "3.3", "Hours within which coming again to a place is one visit."),
    rule("warn_wd", Number(1), &[], "C16", "Working days left at which the warning is yellow."),
    rule("zero_backlog_parts", Codes(&["promised", "statutory", "receipt"]), &["promised", "statutory", "receipt", "member", "delivery"], "3.1", "Backlogs that must be empty for 零积压."),
    rule("zone_exceptions", Codes(&[]), &[], "S16", "Reasons for which a separate assessment may be asked. Read on the day it is asked for."),
];

#[cfg(test)]
mod tests;
