//! The law's clock (domain.md C1–C3, C5, C7, C8, C10, C11, C15): a budget, a ledger of pauses, a reading.
//!
//! Promises: a pure function of days; "overdue" is a question to a reading, never a stored fact; a due date that rests on a
//! year without a notice is provisional and makes nothing overdue.
//! Left to others: which events start, stop, pause and extend it ([`crate::case`]); the reading is as of one day, and facts
//! dated later must have been cut before.

use crate::calendar::Calendar;
use crate::event::{Limit, LimitUnit};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A time that may not count: `W(start, end]`, so that the first day still counts and the last does not (C7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Day it began.
    pub start: Date,
    /// Day it ended; none while it is open.
    pub end: Option<Date>,
    /// The applicant was told in writing (C8).
    pub proven: bool,
}

/// An approved extension (C5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extended {
    /// Day of approval.
    pub on: Date,
    /// Working days added.
    pub wd: u32,
    /// The applicant was told.
    pub told: bool,
}

/// What a clock is read from.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// The budget; an error says why there is none.
    pub limit: Result<Limit, Why>,
    /// Day 0, and the instant it was (for limits in hours).
    pub start: Option<(Date, Timestamp)>,
    /// Day it stopped (C10, C11).
    pub stop: Option<Date>,
    /// Pauses, in any order.
    pub pauses: &'a [Pause],
    /// Whether unproven pauses count in the main figure (`unproven_pause`).
    pub unproven_counts: bool,
    /// Extensions, in the order of the events.
    pub extensions: &'a [Extended],
    /// The day of the reading.
    pub valid_on: Date,
}

impl Course<'_> {
    /// A course that nothing pauses or extends.
    pub(crate) fn unmoved(limit: Limit, start: (Date, Timestamp), stop: Option<Date>, valid_on: Date) -> Self {
        Self { limit: Ok(limit), start: Some(start), stop, pauses: &[], unproven_counts: true, extensions: &[], valid_on }
    }
}

/// A clock as read on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// The budget.
    pub limit: Option<Limit>,
    /// Day 0; none where it has not begun.
    pub start: Option<Date>,
    /// Day it stopped.
    pub stop: Option<Date>,
    /// Union of the pauses that count, ascending: start, and end where it is not open.
    pub pauses: Vec<(Date, Option<Date>)>,
    /// Working days not counted so far.
    pub paused_wd: u32,
    /// Working days an extension in time added.
    pub extended_wd: u32,
    /// Which of the extensions holds; every other is void.
    pub extension: Option<usize>,
    /// Working days used so far, pauses taken out.
    pub used_wd: u32,
    /// Last day in time.
    pub due: Due,
    /// The day on which the budget of a limit in calendar days, months or hours is used, before an extension or a day off moves the
    /// due date on (C15).
    pub nominal: Option<Date>,
    /// First day on which the answer rests on a year without a notice; only where `due` is provisional.
    pub unknown_from: Option<Date>,
    /// Working days over, up to the stop or the day of the reading: `W(due, x]` (C2); may be 0 where it is overdue.
    pub overdue_wd: u32,
    /// The reading by pauses told in writing alone; only where an unproven one counts in this one (C8).
    pub proven_only: Option<Box<Clock>>,
    /// The day of the reading.
    pub valid_on: Date,
}

/// Last day in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// This day, until 24:00.
    On {
        /// The day.
        day: Date,
        /// It rests on a year without a notice.
        provisional: bool,
    },
    /// Not known while a pause that began in time is open (C8).
    Paused,
    /// Not known.
    Unknown(Why),
}

/// Why a due date is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The clock has not begun.
    NotStarted,
    /// No version of the item is known.
    NoItemVersion,
    /// The version states no limit.
    NoLimit,
}

impl Why {
    /// The code that pages show.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::NoItemVersion => "no_item_version",
            Self::NoLimit => "no_limit",
        }
    }
}

impl Due {
    /// The day, where it is known and final.
    pub fn day(self) -> Option<Date> {
        match self {
            Self::On { day, provisional: false } => Some(day),
            _ => None,
        }
    }
}

impl Clock {
    /// Reads a clock.
    pub fn read(course: &Course<'_>, calendar: &Calendar, zone: &TimeZone) -> Self {
        let main = Self::read_by(course, calendar, zone, course.unproven_counts);
        if !course.unproven_counts || course.pauses.iter().all(|pause| pause.proven) {
            return main;
        }
        let proven = Self::read_by(course, calendar, zone, false);
        let proven_only = (proven.pauses != main.pauses).then(|| Box::new(proven));
        Self { proven_only, ..main }
    }

    fn read_by(course: &Course<'_>, calendar: &Calendar, zone: &TimeZone, unproven_counts: bool) -> Self {
        let mut clock = Self::unread(course);
        let (Some((start, at)), Ok(limit)) = (course.start, course.limit) else {
            return clock;
        };
        let mut ledger = Ledger { calendar, zone, limit, start, at, pauses: Vec::new(), extended_wd: 0 };
        for (index, step) in steps(course, unproven_counts) {
            match step {
                Step::Extend(extended) if clock.extension.is_none() && extended.told && ledger.allows(extended.on) => {
                    clock.extension = Some(index);
                    ledger.extended_wd = extended.wd;
                }
                Step::Extend(_) => {}
                Step::Pause(pause) => ledger.pause(pause, course.stop),
            }
        }
        let till = course.stop.unwrap_or(course.valid_on).min(course.valid_on);
        clock.extended_wd = ledger.extended_wd;
        clock.paused_wd = ledger.paused_wd(till);
        clock.used_wd = calendar.working_days(start, till).saturating_sub(clock.paused_wd);
        clock.nominal = ledger.nominal();
        if let Some(day) = ledger.due() {
            clock.unknown_from = ledger.rests_on_unknown(day);
            clock.due = Due::On { day, provisional: clock.unknown_from.is_some() };
        } else {
            clock.due = Due::Paused;
        }
        clock.pauses = ledger.pauses;
        clock.overdue_wd = clock.due.day().map_or(0, |due| calendar.working_days(due, till));
        clock
    }

    /// A clock that has not begun.
    pub(crate) fn not_started(valid_on: Date) -> Self {
        let (limit, pauses, extensions) = (Err(Why::NotStarted), &[], &[]);
        Self::unread(&Course { limit, start: None, stop: None, pauses, unproven_counts: true, extensions, valid_on })
    }

    fn unread(course: &Course<'_>) -> Self {
        let why = course.limit.err().filter(|_| course.start.is_some()).unwrap_or(Why::NotStarted);
        Self {
            limit: course.limit.ok(),
            start: course.start.map(|(day, _)| day),
            stop: course.stop,
            pauses: Vec::new(),
            paused_wd: 0,
            extended_wd: 0,
            extension: None,
            used_wd: 0,
            due: Due::Unknown(why),
            nominal: None,
            unknown_from: None,
            overdue_wd: 0,
            proven_only: None,
            valid_on: course.valid_on,
        }
    }

    /// Whether it is overdue at the end of a day: the date test of C2, up to the stop. Never on a due date that is not known
    /// or provisional.
    pub fn overdue_on(&self, day: Date) -> bool {
        self.due.day().is_some_and(|due| self.stop.map_or(day, |stop| stop.min(day)) > due)
    }

    /// Whether it stopped on or before the due date; none where the due date is not known, or it has not stopped.
    pub fn kept(&self) -> Option<bool> {
        Some(self.stop? <= self.due.day()?)
    }

    /// When it warns (C16): the first day on which at most so many working days are left (yellow), and the first working day after the
    /// last day in time (red). None where the due date is not known or provisional.
    pub fn warns(&self, left: u32, calendar: &Calendar) -> Option<(Date, Date)> {
        let (start, due) = (self.start?, self.due.day()?);
        let mut yellow = due;
        while let Some(before) = yellow.yesterday().ok().filter(|before| *before >= start) {
            if calendar.working_days(before, due) > left {
                break;
            }
            yellow = before;
        }
        Some((yellow, calendar.nth(due, 1)))
    }

    /// What it does on the day of the reading, as `ClockView.state` of the contract names it.
    pub fn state(&self) -> &'static str {
        match self.due {
            _ if self.stop.is_some() => "stopped",
            Due::Paused => "paused",
            Due::Unknown(_) => "due_unknown",
            Due::On { provisional: true, .. } => "provisional",
            Due::On { day, .. } if self.valid_on > day => "overdue",
            Due::On { .. } => "running",
        }
    }

    /// Days from which, or after which, time alone changes an answer: the due date and the next day, and the first unknown one.
    pub fn marks(&self) -> impl Iterator<Item = Date> {
        let due = match self.due {
            Due::On { day, .. } if self.stop.is_none() => Some(day),
            _ => None,
        };
        let unknown = self.unknown_from.filter(|_| self.stop.is_none());
        [due, due.and_then(|due| due.tomorrow().ok()), unknown].into_iter().flatten()
    }
}

/// What happens to a clock on its way.
#[derive(Clone, Copy)]
enum Step {
    Extend(Extended),
    Pause(Pause),
}

/// The steps by day, with their index in the course. On one day an extension comes first: it is in time until 24:00, while a
/// pause that begins on the due date moves nothing.
fn steps(course: &Course<'_>, unproven_counts: bool) -> Vec<(usize, Step)> {
    let extends = course.extensions.iter().enumerate().filter(|(_, e)| course.stop.is_none_or(|stop| e.on <= stop));
    let pauses = course.pauses.iter().enumerate().filter(|(_, pause)| unproven_counts || pause.proven);
    let mut steps: Vec<(Date, usize, Step)> = extends.map(|(i, e)| (e.on, i, Step::Extend(*e))).collect();
    steps.extend(pauses.map(|(i, pause)| (pause.start, i, Step::Pause(*pause))));
    // Stable: extensions were put in first.
    steps.sort_by_key(|(day, ..)| *day);
    steps.into_iter().map(|(_, index, step)| (index, step)).collect()
}

/// A budget and what was taken out of its time so far.
struct Ledger<'a> {
    calendar: &'a Calendar,
    zone: &'a TimeZone,
    limit: Limit,
    start: Date,
    at: Timestamp,
    pauses: Vec<(Date, Option<Date>)>,
    extended_wd: u32,
}

impl Ledger<'_> {
    /// Whether this day is on or before the due date as moved so far.
    fn allows(&self, day: Date) -> bool {
        self.due().is_none_or(|due| day <= due)
    }

    /// Adds a pause to the union, if it began while budget was left (C8). Pauses come by their first day.
    fn pause(&mut self, pause: Pause, stop: Option<Date>) {
        let start = pause.start.max(self.start);
        let end = match (pause.end, stop) {
            (Some(end), Some(stop)) => Some(end.min(stop)),
            (end, stop) => end.or(stop),
        };
        if end.is_some_and(|end| end <= start) || self.spent().is_some_and(|spent| start >= spent) {
            return;
        }
        match self.pauses.last_mut() {
            Some((_, last)) if last.is_none_or(|last| start <= last) => {
                *last = last.and_then(|last| end.map(|end| end.max(last)));
            }
            _ => self.pauses.push((start, end)),
        }
    }

    /// Working days of the union up to a day.
    fn paused_wd(&self, till: Date) -> u32 {
        let wd = |(start, end): &(Date, Option<Date>)| self.calendar.working_days(*start, end.unwrap_or(till).min(till));
        self.pauses.iter().map(wd).sum()
    }

    /// Calendar days of the union; none while one is open.
    fn paused_days(&self) -> Option<i64> {
        self.pauses.iter().map(|(start, end)| end.map(|end| days_between(*start, end))).sum()
    }

    /// The day on which the last of the budget is used, before a day off moves the due date on (C15); none while a pause is
    /// open.
    fn spent(&self) -> Option<Date> {
        if self.limit.unit == LimitUnit::WorkingDay {
            self.paused_days()?;
            let budget = self.limit.n.saturating_add(self.extended_wd).saturating_add(self.paused_wd(Date::MAX));
            return Some(self.calendar.nth(self.start, budget));
        }
        let nominal = self.nominal()?;
        Some(if self.extended_wd == 0 { nominal } else { self.extend(nominal) })
    }

    /// The same before an extension, of a limit that is none of working days.
    fn nominal(&self) -> Option<Date> {
        let paused = self.paused_days()?;
        let n = i64::from(self.limit.n);
        let add = |span: Span| self.start.checked_add(span).unwrap_or(Date::MAX);
        let nominal = match self.limit.unit {
            LimitUnit::WorkingDay => return None,
            LimitUnit::CalendarDay => span_of(n, Span::try_days).map_or(Date::MAX, add),
            LimitUnit::Month => span_of(n, Span::try_months).map_or(Date::MAX, add),
            LimitUnit::Hour => self.after_hours(n),
            LimitUnit::Immediate => self.start,
        };
        Some(span_of(paused, Span::try_days).and_then(|span| nominal.checked_add(span).ok()).unwrap_or(Date::MAX))
    }

    /// The last day in time; none while a pause is open.
    fn due(&self) -> Option<Date> {
        let spent = self.spent()?;
        let moves_on = matches!(self.limit.unit, LimitUnit::CalendarDay | LimitUnit::Month);
        Some(if moves_on { self.calendar.next_working(spent) } else { spent })
    }

    fn extend(&self, nominal: Date) -> Date {
        self.calendar.nth(self.calendar.next_working(nominal), self.extended_wd)
    }

    /// Date on which n hours have gone, from the local time of day of the start on day 0 (C15: all days).
    fn after_hours(&self, n: i64) -> Date {
        let time = self.at.to_zoned_datetime(self.zone.clone()).time();
        let begin = self.start.to_datetime(time).to_zoned_datetime(self.zone.clone());
        let end = begin.ok().zip(span_of(n, Span::try_hours)).and_then(|(begin, span)| begin.checked_add(span).ok());
        end.map_or(Date::MAX, |end| end.date())
    }

    /// First day of a year without a notice that the due date rests on.
    fn rests_on_unknown(&self, due: Date) -> Option<Date> {
        match self.limit.unit {
            LimitUnit::WorkingDay => self.calendar.first_provisional(self.start, due),
            LimitUnit::Hour | LimitUnit::Immediate if self.extended_wd == 0 => None,
            // Only whether the last day is a working day matters, and how far the next one is.
            _ => self.calendar.first_provisional(self.spent()?.yesterday().ok()?, due),
        }
    }
}

fn span_of(n: i64, span: impl Fn(Span, i64) -> Result<Span, jiff::Error>) -> Option<Span> {
    span(Span::new(), n).ok()
}

fn days_between(start: Date, end: Date) -> i64 {
    start.duration_until(end).as_hours() / 24
}

#[cfg(test)]
mod tests;
