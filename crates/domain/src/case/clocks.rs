//! The clocks of a round: what starts, stops, pauses and extends each (domain.md C1–C12).

use super::{DELIVERY_WD, OutcomeKind, Round};
use crate::clock::{Clock, Course, Extended, Pause, Why};
use crate::event::{Decision, ItemVersion, Limit, LimitUnit};
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// A clock that has not begun.
pub(super) fn not_started(valid_on: Date) -> Clock {
    let course =
        Course { limit: Err(Why::NotStarted), start: None, stop: None, pauses: &[], unproven_counts: true, extensions: &[], valid_on };
    Clock::read(&course, &crate::calendar::Calendar::new(), &jiff::tz::TimeZone::UTC)
}

/// Reads every clock of a round, and says which of its extensions hold.
pub(super) fn read(round: &mut Round, knowledge: &Knowledge, valid_on: Date) {
    read_decision(round, knowledge, valid_on);
    read_delivery(round, knowledge, valid_on);
}

fn read_decision(round: &mut Round, knowledge: &Knowledge, valid_on: Date) {
    let Some(accepted) = &round.accepted else { return };
    let stops = round.procedures.iter().filter(|procedure| procedure.kind.stops_the_clock());
    let pauses: Vec<Pause> = stops
        .map(|procedure| Pause { start: procedure.started.day, end: procedure.ended.map(|end| end.day), proven: procedure.told })
        .collect();
    let extensions: Vec<Extended> =
        round.extensions.iter().map(|e| Extended { on: e.approved.day, wd: e.wd, told: e.told }).collect();
    let rules = &knowledge.rules;
    let course = Course {
        limit: Err(Why::NotStarted),
        start: Some((accepted.day, accepted.at)),
        stop: round.outcome.as_ref().map(|outcome| outcome.day),
        pauses: &pauses,
        unproven_counts: rules.flag("unproven_pause", accepted.day),
        extensions: &extensions,
        valid_on,
    };
    let version = round.version.as_deref();
    let statutory = Course { limit: limit(version, |version| version.statutory), ..course };
    let moves_promised = rules.flag("extension_moves_promised", accepted.day);
    let extensions = if moves_promised { course.extensions } else { &[] };
    let promised = Course { limit: limit(version, |version| version.promised), extensions, ..course };
    round.statutory = Clock::read(&statutory, &knowledge.calendar, &knowledge.zone);
    round.promised = Clock::read(&promised, &knowledge.calendar, &knowledge.zone);
    let holds = round.statutory.extension;
    for (index, extension) in round.extensions.iter_mut().enumerate() {
        extension.void = holds != Some(index);
    }
}

fn limit(version: Option<&ItemVersion>, of: impl Fn(&ItemVersion) -> Option<Limit>) -> Result<Limit, Why> {
    of(version.ok_or(Why::NoItemVersion)?).ok_or(Why::NoLimit)
}

/// Art. 44: ten working days from a decision to pass, until delivery.
fn read_delivery(round: &mut Round, knowledge: &Knowledge, valid_on: Date) {
    let Some(outcome) = &round.outcome else { return };
    if !matches!(outcome.kind, OutcomeKind::Decided(Decision::Pass | Decision::PassWithTolerance)) {
        return;
    }
    let course = Course {
        limit: Ok(Limit { n: DELIVERY_WD, unit: LimitUnit::WorkingDay }),
        start: Some((outcome.day, outcome.at)),
        stop: round.delivered.or(round.revoked).map(|stamp| stamp.day),
        pauses: &[],
        unproven_counts: true,
        extensions: &[],
        valid_on,
    };
    round.delivery = Some(Clock::read(&course, &knowledge.calendar, &knowledge.zone));
    round.delivery_over_from = Some(knowledge.calendar.nth(outcome.day, DELIVERY_WD + 1));
}
