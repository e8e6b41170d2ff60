//! A hearing (听证, 行政许可法 arts 46–48, C13): the applicant is told of the right to one, may ask for it, and then it is held.
//!
//! Promises: a clock from the request; the special procedure of kind hearing is the hearing, held on the day it ended.

use super::{Round, Stamp};
use crate::calendar::Calendar;
use crate::clock::{Clock, Course};
use crate::event::{Fact, Limit, ProcedureKind, Recorded};
use crate::knowledge::Knowledge;
use jiff::{Timestamp, ToSpan, civil::Date};

/// Working days from the request to the hearing (art. 47).
const HEARING_WD: u32 = 20;
/// Working days from being told of the right to the request.
const REQUEST_WD: u32 = 5;
/// Days by which the applicant must know of the hearing before it is held (art. 48(1)); days of the calendar, so that only what is
/// certainly too short is said to be.
const NOTICE_DAYS: i32 = 7;

/// 听证 of a round.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hearing {
    /// 告知听证权利, the last before the request.
    pub told: Option<Stamp>,
    /// 申请听证, the first.
    pub requested: Option<(Stamp, Timestamp)>,
    /// The request came more than five working days after the right was told.
    pub is_late: bool,
    /// From the request to the hearing, or to the end of the round without one.
    pub clock: Option<Clock>,
}

impl Hearing {
    /// What a fact of the hearing does.
    pub(super) fn apply(&mut self, recorded: &Recorded) {
        let here = Stamp { day: recorded.event.day, position: recorded.position };
        match recorded.event.fact {
            Fact::HearingRightTold if self.requested.is_none() => self.told = Some(here),
            Fact::HearingRequested => {
                self.requested.get_or_insert((here, recorded.event.occurred_at));
            }
            _ => {}
        }
    }

    fn is_late(&self, calendar: &Calendar) -> bool {
        let days = self.told.zip(self.requested).map(|(told, (requested, _))| (told.day, requested.day));
        days.is_some_and(|(told, requested)| {
            calendar.working_days(told, requested) > REQUEST_WD && calendar.first_provisional(told, requested).is_none()
        })
    }
}

impl Round {
    /// The hearing that was asked for: the first that ended after the request.
    pub(super) fn held(&self) -> Option<Stamp> {
        let (requested, _) = self.hearing.requested?;
        let hearings = self.procedures.iter().filter(|procedure| procedure.kind == ProcedureKind::Hearing);
        hearings.filter_map(|procedure| procedure.ended).find(|ended| ended.day >= requested.day)
    }

    /// Reads the clock of the hearing, and whether it was asked for in time.
    pub(super) fn read_hearing(&mut self, knowledge: &Knowledge, valid_on: Date) {
        self.hearing.is_late = self.hearing.is_late(&knowledge.calendar);
        let Some((requested, at)) = self.hearing.requested else { return };
        let ends = [self.held().map(|held| held.day), self.outcome.as_ref().map(|outcome| outcome.day)];
        let stop = ends.into_iter().flatten().min();
        let course = Course::unmoved(Limit::working_days(HEARING_WD), (requested.day, at), stop, valid_on);
        self.hearing.clock = Some(Clock::read(&course, &knowledge.calendar, &knowledge.zone));
    }

    /// A hearing was held of which the applicant was told less than seven days before, or not in writing.
    pub(super) fn hearing_notice_is_short(&self, knowledge: &Knowledge) -> bool {
        let local = |at: Timestamp| at.to_zoned_datetime(knowledge.zone.clone()).date();
        let mut hearings = self.procedures.iter().filter(|procedure| procedure.kind == ProcedureKind::Hearing);
        hearings.any(|procedure| {
            let too_late =
                |held: Stamp| procedure.told_at.is_none_or(|told| local(told).saturating_add(NOTICE_DAYS.days()) > held.day);
            procedure.ended.is_some_and(too_late)
        })
    }

    /// It was decided although a hearing had been asked for in time, and none was held.
    pub(super) fn hearing_is_passed_over(&self) -> bool {
        let asked = self.hearing.requested.is_some() && !self.hearing.is_late;
        let decided = self.outcome.as_ref().is_some_and(|outcome| matches!(outcome.kind, super::OutcomeKind::Decided(_)));
        asked && decided && self.held().is_none()
    }
}
