//! A SQLite file as all of ours are used: one connection that writes, a few that read.
//!
//! Invariant: the connection that writes is never part of a pool, and a cancelled call can leave nothing half begun in it
//! (see [`Writer`]).

use crate::{
    Error,
    connection::{self, Readers},
};
use sqlx::{
    ConnectOptions, SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs, path::Path, time::Duration};
use tokio::task::spawn_blocking;

/// Readers of one file at once; a reader holds its connection for one page.
const READERS: u32 = 4;
/// Pages of WAL before a checkpoint. The default of 1,000 checkpoints every few commits and halves the rate of appending.
const WAL_PAGES: &str = "20000";
/// How long a connection waits for another process that writes.
const BUSY_WAIT: Duration = Duration::from_secs(30);

/// The release with the fix of the WAL-reset corruption.
const VERSION_MIN: i32 = 3_051_003;

/// Opens a file and brings its tables to this program's form; it is made where it is missing.
pub async fn open(
    file: &Path,
    synchronous: SqliteSynchronous,
    mut tables: Migrator,
) -> Result<(connection::Writer, Readers), Error> {
    const { assert!(libsqlite3_sys::SQLITE_VERSION_NUMBER >= VERSION_MIN, "built with a SQLite older than 3.51.3") };
    let options = options(file, synchronous);
    // SQLite's migrator takes no lock of its own: two processes that start together would both migrate.
    let lock = file.with_extension("lock");
    // The wait for another opener is not this thread's: that opener may need it to go on.
    let waited =
        spawn_blocking(move || fs::File::create(&lock).and_then(|guard| guard.lock().map(|()| guard)).map_err(|e| (lock, e)));
    let guard =
        waited.await.map_err(|error| Error::file(file, error.into()))?.map_err(|(lock, error)| Error::file(&lock, error))?;
    let mut writer = writer(&options).await?;
    // What a newer program added suits this one too, or a number that stands there says otherwise: a log's contract, a projection's
    // version.
    tables.set_ignore_missing(true);
    tables.run_direct(None, &mut writer, false).await?;
    drop(guard);
    let readers = readers(options).await?;
    Ok((connection::Writer::Sqlite(Writer::new(writer)), Readers::Sqlite(readers)))
}

/// How a file is opened; it is made where it is missing.
pub fn options(file: &Path, synchronous: SqliteSynchronous) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(BUSY_WAIT)
        .pragma("wal_autocheckpoint", WAL_PAGES)
        .pragma("temp_store", "memory")
        .statement_cache_capacity(128)
        .disable_statement_logging()
}

/// The connection that writes.
pub async fn writer(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    options.clone().pragma("cache_size", "-8192").connect().await
}

/// The connections that read, of a file that is there.
pub async fn readers(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_with(options.read_only(true).create_if_missing(false).pragma("cache_size", "-2048"))
        .await
}

/// The connection that writes, and whether a transaction may be open in it.
#[derive(Debug)]
pub struct Writer {
    /// The connection; a transaction in it is begun and ended by the methods.
    pub connection: SqliteConnection,
    open: bool,
}

impl Writer {
    /// A connection in which nothing was begun.
    pub fn new(connection: SqliteConnection) -> Self {
        Self { connection, open: false }
    }

    /// Begins a transaction that no other process writes beside.
    pub async fn begin(&mut self) -> Result<(), sqlx::Error> {
        self.clean().await;
        self.open = true;
        sqlx::query("BEGIN IMMEDIATE").execute(&mut self.connection).await?;
        Ok(())
    }

    /// Whether a transaction may be open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Commits. After an error nobody knows whether it did.
    pub async fn commit(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        self.open = false;
        Ok(())
    }

    /// The connection without a transaction: one that was cut off, or that could not be ended, is undone first. A statement that
    /// got into it would be undone with it.
    pub async fn clean(&mut self) -> &mut SqliteConnection {
        if self.open {
            // Where the transaction ended by itself this errs, which is as good.
            let _ = sqlx::query("ROLLBACK").execute(&mut self.connection).await;
            self.open = false;
        }
        &mut self.connection
    }
}
