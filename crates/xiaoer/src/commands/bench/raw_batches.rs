//! The raw limit of the relay: the messages of a log, made before the clock starts, published in atomic batches of 1,000 to a
//! nats-server of their own that syncs every batch. The same messages to the same kind of stream, and nothing else.

use super::{Measured, histogram, is_postgres, measured, record};
use crate::{cli::bench::BenchRawRelayArgs, client::Failure};
use anyhow::{Context, ensure};
use std::{fs, path::Path, time::Instant};
use xiaoer_bus::{Login, Managed, Nats, find_binary, managed, message};
use xiaoer_domain::{LogName, Scope};
use xiaoer_journal::{Journal, Row};

/// Messages of a batch: the server's own bound.
const BATCH_MESSAGES: usize = 1_000;

/// Publishes the first messages of a log.
pub(super) async fn published(log: &str, args: &BenchRawRelayArgs) -> Result<Measured, Failure> {
    let name = LogName::new(log).ok_or_else(|| Failure::Usage(format!("--log {log}: no name of a log")))?;
    let rows = rows(&name, args).await?;
    let binary = find_binary(&args.tools).ok_or_else(|| Failure::Usage("no nats-server on PATH or in --tools".into()))?;
    let options = managed::Options { binary, folder: args.store.clone(), port: None };
    let server = Managed::start(options).await.map_err(anyhow::Error::from)?;
    let measured = publish(server.url(), &name, &rows).await;
    server.stop().await;
    fs::remove_dir_all(&args.store)?;
    Ok(measured?)
}

/// The first rows of the log.
async fn rows(name: &LogName, args: &BenchRawRelayArgs) -> Result<Vec<Row>, anyhow::Error> {
    let journal =
        if is_postgres(&args.at) { Journal::connect(&args.at).await? } else { Journal::open(Path::new(&args.at)).await? };
    let log = journal.log(name).with_context(|| format!("no log {name} at {}", args.at))?;
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.position);
        let page = log.read(&Scope::Everything, after, args.messages - rows.len()).await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

async fn publish(url: &str, log: &LogName, rows: &[Row]) -> Result<Measured, anyhow::Error> {
    let nats = Nats::connect(url, &Login::default()).await?;
    let stream = serde_json::json!({
        "name": message::stream_name(log), "subjects": [message::stream_subjects(log)],
        "storage": "file", "retention": "limits", "num_replicas": 1, "allow_atomic": true,
    });
    let make = format!("$JS.API.STREAM.CREATE.{}", message::stream_name(log));
    let made = nats.client().request(make, serde_json::to_vec(&stream)?.into()).await?;
    ensure!(!String::from_utf8_lossy(&made.payload).contains("\"error\""), "{made:?}");
    let mut messages = Vec::new();
    let rows = &rows[..rows.len() / BATCH_MESSAGES * BATCH_MESSAGES];
    for (row, n) in rows.iter().zip(0..) {
        let mut headers = message::headers(log, row)?;
        headers.insert("Nats-Batch-Id", format!("raw-{}", n / BATCH_MESSAGES));
        headers.insert("Nats-Batch-Sequence", (n % BATCH_MESSAGES + 1).to_string());
        if n % BATCH_MESSAGES == 0 {
            headers.insert("Nats-Expected-Last-Sequence", n.to_string());
        }
        if (n + 1) % BATCH_MESSAGES == 0 {
            headers.insert("Nats-Batch-Commit", "1");
        }
        messages.push((message::subject(log, row), headers, row.body.clone()));
    }
    let (started, mut times) = (Instant::now(), histogram());
    let mut messages = messages.into_iter();
    while messages.len() > 0 {
        let began = Instant::now();
        for (subject, headers, body) in messages.by_ref().take(BATCH_MESSAGES - 1) {
            nats.client().publish_with_headers(subject, headers, body).await?;
        }
        for (subject, headers, body) in messages.by_ref().take(1) {
            nats.jetstream().publish_with_headers(subject, headers, body).await?.await?;
        }
        record(&mut times, began);
    }
    Ok(measured("raw_batches", rows.len() as u64, started, &times))
}
