//! An installation's logs: one SQLite file each, in one folder, or all of them in one Postgres database.

use crate::{
    CONTRACT, Error, Genesis, Head, Log, NewRow,
    connection::Writer,
    database::{Place, find, tables},
    placed::{insert, place},
    postgres::Database,
    sql,
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Mutex, PoisonError},
};
use xiaoer_domain::{Actor, Event, Fact, LogName, Subject, ids::kind};
use xiaoer_wire::v1::PostMode;

/// The logs of an installation.
#[derive(Debug)]
pub struct Journal {
    place: Place,
    logs: Mutex<BTreeMap<LogName, Log>>,
    /// One log is created at a time, so that two callers of [`Journal::create`] agree on who was first.
    creating: tokio::sync::Mutex<()>,
}

impl Journal {
    /// Opens every log in a folder, creating the folder where it is missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        Self::of(Place::folder(folder)?).await
    }

    /// Opens every log in a Postgres database, named by a URL (`postgres://…`).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::of(Place::Postgres(Database::open(url, tables()).await?)).await
    }

    async fn of(place: Place) -> Result<Self, Error> {
        let mut logs = BTreeMap::new();
        for (name, id, writer, readers) in place.logs().await? {
            let log = Log::new(&name, id, writer, readers).await?;
            logs.insert(name, log);
        }
        Ok(Self { place, logs: Mutex::new(logs), creating: tokio::sync::Mutex::default() })
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
        let (mut writer, readers) = self.place.connect(&parts.name).await?;
        // Looked for and made in one transaction, so that several processes agree on who was first.
        writer.begin_making().await?;
        let found = find(&mut writer, &parts.name).await?;
        let id = match found {
            Some(id) => id,
            None => make(&mut writer, &parts.name, &genesis, body).await?,
        };
        writer.commit().await?;
        let log = Log::new(&parts.name, id, writer, readers).await?;
        self.table().insert(parts.name, log.clone());
        Ok((log, found.is_some()))
    }

    fn table(&self) -> std::sync::MutexGuard<'_, BTreeMap<LogName, Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the log's own row and its genesis; gives its number.
async fn make(writer: &mut Writer, name: &LogName, genesis: &Event, body: bytes::Bytes) -> Result<i64, Error> {
    let now = genesis.occurred_at.as_microsecond();
    let query = writer.query(&sql::LOG_INSERT)?.bind(name.as_str()).bind(i64::from(CONTRACT)).bind(now);
    let made = query.bind([0_u8; 32].as_slice()).first().await?;
    let id = made.ok_or_else(|| Error::corrupt("log", name, "made without a number"))?.get(0)?;
    let row = NewRow {
        subject: Subject::new(kind::LOG, "xiaoer", name.as_str()),
        revision: 1,
        identity: genesis.identity.clone(),
        fact: genesis.fact.name(),
        actor: Actor::local(),
        mode: PostMode::Strict,
        flags: Vec::new(),
        body,
        recorded_at: now,
    };
    let mut head = Head { position: 0, recorded_at: now, leaf_hash: [0; 32], incarnation: 1 };
    let rows = [row];
    let placed = place(name, &mut head, &rows)?;
    insert(writer, id, &placed).await?;
    Ok(id)
}
