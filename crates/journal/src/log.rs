//! One log: reading it.

use crate::{
    Error, Genesis, Head, Known, Locked, Row,
    connection::{Found, Query, Readers, Writer},
    row::{dense, hash, signed, unsigned},
    sql,
    tail::Tail,
};
use std::{
    fmt,
    sync::{Arc, Mutex as StdMutex, PoisonError},
    time::Duration,
};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use xiaoer_domain::{Fact, Identity, LogName, Scope, Subject, ids::kind};

/// Most events in one page of reading.
pub const PAGE_EVENTS_MAX: usize = 10_000;
/// Most stored bytes in one page; the first event of a page always fits.
const PAGE_BYTES_MAX: usize = 8 << 20;
/// How long a reader sleeps before it looks at what other processes appended to a file.
const POLL_FILE: Duration = Duration::from_millis(250);
/// The same in a database, where who listens (`logs.rs`) wakes it earlier.
const POLL_DATABASE: Duration = Duration::from_secs(5);

/// A log. Clones share it.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    genesis: Genesis,
    /// Its number in the database.
    id: i64,
    is_replica: bool,
    readers: Readers,
    writer: Arc<Mutex<Writer>>,
    /// The last event that this process committed, or found when it held the head.
    seen: watch::Sender<Head>,
    tail: StdMutex<Tail>,
}

/// When a position was recorded, and its leaf hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Microseconds of UTC.
    pub recorded_at: i64,
    /// Leaf hash.
    pub leaf_hash: [u8; 32],
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Log").field(&self.0.genesis.name.as_str()).finish()
    }
}

impl Log {
    pub(crate) async fn new(name: &LogName, id: i64, writer: Writer, readers: Readers) -> Result<Self, Error> {
        let mut reader = readers.acquire().await?;
        let head = head(reader.query(&sql::HEAD), id).await?.ok_or_else(|| Error::corrupt("log", id, "no head"))?;
        let first = rows(name, reader.query(&sql::READ_AFTER).bind(id).bind(0_i64).bind(1_i64)).await?;
        let replica = reader.query(&sql::LOG_REPLICA).bind(id).first().await?.map_or(Ok(0_i64), |row| row.get(0))?;
        drop(reader);
        dense(&first, 0)?;
        let first = first.first().ok_or_else(|| Error::corrupt("event", 1, "a head without a genesis"))?;
        let genesis = first.recorded(&jiff::tz::TimeZone::UTC)?;
        let Fact::LogOpened(opened) = &genesis.event.fact else {
            return Err(Error::corrupt("event", 1, "the first event is no genesis"));
        };
        Ok(Self(Arc::new(Inner {
            genesis: Genesis::of(opened)?,
            id,
            is_replica: replica != 0,
            readers,
            writer: Arc::new(Mutex::new(writer)),
            seen: watch::Sender::new(head),
            tail: StdMutex::default(),
        })))
    }

    /// Its number in its database.
    pub(crate) fn id(&self) -> i64 {
        self.0.id
    }

    /// Whether it is a copy of a log that is written elsewhere.
    pub fn is_replica(&self) -> bool {
        self.0.is_replica
    }

    /// What it was opened with.
    pub fn genesis(&self) -> &Genesis {
        &self.0.genesis
    }

    /// Where it stands.
    pub async fn head(&self) -> Result<Head, Error> {
        let mut reader = self.0.readers.acquire().await?;
        head(reader.query(&sql::HEAD), self.0.id).await?.ok_or_else(|| Error::corrupt("log", self.0.id, "no head"))
    }

    /// The next events after a position, at most `limit` and about 8 MiB: dense, ascending, empty at the head.
    pub async fn read(&self, scope: &Scope, after: u64, limit: usize) -> Result<Vec<Row>, Error> {
        let Scope::Everything = scope else { return Ok(Vec::new()) };
        let limit = limit.clamp(1, PAGE_EVENTS_MAX) as u64;
        let mut reader = self.0.readers.acquire().await?;
        let query = reader.query(&sql::READ_AFTER).bind(self.0.id).bind(signed(after)).bind(signed(limit));
        let mut rows = self.rows(query).await?;
        dense(&rows, after)?;
        let mut bytes = 0;
        let fits = rows.iter().position(|row| {
            bytes += row.body.len();
            bytes > PAGE_BYTES_MAX
        });
        rows.truncate(fits.map_or(rows.len(), |n| n.max(1)));
        Ok(rows)
    }

    /// As [`Log::read`], for those who follow the log: what this process committed last comes from memory.
    pub async fn follow(&self, scope: &Scope, after: u64, limit: usize) -> Result<Vec<Row>, Error> {
        let Scope::Everything = scope else { return Ok(Vec::new()) };
        let kept = self.tail().read(after, limit.clamp(1, PAGE_EVENTS_MAX));
        match kept {
            Some(rows) => Ok(rows),
            None => self.read(scope, after, limit).await,
        }
    }

    /// As [`Log::follow`], after a point that was seen; refused where the log does not hold it (J8).
    pub async fn follow_from(&self, scope: &Scope, (position, leaf): (u64, &[u8]), limit: usize) -> Result<Vec<Row>, Error> {
        let Some(before) = position.checked_sub(1) else { return self.follow(scope, 0, limit).await };
        let mut rows = self.follow(scope, before, limit.saturating_add(1)).await?;
        if !rows.first().is_some_and(|row| row.position == position && row.leaf_hash == leaf) {
            return Err(self.gone(position));
        }
        rows.remove(0);
        Ok(rows)
    }

    /// The events of one stream up to a position, by revision.
    pub async fn stream(&self, scope: &Scope, subject: &Subject, until: u64) -> Result<Vec<Row>, Error> {
        self.streams(scope, &[subject], until).await
    }

    /// The events of several streams up to a position, stream by stream in the order asked, each by revision.
    pub async fn streams(&self, scope: &Scope, subjects: &[&Subject], until: u64) -> Result<Vec<Row>, Error> {
        let Scope::Everything = scope else { return Ok(Vec::new()) };
        let wanted: Vec<_> = subjects.iter().map(|s| [&*s.kind, &*s.system, &*s.id]).filter(|parts| can_stand(parts)).collect();
        let mut reader = self.0.readers.acquire().await?;
        let query = reader.query(&sql::READ_STREAMS).bind(self.0.id).bind(json(&wanted)).bind(signed(until));
        let rows = self.rows(query).await?;
        let mut before: Option<&Row> = None;
        for row in &rows {
            let expected = before.filter(|b| b.subject == row.subject).map_or(1, |b| b.revision + 1);
            if row.revision != expected {
                return Err(Error::corrupt(
                    "event",
                    row.position,
                    format!("revision {} where {expected} comes next", row.revision),
                ));
            }
            before = Some(row);
        }
        Ok(rows)
    }

    /// The events on subjects of one kind up to a position, by position. For registry kinds, which are few.
    pub async fn of_kind(&self, scope: &Scope, kind: &str, until: u64) -> Result<Vec<Row>, Error> {
        let Scope::Everything = scope else { return Ok(Vec::new()) };
        let mut reader = self.0.readers.acquire().await?;
        self.rows(reader.query(&sql::READ_KIND).bind(self.0.id).bind(kind).bind(signed(until))).await
    }

    /// The events of the registry up to a position, by position: what was known there beside the things themselves.
    pub async fn registry(&self, scope: &Scope, until: u64) -> Result<Vec<Row>, Error> {
        let mut rows = Vec::new();
        for kind in kind::REGISTRY {
            rows.extend(self.of_kind(scope, kind, until).await?);
        }
        rows.sort_unstable_by_key(|row| row.position);
        Ok(rows)
    }

    /// The events at these positions, ascending.
    pub async fn at(&self, scope: &Scope, positions: &[u64]) -> Result<Vec<Row>, Error> {
        let Scope::Everything = scope else { return Ok(Vec::new()) };
        let wanted: Vec<_> = positions.iter().map(|&position| signed(position)).collect();
        let mut reader = self.0.readers.acquire().await?;
        self.rows(reader.query(&sql::READ_POSITIONS).bind(self.0.id).bind(json(&wanted))).await
    }

    /// What the log holds under these identities.
    pub async fn known(&self, identities: &[&Identity]) -> Result<Vec<Known>, Error> {
        let wanted = identities.iter().filter(|i| can_stand(&[&i.system]));
        let wanted: Vec<_> = wanted.map(|i| (&i.system, i.event_id.simple().to_string())).collect();
        let mut reader = self.0.readers.acquire().await?;
        let rows = reader.query(&sql::READ_IDENTITIES).bind(self.0.id).bind(json(&wanted)).all().await?;
        rows.iter().map(Known::read).collect()
    }

    /// When a position was recorded; `None` beyond the head and before the genesis.
    pub async fn stamp(&self, position: u64) -> Result<Option<Stamp>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let row = reader.query(&sql::STAMP_AT).bind(self.0.id).bind(signed(position)).first().await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Stamp { recorded_at: row.get(0)?, leaf_hash: hash(row.get(1)?, signed(position))? }))
    }

    /// The last position recorded at or before a time (microseconds of UTC); 0 where there is none.
    ///
    /// Positions are dense and times never fall along them, so this is a binary search and needs no index.
    pub async fn position_at(&self, time: i64) -> Result<u64, Error> {
        let head = self.head().await?;
        if head.recorded_at <= time {
            return Ok(head.position);
        }
        let (mut known, mut above) = (0, head.position);
        while above - known > 1 {
            let middle = known + (above - known) / 2;
            let stamp = self.stamp(middle).await?.ok_or_else(|| Error::corrupt("event", middle, "a hole"))?;
            if stamp.recorded_at <= time {
                known = middle;
            } else {
                above = middle;
            }
        }
        Ok(known)
    }

    /// Refuses a point that was seen and that the log does not hold (J8).
    pub async fn check(&self, position: u64, leaf_hash: &[u8]) -> Result<(), Error> {
        if position == 0 {
            return Ok(());
        }
        match self.stamp(position).await? {
            Some(stamp) if stamp.leaf_hash == leaf_hash => Ok(()),
            _ => Err(self.gone(position)),
        }
    }

    /// Returns once the log may hold more than `position`: at a wake-up, or after the poll interval at the latest.
    pub async fn wait_past(&self, position: u64) {
        let mut seen = self.0.seen.subscribe();
        let woken = seen.wait_for(|head| head.position > position);
        let poll = if let Readers::Postgres(_) = self.0.readers { POLL_DATABASE } else { POLL_FILE };
        let _ = tokio::time::timeout(poll, woken).await;
    }

    /// Looks where it stands after another process appended, and wakes who waits. Where it was put back nothing is unlearned: who
    /// writes or follows must notice (J8).
    pub(crate) async fn hear(&self) -> Result<(), Error> {
        let head = self.head().await?;
        self.0.seen.send_if_modified(|seen| {
            let is_ahead = head.position > seen.position;
            if is_ahead {
                *seen = head;
            }
            is_ahead
        });
        Ok(())
    }

    /// The last position this process knows to be committed, without asking the database.
    pub fn last_committed(&self) -> u64 {
        self.seen().position
    }

    /// The last event that this process has seen.
    pub(crate) fn seen(&self) -> Head {
        *self.0.seen.borrow()
    }

    /// Tells of a head that this process holds.
    pub(crate) fn saw(&self, head: Head) {
        self.0.seen.send_if_modified(|seen| std::mem::replace(seen, head).position != head.position);
    }

    /// That a point which this process has seen is gone. What it holds in memory of the log is worth nothing any more.
    pub(crate) fn rewound(&self, position: u64) -> Error {
        *self.tail() = Tail::default();
        self.gone(position)
    }

    fn gone(&self, position: u64) -> Error {
        Error::Rewound { log: self.0.genesis.name.to_string(), position }
    }

    /// Takes the head, waiting for whoever holds it. The caller must not be cancelled between this and the commit; a writer task
    /// is never cancelled by a client.
    pub async fn lock(&self) -> Result<Locked, Error> {
        let writer: OwnedMutexGuard<Writer> = Arc::clone(&self.0.writer).lock_owned().await;
        Locked::begin(writer, self.clone()).await
    }

    /// Of a SQLite file, brings what stands in the write-ahead file into it, so that after a stop the one file is the whole log.
    pub async fn close(&self) -> Result<(), Error> {
        self.0.writer.lock().await.close().await
    }

    async fn rows(&self, query: Query<'_>) -> Result<Vec<Row>, Error> {
        rows(&self.0.genesis.name, query).await
    }

    /// Ends, as soon as the connection is free, what a holder left open in it: other processes wait for the file too. Where there
    /// is no runtime any more, the end of the connection does it.
    pub(crate) fn let_go(&self) {
        let writer = Arc::clone(&self.0.writer);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                writer.lock().await.clean().await;
            });
        }
    }

    /// Tells of a commit.
    pub(crate) fn moved(&self, head: Head, appended: Vec<Row>) {
        self.tail().push(appended);
        self.saw(head);
    }

    fn tail(&self) -> std::sync::MutexGuard<'_, Tail> {
        self.0.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A list as one bound parameter. (A list of bound values would need a statement for every length.)
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Whether these texts can stand in a log: no name there has a NUL, and Postgres fails where it is asked for one.
fn can_stand(texts: &[&str]) -> bool {
    !texts.iter().any(|text| text.contains('\0'))
}

async fn rows(log: &LogName, query: Query<'_>) -> Result<Vec<Row>, Error> {
    query.all().await?.iter().map(|row| Row::read(log, row)).collect()
}

/// The head; none where there is no log yet. A head that is not the last event is an error.
pub(crate) async fn head(query: Query<'_>, log_id: i64) -> Result<Option<Head>, Error> {
    query.bind(log_id).first().await?.map_or(Ok(None), |row| head_of(&row, log_id))
}

pub(crate) fn head_of(row: &Found, log_id: i64) -> Result<Option<Head>, Error> {
    let last: Option<i64> = row.get(6)?;
    let Some(contract) = row.get::<Option<i64>>(1)? else {
        return last.map_or(Ok(None), |_| Err(Error::corrupt("log", log_id, "no head")));
    };
    let contract = u32::try_from(contract).unwrap_or(u32::MAX);
    if contract > crate::CONTRACT {
        return Err(Error::Newer { log: row.get(0)?, needs: contract });
    }
    let position: i64 = row.get(3)?;
    let recorded_at: i64 = row.get(4)?;
    // Bytes of their own, for Postgres sends them as text where several statements were asked at once.
    let leaf_hash: Vec<u8> = row.get(5)?;
    let last: (_, Option<i64>, Option<Vec<u8>>) = (last, row.get(7)?, row.get(8)?);
    if (last.0, last.1, last.2.as_ref()) != (Some(position), Some(recorded_at), Some(&leaf_hash)) {
        let last = last.0.unwrap_or(0);
        return Err(Error::corrupt("log", log_id, format!("the head at {position} is not the last event, which is at {last}")));
    }
    Ok(Some(Head {
        incarnation: u32::try_from(row.get::<i64>(2)?).map_err(|_| Error::corrupt("log", log_id, "incarnation"))?,
        position: unsigned(position)?,
        recorded_at,
        leaf_hash: hash(&leaf_hash, position)?,
        contract,
    }))
}
