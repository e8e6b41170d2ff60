//! What the rules make of a history that no gate in strict mode would let stand: events that are of good form and of no sense.

use super::{
    contract::{ZONE, refused},
    seeds,
};
use jiff::{Timestamp, civil::Date};
use prost::Message;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use xiaoer::simulate::{District, Posts, posts};
use xiaoer_domain::{
    Code, Event, Recorded, Refusal, Subject,
    case::{Which, case_on, explain, explain_part},
    contact::contact_on,
    decide::{PostMode, decide},
    flag::Flag,
    history::History,
    ids::kind,
    knowledge::Knowledge,
    metric::{diag_standings, seen},
    project::project_on,
    refusal::Class,
};
use xiaoer_wire::{parse, seeds::calendar_events, v1};

/// Most events of one input.
const EVENTS_MAX: usize = 40;
/// Most things of one input that are looked at.
const THINGS_MAX: usize = 8;
/// When everything is recorded: the last day that the seeded calendars know of.
static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-12-31T04:00:00Z".parse().expect("a time"));

/// A district: what is known of its registry, and the events of each of its things.
struct Lived {
    knowledge: Knowledge,
    things: Vec<Vec<v1::Event>>,
}

static LIVED: LazyLock<Lived> = LazyLock::new(|| {
    let mut knowledge = Knowledge::new(ZONE.clone(), true);
    let mut things: BTreeMap<(String, String), Vec<v1::Event>> = BTreeMap::new();
    let lived = district().flat_map(|post| post.events);
    let mut position = 0;
    for event in calendar_events(&seeds::log(), Timestamp::UNIX_EPOCH).into_iter().chain(lived) {
        position += 1;
        let parsed = parse::event(&event, &ZONE).expect("an event of the district");
        if parsed.subject.is_registry() {
            knowledge.apply(&recorded(parsed, position));
        } else {
            things.entry((parsed.subject.kind.to_string(), parsed.subject.id.to_string())).or_default().push(event);
        }
    }
    Lived { knowledge, things: things.into_values().collect() }
});

/// What is posted in a small synthetic district.
pub(super) fn district() -> Posts {
    let from = "2026-01-05".parse().expect("a date");
    posts(&District { log: seeds::log().to_string(), seed: 7, cases: 120, from, months: 5 })
}

fn recorded(event: Event, position: u64) -> Recorded {
    Recorded { position, revision: position, recorded_at: *NOW, record_mode: true, event: event.into() }
}

/// The events of some things of the district, a request for each; of each kind of thing those with the longest history.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut by_kind: BTreeMap<&str, Vec<&Vec<v1::Event>>> = BTreeMap::new();
    for events in &LIVED.things {
        let kind = events[0].subject.as_ref().map_or("", |subject| &subject.kind);
        by_kind.entry(kind).or_default().push(events);
    }
    let mut seeds = Vec::new();
    for (_, mut things) in by_kind {
        things.sort_by_key(|events| std::cmp::Reverse(events.len()));
        for events in things.into_iter().take(12) {
            seeds.push(v1::PostRequest { events: events.clone(), ..v1::PostRequest::default() }.encode_to_vec());
        }
    }
    // Facts that the district does not know of.
    seeds.extend(seeds::requests());
    seeds
}

/// A case of the district.
pub(super) fn a_case() -> v1::Subject {
    let subjects = LIVED.things.iter().filter_map(|events| events.first()?.subject.clone());
    subjects.into_iter().find(|subject| subject.kind == kind::CASE).expect("a case")
}

/// Events are posted in record mode one after the other, and everything there is to say is said of the things they stand on. What
/// strict mode accepts record mode accepts; a refusal has a code that is no mistake of ours; in the reverse order of posting the
/// same things stand where they stood.
pub(super) fn history(bytes: &[u8]) -> String {
    let Ok(request) = v1::PostRequest::decode(bytes) else { return "no message".into() };
    let mut world = World::new();
    let (mut before, mut last) = (String::new(), "nothing posted".to_owned());
    for event in request.events.iter().take(EVENTS_MAX) {
        match parse::event(event, &ZONE) {
            Err(refusal) => refused(&refusal),
            Ok(event) => before = std::mem::replace(&mut last, world.post(event)),
        }
    }
    world.look();
    format!("{before}, {last}")
}

struct World {
    knowledge: Knowledge,
    histories: BTreeMap<Subject, History>,
    days: BTreeSet<Date>,
    position: u64,
}

impl World {
    fn new() -> Self {
        Self { knowledge: LIVED.knowledge.clone(), histories: BTreeMap::new(), days: BTreeSet::new(), position: 1_000_000 }
    }

    /// Decides and takes in; gives what came of it.
    fn post(&mut self, event: Event) -> String {
        let none = History::new(event.subject.clone());
        let history = self.histories.get(&event.subject).unwrap_or(&none);
        let by = |mode| decide(history, &self.knowledge, &event, mode, *NOW);
        let (strict, record) = (by(PostMode::Strict), by(PostMode::Record));
        if let Ok(flags) = &strict {
            assert!(!flags.contains(&Flag::Irregular), "{event:?}");
            assert_eq!(record.as_ref(), Ok(flags), "{event:?}");
        }
        let outcome = match (&strict, record) {
            (_, Err(refusal)) => return said(&refusal),
            (Err(refusal), Ok(_)) => format!("irregular: {}", said(refusal)),
            (Ok(_), Ok(_)) => event.fact.name().to_owned(),
        };
        self.position += 1;
        self.days.insert(event.day);
        let recorded = recorded(event, self.position);
        self.knowledge.apply(&recorded);
        let event = &recorded.event;
        for subject in std::iter::once(&event.subject).chain(event.fact.reaches()) {
            self.histories.entry(subject.clone()).or_insert_with(|| History::new(subject.clone())).insert(recorded.clone());
        }
        outcome
    }

    /// Says all there is to say of the first things.
    fn look(&self) {
        for history in self.histories.values().take(THINGS_MAX) {
            let stands = format!("{:?}", seen(history, &self.knowledge));
            let mut again = History::new(history.subject().clone());
            history.entries().iter().rev().for_each(|entry| again.insert(entry.recorded.clone()));
            assert_eq!(format!("{:?}", seen(&again, &self.knowledge)), stands, "the order of posting changed where it stands");
            for standing in seen(history, &self.knowledge).standings {
                assert!(standing.valid.from < standing.valid.until, "valid on no day: {standing:?}");
            }
            diag_standings(history, &self.knowledge);
            for &day in &self.days {
                [Some(day), day.yesterday().ok(), day.tomorrow().ok()]
                    .into_iter()
                    .flatten()
                    .for_each(|day| self.look_on(history, day));
            }
            [Date::MIN, Date::MAX].into_iter().for_each(|day| self.look_on(history, day));
        }
    }

    fn look_on(&self, history: &History, day: Date) {
        match &*history.subject().kind {
            kind::CASE => {
                let Some(case) = case_on(history, &self.knowledge, day) else { return };
                for which in Which::ALL {
                    explain(&case, which, &self.knowledge);
                }
                case.marks();
                explain_part(&case, history.subject(), &self.knowledge);
            }
            kind::CONTACT | kind::STAFF => drop(contact_on(history, &self.knowledge, day)),
            kind::SUBJECT => drop(project_on(history, day).state()),
            _ => {}
        }
    }
}

/// A code of the gate, which is never a mistake of ours.
fn said(refusal: &Refusal) -> String {
    assert!(!matches!(refusal.code, Code::Internal) && refusal.code.class() != Class::Corrupt, "{refusal}");
    refusal.code.as_str().to_owned()
}
