//! A question: of which log, as known when, about which day and period, of whom.
//!
//! A question is settled before it is asked: the known time becomes a position, the day gets its default, and both are what the
//! answer carries. Two questions settled alike have the same answer for ever.

use crate::{Error, Projection};
use jiff::{Timestamp, civil::Date};
use std::time::Duration;
use xiaoer_domain::{Code, Refusal, metric::Metric};

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
    pub async fn settle(&self, known_at: KnownAt, at_least: u64, now: Timestamp) -> Result<Known, Error> {
        let head = self.log().head().await?;
        let now = now.max(instant(head.recorded_at));
        let wanted = match known_at {
            KnownAt::Now => head.position,
            KnownAt::Position(position) if position <= head.position => position,
            KnownAt::Position(position) => {
                return Err(ahead(format!("the log stands at {}, not at {position}", head.position)).into());
            }
            KnownAt::Time(time) if time <= now => self.log().position_at(time.as_microsecond()).await?,
            KnownAt::Time(time) => return Err(ahead(format!("{time} has not come")).into()),
        };
        if at_least > head.position {
            return Err(ahead(format!("the log stands at {}, not at {at_least}", head.position)).into());
        }
        let needed = if known_at == KnownAt::Now { head.position.max(at_least) } else { wanted };
        let position = match (self.reach(needed, PATIENCE).await, known_at) {
            (true, _) => wanted,
            // A projection that is behind answers as of where it stands, and says so.
            (false, KnownAt::Now) if at_least <= self.cursor().position => self.cursor().position,
            (false, _) => return Err(self.behind(needed).into()),
        };
        self.known(position, known_at, now, head.position).await
    }

    async fn known(&self, position: u64, known_at: KnownAt, now: Timestamp, head: u64) -> Result<Known, Error> {
        let zone = &self.log().genesis().zone;
        let date = |at: Timestamp| at.to_zoned_datetime(zone.clone()).date();
        let at = match known_at {
            KnownAt::Time(time) => time,
            KnownAt::Now if position == head => now,
            KnownAt::Now | KnownAt::Position(_) => {
                self.log().stamp(position).await?.map_or(Timestamp::MIN, |stamp| instant(stamp.recorded_at))
            }
        };
        // Until the next event was recorded, nothing more was known.
        let next = self.log().stamp(position + 1).await?.map(|stamp| instant(stamp.recorded_at));
        Ok(Known { position, at, last_day: date(next.unwrap_or(now)).max(date(at)), day: date(at) })
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

fn ahead(message: String) -> Refusal {
    Refusal::new(Code::PositionAhead, message).at("known_at")
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or_default()
}
