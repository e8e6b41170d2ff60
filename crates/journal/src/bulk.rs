//! Statements over many rows at once. One row a statement costs a round trip each (about 80 µs to SQLite's thread); many share it.
//!
//! SQLite takes a list in `VALUES`, Postgres an array for each column. A row says its values once, for both.

use crate::{
    Error,
    postgres::{ANSWER_MAX, Taken},
};
use sqlx::{
    AssertSqlSafe, Postgres, Sqlite,
    postgres::PgArguments,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnection},
};
use std::borrow::Cow;
use tokio::time::timeout;
use uuid::Uuid;

/// Rows of a statement on SQLite, largest first; what is left over goes in the next smaller. Few sizes, so that all stay prepared,
/// and each half of the one before, so that any number of rows takes few statements.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];
/// Rows of a statement on Postgres, whose arrays are held in memory once more.
pub(crate) const ARRAY_ROWS_MAX: usize = 1_000;

/// The value of a column in one row.
#[derive(Debug)]
pub enum Value<'q> {
    /// A number; a time is microseconds of UTC.
    Int(i64),
    /// A number that may be missing.
    Real(Option<f64>),
    /// A text without NUL, which no text of Postgres takes.
    Text(Cow<'q, str>),
    /// Any text: the bytes of it for Postgres.
    Stored(&'q str),
    /// Bytes.
    Bytes(&'q [u8]),
    /// An id.
    Id(Uuid),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// A statement with a list of rows.
#[derive(Debug)]
pub struct Bulk {
    sqlite: Vec<(usize, String)>,
    postgres: String,
}

impl Bulk {
    /// `before` the rows `after`, with columns of these types, as Postgres calls them. Both texts are the program's own.
    pub fn new(before: &str, columns: &[&str], after: &str) -> Self {
        // Without a number: sqlx looks the name of each numbered parameter up among all of them, which for two thousand of them
        // is dearer than the insert.
        let row = format!("({})", vec!["?"; columns.len()].join(", "));
        let values = |size: usize| (size, format!("{before} VALUES {} {after}", vec![row.as_str(); size].join(", ")));
        // All arrays come from the same rows: a shorter one would be padded with NULL.
        let arrays: Vec<_> = columns.iter().zip(1..).map(|(of, n)| format!("CAST(${n} AS {of}[])")).collect();
        let postgres = format!("{before} SELECT * FROM UNNEST({}) {after}", arrays.join(", "));
        Self { sqlite: SIZES.map(values).into(), postgres }
    }

    /// Its text for Postgres.
    pub fn postgres(&self) -> &str {
        &self.postgres
    }

    /// Runs it over all rows on SQLite.
    pub async fn on_sqlite<'q, T, V: IntoIterator<Item = Value<'q>>>(
        &'q self,
        connection: &mut SqliteConnection,
        mut rows: &'q [T],
        values: impl Fn(&'q T) -> V,
    ) -> Result<(), sqlx::Error> {
        for (size, statement) in &self.sqlite {
            while rows.len() >= *size {
                let (chunk, rest) = rows.split_at(*size);
                let query = sqlx::query(AssertSqlSafe(statement.as_str()));
                chunk.iter().flat_map(&values).fold(query, |query, value| value.on_sqlite(query)).execute(&mut *connection).await?;
                rows = rest;
            }
        }
        Ok(())
    }

    pub(crate) async fn on_postgres<'q, T, const N: usize>(
        &'q self,
        taken: &mut Taken,
        rows: &'q [T],
        values: impl Fn(&'q T) -> [Value<'q>; N],
    ) -> Result<(), Error> {
        for chunk in rows.chunks(ARRAY_ROWS_MAX) {
            self.on_postgres_with(taken, chunk, &values, []).await?;
        }
        Ok(())
    }

    /// Runs it over so many rows as one statement takes, with parameters after those of the columns; gives how many rows it wrote.
    pub(crate) async fn on_postgres_with<'q, T, const N: usize, const M: usize>(
        &'q self,
        taken: &mut Taken,
        rows: &'q [T],
        values: impl Fn(&'q T) -> [Value<'q>; N],
        after: [Value<'q>; M],
    ) -> Result<u64, Error> {
        let Some((first, rest)) = rows.split_first() else { return Ok(0) };
        let mut columns = values(first).map(|value| Column::of(value, rows.len()));
        for row in rest {
            columns.iter_mut().zip(values(row)).for_each(|(column, value)| column.push(value));
        }
        let query = columns.into_iter().fold(sqlx::query(AssertSqlSafe(self.postgres.as_str())), Column::bind);
        let query = after.into_iter().fold(query, |query, value| value.on_postgres(query));
        let done = timeout(ANSWER_MAX, query.execute(taken.ask())).await;
        Ok(taken.heard(done)?.rows_affected())
    }
}

/// A query on its way to SQLite, and one to Postgres.
pub(crate) type OnSqlite<'q> = Query<'q, Sqlite, SqliteArguments>;
pub(crate) type OnPostgres<'q> = Query<'q, Postgres, PgArguments>;

impl<'q> Value<'q> {
    pub(crate) fn on_sqlite(self, query: OnSqlite<'q>) -> OnSqlite<'q> {
        match self {
            Self::Int(value) => query.bind(value),
            Self::Real(value) => query.bind(value),
            Self::Text(Cow::Borrowed(value)) | Self::Stored(value) => query.bind(value),
            Self::Text(Cow::Owned(value)) => query.bind(value),
            Self::Bytes(value) => query.bind(value),
            Self::Id(value) => query.bind(value),
        }
    }

    pub(crate) fn on_postgres(self, query: OnPostgres<'q>) -> OnPostgres<'q> {
        match self {
            Self::Int(value) => query.bind(value),
            Self::Real(value) => query.bind(value),
            Self::Text(value) => query.bind(value),
            Self::Stored(value) => query.bind(value.as_bytes()),
            Self::Bytes(value) => query.bind(value),
            Self::Id(value) => query.bind(value),
        }
    }
}

/// The values of a column.
enum Column<'q> {
    Ints(Vec<i64>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Cow<'q, str>>),
    Bytes(Vec<&'q [u8]>),
    Ids(Vec<Uuid>),
}

impl<'q> Column<'q> {
    fn of(value: Value<'q>, rows: usize) -> Self {
        let mut column = match value {
            Value::Int(_) => Self::Ints(Vec::with_capacity(rows)),
            Value::Real(_) => Self::Reals(Vec::with_capacity(rows)),
            Value::Text(_) => Self::Texts(Vec::with_capacity(rows)),
            Value::Stored(_) | Value::Bytes(_) => Self::Bytes(Vec::with_capacity(rows)),
            Value::Id(_) => Self::Ids(Vec::with_capacity(rows)),
        };
        column.push(value);
        column
    }

    fn push(&mut self, value: Value<'q>) {
        match (self, value) {
            (Self::Ints(column), Value::Int(value)) => column.push(value),
            (Self::Reals(column), Value::Real(value)) => column.push(value),
            (Self::Texts(column), Value::Text(value)) => column.push(value),
            (Self::Bytes(column), Value::Bytes(value)) => column.push(value),
            (Self::Bytes(column), Value::Stored(value)) => column.push(value.as_bytes()),
            (Self::Ids(column), Value::Id(value)) => column.push(value),
            (_, value) => unreachable!("{value:?} in a column of another kind"),
        }
    }

    fn bind(query: OnPostgres<'q>, column: Self) -> OnPostgres<'q> {
        match column {
            Self::Ints(column) => query.bind(column),
            Self::Reals(column) => query.bind(column),
            Self::Texts(column) => query.bind(column),
            Self::Bytes(column) => query.bind(column),
            Self::Ids(column) => query.bind(column),
        }
    }
}
