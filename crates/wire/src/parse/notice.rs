//! Notices, corrections and what is said of notices (`case.proto`, S13).

use super::form::{self, Parsed};
use crate::v1;
use v1::notice_breach_alleged::Basis;
use xiaoer_domain::{
    Fact,
    event::{CorrectionSubmitted, Finding, NoticeBreach, NoticeBreachAlleged, NoticeBreachFound, NoticeCause, NoticeForm},
    event::{NoticeGiven, NoticeItem},
};

pub(super) fn given(m: &v1::NoticeGiven) -> Parsed<Fact> {
    let notice_id = form::given_code("notice_id", &m.notice_id)?;
    let form = notice_form("form", m.form)?;
    let items = form::each("items", &m.items, form::LIST_LEN_MAX, item)?;
    form::code("receipt_ref", &m.receipt_ref)?;
    Ok(Fact::NoticeGiven(NoticeGiven { notice_id, form, items }))
}

fn notice_form(field: &str, number: i32) -> Parsed<NoticeForm> {
    use v1::NoticeForm as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => NoticeForm::Unknown,
        Wire::Written => NoticeForm::Written,
        Wire::Electronic => NoticeForm::Electronic,
        Wire::Oral => NoticeForm::Oral,
    })
}

fn item(m: &v1::NoticeItem) -> Parsed<NoticeItem> {
    let material = form::code("material_code", &m.material_code)?;
    let defect = form::code("defect", &m.defect)?;
    form::code("remedy", &m.remedy)?;
    let cause = notice_cause("cause", m.cause)?;
    Ok(NoticeItem { material, defect, cause })
}

fn notice_cause(field: &str, number: i32) -> Parsed<NoticeCause> {
    use v1::NoticeCause as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified | Wire::First => NoticeCause::First,
        Wire::Unfixed => NoticeCause::Unfixed,
        Wire::NewDocument => NoticeCause::NewDocument,
        Wire::LawChanged => NoticeCause::LawChanged,
        Wire::RequestChanged => NoticeCause::RequestChanged,
    })
}

pub(super) fn correction(m: &v1::CorrectionSubmitted) -> Parsed<Fact> {
    let notice_id = form::code("notice_id", &m.notice_id)?;
    let materials = form::codes("material_codes", &m.material_codes)?;
    Ok(Fact::CorrectionSubmitted(CorrectionSubmitted { notice_id, materials }))
}

pub(super) fn breach_alleged(m: &v1::NoticeBreachAlleged) -> Parsed<Fact> {
    let allegation_id = form::given_code("allegation_id", &m.allegation_id)?;
    form::code("notice_id", &m.notice_id)?;
    let kind = breach("kind", m.kind)?;
    let record = match &m.basis {
        Some(Basis::SourceEvent(event)) => form::source_event(event).map(|()| "".into())?,
        Some(Basis::RecordRef(record)) => form::given_code("record_ref", record)?,
        None => "".into(),
    };
    Ok(Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id, kind, record }))
}

pub(super) fn breach_found(m: &v1::NoticeBreachFound) -> Parsed<Fact> {
    let allegation_id = form::given_code("allegation_id", &m.allegation_id)?;
    let finding = finding("finding", m.finding)?;
    let kind = breach("kind", m.kind)?;
    form::code("verifier", &m.verifier)?;
    Ok(Fact::NoticeBreachFound(NoticeBreachFound { allegation_id, finding, kind }))
}

fn breach(field: &str, number: i32) -> Parsed<NoticeBreach> {
    use v1::NoticeBreachKind as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Late => NoticeBreach::Late,
        Wire::Incomplete => NoticeBreach::Incomplete,
        Wire::OffList => NoticeBreach::OffList,
        Wire::OralOnly => NoticeBreach::OralOnly,
        Wire::PostAcceptance => NoticeBreach::PostAcceptance,
        Wire::Unclear => NoticeBreach::Unclear,
        Wire::Missing => NoticeBreach::Missing,
    })
}

pub(super) fn finding(field: &str, number: i32) -> Parsed<Finding> {
    use v1::Finding as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Substantiated => Finding::Substantiated,
        Wire::Unsubstantiated => Finding::Unsubstantiated,
        Wire::Unverifiable => Finding::Unverifiable,
    })
}
