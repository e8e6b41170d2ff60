//! Whether a project used the assessments of its zone (区域评估) that it could (domain.md S16).
//!
//! Promises: on a night each kind of assessment that covers the project is one member. Leaves what is valid to the catalogue.

use super::project::Seen;
use super::timeline::{DimsRef, Draft, day_after};
use super::{Metric, Place};
use crate::catalogue::{Assessment, Zone};
use crate::event::CodeText;
use crate::knowledge::Knowledge;
use crate::project::{Act, Assessed, ProjectOnDay};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The days from which another assessment may be used, or one may not be any more.
pub(super) fn marks(project: &ProjectOnDay, knowledge: &Knowledge) -> Vec<Date> {
    let assessments = zone_of(project, knowledge).into_iter().flat_map(|(_, zone)| &zone.assessments);
    assessments.flat_map(|assessment| [Some(assessment.from), assessment.to.map(day_after)]).flatten().collect()
}

/// The zone that a project lies in.
fn zone_of<'a>(project: &'a ProjectOnDay, knowledge: &'a Knowledge) -> Option<(&'a CodeText, &'a Zone)> {
    let zone_id = &project.registered.as_ref().filter(|_| project.is_project())?.says.zone_id;
    Some((zone_id, knowledge.catalogue.zone(zone_id)?))
}

/// What an act says of a project and a kind of assessment.
#[derive(Clone, Copy, PartialEq)]
enum Said {
    /// An assessment of the zone was used.
    Applied,
    /// One of the project's own was asked for although the zone's could be used, for no listed reason.
    Demanded,
    /// The same for a listed reason.
    Excused,
    /// One of the project's own was asked for when the zone had none.
    AskedBefore,
}

impl<'a> Seen<'a> {
    /// `zone_reuse`.
    pub(super) fn zone_reuse(&self) -> Vec<Draft<'a>> {
        let Some((zone_id, zone)) = zone_of(self.project, self.knowledge) else { return Vec::new() };
        // Of several of a kind the one recorded last.
        let covered: BTreeMap<&str, u64> = zone.valid(self.from).map(|valid| (&*valid.kind, valid.position)).collect();
        let registered = self.project.registered.as_ref().map_or(0, |registered| registered.stamp.position);
        let draft = |(kind, approved): (&'a str, u64)| {
            let acts = self.project.assessments.iter();
            let said: Vec<(Said, u64)> =
                acts.filter_map(|act| Some((self.said(act, zone_id, zone, kind)?, act.stamp.position))).collect();
            let demanded = said.iter().find(|(said, _)| *said == Said::Demanded).map(|(_, position)| *position);
            let (place, why) = match (said.last().map(|(said, _)| *said), demanded) {
                (None, _) => (Place::Denominator, "not_applied"),
                (Some(Said::Applied), None) => (Place::Numerator, "applied"),
                (Some(Said::Applied), Some(_)) => (Place::Numerator, "applied_after_demand"),
                (Some(Said::Demanded), _) => (Place::Denominator, "separate_demanded"),
                (Some(Said::Excused), _) => (Place::Excluded, "excused"),
                (Some(Said::AskedBefore), _) => (Place::Excluded, "asked_before"),
            };
            let evidence: Vec<u64> =
                [registered, approved].into_iter().chain(demanded).chain(said.last().map(|(_, position)| *position)).collect();
            Draft::night(Metric::ZoneReuse, place, why, DimsRef { kind, ..DimsRef::default() }, &evidence)
        };
        covered.into_iter().map(draft).collect()
    }

    fn said(&self, assessed: &Assessed, zone_id: &str, zone: &Zone, kind: &str) -> Option<Said> {
        let day = assessed.stamp.day;
        match &assessed.act {
            Act::Applied(applied) => {
                let used = |valid: &Assessment| valid.id == applied.assessment_id && *valid.kind == *kind;
                (*applied.zone_id == *zone_id && zone.valid(day).any(used)).then_some(Said::Applied)
            }
            Act::Demanded(demanded) if *demanded.kind != *kind => None,
            Act::Demanded(_) if !zone.valid(day).any(|valid| *valid.kind == *kind) => Some(Said::AskedBefore),
            Act::Demanded(demanded) if self.is_listed(&demanded.reason, day) => Some(Said::Excused),
            Act::Demanded(_) => Some(Said::Demanded),
        }
    }

    /// A reason that excuses a separate assessment, by the rule on the day it was asked for.
    pub(super) fn is_listed(&self, reason: &str, day: Date) -> bool {
        self.knowledge.rules.lists("zone_exceptions", day, reason)
    }
}
