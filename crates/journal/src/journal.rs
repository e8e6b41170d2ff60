//! An installation's logs: one SQLite file each, in one folder.

use crate::{CONTRACT, Error, Genesis, Log, NewRow, database};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use xiaoer_domain::{Event, Fact, LogName, Subject};
use xiaoer_wire::v1::PostMode;

/// The logs of an installation.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    logs: Mutex<BTreeMap<LogName, Log>>,
    /// One log is created at a time, so that two callers of [`Journal::create`] agree on who was first.
    creating: tokio::sync::Mutex<()>,
}

impl Journal {
    /// Opens every log in a folder, creating the folder where it is missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
        let journal = Self { folder: folder.to_owned(), logs: Mutex::default(), creating: tokio::sync::Mutex::default() };
        for entry in fs::read_dir(folder).map_err(|error| Error::file(folder, error))? {
            let path = entry.map_err(|error| Error::file(folder, error))?.path();
            let name = path.file_stem().and_then(|stem| LogName::new(&stem.to_string_lossy()));
            let is_log = path.extension().is_some_and(|extension| extension == "db");
            if let (Some(name), true) = (name, is_log) {
                journal.attach(&name).await?;
            }
        }
        Ok(journal)
    }

    /// The logs by name.
    pub fn logs(&self) -> Vec<Log> {
        self.table().values().cloned().collect()
    }

    /// One log.
    pub fn log(&self, name: &LogName) -> Option<Log> {
        self.table().get(name).cloned()
    }

    /// Opens a log with its genesis, or gives the one that is there. Says whether it was there.
    pub async fn create(&self, genesis: Event, body: bytes::Bytes) -> Result<(Log, bool), Error> {
        let Fact::LogOpened(opened) = &genesis.fact else {
            return Err(Error::corrupt("log", 1, "a log begins with LogOpened"));
        };
        let parts = Genesis::of(opened)?;
        let _creating = self.creating.lock().await;
        if let Some(log) = self.log(&parts.name) {
            return Ok((log, true));
        }
        let (mut writer, readers) = database::open(&self.file(&parts.name)).await?;
        let now = genesis.occurred_at.as_microsecond();
        // Looked for and made under one lock, so that several processes agree on who was first; the row below and the genesis
        // become one commit.
        sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await?;
        let existed = crate::locked::head(&mut writer).await?.is_some();
        if !existed {
            sqlx::query(include_str!("../sql/log_insert.sql"))
                .bind(crate::log::LOG_ID)
                .bind(parts.name.as_str())
                .bind(i64::from(CONTRACT))
                .bind(now)
                .bind([0_u8; 32].as_slice())
                .execute(&mut writer)
                .await?;
            let row = NewRow {
                subject: Subject::new(xiaoer_domain::ids::kind::LOG, "xiaoer", parts.name.as_str()),
                revision: 1,
                identity: genesis.identity.clone(),
                fact: genesis.fact.name(),
                actor: xiaoer_domain::Actor::local(),
                mode: PostMode::Strict,
                flags: Vec::new(),
                body,
                recorded_at: now,
            };
            crate::locked::insert_genesis(&mut writer, &parts.name, row).await?;
        }
        sqlx::query("COMMIT").execute(&mut writer).await?;
        let log = Log::new(&parts.name, writer, readers).await?;
        self.table().insert(parts.name, log.clone());
        Ok((log, existed))
    }

    async fn attach(&self, name: &LogName) -> Result<(), Error> {
        let (mut writer, readers) = database::open(&self.file(name)).await?;
        // A file without a head is a log whose creation was cut short before its genesis: nothing to attach.
        if crate::locked::head(&mut writer).await?.is_some() {
            let log = Log::new(name, writer, readers).await?;
            self.table().insert(name.clone(), log);
        }
        Ok(())
    }

    fn file(&self, name: &LogName) -> PathBuf {
        self.folder.join(format!("{name}.db"))
    }

    fn table(&self) -> std::sync::MutexGuard<'_, BTreeMap<LogName, Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
