//! A log in memory, a server in a temporary folder, and the comparison of a stream with the log.

use bytes::Bytes;
use futures::StreamExt;
use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use xiaoer_bus::{
    Login, Managed, Nats, Source, find_binary, managed, message,
    relay::{self, Options, Status},
};
use xiaoer_domain::{Actor, LogName, Refusal, Subject};
use xiaoer_journal::{Carried, Row};
use xiaoer_wire::leaf::{LeafInput, leaf_hash};

/// Longest wait for anything, beyond which the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The server's binary. A test without one fails: what it would prove is not proved.
pub(crate) fn binary() -> PathBuf {
    let found = find_binary(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools"));
    found.expect("a nats-server on PATH or in .tools; `scripts/tool nats-server` fetches one")
}

/// A log in memory. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    log: LogName,
    rows: Arc<Mutex<Vec<Row>>>,
    head: watch::Sender<u64>,
}

impl Memory {
    pub(crate) fn new(log: &str) -> Self {
        Self { log: LogName::new(log).unwrap(), rows: Arc::default(), head: watch::Sender::new(0) }
    }

    pub(crate) fn with(log: &str, events: u64) -> Self {
        let memory = Self::new(log);
        memory.grow(events, 1);
        memory
    }

    /// Appends events whose leaves are those of an incarnation.
    pub(crate) fn grow(&self, events: u64, incarnation: u8) {
        let mut rows = self.rows.lock().unwrap();
        let first = rows.len() as u64 + 1;
        rows.extend((first..first + events).map(|position| row(&self.log, position, incarnation)));
        self.head.send_replace(rows.len() as u64);
    }

    /// Goes back to an earlier head.
    pub(crate) fn shrink(&self, head: usize) {
        self.rows.lock().unwrap().truncate(head);
    }

    pub(crate) fn head(&self) -> u64 {
        self.rows.lock().unwrap().len() as u64
    }

    pub(crate) fn at(&self, position: u64) -> Row {
        self.rows.lock().unwrap()[usize::try_from(position).unwrap() - 1].clone()
    }
}

impl Source for Memory {
    type Error = Infallible;

    fn log(&self) -> &LogName {
        &self.log
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<Row>, Infallible> {
        let rows = self.rows.lock().unwrap();
        Ok(rows.iter().skip(usize::try_from(after).unwrap()).take(limit).cloned().collect())
    }

    async fn wait_past(&self, position: u64) {
        let mut head = self.head.subscribe();
        let _ = timeout(Duration::from_millis(50), head.wait_for(|&head| head > position)).await;
    }
}

/// An event as a log would hold it; the incarnation is told by its actor, and so by its leaf.
pub(crate) fn row(log: &LogName, position: u64, incarnation: u8) -> Row {
    let event_id = Uuid::from_u128(u128::from(position));
    let (kind, system, id, fact) = match position {
        1 => (
            "log",
            "xiaoer",
            log.to_string(),
            format!(r#""logOpened":{{"name":"{log}","suite":"sha256","timeZone":"UTC","contract":1}}"#),
        ),
        n if n.is_multiple_of(2) => ("case", "sp", (n / 10).to_string(), r#""caseCompleted":{}"#.to_owned()),
        n => ("case", "sp", (n / 10).to_string(), r#""hearingRequested":{}"#.to_owned()),
    };
    let subject = format!(r#"{{"kind":"{kind}","system":"{system}","id":"{id}"}}"#);
    let body = format!(
        r#"{{"eventId":"{event_id}","subject":{subject},"occurredAt":"2026-04-20T02:12:00Z","source":{{"system":"{system}"}},{fact}}}"#
    );
    let subject = Subject::new(kind, system, &id);
    let actor = Actor::named(&format!("clerk-{incarnation}"));
    let (recorded_at, revision) = (i64::try_from(position).unwrap(), position % 10 + u64::from(position != 1));
    let leaf_hash = leaf_hash(&LeafInput {
        log: log.as_str(),
        position,
        recorded_at_micros: recorded_at,
        subject: &subject,
        revision,
        actor: actor.as_str(),
        mode: 1,
        flags: &[],
        body: body.as_bytes(),
    });
    let (body, flags) = (Bytes::from(body), Vec::new());
    Carried { position, recorded_at, revision, actor, mode: 1, flags, body, leaf_hash }.row(log).unwrap()
}

/// A server with a connection to it.
pub(crate) struct Lab {
    pub(crate) binary: PathBuf,
    pub(crate) folder: TempDir,
    pub(crate) server: Option<Managed>,
    pub(crate) nats: Nats,
}

impl Lab {
    pub(crate) async fn open() -> Self {
        let binary = binary();
        let folder = TempDir::new().unwrap();
        let server = start(&binary, folder.path(), None).await;
        let nats = Nats::connect(server.url(), &Login::default()).await.unwrap();
        Self { binary, folder, server: Some(server), nats }
    }

    /// On a server of the test's own.
    pub(crate) fn over(nats: Nats) -> Self {
        Self { binary: binary(), folder: TempDir::new().unwrap(), server: None, nats }
    }

    /// Stops the server and gives its port.
    pub(crate) async fn stop(&mut self) -> u16 {
        let server = self.server.take().unwrap();
        let port = server.url().rsplit(':').next().unwrap().parse().unwrap();
        server.stop().await;
        port
    }

    pub(crate) async fn start(&mut self, port: u16) {
        self.server = Some(start(&self.binary, self.folder.path(), Some(port)).await);
    }

    pub(crate) fn relay(&self, source: &Memory) -> Relay {
        self.relay_with(source, Options::default())
    }

    pub(crate) fn relay_with(&self, source: &Memory, options: Options) -> Relay {
        let (sender, status) = watch::channel(Status::default());
        let shutdown = CancellationToken::new();
        let run = relay::run(source.clone(), self.nats.clone(), options, sender, shutdown.clone());
        Relay { task: tokio::spawn(run), status, shutdown }
    }

    /// Last sequence of the log's stream; none where there is no stream.
    pub(crate) async fn last(&self, source: &Memory) -> Option<u64> {
        let stream = self.nats.jetstream().get_stream(message::stream_name(source.log())).await.ok()?;
        Some(stream.cached_info().state.last_sequence)
    }

    /// Reads the whole stream: message n is the event at position n, once, from `first` to the head.
    pub(crate) async fn compare(&self, source: &Memory, first: u64) {
        use async_nats::jetstream::consumer::{AckPolicy, pull};
        let stream = self.nats.jetstream().get_stream(message::stream_name(source.log())).await.unwrap();
        let state = &stream.cached_info().state;
        let head = source.head();
        assert_eq!((state.first_sequence, state.last_sequence, state.messages), (first, head, head + 1 - first));
        let config = pull::Config { ack_policy: AckPolicy::None, ..Default::default() };
        let consumer = stream.create_consumer(config).await.unwrap();
        let mut messages = consumer.stream().max_messages_per_batch(1_000).messages().await.unwrap();
        for position in first..=head {
            let message = timeout(PATIENCE, messages.next()).await.expect("a message in time").unwrap().unwrap();
            assert_eq!(message.info().unwrap().stream_sequence, position);
            let row = source.at(position);
            assert_eq!(message.subject.as_str(), message::subject(source.log(), &row));
            let headers = message.headers.as_ref().unwrap();
            assert_eq!(message::position_and_leaf(headers), Some((position, row.leaf_hash)));
            assert_eq!(message.payload, row.body);
        }
    }
}

pub(crate) async fn start(binary: &Path, folder: &Path, port: Option<u16>) -> Managed {
    Managed::start(managed::Options { binary: binary.to_owned(), folder: folder.to_owned(), port }).await.unwrap()
}

/// A relay under way.
pub(crate) struct Relay {
    pub(crate) task: JoinHandle<Result<(), Refusal>>,
    pub(crate) status: watch::Receiver<Status>,
    shutdown: CancellationToken,
}

impl Relay {
    pub(crate) async fn until(&mut self, what: &str, is: impl FnMut(&Status) -> bool) {
        let waited = timeout(PATIENCE, self.status.wait_for(is)).await.map(|status| status.is_ok());
        assert_eq!(waited, Ok(true), "{what}: {:?}", self.status.borrow());
    }

    pub(crate) async fn until_at(&mut self, position: u64) {
        self.until("relayed", |status| status.relayed == Some(position) && status.error.is_none()).await;
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        assert_eq!(timeout(PATIENCE, self.task).await.unwrap().unwrap(), Ok(()));
    }

    pub(crate) async fn ended(self) -> Refusal {
        timeout(PATIENCE, self.task).await.expect("it stops by itself").unwrap().unwrap_err()
    }
}
