//! The form of a request: what can be said without knowing the log's events.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{collections::HashSet, sync::Arc};
use xiaoer_domain::{
    Actor, Code, Event, Fact, Refusal,
    decide::PostMode,
    permit::{self, Caller},
};
use xiaoer_journal::Genesis;
use xiaoer_wire::{
    parse, personal,
    strict::{LIST_DECODED_MAX, Strict},
    v1::{self, PostRequest},
};

/// Most events in one request.
const LIST_EVENTS_MAX: usize = LIST_DECODED_MAX - 1;
/// Most stored bytes of one event (64 KiB), so that it fits every message on the way.
pub const EVENT_BYTES_MAX: usize = 64 * 1_024;

/// A request of good form.
#[derive(Debug)]
pub struct Prepared {
    /// Who posts.
    pub caller: Arc<Caller>,
    /// On one stream, at least one.
    pub events: Vec<PreparedEvent>,
    /// Strict or record.
    pub mode: PostMode,
    /// Revision the stream must have before.
    pub expected_revision: Option<u64>,
    /// Time of recording on a synthetic log, microseconds of UTC.
    pub simulated_recorded_at: Option<i64>,
    /// Decide only.
    pub dry_run: bool,
}

/// An event of good form.
#[derive(Debug)]
pub struct PreparedEvent {
    /// As the rules need it.
    pub event: Arc<Event>,
    /// As it will be stored.
    pub body: Bytes,
}

impl Prepared {
    /// What it takes of the queue's room.
    pub(super) fn kib(&self) -> u32 {
        let bytes: usize = self.events.iter().map(|event| event.body.len()).sum();
        u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX).min(super::QUEUE_KIB_MAX)
    }

    /// Digest under which a refused attempt is kept.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.events.first().map_or([0; 32], |event| Sha256::digest(&event.body).into())
    }
}

/// Checks the form of a request to a log.
pub fn prepare(request: Strict<PostRequest>, genesis: &Genesis, caller: Arc<Caller>, dry_run: bool) -> Result<Prepared, Refusal> {
    let Strict { message: request, unknown_field } = request;
    if let Some(field) = unknown_field {
        return Err(Refusal::new(Code::UnknownField, "the contract does not know this field").at(field));
    }
    let mode = match v1::PostMode::try_from(request.mode) {
        Ok(v1::PostMode::Unspecified | v1::PostMode::Strict) => PostMode::Strict,
        Ok(v1::PostMode::Record) => PostMode::Record,
        Err(_) => return Err(Refusal::new(Code::UnknownEnum, format!("{} is no mode", request.mode)).at("mode")),
    };
    let simulated_recorded_at = simulated(&request, genesis)?;
    if request.events.is_empty() {
        return Err(Refusal::new(Code::EmptyList, "no event").at("events"));
    }
    if request.events.len() > LIST_EVENTS_MAX {
        let message = format!("more than {LIST_EVENTS_MAX} events in one list");
        return Err(Refusal::new(Code::ListTooLong, message).at("events"));
    }
    let events: Vec<_> = request
        .events
        .iter()
        .enumerate()
        .map(|(index, event)| prepare_event(event, genesis, &caller).map_err(|refusal| refusal.of_event(index)))
        .collect::<Result<_, _>>()?;
    if let Some(index) = events.iter().position(|event| event.event.fact.is_of_the_vault()) {
        let refusal = Refusal::new(Code::VaultOnly, "the vault alone records this fact").at("fact").by_rule("vault");
        return Err(refusal.of_event(index));
    }
    if let Some(index) = events.iter().position(|event| matches!(event.event.fact, Fact::AccessRecorded(_))) {
        let refusal = Refusal::new(Code::AccessLog, "the server alone records who read what").at("fact").by_rule("access");
        return Err(refusal.of_event(index));
    }
    one_stream(&events)?;
    Ok(Prepared { caller, events, mode, expected_revision: request.expected_revision, simulated_recorded_at, dry_run })
}

/// An event that the server itself states, to be decided like any other; of a log of simulated time, with its time of recording.
pub fn own(event: &v1::Event, genesis: &Genesis, actor: Actor, simulated_recorded_at: Option<i64>) -> Result<Prepared, Refusal> {
    let caller = Arc::new(Caller::trusted(actor));
    let events = vec![prepare_event(event, genesis, &caller)?];
    Ok(Prepared { caller, events, mode: PostMode::Strict, expected_revision: None, simulated_recorded_at, dry_run: false })
}

fn simulated(request: &PostRequest, genesis: &Genesis) -> Result<Option<i64>, Refusal> {
    let Some(time) = request.simulated_recorded_at else { return Ok(None) };
    let refuse = |code, message: &str| Refusal::new(code, message).at("simulated_recorded_at");
    if !genesis.synthetic {
        return Err(refuse(Code::SimulatedTime, "this log is not synthetic"));
    }
    let instant = time.to_jiff().map_err(|error| match error {
        xiaoer_wire::time::TimeError::TooFine => refuse(Code::TimeTooFine, "finer than a microsecond"),
        xiaoer_wire::time::TimeError::OutOfRange => refuse(Code::InvalidField, "no time of the years 1 to 9999"),
    })?;
    Ok(Some(instant.as_microsecond()))
}

fn prepare_event(event: &v1::Event, genesis: &Genesis, caller: &Caller) -> Result<PreparedEvent, Refusal> {
    let parsed = parse::event(event, &genesis.zone)?;
    permit::enters(caller, &genesis.name, &parsed)?;
    // Here and not where every stored event is read: one that stands must stay readable.
    if parsed.identity.event_id.is_nil() || parsed.identity.event_id.is_max() {
        return Err(Refusal::new(Code::InvalidEventId, "the nil and the max UUID are drawn by nobody").at("event_id"));
    }
    if parsed.subject.kind.as_ref() == xiaoer_domain::ids::kind::LOG && *parsed.subject.id != *genesis.name.as_str() {
        return Err(Refusal::new(Code::InvalidField, "a log's own events stand on its own name").at("subject.id"));
    }
    let body = parse::body(event)
        .map_err(|error| Refusal::new(Code::Internal, format!("an event that parses does not become JSON: {error}")))?;
    if body.len() > EVENT_BYTES_MAX {
        let message = format!("{} bytes as stored, at most {EVENT_BYTES_MAX}", body.len());
        return Err(Refusal::new(Code::EventTooLarge, message));
    }
    personal::refuse(event, &body, parsed.day)?;
    Ok(PreparedEvent { event: parsed.into(), body: body.into() })
}

fn one_stream(events: &[PreparedEvent]) -> Result<(), Refusal> {
    let subject = &events[0].event.subject;
    if let Some(index) = events.iter().position(|event| event.event.subject != *subject) {
        return Err(Refusal::new(Code::ListOfStreams, "a list stands on one stream").at("subject").of_event(index));
    }
    let mut seen = HashSet::new();
    if let Some(index) = events.iter().position(|event| !seen.insert(&event.event.identity)) {
        return Err(Refusal::new(Code::MixedList, "this list holds the event twice").at("event_id").of_event(index));
    }
    Ok(())
}
