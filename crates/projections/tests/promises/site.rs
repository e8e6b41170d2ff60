//! A journal and read tables in a folder of their own.

use crate::{
    tables::Tables,
    telling::{LOG, Posted, fact_event},
};
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use std::collections::HashMap;
use tempfile::TempDir;
use tokio::sync::Mutex;
use xiaoer_domain::{Actor, Identity, LogName, Subject, metric::Metric};
use xiaoer_journal::{Journal, Log, NewRow};
use xiaoer_projections::{Knowing, Known, KnownAt, Limits, Projection, Question, Where, Worker};
use xiaoer_wire::{parse, v1};

/// A time after everything that is recorded in these tests.
pub const LATER: &str = "2030-01-01T00:00:00Z";

/// A folder with a journal of one log or more.
pub struct Site {
    pub folder: TempDir,
    pub journal: Journal,
    pub log: Log,
    revisions: HashMap<Subject, u64>,
    tables: Mutex<HashMap<String, Tables>>,
}

impl Site {
    /// An empty log but for its genesis.
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let journal = Journal::open(&folder.path().join("journal")).await.unwrap();
        let log = create(&journal, LOG).await;
        Self { folder, journal, log, revisions: HashMap::from([(Subject::new("log", "xiaoer", LOG), 1)]), tables: Mutex::default() }
    }

    /// A log of these posts.
    pub async fn of(posts: &[Posted]) -> Self {
        let mut site = Self::new().await;
        site.append(posts).await;
        site
    }

    /// Appends whatever it is: a projection takes what stands in the log, also what the gate would refuse.
    pub async fn append(&mut self, posts: &[Posted]) {
        let zone = self.log.genesis().zone.clone();
        let mut locked = self.log.lock().await.unwrap();
        let mut last = locked.head().recorded_at;
        let mut rows = Vec::new();
        for Posted { event, recorded_at } in posts {
            let parsed = parse::event(event, &zone).unwrap_or_else(|refusal| panic!("{refusal}: {event:?}"));
            let revision = self.revisions.entry(parsed.subject.clone()).or_default();
            *revision += 1;
            last = last.max(recorded_at.as_microsecond());
            rows.push(NewRow {
                subject: parsed.subject,
                revision: *revision,
                identity: parsed.identity,
                fact: parsed.fact.name(),
                actor: Actor::local(),
                mode: v1::PostMode::Record,
                flags: Vec::new(),
                body: parse::body(event).unwrap().into(),
                recorded_at: last,
            });
        }
        locked.append(&rows).await.unwrap();
        locked.commit().await.unwrap();
    }

    /// Appends an event of its own stream whose stored bytes are these.
    pub async fn append_body(&mut self, number: u128, body: &'static str) {
        let mut locked = self.log.lock().await.unwrap();
        let row = NewRow {
            subject: Subject::new("case", "hall", &format!("body-{number}")),
            revision: 1,
            identity: Identity { system: "hall".into(), event_id: uuid::Uuid::from_u128(number) },
            fact: "CaseReceived",
            actor: Actor::local(),
            mode: v1::PostMode::Record,
            flags: Vec::new(),
            body: body.into(),
            recorded_at: locked.head().recorded_at,
        };
        locked.append(&[row]).await.unwrap();
        locked.commit().await.unwrap();
    }

    /// The journal as another process sees it, which has none of it in memory.
    pub async fn reopen(&mut self) {
        self.journal = Journal::open(&self.folder.path().join("journal")).await.unwrap();
        self.log = self.journal.log(&self.log.genesis().name).unwrap();
    }

    /// The read tables of this name.
    pub async fn tables(&self, name: &str) -> Tables {
        let mut tables = self.tables.lock().await;
        if !tables.contains_key(name) {
            tables.insert(name.to_owned(), Tables::new(self.folder.path(), name).await);
        }
        tables[name].clone()
    }

    /// The projection of the log in the tables of this name, in a process that comes after all others.
    pub async fn projection(&self, name: &str) -> Projection {
        Projection::open(self.log.clone(), self.tables(name).await.open().await).await.unwrap()
    }

    pub fn knowing(&self) -> Knowing {
        Knowing::new(self.log.clone())
    }
}

/// A log with nothing but its genesis.
pub async fn create(journal: &Journal, name: &str) -> Log {
    let opened = json!({ "name": name, "suite": "sha256", "timeZone": "Asia/Shanghai", "contract": 1, "synthetic": true });
    let at: Timestamp = "2026-08-01T00:00:00Z".parse().unwrap();
    let genesis = fact_event(1, &Subject::new("log", "xiaoer", name), at, None, "logOpened", &opened);
    let event = parse::event(&genesis, &jiff::tz::TimeZone::UTC).unwrap();
    let (log, existed) = journal.create(event, parse::body(&genesis).unwrap().into()).await.unwrap();
    assert!(!existed && LogName::new(name).as_ref() == Some(&log.genesis().name));
    log
}

/// Takes steps until the head is reached, at most so many; says whether it was.
pub async fn step_to_head(projection: &Projection, worker: &mut Worker, steps_max: usize) -> bool {
    let head = projection.log().head().await.unwrap().position;
    for _ in 0..steps_max {
        if projection.cursor().position == head {
            break;
        }
        worker.step().await.unwrap();
    }
    projection.cursor().position == head
}

/// Projects everything with steps of this size.
pub async fn project(projection: &Projection, limits: Limits) {
    let mut worker = Worker::new(projection.clone(), limits);
    assert!(step_to_head(projection, &mut worker, 100_000).await);
}

/// What was known at a position.
pub async fn known(projection: &Projection, position: u64) -> Known {
    projection.settle(KnownAt::Position(position), 0, LATER.parse().unwrap()).await.unwrap()
}

pub fn question(metric: Metric, known: Known, valid_on: Date, period: (Date, Date)) -> Question {
    Question { metric, known, valid_on, period, of: Where::default() }
}

/// Two dumps are the same; says the first lines that only one of them has.
pub fn assert_same(left: &[String], right: &[String], what: &str) {
    if left != right {
        let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).take(8).cloned().collect::<Vec<_>>();
        panic!("{what}: only left {:#?}, only right {:#?}", only(left, right), only(right, left));
    }
}
