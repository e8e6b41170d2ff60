//! Corrections (作废、更正, domain.md 3.9): how many each unit needed, before and after the close.
//!
//! Promises: a correction that was itself taken back is none; a visit's is not counted again on the case it reaches.

use super::timeline::{DimsRef, Draft, Timeline, pieces};
use super::{Metric, Place, Standing};
use crate::case::case_on;
use crate::contact::contact_on;
use crate::event::{Fact, Recorded};
use crate::history::{History, void_target};
use crate::ids::kind;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Corrections of a stream, each on its day, with what was known before it.
struct Corrections<'a> {
    made: Vec<(&'a Recorded, &'a Recorded)>,
    before: Vec<History>,
}

impl<'a> Corrections<'a> {
    fn of(history: &'a History) -> Self {
        let own = history.counting().filter(|recorded| recorded.event.subject == *history.subject());
        let made = own.filter_map(|recorded| {
            let target = history.find(void_target(&recorded.event.fact)?)?;
            Some((recorded, &target.recorded))
        });
        let made: Vec<_> = made.collect();
        let before = |(correction, _): &(&Recorded, &Recorded)| {
            let mut before = history.clone();
            before.forget_after(correction.position.saturating_sub(1));
            before
        };
        Self { before: made.iter().map(before).collect(), made }
    }

    /// `corrections`, as of a day; charged to who posted what was wrong.
    fn drafts(&self, knowledge: &Knowledge, item: &'a str, from: Date) -> Vec<Draft<'a>> {
        let known = self.made.iter().zip(&self.before).filter(|((made, _), _)| made.event.day <= from);
        known
            .map(|((made, target), before)| {
                let kind = if is_closed(before, knowledge, made.event.day, from) { "after_close" } else { "before_close" };
                let wrong = &target.event;
                let dims =
                    DimsRef { unit: &wrong.unit, staff: &wrong.staff, window: &wrong.window, item, kind, ..DimsRef::default() };
                let evidence = [made.position, target.position];
                Draft::new(Metric::Corrections, Place::Numerator, "corrected", made.event.day, dims, &evidence)
            })
            .collect()
    }
}

/// Whether the thing was closed as known before a correction, of what is dated up to a day: as the gate asks, which wants an authority
/// then.
fn is_closed(before: &History, knowledge: &Knowledge, made: Date, until: Date) -> bool {
    let last = before.counting_on(until).map(|recorded| recorded.event.day).max();
    let on = last.map_or(made, |last| last.max(made));
    match &*before.subject().kind {
        kind::CASE => case_on(before, knowledge, on).is_some_and(|case| case.state.is_closed()),
        kind::CONTACT => contact_on(before, knowledge, on).is_some_and(|contact| contact.replied.is_some()),
        _ => false,
    }
}

/// Standings of a thing of whatever kind, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let corrections = Corrections::of(history);
    if corrections.made.is_empty() {
        return Vec::new();
    }
    let mut timeline = Timeline::default();
    for (from, day) in pieces(history, Some, |_, _| None) {
        timeline.piece(from, corrections.drafts(knowledge, item_on(history, day), day));
    }
    timeline.finish()
}

/// The item a thing is, or a case is of as told by a day; empty where there is none.
fn item_on(history: &History, day: Date) -> &str {
    if &*history.subject().kind == kind::ITEM {
        return &history.subject().id;
    }
    let received = history.counting_on(day).find_map(|recorded| match &recorded.event.fact {
        Fact::CaseReceived(received) => Some(&*received.item_code),
        _ => None,
    });
    received.unwrap_or_default()
}
