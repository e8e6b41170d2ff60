//! Opening a log's SQLite file.

use crate::{Error, sqlite};
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnection, SqliteSynchronous},
};
use std::{fs, path::Path};
use tokio::task::spawn_blocking;

/// The release with the fix of the WAL-reset corruption.
const SQLITE_VERSION_MIN: i32 = 3_051_003;

pub(crate) async fn open(file: &Path) -> Result<(SqliteConnection, SqlitePool), Error> {
    const { assert!(libsqlite3_sys::SQLITE_VERSION_NUMBER >= SQLITE_VERSION_MIN, "built with a SQLite older than 3.51.3") };
    let options = sqlite::options(file, SqliteSynchronous::Full);
    // SQLite's migrator takes no lock of its own: two processes that start together would both migrate.
    let lock = file.with_extension("lock");
    // The wait for another opener is not this thread's: that opener may need it to go on.
    let waited =
        spawn_blocking(move || fs::File::create(&lock).and_then(|guard| guard.lock().map(|()| guard)).map_err(|e| (lock, e)));
    let guard =
        waited.await.map_err(|error| Error::file(file, error.into()))?.map_err(|(lock, error)| Error::file(&lock, error))?;
    let mut writer = sqlite::writer(&options).await?;
    sqlx::migrate!("../../migrations/sqlite/journal").run_direct(None, &mut writer, false).await?;
    drop(guard);
    let readers = sqlite::readers(options).await?;
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
