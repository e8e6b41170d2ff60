//! The read tables: one SQLite file or one Postgres database for all logs, one connection that writes, a few that read.

use crate::{
    Cursor, Error,
    cursor::a_move,
    fold::{CaseRow, StandingRow},
    keeper::Seen,
    rows::Changes,
    sql, tables,
    tally::Moves,
};
use sqlx::sqlite::SqliteSynchronous;
use std::{path::Path, sync::Arc};
use tokio::sync::{Mutex, watch};
use uuid::Uuid;
use xiaoer_domain::Subject;
use xiaoer_journal::{
    connection::{Readers, Writer},
    postgres, sqlite,
};

/// The read tables. Clones share them.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) readers: Readers,
    pub(crate) writer: Arc<Mutex<Writer>>,
    /// What this process is called where it moves a projection.
    pub(crate) worker: Arc<str>,
    /// Where all projections stood when somebody looked.
    pub(crate) seen: watch::Sender<Seen>,
}

/// A thing seen for the first time.
#[derive(Debug)]
pub(crate) struct NewThing {
    pub thing_id: i64,
    pub subject: Subject,
    /// What a wide event finds it by, where known.
    pub item: Arc<str>,
}

/// What a step writes, together with the cursor.
#[derive(Debug, Default)]
pub(crate) struct Write {
    pub things: Vec<NewThing>,
    pub items: Vec<(i64, Arc<str>)>,
    pub touches: Vec<(i64, Subject)>,
    pub standings: Changes<StandingRow>,
    pub cases: Changes<CaseRow>,
    pub tally: Moves,
    /// What records of an access log are found by, and where they stand.
    pub accesses: Vec<(String, u64)>,
}

impl Store {
    /// Opens the file, creating it where it is missing. A file has one process: whoever held a projection in it is gone.
    pub async fn open(file: &Path) -> Result<Self, Error> {
        // A read table is rebuilt from the journal; what it must never do is move its cursor without its rows, and one transaction
        // does that at any setting. A power cut may cost it the last steps, which it does again.
        let tables = sqlx::migrate!("../../migrations/sqlite/projections");
        let (writer, readers) = sqlite::open(file, SqliteSynchronous::Normal, tables).await?;
        let store = Self::of(writer, readers);
        store.take_over().await?;
        Ok(store)
    }

    /// Opens the tables in a Postgres database, named by a URL (`postgres://…`). Several processes may share it.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let migrator = sqlx::migrate!("../../migrations/postgres/projections");
        let tables = postgres::Tables { migrator, migrations: "_projections_migrations", keep: postgres::Keep::Projections };
        let database = postgres::Database::open(url, tables).await?;
        Ok(Self::of(Writer::Postgres(database.writer()), database.readers()))
    }

    fn of(writer: Writer, readers: Readers) -> Self {
        let worker = Uuid::now_v7().to_string().into();
        Self { readers, writer: Arc::new(Mutex::new(writer)), worker, seen: watch::Sender::default() }
    }

    /// Takes every projection from whoever holds it. Of processes that go on, only the steps under way are lost.
    #[doc(hidden)]
    pub async fn take_over(&self) -> Result<(), Error> {
        self.change(&sql::PROJECTIONS_RELEASE, ["".into()]).await.map(drop)
    }

    /// Whether other processes may use the tables too.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.readers, Readers::Postgres(_))
    }

    /// Writes a step and moves the cursor from `before` to `after`, in one transaction.
    pub(crate) async fn write(&self, before: &Cursor, after: &Cursor, write: &Write) -> Result<(), Error> {
        let mut writer = self.writer.lock().await;
        let written = self.write_step(&mut writer, before, after, write).await;
        if written.is_err() {
            // Other logs write to these tables too, and must not wait for this one's next step.
            writer.clean().await;
        }
        written
    }

    async fn write_step(&self, writer: &mut Writer, before: &Cursor, after: &Cursor, write: &Write) -> Result<(), Error> {
        writer.begin().await?;
        // First, so that a second worker fails by this and not by a row that the first one has written.
        let rows = write.standings.insert_count() + write.cases.insert_count();
        if writer.query(&sql::PROJECTION_MOVE)?.values(a_move(self, before, after, rows)).run().await? != 1 {
            return Err(Error::Overtaken);
        }
        tables::write(writer, before.id, write).await?;
        Ok(writer.commit().await?)
    }
}
