//! Events at their places in the log, and writing them: many rows in one statement, as each database likes it best.

use crate::{
    Error, Head, NewRow, Row,
    bulk::{ARRAY_ROWS_MAX, Bulk, Value},
    connection::Writer,
    row::signed,
    sql,
};
use std::sync::LazyLock;
use xiaoer_domain::LogName;

/// The rows at the next positions; the head moves with them.
pub(crate) fn place(log: &LogName, head: &mut Head, rows: &[NewRow]) -> Vec<Row> {
    let place_one = |new: &NewRow| {
        // Both hold by the writer's own arithmetic; a log whose time fell would break every answer as of a time.
        assert!(new.recorded_at >= head.recorded_at, "recorded_at must not fall along positions");
        let mut row = Row {
            position: head.position + 1,
            recorded_at: new.recorded_at,
            subject: new.subject.clone(),
            revision: new.revision,
            identity: new.identity.clone(),
            fact: new.fact.into(),
            actor: new.actor.clone(),
            mode: new.mode as u8,
            flags: new.flags.iter().map(|&flag| flag.to_owned()).collect(),
            body: new.body.clone(),
            leaf_hash: [0; 32],
        };
        row.leaf_hash = row.leaf(log);
        head.move_to(&row);
        row
    };
    rows.iter().map(place_one).collect()
}

/// Rows that have their places, of another copy of the log: refused where they do not follow the head, which moves with them.
pub(crate) fn follow(log: &LogName, head: &mut Head, rows: &[Row]) -> Result<(), Error> {
    for row in rows {
        let wrong = |what: &str| Err(Error::corrupt("event", row.position, format!("cannot follow {}: {what}", head.position)));
        if row.position != head.position + 1 {
            return wrong("a hole");
        }
        if row.recorded_at < head.recorded_at {
            return wrong("recorded before it");
        }
        row.fits(log)?;
        head.move_to(row);
    }
    Ok(())
}

/// A row as it is written.
struct Placed<'a> {
    row: &'a Row,
    flags: String,
    /// The stored bytes, which are text.
    body: &'a str,
}

impl<'a> Placed<'a> {
    /// Refuses what a database would not give back as it was: a body that is no text, and NUL in a text that Postgres keeps as text.
    fn of(row: &'a Row) -> Result<Self, Error> {
        let Row { subject, identity, actor, body, position, .. } = row;
        let names = [&*subject.kind, &*subject.system, &*subject.id, &*identity.system, actor.as_str()];
        if names.iter().any(|name| name.contains('\0')) {
            return Err(Error::corrupt("event", position, "a NUL in a name"));
        }
        let body = std::str::from_utf8(body).map_err(|_| Error::corrupt("event", position, "a body that is not text"))?;
        Ok(Self { row, flags: row.flags.join(" "), body })
    }
}

/// Writes rows inside the transaction, and moves the head with them.
pub(crate) async fn insert(writer: &mut Writer, log_id: i64, rows: &[Row]) -> Result<(), Error> {
    let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(()) };
    let rows = rows.iter().map(Placed::of).collect::<Result<Vec<_>, _>>()?;
    let values = |placed| values(log_id, placed);
    match writer {
        Writer::Sqlite(sqlite) => {
            INSERT.on_sqlite(&mut sqlite.connection, &rows, values).await?;
            let head = head_at(log_id, first, last);
            let moved = writer.query(&sql::HEAD_MOVE)?.values(head).run().await?;
            on_the_head(log_id, moved, 1)
        }
        // One round trip.
        Writer::Postgres(writer) => {
            for rows in rows.chunks(ARRAY_ROWS_MAX) {
                let head = head_at(log_id, rows[0].row, rows[rows.len() - 1].row);
                let written = INSERT_AND_MOVE.on_postgres_with(writer.taken()?, rows, values, head).await?;
                on_the_head(log_id, written, rows.len() as u64)?;
            }
            Ok(())
        }
    }
}

/// Where the head was and where it goes, as `head_move.sql` takes it.
fn head_at<'q>(log_id: i64, first: &Row, last: &'q Row) -> [Value<'q>; 5] {
    let (from, to) = (signed(first.position - 1), signed(last.position));
    [log_id.into(), from.into(), to.into(), last.recorded_at.into(), Value::Bytes(&last.leaf_hash)]
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
    let Placed { row, flags, body } = placed;
    [
        Value::Int(log_id),
        Value::Int(signed(row.position)),
        Value::Int(row.recorded_at),
        (&*row.subject.kind).into(),
        (&*row.subject.system).into(),
        (&*row.subject.id).into(),
        Value::Int(signed(row.revision)),
        (&*row.identity.system).into(),
        Value::Id(row.identity.event_id),
        (&*row.fact).into(),
        row.actor.as_str().into(),
        Value::Int(row.mode.into()),
        flags.as_str().into(),
        Value::Stored(body),
        Value::Bytes(&row.leaf_hash),
    ]
}
