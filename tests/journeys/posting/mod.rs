//! Aim: a request is recorded whole and once, or not at all, and whoever posted it can find out which by posting it again: also
//! where writers race, the queue is full, a client goes away or gives up, or the server stops.
//!
//! Method: where a moment matters, the test holds the write lock of the log's file, as another process could; the writer waits for
//! it with a batch in its hands. What was recorded is read from the disk or from the start of the log, never taken on trust.

mod leaving;
mod recording;

use serde_json::json;
use std::path::Path;
use tokio::time::timeout;
use xiaoer_domain::LogName;
use xiaoer_journal::{Journal, Locked, Log};
use xiaoer_tests::{Client, PATIENCE, case, event};
use xiaoer_wire::v1::{Event, PostRequest, Receipt};

const LOG: &str = "posting";

fn at(minute: usize) -> String {
    format!("2026-04-21T09:{minute:02}:00+08:00")
}

fn received(id: &str) -> Event {
    event(&case(id), &at(0), json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}))
}

fn note(id: &str, code: &str) -> Event {
    event(&case(id), &at(1), json!({"caseNoteRecorded": {"code": code}}))
}

/// A case from receipt to decision.
fn decided_case(id: &str) -> Vec<Event> {
    let facts = [json!({"caseAccepted": {}}), json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})];
    let later = facts.into_iter().zip(1..).map(|(fact, minute)| event(&case(id), &at(minute), fact));
    [received(id)].into_iter().chain(later).collect()
}

fn request(events: Vec<Event>) -> PostRequest {
    PostRequest { log: LOG.into(), events, ..PostRequest::default() }
}

/// Where an event stands.
fn place(receipt: &Receipt) -> (u64, u64) {
    (receipt.position, receipt.revision)
}

/// The log as another process reads it from the disk.
async fn on_disk(data: &Path) -> Log {
    let journal = Journal::open(&data.join("journal")).await.expect("the journal opens");
    journal.log(&LogName::new(LOG).expect("a name")).expect("the log is there")
}

/// Takes the write lock of the log's file, so that the writer waits; released by [`release`].
async fn hold(data: &Path) -> Locked {
    timeout(PATIENCE, on_disk(data).await.lock()).await.expect("the lock in time").expect("the lock")
}

async fn release(locked: Locked) {
    locked.commit().await.expect("nothing to commit");
}

/// Waits until at least so many requests wait for the writer.
async fn queued(client: &mut Client, count: u32) {
    client.log_until(LOG, &format!("{count} wait"), |status| status.queued >= count).await;
}
