//! What is on disk: the journal read beside a server or after it, and the stream on NATS held against it.

use crate::PATIENCE;
use async_nats::jetstream::{self, consumer::AckPolicy, consumer::pull};
use futures::StreamExt;
use sqlx::{Connection, Row as _, sqlite::SqliteConnectOptions};
use std::{collections::HashMap, path::Path};
use tokio::time::timeout;
use xiaoer_domain::{LogName, Scope};
use xiaoer_journal::{Journal, Log, Row};

/// Rows of one page.
const PAGE: usize = 5_000;

/// A log as it stands on disk.
#[derive(Debug)]
pub struct Record {
    /// Its rows, in order of position.
    pub rows: Vec<Row>,
}

impl Record {
    /// Reads a log of a data folder. The journal itself asserts that positions have no gap.
    pub async fn read(data: &Path, log: &str) -> Self {
        Self::of(&Journal::open(&data.join("journal")).await.expect("the journal opens"), log).await
    }

    /// Reads a log of a journal.
    pub async fn of(journal: &Journal, log: &str) -> Self {
        let log: Log = journal.log(&LogName::new(log).expect("a name")).expect("the log is there");
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row| row.position);
            let page = log.read(&Scope::Everything, after, PAGE).await.expect("a page");
            if page.is_empty() {
                return Self { rows };
            }
            rows.extend(page);
        }
    }

    /// Position and revision of each event, by its id; no event stands twice.
    pub fn places(&self) -> HashMap<String, (u64, u64)> {
        let mut found = HashMap::new();
        for row in &self.rows {
            let twice = found.insert(row.identity.event_id.to_string(), (row.position, row.revision));
            assert_eq!(twice, None, "an event stands twice, again at {}", row.position);
        }
        found
    }
}

/// The attempts that a log's writer refused, oldest first: code and digest. The program has no call that shows them yet.
pub async fn refused(data: &Path, log: &str) -> Vec<(String, Vec<u8>)> {
    let file = SqliteConnectOptions::new().filename(data.join(format!("journal/{log}.db"))).read_only(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&file).await.expect("the journal opens");
    let rows = sqlx::query("SELECT code, digest FROM refused ORDER BY n").fetch_all(&mut connection).await.expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Reads the whole stream of a log: message n is the event at position n, once, with its bytes and its leaf.
pub async fn compare_with_stream(nats_url: &str, log: &str, record: &Record) {
    let client = async_nats::connect(nats_url.trim()).await.expect("NATS");
    let stream = jetstream::new(client).get_stream(format!("XIAOER-{log}")).await.expect("the stream");
    let head = record.rows.len() as u64;
    let state = &stream.cached_info().state;
    assert_eq!((state.first_sequence, state.last_sequence, state.messages), (1, head, head), "the stream is the log");
    let config = pull::Config { ack_policy: AckPolicy::None, ..Default::default() };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.stream().max_messages_per_batch(1_000).messages().await.expect("messages");
    for row in &record.rows {
        let message = timeout(PATIENCE, messages.next()).await.expect("a message in time").expect("a message").expect("a message");
        let headers = message.headers.as_ref().expect("headers");
        let header = |name: &str| headers.get(name).map(|value| value.as_str().to_owned()).unwrap_or_default();
        let leaf: String = row.leaf_hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(message.info().expect("its place").stream_sequence, row.position);
        assert_eq!(header("Xiaoer-Position"), row.position.to_string());
        assert_eq!(header("Xiaoer-Leaf-Hash"), leaf, "position {}", row.position);
        assert_eq!(header("ce-id"), row.identity.to_string());
        assert_eq!(message.payload, row.body, "position {}", row.position);
    }
}
