//! The working-day calendar (domain.md C1, section 6): years as they were published, and `W(a, b]`.
//!
//! Promises: "used" and "due" come from one count, so `working_days(a, nth(a, n)) == n`; both cost a few machine words, since
//! every fold of every case asks. A year that no notice covers counts Monday to Friday less the fixed days of 全国年节及纪念日
//! 放假办法 (rule `unknown_year`), and each of its days is provisional.
//! Left to others: that no finding rests on a provisional day ([`crate::clock`]).

use crate::event::CalendarPublished;
use jiff::civil::{Date, Weekday, date};
use std::sync::{Arc, LazyLock};

/// First and last year that has days at all; before and after no day is a working day. The contract publishes 1990 to 2200.
pub const YEAR_MIN: i16 = 1970;
/// See [`YEAR_MIN`].
pub const YEAR_MAX: i16 = 2200;
/// Month from whose first day on the notice of the next year is missed; it comes between late October and early December.
const NOTICE_DUE_MONTH: i8 = 11;
/// Statutory days off that fall on the same date each year: month and day.
const FIXED_DAYS_OFF: [(i8, i8); 6] = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)];

/// Days of a common year before each month.
const MONTH_BEGINS: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/// Working days of every year, published or not.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// One for each year from [`YEAR_MIN`] to [`YEAR_MAX`].
    years: Arc<Vec<Year>>,
}

#[derive(Debug, Clone)]
struct Year {
    /// Bit d of the whole is day-of-year d, from 0.
    working: [u64; 6],
    /// Working days in all years before this one.
    before: u32,
    /// Version of the notice that covers it.
    published: Option<u32>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self::new()
    }
}

impl Calendar {
    /// No year is published.
    pub fn new() -> Self {
        // Worked out once: whoever learns what is known of a log begins with it.
        static YEARS: LazyLock<Arc<Vec<Year>>> = LazyLock::new(|| {
            let year = |year| Year { working: unpublished(year), before: 0, published: None };
            let mut years: Vec<Year> = (YEAR_MIN..=YEAR_MAX).map(year).collect();
            count_before(&mut years);
            Arc::new(years)
        });
        Self { years: Arc::clone(&YEARS) }
    }

    /// Takes a year in. The highest version of a year holds, and of equal ones the last taken in.
    pub fn publish(&mut self, published: &CalendarPublished) {
        let Some(index) = index_of(published.year) else { return };
        if self.years[index].published.is_some_and(|version| version > published.version) {
            return;
        }
        let years = Arc::make_mut(&mut self.years);
        let year = &mut years[index];
        year.working = weekdays(published.year);
        year.published = Some(published.version);
        for (day, working) in published.days.iter().filter(|(day, _)| day.year() == published.year) {
            set(&mut year.working, *day, *working);
        }
        count_before(years);
    }

    /// Version of the notice that covers a year; none where no notice does.
    pub fn version(&self, year: i16) -> Option<u32> {
        self.years[index_of(year)?].published
    }

    /// Whether work is done on this day.
    pub fn is_working(&self, day: Date) -> bool {
        let (word, bit) = place(day);
        index_of(day.year()).is_some_and(|index| self.years[index].working[word] >> bit & 1 == 1)
    }

    /// Whether no notice covers the day's year.
    pub fn is_provisional(&self, day: Date) -> bool {
        self.version(day.year()).is_none()
    }

    /// First day after `after`, up to and with `until`, that no notice covers.
    pub fn first_provisional(&self, after: Date, until: Date) -> Option<Date> {
        let first = after.tomorrow().ok().filter(|first| *first <= until)?;
        (first.year()..=until.year())
            .find(|year| self.version(*year).is_none())
            .map(|year| first.max(Date::new(year, 1, 1).unwrap_or(first)))
    }

    /// Last day of the years published without a gap from the first published one.
    pub fn horizon(&self) -> Option<Date> {
        let first = self.years.iter().position(|year| year.published.is_some())?;
        let known = self.years[first..].iter().take_while(|year| year.published.is_some()).count();
        Date::new(year_at(first + known - 1), 12, 31).ok()
    }

    /// Last day that a notice will not change any more in the ordinary way: a year is final once the notice of the next one is out,
    /// for that one may still move days of its end (as in 2018 and 2022).
    pub fn final_until(&self) -> Option<Date> {
        let last = self.horizon()?.year() - 1;
        self.version(last).and_then(|_| Date::new(last, 12, 31).ok())
    }

    /// The year whose notice is missed on a day: that of the day, or from November on the next one.
    pub fn missed(&self, on: Date) -> Option<i16> {
        let next = (on.month() >= NOTICE_DUE_MONTH).then_some(on.year() + 1);
        [Some(on.year()), next].into_iter().flatten().find(|year| self.version(*year).is_none())
    }

    /// Whether a year can be published without leaving a hole: it is published or beside one that is, or none is.
    pub fn adjoins(&self, year: i16) -> bool {
        let mut beside = [year - 1, year, year + 1].into_iter();
        beside.any(|year| self.version(year).is_some()) || self.horizon().is_none()
    }

    /// `W(after, until]`: working days after the one day, up to and with the other; 0 where `until` is not later.
    pub fn working_days(&self, after: Date, until: Date) -> u32 {
        self.until(until).saturating_sub(self.until(after))
    }

    /// The day x with `W(start, x] = n`, the first of them; `start` itself where n is 0, the last of all days where none is.
    pub fn nth(&self, start: Date, n: u32) -> Date {
        if n == 0 {
            return start;
        }
        let wanted = self.until(start).saturating_add(n);
        // A limit of working days ends in the year it begins in or the next, so going on from there beats any search.
        let first = index_of(start.year()).unwrap_or(if start.year() < YEAR_MIN { 0 } else { self.years.len() - 1 });
        let ends_before = |year: &&Year| year.before < wanted;
        let index = first + self.years[first + 1..].iter().take_while(ends_before).count();
        let year = &self.years[index];
        day_of_rank(year, wanted - year.before).map_or(Date::MAX, |ordinal| day_at(index, ordinal))
    }

    /// The day itself, or the first working day after it.
    pub fn next_working(&self, day: Date) -> Date {
        if self.is_working(day) { day } else { self.nth(day, 1) }
    }

    /// Working days from the first of all days up to and with this one.
    fn until(&self, day: Date) -> u32 {
        let Some(index) = index_of(day.year()) else {
            let last = &self.years[self.years.len() - 1];
            return if day.year() < YEAR_MIN { 0 } else { last.before + last.working.iter().map(|w| w.count_ones()).sum::<u32>() };
        };
        let (word, bit) = place(day);
        let year = &self.years[index];
        let whole: u32 = year.working[..word].iter().map(|w| w.count_ones()).sum();
        year.before + whole + (year.working[word] & (u64::MAX >> (63 - bit))).count_ones()
    }
}

fn index_of(year: i16) -> Option<usize> {
    (YEAR_MIN..=YEAR_MAX).contains(&year).then(|| usize::try_from(year - YEAR_MIN).unwrap_or_default())
}

fn year_at(index: usize) -> i16 {
    YEAR_MIN + i16::try_from(index).unwrap_or_default()
}

/// Word and bit of a day in its year.
fn place(day: Date) -> (usize, u32) {
    let ordinal = u32::from(day.day_of_year().unsigned_abs()) - 1;
    ((ordinal / 64) as usize, ordinal % 64)
}

/// The day of a year by its place in it, from 0. Looked up, since adding a span of days is dear on the way of every fold.
fn day_at(index: usize, ordinal: u16) -> Date {
    let year = year_at(index);
    let leap_day = u16::from(date(year, 1, 1).in_leap_year());
    let begins = |month: usize| MONTH_BEGINS[month] + if month >= 2 { leap_day } else { 0 };
    let month = (0..MONTH_BEGINS.len()).rev().find(|&month| begins(month) <= ordinal).unwrap_or_default();
    let (number, day) = (i8::try_from(month + 1), i8::try_from(ordinal - begins(month) + 1));
    number.ok().zip(day.ok()).and_then(|(month, day)| Date::new(year, month, day).ok()).unwrap_or(Date::MAX)
}

fn set(days: &mut [u64; 6], day: Date, working: bool) {
    let (word, bit) = place(day);
    days[word] = days[word] & !(1 << bit) | u64::from(working) << bit;
}

fn weekdays(year: i16) -> [u64; 6] {
    let mut days = [0; 6];
    for day in date(year, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() == year) {
        set(&mut days, day, !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    }
    days
}

/// The days of a year without a notice.
fn unpublished(year: i16) -> [u64; 6] {
    let mut days = weekdays(year);
    for (month, day) in FIXED_DAYS_OFF {
        set(&mut days, date(year, month, day), false);
    }
    days
}

fn count_before(years: &mut [Year]) {
    let mut before = 0;
    for year in years {
        year.before = before;
        before += year.working.iter().map(|word| word.count_ones()).sum::<u32>();
    }
}

/// Day of the year, from 0, of the rank-th working day, from 1.
fn day_of_rank(year: &Year, mut rank: u32) -> Option<u16> {
    for (index, word) in (0u16..).zip(year.working) {
        if rank <= word.count_ones() {
            let bit = (1..rank).fold(word, |rest, _| rest & (rest - 1)).trailing_zeros();
            return Some(index * 64 + u16::try_from(bit).unwrap_or_default());
        }
        rank -= word.count_ones();
    }
    None
}

#[cfg(test)]
mod tests;
