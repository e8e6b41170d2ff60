//! What each metric is, in words.
//!
//! Promises: what stands here is what the standings do; `docs/metrics.md` says it at more length. A definition is never edited
//! once figures were published under its version.
//! To add one: a static in the file of its subject, and its line in [`super::Metric`].

mod backlog;
mod contact;
mod complaint;
mod item;
mod catalogue;
mod visit;
mod notice;
mod tolerance;
mod window;
mod joint;
mod project;
mod diag;

pub(super) use backlog::*;
pub(super) use catalogue::*;
pub(super) use complaint::*;
pub(super) use contact::*;
pub(super) use diag::*;
pub(super) use item::*;
pub(super) use joint::*;
pub(super) use notice::*;
pub(super) use project::*;
pub(super) use tolerance::*;
pub(super) use visit::*;
pub(super) use window::*;

/// What kind of figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Numerator ÷ (numerator + denominator only), over members that count in the period.
    Rate,
    /// Members that count in the period.
    Count,
    /// Members on a night.
    State,
    /// Numerator ÷ (numerator + denominator only), over members of a night.
    Coverage,
    /// Working days of the period on which something holds ÷ its working days.
    Days,
    /// Median, p90 and maximum of the values.
    Distribution,
    /// Sum of the values.
    Sum,
    /// 100 × numerators ÷ denominators; a numerator is no denominator.
    Per100,
    /// Mean of the values, over members of a night.
    Mean,
    /// 1 − sum of the numerators' values ÷ sum of the denominators', over members of a night; a numerator is no denominator.
    Reduction,
    /// 1 + numerators, over members of a night; nothing unless it is of one figure of one district, and nothing of it is unknown.
    Rank,
}

impl Shape {
    /// The code that `ListMetrics` shows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Count => "count",
            Self::State => "state",
            Self::Coverage => "coverage",
            Self::Days => "days",
            Self::Distribution => "distribution",
            Self::Sum => "sum",
            Self::Per100 => "per_100",
            Self::Mean => "mean",
            Self::Reduction => "reduction",
            Self::Rank => "rank",
        }
    }

    /// Asked of one night (`valid` holds it), not of a period (`counts_on` lies in it).
    pub const fn is_of_a_night(self) -> bool {
        matches!(self, Self::State | Self::Coverage | Self::Mean | Self::Reduction | Self::Rank)
    }

    /// Worked out from other figures when it is asked: no thing stands in it.
    pub const fn is_derived(self) -> bool {
        matches!(self, Self::Days | Self::Rank)
    }
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDef {
    /// The id that questions name.
    pub id: &'static str,
    /// Version of the formula.
    pub version: u32,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// What kind of figure.
    pub shape: Shape,
    /// What is counted.
    pub numerator: &'static str,
    /// Out of what; empty for counts.
    pub denominator: &'static str,
    /// What is left out and what is unknown.
    pub exclusions: &'static str,
    /// Dimensions it can be asked by.
    pub dimensions: &'static [&'static str],
    /// Paragraph of the domain page or the law it rests on.
    pub source: &'static str,
    /// Has no legal meaning.
    pub diagnostic: bool,
}

const CASE: &[&str] = &["unit", "item", "staff", "window", "channel"];
const CASE_KIND: &[&str] = &["unit", "item", "staff", "window", "channel", "kind"];
const CONTACT: &[&str] = &["unit", "staff", "window", "channel", "kind"];
const COMPLAINT: &[&str] = &["unit", "staff", "channel", "kind"];
const ITEM: &[&str] = &["unit", "item"];
const ITEM_KIND: &[&str] = &["unit", "item", "kind"];
const KIND: &[&str] = &["kind"];
const STAFF: &[&str] = &["unit", "staff", "window", "kind"];
const UNIT: &[&str] = &["unit"];
const UNIT_KIND: &[&str] = &["unit", "kind"];

/// A definition of version 1: id, names, shape, [numerator, denominator, exclusions], dimensions, source.
const fn def(
    id: &'static str,
    names: [&'static str; 2],
    shape: Shape,
    words: [&'static str; 3],
    dimensions: &'static [&'static str],
    source: &'static str,
) -> MetricDef {
    let [zh, en] = names;
    let [numerator, denominator, exclusions] = words;
    MetricDef { id, version: 1, zh, en, shape, numerator, denominator, exclusions, dimensions, source, diagnostic: false }
}

/// A definition of a figure without legal meaning.
const fn diagnostic(id: &'static str, names: [&'static str; 2], shape: Shape, words: [&'static str; 3]) -> MetricDef {
    MetricDef { diagnostic: true, ..def(id, names, shape, words, KIND, "none: a diagnosis of the record") }
}
