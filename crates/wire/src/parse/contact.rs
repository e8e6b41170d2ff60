//! Facts of a first-ask contact (`contact.proto`, S6).

use super::{case, form, form::Parsed, notice};
use crate::v1;
use v1::first_ask_breach_alleged::Basis;
use xiaoer_domain::{
    Fact,
    event::{AskAccepted, AskBreach, AskBreachAlleged, AskBreachFound, AskRefused, FirstAskReceived, HandedOver},
};

pub(super) fn received(m: &v1::FirstAskReceived) -> Parsed<Fact> {
    let channel = case::channel("channel", m.channel)?;
    form::code("matter_code", &m.matter_code)?;
    form::text_ref("text_ref", m.text_ref.as_ref())?;
    let promised_reply_on = form::date("promised_reply_on", &m.promised_reply_on)?;
    Ok(Fact::FirstAskReceived(FirstAskReceived { channel, promised_reply_on }))
}

pub(super) fn answered(m: &v1::FirstAskAnswered) -> Parsed<Fact> {
    form::text_ref("answer_ref", m.answer_ref.as_ref())?;
    Ok(Fact::FirstAskAnswered)
}

/// Without a person it is a bare "go elsewhere" (S6), which is recorded like any other.
pub(super) fn handed_over(m: &v1::FirstAskHandedOver) -> Parsed<Fact> {
    let to_unit = form::code("to_unit", &m.to_unit)?;
    let to_staff = form::code("to_staff", &m.to_staff)?;
    Ok(Fact::FirstAskHandedOver(HandedOver { to_unit, to_staff }))
}

pub(super) fn accepted(m: &v1::FirstAskAccepted) -> Parsed<Fact> {
    Ok(Fact::FirstAskAccepted(AskAccepted { by_staff: form::given_code("by_staff", &m.by_staff)? }))
}

pub(super) fn refused(m: &v1::FirstAskRefused) -> Parsed<Fact> {
    let ground = form::code("ground", &m.ground)?;
    Ok(Fact::FirstAskRefused(AskRefused { ground, explained: m.explained }))
}

pub(super) fn breach_alleged(m: &v1::FirstAskBreachAlleged) -> Parsed<Fact> {
    let allegation_id = form::given_code("allegation_id", &m.allegation_id)?;
    let kind = breach("kind", m.kind)?;
    match &m.basis {
        Some(Basis::SourceEvent(event)) => form::source_event(event)?,
        Some(Basis::RecordRef(record)) => form::record_ref(record)?,
        None => {}
    }
    Ok(Fact::FirstAskBreachAlleged(AskBreachAlleged { allegation_id, kind }))
}

pub(super) fn breach_found(m: &v1::FirstAskBreachFound) -> Parsed<Fact> {
    let allegation_id = form::given_code("allegation_id", &m.allegation_id)?;
    let finding = notice::finding("finding", m.finding)?;
    form::code("verifier", &m.verifier)?;
    Ok(Fact::FirstAskBreachFound(AskBreachFound { allegation_id, finding }))
}

fn breach(field: &str, number: i32) -> Parsed<AskBreach> {
    use v1::FirstAskBreachKind as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Refused => AskBreach::Refused,
        Wire::ApplicationRefused => AskBreach::ApplicationRefused,
        Wire::Bounced => AskBreach::Bounced,
        Wire::Unclear => AskBreach::Unclear,
        Wire::Slow => AskBreach::Slow,
        Wire::Late => AskBreach::Late,
        Wire::Rude => AskBreach::Rude,
    })
}
