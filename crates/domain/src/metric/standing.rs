//! Where a thing stands in a metric, and on which days.
//!
//! Promises: [`seen`] is a pure function of (history, knowledge) and gives one order for one set, so two equal sets
//! compare equal. A standing's `valid` says for which `valid_on` it holds; facts dated after a day have no part in the standings
//! of that day. Counting is left to the projections.

use super::{Metric, breach, case, complaint, contact, correction, item, project, staff};
use crate::case::CaseOnDay;
use crate::event::CodeText;
use crate::history::History;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Where a member stands in a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In the numerator, and by that in the denominator of a rate.
    Numerator,
    /// In the denominator only.
    Denominator,
    /// Something needed is not known.
    Unknown,
    /// Left out by the formula.
    Excluded,
}

impl Place {
    /// The code in tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Numerator => "n",
            Self::Denominator => "d",
            Self::Unknown => "u",
            Self::Excluded => "x",
        }
    }
}

/// Days from the first, to before the second; `Date::MAX` for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Days {
    /// First day.
    pub from: Date,
    /// First day no more.
    pub until: Date,
}

impl Days {
    /// Whether the day is one of them.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day < self.until
    }
}

/// What a figure can be asked by; empty where the member has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dims {
    /// 单位: who is charged with it.
    pub unit: CodeText,
    /// 事项.
    pub item: CodeText,
    /// 工作人员: work number.
    pub staff: CodeText,
    /// 窗口: the receiving one.
    pub window: CodeText,
    /// How it came in.
    pub channel: CodeText,
    /// A ground, a breach, a cause, a type: see each metric.
    pub kind: CodeText,
}

/// One member of a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Of which metric.
    pub metric: Metric,
    /// Where it stands.
    pub place: Place,
    /// Why, as a code.
    pub why: &'static str,
    /// The cohort day: in a period iff from ≤ `counts_on` ≤ to. For a state metric `valid.from`, and no part of the question.
    pub counts_on: Date,
    /// The days it holds on: for a state metric the nights, else the days the question is about.
    pub valid: Days,
    /// For sums and distributions: working days, seconds, events; for visits their number.
    pub value: Option<f64>,
    /// What it can be asked by.
    pub dims: Dims,
    /// Positions of the events that make it so, ascending.
    pub evidence: Vec<u64>,
}

/// What there is to say of a thing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// Where it stands in each metric, in canonical order. Nothing for kinds no metric counts.
    pub standings: Vec<Standing>,
    /// A case, as it is from each of these days until the next: the days of its events, and those on which time alone changes
    /// something. Nothing for other things.
    pub case: Vec<(Date, CaseOnDay)>,
}

/// Kinds of subject that have standings; of a visit, a training and of the registries but the items only corrections are counted. The log's own
/// stream is none of them: nobody is charged with it.
pub const KINDS: [&str; 14] = {
    use kind::{CASE, COMPLAINT, CONSULT, CONTACT, DISTRICT, EDITION, ITEM, STAFF, SUBJECT, TRAINING, UNIT, VISIT, WINDOW, ZONE};
    [CASE, CONTACT, STAFF, ITEM, CONSULT, SUBJECT, VISIT, TRAINING, UNIT, WINDOW, EDITION, DISTRICT, ZONE, COMPLAINT]
};

/// What there is to say of the history's thing.
pub fn seen(history: &History, knowledge: &Knowledge) -> Seen {
    let mut seen = match &*history.subject().kind {
        kind::CASE => case::seen(history, knowledge),
        kind::CONTACT => Seen { standings: contact::standings(history, knowledge), case: Vec::new() },
        kind::STAFF => {
            let alleged = contact::standings(history, knowledge);
            Seen { standings: [alleged, staff::standings(history, knowledge)].concat(), case: Vec::new() }
        }
        kind::CONSULT => Seen { standings: breach::of_consultation(history, knowledge), case: Vec::new() },
        kind::ITEM => Seen { standings: item::standings(history, knowledge), case: Vec::new() },
        kind::COMPLAINT => Seen { standings: complaint::standings(history, knowledge), case: Vec::new() },
        kind::SUBJECT => Seen { standings: project::standings(history, knowledge), case: Vec::new() },
        _ => Seen::default(),
    };
    if KINDS.contains(&&*history.subject().kind) {
        seen.standings.extend(correction::standings(history, knowledge));
    }
    sort(&mut seen.standings);
    seen
}

/// Where the history's thing stands in each metric, in canonical order.
pub fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    seen(history, knowledge).standings
}

/// Puts standings into canonical order.
pub(super) fn sort(all: &mut [Standing]) {
    let key = |s: &Standing| (s.metric, s.valid, s.counts_on, s.place, s.why);
    all.sort_unstable_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.evidence.cmp(&b.evidence)).then_with(|| a.dims.cmp(&b.dims)));
}
