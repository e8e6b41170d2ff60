//! A log's SQLite file: one connection that writes, a few that read.
//!
//! Invariant: the connection that writes is owned by whoever holds the head, and is never part of a pool; a cancelled call can
//! leave nothing half begun in it (see [`crate::Locked`]).

use crate::Error;
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs, path::Path, time::Duration};
use tokio::task::spawn_blocking;

/// Readers of one log at once; a reader holds its connection for one page.
const READERS: u32 = 4;
/// Pages of WAL before a checkpoint. The default of 1,000 checkpoints every few commits and halves the rate of appending.
const WAL_PAGES: &str = "20000";
/// The release with the fix of the WAL-reset corruption.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

pub(crate) async fn open(file: &Path) -> Result<(SqliteConnection, SqlitePool), Error> {
    const { assert!(libsqlite3_sys::SQLITE_VERSION_NUMBER >= SQLITE_VERSION_MIN, "built with a SQLite older than 3.51.3") };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30))
        .pragma("wal_autocheckpoint", WAL_PAGES)
        .pragma("temp_store", "memory")
        .statement_cache_capacity(64)
        .disable_statement_logging();
    // SQLite's migrator takes no lock of its own: two processes that start together would both migrate.
    let lock = file.with_extension("lock");
    // The wait for another opener is not this thread's: that opener may need it to go on.
    let waited =
        spawn_blocking(move || fs::File::create(&lock).and_then(|guard| guard.lock().map(|()| guard)).map_err(|e| (lock, e)));
    let guard =
        waited.await.map_err(|error| Error::file(file, error.into()))?.map_err(|(lock, error)| Error::file(&lock, error))?;
    let mut writer = options.clone().pragma("cache_size", "-16384").connect().await?;
    sqlx::migrate!("../../migrations/sqlite/journal").run_direct(None, &mut writer, false).await?;
    drop(guard);
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_with(options.read_only(true).create_if_missing(false).pragma("cache_size", "-4096"))
        .await?;
    Ok((writer, readers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test that kills a process sees what a power cut would do (J1); these settings are what SQLite asks for it.
    #[tokio::test]
    async fn commits_are_forced_to_disk() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut writer, _readers) = open(&folder.path().join("a.db")).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut writer).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut writer).await.unwrap();
        assert_eq!((synchronous, mode.as_str()), (2, "wal"));
    }
}
