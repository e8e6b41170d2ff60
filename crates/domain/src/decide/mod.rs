//! The gate: may this event be recorded, given everything before it at its own place in time?
//!
//! Two kinds of check. What is wrong whatever the mode: time ahead, identity of things, values of rules ([`form`] of each kind).
//! And what the state forbids ([`state`] of each kind): strict mode refuses it, record mode stores and flags it. One line a
//! check, most specific first; the ladder is the specification. Later events that become irregular through a late one are
//! flagged by the fold, never refused.
//!
//! [`form`]: registry::form
//! [`state`]: case::state

mod case;
pub(crate) mod complaint;
mod others;
mod project;
mod registry;
mod vault;

use crate::event::{Event, Fact};
use crate::flag::Flag;
use crate::history::{History, void_target};
use crate::ids::{kind, usci_is_valid};
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};
use jiff::{SignedDuration, Timestamp};

/// How irregular events are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostMode {
    /// What the state forbids is refused.
    Strict,
    /// What the state forbids is stored and flagged.
    Record,
}

/// Decides an event that is not recorded yet against the history of its stream; `recorded_at` is the time it would get.
///
/// # Errors
/// The first check that fails; fields are relative to the event.
pub fn decide(
    history: &History,
    knowledge: &Knowledge,
    event: &Event,
    mode: PostMode,
    recorded_at: Timestamp,
) -> Result<Vec<Flag>, Refusal> {
    not_ahead(event, knowledge, recorded_at)?;
    registry::form(history, knowledge, event)?;
    project::form(history, knowledge, event)?;
    complaint::form(history, knowledge, event)?;
    void_form(history, event)?;
    let mut flags = remarks(history, knowledge, event, recorded_at);
    if let Err(refusal) = state(history, knowledge, event) {
        if mode == PostMode::Strict {
            return Err(refusal);
        }
        flags.push(Flag::Irregular);
        if !knowledge.rules.lists("record_mode_sources", event.day, &event.identity.system) {
            flags.push(Flag::RecordModeUnlisted);
        }
    }
    flags.sort_unstable();
    Ok(flags)
}

/// What the state of the thing forbids.
fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    match &*event.subject.kind {
        kind::CASE => case::state(history, knowledge, event),
        kind::CONTACT | kind::STAFF => others::contact(history, event),
        kind::VISIT => others::visit(history, event),
        kind::CONSULT => others::notice_id(history, event).and_then(|()| others::allegation(history, event)),
        kind::SUBJECT => project::state(history, knowledge, event),
        kind::PERSON => vault::state(history, knowledge, event),
        kind::COMPLAINT | kind::RECORD | kind::REPORT => complaint::state(history, knowledge, event),
        _ => registry::state(history, knowledge, event),
    }
}

/// 3.9: a sender's clock may be a few minutes ahead, no more; and no document bears the date of a day that has not come by then.
fn not_ahead(event: &Event, knowledge: &Knowledge, recorded_at: Timestamp) -> Result<(), Refusal> {
    let date = |at: Timestamp| at.to_zoned_datetime(knowledge.zone.clone()).date();
    let minutes = knowledge.rules.count("clock_skew_min", date(recorded_at));
    let latest = recorded_at.saturating_add(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MAX);
    let refuse = |field: &str, message: String| Err(Refusal::new(Code::TimeAhead, message).at(field).by_rule("clock_skew_min"));
    if event.occurred_at > latest {
        return refuse("occurred_at", format!("{} is more than {minutes} minutes after {recorded_at}", event.occurred_at));
    }
    // The local date of a time that is not ahead is not ahead, so that this day is the document's.
    if event.day > date(latest) {
        return refuse("legal_date", format!("{} is a day to come: it is {} here", event.day, date(recorded_at)));
    }
    Ok(())
}

/// A correction names an event of this stream that counts (3.9). An event that is voided already has nothing left to void.
fn void_form(history: &History, event: &Event) -> Result<(), Refusal> {
    let Some(target) = void_target(&event.fact) else { return Ok(()) };
    let field = if matches!(event.fact, Fact::EventVoided(_)) { "event_voided.target" } else { "event_replaced.target" };
    let refuse = |message: &str| Err(Refusal::new(Code::VoidTarget, message).at(field).by_rule("void"));
    if let Fact::EventReplaced(replaced) = &event.fact
        && replaced.by_event == *target
    {
        return refuse("an event does not replace itself");
    }
    match history.find(target) {
        None => refuse("this stream holds no such event"),
        Some(entry) if !entry.counts => refuse("that event does not count any more"),
        Some(entry) if matches!(entry.recorded.event.fact, Fact::LogOpened(_) | Fact::LogRecovered) => {
            refuse("what the program itself recorded of its log stands for ever")
        }
        Some(entry) if entry.recorded.event.fact.is_of_the_vault() => {
            refuse("what the vault recorded stands for ever: a hold is lifted, and what was erased is gone")
        }
        Some(_) => Ok(()),
    }
}

/// What is worth knowing of the event and forbids nothing.
fn remarks(history: &History, knowledge: &Knowledge, event: &Event, recorded_at: Timestamp) -> Vec<Flag> {
    let recorded_on = recorded_at.to_zoned_datetime(knowledge.zone.clone()).date();
    let late_wd = knowledge.rules.count("late_posted_wd", recorded_on);
    let late = knowledge.calendar.working_days(event.day, recorded_on) > late_wd;
    let bad_unit = !event.unit.is_empty() && !usci_is_valid(&event.unit) && knowledge.catalogue.unit(&event.unit).is_none();
    let twin =
        |recorded: &crate::event::Recorded| recorded.event.occurred_at == event.occurred_at && recorded.event.fact == event.fact;
    let is_note = matches!(event.fact, Fact::CaseNoteRecorded(_));
    let table = [
        (Flag::LatePosted, late),
        (Flag::PossibleDuplicate, !is_note && history.counting().any(twin)),
        (Flag::BadUnitUsci, bad_unit),
    ];
    let of_thing = match &*event.subject.kind {
        kind::CASE => case::remarks(history, knowledge, event),
        kind::ITEM => registry::remarks(history, event),
        kind::COMPLAINT => complaint::remarks(history, knowledge, event),
        _ => Vec::new(),
    };
    table.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)).chain(of_thing).collect()
}

/// A refusal by the state table or its kin: `rule` is `<kind>:<state>:<fact>`.
fn forbidden(code: Code, state: &str, event: &Event) -> Refusal {
    let kind = &event.subject.kind;
    let message = format!("{} does not fit a {kind} in state {state}", event.fact.name());
    Refusal::new(code, message).at("fact").by_rule(format!("{kind}:{state}:{}", event.fact.name()))
}

#[cfg(test)]
mod tests;
