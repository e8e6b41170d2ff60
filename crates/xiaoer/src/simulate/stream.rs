//! One thing's events as they happen and are posted.
//!
//! Promises: the events of a stream happen one after the other and are posted in that order, so that what a fact rests on is
//! always recorded before it; a late post holds back those after it. The same thing of the same seed has the same events.

use super::{Post, random::Random, units::By, world::World, world::instant};
use jiff::civil::{Date, DateTime, time};
use jiff::{SignedDuration, Span, Timestamp};
use uuid::Uuid;
use xiaoer_wire::v1::{self, PostMode, event::Fact};

/// Of a thousand posts, how many are sent again later, as after an answer that was lost.
const REPEATED: u32 = 5;
/// Of a thousand posts, how many are late by days.
const LATE: u32 = 12;

/// A stream on its way.
#[derive(Debug)]
pub(super) struct Stream<'w> {
    pub(super) world: &'w World,
    pub(super) random: Random,
    /// Local time of what happens next.
    pub(super) now: DateTime,
    pub(super) mode: PostMode,
    /// Of a thousand posts, how many are late by days.
    late: u32,
    subject: v1::Subject,
    recorded: Timestamp,
    made: u64,
    posts: Vec<Post>,
}

impl<'w> Stream<'w> {
    pub(super) fn new(world: &'w World, random: Random, subject: v1::Subject, now: DateTime) -> Self {
        Self {
            world,
            random,
            now,
            mode: PostMode::Strict,
            late: LATE,
            subject,
            recorded: Timestamp::MIN,
            made: 0,
            posts: Vec::new(),
        }
    }

    /// What others rest on is recorded before them.
    pub(super) fn never_late(self) -> Self {
        Self { late: 0, ..self }
    }

    /// Several begin on one thing: each numbers its events from a place of its own.
    pub(super) fn number_from(&mut self, number: u64) {
        self.made = number << 8;
    }

    /// The thing.
    pub(super) fn subject(&self) -> &v1::Subject {
        &self.subject
    }

    /// Something happens now and is posted.
    pub(super) fn say(&mut self, by: By, fact: Fact) -> v1::EventRef {
        let event = self.event(by, fact);
        let source = event.source.clone().unwrap_or_default();
        let event_ref = v1::EventRef { system: source.system, event_id: event.event_id.clone() };
        self.post(vec![event]);
        event_ref
    }

    /// Some things happen within seconds and are posted as one list.
    pub(super) fn say_all(&mut self, by: By, facts: impl IntoIterator<Item = Fact>) {
        let mut events = Vec::new();
        for fact in facts {
            events.push(self.event(by, fact));
            self.now = self.now.saturating_add(Span::new().seconds(1));
        }
        self.post(events);
    }

    /// The last event bears a document's date that is a day before it was entered.
    pub(super) fn dated_the_day_before(&mut self) {
        self.dated(self.now.date().yesterday().unwrap_or(self.now.date()));
    }

    /// The last event bears this date of a document.
    pub(super) fn dated(&mut self, day: Date) {
        // A repeat says the same.
        let Some(id) = self.posts.last().and_then(|post| post.events.first()).map(|event| event.event_id.clone()) else { return };
        let events = self.posts.iter_mut().rev().take(2).flat_map(|post| &mut post.events);
        for event in events.filter(|event| event.event_id == id) {
            event.legal_date = Some(day.to_string());
        }
    }

    /// Working days go by; with none, some time of the same day, or of the next working day where it is over or off.
    pub(super) fn days(&mut self, wd: u32) {
        let calendar = &self.world.calendar;
        let today = self.now.date();
        let over = self.now.time() > time(16, 20, 0, 0) || !calendar.is_working(today);
        if wd == 0 && !over {
            return self.minutes(6, 40);
        }
        let morning = self.random.chance(550);
        let minute =
            if morning { self.random.between(9 * 60, 11 * 60 + 40) } else { self.random.between(13 * 60 + 30, 16 * 60 + 50) };
        let day = calendar.nth(today, wd.max(1));
        let time = Span::new().minutes(minute).seconds(self.random.below(60));
        self.now = day.to_datetime(jiff::civil::Time::midnight()).saturating_add(time);
    }

    /// Minutes go by, the whole day round.
    pub(super) fn minutes(&mut self, least: u32, most: u32) {
        let span = Span::new().minutes(self.random.between(least, most)).seconds(self.random.below(60));
        self.now = self.now.saturating_add(span);
    }

    /// A commitment to a text that nobody wrote.
    pub(super) fn commitment(&mut self) -> Vec<u8> {
        (0..32).map(|_| u8::try_from(self.random.below(256)).unwrap_or(0)).collect()
    }

    /// Working days since a day.
    pub(super) fn days_since(&self, day: Date) -> u32 {
        self.world.calendar.working_days(day, self.now.date())
    }

    pub(super) fn into_posts(self) -> Vec<Post> {
        self.posts
    }

    fn event(&mut self, by: By, fact: Fact) -> v1::Event {
        self.made += 1;
        let mut source = by.source(&mut self.random);
        if self.mode == PostMode::Record {
            "legacy".clone_into(&mut source.system);
        }
        v1::Event {
            event_id: event_id(self.world.seed, &self.subject, self.made),
            subject: Some(self.subject.clone()),
            occurred_at: Some(instant(self.now).into()),
            source: Some(source),
            fact: Some(fact),
            ..v1::Event::default()
        }
    }

    fn post(&mut self, events: Vec<v1::Event>) {
        let delay_s = self.random.between(1, 45);
        let mut at = plus(instant(self.now), delay_s);
        if self.random.chance(self.late) {
            let day = self.world.calendar.nth(self.now.date(), self.random.between(2, 9));
            at = plus(instant(day.at(16, 0, 0, 0)), delay_s);
        }
        // A sender's queue keeps its order.
        self.recorded = at.max(self.recorded);
        let post = Post { events, simulated_recorded_at: self.recorded, mode: self.mode, repeat_of_earlier: false };
        if self.random.chance(REPEATED) {
            let again = plus(self.recorded, self.random.between(30, 9_000));
            self.posts.push(post.clone());
            self.posts.push(Post { simulated_recorded_at: again, repeat_of_earlier: true, ..post });
        } else {
            self.posts.push(post);
        }
    }
}

fn plus(at: Timestamp, seconds: u32) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// The same for the same event of the same district.
fn event_id(seed: u64, subject: &v1::Subject, number: u64) -> String {
    /// UUIDv5 of the name `simulate.xiaoer` in the DNS namespace.
    const NAMESPACE: Uuid = Uuid::from_u128(0xaaa9_590b_6f5e_57b3_925d_c649_56dc_19ab);
    Uuid::new_v5(&NAMESPACE, format!("{seed}/{}/{}/{}/{number}", subject.kind, subject.system, subject.id).as_bytes()).to_string()
}
