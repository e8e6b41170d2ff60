//! The district against the gate: every post in strict mode is accepted, in the order it is recorded.

use super::{District, posts};
use jiff::civil::date;
use std::collections::{BTreeMap, HashSet};
use xiaoer_domain::{
    Recorded, Subject,
    decide::{PostMode, decide},
    history::History,
    knowledge::Knowledge,
};
use xiaoer_wire::{parse, seeds};

#[test]
fn every_post_is_accepted_in_the_order_it_is_recorded() {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let district = District { log: "d".into(), seed: 7, cases: 400, from: date(2026, 1, 5), months: 6 };
    let mut knowledge = Knowledge::new(zone.clone(), true);
    let mut histories: BTreeMap<Subject, History> = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut last = jiff::Timestamp::MIN;
    let log = xiaoer_domain::LogName::new("d").unwrap();
    let seeds = seeds::calendar_events(&log, jiff::Timestamp::UNIX_EPOCH).into_iter().map(|event| (event, jiff::Timestamp::UNIX_EPOCH));
    let all = posts(&district).map(|mut post| (post.events.remove(0), post.simulated_recorded_at));
    let mut kinds = HashSet::new();
    for (position, (event, recorded_at)) in (1..).zip(seeds.chain(all)) {
        assert!(recorded_at >= last, "recorded time falls at {position}");
        last = recorded_at;
        let event = parse::event(&event, &zone).unwrap();
        if !seen.insert(event.identity.clone()) {
            continue;
        }
        kinds.insert(event.fact.name());
        let history = histories.entry(event.subject.clone()).or_insert_with(|| History::new(event.subject.clone()));
        if let Err(refusal) = decide(history, &knowledge, &event, PostMode::Strict, recorded_at) {
            panic!("{refusal}: {event:?}");
        }
        let recorded = Recorded { position, revision: 1, recorded_at, record_mode: false, event };
        knowledge.apply(&recorded);
        history.insert(recorded);
    }
    assert!(kinds.len() > 30, "a district is lived through: {kinds:?}");
}

#[test]
fn the_same_seed_gives_the_same_district() {
    let district = |seed| District { log: "d".into(), seed, cases: 50, from: date(2026, 1, 5), months: 2 };
    let events = |seed| posts(&district(seed)).map(|post| post.events).collect::<Vec<_>>();
    assert_eq!(events(3), events(3));
    assert_ne!(events(3), events(4));
}

#[test]
fn a_bench_case_is_ten_events_of_about_500_bytes() {
    let events = super::bench_case(1_790_000_000_000_000, 12);
    let sizes: Vec<usize> = events.iter().map(|event| parse::body(event).unwrap().len()).collect();
    assert_eq!(sizes.len(), 10);
    assert!(sizes.iter().all(|size| (350..700).contains(size)), "{sizes:?}");
    let ids: Vec<&str> = events.iter().map(|event| event.event_id.as_str()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
}
