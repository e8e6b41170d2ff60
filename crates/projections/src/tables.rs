//! Rows of the read tables: how they are written, and how they are read.

use crate::{
    Error, Store,
    fold::{CaseRow, StandingRow, zone_key},
    rows::{Insert, Open},
    sql,
    store::{NewThing, Write},
    tally::{Key, Moves, Span, Sum},
};
use jiff::civil::Date;
use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};
use xiaoer_domain::{
    Subject,
    metric::{Days, Dims, Metric, Place},
};
use xiaoer_journal::{
    Statement,
    bulk::{Bulk, Value},
    connection::{Found as Row, Writer},
};

/// What a wide event reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reach<'a> {
    /// All that any rule concerns.
    Everything,
    /// Every item.
    Items,
    /// An item and its cases.
    OfItem(&'a str),
    /// The projects of a zone.
    OfZone(&'a str),
    /// Cases received on this day or later, and persons.
    From(Date),
}

/// Writes the rows of a step inside the transaction.
pub(crate) async fn write(writer: &mut Writer, projection_id: i64, write: &Write) -> Result<(), Error> {
    writer.bulk(&THINGS, &write.things, |new| thing(projection_id, new)).await?;
    for (thing_id, item) in &write.items {
        writer.query(&sql::THING_ITEM)?.bind(*thing_id).bind(&**item).run().await?;
    }
    writer.bulk(&TOUCHES, &write.touches, |(thing_id, subject)| touch(*thing_id, subject)).await?;
    writer.bulk(&STANDINGS_CLOSE, &write.standings.closes, close).await?;
    writer.bulk(&CASES_CLOSE, &write.cases.closes, close).await?;
    for (statement, rows) in [(&sql::STANDINGS_DROP, &write.standings.drops), (&sql::CASE_STATES_DROP, &write.cases.drops)] {
        if !rows.is_empty() {
            writer.query(statement)?.bind(json(rows)).run().await?;
        }
    }
    writer.bulk(&STANDINGS, &write.standings.inserts(), |insert| standing(projection_id, insert)).await?;
    writer.bulk(&CASES, &write.cases.inserts(), |insert| case(projection_id, insert)).await?;
    writer.bulk(&ACCESSES, &write.accesses, |(what, position)| access(projection_id, what, *position)).await?;
    write_tally(writer, projection_id, &write.tally).await
}

async fn write_tally(writer: &mut Writer, projection_id: i64, moves: &Moves) -> Result<(), Error> {
    let Moves { mark, is_new, ended, first, again } = moves;
    if *is_new {
        writer.query(&sql::TALLY_MARK_PUT)?.bind(projection_id).bind(mark.cast_signed()).run().await?;
    }
    // Before others begin or change, which count as there from now on.
    writer.bulk(&TALLY_END, ended, |key| cell_key(projection_id, key)).await?;
    writer.bulk(&TALLY_KEEP, first, |moved| cell(projection_id, *mark, moved)).await?;
    writer.bulk(&TALLY_ADD, again, |moved| cell(projection_id, *mark, moved)).await?;
    writer.bulk(&TALLY_ADD, first, |moved| cell(projection_id, *mark, moved)).await?;
    writer.bulk(&TALLY_BEGIN, first, |moved| cell(projection_id, *mark, moved)).await?;
    Ok(())
}

const THING: [&str; 6] = ["BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "TEXT"];
const TOUCH: [&str; 4] = ["BIGINT", "TEXT", "TEXT", "TEXT"];
const ACCESS: [&str; 3] = ["BIGINT", "TEXT", "BIGINT"];
const CLOSE: [&str; 2] = ["BIGINT", "BIGINT"];
const STANDING: [&str; 19] = [
    "BIGINT",
    "BIGINT",
    "BIGINT",
    "BIGINT",
    "BIGINT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "DOUBLE PRECISION",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
    "TEXT",
];
const CELL_KEY: [&str; 7] = ["BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT"];
const CELL: [&str; 10] = ["BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "BIGINT", "DOUBLE PRECISION", "BIGINT"];
const CASE: [&str; 13] =
    ["BIGINT", "BIGINT", "BIGINT", "BIGINT", "BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT"];

static THINGS: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/things_insert.sql"), &THING, ""));
static TOUCHES: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/touches_insert.sql"), &TOUCH, ""));
static ACCESSES: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/accesses_insert.sql"), &ACCESS, ""));
static STANDINGS: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/standings_insert.sql"), &STANDING, ""));
static CASES: LazyLock<Bulk> = LazyLock::new(|| Bulk::new(include_str!("../sql/case_states_insert.sql"), &CASE, ""));
static STANDINGS_CLOSE: LazyLock<Bulk> = LazyLock::new(|| ended(include_str!("../sql/standings_close.sql")));
static CASES_CLOSE: LazyLock<Bulk> = LazyLock::new(|| ended(include_str!("../sql/case_states_close.sql")));
static TALLY_KEEP: LazyLock<Bulk> = LazyLock::new(|| moved(include_str!("../sql/tally_keep.sql")));
static TALLY_ADD: LazyLock<Bulk> = LazyLock::new(|| moved(include_str!("../sql/tally_add.sql")));
static TALLY_BEGIN: LazyLock<Bulk> = LazyLock::new(|| moved(include_str!("../sql/tally_begin.sql")));
static TALLY_END: LazyLock<Bulk> = LazyLock::new(|| {
    let ended = "WITH ended (projection_id, metric, dimension, counts_on, day, place, part) AS (";
    Bulk::new(ended, &CELL_KEY, include_str!("../sql/tally_end.sql"))
});

/// A statement over a list of what changes in cells.
fn moved(statement: &'static str) -> Bulk {
    let moved = "WITH moved (projection_id, metric, dimension, counts_on, day, place, part, n, total, known_after) AS (";
    Bulk::new(moved, &CELL, statement)
}

/// A statement over a list of rows that end.
fn ended(statement: &'static str) -> Bulk {
    Bulk::new("WITH ended (row_id, known_to) AS (", &CLOSE, statement)
}

fn thing(projection_id: i64, NewThing { thing_id, subject, item }: &NewThing) -> [Value<'_>; THING.len()] {
    let Subject { kind, system, id } = subject;
    [(*thing_id).into(), projection_id.into(), (&**kind).into(), (&**system).into(), (&**id).into(), (&**item).into()]
}

fn touch(thing_id: i64, Subject { kind, system, id }: &Subject) -> [Value<'_>; TOUCH.len()] {
    [thing_id.into(), (&**kind).into(), (&**system).into(), (&**id).into()]
}

fn access(projection_id: i64, what: &str, position: u64) -> [Value<'_>; ACCESS.len()] {
    [projection_id.into(), what.into(), position.cast_signed().into()]
}

fn close((row_id, known_to): &(i64, u64)) -> [Value<'_>; CLOSE.len()] {
    [(*row_id).into(), known_to.cast_signed().into()]
}

/// What every version of a row begins with.
fn version<R>(projection_id: i64, insert: &Insert<R>, valid: Days) -> [Value<'static>; 7] {
    let Insert { row_id, thing_id, known_from, known_to, .. } = insert;
    let known = [*row_id, projection_id, *thing_id, known_from.cast_signed(), known_to.cast_signed()];
    let [row, projection, thing, from, to] = known.map(Value::Int);
    [row, projection, thing, from, to, day_value(valid.from), day_value(valid.until)]
}

fn standing<'q>(projection_id: i64, insert: &'q Insert<StandingRow>) -> [Value<'q>; STANDING.len()] {
    let StandingRow { metric, place, why, counts_on, valid, value, dims, evidence } = &insert.row;
    let [row, projection, thing, known_from, known_to, valid_from, valid_until] = version(projection_id, insert, *valid);
    [
        row,
        projection,
        thing,
        known_from,
        known_to,
        valid_from,
        valid_until,
        metric.id().into(),
        place.code().into(),
        (&**why).into(),
        day_value(*counts_on),
        Value::Real(*value),
        (&*dims.unit).into(),
        (&*dims.item).into(),
        (&*dims.staff).into(),
        (&*dims.window).into(),
        (&*dims.channel).into(),
        (&*dims.kind).into(),
        evidence.as_str().into(),
    ]
}

fn case<'q>(projection_id: i64, insert: &'q Insert<CaseRow>) -> [Value<'q>; CASE.len()] {
    let CaseRow { valid, system, id, state, unit, item, received_on } = &insert.row;
    let [row, projection, thing, known_from, known_to, valid_from, valid_until] = version(projection_id, insert, *valid);
    [
        row,
        projection,
        thing,
        known_from,
        known_to,
        valid_from,
        valid_until,
        (&**system).into(),
        (&**id).into(),
        (&**state).into(),
        (&**unit).into(),
        (&**item).into(),
        day_value(*received_on),
    ]
}

/// The dimension of cells, besides that of everything, which is empty.
pub(crate) const UNIT: &str = "unit";

fn cell_key(projection_id: i64, key: &Key) -> [Value<'_>; CELL_KEY.len()] {
    let Key { metric, unit, counts_on, day, place } = key;
    let (dimension, part) = unit.as_deref().map_or(("", ""), |unit| (UNIT, unit));
    let [counts_on, day] = [counts_on, day].map(|of| Value::Text(span(*of)));
    [projection_id.into(), metric.id().into(), dimension.into(), counts_on, day, place.code().into(), part.into()]
}

fn cell<'q>(projection_id: i64, mark: u64, (key, sum): &'q (Key, Sum)) -> [Value<'q>; CELL.len()] {
    let [projection, metric, dimension, counts_on, day, place, part] = cell_key(projection_id, key);
    let total = Value::Real(Some(sum.total));
    [projection, metric, dimension, counts_on, day, place, part, sum.n.into(), total, mark.cast_signed().into()]
}

/// How the days of a cell are written: months sort before all of them, and those before every day.
pub(crate) fn span(of: Span) -> Cow<'static, str> {
    match of {
        Span::Month(day) => format!("#{}", &text(day)[..7]).into(),
        Span::All => "*".into(),
        Span::Day(day) => text(day).into(),
    }
}

fn day_value(day: Date) -> Value<'static> {
    Value::Text(Cow::Owned(text(day)))
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

impl Store {
    async fn of_list(&self, statement: &'static Statement, list: &[i64]) -> Result<Vec<Row>, Error> {
        Ok(self.readers.acquire().await?.query(statement).bind(json(list)).all().await?)
    }

    /// Rows of `standing` that are known now, by thing.
    pub(crate) async fn open_standings(&self, things: &[i64]) -> Result<Vec<(i64, Open<StandingRow>)>, Error> {
        self.of_list(&sql::STANDINGS_OPEN, things).await?.iter().map(read_standing).collect()
    }

    /// Rows of `case_state` that are known now, by thing.
    pub(crate) async fn open_cases(&self, things: &[i64]) -> Result<Vec<(i64, Open<CaseRow>)>, Error> {
        self.of_list(&sql::CASE_STATES_OPEN, things).await?.iter().map(read_case).collect()
    }

    /// Streams that touch things beside their own.
    pub(crate) async fn touches(&self, things: &[i64]) -> Result<Vec<(i64, Subject)>, Error> {
        let read = |row: &Row| Ok((row.get(0)?, Subject::new(row.get(1)?, row.get(2)?, row.get(3)?)));
        self.of_list(&sql::TOUCHES, things).await?.iter().map(read).collect()
    }

    /// Removes cells in which nothing is, and gives the last mark of the others.
    pub(crate) async fn tidy_tally(&self, projection_id: i64) -> Result<u64, Error> {
        self.change(&sql::TALLY_TIDY, [projection_id.into()]).await?;
        let mut reader = self.readers.acquire().await?;
        let row = reader.query(&sql::TALLY_MARK_LAST).bind(projection_id).first().await?;
        Ok(row.map_or(Ok(None), |row| row.get::<Option<i64>>(0))?.map_or(0, i64::unsigned_abs))
    }

    /// Things by subject.
    pub(crate) async fn find_things(&self, projection_id: i64, subjects: &[&Subject]) -> Result<Vec<Found>, Error> {
        let wanted: Vec<_> = subjects.iter().map(|s| [&s.kind, &s.system, &s.id]).collect();
        let mut reader = self.readers.acquire().await?;
        let query = reader.query(&sql::THINGS_FIND).bind(projection_id).bind(json(&wanted));
        query.all().await?.iter().map(read_thing).collect()
    }

    /// The next things after one that a wide event reaches.
    pub(crate) async fn things_after(
        &self,
        projection_id: i64,
        after: i64,
        reach: Reach<'_>,
        limit: usize,
    ) -> Result<Vec<Found>, Error> {
        let mut reader = self.readers.acquire().await?;
        let query = match reach {
            Reach::Everything => reader.query(&sql::THINGS_AFTER).bind(projection_id).bind(after),
            Reach::Items => reader.query(&sql::THINGS_ITEMS).bind(projection_id).bind(after),
            Reach::OfItem(item) => reader.query(&sql::THINGS_OF_ITEM).bind(projection_id).bind(after).bind(item),
            Reach::From(day) => reader.query(&sql::THINGS_FROM).bind(projection_id).bind(after).bind(day.to_string()),
            Reach::OfZone(zone) => reader.query(&sql::THINGS_OF_ITEM).bind(projection_id).bind(after).bind(zone_key(zone)),
        };
        query.bind(i64::try_from(limit).unwrap_or(i64::MAX)).all().await?.iter().map(read_thing).collect()
    }
}

fn read_standing(row: &Row) -> Result<(i64, Open<StandingRow>), Error> {
    let wrong = |what: String| Error::Corrupt { table: "standing", what };
    let metric: &str = row.get(4)?;
    let place: &str = row.get(5)?;
    let dim = |column: usize| Ok::<_, Error>(row.get::<&str>(column)?.into());
    let standing = StandingRow {
        valid: Days { from: day(row.get(2)?, "standing")?, until: day(row.get(3)?, "standing")? },
        metric: Metric::by_id(metric).ok_or_else(|| wrong(format!("{metric} is no metric")))?,
        place: place_of(place).ok_or_else(|| wrong(format!("{place} is no place")))?,
        why: row.get::<String>(6)?.into(),
        counts_on: day(row.get(7)?, "standing")?,
        value: row.get(8)?,
        dims: Dims { unit: dim(9)?, item: dim(10)?, staff: dim(11)?, window: dim(12)?, channel: dim(13)?, kind: dim(14)? },
        evidence: row.get(15)?,
    };
    Ok((row.get(1)?, Open { row_id: row.get(0)?, row: standing }))
}

fn read_case(row: &Row) -> Result<(i64, Open<CaseRow>), Error> {
    let case = CaseRow {
        valid: Days { from: day(row.get(2)?, "case_state")?, until: day(row.get(3)?, "case_state")? },
        system: row.get::<&str>(4)?.into(),
        id: row.get::<&str>(5)?.into(),
        state: row.get::<String>(6)?.into(),
        unit: row.get::<&str>(7)?.into(),
        item: row.get::<&str>(8)?.into(),
        received_on: day(row.get(9)?, "case_state")?,
    };
    Ok((row.get(1)?, Open { row_id: row.get(0)?, row: case }))
}

/// The place of a code.
pub(crate) fn place_of(code: &str) -> Option<Place> {
    [Place::Numerator, Place::Denominator, Place::Unknown, Place::Excluded].into_iter().find(|place| place.code() == code)
}

/// A thing of the tables.
pub(crate) struct Found {
    pub thing_id: i64,
    pub subject: Subject,
    pub item: Arc<str>,
}

fn read_thing(row: &Row) -> Result<Found, Error> {
    let subject = Subject::new(row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Found { thing_id: row.get(0)?, subject, item: row.get::<&str>(4)?.into() })
}

/// The statements over many rows.
#[cfg(test)]
pub(crate) fn bulks() -> [&'static Bulk; 11] {
    let of_rows = [&THINGS, &TOUCHES, &ACCESSES, &STANDINGS, &CASES, &STANDINGS_CLOSE, &CASES_CLOSE];
    let of_cells = [&TALLY_KEEP, &TALLY_ADD, &TALLY_BEGIN, &TALLY_END];
    let mut all = of_rows.into_iter().chain(of_cells).map(|bulk| &**bulk);
    std::array::from_fn(|_| all.next().unwrap())
}
