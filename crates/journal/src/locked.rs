//! The head, held: appending.
//!
//! [`Locked`] owns the connection that writes. It begins and ends its transaction by statements of its own. A drop at any moment
//! leaves a connection that is rolled back before anyone uses it again: by the next holder, or by a task that a drop starts, so
//! that other processes need not wait for a next holder. Nothing is half begun, whatever was cancelled.

use crate::{
    Error, Head, Log, NewRow, Row,
    bulk::{Bound, Bulk},
    log::{LOG_ID, head_of},
    row::{dense, signed},
    sqlite::Writer,
};
use sqlx::{Row as _, sqlite::SqliteConnection};
use std::{borrow::Cow, sync::LazyLock};
use tokio::sync::OwnedMutexGuard;
use xiaoer_domain::LogName;
use xiaoer_wire::leaf::{LeafInput, leaf_hash};

/// Refused attempts kept per actor; older ones make room.
const REFUSED_PER_ACTOR_MAX: i64 = 10_000;

/// A refused attempt: that it was tried, never what it said.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Who tried.
    pub actor: xiaoer_domain::Actor,
    /// When, microseconds of UTC.
    pub tried_at: i64,
    /// Code of the refusal.
    pub code: &'static str,
    /// SHA-256 of what was tried.
    pub digest: [u8; 32],
}

/// The head of a log, held until it is committed or dropped.
pub struct Locked {
    hold: Hold,
    before: Head,
    head: Head,
    appended: Vec<Row>,
    /// No append failed or was cancelled in its middle.
    whole: bool,
}

/// The connection that writes, held.
struct Hold {
    writer: OwnedMutexGuard<Writer>,
    log: Log,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.writer.open {
            self.log.let_go();
        }
    }
}

impl std::fmt::Debug for Locked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locked").field("head", &self.head).finish_non_exhaustive()
    }
}

impl Locked {
    pub(crate) async fn begin(writer: OwnedMutexGuard<Writer>, log: Log) -> Result<Self, Error> {
        let mut hold = Hold { writer, log };
        hold.writer.clean().await;
        hold.writer.open = true;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut hold.writer.connection).await?;
        let head = head(&mut hold.writer.connection).await?.ok_or_else(|| Error::corrupt("log", LOG_ID, "no head"))?;
        Ok(Self { hold, before: head, head, appended: Vec::new(), whole: true })
    }

    /// The head as it will be, with what was appended so far.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Events after a position, up to the head as it was locked: what other processes appended.
    pub async fn read(&mut self, after: u64) -> Result<Vec<Row>, Error> {
        let missed = self.before.position.saturating_sub(after);
        let rows = sqlx::query(include_str!("../sql/read_after.sql"))
            .bind(LOG_ID)
            .bind(signed(after))
            .bind(signed(missed))
            .fetch_all(&mut self.hold.writer.connection)
            .await?;
        let name = &self.hold.log.genesis().name;
        let rows: Vec<_> = rows.iter().map(|row| Row::read(name, row)).collect::<Result<_, _>>()?;
        dense(&rows, after)?;
        Ok(rows)
    }

    /// Appends rows at the next positions. A revision or identity that stands already is an error of the caller and fails the
    /// whole lock, and so does a call that is cancelled.
    pub async fn append(&mut self, rows: &[NewRow]) -> Result<(), Error> {
        let name = self.hold.log.genesis().name.clone();
        let whole = std::mem::replace(&mut self.whole, false);
        let placed = place(&name, &mut self.head, rows);
        insert(&mut self.hold.writer.connection, &placed).await?;
        self.appended.extend(placed.iter().map(Placed::to_row));
        self.whole = whole;
        Ok(())
    }

    /// Keeps refused attempts, the newest per actor.
    pub async fn note_refused(&mut self, attempts: &[Refused]) -> Result<(), Error> {
        for attempt in attempts {
            let actor = attempt.actor.as_str();
            let last: Option<i64> = sqlx::query(include_str!("../sql/refused_last.sql"))
                .bind(LOG_ID)
                .bind(actor)
                .fetch_one(&mut self.hold.writer.connection)
                .await?
                .try_get(0)?;
            let n = last.unwrap_or(0) + 1;
            sqlx::query(include_str!("../sql/refused_insert.sql"))
                .bind(LOG_ID)
                .bind(actor)
                .bind(n)
                .bind(attempt.tried_at)
                .bind(attempt.code)
                .bind(attempt.digest.as_slice())
                .execute(&mut self.hold.writer.connection)
                .await?;
            sqlx::query(include_str!("../sql/refused_trim.sql"))
                .bind(LOG_ID)
                .bind(actor)
                .bind(n - REFUSED_PER_ACTOR_MAX)
                .execute(&mut self.hold.writer.connection)
                .await?;
        }
        Ok(())
    }

    /// Commits. After `Ok` everything appended is on disk. After an error it may or may not be: lock again and compare heads.
    pub async fn commit(mut self) -> Result<Head, Error> {
        if !self.whole {
            return Err(Error::corrupt("event", self.before.position + 1, "an append that failed cannot be committed"));
        }
        if self.head.position != self.before.position {
            let moved = sqlx::query(include_str!("../sql/head_move.sql"))
                .bind(LOG_ID)
                .bind(signed(self.before.position))
                .bind(signed(self.head.position))
                .bind(self.head.recorded_at)
                .bind(self.head.leaf_hash.as_slice())
                .execute(&mut self.hold.writer.connection)
                .await?;
            if moved.rows_affected() != 1 {
                return Err(Error::corrupt("log", LOG_ID, "the head moved under the lock"));
            }
        }
        sqlx::query("COMMIT").execute(&mut self.hold.writer.connection).await?;
        self.hold.writer.open = false;
        self.hold.log.moved(self.head.position, self.appended);
        Ok(self.head)
    }
}

/// A row with what the lock gave it.
struct Placed<'a> {
    row: &'a NewRow,
    position: u64,
    flags: String,
    leaf_hash: [u8; 32],
}

impl Placed<'_> {
    /// As it will be read.
    fn to_row(&self) -> Row {
        let NewRow { subject, revision, identity, fact, actor, mode, flags, body, recorded_at } = self.row;
        Row {
            position: self.position,
            recorded_at: *recorded_at,
            subject: subject.clone(),
            revision: *revision,
            identity: identity.clone(),
            fact: Cow::Borrowed(fact),
            actor: actor.clone(),
            mode: *mode as u8,
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            body: body.clone(),
            leaf_hash: self.leaf_hash,
        }
    }
}

fn place<'a>(log: &LogName, head: &mut Head, rows: &'a [NewRow]) -> Vec<Placed<'a>> {
    let place_one = |row: &'a NewRow| {
        // Both hold by the writer's own arithmetic; a log whose time fell would break every answer as of a time.
        assert!(row.recorded_at >= head.recorded_at, "recorded_at must not fall along positions");
        let position = head.position + 1;
        let leaf = leaf_hash(&LeafInput {
            log: log.as_str(),
            position,
            recorded_at_micros: row.recorded_at,
            subject: &row.subject,
            revision: row.revision,
            actor: row.actor.as_str(),
            mode: row.mode as u8,
            flags: &row.flags,
            body: &row.body,
        });
        *head = Head { position, recorded_at: row.recorded_at, leaf_hash: leaf, incarnation: head.incarnation };
        Placed { row, position, flags: row.flags.join(" "), leaf_hash: leaf }
    };
    rows.iter().map(place_one).collect()
}

async fn insert(connection: &mut SqliteConnection, rows: &[Placed<'_>]) -> Result<(), Error> {
    if let Some(bad) = rows.iter().find(|placed| std::str::from_utf8(&placed.row.body).is_err()) {
        return Err(Error::corrupt("event", bad.position, "a body that is not text"));
    }
    INSERT.run(connection, rows, bind_row).await?;
    Ok(())
}

fn bind_row<'q>(query: Bound<'q>, placed: &'q Placed<'_>) -> Bound<'q> {
    let Placed { row, position, flags, leaf_hash } = placed;
    query
        .bind(LOG_ID)
        .bind(signed(*position))
        .bind(row.recorded_at)
        .bind(&*row.subject.kind)
        .bind(&*row.subject.system)
        .bind(&*row.subject.id)
        .bind(signed(row.revision))
        .bind(&*row.identity.system)
        .bind(row.identity.event_id)
        .bind(row.fact)
        .bind(row.actor.as_str())
        .bind(row.mode as i32)
        .bind(flags.as_str())
        .bind(std::str::from_utf8(&row.body).unwrap_or_default())
        .bind(leaf_hash.as_slice())
}

static INSERT: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/event_insert.sql"), 15, ""));

pub(crate) async fn head(connection: &mut SqliteConnection) -> Result<Option<Head>, Error> {
    head_of(&sqlx::query(include_str!("../sql/head.sql")).bind(LOG_ID).fetch_one(connection).await?)
}

/// The genesis, inside the transaction that makes the log's own row.
pub(crate) async fn insert_genesis(connection: &mut SqliteConnection, log: &LogName, row: NewRow) -> Result<(), Error> {
    let mut head = Head { position: 0, recorded_at: row.recorded_at, leaf_hash: [0; 32], incarnation: 1 };
    let rows = [row];
    let placed = place(log, &mut head, &rows);
    insert(connection, &placed).await?;
    sqlx::query(include_str!("../sql/head_move.sql"))
        .bind(LOG_ID)
        .bind(0_i64)
        .bind(signed(head.position))
        .bind(head.recorded_at)
        .bind(head.leaf_hash.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}
