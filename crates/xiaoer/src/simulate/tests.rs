//! A district is posted to the rules themselves: every strict post must pass the gate, in the order of recording.

use super::*;
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::collections::{HashMap, HashSet};
use xiaoer_domain::decide::{PostMode as Mode, decide};
use xiaoer_domain::event::FACT_NAMES;
use xiaoer_domain::history::History;
use xiaoer_domain::knowledge::Knowledge;
use xiaoer_domain::{Event, LogName, Recorded, Refusal, Subject};
use xiaoer_wire::{parse, seeds, v1::PostMode};

fn district(seed: u64, cases: u32) -> District {
    District { log: "370306-demo".to_owned(), seed, cases, from: date(2026, 1, 5), months: 6 }
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// A log without a database: what the gate needs of it.
struct Gate {
    knowledge: Knowledge,
    histories: HashMap<Subject, History>,
    flags: HashSet<&'static str>,
    position: u64,
}

impl Gate {
    fn open(log: &str, at: Timestamp) -> Self {
        let mut gate =
            Self { knowledge: Knowledge::new(shanghai(), true), histories: HashMap::new(), flags: HashSet::new(), position: 0 };
        for event in seeds::calendar_events(&LogName::new(log).unwrap(), at) {
            gate.post(&event, Mode::Strict, at).unwrap();
        }
        gate
    }

    fn post(&mut self, event: &v1::Event, mode: Mode, recorded_at: Timestamp) -> Result<(), Refusal> {
        let event: Event = parse::event(event, &self.knowledge.zone)?;
        let history = self.histories.entry(event.subject.clone()).or_insert_with_key(|subject| History::new(subject.clone()));
        let flags = decide(history, &self.knowledge, &event, mode, recorded_at)?;
        self.flags.extend(flags.iter().map(|flag| flag.code()));
        self.position += 1;
        let revision = history.len() as u64 + 1;
        let recorded =
            Recorded { position: self.position, revision, recorded_at, record_mode: mode == Mode::Record, event: event.into() };
        history.insert(recorded.clone());
        self.knowledge.apply(&recorded);
        Ok(())
    }
}

#[test]
fn the_gate_takes_every_post() {
    let district = district(1, 4_000);
    let mut gate = Gate::open(&district.log, instant(district.from.at(0, 0, 0, 0)));
    let mut seen: HashMap<String, v1::Event> = HashMap::new();
    let mut last = Timestamp::MIN;
    let mut repeats = 0;
    for post in posts(&district) {
        assert!(post.simulated_recorded_at >= last, "recorded times never go back");
        last = post.simulated_recorded_at;
        for event in post.events {
            let key = format!("{}/{}", event.source.as_ref().unwrap().system, event.event_id);
            if post.repeat_of_earlier {
                assert_eq!(seen.get(&key), Some(&event), "a repeat equals what it repeats");
                repeats += 1;
                continue;
            }
            let mode = if post.mode == PostMode::Record { Mode::Record } else { Mode::Strict };
            if let Err(refusal) = gate.post(&event, mode, last) {
                panic!("{refusal:?}: {}", serde_json::to_string(&event).unwrap());
            }
            assert_eq!(seen.insert(key, event), None, "an id of its own");
        }
    }
    assert!(repeats > 50, "{repeats} repeats");
    for flag in ["irregular", "late_posted", "promised_due_differs"] {
        assert!(gate.flags.contains(flag), "{flag} in {:?}", gate.flags);
    }
    let mut gate = Gate::open("370306-demo-sealed", instant(district.from.at(0, 0, 0, 0)));
    let mut last = Timestamp::MIN;
    for post in sealed_posts(&district).into_iter().filter(|post| !post.repeat_of_earlier) {
        assert!(post.simulated_recorded_at >= last, "recorded times never go back");
        last = post.simulated_recorded_at;
        for event in post.events {
            gate.post(&event, Mode::Strict, last).unwrap_or_else(|refusal| panic!("{refusal:?}: {event:?}"));
            seen.insert(event.event_id.clone(), event);
        }
    }
    assert!(gate.flags.contains("early_transfer"), "{:?}", gate.flags);
    check_variety(&seen);
}

/// Every fact of the contract happens but what only the server posts and what nobody does here.
fn check_variety(seen: &HashMap<String, v1::Event>) {
    let zone = shanghai();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for event in seen.values() {
        *counts.entry(parse::event(event, &zone).unwrap().fact.name()).or_default() += 1;
    }
    let absent = ["LogOpened", "LogRecovered", "CalendarPublished", "CaseNoteRecorded", "ItemWithdrawn"];
    let own = ["LegalHoldPlaced", "LegalHoldLifted", "PersonErased", "VaultEpochDestroyed", "AccessRecorded"];
    for name in FACT_NAMES.iter().filter(|name| !absent.contains(name) && !own.contains(name)) {
        assert!(counts.contains_key(name), "{name} never happens");
    }
    assert!((3_900..=4_000).contains(&counts["CaseReceived"]), "{} cases", counts["CaseReceived"]);
    assert!(counts["CaseCompleted"] * 100 > counts["CaseDecided"] * 97, "decided cases are completed: {counts:?}");
    let per_case = seen.len() / 4_000;
    assert!((8..=20).contains(&per_case), "{per_case} events a case");
}

#[test]
fn people_work_on_working_days() {
    let world = World::new(&district(2, 1));
    for event in posts(&district(2, 1_500)).flat_map(|post| post.events) {
        let local = parse::event(&event, &shanghai()).unwrap();
        let day = shanghai().to_datetime(local.occurred_at).date();
        let system = &*local.identity.system;
        let works = world.calendar.is_working(day) || local.staff.is_empty() || day == world.from;
        assert!(works, "{system} on {day}: {event:?}");
    }
}

#[test]
fn a_seed_gives_the_same_district() {
    let ids =
        |seed| -> Vec<String> { posts(&district(seed, 200)).flat_map(|post| post.events).map(|event| event.event_id).collect() };
    assert_eq!(ids(3), ids(3));
    let (three, four): (HashSet<_>, HashSet<_>) = (ids(3).into_iter().collect(), ids(4).into_iter().collect());
    assert!(three.is_disjoint(&four), "another seed, other ids");
}

#[test]
fn memory_holds_what_is_open() {
    let mut posts = posts(&district(5, 5_000));
    let (mut most, mut count) = (0, 0);
    while posts.next().is_some() {
        count += 1;
        most = most.max(posts.waiting.len());
    }
    assert!(count > 30_000, "{count} posts");
    assert!(most * 4 < count, "at most {most} of {count} wait");
}

#[test]
fn a_period_without_days_or_cases() {
    assert_eq!(posts(&District { months: 0, ..district(1, 10) }).count(), 0);
    let facts = |district: &District| {
        posts(district).flat_map(|post| post.events).filter(|event| event.subject.as_ref().unwrap().kind == "case").count()
    };
    assert_eq!(facts(&district(1, 0)), 0);
    assert!(facts(&District { from: date(2031, 1, 1), ..district(1, 10) }) > 20, "years without a calendar");
}

#[test]
fn bench_cases_pass_the_gate() {
    let run = 1_790_000_000_000_000;
    let now = Timestamp::from_microsecond(run).unwrap();
    let mut gate = Gate::open("bench", now);
    let mut ids = Vec::new();
    let mut bytes = 0;
    for case in 0..300 {
        let events: Vec<_> = bench_case(run as u64, case).collect();
        assert_eq!(events.len(), BENCH_CASE_EVENTS);
        for event in events {
            gate.post(&event, Mode::Strict, now).unwrap();
            bytes += parse::body(&event).unwrap().len();
            ids.push(event.event_id);
        }
    }
    assert!(ids.is_sorted(), "ids ascend");
    assert!(ids.iter().all(|id| id.parse::<uuid::Uuid>().unwrap().get_version_num() == 7));
    ids.extend((0..300).flat_map(|case| bench_case(run as u64 + 1, case)).map(|event| event.event_id));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 6_000, "unique over runs and cases");
    let mean = bytes / 3_000;
    assert!((450..=550).contains(&mean), "{mean} bytes an event");
}
