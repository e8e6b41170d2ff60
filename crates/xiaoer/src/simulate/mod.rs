//! A synthetic district, lived through simulated time: units, items, staff, and cases with all their life.
//!
//! Promises: the same seed gives the same posts in every release; every post in strict mode is accepted by the gate; recorded
//! times never fall. No personal data: applicants are opaque references.
//! Leaves to others: sending. The posts of a whole district are held in memory, so a district has at most [`CASES_MAX`] cases.

mod cases;
mod contacts;
mod load;
mod registry;

pub use load::bench_case;

use crate::splitmix::SplitMix;
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use uuid::Uuid;
use xiaoer_domain::calendar::Calendar;
use xiaoer_wire::{
    parse, seeds,
    v1::{self, PostMode, event::Fact},
};

/// Most cases of a district.
pub const CASES_MAX: u32 = 50_000;
/// Namespace of the ids of simulated events; drawn once, never changed.
const NAMESPACE: Uuid = uuid::uuid!("7c9e2f60-51d8-4b7a-a3c4-90e1d2b6f815");

/// What to simulate.
#[derive(Debug, Clone)]
pub struct District {
    /// Name of the log it is posted to; the district's rules stand on it.
    pub log: String,
    /// The same seed gives the same district.
    pub seed: u64,
    /// Number of cases, at most [`CASES_MAX`].
    pub cases: u32,
    /// First day.
    pub from: Date,
    /// Months the receipts are spread over.
    pub months: u32,
}

/// A post, at its time.
#[derive(Debug, Clone)]
pub struct Post {
    /// One event.
    pub events: Vec<v1::Event>,
    /// When it is recorded.
    pub simulated_recorded_at: Timestamp,
    /// Strict, or record for a system with a history of its own.
    pub mode: PostMode,
}

/// Everything the district posts, in the order it is recorded.
pub fn posts(district: &District) -> impl Iterator<Item = Post> + use<> {
    let mut scene = Scene::new(district.clone());
    registry::play(&mut scene);
    for number in 0..district.cases.min(CASES_MAX) {
        cases::play(&mut scene, number);
    }
    contacts::play(&mut scene);
    let mut posts = scene.posts;
    // Stable: what is recorded at one time stays in the order it was made.
    posts.sort_by_key(|post| post.simulated_recorded_at);
    posts.into_iter()
}

/// Where the parts of the district play.
struct Scene {
    district: District,
    log: String,
    calendar: Calendar,
    zone: TimeZone,
    posts: Vec<Post>,
    made: u64,
}

/// Who acts.
#[derive(Clone, Copy)]
struct By<'a> {
    system: &'a str,
    unit: &'a str,
    staff: &'a str,
    window: &'a str,
}

impl Scene {
    fn new(district: District) -> Self {
        let mut calendar = Calendar::new();
        let zone = TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
        let Some(log) = xiaoer_domain::LogName::new("seed") else { unreachable!("a log's name") };
        for event in seeds::calendar_events(&log, Timestamp::UNIX_EPOCH) {
            if let Ok(xiaoer_domain::Fact::CalendarPublished(year)) = parse::event(&event, &zone).map(|event| event.fact) {
                calendar.publish(&year);
            }
        }
        Self { log: district.log.clone(), district, calendar, zone, posts: Vec::new(), made: 0 }
    }

    /// Numbers of a part of the work.
    fn numbers(&self, part: u64) -> SplitMix {
        SplitMix::part(self.district.seed, part)
    }

    /// The n-th working day after one; the day itself for 0.
    fn after(&self, day: Date, wd: u64) -> Date {
        self.calendar.nth(day, u32::try_from(wd).unwrap_or(u32::MAX))
    }

    fn instant(&self, at: DateTime) -> Timestamp {
        at.to_zoned_datetime(self.zone.clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
    }

    /// Posts a fact on the minute it happened.
    fn post(&mut self, subject: (&str, &str, &str), by: By<'_>, at: DateTime, fact: Fact) -> v1::EventRef {
        self.post_late(subject, by, at, at, fact)
    }

    /// Posts a fact that is recorded later than it happened.
    fn post_late(&mut self, subject: (&str, &str, &str), by: By<'_>, at: DateTime, recorded: DateTime, fact: Fact) -> v1::EventRef {
        self.made += 1;
        let name = format!("{}/{}", self.district.seed, self.made);
        let (kind, system, id) = subject;
        let event = v1::Event {
            event_id: Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string(),
            subject: Some(v1::Subject { kind: kind.into(), system: system.into(), id: id.into() }),
            occurred_at: Some(self.instant(at).into()),
            source: Some(v1::Source {
                system: by.system.into(),
                unit_usci: by.unit.into(),
                staff_id: by.staff.into(),
                window_id: by.window.into(),
            }),
            fact: Some(fact),
            ..v1::Event::default()
        };
        let reference = v1::EventRef { system: by.system.into(), event_id: event.event_id.clone() };
        let simulated_recorded_at = self.instant(recorded);
        self.posts.push(Post { events: vec![event], simulated_recorded_at, mode: PostMode::Strict });
        reference
    }

    /// Sends the last post again, as a sender does that missed the answer.
    fn repeat(&mut self) {
        if let Some(post) = self.posts.last().cloned() {
            self.posts.push(post);
        }
    }
}

#[cfg(test)]
mod tests;
