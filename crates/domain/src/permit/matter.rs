//! Whose matter a thing is: nobody decides in one of his own (domain.md, Who may post: "not by"), and a unit sees its own.

use super::caller::Caller;
use super::table::Role;
use crate::case::named_version;
use crate::decide::complaint::unknown as unknown_complaint;
use crate::event::{ComplaintTransferred, Event, Fact, Recorded};
use crate::history::History;
use crate::ids::{Scope, kind};
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};

/// Whether a caller who may post such an event may post this one, given what stands on its stream.
///
/// # Errors
/// [`Code::OwnMatter`], or [`Code::Forbidden`] for a correction of what another system sent.
pub fn judges(caller: &Caller, history: &History, event: &Event) -> Result<(), Refusal> {
    if caller.is_local() {
        return Ok(());
    }
    if *event.subject.kind == *kind::COMPLAINT {
        may_answer(caller, history, event)?;
    }
    let own = |what: &str| Err(Refusal::new(Code::OwnMatter, format!("{what} is not decided by who is concerned")));
    match &event.fact {
        Fact::FirstAskBreachFound(_) | Fact::NoticeBreachFound(_) | Fact::VisitCauseDecided(_) if concerns(caller, history) => {
            own("a finding")
        }
        Fact::StaffHeldLiable(_) if !caller.staff.is_empty() && *event.subject.id == *caller.staff => own("liability"),
        Fact::UnitRegistered(_) | Fact::UnitHeadAppointed(_) | Fact::UnitHeadRelieved(_)
            if *event.subject.kind == *kind::UNIT && *event.subject.id == *caller.unit =>
        {
            own("an entry of a unit")
        }
        Fact::EventVoided(voided) => corrects(caller, &voided.target.system, &voided.authority),
        Fact::EventReplaced(replaced) => corrects(caller, &replaced.target.system, &replaced.authority),
        _ => Ok(()),
    }
}

/// Whether the caller's unit acted in what is judged; who alleged or found something is no party.
fn concerns(caller: &Caller, history: &History) -> bool {
    let party = |fact: &Fact| {
        !matches!(
            fact,
            Fact::FirstAskBreachAlleged(_)
                | Fact::FirstAskBreachFound(_)
                | Fact::NoticeBreachAlleged(_)
                | Fact::NoticeBreachFound(_)
                | Fact::VisitCauseDecided(_)
        )
    };
    let acted = history.counting().filter(|recorded| party(&recorded.event.fact));
    !caller.unit.is_empty() && acted.into_iter().any(|recorded| *recorded.event.unit == *caller.unit)
}

/// Whether a caller who does not handle complaints may post to this one: where it was transferred to its unit. What was not is
/// answered as what is not there.
fn may_answer(caller: &Caller, history: &History, event: &Event) -> Result<(), Refusal> {
    let handles = caller.has(Role::Hotline) || caller.has(Role::Supervision);
    if handles || transferred(history, &caller.unit).next().is_some() { Ok(()) } else { Err(unknown_complaint(event)) }
}

/// The transfers of a complaint to a unit that count.
fn transferred<'a>(history: &'a History, unit: &'a str) -> impl Iterator<Item = &'a ComplaintTransferred> {
    let of_unit = move |recorded: &'a Recorded| match &recorded.event.fact {
        Fact::ComplaintTransferred(transferred) if !unit.is_empty() && *transferred.unit == *unit => Some(transferred),
        _ => None,
    };
    history.counting().filter_map(of_unit)
}

/// Whether a scope sees a text of a thing: of a complaint a unit sees the redacted ones that were transferred to it, and no other.
pub fn sees_text(scope: &Scope, history: &History, knowledge: &Knowledge, reference: &str) -> bool {
    match scope {
        Scope::Unit(unit) if *history.subject().kind == *kind::COMPLAINT => {
            transferred(history, unit).any(|transferred| *transferred.redacted == *reference)
        }
        _ => sees(scope, history, knowledge),
    }
}

/// Who posted an event corrects it; an approver does so too, on an authority that is named.
fn corrects(caller: &Caller, target: &str, authority: &str) -> Result<(), Refusal> {
    let approver = caller.has(Role::Centre) || caller.has(Role::Supervision);
    if *target == *caller.system || (approver && !authority.is_empty()) {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Forbidden,
        "an event is corrected by the system that sent it, or by an approver who names the authority",
    )
    .at("fact.target"))
}

/// Whether a scope sees a thing: its unit acted in it or is named by it, or leads the item of the case.
pub fn sees(scope: &Scope, history: &History, knowledge: &Knowledge) -> bool {
    let Scope::Unit(unit) = scope else { return true };
    // Of a complaint no unit sees the history, also not that to which it was transferred.
    if matches!(&*history.subject().kind, kind::COMPLAINT | kind::RECORD | kind::REPORT) {
        return false;
    }
    let leads = |event: &Event| match &event.fact {
        Fact::CaseReceived(received) => {
            named_version(received, knowledge, event.day).is_some_and(|version| *version.lead_unit == **unit)
        }
        _ => false,
    };
    // What was voided was theirs to know, too.
    history.entries().iter().any(|entry| entry.recorded.event.concerns(unit) || leads(&entry.recorded.event))
}
