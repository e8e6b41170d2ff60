//! Facts of enterprises, projects and zones (`project.proto`, S16 to S18).

use super::form::{self, Parsed};
use crate::v1;
use std::collections::BTreeSet;
use xiaoer_domain::{
    Fact,
    event::{
        CodeText, DrawingConclusion, DrawingConclusionIssued, DrawingOpinionGiven, DrawingPoint, DrawingReviewOpened,
        DrawingSubmitted, LinkedProcedure, LinkedSessionHeld, RemoteOpinionGiven, SeparateAssessmentDemanded, SetVersion,
        SubjectKind, SubjectRegistered, ZoneAssessmentApplied, ZoneAssessmentApproved,
    },
};

/// Longest 项目代码.
const PROJECT_CODE_LEN_MAX: usize = 24;
/// Bytes of an SM3 hash.
const SM3_LEN: usize = 32;

pub(super) fn registered(m: &v1::SubjectRegistered) -> Parsed<Fact> {
    let kind = match form::named::<v1::SubjectKind>("subject_kind", m.subject_kind)? {
        v1::SubjectKind::Unspecified => return Err(form::not_stated("subject_kind")),
        v1::SubjectKind::Enterprise => SubjectKind::Enterprise,
        v1::SubjectKind::Project => SubjectKind::Project,
    };
    form::legal_person("usci", &m.usci)?;
    form::text("project_code", &m.project_code, PROJECT_CODE_LEN_MAX)?;
    let new_from = form::date("new_from", &m.new_from)?;
    form::code("town", &m.town)?;
    let zone_id = form::code("zone_id", &m.zone_id)?;
    let linked = form::each("linked_kinds", &m.linked_kinds, form::LIST_LEN_MAX, |number| linked("", *number))?;
    if kind == SubjectKind::Enterprise && !linked.is_empty() {
        return Err(form::invalid("linked_kinds", "the linked procedures are those of a project"));
    }
    if linked.iter().collect::<BTreeSet<_>>().len() < linked.len() {
        return Err(form::invalid("linked_kinds", "a procedure that is named twice"));
    }
    Ok(Fact::SubjectRegistered(SubjectRegistered { kind, new_from, zone_id, linked }))
}

fn linked(field: &str, number: i32) -> Parsed<LinkedProcedure> {
    use v1::LinkedProcedure as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Zone => LinkedProcedure::Zone,
        Wire::Remote => LinkedProcedure::Remote,
        Wire::Drawing => LinkedProcedure::Drawing,
        Wire::Inspection => LinkedProcedure::Inspection,
        Wire::Acceptance => LinkedProcedure::Acceptance,
    })
}

pub(super) fn zone_approved(m: &v1::ZoneAssessmentApproved) -> Parsed<Fact> {
    let assessment_id = form::given_code("assessment_id", &m.assessment_id)?;
    let kind = form::given_code("kind", &m.kind)?;
    let valid_from = form::given_date("valid_from", &m.valid_from)?;
    let valid_to = form::date("valid_to", &m.valid_to)?;
    if valid_to.is_some_and(|last| last < valid_from) {
        return Err(form::invalid("valid_to", "before the first day"));
    }
    Ok(Fact::ZoneAssessmentApproved(ZoneAssessmentApproved { assessment_id, kind, valid_from, valid_to }))
}

pub(super) fn zone_applied(m: &v1::ZoneAssessmentApplied) -> Parsed<Fact> {
    let zone_id = form::given_code("zone_id", &m.zone_id)?;
    let assessment_id = form::given_code("assessment_id", &m.assessment_id)?;
    Ok(Fact::ZoneAssessmentApplied(ZoneAssessmentApplied { zone_id, assessment_id }))
}

pub(super) fn separate_demanded(m: &v1::SeparateAssessmentDemanded) -> Parsed<Fact> {
    let kind = form::given_code("kind", &m.kind)?;
    let reason = form::code("reason", &m.reason)?;
    Ok(Fact::SeparateAssessmentDemanded(SeparateAssessmentDemanded { kind, reason }))
}

pub(super) fn session_held(m: &v1::LinkedSessionHeld) -> Parsed<Fact> {
    let session_id = form::given_code("session_id", &m.session_id)?;
    if m.units.is_empty() {
        return Err(form::missing("units", "a unit that was invited"));
    }
    let units = form::each("units", &m.units, form::LIST_LEN_MAX, |unit| form::given_unit("", unit))?;
    let from = form::time("from", m.from.as_ref())?;
    let to = form::time("to", m.to.as_ref())?;
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(form::invalid("to", "before it began"));
    }
    form::text_ref("minutes_ref", m.minutes_ref.as_ref())?;
    Ok(Fact::LinkedSessionHeld(LinkedSessionHeld { session_id, units, remote: m.remote }))
}

pub(super) fn remote_opinion(m: &v1::RemoteOpinionGiven) -> Parsed<Fact> {
    let session_id = form::given_code("session_id", &m.session_id)?;
    let unit = form::given_unit("unit_usci", &m.unit_usci)?;
    if form::named::<v1::RemoteOpinion>("opinion", m.opinion)? == v1::RemoteOpinion::Unspecified {
        return Err(form::not_stated("opinion"));
    }
    form::text_ref("opinion_ref", m.opinion_ref.as_ref())?;
    Ok(Fact::RemoteOpinionGiven(RemoteOpinionGiven { session_id, unit }))
}

pub(super) fn drawing_submitted(m: &v1::DrawingSubmitted) -> Parsed<Fact> {
    let of = set_version(&m.set_id, &m.set_version)?;
    let changed_sheets = form::codes("changed_sheets", &m.changed_sheets)?;
    if !m.sm3.is_empty() && m.sm3.len() != SM3_LEN {
        return Err(form::invalid("sm3", format!("{} bytes, where an SM3 has {SM3_LEN}", m.sm3.len())));
    }
    Ok(Fact::DrawingSubmitted(DrawingSubmitted { of, changed_sheets }))
}

pub(super) fn review_opened(m: &v1::DrawingReviewOpened) -> Parsed<Fact> {
    let of = set_version(&m.set_id, &m.set_version)?;
    if m.specialties.is_empty() {
        return Err(form::missing("specialties", "a specialty that reviews the drawings"));
    }
    let specialties = form::codes("specialties", &m.specialties)?;
    Ok(Fact::DrawingReviewOpened(DrawingReviewOpened { of, specialties }))
}

pub(super) fn drawing_opinion(m: &v1::DrawingOpinionGiven) -> Parsed<Fact> {
    let of = set_version(&m.set_id, &m.set_version)?;
    let specialty = form::given_code("specialty", &m.specialty)?;
    if form::named::<v1::DrawingOpinionResult>("result", m.result)? == v1::DrawingOpinionResult::Unspecified {
        return Err(form::not_stated("result"));
    }
    let points = form::each("points", &m.points, form::LIST_LEN_MAX, point)?;
    Ok(Fact::DrawingOpinionGiven(DrawingOpinionGiven { of, specialty, points }))
}

fn point(m: &v1::DrawingPoint) -> Parsed<DrawingPoint> {
    let sheet = form::code("sheet", &m.sheet)?;
    let code = form::given_code("point_code", &m.point_code)?;
    form::text_ref("text_ref", m.text_ref.as_ref())?;
    Ok(DrawingPoint { sheet, code })
}

pub(super) fn drawing_concluded(m: &v1::DrawingConclusionIssued) -> Parsed<Fact> {
    use v1::DrawingConclusionResult as Wire;
    let of = set_version(&m.set_id, &m.set_version)?;
    let result = match form::named::<Wire>("result", m.result)? {
        Wire::Unspecified => return Err(form::not_stated("result")),
        Wire::Pass => DrawingConclusion::Pass,
        Wire::Revise => DrawingConclusion::Revise,
        Wire::Fail => DrawingConclusion::Fail,
    };
    Ok(Fact::DrawingConclusionIssued(DrawingConclusionIssued { of, result }))
}

/// Which version of which set; a project that has one set gives it no id.
fn set_version(set_id: &str, version: &str) -> Parsed<SetVersion> {
    let set_id = form::code("set_id", set_id)?;
    let version: CodeText = form::given_code("set_version", version)?;
    Ok(SetVersion { set_id, version })
}
