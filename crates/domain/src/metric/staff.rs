//! Where a person stands who is posted to a window: trained by the deadline, trained in the period, chosen for a reason (domain.md S10,
//! S15).
//!
//! Promises: a person posted to several windows is one member, at the window of the last posting.

use super::timeline::{DimsRef, Draft, Timeline, earliest_after, pieces};
use super::{Metric, Place, Standing};
use crate::event::{CodeText, Fact, Recorded};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Standings of a person, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let deadlines = knowledge.rules.deadlines("milestones", "window_training");
    let person = Person { history, knowledge, deadlines: &deadlines };
    if person.own().all(|recorded| !matches!(recorded.event.fact, Fact::StaffPosted(_))) {
        return Vec::new();
    }
    let marks = person.marks();
    let mut timeline = Timeline::default();
    for (from, day) in pieces(history, Some, |_, from| earliest_after(marks.iter().copied(), from)) {
        timeline.piece(from, person.drafts(day));
    }
    timeline.finish()
}

/// A person, as far as windows go.
struct Person<'a> {
    history: &'a History,
    knowledge: &'a Knowledge,
    deadlines: &'a BTreeSet<Date>,
}

/// A posting in force.
struct Posted<'a> {
    window: &'a CodeText,
    unit: &'a str,
    position: u64,
}

impl<'a> Person<'a> {
    fn own(&self) -> impl DoubleEndedIterator<Item = &'a Recorded> + use<'a> {
        let history = self.history;
        history.counting().filter(move |recorded| recorded.event.subject == *history.subject())
    }

    /// Days on which time alone changes something: a posting begins, a deadline comes, a period begins after a training, a window is set
    /// up otherwise.
    fn marks(&self) -> BTreeSet<Date> {
        let Self { knowledge, deadlines, .. } = self;
        let mut marks: BTreeSet<Date> = deadlines.iter().copied().chain(knowledge.rules.first_days("training_period")).collect();
        for recorded in self.own() {
            match &recorded.event.fact {
                Fact::StaffPosted(posted) => {
                    marks.insert(posted.from);
                    let window = knowledge.catalogue.window(&posted.window);
                    marks.extend(window.into_iter().flat_map(|window| &window.configured).map(|(from, _)| *from));
                }
                Fact::TrainingAttended(_) => {
                    marks.extend(PERIODS.into_iter().filter_map(|period| next_begin(period, recorded.event.day)));
                }
                _ => {}
            }
        }
        marks
    }

    fn drafts(&self, day: Date) -> Vec<Draft<'a>> {
        let passed = self.deadlines.iter().filter(|deadline| **deadline <= day);
        let by_deadline = passed.filter_map(|deadline| self.by_deadline(*deadline, day));
        by_deadline.chain(self.coverage(day)).chain(self.selected(day)).collect()
    }

    /// The last posting in force on a day, as known of what is dated up to another.
    fn posted(&self, on: Date, known: Date) -> Option<Posted<'a>> {
        let mut posted: Vec<Posted<'a>> = Vec::new();
        for recorded in self.own().filter(|recorded| recorded.event.day <= known) {
            match &recorded.event.fact {
                Fact::StaffPosted(fact) if fact.from <= on => {
                    posted.push(Posted { window: &fact.window, unit: &recorded.event.unit, position: recorded.position });
                }
                Fact::StaffUnposted(window) if recorded.event.day <= on => posted.retain(|posted| posted.window != window),
                _ => {}
            }
        }
        posted.pop()
    }

    /// The last training passed from one day to another.
    fn trained(&self, from: Date, to: Date) -> Option<u64> {
        let passed = |recorded: &&Recorded| {
            let day = recorded.event.day;
            from <= day && day <= to && matches!(&recorded.event.fact, Fact::TrainingAttended(attended) if attended.passed)
        };
        self.own().rfind(passed).map(|recorded| recorded.position)
    }

    fn dims(&self, posted: &Posted<'a>, on: Date) -> DimsRef<'a> {
        let window = self.knowledge.catalogue.window(posted.window);
        let centre = window.and_then(|window| window.on(on)).map_or("", |set| set.centre.code());
        let staff = &self.history.subject().id;
        DimsRef { unit: posted.unit, staff, window: posted.window, kind: centre, ..DimsRef::default() }
    }

    /// `window_training_by_deadline`.
    fn by_deadline(&self, deadline: Date, day: Date) -> Option<Draft<'a>> {
        let posted = self.posted(deadline, day)?;
        let trained = self.trained(Date::MIN, deadline);
        let (place, why) = placed(trained);
        let evidence = [posted.position, trained.unwrap_or(0)];
        Some(Draft::new(Metric::WindowTrainingByDeadline, place, why, deadline, self.dims(&posted, deadline), &evidence))
    }

    /// `training_coverage`.
    fn coverage(&self, night: Date) -> Option<Draft<'a>> {
        let posted = self.posted(night, night)?;
        let rules = &self.knowledge.rules;
        let period = PERIODS.into_iter().find(|period| rules.is("training_period", night, period)).unwrap_or(PERIODS[2]);
        let trained = self.trained(begin(period, night), night);
        let (place, why) = placed(trained);
        let evidence = [posted.position, trained.unwrap_or(0)];
        Some(Draft::night(Metric::TrainingCoverage, place, why, self.dims(&posted, night), &evidence))
    }

    /// `posting_selected`, of every posting.
    fn selected(&self, day: Date) -> Vec<Draft<'a>> {
        let of = |recorded: &'a Recorded| {
            let Fact::StaffPosted(fact) = &recorded.event.fact else { return None };
            let posted = Posted { window: &fact.window, unit: &recorded.event.unit, position: recorded.position };
            let (place, why) = if fact.is_selected { (Place::Numerator, "basis_stated") } else { (Place::Denominator, "no_basis") };
            let on = recorded.event.day;
            Some(Draft::new(Metric::PostingSelected, place, why, on, self.dims(&posted, on), &[recorded.position]))
        };
        self.own().filter(|recorded| recorded.event.day <= day).filter_map(of).collect()
    }
}

fn placed(trained: Option<u64>) -> (Place, &'static str) {
    if trained.is_some() { (Place::Numerator, "trained") } else { (Place::Denominator, "not_trained") }
}

/// Periods, as the rule `training_period` names them.
const PERIODS: [&str; 4] = ["month", "quarter", "half_year", "year"];

/// Months of a period.
fn months(period: &str) -> i8 {
    match period {
        "month" => 1,
        "quarter" => 3,
        "half_year" => 6,
        _ => 12,
    }
}

/// First day of the period that a day lies in.
fn begin(period: &str, day: Date) -> Date {
    let months = months(period);
    Date::new(day.year(), (day.month() - 1) / months * months + 1, 1).unwrap_or(day)
}

/// First day of the next period.
fn next_begin(period: &str, day: Date) -> Option<Date> {
    begin(period, day).checked_add(jiff::Span::new().months(months(period))).ok()
}
