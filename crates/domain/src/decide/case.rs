//! The gate for cases: the state table, and what a state does not tell (domain.md section 2, 3.9).

use super::{forbidden, others};
use crate::case::{CaseOnDay, State, allowed, case_before};
use crate::event::{Event, Fact};
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};

/// What the state forbids.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    // A case is received once, also where the second receipt would sort before the first.
    let received = history.counting().any(|recorded| matches!(recorded.event.fact, Fact::CaseReceived(_)));
    if matches!(event.fact, Fact::CaseReceived(_)) {
        return if received { Err(forbidden(Code::CaseExists, "Received", event)) } else { Ok(()) };
    }
    let before = case_before(history, knowledge, event);
    let state = before.as_ref().map(|case| case.state);
    let name = state.map_or("None", State::name);
    if let Some(code) = before.as_ref().and_then(|case| details(case, event)) {
        return Err(forbidden(code, name, event));
    }
    let confirms = before.as_ref().is_some_and(|case| confirms(case, event));
    if !confirms {
        allowed(state, &event.fact).map_err(|code| forbidden(code, name, event))?;
    }
    others::notice_id(history, event)?;
    others::allegation(history, event)?;
    authority(state, event)
}

/// Checks that are more specific than the table.
fn details(case: &CaseOnDay, event: &Event) -> Option<Code> {
    let procedures = || case.round().procedures.iter();
    match &event.fact {
        Fact::SpecialProcedureStarted(started) if procedures().any(|procedure| procedure.proc_id == started.proc_id) => {
            Some(Code::ProcedureExists)
        }
        Fact::SpecialProcedureStarted(started)
            if procedures().any(|procedure| procedure.kind == started.kind && procedure.ended.is_none()) =>
        {
            Some(Code::ProcedureExists)
        }
        Fact::SpecialProcedureEnded(ended)
            if case.state == State::SpecialProcedure
                && !procedures().any(|procedure| procedure.proc_id == ended.proc_id && procedure.ended.is_none()) =>
        {
            Some(Code::ProcedureUnknown)
        }
        _ => None,
    }
}

/// `CaseAccepted` after a deemed acceptance, once, only confirms (C6).
fn confirms(case: &CaseOnDay, event: &Event) -> bool {
    let round = case.round();
    matches!(event.fact, Fact::CaseAccepted(_))
        && round.accepted.as_ref().is_some_and(|accepted| accepted.deemed)
        && round.confirmed.is_none()
        && round.outcome.is_none()
}

/// A correction of a closed case needs an authority (3.9).
fn authority(state: Option<State>, event: &Event) -> Result<(), Refusal> {
    let (field, authority) = match &event.fact {
        Fact::EventVoided(voided) => ("event_voided.authority", &voided.authority),
        Fact::EventReplaced(replaced) => ("event_replaced.authority", &replaced.authority),
        _ => return Ok(()),
    };
    let Some(state) = state.filter(|state| state.is_closed() && authority.is_empty()) else { return Ok(()) };
    Err(forbidden(Code::VoidAuthority, state.name(), event).at(field))
}

/// Whether the date promised to the applicant is not the one the item's limit gives.
pub(super) fn promise_differs(history: &History, knowledge: &Knowledge, event: &Event) -> bool {
    let Fact::CaseAccepted(accepted) = &event.fact else { return false };
    let Some(promised) = accepted.promised_due else { return false };
    let Some(case) = case_before(history, knowledge, event) else { return false };
    let version = knowledge.catalogue.item_in_force(&case.received.item_code, event.day).or(case.version.as_ref());
    let Some(limit) = version.and_then(|version| version.promised) else { return false };
    let course = crate::clock::Course {
        limit: Ok(limit),
        start: Some((event.day, event.occurred_at)),
        stop: None,
        pauses: &[],
        unproven_counts: true,
        extensions: &[],
        valid_on: event.day,
    };
    let due = crate::clock::Clock::read(&course, &knowledge.calendar, &knowledge.zone).due;
    due.day().is_some_and(|due| due != promised)
}
