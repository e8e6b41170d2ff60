//! Where an item (事项) stands: does its published guide promise at most one visit (domain.md 3.3).
//!
//! Promises: one standing for each night on which a version published on this stream is in force, whichever system's version
//! ends it. Leaves which version that is to the catalogue.

use super::timeline::{DimsRef, Draft, Timeline};
use super::{Metric, Place, Standing};
use crate::event::Fact;
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Standings of an item, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let code = &*history.subject().id;
    let Some(item) = knowledge.catalogue.item(code) else { return Vec::new() };
    let first_days = item.versions.iter().map(|version| version.in_force_from);
    let mut days: Vec<Date> = first_days.chain(item.withdrawn_on).collect();
    days.sort_unstable();
    days.dedup();

    let mut timeline = Timeline::default();
    for day in days {
        let draft = item.in_force(day).and_then(|version| {
            let (place, why) = match version.visit_limit {
                None => (Place::Unknown, "no_visit_number"),
                Some(0 | 1) => (Place::Numerator, "at_most_one_visit"),
                Some(_) => (Place::Denominator, "more_visits"),
            };
            let publishes = |fact: &Fact| matches!(fact, Fact::ItemVersionPublished(it) if it.version == version.version);
            let published = history.counting().find(|recorded| publishes(&recorded.event.fact))?.position;
            let dims = DimsRef { unit: &version.lead_unit, item: code, ..DimsRef::default() };
            Some(Draft::night(Metric::VisitRateItem, place, why, dims, &[published]))
        });
        timeline.piece(day, draft.into_iter().collect());
    }
    timeline.finish()
}
