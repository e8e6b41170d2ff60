//! The gate for cases: the state table and its details (domain.md section 2), and who may correct a closed case (3.9).

use super::{forbidden, others};
use crate::case::{CaseOnDay, State, Tolerance, before, case_before, case_on, case_with, check, named_version};
use crate::event::{Decision, Event, Fact};
use crate::flag::Flag;
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};

/// What the state forbids.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    // A case is received once, also where the second receipt would sort before the first.
    let received = history.counting().any(|recorded| matches!(recorded.event.fact, Fact::CaseReceived(_)));
    if matches!(event.fact, Fact::CaseReceived(_)) {
        return if received { Err(forbidden(Code::CaseExists, State::Received.name(), event)) } else { Ok(()) };
    }
    let case = case_before(history, knowledge, event);
    let name = case.as_ref().map_or("None", |case| case.state.name());
    check(case.as_ref(), &before(history, event), event, knowledge).map_err(|code| forbidden(code, name, event))?;
    others::notice_id(history, event)?;
    others::allegation(history, event)?;
    authority(history, knowledge, event)
}

/// A correction of a closed case needs an authority (3.9). A correction counts from when it is known, so that what is known now
/// decides whether the case is closed: a correction dated back does not come before the close.
fn authority(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let (field, authority) = match &event.fact {
        Fact::EventVoided(voided) => ("event_voided.authority", &voided.authority),
        Fact::EventReplaced(replaced) => ("event_replaced.authority", &replaced.authority),
        _ => return Ok(()),
    };
    if !authority.is_empty() {
        return Ok(());
    }
    let last = history.counting().map(|recorded| recorded.event.day).max();
    let case = case_on(history, knowledge, last.unwrap_or(event.day).max(event.day));
    match case.map(|case| case.state).filter(|state| state.is_closed()) {
        Some(state) => Err(forbidden(Code::VoidAuthority, state.name(), event).at(field)),
        None => Ok(()),
    }
}

/// What is worth knowing of a case's event and forbids nothing.
pub(super) fn remarks(history: &History, knowledge: &Knowledge, event: &Event) -> Vec<Flag> {
    let case = || case_with(history, knowledge, event);
    let found: &[(Flag, bool)] = match &event.fact {
        Fact::CaseReceived(received) => {
            let unknown = !received.item_code.is_empty() && named_version(received, knowledge, event.day).is_none();
            &[(Flag::ItemUnknown, unknown)]
        }
        Fact::NoticeGiven(_) => {
            let after = |case: CaseOnDay| case.notices.last().is_some_and(|notice| notice.post_acceptance);
            &[(Flag::PostAcceptance, case().is_some_and(after))]
        }
        Fact::ExtensionApproved(_) => {
            let void = |case: CaseOnDay| case.round().extensions.last().is_some_and(|extension| extension.void);
            &[(Flag::ExtensionVoid, case().is_some_and(void))]
        }
        Fact::CaseAccepted(accepted) if accepted.promised_due.is_some() || accepted.tolerance => {
            let case = case();
            let round = case.as_ref().map(CaseOnDay::round);
            let due = round.and_then(|round| round.promised.due.day());
            let differs = due.zip(accepted.promised_due).is_some_and(|(due, promised)| due != promised);
            let unrecorded = accepted.tolerance && round.is_some_and(|round| round.tolerance.is_none());
            &[(Flag::PromisedDueDiffers, differs), (Flag::ToleranceUnrecorded, unrecorded)]
        }
        Fact::ToleranceGranted(granted) => &[(Flag::ToleranceUntold, !granted.told)],
        Fact::ToleranceExtended(_) => {
            let last = |tolerance: &Tolerance| tolerance.extensions.last().is_some_and(|(_, void)| *void);
            let void = |case: CaseOnDay| case.round().tolerance.as_ref().is_some_and(last);
            &[(Flag::ToleranceExtensionVoid, case().is_some_and(void))]
        }
        Fact::CaseDecided(Decision::PassWithTolerance) => {
            let unrecorded = |case: CaseOnDay| case.round().tolerance.is_none();
            &[(Flag::ToleranceUnrecorded, case().is_some_and(unrecorded))]
        }
        _ => &[],
    };
    found.iter().filter_map(|(flag, holds)| holds.then_some(*flag)).collect()
}
