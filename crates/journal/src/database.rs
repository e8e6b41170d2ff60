//! Where the logs of an installation are, and opening them there.

use crate::{
    Error, Log,
    connection::{Readers, Writer},
    log::head,
    postgres::{self, Keep},
    sql, sqlite,
};
use sqlx::sqlite::SqliteSynchronous;
use std::{
    fs,
    path::{Path, PathBuf},
};
use xiaoer_domain::LogName;

/// Number of the log in a file of its own.
const FILE_LOG_ID: i64 = 1;

/// Where the logs are.
#[derive(Debug)]
pub(crate) enum Place {
    /// A folder with a SQLite file for each.
    Folder(PathBuf),
    /// One database with all of them.
    Postgres(postgres::Database),
}

impl Place {
    /// The folder, made where it is missing.
    pub(crate) fn folder(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
        Ok(Self::Folder(folder.to_owned()))
    }

    /// The logs that are there, by name and number.
    pub(crate) async fn logs(&self) -> Result<Vec<(LogName, i64)>, Error> {
        match self {
            Self::Folder(folder) => Ok(files(folder)?.into_iter().map(|name| (name, FILE_LOG_ID)).collect()),
            Self::Postgres(database) => {
                let named = |(name, id): (String, i64)| match LogName::new(&name) {
                    Some(name) => Ok((name, id)),
                    None => Err(Error::corrupt("log", id, "a name that no log can have")),
                };
                database.logs().await?.into_iter().map(named).collect()
            }
        }
    }

    /// Opens a log that is there. A file without a head is none: its creation was cut short before its genesis.
    pub(crate) async fn open(&self, name: &LogName, id: i64) -> Result<Option<Log>, Error> {
        let (writer, readers) = self.connect(name).await?;
        if let Self::Folder(_) = self
            && head(readers.acquire().await?.query(&sql::HEAD), id).await?.is_none()
        {
            return Ok(None);
        }
        Ok(Some(Log::new(name, id, writer, readers).await?))
    }

    /// Connections for a log, which need not be there yet.
    pub(crate) async fn connect(&self, name: &LogName) -> Result<(Writer, Readers), Error> {
        match self {
            Self::Folder(folder) => open(&folder.join(format!("{name}.db"))).await,
            Self::Postgres(database) => Ok((Writer::Postgres(database.writer()), database.readers())),
        }
    }
}

/// The number of a log, looked for in the transaction that would make it.
pub(crate) async fn find(writer: &mut Writer, name: &LogName) -> Result<Option<i64>, Error> {
    match writer {
        // The file is the log, whatever name it bears inside; its leaf hashes tell.
        Writer::Sqlite(_) => Ok(head(writer.query(&sql::HEAD)?, FILE_LOG_ID).await?.map(|_| FILE_LOG_ID)),
        Writer::Postgres(writer) => writer.find(name.as_str()).await,
    }
}

/// The names of the files that are logs.
fn files(folder: &Path) -> Result<Vec<LogName>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Error::file(folder, error))? {
        let path = entry.map_err(|error| Error::file(folder, error))?.path();
        let name = path.file_stem().and_then(|stem| LogName::new(&stem.to_string_lossy()));
        let is_log = path.extension().is_some_and(|extension| extension == "db");
        names.extend(name.filter(|_| is_log));
    }
    Ok(names)
}

async fn open(file: &Path) -> Result<(Writer, Readers), Error> {
    sqlite::open(file, SqliteSynchronous::Full, sqlx::migrate!("../../migrations/sqlite/journal")).await
}

/// The journals' tables in a Postgres database.
pub(crate) fn tables() -> postgres::Tables {
    let migrator = sqlx::migrate!("../../migrations/postgres/journal");
    postgres::Tables { migrator, migrations: "_journal_migrations", keep: Keep::Journals }
}

/// A vault in a file. What is erased there is overwritten.
pub(crate) async fn vault_file(file: &Path) -> Result<(Writer, Readers), Error> {
    let tables = sqlx::migrate!("../../migrations/sqlite/vault");
    let (mut writer, readers) = sqlite::open(file, SqliteSynchronous::Full, tables).await?;
    if let Writer::Sqlite(writer) = &mut writer {
        sqlx::query("PRAGMA secure_delete = ON").execute(&mut writer.connection).await?;
    }
    Ok((writer, readers))
}

/// A vault in a Postgres database.
pub(crate) async fn vault_database(url: &str) -> Result<(Writer, Readers), Error> {
    let migrator = sqlx::migrate!("../../migrations/postgres/vault");
    let tables = postgres::Tables { migrator, migrations: "_vault_migrations", keep: Keep::Vault };
    let database = postgres::Database::open(url, tables).await?;
    Ok((Writer::Postgres(database.writer()), database.readers()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No test that kills a process sees what a power cut would do (J1); these settings are what SQLite asks for it.
    #[tokio::test]
    async fn commits_are_forced_to_disk() {
        let folder = tempfile::TempDir::new().unwrap();
        let (Writer::Sqlite(mut writer), _readers) = open(&folder.path().join("a.db")).await.unwrap() else { unreachable!() };
        let connection = &mut writer.connection;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await.unwrap();
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(connection).await.unwrap();
        assert_eq!((synchronous, mode.as_str()), (2, "wal"));
    }
}
