//! Visits (跑动) of a case: how many were required, and whose fault they were (domain.md S22, 3.3).
//!
//! Promises: a group of visits to one place on one day within `visit_merge_h` of the first is one visit; visits of agents,
//! consultations and voluntary calls do not count; the latest cause of the highest decider holds. A visit of several cases is
//! one for each of them.

use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::event::{CodeText, Decider, Fact, Visit, VisitCause, VisitPurpose, VisitWho};
use crate::history::History;
use crate::ids::Subject;
use crate::knowledge::Knowledge;
use jiff::{SignedDuration, Timestamp, civil::Date};

/// A visit that counts, with all that was ever decided of its cause.
#[derive(Debug)]
struct Coming<'a> {
    subject: &'a Subject,
    at: Timestamp,
    day: Date,
    place: &'a CodeText,
    position: u64,
    /// In order: the window's word first.
    causes: Vec<Cause>,
}

#[derive(Debug, Clone, Copy)]
struct Cause {
    day: Date,
    decider: Decider,
    cause: VisitCause,
    position: u64,
}

/// The visits of a case that count, in order.
#[derive(Debug)]
pub(super) struct Visits<'a> {
    comings: Vec<Coming<'a>>,
    knowledge: &'a Knowledge,
}

/// A completed case on a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Completed<'a> {
    pub(super) day: Date,
    pub(super) position: u64,
    /// Day and position.
    pub(super) delivered: Option<(Date, u64)>,
    pub(super) dims: DimsRef<'a>,
}

/// Visits of one place and day that are one.
#[derive(Debug, Default)]
struct Group {
    fault: Option<VisitCause>,
    evidence: Vec<u64>,
}

impl<'a> Visits<'a> {
    pub(super) fn of(history: &'a History, knowledge: &'a Knowledge) -> Self {
        let mut comings: Vec<Coming<'a>> = Vec::new();
        for recorded in history.counting() {
            let event = &recorded.event;
            match &event.fact {
                Fact::ApplicantVisited(visit) if counts(visit) => comings.push(Coming {
                    subject: &event.subject,
                    at: event.occurred_at,
                    day: event.day,
                    place: &visit.place,
                    position: recorded.position,
                    causes: vec![Cause {
                        day: event.day,
                        decider: Decider::Window,
                        cause: visit.cause,
                        position: recorded.position,
                    }],
                }),
                Fact::VisitCauseDecided(decided) => {
                    let of = comings.iter_mut().find(|coming| *coming.subject == event.subject);
                    let cause = |position| Cause { day: event.day, decider: decided.decider, cause: decided.cause, position };
                    if let Some(coming) = of {
                        coming.causes.push(cause(recorded.position));
                    }
                }
                _ => {}
            }
        }
        Self { comings, knowledge }
    }

    /// What a completed case adds to the figures of visits, as of a day.
    pub(super) fn drafts(&self, case: Completed<'a>, valid_on: Date) -> Vec<Draft<'a>> {
        let last = case.delivered.map_or(valid_on, |(day, _)| day.min(valid_on));
        let groups = self.groups(last, valid_on);
        let why = match (case.delivered, groups.len()) {
            (None, _) => "provisional",
            (_, 0) => "no_visit",
            (_, 1) => "one_visit",
            _ => "more_visits",
        };
        let delivered = case.delivered.map(|(_, position)| position);
        let ends = [case.position].into_iter().chain(delivered);
        let evidence: Vec<u64> = ends.clone().chain(groups.iter().flat_map(|group| group.evidence.iter().copied())).collect();
        let draft = |metric, place| Draft::new(metric, place, why, case.day, case.dims, &evidence);
        let rate = |metric, counts| {
            let place = if counts { Place::Numerator } else { Place::Denominator };
            draft(metric, place).with_value(f64::from(u32::try_from(groups.len()).unwrap_or(u32::MAX)))
        };

        let faults = groups.iter().filter_map(|group| Some((group.fault?, group)));
        let faults = faults.map(|(cause, group)| {
            let evidence: Vec<u64> = ends.clone().chain(group.evidence.iter().copied()).collect();
            let dims = DimsRef { kind: cause.code(), ..case.dims };
            Draft::new(Metric::GovFaultVisits, Place::Numerator, "government_cause", case.day, dims, &evidence)
        });
        let mut drafts = vec![
            rate(Metric::VisitRateCase, groups.len() <= 1),
            rate(Metric::VisitShare0, groups.is_empty()),
            rate(Metric::VisitShare1, groups.len() == 1),
            draft(Metric::GovFaultVisits, Place::Denominator),
        ];
        drafts.extend(faults);
        drafts
    }

    /// The visits up to a day, as of another, merged.
    fn groups(&self, last: Date, valid_on: Date) -> Vec<Group> {
        let mut groups: Vec<(&Coming<'a>, Group)> = Vec::new();
        for coming in self.comings.iter().filter(|coming| coming.day <= last) {
            let of = groups.iter().position(|(first, _)| self.is_one(first, coming));
            let of = of.unwrap_or_else(|| {
                groups.push((coming, Group::default()));
                groups.len() - 1
            });
            let group = &mut groups[of].1;
            let cause = coming.cause(valid_on);
            group.evidence.extend([coming.position, cause.position]);
            group.fault = group.fault.or(cause.cause.is_government().then_some(cause.cause));
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// Whether a coming belongs to an earlier one. Of places that are not known nobody can say that they are one.
    fn is_one(&self, first: &Coming<'a>, next: &Coming<'a>) -> bool {
        let hours = self.knowledge.rules.count("visit_merge_h", first.day);
        !first.place.is_empty()
            && first.place == next.place
            && first.day == next.day
            && next.at.duration_since(first.at) <= SignedDuration::from_hours(i64::from(hours))
    }
}

impl Coming<'_> {
    /// The latest cause of the highest decider by a day.
    fn cause(&self, valid_on: Date) -> Cause {
        let known = self.causes.iter().filter(|cause| cause.day <= valid_on);
        // Of equal deciders `max_by_key` gives the last, which is the latest. The window's word has the day of the visit itself.
        *known.max_by_key(|cause| cause.decider).unwrap_or(&self.causes[0])
    }
}

fn counts(visit: &Visit) -> bool {
    visit.required && visit.who != VisitWho::Agent && visit.purpose != VisitPurpose::Consult
}
