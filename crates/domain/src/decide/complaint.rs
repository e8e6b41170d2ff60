//! The gate for complaints (评议热线, domain.md S8): who handles them, in which order, and what may not be told.

use super::forbidden;
use crate::complaint::{ComplaintOnDay, complaint_before};
use crate::event::{ComplaintReceived, Event, Fact};
use crate::flag::Flag;
use crate::history::History;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};
use uuid::Uuid;

/// What is wrong whatever the mode.
pub(super) fn form(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    if matches!(&*event.subject.kind, kind::COMPLAINT | kind::RECORD) && !is_random(&event.subject.id) {
        // A running number would tell when somebody complained, and a chosen one what about.
        let message = "the id of a complaint, and a reference to one, is a random UUID (version 4)";
        return Err(Refusal::new(Code::InvalidField, message).at("subject.id"));
    }
    let Fact::ComplaintTransferred(transferred) = &event.fact else { return Ok(()) };
    if told(history).any(|told| *told.text == *transferred.redacted) {
        let message = "a unit sees a redacted text, never the one that was received";
        return Err(Refusal::new(Code::NotRedacted, message).at("complaint_transferred.redacted_ref").by_rule("S8"));
    }
    if knowledge.rules.is("complaint_early_transfer", event.day, "refuse") && is_early(history, knowledge, event) {
        let message = "nothing was found of the complaint yet";
        return Err(Refusal::new(Code::EarlyTransfer, message).at("fact").by_rule("complaint_early_transfer"));
    }
    Ok(())
}

fn is_early(history: &History, knowledge: &Knowledge, event: &Event) -> bool {
    complaint_before(history, knowledge, event).is_some_and(|complaint| complaint.finding.is_none())
}

fn is_random(id: &str) -> bool {
    let uuid = Uuid::try_parse(id).ok().filter(|uuid| uuid.get_version_num() == 4);
    uuid.is_some_and(|uuid| uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == id)
}

/// Also of a receipt that was voided: what it said is no less secret.
fn told(history: &History) -> impl Iterator<Item = &ComplaintReceived> {
    history.entries().iter().filter_map(|entry| match &entry.recorded.event.fact {
        Fact::ComplaintReceived(told) => Some(told),
        _ => None,
    })
}

/// What the state of a complaint forbids, of a reference to one, and of a report.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let fact = &event.fact;
    if matches!(fact, Fact::EventVoided(_) | Fact::EventReplaced(_)) {
        return Ok(());
    }
    if !matches!(fact, Fact::ComplaintReplied) && !knowledge.catalogue.is_of_the_hotline(&event.staff, event.day) {
        let message = "complaints are handled by designated staff of the hotline, whose work number the event names";
        return Err(Refusal::new(Code::NotDesignated, message).at("source.staff_id").by_rule("S8"));
    }
    if &*event.subject.kind != kind::COMPLAINT {
        let repeated = matches!(fact, Fact::RecordRefIssued(_)) && history.counting().next().is_some();
        return if repeated { Err(forbidden(Code::ComplaintState, "Issued", event)) } else { Ok(()) };
    }
    let received = history.counting().any(|recorded| matches!(recorded.event.fact, Fact::ComplaintReceived(_)));
    if matches!(fact, Fact::ComplaintReceived(_)) {
        return if received { Err(forbidden(Code::ComplaintExists, "Received", event)) } else { Ok(()) };
    }
    let Some(complaint) = complaint_before(history, knowledge, event) else { return Err(unknown(event)) };
    if verifies_itself(&complaint, event) {
        let message = "a complaint is not verified by the unit or the person it is about";
        return Err(Refusal::new(Code::OwnMatter, message).at("fact").by_rule("S8"));
    }
    if fits(&complaint, fact) { Ok(()) } else { Err(forbidden(Code::ComplaintState, complaint.state().0, event)) }
}

/// What whoever may not know of a complaint is told of it, and what is told where there is none: the same.
pub(crate) fn unknown(event: &Event) -> Refusal {
    forbidden(Code::ComplaintUnknown, "None", event)
}

/// The order of the steps; a transfer may come before the finding (S8).
fn fits(complaint: &ComplaintOnDay, fact: &Fact) -> bool {
    let is_open = complaint.closed.is_none();
    let is_accepted = complaint.accepted.is_some();
    let with_a_unit = !complaint.transfers.is_empty();
    is_open
        && match fact {
            Fact::ComplaintAccepted(_) => !is_accepted,
            Fact::ComplaintVerificationStarted(_) | Fact::ComplaintTransferred(_) | Fact::ComplaintExtended(_) => is_accepted,
            Fact::ComplaintVerified(_) => complaint.verifying.is_some(),
            Fact::ComplaintReplied => with_a_unit,
            Fact::ComplainantCalledBack(_) => is_accepted,
            Fact::ComplaintReworkOrdered(_) => complaint.is_answered(),
            _ => true,
        }
}

fn verifies_itself(complaint: &ComplaintOnDay, event: &Event) -> bool {
    let by_unit = !event.unit.is_empty() && *event.unit == *complaint.told.unit;
    let is_about = |staff: &str| !staff.is_empty() && *staff == *complaint.told.staff;
    match &event.fact {
        Fact::ComplaintVerificationStarted(verifier) => by_unit || is_about(verifier) || is_about(&event.staff),
        Fact::ComplaintVerified(_) => by_unit || is_about(&event.staff),
        _ => false,
    }
}

/// What is worth knowing of a complaint's event and forbids nothing.
pub(super) fn remarks(history: &History, knowledge: &Knowledge, event: &Event) -> Vec<Flag> {
    match &event.fact {
        Fact::ComplaintTransferred(_) if is_early(history, knowledge, event) => vec![Flag::EarlyTransfer],
        Fact::ComplaintExtended(_) => {
            let late = |complaint: ComplaintOnDay| complaint.is_extended || event.day > complaint.due.on;
            let void = complaint_before(history, knowledge, event).is_some_and(late);
            if void { vec![Flag::ExtensionVoid] } else { Vec::new() }
        }
        _ => Vec::new(),
    }
}
