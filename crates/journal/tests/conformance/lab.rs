//! The logs of an installation, and the ways to make, to read and to audit them. `base.rs` is behind the journal's back.

use crate::{base::Found, leaf};
use bytes::Bytes;
use std::{
    collections::{HashMap, HashSet},
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};
use tempfile::TempDir;
use uuid::Uuid;
use xiaoer_domain::{Actor, Identity, LogName, Scope, Subject};
use xiaoer_journal::{Error, Head, Journal, Log, NewRow, Row};
use xiaoer_wire::{
    parse,
    time::Timestamp,
    v1::{self, PostMode},
};

/// Longest wait for anything, beyond which a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);
/// The log of most tests.
pub(crate) const LOG: &str = "370306";
/// When the genesis of every test is dated.
pub(crate) const GENESIS_AT: i64 = 1_776_651_120_000_000;

/// The logs of one installation.
pub(crate) enum Lab {
    /// In files of a folder.
    Sqlite(TempDir),
    /// In the database of a URL.
    Postgres(String),
}

/// A row as it lies in the database, read without the journal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) position: u64,
    pub(crate) recorded_at: i64,
    pub(crate) subject: [String; 3],
    pub(crate) revision: u64,
    pub(crate) actor: String,
    pub(crate) mode: i64,
    pub(crate) flags: String,
    pub(crate) body: Vec<u8>,
    pub(crate) leaf_hash: Vec<u8>,
}

impl Lab {
    /// A journal with connections of its own: another process, as far as the database can tell.
    pub(crate) async fn open(&self) -> Journal {
        self.try_open().await.unwrap()
    }

    pub(crate) async fn try_open(&self) -> Result<Journal, Error> {
        Self::open_at(&self.place()).await
    }

    /// The log of most tests through a journal of its own; opened with its genesis where it is not there yet.
    pub(crate) async fn log(&self) -> Log {
        create(&self.open().await, LOG).await.0
    }

    /// The rows of a log as they lie in the database.
    pub(crate) async fn stored(&self, log: &str) -> Vec<Stored> {
        let select = format!(
            "SELECT position, recorded_at, subject_kind, subject_system, subject_id, revision, actor, mode, flags, \
             CAST(body AS BLOB), leaf_hash FROM event WHERE log_id = (SELECT log_id FROM log WHERE name = '{log}') ORDER BY position"
        );
        let (_, rows) = self.table(log, &select).await;
        let unsigned = |n: i64| u64::try_from(n).unwrap();
        let read = |row: &Found| Stored {
            position: unsigned(row.get(0)),
            recorded_at: row.get(1),
            subject: [row.get(2), row.get(3), row.get(4)],
            revision: unsigned(row.get(5)),
            actor: row.get(6),
            mode: row.get(7),
            flags: row.get(8),
            body: row.get(9),
            leaf_hash: row.get(10),
        };
        rows.iter().map(read).collect()
    }

    /// Reads a whole log and checks on it every promise that shows in the rows: dense positions and revisions, time that never
    /// falls, identities that stand once, leaf hashes that fit the bytes in the database, and a head that is the last row.
    pub(crate) async fn audit(&self, log: &Log) -> Vec<Row> {
        let name = log.genesis().name.clone();
        let head = log.head().await.unwrap();
        let mut rows = read_all(log, 1_000).await;
        // Another process may go on appending: what stands up to the head that was seen is judged.
        rows.truncate(usize::try_from(head.position).unwrap());
        let stored = self.stored(name.as_str()).await;
        let (mut revisions, mut identities, mut time) = (HashMap::new(), HashSet::new(), i64::MIN);
        for ((row, stored), position) in rows.iter().zip(&stored).zip(1..) {
            assert_eq!((row.position, stored.position), (position, position));
            let revision: &mut u64 = revisions.entry(row.subject.clone()).or_default();
            *revision += 1;
            assert_eq!(row.revision, *revision, "revision at position {position}");
            assert!(row.recorded_at >= time, "time fell at position {position}");
            time = row.recorded_at;
            assert!(identities.insert(row.identity.clone()), "{} stands twice", row.identity);
            assert_eq!(row.leaf_hash, leaf::of(name.as_str(), stored), "leaf of position {position}");
            assert_eq!(stored.leaf_hash, row.leaf_hash);
            assert_eq!(row.body, stored.body);
        }
        let last = rows.last().expect("a genesis");
        assert_eq!((head.position, head.recorded_at, head.leaf_hash), (rows.len() as u64, last.recorded_at, last.leaf_hash));
        rows
    }
}

/// The contract's form of a genesis.
pub(crate) fn genesis(log: &str, time_zone: &str, synthetic: bool) -> v1::Event {
    let opened = v1::LogOpened { name: log.into(), suite: "sha256".into(), time_zone: time_zone.into(), contract: 1, synthetic };
    v1::Event {
        event_id: Uuid::from_u128(1).to_string(),
        subject: Some(v1::Subject { kind: "log".into(), system: "xiaoer".into(), id: log.into() }),
        occurred_at: Some(Timestamp::from_micros(GENESIS_AT)),
        source: Some(v1::Source { system: "xiaoer".into(), ..Default::default() }),
        fact: Some(v1::event::Fact::LogOpened(opened)),
        ..Default::default()
    }
}

/// Opens a log with a genesis of these settings.
pub(crate) async fn create_with(journal: &Journal, genesis: &v1::Event) -> Result<(Log, bool), Error> {
    let event = parse::event(genesis, &jiff::tz::TimeZone::UTC).unwrap();
    journal.create(event, parse::body(genesis).unwrap().into()).await
}

pub(crate) async fn create(journal: &Journal, log: &str) -> (Log, bool) {
    create_with(journal, &genesis(log, "Asia/Shanghai", false)).await.unwrap()
}

pub(crate) fn name(log: &str) -> LogName {
    LogName::new(log).unwrap()
}

pub(crate) fn case(id: &str) -> Subject {
    Subject::new("case", "hall", id)
}

/// An event of a case, told from all others by its subject and revision; of the time the log began.
pub(crate) fn row(subject: &Subject, revision: u64) -> NewRow {
    let event_id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{subject}@{revision}").as_bytes());
    NewRow {
        subject: subject.clone(),
        revision,
        identity: Identity { system: "hall".into(), event_id },
        fact: "ReviewStepDone",
        actor: Actor::local(),
        mode: PostMode::Strict,
        flags: Vec::new(),
        body: Bytes::from(format!(r#"{{"eventId":"{event_id}","revision":"{revision}","受理":"{subject}"}}"#)),
        recorded_at: GENESIS_AT,
    }
}

/// The first events of a case.
pub(crate) fn life(id: &str, events: u64) -> Vec<NewRow> {
    (1..=events).map(|revision| row(&case(id), revision)).collect()
}

pub(crate) async fn append(log: &Log, rows: &[NewRow]) -> Result<Head, Error> {
    let mut locked = log.lock().await?;
    locked.append(rows).await?;
    locked.commit().await
}

/// Everything in a log, by pages of a size.
pub(crate) async fn read_all(log: &Log, page: usize) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row.position);
        let next = log.read(&Scope::Everything, after, page).await.unwrap();
        assert!(next.len() <= page.max(1), "a page of {} where {page} were asked for", next.len());
        if next.is_empty() {
            return rows;
        }
        rows.extend(next);
    }
}

/// The table and row that an error names.
pub(crate) fn named<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    match result {
        Err(Error::Corrupt { table, row, .. }) => (table, row),
        other => panic!("no error that names a row: {other:?}"),
    }
}

/// Polls once.
pub(crate) async fn poll_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Drives a future until it would wait for the `n`-th time, then drops it; its output where it was done before.
pub(crate) async fn cut<F: Future>(future: F, n: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut waits = 0;
    poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if waits == n => Poll::Ready(None),
        Poll::Pending => {
            waits += 1;
            Poll::Pending
        }
    })
    .await
}
