//! The gate for contacts, allegations, notices by id, and visits (domain.md S6, S13, S22).

use super::forbidden;
use crate::event::{Event, Fact, Recorded};
use crate::history::History;
use crate::ids::kind;
use crate::refusal::{Code, Refusal};

/// Events that count and come before this one.
pub(super) fn before<'a>(history: &'a History, event: &'a Event) -> impl Iterator<Item = &'a Recorded> {
    let key = event.order();
    history.counting().take_while(move |recorded| recorded.event.order() < key)
}

fn any(history: &History, is: impl Fn(&Fact) -> bool) -> bool {
    history.counting().any(|recorded| is(&recorded.event.fact))
}

/// A first-ask contact, or the stream of an official against whom something is alleged.
pub(super) fn contact(history: &History, event: &Event) -> Result<(), Refusal> {
    let is_contact = event.subject.kind.as_ref() == kind::CONTACT;
    let is_begin = |fact: &Fact| matches!(fact, Fact::FirstAskReceived(_));
    match &event.fact {
        Fact::EventVoided(_) | Fact::EventReplaced(_) => return Ok(()),
        Fact::FirstAskReceived(_) if any(history, is_begin) => return Err(forbidden(Code::ContactExists, "Received", event)),
        Fact::FirstAskReceived(_) => return Ok(()),
        _ => {}
    }
    if is_contact && !before(history, event).any(|recorded| is_begin(&recorded.event.fact)) {
        return Err(forbidden(Code::ContactUnknown, "None", event));
    }
    let handed_over = |recorded: &Recorded| matches!(recorded.event.fact, Fact::FirstAskHandedOver(_));
    if matches!(event.fact, Fact::FirstAskAccepted(_)) && !before(history, event).any(handed_over) {
        return Err(forbidden(Code::HandOverMissing, "Received", event));
    }
    allegation(history, event)
}

/// Each allegation of a stream has an id of its own, and a finding names one.
pub(super) fn allegation(history: &History, event: &Event) -> Result<(), Refusal> {
    let ids = |fact: &Fact| match fact {
        Fact::NoticeBreachAlleged(alleged) => Some(alleged.allegation_id.clone()),
        Fact::FirstAskBreachAlleged(alleged) => Some(alleged.allegation_id.clone()),
        _ => None,
    };
    if let Some(id) = ids(&event.fact) {
        let exists = any(history, |fact| ids(fact).as_ref() == Some(&id));
        return if exists { Err(forbidden(Code::AllegationExists, "Alleged", event)) } else { Ok(()) };
    }
    let found = match &event.fact {
        Fact::NoticeBreachFound(found) => &found.allegation_id,
        Fact::FirstAskBreachFound(found) => &found.allegation_id,
        _ => return Ok(()),
    };
    let alleged = before(history, event).any(|recorded| ids(&recorded.event.fact).as_ref() == Some(found));
    if alleged { Ok(()) } else { Err(forbidden(Code::AllegationUnknown, "None", event)) }
}

/// Each notice of a stream has an id of its own.
pub(super) fn notice_id(history: &History, event: &Event) -> Result<(), Refusal> {
    let Fact::NoticeGiven(notice) = &event.fact else { return Ok(()) };
    let same = |fact: &Fact| matches!(fact, Fact::NoticeGiven(other) if other.notice_id == notice.notice_id);
    if any(history, same) { Err(forbidden(Code::NoticeExists, "Noticed", event)) } else { Ok(()) }
}

/// A visit is recorded once, then its cause may be decided.
pub(super) fn visit(history: &History, event: &Event) -> Result<(), Refusal> {
    let is_begin = |fact: &Fact| matches!(fact, Fact::ApplicantVisited(_));
    match &event.fact {
        Fact::ApplicantVisited(_) if any(history, is_begin) => Err(forbidden(Code::VisitExists, "Visited", event)),
        Fact::VisitCauseDecided(_) if !before(history, event).any(|recorded| is_begin(&recorded.event.fact)) => {
            Err(forbidden(Code::VisitUnknown, "None", event))
        }
        _ => Ok(()),
    }
}
