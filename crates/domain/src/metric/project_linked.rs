//! Which of the five linked procedures (一化四联) were done for a new project they apply to (domain.md S16).
//!
//! Promises: each procedure that the registration names is one member, from the day the project counts on; one whose stage has not
//! come yet is unknown, until the joint acceptance, the last of the five, is over.

use super::project::Seen;
use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::case::Stamp;
use crate::event::LinkedProcedure;
use crate::project::{Act, JointCase, ProjectOnDay};
use jiff::civil::Date;

/// The day a project counts on as a new one: as it says, else that of its first registration.
pub(super) fn cohort_day(project: &ProjectOnDay) -> Option<Date> {
    let registered = project.registered.as_ref().filter(|_| project.is_project())?;
    Some(registered.says.new_from.unwrap_or(registered.first_day))
}

/// How far a procedure has come.
struct Stage {
    place: Place,
    why: &'static str,
    /// What shows it.
    by: Option<Stamp>,
}

impl Stage {
    const NOT_REACHED: Self = Self { place: Place::Unknown, why: "not_reached", by: None };

    fn done(by: Stamp) -> Self {
        Self { place: Place::Numerator, why: "done", by: Some(by) }
    }

    fn missed(why: &'static str, by: Option<Stamp>) -> Self {
        Self { place: Place::Denominator, why, by }
    }
}

impl<'a> Seen<'a> {
    /// `linked_cover`.
    pub(super) fn linked_cover(&self) -> Vec<Draft<'a>> {
        let (Some(registered), Some(day)) = (&self.project.registered, cohort_day(self.project)) else { return Vec::new() };
        if self.from < day {
            return Vec::new();
        }
        let draft = |procedure: &LinkedProcedure| {
            let stage = self.stage(*procedure);
            let dims = DimsRef { kind: procedure.code(), ..DimsRef::default() };
            let evidence = [registered.stamp.position, stage.by.map_or(0, |by| by.position)];
            Draft::new(Metric::LinkedCover, stage.place, stage.why, day, dims, &evidence)
        };
        registered.says.linked.iter().map(draft).collect()
    }

    fn stage(&self, procedure: LinkedProcedure) -> Stage {
        let stage = match procedure {
            LinkedProcedure::Zone => self.zone_stage(),
            LinkedProcedure::Remote => self.remote_stage(),
            LinkedProcedure::Drawing => self.drawing_stage(),
            LinkedProcedure::Inspection => self.inspection_stage(),
            LinkedProcedure::Acceptance => return self.acceptance_stage(),
        };
        let over = self.acceptances().find_map(|joint| joint.concluded);
        match stage.why == Stage::NOT_REACHED.why && over.is_some() {
            true => Stage::missed("passed_over", over),
            false => stage,
        }
    }

    /// The joint cases of the stage of acceptance for the project.
    fn acceptances(&self) -> impl Iterator<Item = &'a JointCase> + use<'a> {
        self.project.joint.iter().filter(|joint| joint.is_of_stage(LinkedProcedure::Acceptance.code()))
    }

    /// Done once an assessment of a zone was used; a project that was asked for one of its own, for no listed reason, was denied it.
    fn zone_stage(&self) -> Stage {
        let acts = &self.project.assessments;
        if let Some(applied) = acts.iter().find(|assessed| matches!(assessed.act, Act::Applied(_))) {
            return Stage::done(applied.stamp);
        }
        let denied = |day, act: &Act| matches!(act, Act::Demanded(demanded) if !self.is_listed(&demanded.reason, day));
        match (acts.iter().find(|assessed| denied(assessed.stamp.day, &assessed.act)), acts.first()) {
            (Some(demanded), _) => Stage::missed("separate_demanded", Some(demanded.stamp)),
            (None, Some(excused)) => Stage { place: Place::Excluded, why: "excused", by: Some(excused.stamp) },
            (None, None) => Stage::NOT_REACHED,
        }
    }

    fn remote_stage(&self) -> Stage {
        let sessions = &self.project.sessions;
        match (sessions.iter().find(|session| session.says.remote), sessions.first()) {
            (Some(remote), _) => Stage::done(remote.held),
            (None, Some(held)) => Stage::missed("held_in_one_place", Some(held.held)),
            (None, None) => Stage::NOT_REACHED,
        }
    }

    /// Done once the review of a set is over, whatever its conclusion.
    fn drawing_stage(&self) -> Stage {
        let sets = &self.project.sets;
        let submitted = sets.iter().flat_map(|set| &set.versions).find_map(|version| version.submitted.or(version.opened));
        match sets.iter().find_map(|set| set.final_conclusion()) {
            Some((concluded, _)) => Stage::done(concluded.stamp),
            None if sets.is_empty() => Stage::NOT_REACHED,
            None => Stage::missed("under_review", submitted),
        }
    }

    /// Done once all units that had to look at the site came on one visit of a joint case; where nobody said who had to, unknown.
    fn inspection_stage(&self) -> Stage {
        let cases = || self.project.joint.iter().filter(|joint| joint.opened.is_some());
        if let Some(held) = cases().find_map(JointCase::joint_inspection) {
            return Stage::done(held);
        }
        let visits = || cases().filter_map(|joint| Some((joint, joint.inspections.first()?.0)));
        match (visits().find(|(joint, _)| !joint.scheduled.is_empty()), visits().next()) {
            (Some((_, held)), _) => Stage::missed("not_all_in_one_trip", Some(held)),
            (None, Some((_, held))) => Stage { place: Place::Unknown, why: "units_not_stated", by: Some(held) },
            (None, None) => Stage::NOT_REACHED,
        }
    }

    fn acceptance_stage(&self) -> Stage {
        match (self.acceptances().find_map(|joint| joint.concluded), self.acceptances().next()) {
            (Some(concluded), _) => Stage::done(concluded),
            (None, Some(joint)) => Stage::missed("under_way", joint.opened.as_ref().map(|(opened, _)| *opened)),
            (None, None) => Stage::NOT_REACHED,
        }
    }
}
