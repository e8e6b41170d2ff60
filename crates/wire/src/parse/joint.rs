//! Joint handling and visits to the site: `proto/xiaoer/v1/joint.proto`.

use super::case::ITEM_CODE_LEN_MAX;
use super::form::{self, Inside, LIST_LEN_MAX, Parsed};
use super::registry;
use crate::v1;
use xiaoer_domain::event::{
    CodeText, Fact, InspectionAbsence, InspectionDone, InspectionScheduled, JointMember, JointOpened, JointResult, SubOpinion,
};

pub(super) fn opened(m: &v1::JointCaseOpened) -> Parsed<Fact> {
    let project = m.project.as_ref().map(|project| form::subject_ref(project).inside("project")).transpose()?;
    let stage = form::given_code("stage", &m.stage)?;
    let lead = form::given_unit("lead_usci", &m.lead_usci)?;
    let members = form::some("members", &m.members, member)?;
    let again = |index: &usize| members[..*index].iter().any(|other| other.sub_case == members[*index].sub_case);
    if let Some(index) = (0..members.len()).find(again) {
        return Err(form::invalid(&format!("members[{index}].sub_case"), "a part that is named twice"));
    }
    Ok(Fact::JointCaseOpened(JointOpened { project, stage, lead, members }))
}

fn member(m: &v1::JointMember) -> Parsed<JointMember> {
    let unit = form::given_unit("usci", &m.usci)?;
    let sub_case = form::given_case_ref("sub_case", m.sub_case.as_ref())?;
    let limit = m.sub_limit.as_ref().map(|limit| registry::limit(limit).inside("sub_limit")).transpose()?;
    Ok(JointMember { unit, sub_case, limit, item: form::text("item_code", &m.item_code, ITEM_CODE_LEN_MAX)? })
}

pub(super) fn opinion(m: &v1::SubOpinionGiven) -> Parsed<Fact> {
    let sub_case = form::given_case_ref("sub_case", m.sub_case.as_ref())?;
    let opinion = result("opinion", m.opinion)?;
    form::each("items", &m.items, LIST_LEN_MAX, point)?;
    Ok(Fact::SubOpinionGiven(SubOpinion { sub_case, opinion }))
}

fn result(field: &str, number: i32) -> Parsed<JointResult> {
    use v1::JointResult as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Pass => JointResult::Pass,
        Wire::Conditional => JointResult::Conditional,
        Wire::Fail => JointResult::Fail,
    })
}

fn point(m: &v1::JointPoint) -> Parsed<()> {
    form::given_code("code", &m.code)?;
    form::text_ref("text_ref", m.text_ref.as_ref())
}

pub(super) fn list_issued(m: &v1::RectificationListIssued) -> Parsed<Fact> {
    form::some("items", &m.items, point)?;
    Ok(Fact::RectificationListIssued)
}

pub(super) fn concluded(m: &v1::JointConcluded) -> Parsed<Fact> {
    Ok(Fact::JointConcluded(result("result", m.result)?))
}

pub(super) fn inspection_scheduled(m: &v1::SiteInspectionScheduled) -> Parsed<Fact> {
    let visit_id = form::given_code("visit_id", &m.visit_id)?;
    form::each("cases", &m.cases, LIST_LEN_MAX, form::case_ref)?;
    let units = units("units", &m.units)?;
    Ok(Fact::SiteInspectionScheduled(InspectionScheduled { visit_id, units, on: form::given_date("on", &m.on)? }))
}

pub(super) fn inspection_done(m: &v1::SiteInspectionDone) -> Parsed<Fact> {
    let visit_id = form::given_code("visit_id", &m.visit_id)?;
    let present = units("present", &m.present)?;
    form::each("findings", &m.findings, LIST_LEN_MAX, point)?;
    Ok(Fact::SiteInspectionDone(InspectionDone { visit_id, present }))
}

fn units(field: &str, units: &[String]) -> Parsed<Vec<CodeText>> {
    form::some(field, units, |unit| form::given_unit("", unit))
}

pub(super) fn absence(m: &v1::InspectionAbsence) -> Parsed<Fact> {
    let visit_id = form::given_code("visit_id", &m.visit_id)?;
    let unit = form::given_unit("usci", &m.usci)?;
    form::code("excuse", &m.excuse)?;
    Ok(Fact::InspectionAbsence(InspectionAbsence { visit_id, unit }))
}
