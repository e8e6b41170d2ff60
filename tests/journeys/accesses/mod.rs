//! Aim: nobody is told of a case, a member, an event or a text before it is on disk that he was; nothing of what he was told stands
//! there; and who audits finds it.
//!
//! Method: the access log is read from the disk, beside the server or after it was killed, and held against every answer that was
//! given. Where it must take nothing, its database is made to refuse.

mod followed;
mod listed;
mod recorded;
mod unwritten;

use serde_json::{Value, json};
use std::path::Path;
use tonic::{Response, Status, Streaming};
use xiaoer_journal::Row;
use xiaoer_tests::{Client, Record, by_unit, case, event, refusal_of};
use xiaoer_wire::v1::{
    AccessRecorded, Event, GetStateRequest, ReplayRequest, SubscribeRequest, event::Fact, subscribe_response::Step,
};

const LOG: &str = "370306";
const SEALED: &str = "370306-sealed";
const ACCESS: &str = "370306-access";

/// What the access log holds behind its genesis: the row, and what it says.
async fn records(data: &Path) -> Vec<(Row, AccessRecorded)> {
    let record = Record::read(data, ACCESS).await;
    record.rows.into_iter().skip(1).map(said).collect()
}

fn said(row: Row) -> (Row, AccessRecorded) {
    let Some(Fact::AccessRecorded(read)) = row.event().expect("an event").fact else { panic!("no record: {}", row.fact) };
    (row, read)
}

/// A case of the unit is received.
fn received(id: &str, unit: &str) -> Event {
    by_unit(unit, event(&case(id), "2026-05-12T09:00:00+08:00", json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}})))
}

fn note(id: &str, minute: u64, code: &str) -> Event {
    let at = format!("2026-05-12T{:02}:{:02}:00+08:00", 10 + minute / 60 % 10, minute % 60);
    event(&case(id), &at, json!({"caseNoteRecorded": {"code": code}}))
}

fn state_of(log: &str, id: &str) -> GetStateRequest {
    GetStateRequest { log: log.into(), subject: Some(case(id)), ..GetStateRequest::default() }
}

fn replay_of(log: &str, id: &str) -> ReplayRequest {
    ReplayRequest { log: log.into(), subject: Some(case(id)), ..ReplayRequest::default() }
}

/// All messages of a stream, and how it ended.
async fn drained<T>(answers: Result<Response<Streaming<T>>, Status>) -> (Vec<T>, Option<Status>) {
    let mut answers = match answers {
        Ok(answers) => answers.into_inner(),
        Err(status) => return (Vec::new(), Some(status)),
    };
    let mut all = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(message)) => all.push(message),
            Ok(None) => return (all, None),
            Err(status) => return (all, Some(status)),
        }
    }
}

/// Events that a subscription gives, and how it ended.
async fn events_of(client: &mut Client, request: SubscribeRequest) -> (u64, Option<Status>) {
    let (steps, ended) = drained(client.audit.subscribe(request).await).await;
    (steps.iter().filter(|step| matches!(step.step, Some(Step::Event(_)))).count() as u64, ended)
}

fn code(status: &Status) -> String {
    refusal_of(status).0
}

/// Many events at little cost: cases of notes, in lists.
async fn fill(client: &mut Client, log: &str, name: &str, lists: u64) {
    for list in 0..lists {
        let id = format!("{name}-{list}");
        let notes = (0..LIST - 1).map(|n| Event { source_seq: None, ..note(&id, n, &format!("N{n}")) });
        let events = [received(&id, xiaoer_tests::UNIT)].into_iter().chain(notes).collect();
        client.post(log, events).await.expect("receipts");
    }
}

/// Events of one list of [`fill`].
const LIST: u64 = 500;

/// What an answer says that a record must not, as JSON shows it.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}
