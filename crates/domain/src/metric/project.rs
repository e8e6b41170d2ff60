//! Where a project (项目) stands: its linked sessions and the rounds of its drawings (domain.md S17, S18).
//!
//! Promises: an invited unit is a member of `remote_opinion_on_time` once for each session held by video, from the day its opinion is
//! due; a set of drawings is one of `drawing_rounds` once its review is over.
//! Leaves the assessments of zones to `project_zone`, and which of the linked procedures were done to `project_linked`.

use super::timeline::{DimsRef, Draft, Timeline, earliest_after, pieces};
use super::{Metric, Place, Standing, project_linked, project_zone};
use crate::event::DrawingConclusion;
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::project::{ProjectOnDay, Session, project_on};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Standings of a project, in no order; of an enterprise none.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let view = |day| Some(project_on(history, day));
    let pieces = pieces(history, view, |project, from| earliest_after(marks(project, knowledge), from));
    let mut timeline = Timeline::default();
    for (from, project) in &pieces {
        let seen = Seen { project, knowledge, from: *from };
        timeline.piece(*from, seen.drafts());
    }
    timeline.finish()
}

/// The days on which time alone changes where a project stands.
fn marks(project: &ProjectOnDay, knowledge: &Knowledge) -> Vec<Date> {
    let due = project.sessions.iter().map(|session| opinions_due(session, knowledge).0);
    due.chain(project_zone::marks(project, knowledge)).chain(project_linked::cohort_day(project)).collect()
}

/// The last day for opinions on a session, by the rule in force on its day, and whether it rests on days without a calendar.
fn opinions_due(session: &Session, knowledge: &Knowledge) -> (Date, bool) {
    let held = session.held.day;
    let due = knowledge.calendar.nth(held, knowledge.rules.count("remote_opinion_wd", held));
    (due, knowledge.calendar.first_provisional(held, due).is_some())
}

/// A project on the days from one on.
pub(super) struct Seen<'a> {
    pub(super) project: &'a ProjectOnDay,
    pub(super) knowledge: &'a Knowledge,
    pub(super) from: Date,
}

impl<'a> Seen<'a> {
    fn drafts(&self) -> Vec<Draft<'a>> {
        let mut drafts = self.zone_reuse();
        drafts.extend(self.linked_cover());
        for session in &self.project.sessions {
            drafts.push(Self::remote_share(session));
            drafts.extend(self.opinions(session));
        }
        drafts.extend(self.rounds());
        drafts.extend(self.late_points());
        drafts
    }

    fn remote_share(session: &'a Session) -> Draft<'a> {
        let (place, why) =
            if session.says.remote { (Place::Numerator, "remote") } else { (Place::Denominator, "held_in_one_place") };
        let dims = DimsRef { unit: &session.unit, ..DimsRef::default() };
        Draft::new(Metric::RemoteShare, place, why, session.held.day, dims, &[session.held.position])
    }

    /// S17: each invited unit owes an opinion on a session held by video. What is said in one place is said on the spot.
    fn opinions(&self, session: &'a Session) -> Vec<Draft<'a>> {
        let (due, provisional) = opinions_due(session, self.knowledge);
        if !session.says.remote || !provisional && self.from < due {
            return Vec::new();
        }
        let units: BTreeSet<&str> = session.says.units.iter().map(|unit| &**unit).collect();
        let draft = |unit: &'a str| {
            let given = session.opinion(unit);
            let late = given.filter(|given| given.day > due).map(|given| self.knowledge.calendar.working_days(due, given.day));
            let (place, why) = match given {
                _ if provisional => (Place::Unknown, "no_calendar"),
                None => (Place::Denominator, "not_given"),
                Some(_) if late.is_some() => (Place::Denominator, "given_late"),
                Some(_) => (Place::Numerator, "given_in_time"),
            };
            let day = if provisional { session.held.day } else { due };
            let evidence = [session.held.position, given.map_or(0, |given| given.position)];
            let dims = DimsRef { unit, ..DimsRef::default() };
            let draft = Draft::new(Metric::RemoteOpinionOnTime, place, why, day, dims, &evidence);
            match late {
                Some(wd) if !provisional => draft.with_value(f64::from(wd)),
                _ => draft,
            }
        };
        units.into_iter().map(draft).collect()
    }

    /// S18: how many versions of a set were reviewed until the last conclusion.
    fn rounds(&self) -> impl Iterator<Item = Draft<'a>> + use<'a> {
        self.project.sets.iter().filter_map(|set| {
            let (concluded, rounds) = set.final_conclusion()?;
            let why = if concluded.result == DrawingConclusion::Pass { "passed" } else { "failed" };
            let dims = DimsRef { unit: &concluded.unit, ..DimsRef::default() };
            let reviews = set.versions.iter().filter_map(|version| version.opened).map(|opened| opened.position);
            let evidence: Vec<u64> = reviews.chain([concluded.stamp.position]).collect();
            let draft = Draft::new(Metric::DrawingRounds, Place::Numerator, why, concluded.stamp.day, dims, &evidence);
            Some(draft.with_value(f64::from(u32::try_from(rounds).unwrap_or(u32::MAX))))
        })
    }

    /// S18: points that round 1 should have listed, by specialty.
    fn late_points(&self) -> impl Iterator<Item = Draft<'a>> + use<'a> {
        self.project.sets.iter().flat_map(|set| set.late_points()).map(|late| {
            let (place, why) = if late.certain { (Place::Numerator, "incomplete") } else { (Place::Unknown, "changes_not_stated") };
            let opinion = late.opinion;
            let dims = DimsRef { unit: &opinion.unit, kind: &opinion.specialty, ..DimsRef::default() };
            let evidence = [opinion.given.position, late.submitted.map_or(0, |submitted| submitted.position)];
            let draft = Draft::new(Metric::DrawingLatePoints, place, why, opinion.given.day, dims, &evidence);
            draft.with_value(f64::from(u32::try_from(late.points).unwrap_or(u32::MAX)))
        })
    }
}
