//! What differs between the two databases where a statement is run; everything above says it once.
//!
//! Each enum has one variant a database, and each method passes on to sqlx, so that arguments and columns keep their types.

use crate::{
    Error,
    postgres::{self, ANSWER_MAX, Pool, Taken},
    sql::{self, Statement},
    sqlite,
};
use sqlx::{
    Decode, Encode, Postgres, Row as _, Sqlite, SqlitePool, Type,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteConnection, SqliteRow},
};
use std::sync::Arc;
use tokio::time::timeout;

/// A type that both databases know.
pub(crate) trait Typed: Type<Sqlite> + Type<Postgres> {}
impl<T: Type<Sqlite> + Type<Postgres>> Typed for T {}

/// The connections that read.
#[derive(Debug, Clone)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(Arc<Pool>),
}

impl Readers {
    pub(crate) async fn acquire(&self) -> Result<Reader, Error> {
        Ok(match self {
            Self::Sqlite(pool) => Reader::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Reader::Postgres(pool.take().await?),
        })
    }
}

/// A connection that reads.
pub(crate) enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(Taken),
}

impl Reader {
    pub(crate) fn query(&mut self, statement: &'static Statement) -> Query<'_> {
        match self {
            Self::Sqlite(connection) => Query::sqlite(connection, statement),
            Self::Postgres(taken) => Query::postgres(taken, statement),
        }
    }
}

/// The connection that writes.
#[derive(Debug)]
pub(crate) enum Writer {
    Sqlite(sqlite::Writer),
    Postgres(postgres::Writer),
}

impl Writer {
    /// Begins a transaction that holds the head of a log; no other process appends to it until the end of it. Gives the head.
    pub(crate) async fn begin(&mut self, log_id: i64) -> Result<Option<Found>, Error> {
        match self {
            Self::Sqlite(writer) => {
                writer.begin().await?;
                self.query(&sql::HEAD)?.bind(log_id).first().await
            }
            Self::Postgres(writer) => Ok(Some(Found::Postgres(writer.begin(log_id).await?))),
        }
    }

    /// Begins a transaction in which a log can be made; no other process makes one until the end of it.
    pub(crate) async fn begin_making(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.begin().await?),
            Self::Postgres(writer) => writer.begin_making().await,
        }
    }

    /// Commits. After an error nobody knows whether it did.
    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        match self {
            Self::Sqlite(writer) => Ok(writer.commit().await?),
            Self::Postgres(writer) => writer.commit().await,
        }
    }

    /// Undoes what may have been begun.
    pub(crate) async fn clean(&mut self) {
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
    pub(crate) fn query(&mut self, statement: &'static Statement) -> Result<Query<'_>, Error> {
        Ok(match self {
            Self::Sqlite(writer) => Query::sqlite(&mut writer.connection, statement),
            Self::Postgres(writer) => Query::postgres(writer.taken()?, statement),
        })
    }

    /// Takes what SQLite wrote beside the file into it; a file alone is then the whole log.
    pub(crate) async fn close(&mut self) -> Result<(), Error> {
        self.clean().await;
        if let Self::Sqlite(writer) = self {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut writer.connection).await?;
        }
        Ok(())
    }
}

/// A statement on its way: bound, then run.
pub(crate) struct Query<'q> {
    statement: &'static Statement,
    bound: usize,
    on: On<'q>,
}

enum On<'q> {
    Sqlite(&'q mut SqliteConnection, sqlx::query::Query<'q, Sqlite, SqliteArguments>),
    Postgres(&'q mut Taken, sqlx::query::Query<'q, Postgres, PgArguments>),
}

impl<'q> Query<'q> {
    fn sqlite(connection: &'q mut SqliteConnection, statement: &'static Statement) -> Self {
        Self { statement, bound: 0, on: On::Sqlite(connection, sqlx::query(statement.sqlite)) }
    }

    fn postgres(taken: &'q mut Taken, statement: &'static Statement) -> Self {
        Self { statement, bound: 0, on: On::Postgres(taken, sqlx::query(statement.postgres)) }
    }

    pub(crate) fn bind<T>(mut self, value: T) -> Self
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

    /// The rows it finds.
    pub(crate) async fn all(self) -> Result<Vec<Found>, Error> {
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
    pub(crate) async fn first(self) -> Result<Option<Found>, Error> {
        Ok(self.all().await?.into_iter().next())
    }

    /// Runs it; gives how many rows it changed.
    pub(crate) async fn run(self) -> Result<u64, Error> {
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
pub(crate) enum Found {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Found {
    pub(crate) fn get<'r, T>(&'r self, column: usize) -> Result<T, sqlx::Error>
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
