//! Standings over valid time: what is said piece by piece, merged.
//!
//! Promises: pieces on which the same is said become one standing. Leaves what is said to the files of the things.

use super::{Days, Dims, Metric, Place, Standing};
use crate::calendar::Calendar;
use crate::contact::certain_until;
use crate::event::CodeText;
use crate::history::History;
use jiff::{ToSpan, civil::Date};

/// The days from which a thing is seen as it is until the next of them: the days of its events, and those on which time alone
/// changes something. `next_mark` gives the first such day after a day; views are those of the days on which there is something.
pub(super) fn pieces<T>(
    history: &History,
    view: impl Fn(Date) -> Option<T>,
    next_mark: impl Fn(&T, Date) -> Option<Date>,
) -> Vec<(Date, T)> {
    let mut days: Vec<Date> = history.counting().map(|recorded| recorded.event.day).collect();
    days.sort_unstable();
    let mut pieces = Vec::with_capacity(days.len() * 2);
    let mut next = days.first().copied();
    while let Some(from) = next {
        next = days.iter().copied().find(|&day| day > from);
        if let Some(seen) = view(from) {
            next = next.into_iter().chain(next_mark(&seen, from)).min();
            pieces.push((from, seen));
        }
    }
    pieces
}

/// The earliest of some days that lies after a day.
pub(super) fn earliest_after(days: impl IntoIterator<Item = Date>, from: Date) -> Option<Date> {
    days.into_iter().filter(|&day| day > from).min()
}

/// The day after; the last day there is stays.
pub(super) fn day_after(day: Date) -> Date {
    day.saturating_add(1.days())
}

/// First night that may be over, of a count of working days since a day that is over from another on; and whether it certainly
/// is: not where the count rests on days without a calendar.
pub(super) fn first_over(calendar: &Calendar, since: Date, over_from: Date) -> (Date, bool) {
    match calendar.first_provisional(since, over_from) {
        None => (over_from, true),
        Some(unknown_from) => (certain_until(calendar, unknown_from, over_from), false),
    }
}

/// What a member can be asked by, borrowed until it is certain that it is needed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DimsRef<'a> {
    pub(super) unit: &'a str,
    pub(super) item: &'a str,
    pub(super) staff: &'a str,
    pub(super) window: &'a str,
    pub(super) channel: &'a str,
    pub(super) kind: &'a str,
}

impl DimsRef<'_> {
    /// As texts of its own; what is alike in both is shared, for the members of one thing differ little.
    fn to_owned_like(self, like: &Dims) -> Dims {
        let text = |text: &str, like: &CodeText| if **like == *text { like.clone() } else { text.into() };
        Dims {
            unit: text(self.unit, &like.unit),
            item: text(self.item, &like.item),
            staff: text(self.staff, &like.staff),
            window: text(self.window, &like.window),
            channel: text(self.channel, &like.channel),
            kind: text(self.kind, &like.kind),
        }
    }
}

/// A standing without its days.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft<'a> {
    pub(super) metric: Metric,
    pub(super) place: Place,
    pub(super) why: &'static str,
    /// Nothing for a state metric, which counts on its nights.
    pub(super) counts_on: Option<Date>,
    pub(super) value: Option<f64>,
    pub(super) dims: DimsRef<'a>,
    pub(super) evidence: Vec<u64>,
}

impl<'a> Draft<'a> {
    /// A member that counts on a day.
    pub(super) fn new(
        metric: Metric,
        place: Place,
        why: &'static str,
        counts_on: Date,
        dims: DimsRef<'a>,
        evidence: &[u64],
    ) -> Self {
        Self { metric, place, why, counts_on: Some(counts_on), value: None, dims, evidence: ascending(evidence) }
    }

    /// A member of a state, on each night of the piece.
    pub(super) fn night(metric: Metric, place: Place, why: &'static str, dims: DimsRef<'a>, evidence: &[u64]) -> Self {
        Self { metric, place, why, counts_on: None, value: None, dims, evidence: ascending(evidence) }
    }

    /// Adds a value.
    pub(super) fn with_value(mut self, value: f64) -> Self {
        self.value = Some(value);
        self
    }
}

/// Positions in order, each once; 0 is none.
fn ascending(positions: &[u64]) -> Vec<u64> {
    let mut evidence: Vec<u64> = positions.iter().copied().filter(|&position| position > 0).collect();
    evidence.sort_unstable();
    evidence.dedup();
    evidence
}

/// Gathers standings from the first piece to the last.
#[derive(Debug, Default)]
pub(super) struct Timeline<'a> {
    open: Vec<(Date, Draft<'a>)>,
    closed: Vec<Standing>,
}

impl<'a> Timeline<'a> {
    /// From this day on, until the next call, exactly these drafts hold.
    pub(super) fn piece(&mut self, from: Date, mut drafts: Vec<Draft<'a>>) {
        let Self { open, closed } = self;
        open.retain(|(since, old)| {
            let same = drafts.iter().position(|new| new == old);
            match same {
                Some(at) => drop(drafts.swap_remove(at)),
                None => close(*since, from, old, closed),
            }
            same.is_some()
        });
        self.open.extend(drafts.into_iter().map(|draft| (from, draft)));
    }

    /// The standings; what still holds, holds for ever.
    pub(super) fn finish(self) -> Vec<Standing> {
        let Self { open, mut closed } = self;
        open.iter().for_each(|(since, draft)| close(*since, Date::MAX, draft, &mut closed));
        closed
    }
}

fn close(from: Date, until: Date, draft: &Draft<'_>, closed: &mut Vec<Standing>) {
    debug_assert_eq!(draft.counts_on.is_none(), draft.metric.def().shape.is_of_a_night());
    let none = Dims::default();
    closed.push(Standing {
        metric: draft.metric,
        place: draft.place,
        why: draft.why,
        counts_on: draft.counts_on.unwrap_or(from),
        valid: Days { from, until },
        value: draft.value,
        dims: draft.dims.to_owned_like(closed.last().map_or(&none, |last| &last.dims)),
        evidence: draft.evidence.clone(),
    });
}
