//! The read tables in SQLite: one file for all logs, one connection that writes, a few that read.

use crate::{
    Error, VERSION,
    fold::{CaseRow, StandingRow},
    rows::{Changes, Insert, Open},
};
use jiff::civil::Date;
use sqlx::{
    Row as _, SqlitePool,
    sqlite::{SqliteConnection, SqliteRow, SqliteSynchronous},
};
use std::{
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::Mutex;
use xiaoer_domain::{
    LogName, Subject,
    metric::{Days, Dims, Metric, Place},
};
use xiaoer_journal::{
    bulk::{Bound, Bulk},
    sqlite::{self, Writer},
};

/// The read tables. Clones share them.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) readers: SqlitePool,
    writer: Arc<Mutex<Writer>>,
    /// Next id of a row or thing.
    pub(crate) ids: Arc<AtomicI64>,
}

/// Where the projection of a log stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) log_id: i64,
    /// Version of the formulas.
    pub version: u32,
    /// Answers reflect this position.
    pub position: u64,
    /// Leaf hash there.
    pub leaf_hash: Vec<u8>,
    /// A wide event under way, else 0.
    pub wide_position: u64,
    /// The last thing it has reached.
    pub wide_after: i64,
    /// Why it stopped; empty where it did not.
    pub error: String,
}

/// A thing seen for the first time.
#[derive(Debug)]
pub(crate) struct NewThing {
    pub thing_id: i64,
    pub subject: Subject,
    /// Its item, where known.
    pub item: Arc<str>,
}

/// What a step writes, together with the cursor.
#[derive(Debug, Default)]
pub(crate) struct Write {
    pub things: Vec<NewThing>,
    pub items: Vec<(i64, Arc<str>)>,
    pub touches: Vec<(i64, Subject)>,
    pub standings: Changes<StandingRow>,
    pub cases: Changes<CaseRow>,
}

impl Store {
    /// Opens the file, creating it where it is missing.
    pub async fn open(file: &Path) -> Result<Self, Error> {
        // A read table is rebuilt from the journal; what it must never do is move its cursor without its rows, and one transaction
        // does that at any setting. A power cut may cost it the last steps, which it does again.
        let options = sqlite::options(file, SqliteSynchronous::Normal);
        let mut connection = sqlite::writer(&options).await?;
        sqlx::migrate!("../../migrations/sqlite/projections").run(&mut connection).await?;
        let last: Option<i64> = sqlx::query(include_str!("../sql/row_last.sql")).fetch_one(&mut connection).await?.try_get(0)?;
        let readers = sqlite::readers(options).await?;
        Ok(Self {
            readers,
            writer: Arc::new(Mutex::new(Writer::new(connection))),
            ids: Arc::new(AtomicI64::new(last.unwrap_or(0) + 1)),
        })
    }

    /// Where the projection of a log stands; a new one stands before the genesis.
    pub async fn cursor(&self, log: &LogName) -> Result<Cursor, Error> {
        if let Some(cursor) = self.find_cursor(log).await? {
            return Ok(cursor);
        }
        let mut writer = self.writer.lock().await;
        sqlx::query(include_str!("../sql/cursor_insert.sql"))
            .bind(log.as_str())
            .bind(i64::from(VERSION))
            .bind([0_u8; 32].as_slice())
            .execute(writer.clean().await)
            .await?;
        drop(writer);
        self.find_cursor(log).await?.ok_or(Error::Corrupt { table: "projection", what: format!("no row of {log}") })
    }

    async fn find_cursor(&self, log: &LogName) -> Result<Option<Cursor>, Error> {
        let row = sqlx::query(include_str!("../sql/cursor.sql")).bind(log.as_str()).fetch_optional(&self.readers).await?;
        row.map(|row| {
            Ok(Cursor {
                log_id: row.try_get(0)?,
                version: u32::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0),
                position: row.try_get::<i64, _>(2)?.unsigned_abs(),
                leaf_hash: row.try_get(3)?,
                wide_position: row.try_get::<i64, _>(4)?.unsigned_abs(),
                wide_after: row.try_get(5)?,
                error: row.try_get(6)?,
            })
        })
        .transpose()
    }

    /// Says in the tables that the projection of a log stopped.
    pub(crate) async fn stop(&self, cursor: &Cursor, error: &str) -> Result<(), Error> {
        let mut writer = self.writer.lock().await;
        let stop = sqlx::query(include_str!("../sql/cursor_stop.sql")).bind(cursor.log_id).bind(error);
        stop.execute(writer.clean().await).await?;
        Ok(())
    }

    /// Writes a step and moves the cursor from `before` to `after`, in one transaction.
    pub(crate) async fn write(&self, before: &Cursor, after: &Cursor, write: &Write) -> Result<(), Error> {
        let mut writer = self.writer.lock().await;
        let written = write_step(&mut writer, before, after, write).await;
        if written.is_err() {
            // Other logs write to this file too, and must not wait for this one's next step.
            writer.clean().await;
        }
        written
    }

    pub(crate) fn next_id(&self) -> i64 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }
}

async fn write_step(writer: &mut Writer, before: &Cursor, after: &Cursor, write: &Write) -> Result<(), Error> {
    writer.begin().await?;
    // First, so that a second worker fails by this and not by a row that the first one has written.
    let moved = sqlx::query(include_str!("../sql/cursor_move.sql"))
        .bind(before.log_id)
        .bind(before.position.cast_signed())
        .bind(before.wide_after)
        .bind(after.position.cast_signed())
        .bind(after.leaf_hash.as_slice())
        .bind(after.wide_position.cast_signed())
        .bind(after.wide_after)
        .execute(&mut writer.connection)
        .await?;
    if moved.rows_affected() != 1 {
        return Err(Error::Corrupt { table: "projection", what: "another worker moved this cursor".into() });
    }
    write_rows(&mut writer.connection, before.log_id, write).await?;
    writer.commit().await?;
    Ok(())
}

async fn write_rows(connection: &mut SqliteConnection, log_id: i64, write: &Write) -> Result<(), Error> {
    THINGS
        .run(connection, &write.things, |query, new| {
            let NewThing { thing_id, subject, item } = new;
            query.bind(*thing_id).bind(log_id).bind(&*subject.kind).bind(&*subject.system).bind(&*subject.id).bind(&**item)
        })
        .await?;
    for (thing_id, item) in &write.items {
        sqlx::query(include_str!("../sql/thing_item.sql")).bind(*thing_id).bind(&**item).execute(&mut *connection).await?;
    }
    TOUCHES
        .run(connection, &write.touches, |query, (thing_id, subject)| {
            query.bind(*thing_id).bind(&*subject.kind).bind(&*subject.system).bind(&*subject.id)
        })
        .await?;
    STANDINGS_CLOSE.run(connection, &write.standings.closes, bind_close).await?;
    CASES_CLOSE.run(connection, &write.cases.closes, bind_close).await?;
    let drops = [
        (include_str!("../sql/standings_drop.sql"), &write.standings.drops),
        (include_str!("../sql/case_states_drop.sql"), &write.cases.drops),
    ];
    for (statement, rows) in drops {
        if !rows.is_empty() {
            sqlx::query(statement).bind(json(rows)).execute(&mut *connection).await?;
        }
    }
    STANDINGS.run(connection, &write.standings.inserts(), |query, insert| bind_standing(query, log_id, insert)).await?;
    CASES.run(connection, &write.cases.inserts(), |query, insert| bind_case(query, log_id, insert)).await?;
    Ok(())
}

static THINGS: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/things_insert.sql"), 6, ""));
static TOUCHES: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/touches_insert.sql"), 4, ""));
static STANDINGS: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/standings_insert.sql"), 19, ""));
static CASES: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/case_states_insert.sql"), 13, ""));
static STANDINGS_CLOSE: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("WITH ended (row_id, known_to) AS (", 2, include_str!("../sql/standings_close.sql")));
static CASES_CLOSE: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::new("WITH ended (row_id, known_to) AS (", 2, include_str!("../sql/case_states_close.sql")));

fn bind_known<'q, R>(query: Bound<'q>, log_id: i64, insert: &Insert<R>, valid: Days) -> Bound<'q> {
    query
        .bind(insert.row_id)
        .bind(log_id)
        .bind(insert.thing_id)
        .bind(insert.known_from.cast_signed())
        .bind(insert.known_to.cast_signed())
        .bind(text(valid.from))
        .bind(text(valid.until))
}

fn bind_close<'q>(query: Bound<'q>, (row_id, known_to): &'q (i64, u64)) -> Bound<'q> {
    query.bind(*row_id).bind(known_to.cast_signed())
}

fn bind_standing<'q>(query: Bound<'q>, log_id: i64, insert: &'q Insert<StandingRow>) -> Bound<'q> {
    let StandingRow { metric, place, why, counts_on, valid, value, dims, evidence } = &insert.row;
    bind_known(query, log_id, insert, *valid)
        .bind(metric.id())
        .bind(place.code())
        .bind(&**why)
        .bind(text(*counts_on))
        .bind(*value)
        .bind(&*dims.unit)
        .bind(&*dims.item)
        .bind(&*dims.staff)
        .bind(&*dims.window)
        .bind(&*dims.channel)
        .bind(&*dims.kind)
        .bind(evidence.as_str())
}

fn bind_case<'q>(query: Bound<'q>, log_id: i64, insert: &'q Insert<CaseRow>) -> Bound<'q> {
    let CaseRow { valid, system, id, state, unit, item, received_on } = &insert.row;
    bind_known(query, log_id, insert, *valid)
        .bind(&**system)
        .bind(&**id)
        .bind(&**state)
        .bind(&**unit)
        .bind(&**item)
        .bind(text(*received_on))
}

/// How "since ever" is written: before the year 0, texts would not sort as days do.
const EVER: &str = "0000-01-01";

/// A day as text that sorts as days do.
pub(crate) fn text(day: Date) -> String {
    if day.year() < 0 { EVER.to_owned() } else { day.to_string() }
}

/// A day of the tables.
pub(crate) fn day(text: &str, table: &'static str) -> Result<Date, Error> {
    if text == EVER {
        // What is read must equal what was written, or a row read again would be ended and written anew.
        return Ok(Date::MIN);
    }
    text.parse().map_err(|_| Error::Corrupt { table, what: format!("{text} is no day") })
}

/// A list as one bound parameter.
pub(crate) fn json<T: serde::Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).unwrap_or_default()
}

/// Rows of `standing` that are known now, by thing.
pub(crate) async fn open_standings(readers: &SqlitePool, things: &[i64]) -> Result<Vec<(i64, Open<StandingRow>)>, Error> {
    let rows = sqlx::query(include_str!("../sql/standings_open.sql")).bind(json(things)).fetch_all(readers).await?;
    rows.iter().map(read_standing).collect()
}

fn read_standing(row: &SqliteRow) -> Result<(i64, Open<StandingRow>), Error> {
    let wrong = |what: String| Error::Corrupt { table: "standing", what };
    let metric: &str = row.try_get(4)?;
    let place: &str = row.try_get(5)?;
    let dim = |column: usize| Ok::<_, Error>(row.try_get::<&str, _>(column)?.into());
    let standing = StandingRow {
        valid: Days { from: day(row.try_get(2)?, "standing")?, until: day(row.try_get(3)?, "standing")? },
        metric: Metric::by_id(metric).ok_or_else(|| wrong(format!("{metric} is no metric")))?,
        place: place_of(place).ok_or_else(|| wrong(format!("{place} is no place")))?,
        why: row.try_get::<String, _>(6)?.into(),
        counts_on: day(row.try_get(7)?, "standing")?,
        value: row.try_get(8)?,
        dims: Dims { unit: dim(9)?, item: dim(10)?, staff: dim(11)?, window: dim(12)?, channel: dim(13)?, kind: dim(14)? },
        evidence: row.try_get(15)?,
    };
    Ok((row.try_get(1)?, Open { row_id: row.try_get(0)?, row: standing }))
}

/// The place of a code.
pub(crate) fn place_of(code: &str) -> Option<Place> {
    [Place::Numerator, Place::Denominator, Place::Unknown, Place::Excluded].into_iter().find(|place| place.code() == code)
}

/// Rows of `case_state` that are known now, by thing.
pub(crate) async fn open_cases(readers: &SqlitePool, things: &[i64]) -> Result<Vec<(i64, Open<CaseRow>)>, Error> {
    let rows = sqlx::query(include_str!("../sql/case_states_open.sql")).bind(json(things)).fetch_all(readers).await?;
    let read = |row: &SqliteRow| {
        let case = CaseRow {
            valid: Days { from: day(row.try_get(2)?, "case_state")?, until: day(row.try_get(3)?, "case_state")? },
            system: row.try_get::<&str, _>(4)?.into(),
            id: row.try_get::<&str, _>(5)?.into(),
            state: row.try_get::<String, _>(6)?.into(),
            unit: row.try_get::<&str, _>(7)?.into(),
            item: row.try_get::<&str, _>(8)?.into(),
            received_on: day(row.try_get(9)?, "case_state")?,
        };
        Ok((row.try_get(1)?, Open { row_id: row.try_get(0)?, row: case }))
    };
    rows.iter().map(read).collect()
}

/// A thing of the tables.
pub(crate) struct Found {
    pub thing_id: i64,
    pub subject: Subject,
    pub item: Arc<str>,
}

/// Things by subject.
pub(crate) async fn find_things(readers: &SqlitePool, log_id: i64, subjects: &[&Subject]) -> Result<Vec<Found>, Error> {
    let wanted: Vec<_> = subjects.iter().map(|s| [&s.kind, &s.system, &s.id]).collect();
    let rows = sqlx::query(include_str!("../sql/things_find.sql")).bind(log_id).bind(json(&wanted)).fetch_all(readers).await?;
    rows.iter().map(read_thing).collect()
}

/// The next things after one that an item concerns, or all that any rule concerns where it is empty.
pub(crate) async fn things_after(
    readers: &SqlitePool,
    log_id: i64,
    after: i64,
    item: &str,
    limit: usize,
) -> Result<Vec<Found>, Error> {
    let query = match item {
        "" => sqlx::query(include_str!("../sql/things_after.sql")).bind(log_id).bind(after),
        item => sqlx::query(include_str!("../sql/things_of_item.sql")).bind(log_id).bind(after).bind(item),
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query.bind(limit).fetch_all(readers).await?.iter().map(read_thing).collect()
}

fn read_thing(row: &SqliteRow) -> Result<Found, Error> {
    let subject = Subject::new(row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    Ok(Found { thing_id: row.try_get(0)?, subject, item: row.try_get::<&str, _>(4)?.into() })
}

/// Streams that touch things beside their own.
pub(crate) async fn touches(readers: &SqlitePool, things: &[i64]) -> Result<Vec<(i64, Subject)>, Error> {
    let rows = sqlx::query(include_str!("../sql/touches.sql")).bind(json(things)).fetch_all(readers).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, Subject::new(row.try_get(1)?, row.try_get(2)?, row.try_get(3)?)))).collect()
}
