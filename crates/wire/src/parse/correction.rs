//! Corrections of wrong events (`correction.proto`, 3.9).

use super::form::{self, Parsed};
use crate::v1;
use xiaoer_domain::{
    Fact,
    event::{Replaced, Voided},
};

pub(super) fn voided(m: &v1::EventVoided) -> Parsed<Fact> {
    let target = form::given_event_ref("target", m.target.as_ref())?;
    form::code("reason", &m.reason)?;
    let authority = form::code("authority", &m.authority)?;
    Ok(Fact::EventVoided(Voided { target, authority }))
}

pub(super) fn replaced(m: &v1::EventReplaced) -> Parsed<Fact> {
    let target = form::given_event_ref("target", m.target.as_ref())?;
    let by_event = form::given_event_ref("by_event", m.by_event.as_ref())?;
    form::code("reason", &m.reason)?;
    let authority = form::code("authority", &m.authority)?;
    Ok(Fact::EventReplaced(Replaced { target, by_event, authority }))
}
