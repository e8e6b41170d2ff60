//! A journal and read tables in a folder of their own.

use crate::telling::{LOG, Posted, fact_event};
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use sqlx::{ConnectOptions as _, Row as _, sqlite::SqliteConnectOptions};
use std::{collections::HashMap, path::PathBuf};
use tempfile::TempDir;
use xiaoer_domain::{Actor, Identity, LogName, Subject, metric::Metric};
use xiaoer_journal::{Journal, Log, NewRow};
use xiaoer_projections::{Knowing, Known, KnownAt, Limits, Projection, Question, Store, Where, Worker};
use xiaoer_wire::{parse, v1};

/// A time after everything that is recorded in these tests.
pub const LATER: &str = "2030-01-01T00:00:00Z";

/// A folder with a journal of one log or more.
pub struct Site {
    pub folder: TempDir,
    pub journal: Journal,
    pub log: Log,
    revisions: HashMap<Subject, u64>,
}

impl Site {
    /// An empty log but for its genesis.
    pub async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let journal = Journal::open(&folder.path().join("journal")).await.unwrap();
        let log = create(&journal, LOG).await;
        Self { folder, journal, log, revisions: HashMap::from([(Subject::new("log", "xiaoer", LOG), 1)]) }
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

    pub fn tables(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    /// The projection of the log in a file of this name.
    pub async fn projection(&self, name: &str) -> Projection {
        Projection::open(self.log.clone(), Store::open(&self.tables(name)).await.unwrap()).await.unwrap()
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

/// Everything in the read tables but the numbers that only tie rows together, in an order of its own.
pub async fn dump(projection: &Projection, file: PathBuf) -> Vec<String> {
    // The log's name, so that a dump of the wrong file cannot pass for an empty one.
    let mut lines = vec![format!("{} at {}", projection.log().genesis().name, projection.cursor().position)];
    let mut connection = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap();
    let thing = "t.kind || '/' || t.system || '/' || t.id";
    let queries = [
        format!("SELECT 'thing ' || {thing} || ' ' || t.item FROM thing AS t ORDER BY 1"),
        format!("SELECT 'touch ' || {thing} || ' ' || x.kind || '/' || x.id FROM touch AS x JOIN thing AS t USING (thing_id) ORDER BY 1"),
        format!(
            "SELECT 'state ' || concat_ws(' ', {thing}, known_from, known_to, valid_from, valid_until, state, unit, c.item, received_on)
             FROM case_state AS c JOIN thing AS t USING (thing_id) ORDER BY 1"
        ),
        format!(
            "SELECT 'standing ' || concat_ws(' ', {thing}, known_from, known_to, valid_from, valid_until, metric, place, why, counts_on,
             coalesce(value, '-'), unit, s.item, staff, window_id, channel, s.kind, evidence)
             FROM standing AS s JOIN thing AS t USING (thing_id) ORDER BY 1"
        ),
    ];
    for query in queries {
        let rows = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_all(&mut connection).await.unwrap();
        lines.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    lines
}

/// Two dumps are the same; says the first lines that only one of them has.
pub fn assert_same(left: &[String], right: &[String], what: &str) {
    if left != right {
        let only = |a: &[String], b: &[String]| a.iter().filter(|line| !b.contains(line)).take(8).cloned().collect::<Vec<_>>();
        panic!("{what}: only left {:#?}, only right {:#?}", only(left, right), only(right, left));
    }
}
