//! The head, held: appending.
//!
//! [`Locked`] owns the connection that writes. Its transaction is begun and ended by statements of our own. A drop at any moment
//! leaves a connection that is rolled back before anyone uses it again: by the next holder, or by a task that a drop starts, so
//! that other processes need not wait for a next holder. Nothing is half begun, whatever was cancelled.

use crate::{
    Error, Head, Log, NewRow, Row,
    connection::Writer,
    log::head_of,
    placed::{follow, insert, place},
    row::{dense, hash, signed},
    sql,
};
use jiff::tz::TimeZone;
use tokio::sync::OwnedMutexGuard;
use xiaoer_domain::Fact;
use xiaoer_wire::v1;

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
    /// Nothing failed or was cancelled in its middle. (Postgres answers the commit of a failed transaction by undoing it, and calls
    /// that a success.)
    whole: bool,
}

/// The connection that writes, held.
struct Hold {
    writer: OwnedMutexGuard<Writer>,
    log: Log,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.writer.is_open() {
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
        let id = hold.log.id();
        let found = hold.writer.begin_at_head(id).await?;
        let head = found.map_or(Ok(None), |found| head_of(&found, id))?.ok_or_else(|| Error::corrupt("log", id, "no head"))?;
        let mut locked = Self { hold, before: head, head, appended: Vec::new(), whole: true };
        locked.check().await?;
        Ok(locked)
    }

    /// Refuses to write to a log that stands before what this process has seen of it (J8): the next events would make it another.
    async fn check(&mut self) -> Result<(), Error> {
        let Hold { writer, log } = &mut self.hold;
        let seen = log.seen();
        let stands = if self.head.position == seen.position {
            Some(self.head.leaf_hash)
        } else {
            let query = writer.query(&sql::STAMP_AT)?.bind(log.id()).bind(signed(seen.position));
            query.first().await?.map(|row| hash(row.get(1)?, signed(seen.position))).transpose()?
        };
        if stands != Some(seen.leaf_hash) {
            return Err(log.rewound(seen.position));
        }
        log.saw(self.head);
        Ok(())
    }

    /// The head as it will be, with what was appended so far.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Events after a position, up to the head as it was locked: what other processes appended.
    pub async fn read(&mut self, after: u64) -> Result<Vec<Row>, Error> {
        let missed = self.before.position.saturating_sub(after);
        let query = self.hold.writer.query(&sql::READ_AFTER)?;
        let rows = query.bind(self.hold.log.id()).bind(signed(after)).bind(signed(missed)).all().await?;
        let name = &self.hold.log.genesis().name;
        let rows: Vec<_> = rows.iter().map(|row| Row::read(name, row)).collect::<Result<_, _>>()?;
        dense(&rows, after)?;
        Ok(rows)
    }

    /// Appends rows at the next positions. A revision or identity that stands already is an error of the caller and fails the
    /// whole lock, and so does a call that is cancelled.
    pub async fn append(&mut self, rows: &[NewRow]) -> Result<(), Error> {
        let Hold { writer, log } = &mut self.hold;
        let whole = std::mem::replace(&mut self.whole, false);
        let placed = place(&log.genesis().name, &mut self.head, rows);
        insert(writer, log.id(), &placed).await?;
        self.appended.extend(placed);
        self.whole = whole;
        Ok(())
    }

    /// Takes over rows of another copy of this log, at their own positions and to the byte; the head learns from them the contract's
    /// number and the incarnation. Rows that do not follow the head, or
    /// whose leaf hash does not fit, are an error and fail the whole lock, and so does a call that is cancelled.
    ///
    /// The leaf hash says nothing of `fact` and `identity`, which stand in the body; [`crate::Carried::row`] takes them from there.
    pub async fn copy(&mut self, rows: &[Row]) -> Result<(), Error> {
        let Hold { writer, log } = &mut self.hold;
        let whole = std::mem::replace(&mut self.whole, false);
        follow(&log.genesis().name, &mut self.head, rows)?;
        for row in rows {
            heed(&mut self.head, row)?;
        }
        insert(writer, log.id(), rows).await?;
        self.appended.extend_from_slice(rows);
        self.whole = whole;
        Ok(())
    }

    /// Keeps refused attempts, the newest per actor. As with an append, one that failed or was cancelled fails the whole lock.
    pub async fn note_refused(&mut self, attempts: &[Refused]) -> Result<(), Error> {
        let Hold { writer, log } = &mut self.hold;
        let whole = std::mem::replace(&mut self.whole, false);
        for attempt in attempts {
            let (id, actor) = (log.id(), attempt.actor.as_str());
            let last = writer.query(&sql::REFUSED_LAST)?.bind(id).bind(actor).first().await?;
            let last: Option<i64> = last.map_or(Ok(None), |row| row.get(0))?;
            let n = last.unwrap_or(0) + 1;
            let insert = writer.query(&sql::REFUSED_INSERT)?.bind(id).bind(actor).bind(n).bind(attempt.tried_at);
            insert.bind(attempt.code).bind(attempt.digest.as_slice()).run().await?;
            writer.query(&sql::REFUSED_TRIM)?.bind(id).bind(actor).bind(n - REFUSED_PER_ACTOR_MAX).run().await?;
        }
        self.whole = whole;
        Ok(())
    }

    /// Lets the log take the forms of a contract; a program that knows less refuses the log from then on. The number never falls.
    pub fn finalize(&mut self, contract: u32) {
        self.head.contract = self.head.contract.max(contract);
    }

    /// Begins an incarnation: the log was recovered from an earlier point. The number never falls.
    pub fn begin_incarnation(&mut self, incarnation: u32) {
        self.head.incarnation = self.head.incarnation.max(incarnation);
    }

    /// Commits. After `Ok` everything appended is on disk. After an error it may or may not be: lock again and compare heads.
    pub async fn commit(mut self) -> Result<Head, Error> {
        if !self.whole {
            return Err(Error::corrupt("event", self.before.position + 1, "what failed in a part cannot be committed"));
        }
        let Head { incarnation, contract, .. } = self.head;
        if (incarnation, contract) != (self.before.incarnation, self.before.contract) {
            let query = self.hold.writer.query(&sql::HEAD_MARK)?.bind(self.hold.log.id());
            query.bind(i64::from(incarnation)).bind(i64::from(contract)).run().await?;
        }
        self.hold.writer.commit().await?;
        self.hold.log.moved(self.head, self.appended);
        Ok(self.head)
    }
}

/// What an event says of its log's head, which only the log that wrote it has noted there.
fn heed(head: &mut Head, row: &Row) -> Result<(), Error> {
    let needs = if Fact::WITH_LATER_FIELDS.contains(&&*row.fact) {
        row.recorded(&TimeZone::UTC)?.event.fact.contract()
    } else {
        Fact::contract_of(&row.fact)
    };
    head.contract = head.contract.max(needs);
    if row.fact == "LogRecovered"
        && let Some(v1::event::Fact::LogRecovered(recovered)) = row.event()?.fact
    {
        head.incarnation = head.incarnation.max(recovered.incarnation);
    }
    Ok(())
}
