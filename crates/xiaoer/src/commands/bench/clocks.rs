//! How many clocks a core reads in a second: promised clocks of cases with three pauses each, beside as many bare counts of working
//! days as such a clock cannot do without. No server, no IO, one thread.

use super::Measured;
use crate::cli::bench::BenchClocksArgs;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{hint::black_box, time::Instant};
use xiaoer::splitmix::SplitMix;
use xiaoer_domain::{
    Fact,
    calendar::Calendar,
    clock::{Clock, Course, Pause},
    event::{Limit, LimitUnit},
};
use xiaoer_wire::{parse, seeds};

/// Pauses of a case.
const PAUSES: usize = 3;
/// Cases that are timed together, so that the clock of the machine is no part of it.
const BATCH: usize = 1_000;

/// A case as its clock sees it.
struct Case {
    start: (Date, Timestamp),
    n: u32,
    pauses: [Pause; PAUSES],
    valid_on: Date,
}

/// The clocks, then the bare counts.
pub(super) fn read(args: &BenchClocksArgs) -> [Measured; 2] {
    let (calendar, zone) = (calendar(), TimeZone::fixed(jiff::tz::offset(8)));
    let mut random = SplitMix::new(1);
    let cases: Vec<Case> = (0..args.cases).map(|_| case(&mut random, &zone)).collect();
    let clocks = timed("clocks", &cases, |case| {
        let course = Course {
            limit: Ok(Limit { n: case.n, unit: LimitUnit::WorkingDay }),
            start: Some(case.start),
            stop: None,
            pauses: &case.pauses,
            unproven_counts: true,
            extensions: &[],
            valid_on: case.valid_on,
        };
        black_box(Clock::read(&course, &calendar, &zone));
    });
    // A clock needs the days of each pause, the due date, and the days used.
    let counts = timed("calendar_counts", &cases, |case| {
        let paused: u32 = case.pauses.iter().map(|it| calendar.working_days(it.start, it.end.unwrap_or(it.start))).sum();
        let due = calendar.nth(case.start.0, case.n + paused);
        black_box((due, calendar.working_days(case.start.0, case.valid_on)));
    });
    [clocks, counts]
}

fn timed(what: &'static str, cases: &[Case], read: impl Fn(&Case)) -> Measured {
    let mut times = super::histogram();
    let started = Instant::now();
    for batch in cases.chunks(BATCH) {
        let began = Instant::now();
        batch.iter().for_each(&read);
        super::record(&mut times, began);
    }
    super::measured(what, cases.len() as u64, started, &times)
}

/// Accepted on any day of 2018 to 2025; promised 5 to 45 working days; three pauses that begin in time and do not touch.
fn case(random: &mut SplitMix, zone: &TimeZone) -> Case {
    let day = |day: Date, days: u64| day.saturating_add(jiff::Span::new().days(i64::try_from(days).unwrap_or_default()));
    let mut draw = |below: u64| random.below(below);
    let start = day(Date::constant(2018, 1, 1), draw(2_900));
    let at = zone.to_timestamp(start.at(9, 0, 0, 0)).unwrap_or(Timestamp::UNIX_EPOCH);
    let mut from = start;
    let pauses = [(); PAUSES].map(|()| {
        let begins = day(from, 1 + draw(2));
        from = day(begins, 1 + draw(9));
        Pause { start: begins, end: Some(from), proven: true }
    });
    Case { start: (start, at), n: 5 + u32::try_from(draw(41)).unwrap_or_default(), pauses, valid_on: day(from, draw(30)) }
}

fn calendar() -> Calendar {
    let mut calendar = Calendar::new();
    let log = xiaoer_domain::LogName::new("bench");
    let events = log.iter().flat_map(|log| seeds::calendar_events(log, Timestamp::UNIX_EPOCH));
    for event in events {
        if let Ok(Fact::CalendarPublished(year)) = parse::event(&event, &TimeZone::UTC).map(|event| event.fact) {
            calendar.publish(&year);
        }
    }
    calendar
}
