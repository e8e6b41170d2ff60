//! Years of cases for the load generator: as many as a district of a million people has, each of five events.
//!
//! Promises: posts in the order of recording, on working days only, each accepted in strict mode; memory holds the cases that are
//! open. One case in twenty is decided after the promised limit, one in two hundred never.

use super::{Post, world::instant};
use crate::splitmix::SplitMix;
use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, Weekday},
};
use std::collections::BTreeMap;
use uuid::Uuid;
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, DecisionResult, PostMode, event::Fact};

/// Units, each with an item of its own.
const UNITS: u64 = 12;
/// Events of a case.
const CASE_EVENTS: u64 = 5;

/// The posts of so many cases, received from one day up to another; what would be recorded after that day is not.
pub fn bench_years(cases: u64, from: Date, until: Date) -> impl Iterator<Item = Post> {
    let days: Vec<Date> = from.series(1.day()).take_while(|day| *day <= until).filter(|day| is_working(*day)).collect();
    let count = days.len() as u64;
    let mut due: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
    let registry = (0..UNITS).map(move |unit| post(item(unit, from), from, unit));
    let working = (0u64..).zip(days).flat_map(move |(number, day)| {
        // The cases are spread evenly; those of before go on first, so that each has its events in order.
        due.entry(number).or_default().extend((number * cases / count..(number + 1) * cases / count).map(|case| (case, 0)));
        let today = due.remove(&number).unwrap_or_default();
        for &(case, step) in &today {
            if let Some(after) = days_to_next(case, step) {
                due.entry(number + after).or_default().push((case, step + 1));
            }
        }
        (0u64..).zip(today).map(move |(nth, (case, step))| post(event(case, step, day), day, UNITS + nth)).collect::<Vec<_>>()
    });
    registry.chain(working)
}

/// Monday to Friday: what is measured is how many days there are, and no holiday.
fn is_working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// Working days from one event of a case to the next; none after the last.
fn days_to_next(case: u64, step: u64) -> Option<u64> {
    let mut random = SplitMix::new(case * CASE_EVENTS + step);
    match step {
        0 => Some(1 + random.below(3)),
        1 if case % 200 == 7 => None,
        1 if case % 20 == 3 => Some(11 + random.below(15)),
        1 => Some(1 + random.below(9)),
        2 => Some(1),
        3 => Some(1 + random.below(4)),
        _ => None,
    }
}

fn post(event: v1::Event, day: Date, nth: u64) -> Post {
    // A day of 100,000 posts is still one day.
    let at = instant(day.at(9, 0, 0, 0)) + SignedDuration::from_millis(i64::try_from(nth.min(100_000) * 250).unwrap_or(0));
    Post { events: vec![event], simulated_recorded_at: at, mode: PostMode::Strict, repeat_of_earlier: false }
}

fn unit(number: u64) -> String {
    format!("11370306YEAR{number:05}X")
}

fn item_code(unit: u64) -> String {
    format!("years-{unit:02}")
}

fn item(number: u64, from: Date) -> v1::Event {
    let limit = |n| Some(v1::Limit { n, unit: v1::LimitUnit::WorkingDay.into() });
    let fact = v1::ItemVersionPublished {
        version: "1".to_owned(),
        name: format!("item {number}"),
        item_type: v1::ItemType::Permit.into(),
        lead_usci: unit(number),
        promised_limit: limit(10),
        statutory_limit: limit(20),
        visit_limit: Some(1),
        in_force_from: from.to_string(),
        ..v1::ItemVersionPublished::default()
    };
    let subject = v1::Subject { kind: kind::ITEM.to_owned(), system: "catalogue".to_owned(), id: item_code(number) };
    stated(subject, u64::MAX - number, instant(from.at(8, 0, 0, 0)), number, Fact::ItemVersionPublished(fact))
}

fn event(case: u64, step: u64, day: Date) -> v1::Event {
    let fact = match step {
        0 => Fact::CaseReceived(v1::CaseReceived {
            applicant: Some(v1::Applicant {
                r#ref: format!("applicant-{case:010}"),
                kind: v1::ApplicantKind::NaturalPerson.into(),
                usci: String::new(),
            }),
            channel: v1::Channel::Online.into(),
            item_code: item_code(case % UNITS),
            ..v1::CaseReceived::default()
        }),
        1 => Fact::CaseAccepted(v1::CaseAccepted { mode: v1::AcceptanceMode::Normal.into(), promised_due: String::new() }),
        2 => Fact::CaseDecided(v1::CaseDecided {
            result: DecisionResult::Pass.into(),
            doc_no: format!("doc-{case:010}"),
            ..v1::CaseDecided::default()
        }),
        3 => Fact::CaseCompleted(v1::CaseCompleted {}),
        _ => Fact::ResultIssued(v1::ResultIssued { cert_no: format!("certificate-{case:010}") }),
    };
    let subject = v1::Subject { kind: kind::CASE.to_owned(), system: "bench".to_owned(), id: format!("years-{case:010}") };
    stated(subject, case * CASE_EVENTS + step, instant(day.at(8, 0, 0, 0)), case % UNITS, fact)
}

fn stated(subject: v1::Subject, number: u64, at: Timestamp, unit: u64, fact: Fact) -> v1::Event {
    v1::Event {
        event_id: Uuid::from_u128(u128::from(number) + 1).to_string(),
        subject: Some(subject),
        occurred_at: Some(at.into()),
        source: Some(v1::Source {
            system: "bench".to_owned(),
            unit_usci: self::unit(unit),
            staff_id: format!("s-{}", number % 40),
            window_id: String::new(),
        }),
        fact: Some(fact),
        ..v1::Event::default()
    }
}
