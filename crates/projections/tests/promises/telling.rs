//! How what happened gets into a log: in the order of recording, some of it late, some of it taken back.

use crate::story::{Happening, Story};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::{Value, json};
use uuid::Uuid;
use xiaoer_domain::Subject;
use xiaoer_wire::v1;

/// The log of these tests.
pub const LOG: &str = "370306-test";
/// The system that sends everything.
const SYSTEM: &str = "hall";

/// A post.
#[derive(Debug, Clone)]
pub struct Posted {
    pub event: v1::Event,
    pub recorded_at: Timestamp,
}

/// Splitmix64: the same numbers for a seed in every release.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n.max(1)
    }

    pub fn days(&mut self, n: u64) -> i64 {
        i64::try_from(self.below(n)).unwrap()
    }

    /// Of a hundred times, how often.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// The posts of a story, in the order of recording.
pub fn posts(seed: u64, cases: u64) -> Vec<Posted> {
    let mut random = Random::new(seed ^ 0x7e11);
    let mut told: Vec<(Timestamp, Happening)> =
        Story::tell(seed, cases).into_iter().map(|it| (recorded_at(&mut random, &it), it)).collect();
    told.sort_by_key(|(at, _)| *at);
    let mut posts: Vec<Posted> = Vec::new();
    for (at, happening) in told {
        let Happening { subject, fact: (name, fact), .. } = &happening;
        let legal = random.chance(8).then(|| happening.day() - jiff::Span::new().days(random.days(4)));
        add(&mut posts, at, subject, happening.at(), legal, name, fact);
        if random.chance(4) {
            take_back(&mut random, &mut posts, at, &happening);
        }
    }
    posts
}

/// Most things are recorded as they happen; one in six is late, by up to three weeks.
fn recorded_at(random: &mut Random, happening: &Happening) -> Timestamp {
    let late = if happening.never_late || !random.chance(16) { 0 } else { random.days(21 * 24) };
    happening.at() + SignedDuration::from_hours(late) + SignedDuration::from_secs(random.days(50))
}

/// Voids or replaces an event of the same stream, this one or an earlier one; sometimes the void itself is voided then.
fn take_back(random: &mut Random, posts: &mut Vec<Posted>, at: Timestamp, happening: &Happening) {
    let subject = &happening.subject;
    let stream = v1::Subject { kind: subject.kind.to_string(), system: subject.system.to_string(), id: subject.id.to_string() };
    let of_stream: Vec<String> =
        posts.iter().filter(|p| p.event.subject.as_ref() == Some(&stream)).map(|p| p.event.event_id.clone()).collect();
    let target = json!({ "system": SYSTEM, "eventId": random.pick(&of_stream) });
    if random.chance(50) {
        let by = json!({ "system": SYSTEM, "eventId": event_id(posts.len() as u64 + 3) });
        add(posts, at, subject, at, None, "eventReplaced", &json!({ "target": target, "byEvent": by, "reason": "wrong" }));
        let (name, fact) = &happening.fact;
        add(posts, at, subject, happening.at() + SignedDuration::from_hours(26), None, name, fact);
        return;
    }
    add(posts, at, subject, at, None, "eventVoided", &json!({ "target": target, "reason": "wrong" }));
    if random.chance(25) {
        let void = json!({ "system": SYSTEM, "eventId": posts[posts.len() - 1].event.event_id });
        add(posts, at, subject, at, None, "eventVoided", &json!({ "target": void, "reason": "it was right" }));
    }
}

/// Adds a post; its id is its position, for the genesis stands at 1.
fn add(
    posts: &mut Vec<Posted>,
    recorded_at: Timestamp,
    subject: &Subject,
    at: Timestamp,
    legal: Option<Date>,
    name: &str,
    fact: &Value,
) {
    let event = fact_event(posts.len() as u64 + 2, subject, at, legal, name, fact);
    posts.push(Posted { event, recorded_at });
}

fn event_id(number: u64) -> String {
    Uuid::from_u128(u128::from(number)).to_string()
}

/// An event from the proto3 JSON of its fact.
pub fn fact_event(number: u64, subject: &Subject, at: Timestamp, legal: Option<Date>, name: &str, fact: &Value) -> v1::Event {
    let mut event = json!({
        "eventId": event_id(number),
        "subject": { "kind": subject.kind, "system": subject.system, "id": subject.id },
        "occurredAt": at.to_string(),
        "source": { "system": SYSTEM, "unitUsci": "11370306XXXX00019K", "staffId": format!("w-{}", number % 3), "windowId": "A1" },
    });
    event[name] = fact.clone();
    if let Some(day) = legal {
        event["legalDate"] = json!(day.to_string());
    }
    serde_json::from_value(event).unwrap()
}

/// A post of one fact, for tests that tell every event themselves; the number is its id.
pub fn post(number: u64, kind: &str, id: &str, at: &str, name: &str, fact: &Value) -> Posted {
    let at: Timestamp = format!("{at}+08:00").parse().unwrap();
    let system = if kind == "log" { "xiaoer" } else { "hall" };
    Posted { event: fact_event(number, &Subject::new(kind, system, id), at, None, name, fact), recorded_at: at }
}
