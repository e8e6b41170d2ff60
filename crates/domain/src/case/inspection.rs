//! Visits to the site (勘验) for a case: who has to look, who came, and in how many trips (domain.md S19).
//!
//! Promises: a visit stops no clock (C7) and is none of the applicant's (3.3).

use super::{CaseOnDay, Stamp};
use crate::event::{CodeText, Fact, Recorded};
use crate::refusal::Code;
use jiff::civil::Date;

/// A visit to the site.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// The sender's id of it.
    pub visit_id: CodeText,
    /// As last scheduled: the event, the day, and the units that have to look.
    pub scheduled: Option<(Stamp, Date, Vec<CodeText>)>,
    /// It took place, with these units.
    pub done: Option<(Stamp, Vec<CodeText>)>,
    /// Units that were told to be absent.
    pub absent: Vec<(Stamp, CodeText)>,
}

impl CaseOnDay {
    /// What a fact of S19 does.
    pub(super) fn inspect(&mut self, recorded: &Recorded) {
        let here = Stamp { day: recorded.event.day, position: recorded.position };
        let trips = &mut self.round_mut().trips;
        match &recorded.event.fact {
            Fact::SiteInspectionScheduled(plan) => {
                trip(trips, &plan.visit_id).scheduled = Some((here, plan.on, plan.units.clone()));
            }
            Fact::SiteInspectionDone(done) => {
                trip(trips, &done.visit_id).done.get_or_insert_with(|| (here, done.present.clone()));
            }
            Fact::InspectionAbsence(absence) => trip(trips, &absence.visit_id).absent.push((here, absence.unit.clone())),
            _ => {}
        }
    }
}

/// The trip of an id, begun where it is new.
fn trip<'a>(trips: &'a mut Vec<Trip>, visit_id: &CodeText) -> &'a mut Trip {
    let at = trips.iter().position(|trip| trip.visit_id == *visit_id).unwrap_or(trips.len());
    if at == trips.len() {
        trips.push(Trip { visit_id: visit_id.clone(), scheduled: None, done: None, absent: Vec::new() });
    }
    &mut trips[at]
}

/// Whether a fact of S19 may find this case.
pub(super) fn check(case: &CaseOnDay, fact: &Fact) -> Option<Code> {
    let trip = |visit_id: &CodeText| case.round().trips.iter().find(|trip| trip.visit_id == *visit_id);
    let done = |visit_id: &CodeText| trip(visit_id).is_some_and(|trip| trip.done.is_some());
    match fact {
        Fact::SiteInspectionScheduled(plan) if done(&plan.visit_id) => Some(Code::InspectionExists),
        Fact::SiteInspectionDone(visit) if done(&visit.visit_id) => Some(Code::InspectionExists),
        Fact::InspectionAbsence(absence) if trip(&absence.visit_id).is_none() => Some(Code::InspectionUnknown),
        _ => None,
    }
}
