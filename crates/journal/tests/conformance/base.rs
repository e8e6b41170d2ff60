//! The databases under the tests, behind the journal's back: all that knows which one it is.

use crate::lab::Lab;
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions as _, Connection as _, Decode, Row as _, Type,
    postgres::{PgConnection, PgRow, Postgres},
    sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection, SqliteRow},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use xiaoer_journal::{
    Error, Journal,
    vault::{KeyEncryption, Vault},
};

#[path = "../../../../tests/src/postgres.rs"]
pub(crate) mod server;

/// What the statements of the tests call as SQLite does.
pub(crate) const AS_SQLITE: &str = "
    CREATE DOMAIN blob AS bytea;
    CREATE FUNCTION zeroblob(n int) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(repeat('00', n), 'hex') $$;
    CREATE FUNCTION replace(body bytea, old text, new text) RETURNS bytea LANGUAGE sql AS
        $$ SELECT convert_to(replace(convert_from(body, 'UTF8'), old, new), 'UTF8') $$;
";

/// A row as it was found.
#[derive(Debug)]
pub(crate) enum Found {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Found {
    pub(crate) fn get<'r, T>(&'r self, column: usize) -> T
    where
        T: Type<Sqlite> + Type<Postgres> + Decode<'r, Sqlite> + Decode<'r, Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.get(column),
            Self::Postgres(row) => row.get(column),
        }
    }
}

impl Lab {
    #[allow(clippy::unused_async)] // As the other one.
    pub(crate) async fn sqlite() -> Self {
        Self::Sqlite(TempDir::new().unwrap())
    }

    pub(crate) async fn postgres() -> Self {
        let url = server::database("").await;
        server::run(&url, AS_SQLITE).await;
        Self::Postgres(url)
    }

    /// Another installation in the same kind of database.
    pub(crate) async fn fresh(&self) -> Self {
        match self {
            Self::Sqlite(_) => Self::sqlite().await,
            Self::Postgres(_) => Self::postgres().await,
        }
    }

    /// A vault with connections of its own.
    pub(crate) async fn vault(&self, keys: Arc<dyn KeyEncryption>) -> Vault {
        match self {
            Self::Sqlite(folder) => Vault::open(&folder.path().join("vault.db"), keys).await.unwrap(),
            Self::Postgres(url) => Vault::connect(url, keys).await.unwrap(),
        }
    }

    /// Where it is, as another process is told.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sqlite(folder) => folder.path().to_str().unwrap().to_owned(),
            Self::Postgres(url) => url.clone(),
        }
    }

    /// The journal at a place.
    pub(crate) async fn open_at(place: &str) -> Result<Journal, Error> {
        match place.starts_with("postgres://") {
            true => Journal::connect(place).await,
            false => Journal::open(Path::new(place)).await,
        }
    }

    /// The folder of the files, where there are files.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(folder) => Some(folder.path()),
            Self::Postgres(_) => None,
        }
    }

    pub(crate) fn file(&self, log: &str) -> PathBuf {
        self.folder().expect("files").join(format!("{log}.db"))
    }

    /// Runs statements on the database of a log, past the journal.
    pub(crate) async fn sql(&self, log: &str, statements: &str) {
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.connect_file(log).await;
                sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(url) => server::run(url, statements).await,
        }
    }

    /// What a query finds, past the journal: the names of its columns, and the rows.
    pub(crate) async fn table(&self, log: &str, select: &str) -> (Vec<String>, Vec<Found>) {
        fn names<C: Column>(columns: Option<&[C]>) -> Vec<String> {
            columns.unwrap_or_default().iter().map(|column| column.name().to_owned()).collect()
        }
        match self {
            Self::Sqlite(_) => {
                let mut connection = self.connect_file(log).await;
                let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                (names(rows.first().map(|row| row.columns())), rows.into_iter().map(Found::Sqlite).collect())
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                (names(rows.first().map(|row| row.columns())), rows.into_iter().map(Found::Postgres).collect())
            }
        }
    }

    /// Puts the whole of a log there under another name, as somebody might who copies by hand.
    pub(crate) async fn copy(&self, log: &str, name: &str) {
        match self {
            Self::Sqlite(_) => {
                // With all of the write-ahead log in it.
                self.sql(log, "PRAGMA wal_checkpoint(TRUNCATE)").await;
                fs::copy(self.file(log), self.file(name)).unwrap();
            }
            Self::Postgres(url) => {
                let copy = format!(
                    "CREATE TABLE kept AS SELECT * FROM log WHERE name = '{log}'; UPDATE kept SET log_id = 99, name = '{name}';
                     INSERT INTO log SELECT * FROM kept; DROP TABLE kept;
                     CREATE TABLE kept AS SELECT e.* FROM event AS e JOIN log USING (log_id) WHERE name = '{log}';
                     UPDATE kept SET log_id = 99; INSERT INTO event SELECT * FROM kept; DROP TABLE kept"
                );
                server::run(url, &copy).await;
            }
        }
    }

    /// The table that says which migrations ran.
    pub(crate) fn migrations(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "_sqlx_migrations",
            Self::Postgres(_) => "_journal_migrations",
        }
    }

    /// Takes such a copy away.
    pub(crate) async fn remove(&self, name: &str) {
        match self {
            Self::Sqlite(_) => fs::remove_file(self.file(name)).unwrap(),
            Self::Postgres(url) => server::run(url, "DELETE FROM log WHERE log_id = 99; DELETE FROM event WHERE log_id = 99").await,
        }
    }

    async fn connect_file(&self, log: &str) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.file(log)).busy_timeout(Duration::from_secs(30));
        options.connect().await.unwrap()
    }
}
