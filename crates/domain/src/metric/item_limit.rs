//! Whether a promised limit was lengthened quietly (domain.md S23).
//!
//! Promises: one standing for each version whose limit is longer than that of the version before it, or cannot be compared with it,
//! from its first day on. What is said in time stands beside the figure; what is said later does not unsay it.
//! Leaves which version is in force to the catalogue.

use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::catalogue::Item;
use crate::event::{ItemVersion, Limit, LimitUnit};
use jiff::civil::Date;

/// Whether a limit is longer than another; none where the calendar would have to say, or there is none. An immediate limit is one of
/// no working days (C15).
pub(crate) fn is_longer(before: Option<Limit>, after: Option<Limit>) -> Option<bool> {
    let working_days = |limit: Limit| match limit.unit {
        LimitUnit::Immediate => Limit::working_days(0),
        _ => limit,
    };
    let (before, after) = (working_days(before?), working_days(after?));
    (before.unit == after.unit).then_some(after.n > before.n)
}

/// What a version says of its limit beside the version before it, as of a day; nothing where it is no longer.
pub(super) fn draft<'a>(item: &Item, version: &ItemVersion, on: Date, published: u64, dims: DimsRef<'a>) -> Option<Draft<'a>> {
    let before = item.last_version(version.in_force_from.yesterday().ok()?)?;
    let longer = is_longer(before.promised, version.promised);
    if longer == Some(false) {
        return None;
    }
    let said = item.limit_change(&version.version).filter(|said| said.on <= on && Some(said.change.new) == version.promised);
    let (place, why) = match (longer, said) {
        (_, Some(said)) if said.on <= version.in_force_from => (Place::Excluded, "said_in_time"),
        (None, _) if before.promised.is_none() || version.promised.is_none() => (Place::Unknown, "no_limit"),
        (None, _) => (Place::Unknown, "other_unit"),
        (Some(_), Some(_)) => (Place::Numerator, "said_late"),
        (Some(_), None) => (Place::Numerator, "quietly"),
    };
    let evidence = [published, said.map_or(0, |said| said.position)];
    Some(Draft::new(Metric::LimitLengthened, place, why, version.in_force_from, dims, &evidence))
}
