//! Events at their places in the log, and writing them: many rows in one statement, as each database likes it best.

use crate::{
    Error, Head, NewRow, Row,
    bulk::{Bound, Bulk},
    connection::Writer,
    postgres::{ANSWER_MAX, Taken},
    row::signed,
    sql,
};
use std::{borrow::Cow, sync::LazyLock};
use tokio::time::timeout;
use xiaoer_domain::LogName;
use xiaoer_wire::leaf::{LeafInput, leaf_hash};

/// Rows of one statement on Postgres, whose arrays are held in memory once more.
const UNNEST_ROWS_MAX: usize = 1_000;

/// A row with what the lock gave it.
pub(crate) struct Placed<'a> {
    row: &'a NewRow,
    position: u64,
    flags: String,
    /// The stored bytes, which are text.
    body: &'a str,
    leaf_hash: [u8; 32],
}

impl Placed<'_> {
    /// As it will be read.
    pub(crate) fn to_row(&self) -> Row {
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

/// The body as text; refuses what a database would not give back as it was: a body that is none, and NUL in a text that Postgres
/// keeps as text.
fn text(row: &NewRow, position: u64) -> Result<&str, Error> {
    let NewRow { subject, identity, actor, body, .. } = row;
    let names = [&*subject.kind, &*subject.system, &*subject.id, &*identity.system, actor.as_str()];
    if names.iter().any(|name| name.contains('\0')) {
        return Err(Error::corrupt("event", position, "a NUL in a name"));
    }
    std::str::from_utf8(body).map_err(|_| Error::corrupt("event", position, "a body that is not text"))
}

/// The rows at the next positions; the head moves with them.
pub(crate) fn place<'a>(log: &LogName, head: &mut Head, rows: &'a [NewRow]) -> Result<Vec<Placed<'a>>, Error> {
    let place_one = |row: &'a NewRow| {
        // Both hold by the writer's own arithmetic; a log whose time fell would break every answer as of a time.
        assert!(row.recorded_at >= head.recorded_at, "recorded_at must not fall along positions");
        let position = head.position + 1;
        let body = text(row, position)?;
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
        Ok(Placed { row, position, flags: row.flags.join(" "), body, leaf_hash: leaf })
    };
    rows.iter().map(place_one).collect()
}

/// Writes rows inside the transaction, and moves the head with them.
pub(crate) async fn insert(writer: &mut Writer, log_id: i64, rows: &[Placed<'_>]) -> Result<(), Error> {
    let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(()) };
    match writer {
        Writer::Sqlite(sqlite) => {
            INSERT.run(&mut sqlite.connection, rows, |query, placed| bind(query, log_id, placed)).await?;
            let query = writer.query(&sql::HEAD_MOVE)?.bind(log_id).bind(signed(first.position - 1)).bind(signed(last.position));
            let moved = query.bind(last.row.recorded_at).bind(last.leaf_hash.as_slice()).run().await?;
            on_the_head(log_id, moved, 1)?;
        }
        Writer::Postgres(writer) => {
            let taken = writer.taken()?;
            for rows in rows.chunks(UNNEST_ROWS_MAX) {
                on_the_head(log_id, unnest(taken, log_id, rows).await?, rows.len() as u64)?;
            }
        }
    }
    Ok(())
}

fn on_the_head(log_id: i64, written: u64, wanted: u64) -> Result<(), Error> {
    if written == wanted { Ok(()) } else { Err(Error::corrupt("log", log_id, "the head moved under the lock")) }
}

static INSERT: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/event_insert.sql"), 15, ""));

fn bind<'q>(query: Bound<'q>, log_id: i64, placed: &'q Placed<'_>) -> Bound<'q> {
    let Placed { row, position, flags, body, leaf_hash } = placed;
    query
        .bind(log_id)
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
        .bind(*body)
        .bind(leaf_hash.as_slice())
}

/// All columns come from the same rows, so that no array is shorter than another.
async fn unnest(taken: &mut Taken, log_id: i64, rows: &[Placed<'_>]) -> Result<u64, Error> {
    fn column<'r, T>(rows: &'r [Placed<'_>], of: impl Fn(&'r Placed<'r>) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(0) };
    let query = sqlx::query(include_str!("../sql/event_insert.postgres.sql"))
        .bind(log_id)
        .bind(column(rows, |placed| signed(placed.position)))
        .bind(column(rows, |placed| placed.row.recorded_at))
        .bind(column(rows, |placed| &*placed.row.subject.kind))
        .bind(column(rows, |placed| &*placed.row.subject.system))
        .bind(column(rows, |placed| &*placed.row.subject.id))
        .bind(column(rows, |placed| signed(placed.row.revision)))
        .bind(column(rows, |placed| &*placed.row.identity.system))
        .bind(column(rows, |placed| placed.row.identity.event_id))
        .bind(column(rows, |placed| placed.row.fact))
        .bind(column(rows, |placed| placed.row.actor.as_str()))
        .bind(column(rows, |placed| placed.row.mode as i64))
        .bind(column(rows, |placed| placed.flags.as_str()))
        .bind(column(rows, |placed| placed.body.as_bytes()))
        .bind(column(rows, |placed| placed.leaf_hash.as_slice()))
        .bind(signed(first.position - 1))
        .bind(signed(last.position))
        .bind(last.row.recorded_at)
        .bind(last.leaf_hash.as_slice());
    let done = timeout(ANSWER_MAX, query.execute(taken.ask())).await;
    Ok(taken.heard(done)?.rows_affected())
}
