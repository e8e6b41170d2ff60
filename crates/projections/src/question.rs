//! A question: of which log, as known when, about which day and period, of whom.
//!
//! A question is settled before it is asked: the known time becomes a position, the day gets its default, and both are what the
//! answer carries. Two questions settled alike have the same answer for ever.

use crate::{Error, Projection};
use jiff::{Timestamp, civil::Date};
use std::time::Duration;
use xiaoer_domain::{Code, Refusal, metric::Metric};
use xiaoer_journal::Log;

/// How long a question waits for a projection to reach what it asks for.
const PATIENCE: Duration = Duration::from_secs(5);

/// As known when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KnownAt {
    /// With everything recorded so far.
    #[default]
    Now,
    /// With everything up to this position.
    Position(u64),
    /// With everything recorded up to this time.
    Time(Timestamp),
}

/// Only members with these dimensions; empty is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Where {
    /// 单位.
    pub unit: String,
    /// 事项.
    pub item: String,
    /// Work number.
    pub staff: String,
    /// 窗口.
    pub window: String,
    /// Channel.
    pub channel: String,
    /// Ground, breach, cause, type.
    pub kind: String,
}

impl Where {
    /// Names of the dimensions there are.
    pub const NAMES: [&'static str; 6] = ["unit", "item", "staff", "window", "channel", "kind"];

    /// Sets one by its name; says whether there is such a dimension.
    pub fn set(&mut self, name: &str, value: &str) -> bool {
        let place = match name {
            "unit" => &mut self.unit,
            "item" => &mut self.item,
            "staff" => &mut self.staff,
            "window" => &mut self.window,
            "channel" => &mut self.channel,
            "kind" => &mut self.kind,
            _ => return false,
        };
        value.clone_into(place);
        true
    }

    /// Its values, in the order of [`Where::NAMES`].
    pub(crate) fn values(&self) -> [&str; 6] {
        [&self.unit, &self.item, &self.staff, &self.window, &self.channel, &self.kind]
    }
}

/// What is known and about which day: a settled known time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Everything up to this position counts.
    pub position: u64,
    /// The known time: the one asked for, the position's, or the clock's.
    pub at: Timestamp,
    /// The last day that may be asked about: the one on which more was recorded, or the clock's.
    pub last_day: Date,
    /// The local date of the known time.
    pub day: Date,
}

/// A settled question of one log.
#[derive(Debug, Clone)]
pub struct Question {
    /// Of which metric.
    pub metric: Metric,
    /// What is known.
    pub known: Known,
    /// The day the question is about.
    pub valid_on: Date,
    /// First and last day of the period.
    pub period: (Date, Date),
    /// Of whom.
    pub of: Where,
}

impl Projection {
    /// Settles a known time, waiting for the projection to get there. `now` is the clock's.
    ///
    /// A projection that is behind answers as of where it stands, and says so; one that stopped answers only what was known before.
    pub async fn settle(&self, known_at: KnownAt, at_least: u64, now: Timestamp) -> Result<Known, Error> {
        let known = Known::on(self.log(), known_at, at_least, now).await?;
        let cursor = self.cursor();
        if !cursor.error.is_empty() {
            // Not even that where the log is no longer the one that was read.
            self.log().check(cursor.position, &cursor.leaf_hash).await?;
            return if known.position <= cursor.position { Ok(known) } else { Err(self.behind(known.position).into()) };
        }
        if self.reach(known.position, PATIENCE).await {
            return Ok(known);
        }
        let cursor = self.cursor();
        if known_at == KnownAt::Now && at_least <= cursor.position && cursor.error.is_empty() {
            return Known::at(self.log(), known_at, cursor.position, now).await;
        }
        Err(self.behind(known.position).into())
    }

    fn behind(&self, position: u64) -> Refusal {
        let cursor = self.cursor();
        let (code, why) = if cursor.error.is_empty() {
            (Code::ProjectionBehind, "still catching up".to_owned())
        } else {
            (Code::ProjectionStopped, cursor.error)
        };
        Refusal::new(code, format!("the projection reflects {}, asked for {position}: {why}", cursor.position))
    }
}

impl Known {
    /// Settles a known time on a log itself, for answers that need no projection. `now` is the clock's.
    pub async fn on(log: &Log, known_at: KnownAt, at_least: u64, now: Timestamp) -> Result<Self, Error> {
        let head = log.head().await?;
        let position = match known_at {
            KnownAt::Now => head.position,
            KnownAt::Position(position) if position <= head.position => position,
            KnownAt::Position(position) => {
                return Err(ahead("known_at", format!("the log stands at {}, not at {position}", head.position)).into());
            }
            KnownAt::Time(time) if time <= now.max(instant(head.recorded_at)) => log.position_at(time.as_microsecond()).await?,
            KnownAt::Time(time) => return Err(ahead("known_at", format!("{time} has not come")).into()),
        };
        if at_least > head.position {
            return Err(ahead("at_least", format!("the log stands at {}, not at {at_least}", head.position)).into());
        }
        Self::at(log, known_at, position, now).await
    }

    async fn at(log: &Log, known_at: KnownAt, position: u64, now: Timestamp) -> Result<Self, Error> {
        let zone = &log.genesis().zone;
        let date = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
        let recorded = |position| async move { Ok::<_, Error>(log.stamp(position).await?.map(|stamp| instant(stamp.recorded_at))) };
        // Until the next event was recorded, nothing more was known.
        let (here, next) = (recorded(position).await?, recorded(position + 1).await?);
        let now = now.max(here.unwrap_or(Timestamp::MIN));
        let at = match known_at {
            KnownAt::Time(time) => time,
            KnownAt::Now if next.is_none() => now,
            KnownAt::Now | KnownAt::Position(_) => here.unwrap_or(Timestamp::MIN),
        };
        Ok(Self { position, at, last_day: date(next.unwrap_or(now)).max(date(at)), day: date(at) })
    }

    /// The day a question is about: the one asked for, which must have come, else the earlier of the period's end and the known day.
    pub fn valid_on(&self, asked: Option<Date>, period_end: Option<Date>) -> Result<Date, Refusal> {
        match asked {
            Some(day) if day > self.last_day => {
                let message = format!("{day} had not come: nothing after {} was known then", self.last_day);
                Err(Refusal::new(Code::ValidOnAhead, message).at("valid_on"))
            }
            Some(day) => Ok(day),
            None => Ok(period_end.map_or(self.day, |end| end.min(self.day))),
        }
    }
}

fn ahead(field: &str, message: String) -> Refusal {
    Refusal::new(Code::PositionAhead, message).at(field)
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}
