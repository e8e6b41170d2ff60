//! An installation's logs: one SQLite file each, in one folder, or all of them in one or several Postgres databases.

use crate::{
    Error, Genesis, Head, Log, NewRow, Row,
    connection::Writer,
    database::{Place, find, tables},
    logs::{self, Listening, Logs},
    placed::{follow, insert, place},
    postgres::Database,
    sql,
};
use std::{path::Path, sync::Arc};
use xiaoer_domain::{Actor, Event, Fact, LogName, Subject, ids::kind};
use xiaoer_wire::v1::PostMode;

/// The logs of an installation.
#[derive(Debug)]
pub struct Journal {
    places: Vec<(Place, Belonging)>,
    logs: Arc<Logs>,
    /// What wakes the logs of each database.
    _listening: Vec<Listening>,
    /// One log is created or found at a time, so that two callers of [`Journal::create`] agree on who was first.
    creating: tokio::sync::Mutex<()>,
}

/// Which logs belong to a place: names, and beginnings of names with a `*` behind.
#[derive(Debug)]
struct Belonging(Vec<String>);

impl Belonging {
    fn holds(&self, name: &LogName) -> bool {
        self.0.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => name.as_str().starts_with(beginning),
            None => name.as_str() == pattern,
        })
    }
}

impl Journal {
    /// Opens every log in a folder, creating the folder where it is missing.
    pub async fn open(folder: &Path) -> Result<Self, Error> {
        Self::of(vec![(Place::folder(folder)?, Belonging(vec!["*".into()]))]).await
    }

    /// Opens every log in a Postgres database, named by a URL (`postgres://…`).
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_all([(url, vec!["*".to_owned()])]).await
    }

    /// Opens every log in several Postgres databases, each with the logs that belong there: names, and beginnings of names with a
    /// `*` behind. A log that is there already is served wherever it is.
    pub async fn connect_all(databases: impl IntoIterator<Item = (&str, Vec<String>)>) -> Result<Self, Error> {
        let mut places = Vec::new();
        for (url, logs) in databases {
            places.push((Place::Postgres(Database::open(url, tables()).await?), Belonging(logs)));
        }
        Self::of(places).await
    }

    async fn of(places: Vec<(Place, Belonging)>) -> Result<Self, Error> {
        let logs = Arc::default();
        let listen = |(n, (place, _)): (usize, &(Place, Belonging))| match place {
            Place::Folder(_) => None,
            Place::Postgres(database) => Some(logs::listen(database.clone(), n, &logs)),
        };
        let listening = places.iter().enumerate().filter_map(listen).collect();
        let journal = Self { places, logs, _listening: listening, creating: tokio::sync::Mutex::default() };
        journal.look().await?;
        Ok(journal)
    }

    /// Opens the logs that other processes made since.
    pub async fn look(&self) -> Result<(), Error> {
        let _creating = self.creating.lock().await;
        for (n, (place, _)) in self.places.iter().enumerate() {
            for (name, id) in place.logs().await? {
                match self.logs.table().get(&name).map(|(known, _)| *known) {
                    Some(known) if known == n => continue,
                    Some(_) => return Err(Error::Setting(format!("log {name} is in two databases"))),
                    None => {}
                }
                if let Some(log) = place.open(&name, id).await? {
                    self.logs.table().insert(name, (n, log));
                }
            }
        }
        Ok(())
    }

    /// The logs by name.
    pub fn logs(&self) -> Vec<Log> {
        self.logs.table().values().map(|(_, log)| log.clone()).collect()
    }

    /// The number of the place that a log is in; of an unknown one the first.
    pub fn place(&self, name: &LogName) -> usize {
        self.logs.table().get(name).map_or(0, |(place, _)| *place)
    }

    /// One log.
    pub fn log(&self, name: &LogName) -> Option<Log> {
        self.logs.table().get(name).map(|(_, log)| log.clone())
    }

    /// Opens a log with its genesis, or gives the one that is there. Says whether it was there.
    pub async fn create(&self, genesis: Event, body: bytes::Bytes) -> Result<(Log, bool), Error> {
        self.create_in(None, genesis, body).await
    }

    /// The same, in the place where another log is, whatever belongs there.
    pub async fn create_beside(&self, genesis: Event, body: bytes::Bytes, other: &LogName) -> Result<(Log, bool), Error> {
        self.create_in(Some(self.place(other)), genesis, body).await
    }

    async fn create_in(&self, place_no: Option<usize>, genesis: Event, body: bytes::Bytes) -> Result<(Log, bool), Error> {
        let parts = opened(&genesis)?;
        let row = NewRow {
            subject: Subject::new(kind::LOG, "xiaoer", parts.name.as_str()),
            revision: 1,
            recorded_at: genesis.occurred_at.as_microsecond(),
            identity: genesis.identity,
            fact: genesis.fact.name(),
            actor: Actor::local(),
            mode: PostMode::Strict,
            flags: Vec::new(),
            body,
        };
        let first = place(&parts.name, &mut Head::start(row.recorded_at, parts.contract), &[row]);
        self.begin(&parts, &first, false, place_no).await
    }

    /// Begins a copy of a log with the genesis of another, or gives the one that is there. Says whether it was there.
    ///
    /// A log of this name that began otherwise is an [`Error::Rewound`].
    pub async fn adopt(&self, genesis: &Row) -> Result<(Log, bool), Error> {
        let parts = opened(&genesis.recorded(&jiff::tz::TimeZone::UTC)?.event)?;
        let (log, existed) = self.begin(&parts, std::slice::from_ref(genesis), true, None).await?;
        log.check(1, &genesis.leaf_hash).await?;
        Ok((log, existed))
    }

    /// Finds a log, or makes it with its first events; in a place, or where it belongs.
    async fn begin(&self, parts: &Genesis, first: &[Row], is_replica: bool, place_no: Option<usize>) -> Result<(Log, bool), Error> {
        let Genesis { name, .. } = parts;
        let _creating = self.creating.lock().await;
        if let Some(log) = self.log(name) {
            return Ok((log, true));
        }
        let belongs =
            |(n, (_, belonging)): &(usize, &(Place, Belonging))| place_no.map_or_else(|| belonging.holds(name), |no| no == *n);
        let (n, place) = match self.places.iter().enumerate().filter(belongs).collect::<Vec<_>>()[..] {
            [(n, (place, _))] => (n, place),
            ref several => return Err(Error::Unplaced { log: name.to_string(), databases: several.len() }),
        };
        let (mut writer, readers) = place.connect(name).await?;
        // Looked for and made in one transaction, so that several processes agree on who was first.
        writer.begin_making().await?;
        let found = find(&mut writer, name).await?;
        let id = match found {
            Some(id) => id,
            None => make(&mut writer, parts, first, is_replica).await?,
        };
        writer.commit().await?;
        let log = Log::new(name, id, writer, readers).await?;
        self.logs.table().insert(name.clone(), (n, log.clone()));
        Ok((log, found.is_some()))
    }
}

/// What a genesis opens a log with.
fn opened(genesis: &Event) -> Result<Genesis, Error> {
    let Fact::LogOpened(opened) = &genesis.fact else {
        return Err(Error::corrupt("log", 1, "a log begins with LogOpened"));
    };
    Genesis::of(opened)
}

/// Writes the log's own row and its first events; gives its number.
async fn make(writer: &mut Writer, parts: &Genesis, first: &[Row], is_replica: bool) -> Result<i64, Error> {
    let Genesis { name, contract, .. } = parts;
    let began = first.first().map_or(0, |genesis| genesis.recorded_at);
    let query = writer.query(&sql::LOG_INSERT)?.bind(name.as_str()).bind(i64::from(*contract)).bind(began);
    let made = query.bind([0_u8; 32].as_slice()).bind(i64::from(is_replica)).first().await?;
    let id = made.ok_or_else(|| Error::corrupt("log", name, "made without a number"))?.get(0)?;
    let mut head = Head::start(began, *contract);
    follow(name, &mut head, first)?;
    insert(writer, id, first).await?;
    Ok(id)
}
