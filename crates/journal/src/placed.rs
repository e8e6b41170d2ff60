//! Events at their places in the log, and writing them: many rows in one statement, as each database likes it best.

use crate::{
    Error, Head, NewRow, Row,
    bulk::{ARRAY_ROWS_MAX, Bulk, Value},
    connection::Writer,
    row::signed,
    sql,
};
use std::{borrow::Cow, sync::LazyLock};
use xiaoer_domain::LogName;
use xiaoer_wire::leaf::{LeafInput, leaf_hash};

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
    let values = |placed| values(log_id, placed);
    match writer {
        Writer::Sqlite(sqlite) => {
            INSERT.on_sqlite(&mut sqlite.connection, rows, values).await?;
            let head = head_at(log_id, first, last);
            let moved = writer.query(&sql::HEAD_MOVE)?.values(head).run().await?;
            on_the_head(log_id, moved, 1)
        }
        // One round trip.
        Writer::Postgres(writer) => {
            for rows in rows.chunks(ARRAY_ROWS_MAX) {
                let head = head_at(log_id, &rows[0], &rows[rows.len() - 1]);
                let written = INSERT_AND_MOVE.on_postgres_with(writer.taken()?, rows, values, head).await?;
                on_the_head(log_id, written, rows.len() as u64)?;
            }
            Ok(())
        }
    }
}

/// Where the head was and where it goes, as `head_move.sql` takes it.
fn head_at<'q>(log_id: i64, first: &Placed<'_>, last: &'q Placed<'_>) -> [Value<'q>; 5] {
    let (from, to) = (signed(first.position - 1), signed(last.position));
    [log_id.into(), from.into(), to.into(), last.row.recorded_at.into(), Value::Bytes(&last.leaf_hash)]
}

fn on_the_head(log_id: i64, written: u64, wanted: u64) -> Result<(), Error> {
    if written == wanted { Ok(()) } else { Err(Error::corrupt("log", log_id, "the head moved under the lock")) }
}

static INSERT: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/event_insert.sql"), &COLUMNS, ""));
pub(crate) static INSERT_AND_MOVE: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new(include_str!("../sql/event_insert.postgres.sql"), &COLUMNS, "AS e"));

const COLUMNS: [&str; 15] = [
    "BIGINT", "BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "BIGINT", "TEXT", "UUID", "TEXT", "TEXT", "BIGINT", "TEXT", "BYTEA",
    "BYTEA",
];

fn values<'q>(log_id: i64, placed: &'q Placed<'_>) -> [Value<'q>; COLUMNS.len()] {
    let Placed { row, position, flags, body, leaf_hash } = placed;
    [
        Value::Int(log_id),
        Value::Int(signed(*position)),
        Value::Int(row.recorded_at),
        (&*row.subject.kind).into(),
        (&*row.subject.system).into(),
        (&*row.subject.id).into(),
        Value::Int(signed(row.revision)),
        (&*row.identity.system).into(),
        Value::Id(row.identity.event_id),
        row.fact.into(),
        row.actor.as_str().into(),
        Value::Int(row.mode as i64),
        flags.as_str().into(),
        Value::Stored(body),
        Value::Bytes(leaf_hash),
    ]
}
