//! A Postgres database as ours are used: a few connections that write and a few that read, shared by all logs in it.
//!
//! Promises: a connection is used only with a server that keeps what it commits (J1) and texts that are UTF-8; a process that
//! stalls while it holds a head loses its transaction; a cancelled call leaves nothing half begun (see [`Writer`] and `pool.rs`).
//! A pooler between must pool sessions, for the locks of migrations and the bounds of a connection are a session's.
//! After a failover connections are made to the new primary ([`servers`]); a commit whose answer was lost meanwhile is looked up by
//! whoever asked for it.
//! What other processes appended is found by polling ([`Log::wait_past`](crate::Log::wait_past)), as on SQLite.

mod pool;
mod servers;

use crate::{Error, connection::Readers};
use pool::Work;
pub use pool::{Pool, Taken};
use servers::Servers;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, migrate::Migrator, postgres::PgRow};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::timeout;

/// The oldest release that is tested.
const VERSION_MIN: u32 = 15;
/// Readers of one database at once; a reader holds its connection for one page.
const READERS: usize = 8;
/// Writers of one database at once; a writer holds its connection for one transaction. Postgres has 100 connections unless told
/// otherwise, and several processes share them.
const WRITERS: usize = 16;
/// How long a reader or writer waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(30);
/// How long a server may take until a connection to it stands; then the next one is asked.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// How old a connection becomes, so that none stays for ever with a server that others have left.
const AGE_MAX: Duration = Duration::from_secs(300);
/// The same of a connection that keeps no plans, because the tables were young when it was made.
const AGE_MAX_YOUNG: Duration = Duration::from_secs(10);
/// How long the server may take for an answer, longer than for a lock. One that is gone without a word is found out by this.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How long the answer of a cancelled call is waited for. A reader whose answer takes longer is closed, so that cancelled calls do not
/// keep others waiting for connections.
const CANCELLED_MAX: Duration = Duration::from_secs(1);
/// A connection that rested this long may be dead, and is asked before it is used. Asking each time would cost a round trip.
const RESTED: Duration = Duration::from_secs(1);
/// How long a writer waits for the head while another process holds it.
const LOCK_WAIT: Duration = Duration::from_secs(30);
/// How long a transaction may stand still. A process that slept longer, or that is gone without a word, has lost it.
const HOLD_MAX: Duration = Duration::from_secs(10);
/// What was committed while a head was waited for must be seen after it; a role may have another default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// Statements that are kept at the server for [`Writer::begin_at_head`], so that they are not planned anew each time.
const PREPARE: &str = concat!(
    "PREPARE lock (BIGINT) AS ",
    include_str!("../sql/lock.postgres.sql"),
    "; PREPARE head (BIGINT) AS ",
    include_str!("../sql/head.sql"),
);

/// What is kept in a database.
#[derive(Debug)]
pub struct Tables {
    /// How they are made.
    pub migrator: Migrator,
    /// Name of the list of migrations that ran: each kind of tables has its own.
    pub migrations: &'static str,
    /// What they are.
    pub keep: Keep,
}

/// What tables keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Journals.
    Journals,
    /// The vault.
    Vault,
    /// What can be made again.
    Projections,
}

impl Keep {
    /// A commit is on disk when it is answered. Of others a crash of the server may cost the last ones.
    fn is_durable(self) -> bool {
        self != Self::Projections
    }

    /// The largest table.
    fn largest(self) -> &'static str {
        match self {
            Self::Journals => "event",
            Self::Vault => "vault_content",
            Self::Projections => "standing",
        }
    }

    /// Statements that are run once in each connection that writes.
    fn prepare(self) -> &'static str {
        if self == Self::Journals { PREPARE } else { "" }
    }
}

/// A database with the tables of many logs. Clones share its connections.
#[derive(Debug, Clone)]
pub struct Database {
    readers: Arc<Pool>,
    writers: Arc<Pool>,
}

impl Database {
    /// Opens it and brings its tables to this program's form. The URL may name several servers of it.
    pub async fn open(url: &str, mut tables: Tables) -> Result<Self, Error> {
        let servers = Servers::of(url, tables.keep)?;
        let mut session = servers.connect_first().await?.session;
        tables.migrator.dangerous_set_table_name(tables.migrations);
        // What a newer program added suits this one too, or a number that stands there says otherwise: a log's contract, a
        // projection's version.
        tables.migrator.set_ignore_missing(true);
        // It takes an advisory lock: processes that start together migrate once.
        tables.migrator.run_direct(None, &mut session, false).await?;
        session.close().await?;
        Ok(Self::of(servers, tables.keep.prepare()))
    }

    fn of(servers: Servers, prepare: &'static str) -> Self {
        let servers = Arc::new(servers);
        let pool = |work, connections, prepare| Pool::new(Arc::clone(&servers), work, connections, prepare);
        Self { readers: pool(Work::Read, READERS, ""), writers: pool(Work::Write, WRITERS, prepare) }
    }

    /// The logs, by name and number.
    pub(crate) async fn logs(&self) -> Result<Vec<(String, i64)>, Error> {
        let mut taken = self.readers.take().await?;
        let rows = timeout(ANSWER_MAX, sqlx::query(include_str!("../sql/logs.postgres.sql")).fetch_all(taken.ask())).await;
        let rows = taken.heard(rows)?;
        let read = |row: &sqlx::postgres::PgRow| {
            let (name, log_id): (Option<String>, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok((name.ok_or_else(|| Error::corrupt("log", log_id, "no head"))?, log_id))
        };
        rows.iter().map(read).collect()
    }

    /// Where every log stands, by number.
    pub(crate) async fn positions(&self) -> Result<HashMap<i64, u64>, Error> {
        let mut taken = self.readers.take().await?;
        let rows = timeout(ANSWER_MAX, sqlx::query(include_str!("../sql/positions.postgres.sql")).fetch_all(taken.ask())).await;
        let read = |row: &sqlx::postgres::PgRow| Ok((row.try_get(0)?, row.try_get::<i64, _>(1)?.unsigned_abs()));
        taken.heard(rows)?.iter().map(read).collect()
    }

    /// Tells the server what its tables are like. It finds out by itself after a minute or more, and until then it thinks that a log
    /// is a small part of its events.
    pub(crate) async fn analyze(&self) -> Result<(), Error> {
        let mut taken = self.writers.take().await?;
        let done = timeout(ANSWER_MAX, sqlx::query("ANALYZE event").execute(taken.ask())).await;
        taken.heard(done).map(drop)
    }

    /// The connections that read.
    pub fn readers(&self) -> Readers {
        Readers::Postgres(Arc::clone(&self.readers))
    }

    /// Who will write.
    pub fn writer(&self) -> Writer {
        Writer { pool: Arc::clone(&self.writers), taken: None }
    }
}

/// Refuses a server that this program was not tested with, or one that would take text for something else.
fn fit(version: &str, encoding: &str) -> Result<(), Error> {
    let major = version.parse::<u32>().unwrap_or(0) / 10_000;
    if major < VERSION_MIN {
        return Err(Error::Setting(format!("Postgres {major} is too old, {VERSION_MIN} is the oldest that can be used")));
    }
    if encoding != "UTF8" {
        return Err(Error::Setting(format!("the database's encoding is {encoding}, it must be made with ENCODING 'UTF8'")));
    }
    Ok(())
}

/// Refuses a server whose commits may be lost by a power cut (J1).
fn durable(synchronous_commit: &str, fsync: &str) -> Result<(), Error> {
    if !matches!(synchronous_commit, "on" | "remote_apply") {
        return Err(Error::Setting(format!(
            "synchronous_commit is {synchronous_commit}: a receipt would not be durable, set it to on"
        )));
    }
    if fsync != "on" {
        return Err(Error::Setting(format!("fsync is {fsync}: a receipt would not be durable, set it to on")));
    }
    Ok(())
}

/// Who writes: a connection from the beginning of a transaction to its end.
///
/// No transaction of sqlx is begun in it, for sqlx does not notice a call that was cancelled in the middle of its beginning.
#[derive(Debug)]
pub struct Writer {
    pool: Arc<Pool>,
    taken: Option<Taken>,
}

impl Writer {
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.take().await?.run(BEGIN).await
    }

    /// Begins, takes the head of a log and reads it, in one round trip. What was committed while the head was waited for is seen,
    /// for each statement sees what is there when it begins.
    pub(crate) async fn begin_at_head(&mut self, log_id: i64) -> Result<PgRow, Error> {
        let taken = self.take().await?;
        let statements = format!("{BEGIN}; EXECUTE lock ({log_id}); EXECUTE head ({log_id})");
        let rows = timeout(ANSWER_MAX, sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(taken.ask())).await;
        let Ok([lock, head]) = <[PgRow; 2]>::try_from(taken.heard(rows)?) else {
            return Err(Error::corrupt("log", log_id, "no head"));
        };
        durable(lock.try_get(0)?, lock.try_get(1)?)?;
        Ok(head)
    }

    /// Begins, and lets nobody else make a log.
    pub(crate) async fn begin_making(&mut self) -> Result<(), Error> {
        let taken = self.take().await?;
        taken.run(BEGIN).await?;
        taken.run(include_str!("../sql/lock_logs.postgres.sql")).await
    }

    /// Begins, and lets nobody else write to the vault.
    pub(crate) async fn begin_vault(&mut self) -> Result<(), Error> {
        let taken = self.take().await?;
        taken.run(BEGIN).await?;
        taken.run(include_str!("../sql/vault_lock.postgres.sql")).await?;
        let asked = sqlx::query(include_str!("../sql/vault_durable.postgres.sql"));
        let row = timeout(ANSWER_MAX, asked.fetch_one(taken.ask())).await;
        let row = taken.heard(row)?;
        durable(row.try_get(0)?, row.try_get(1)?)
    }

    /// The number of a log.
    pub(crate) async fn find(&mut self, name: &str) -> Result<Option<i64>, Error> {
        let taken = self.taken()?;
        let query = sqlx::query_scalar(include_str!("../sql/log_find.postgres.sql")).bind(name);
        let found = timeout(ANSWER_MAX, query.fetch_optional(taken.ask())).await;
        taken.heard(found)
    }

    async fn take(&mut self) -> Result<&mut Taken, Error> {
        self.clean().await;
        let taken = self.pool.take().await?;
        Ok(self.taken.insert(taken))
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.taken()?.run("COMMIT").await?;
        self.taken = None;
        Ok(())
    }

    /// Undoes what may have been begun. A connection in which this fails is given up, and its end undoes it.
    pub(crate) async fn clean(&mut self) {
        if let Some(mut taken) = self.taken.take().filter(Taken::is_sound) {
            let _ = taken.run("ROLLBACK").await;
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.taken.is_some()
    }

    /// The connection that a transaction was begun in. It is never made anew here, where that would lose the transaction.
    pub(crate) fn taken(&mut self) -> Result<&mut Taken, Error> {
        self.taken.as_mut().ok_or(Error::Away(sqlx::Error::WorkerCrashed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{database::tables, server};

    /// A plan that is made for empty tables and kept reads all of a log for each event.
    #[tokio::test]
    async fn young_tables_keep_no_plan_until_their_size_is_known() {
        let url = server::database("").await;
        let mode = async || -> String {
            let database = Database::open(&url, tables()).await.unwrap();
            let mut taken = database.readers.take().await.unwrap();
            sqlx::query_scalar("SHOW plan_cache_mode").fetch_one(taken.ask()).await.unwrap()
        };
        assert_eq!(mode().await, "force_custom_plan");
        let database = Database::open(&url, tables()).await.unwrap();
        let many = "INSERT INTO event SELECT 1, n, 0, 'case', 's', n, 1, 's', gen_random_uuid(), 'f', 'a', 1, '', '', ''
                    FROM generate_series(1, 20000) AS n";
        sqlx::query(many).execute(database.writers.take().await.unwrap().ask()).await.unwrap();
        assert_eq!(mode().await, "force_custom_plan", "the server does not know yet");
        database.analyze().await.unwrap();
        assert_eq!(mode().await, "auto");
    }

    /// No test that kills a process sees what a power cut would do (J1); these settings are what Postgres asks for it.
    #[test]
    fn only_durable_servers_that_fit_are_used() {
        for (synchronous_commit, fsync, good) in [
            ("on", "on", true),
            ("remote_apply", "on", true),
            ("off", "on", false),
            ("local", "on", false),
            ("remote_write", "on", false),
            ("on", "off", false),
        ] {
            assert_eq!(durable(synchronous_commit, fsync).is_ok(), good, "{synchronous_commit} {fsync}");
        }
        for (version, encoding, good) in [
            ("150020", "UTF8", true),
            ("180006", "UTF8", true),
            ("140010", "UTF8", false),
            ("9", "UTF8", false),
            ("", "UTF8", false),
            ("180006", "SQL_ASCII", false),
            ("180006", "EUC_CN", false),
        ] {
            assert_eq!(fit(version, encoding).is_ok(), good, "{version} {encoding}");
        }
    }

    #[tokio::test]
    async fn nothing_shows_the_password() {
        let servers = Servers::of("postgres://clerk:geheim@hall.example/xiaoer", Keep::Journals).unwrap();
        let shown = format!("{:?}", Database::of(servers, ""));
        assert!(shown.contains("hall.example") && shown.contains("xiaoer") && !shown.contains("geheim"), "{shown}");
        for wrong in ["postgres://clerk:geheim@hall.example:99999/x", "postgres://clerk:geheim@/x?sslmode=geheim2", "geheim"] {
            let error = Database::open(wrong, crate::database::tables()).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("geheim"), "{error:?}");
        }
    }
}
