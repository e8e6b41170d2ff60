//! The gate for enterprises, projects and zones (domain.md S16 to S18).

use super::forbidden;
use super::others::before;
use crate::event::{Event, Fact, SetVersion, ZoneAssessmentApproved};
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::project::{ProjectOnDay, Version};
use crate::refusal::{Code, Refusal};

/// What is wrong whatever the mode: an assessment of a zone that has one of this id, whichever system approved it. A stream may be
/// ahead of what is known besides.
pub(super) fn form(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let Fact::ZoneAssessmentApproved(ZoneAssessmentApproved { assessment_id, .. }) = &event.fact else { return Ok(()) };
    let same = |fact: &Fact| matches!(fact, Fact::ZoneAssessmentApproved(own) if own.assessment_id == *assessment_id);
    let here = history.counting().any(|recorded| same(&recorded.event.fact));
    let zone = knowledge.catalogue.zone(&event.subject.id);
    if !here && !zone.is_some_and(|zone| zone.assessments.iter().any(|own| own.id == *assessment_id)) {
        return Ok(());
    }
    let refusal = Refusal::new(Code::AssessmentExists, "the zone has this assessment");
    Err(refusal.at("zone_assessment_approved.assessment_id").by_rule("S16"))
}

/// What the subject's state forbids: of what was there before it, in its own place in time; most specific first.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let project = ProjectOnDay::of(&event.subject, before(history, event));
    let ever = ProjectOnDay::of(&event.subject, history.counting());
    let code = match &event.fact {
        Fact::EventVoided(_) | Fact::EventReplaced(_) | Fact::SubjectRegistered(_) => None,
        // A registry may learn of a project after its first session.
        _ if !ever.is_project() => Some(Code::ProjectUnknown),
        Fact::ZoneAssessmentApplied(applied) => {
            let zone = knowledge.catalogue.zone(&applied.zone_id);
            let valid = zone.is_some_and(|zone| zone.valid(event.day).any(|valid| valid.id == applied.assessment_id));
            (!valid).then_some(Code::AssessmentUnknown)
        }
        Fact::LinkedSessionHeld(held) => ever.session(&held.session_id).map(|_| Code::SessionExists),
        Fact::RemoteOpinionGiven(given) => match project.session(&given.session_id) {
            None => Some(Code::SessionUnknown),
            Some(session) => (!session.says.units.contains(&given.unit)).then_some(Code::NotInvited),
        },
        Fact::DrawingSubmitted(fact) => {
            let exists = version(&ever, &fact.of).is_some_and(|version| version.submitted.is_some());
            exists.then_some(Code::DrawingExists).or_else(|| concluded(&project, &fact.of))
        }
        Fact::DrawingReviewOpened(fact) => match version(&project, &fact.of).and_then(|version| version.submitted) {
            None => Some(Code::DrawingUnknown),
            Some(_) if opened(&ever, &fact.of).is_some() => Some(Code::DrawingExists),
            Some(_) => concluded(&project, &fact.of),
        },
        Fact::DrawingOpinionGiven(fact) => match opened(&project, &fact.of) {
            None => Some(Code::DrawingUnknown),
            Some(version) if !version.specialties.contains(&fact.specialty) => Some(Code::NotInvited),
            Some(_) => concluded(&project, &fact.of),
        },
        Fact::DrawingConclusionIssued(fact) => match opened(&project, &fact.of) {
            None => Some(Code::DrawingUnknown),
            Some(_) => concluded(&project, &fact.of),
        },
        _ => None,
    };
    code.map_or(Ok(()), |code| Err(forbidden(code, project.state().0, event)))
}

fn version<'a>(project: &'a ProjectOnDay, of: &SetVersion) -> Option<&'a Version> {
    project.set(&of.set_id)?.version(&of.version)
}

/// A version whose review was opened.
fn opened<'a>(project: &'a ProjectOnDay, of: &SetVersion) -> Option<&'a Version> {
    version(project, of).filter(|version| version.opened.is_some())
}

/// The review of this version or of the whole set is over.
fn concluded(project: &ProjectOnDay, of: &SetVersion) -> Option<Code> {
    let of_version = version(project, of).is_some_and(|version| version.concluded.is_some());
    let of_set = project.set(&of.set_id).is_some_and(|set| set.final_conclusion().is_some());
    (of_version || of_set).then_some(Code::DrawingConcluded)
}
