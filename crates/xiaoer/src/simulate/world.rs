//! What everything in the district shares: its period, its working days, its items.

use super::{District, catalogue, catalogue::Item, random::Random};
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, offset};
use jiff::{Span, Timestamp};
use xiaoer_domain::calendar::Calendar;
use xiaoer_domain::event::CalendarPublished;
use xiaoer_wire::{seeds, v1};

/// Months after the first day on which the second versions of items come into force.
const CHANGE_MONTHS: i64 = 2;

/// The district as it stands on every day.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) log: String,
    pub(super) from: Date,
    /// The first day after the period.
    pub(super) until: Date,
    pub(super) calendar: Calendar,
    pub(super) items: Vec<Item>,
    weights: Vec<(u32, usize)>,
}

impl World {
    pub(super) fn new(district: &District) -> Self {
        let later = |months: i64| district.from.saturating_add(Span::new().try_months(months).unwrap_or_default());
        let items = catalogue::items(district.from.saturating_sub(Span::new().days(200)), later(CHANGE_MONTHS));
        let weights = items.iter().enumerate().map(|(index, item)| (item.weight, index)).collect();
        Self {
            seed: district.seed,
            log: district.log.clone(),
            from: district.from,
            until: later(i64::from(district.months)),
            calendar: calendar(),
            items,
            weights,
        }
    }

    /// An item, each as often as it is applied for.
    pub(super) fn some_item(&self, random: &mut Random) -> usize {
        random.weighted(&self.weights)
    }
}

/// A local time of the district. China has kept one offset since 1992.
pub(super) fn instant(local: DateTime) -> Timestamp {
    TimeZone::fixed(offset(8)).to_timestamp(local).unwrap_or(Timestamp::MAX)
}

fn calendar() -> Calendar {
    let mut calendar = Calendar::new();
    for year in seeds::calendar_years() {
        let days = year.days.iter().filter_map(|day| Some((day.date.parse().ok()?, day.kind() == v1::DayKind::Work)));
        let published =
            CalendarPublished { year: i16::try_from(year.year).unwrap_or(0), version: year.version, days: days.collect() };
        calendar.publish(&published);
    }
    calendar
}
