//! What differs between the two databases where a statement is run; everything above says it once.
//!
//! Each enum has one variant a database, and each method passes on to sqlx, so that arguments and columns keep their types.

use crate::{
    Error, Statement,
    bulk::{Bulk, OnPostgres, OnSqlite, Value},
    postgres::{self, ANSWER_MAX, Pool, Taken},
    sql, sqlite,
};
use sqlx::{
    Decode, Encode, Postgres, Row as _, Sqlite, SqlitePool, Type,
    pool::PoolConnection,
    postgres::PgRow,
    sqlite::{SqliteConnection, SqliteRow},
};
use std::sync::Arc;
use tokio::time::timeout;

/// A type that both databases know.
pub trait Typed: Type<Sqlite> + Type<Postgres> {}
impl<T: Type<Sqlite> + Type<Postgres>> Typed for T {}

/// The connections that read.
#[derive(Debug, Clone)]
pub enum Readers {
    /// Of a file.
    Sqlite(SqlitePool),
    /// Of a database.
    Postgres(Arc<Pool>),
}

impl Readers {
    /// One of them, waiting where all are in use.
    pub async fn acquire(&self) -> Result<Reader, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Reader::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Reader::Postgres(pool.take().await?),
        })
    }
}

/// A connection that reads.
#[derive(Debug)]
pub enum Reader {
    /// Of a file.
    Sqlite(PoolConnection<Sqlite>),
    /// Of a database.
    Postgres(Taken),
}

impl Reader {
    /// A statement.
    pub fn query(&mut self, statement: &'static Statement) -> Query<'_> {
        match self {
            Self::Sqlite(connection) => Query::sqlite(connection, statement),
            Self::Postgres(taken) => Query::postgres(taken, statement),
        }
    }
}

/// The connection that writes.
#[derive(Debug)]
pub enum Writer {
    /// Of a file.
    Sqlite(sqlite::Writer),
    /// Of a database.
    Postgres(postgres::Writer),
}

impl Writer {
    /// Begins a transaction. What is left of it where it is not committed is undone before the next.
    pub async fn begin(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.begin().await?),
            Self::Postgres(writer) => writer.begin().await,
        }
    }

    /// Begins a transaction that holds the head of a log; no other process appends to it until the end of it. Gives the head.
    pub(crate) async fn begin_at_head(&mut self, log_id: i64) -> Result<Option<Found>, Error> {
        match self {
            Self::Sqlite(writer) => {
                writer.begin().await?;
                self.query(&sql::HEAD)?.bind(log_id).first().await
            }
            Self::Postgres(writer) => Ok(Some(Found::Postgres(writer.begin_at_head(log_id).await?))),
        }
    }

    /// Begins a transaction in which a log can be made; no other process makes one until the end of it.
    pub(crate) async fn begin_making(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.begin().await?),
            Self::Postgres(writer) => writer.begin_making().await,
        }
    }

    /// Begins a transaction of the vault; no other process writes there until the end of it.
    pub(crate) async fn begin_vault(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.begin().await?),
            Self::Postgres(writer) => writer.begin_vault().await,
        }
    }

    /// Commits. After an error nobody knows whether it did.
    pub async fn commit(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.commit().await?),
            Self::Postgres(writer) => writer.commit().await,
        }
    }

    /// Undoes what may have been begun.
    pub async fn clean(&mut self) {
        match self {
            Self::Sqlite(writer) => _ = writer.clean().await,
            Self::Postgres(writer) => writer.clean().await,
        }
    }

    /// Whether a transaction may be open.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Self::Sqlite(writer) => writer.is_open(),
            Self::Postgres(writer) => writer.is_open(),
        }
    }

    /// A statement inside the transaction.
    pub fn query(&mut self, statement: &'static Statement) -> Result<Query<'_>, Error> {
        Ok(match self {
            Self::Sqlite(writer) => Query::sqlite(&mut writer.connection, statement),
            Self::Postgres(writer) => Query::postgres(writer.taken()?, statement),
        })
    }

    /// A statement over many rows inside the transaction.
    pub async fn bulk<'q, T, const N: usize>(
        &mut self,
        bulk: &'q Bulk,
        rows: &'q [T],
        values: impl Fn(&'q T) -> [Value<'q>; N],
    ) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(bulk.on_sqlite(&mut writer.connection, rows, values).await?),
            Self::Postgres(writer) => bulk.on_postgres(writer.taken()?, rows, values).await,
        }
    }

    /// Takes what SQLite wrote beside the file into it; a file alone is then the whole log.
    pub async fn close(&mut self) -> Result<(), Error> {
        self.clean().await;
        if let Self::Sqlite(writer) = self {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut writer.connection).await?;
        }
        Ok(())
    }
}

/// A statement on its way: bound, then run.
#[allow(missing_debug_implementations)] // It borrows a connection.
pub struct Query<'q> {
    statement: &'static Statement,
    bound: usize,
    on: On<'q>,
}

enum On<'q> {
    Sqlite(&'q mut SqliteConnection, OnSqlite<'q>),
    Postgres(&'q mut Taken, OnPostgres<'q>),
}

impl<'q> Query<'q> {
    fn sqlite(connection: &'q mut SqliteConnection, statement: &'static Statement) -> Self {
        Self { statement, bound: 0, on: On::Sqlite(connection, sqlx::query(statement.sqlite)) }
    }

    fn postgres(taken: &'q mut Taken, statement: &'static Statement) -> Self {
        Self { statement, bound: 0, on: On::Postgres(taken, sqlx::query(statement.postgres)) }
    }

    /// Binds the next parameter.
    pub fn bind<T>(mut self, value: T) -> Self
    where
        T: 'q + Typed + Encode<'q, Sqlite> + Encode<'q, Postgres>,
    {
        self.bound += 1;
        self.on = match self.on {
            On::Sqlite(connection, query) => On::Sqlite(connection, query.bind(value)),
            On::Postgres(taken, query) => On::Postgres(taken, query.bind(value)),
        };
        self
    }

    /// Binds the next parameters.
    pub fn values<const N: usize>(mut self, values: [Value<'q>; N]) -> Self {
        self.bound += N;
        self.on = values.into_iter().fold(self.on, |on, value| match on {
            On::Sqlite(connection, query) => On::Sqlite(connection, value.on_sqlite(query)),
            On::Postgres(taken, query) => On::Postgres(taken, value.on_postgres(query)),
        });
        self
    }

    /// The rows it finds.
    pub async fn all(self) -> Result<Vec<Found>, Error> {
        self.check();
        Ok(match self.on {
            On::Sqlite(connection, query) => query.fetch_all(connection).await?.into_iter().map(Found::Sqlite).collect(),
            On::Postgres(taken, query) => {
                let rows = timeout(ANSWER_MAX, query.fetch_all(taken.ask())).await;
                taken.heard(rows)?.into_iter().map(Found::Postgres).collect()
            }
        })
    }

    /// The first row it finds.
    pub async fn first(self) -> Result<Option<Found>, Error> {
        Ok(self.all().await?.into_iter().next())
    }

    /// Runs it; gives how many rows it changed.
    pub async fn run(self) -> Result<u64, Error> {
        self.check();
        Ok(match self.on {
            On::Sqlite(connection, query) => query.execute(connection).await?.rows_affected(),
            On::Postgres(taken, query) => {
                let done = timeout(ANSWER_MAX, query.execute(taken.ask())).await;
                taken.heard(done)?.rows_affected()
            }
        })
    }

    fn check(&self) {
        assert_eq!(self.bound, self.statement.parameters, "parameters bound of: {}", self.statement.sqlite);
    }
}

/// A row that was found.
#[derive(Debug)]
pub enum Found {
    /// In a file.
    Sqlite(SqliteRow),
    /// In a database.
    Postgres(PgRow),
}

impl Found {
    /// A column, from 0.
    pub fn get<'r, T>(&'r self, column: usize) -> Result<T, sqlx::Error>
    where
        T: Typed + Decode<'r, Sqlite> + Decode<'r, Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// A stored body. It is text for SQLite, and the bytes of it for Postgres.
    pub(crate) fn body(&self, column: usize) -> Result<&[u8], sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get::<&str, _>(column).map(str::as_bytes),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}
