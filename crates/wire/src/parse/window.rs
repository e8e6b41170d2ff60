//! Windows and the people at them (`window.proto`), and who was held liable (`case.proto`).

use super::{
    case::ITEM_CODE_LEN_MAX,
    form::{self, Inside, Parsed},
};
use crate::v1;
use v1::staff_held_liable::Cause;
use xiaoer_domain::{
    Fact,
    event::{Centre, Configured, StaffHeldLiable, StaffPosted, TrainingAttended, WindowKind},
    ids::kind,
};

/// Most items of one window; a window that takes everything has some hundreds.
const ITEMS_MAX: usize = 1_000;
/// Kinds of thing on whose stream a breach of notification is found.
const CAUSES: [&str; 3] = [kind::CASE, kind::CONTACT, kind::CONSULT];

pub(super) fn configured(m: &v1::WindowConfigured) -> Parsed<Fact> {
    let centre = match form::named::<v1::WindowCentre>("centre", m.centre)? {
        v1::WindowCentre::Unspecified => return Err(form::not_stated("centre")),
        v1::WindowCentre::District => Centre::District,
        v1::WindowCentre::Branch => Centre::Branch,
        v1::WindowCentre::Town => Centre::Town,
    };
    form::code("site", &m.site)?;
    form::code("cluster", &m.cluster)?;
    let kind = match form::named::<v1::WindowKind>("kind", m.kind)? {
        v1::WindowKind::Unspecified => return Err(form::not_stated("kind")),
        v1::WindowKind::General => WindowKind::General,
        v1::WindowKind::Special => WindowKind::Special,
    };
    let items = form::each("item_codes", &m.item_codes, ITEMS_MAX, |code| form::given("", code, ITEM_CODE_LEN_MAX))?;
    Ok(Fact::WindowConfigured(Configured { centre, kind, items }))
}

pub(super) fn posted(m: &v1::StaffPosted) -> Parsed<Fact> {
    let window = form::given_code("window_id", &m.window_id)?;
    let from = form::given_date("from", &m.from)?;
    let basis = form::each("selection_basis", &m.selection_basis, form::LIST_LEN_MAX, |basis| {
        match form::named::<v1::SelectionBasis>("", *basis)? {
            v1::SelectionBasis::Unspecified => Err(form::not_stated("")),
            stated => Ok(stated),
        }
    })?;
    Ok(Fact::StaffPosted(StaffPosted { window, from, is_selected: !basis.is_empty() }))
}

pub(super) fn unposted(m: &v1::StaffUnposted) -> Parsed<Fact> {
    form::given_code("window_id", &m.window_id).map(Fact::StaffUnposted)
}

pub(super) fn training_held(m: &v1::TrainingHeld) -> Parsed<Fact> {
    form::given_code("topic", &m.topic)?;
    form::count("hours", m.hours)?;
    Ok(Fact::TrainingHeld)
}

pub(super) fn training_attended(m: &v1::TrainingAttended) -> Parsed<Fact> {
    training(form::present("training", m.training.as_ref())?).inside("training")?;
    Ok(Fact::TrainingAttended(TrainingAttended { passed: m.passed }))
}

/// No rule reads which training it was.
fn training(m: &v1::TrainingRef) -> Parsed<()> {
    form::given("system", &m.system, form::SYSTEM_LEN_MAX)?;
    form::given_code("id", &m.id).map(drop)
}

pub(super) fn held_liable(m: &v1::StaffHeldLiable) -> Parsed<Fact> {
    let cause_subject = m.cause_subject.as_ref().map(super::subject).transpose().inside("cause_subject")?;
    if cause_subject.as_ref().is_some_and(|subject| !CAUSES.contains(&&*subject.kind)) {
        return Err(form::invalid("cause_subject.kind", format!("a breach is found on the stream of a {}", CAUSES.join(", a "))));
    }
    let (cause_event, record) = match &m.cause {
        None => return Err(form::missing("cause_event", "what the person was held liable for")),
        Some(Cause::CauseEvent(event)) => (Some(form::event_ref(event).inside("cause_event")?), "".into()),
        Some(Cause::RecordRef(record)) => (None, form::given_code("record_ref", record)?),
    };
    form::given_code("measure", &m.measure)?;
    Ok(Fact::StaffHeldLiable(StaffHeldLiable { cause_subject, cause_event, record }))
}
