//! Joint handling (联办) of a case: who was on time, who is charged, what working in parallel gained; and visits to the site (domain.md
//! S19, S20, 3.1, 3.6).
//!
//! Promises: each part of a joint case stands in `sub_on_time` exactly once from its due date on, or as unknown in the period of the
//! opening; what is late is charged to somebody.

use super::case::{certain, evidence};
use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::case::{CaseOnDay, Joint, Member, OutcomeKind, Round, Trip, Which};
use crate::clock::{Clock, Due, Why};
use crate::event::CodeText;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A case on the days from one on.
pub(super) struct Seen<'s, 'a> {
    pub(super) case: &'a CaseOnDay,
    pub(super) knowledge: &'s Knowledge,
    pub(super) from: Date,
    pub(super) dims: DimsRef<'a>,
}

/// How a member of a rate stands.
type Stands = (Place, &'static str, Date);

impl<'a> Seen<'_, 'a> {
    /// What a case adds to the figures of joint handling.
    pub(super) fn drafts(&self) -> Vec<Draft<'a>> {
        let mut drafts = Vec::new();
        for round in &self.case.rounds {
            if let Some(joint) = &round.joint {
                for member in &joint.members {
                    drafts.extend(self.on_time(round, joint, member));
                    drafts.extend(self.backlog(round, joint, member));
                }
                drafts.extend(self.whole(Metric::JointOnTime, Which::Promised, round, joint));
                drafts.extend(self.whole(Metric::JointOnTimeOfficial, Which::PromisedOfficial, round, joint));
                drafts.extend(self.charged(round, joint));
                drafts.extend(self.gained(round, joint));
            }
            drafts.extend(self.inspected(&round.trips));
            drafts.extend(self.own_trips(&round.trips));
        }
        drafts
    }

    /// Charged to the lead, by stage.
    fn dims_of(&self, joint: &'a Joint) -> DimsRef<'a> {
        DimsRef { unit: &joint.lead, staff: "", kind: &joint.stage, ..self.dims }
    }

    /// Charged to the member, and of its item.
    fn dims_of_member(&self, joint: &'a Joint, member: &'a Member) -> DimsRef<'a> {
        let item = if member.item.is_empty() { self.dims.item } else { &member.item };
        DimsRef { unit: &member.unit, item, ..self.dims_of(joint) }
    }

    /// `sub_on_time`, once the due date has come.
    fn on_time(&self, round: &Round, joint: &'a Joint, member: &'a Member) -> Option<Draft<'a>> {
        let given = member.opinion.map(|(stamp, _)| stamp.day);
        let (place, why, day) = match due(&member.clock, joint.opened.day) {
            Err(unknown) => unknown,
            Ok(due) if self.from < due => return None,
            Ok(due) => match given {
                Some(day) if day <= due => (Place::Numerator, "given_in_time", due),
                _ if ended(round, joint).is_some_and(|day| day <= due) => (Place::Excluded, "nothing_owed", due),
                _ if member.agreed.is_some() => (Place::Denominator, "deemed_agreed", due),
                Some(_) => (Place::Denominator, "given_late", due),
                None => (Place::Denominator, "not_given", due),
            },
        };
        let dims = self.dims_of_member(joint, member);
        Some(Draft::new(Metric::SubOnTime, place, why, day, dims, &of_member(round, joint, member)))
    }

    /// `backlog_member`: no opinion, the case open, and the night after the member's own due date.
    fn backlog(&self, round: &Round, joint: &'a Joint, member: &'a Member) -> Option<Draft<'a>> {
        if member.opinion.is_some() || member.agreed.is_some() || ended(round, joint).is_some() {
            return None;
        }
        let (place, why) = match member.clock.due {
            Due::On { day, provisional: false } if self.from > day => (Place::Numerator, "past_due"),
            Due::On { provisional: true, .. } if certain(&member.clock, self.knowledge).is_some_and(|last| self.from > last) => {
                (Place::Unknown, "no_calendar")
            }
            Due::Unknown(why @ (Why::NoItemVersion | Why::NoLimit)) => (Place::Unknown, why.code()),
            _ => return None,
        };
        let dims = self.dims_of_member(joint, member);
        Some(Draft::night(Metric::BacklogMember, place, why, dims, &of_member(round, joint, member)))
    }

    /// `joint_on_time` by one reading of the promised clock.
    fn whole(&self, metric: Metric, which: Which, round: &Round, joint: &'a Joint) -> Option<Draft<'a>> {
        let (place, why, day) = self.stands(which, round, joint)?;
        Some(Draft::new(metric, place, why, day, self.dims_of(joint), &self.of_whole(which, round, joint)))
    }

    /// Where the whole stands by a reading, once its due date has come.
    fn stands(&self, which: Which, round: &Round, joint: &Joint) -> Option<Stands> {
        round.accepted.as_ref()?;
        let due = match due(round.clock(which)?, joint.opened.day) {
            Err(unknown) => return Some(unknown),
            Ok(due) if self.from < due => return None,
            Ok(due) => due,
        };
        if let Some(day) = concluded(round, joint) {
            let in_time = day <= due;
            return Some(if in_time {
                (Place::Numerator, "concluded_in_time", due)
            } else {
                (Place::Denominator, "concluded_late", due)
            });
        }
        Some(match round.outcome.as_ref() {
            Some(outcome) if outcome.day <= due => (Place::Excluded, "stopped_in_time", due),
            Some(_) => (Place::Denominator, "stopped_late", due),
            None => (Place::Denominator, "open_past_due", due),
        })
    }

    fn of_whole(&self, which: Which, round: &Round, joint: &Joint) -> Vec<u64> {
        let mut positions = evidence(round, which, self.knowledge);
        positions.push(joint.opened.position);
        positions.extend(joint.concluded.map(|(stamp, _)| stamp.position));
        positions
    }

    /// Who bears a joint case that is late, from the night after its due date on.
    fn charged(&self, round: &Round, joint: &'a Joint) -> Vec<Draft<'a>> {
        let late =
            self.stands(Which::Promised, round, joint).filter(|(place, _, due)| *place == Place::Denominator && self.from > *due);
        let Some((_, _, due)) = late else { return Vec::new() };
        let units = joint.charged().into_iter();
        units
            .map(|unit| {
                let is_member = joint.members.iter().any(|member| member.unit == *unit && member.is_late());
                let why = if is_member { "member_late" } else { "lead_for_all" };
                let dims = DimsRef { unit, ..self.dims_of(joint) };
                Draft::new(
                    Metric::JointLateCharged,
                    Place::Numerator,
                    why,
                    due,
                    dims,
                    &self.of_whole(Which::Promised, round, joint),
                )
            })
            .collect()
    }

    /// What a joint case took, and how that compares with one member after the other.
    fn gained(&self, round: &Round, joint: &'a Joint) -> Vec<Draft<'a>> {
        let Some((accepted, end)) = round.accepted.as_ref().map(|moment| moment.day).zip(concluded(round, joint)) else {
            return Vec::new();
        };
        let calendar = &self.knowledge.calendar;
        let metrics = [Metric::Elapsed, Metric::ParallelGain, Metric::CoordinationDays];
        let positions = self.of_whole(Which::Promised, round, joint);
        let draft = |metric, place, why| Draft::new(metric, place, why, end, self.dims_of(joint), &positions);
        if calendar.first_provisional(accepted, end).is_some() {
            return metrics.map(|metric| draft(metric, Place::Unknown, "no_calendar")).into();
        }
        let elapsed = f64::from(calendar.working_days(accepted, end));
        let gross = |member: &Member| {
            let sent = member.clock.start.unwrap_or(joint.opened.day);
            f64::from(calendar.working_days(sent, member.clock.stop.unwrap_or(end).min(end)))
        };
        let gross: Vec<f64> = joint.members.iter().map(gross).collect();
        let (sum, longest) = (gross.iter().sum::<f64>(), gross.iter().copied().fold(0.0, f64::max));
        let gain = match sum > 0.0 {
            true => draft(Metric::ParallelGain, Place::Numerator, "concluded").with_value(1.0 - elapsed / sum),
            false => draft(Metric::ParallelGain, Place::Unknown, "no_days"),
        };
        vec![
            draft(Metric::Elapsed, Place::Numerator, "concluded").with_value(elapsed),
            gain,
            draft(Metric::CoordinationDays, Place::Numerator, "concluded").with_value(elapsed - longest),
        ]
    }

    /// `joint_inspection_rate`: of the visits that two units or more had to make.
    fn inspected(&self, trips: &'a [Trip]) -> Option<Draft<'a>> {
        let planned = || trips.iter().filter_map(|trip| trip.scheduled.as_ref());
        let owed: BTreeSet<&CodeText> = planned().flat_map(|(_, _, units)| units).collect();
        if owed.len() < 2 {
            return None;
        }
        let held = || trips.iter().filter_map(|trip| trip.done.as_ref());
        let all_came = |(_, present): &&(crate::case::Stamp, Vec<CodeText>)| owed.iter().all(|unit| present.contains(unit));
        let positions: Vec<u64> =
            planned().map(|(stamp, ..)| stamp.position).chain(held().map(|(stamp, _)| stamp.position)).collect();
        let last = planned().map(|(_, on, _)| *on).max()?;
        let (place, why, day) = match held().map(|(stamp, _)| stamp.day).min() {
            Some(first) if held().any(|trip| all_came(&trip)) => (Place::Numerator, "all_in_one_trip", first),
            Some(first) => (Place::Denominator, "not_all_in_one_trip", first),
            None if self.from > last => (Place::Unknown, "not_held", last),
            None => return None,
        };
        let dims = DimsRef { staff: "", kind: self.stage(), ..self.dims };
        Some(Draft::new(Metric::JointInspectionRate, place, why, day, dims, &positions))
    }

    fn stage(&self) -> &'a str {
        self.case.round().joint.as_ref().map_or("", |joint| &joint.stage)
    }

    /// `inspection_own_trips`: a unit alone, after several had been there.
    fn own_trips(&self, trips: &'a [Trip]) -> Vec<Draft<'a>> {
        let mut held: Vec<_> = trips.iter().filter_map(|trip| trip.done.as_ref()).collect();
        held.sort_by_key(|(stamp, _)| (stamp.day, stamp.position));
        let Some(first) = held.iter().position(|(_, present)| present.len() > 1) else { return Vec::new() };
        let (joint, together) = held[first];
        let alone = held[first + 1..]
            .iter()
            .filter_map(|(stamp, present)| Some((stamp, <[_; 1]>::try_from(present.iter().collect::<Vec<_>>()).ok()?)));
        alone
            .map(|(stamp, [unit])| {
                let rules = &self.knowledge.rules;
                let limit = rules.entry("inspection_absent", "own_trip_wd", joint.day);
                let wd = i64::from(self.knowledge.calendar.working_days(joint.day, stamp.day));
                let why = match together.contains(unit) {
                    true => "had_been_there",
                    false if rules.entry("inspection_absent", "bound", joint.day) > 0 => "was_bound",
                    false if wd <= limit => "absent_in_time",
                    false => "absent_late",
                };
                let dims = DimsRef { unit, staff: "", kind: self.stage(), ..self.dims };
                let positions = [joint.position, stamp.position];
                Draft::new(Metric::InspectionOwnTrips, Place::Numerator, why, stamp.day, dims, &positions)
            })
            .collect()
    }
}

/// The due date of a clock, or how its member stands without one, in the period of the opening.
fn due(clock: &Clock, opened: Date) -> Result<Date, Stands> {
    let unknown = |why| Err((Place::Unknown, why, opened));
    match clock.due {
        Due::On { day, provisional: false } => Ok(day),
        Due::On { provisional: true, .. } => unknown("no_calendar"),
        Due::Paused => unknown("open_pause"),
        Due::Unknown(why) => unknown(why.code()),
    }
}

/// Day from which a member owed no opinion any more: the whole was concluded, or the case ended.
fn ended(round: &Round, joint: &Joint) -> Option<Date> {
    [joint.concluded.map(|(stamp, _)| stamp.day), round.outcome.as_ref().map(|outcome| outcome.day)].into_iter().flatten().min()
}

/// Day of the conclusion; where none was told, of the decision.
fn concluded(round: &Round, joint: &Joint) -> Option<Date> {
    let decided =
        round.outcome.as_ref().filter(|outcome| matches!(outcome.kind, OutcomeKind::Decided(_))).map(|outcome| outcome.day);
    joint.concluded.map(|(stamp, _)| stamp.day).or(decided)
}

/// What a member's clock was read from.
fn of_member(round: &Round, joint: &Joint, member: &Member) -> Vec<u64> {
    let procedures = round.procedures.iter().chain(&member.procedures).filter(|procedure| procedure.pause().is_some());
    let stamps = procedures.flat_map(|procedure| [Some(procedure.started), procedure.ended]);
    let own = [Some(joint.opened), member.sent.map(|(stamp, _)| stamp), member.opinion.map(|(stamp, _)| stamp)];
    stamps.chain(own).flatten().map(|stamp| stamp.position).collect()
}
