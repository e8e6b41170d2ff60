//! Read tables on the database of a test, and looking behind the projections' back.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _, sqlite::SqliteConnectOptions,
};
use std::path::{Path, PathBuf};
use xiaoer_projections::{Projection, Store};

#[path = "../../../../tests/src/postgres.rs"]
mod server;

/// On which database a test runs.
#[derive(Debug, Clone, Copy)]
pub enum On {
    Sqlite,
    Postgres,
}

tokio::task_local! {
    /// That of the test under way.
    pub static ON: On;
}

/// Makes of each test one for each database. A test that stands in no list is dead code and fails the lints.
macro_rules! on_both {
    ($($test:ident)+) => {
        mod sqlite {
            $(#[tokio::test] async fn $test() { crate::tables::ON.scope(crate::tables::On::Sqlite, super::$test()).await; })+
        }
        mod postgres {
            $(#[tokio::test] async fn $test() { crate::tables::ON.scope(crate::tables::On::Postgres, super::$test()).await; })+
        }
    };
}
pub(crate) use on_both;

/// Read tables.
#[derive(Debug, Clone)]
pub enum Tables {
    File(PathBuf),
    Database(String),
}

impl Tables {
    /// New ones.
    pub async fn new(folder: &Path, name: &str) -> Self {
        match ON.get() {
            On::Sqlite => Self::File(folder.join(format!("{name}.db"))),
            On::Postgres => Self::Database(server::database("").await),
        }
    }

    /// As a process that comes after all others opens them.
    pub async fn open(&self) -> Store {
        match self {
            Self::File(file) => Store::open(file).await.unwrap(),
            Self::Database(url) => {
                let store = Store::connect(url).await.unwrap();
                store.take_over().await.unwrap();
                store
            }
        }
    }

    /// As a process beside others opens them; a file has only one.
    pub async fn open_beside(&self) -> Store {
        match self {
            Self::File(_) => panic!("a file has one process"),
            Self::Database(url) => Store::connect(url).await.unwrap(),
        }
    }

    /// Does something to them.
    pub async fn run(&self, statements: &'static str) {
        match self {
            Self::File(file) => {
                let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
                connection.execute(statements).await.unwrap();
            }
            Self::Database(url) => server::run(url, statements).await,
        }
    }

    /// The first column of what a query finds.
    pub async fn lines(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::File(file) => {
                let mut connection = SqliteConnectOptions::new().filename(file).read_only(true).connect().await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
            Self::Database(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                let rows = sqlx::query(query).fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Deletes all of it.
    pub async fn delete(&self) {
        match self {
            Self::File(file) => {
                for end in ["", "-wal", "-shm"] {
                    let _ = std::fs::remove_file(format!("{}{end}", file.display()));
                }
                assert!(!file.exists());
            }
            Self::Database(_) => {
                self.run("TRUNCATE projection, thing, touch, standing, case_state, tally, tally_before, tally_mark, access").await;
            }
        }
    }
}

/// Everything in the read tables but the numbers that only tie rows together, in an order of its own: of what answers.
pub async fn dump(projection: &Projection, tables: &Tables) -> Vec<String> {
    // The log's name, so that a dump of the wrong tables cannot pass for empty ones.
    let name = projection.log().genesis().name.as_str();
    let mut lines = vec![format!("{name} at {}", projection.cursor().position)];
    let thing = "t.kind || '/' || t.system || '/' || t.id";
    let live = format!("t.projection_id = (SELECT projection_id FROM projection WHERE log = '{name}' AND state = 'live')");
    let queries = [
        format!("SELECT 'thing ' || {thing} || ' ' || t.item FROM thing AS t WHERE {live} ORDER BY 1"),
        format!(
            "SELECT 'touch ' || {thing} || ' ' || x.kind || '/' || x.id FROM touch AS x JOIN thing AS t USING (thing_id) WHERE {live} ORDER BY 1"
        ),
        format!(
            "SELECT 'state ' || concat_ws(' ', {thing}, known_from, known_to, valid_from, valid_until, state, unit, c.item, received_on)
             FROM case_state AS c JOIN thing AS t USING (thing_id) WHERE {live} ORDER BY 1"
        ),
        format!(
            "SELECT 'standing ' || concat_ws(' ', {thing}, known_from, known_to, valid_from, valid_until, metric, place, why, counts_on,
             coalesce(CAST(value AS TEXT), '-'), unit, s.item, staff, window_id, channel, s.kind, evidence)
             FROM standing AS s JOIN thing AS t USING (thing_id) WHERE {live} ORDER BY 1"
        ),
        // How the versions of a cell are cut depends on the steps; what it says now does not.
        format!(
            "SELECT 'cell ' || concat_ws(' ', metric, dimension, counts_on, day, place, part, n, CAST(total AS TEXT))
             FROM tally AS t WHERE (n <> 0 OR total <> 0) AND {live} ORDER BY 1"
        ),
        format!("SELECT 'access ' || concat_ws(' ', what, position) FROM access AS t WHERE {live} ORDER BY 1"),
    ];
    for query in queries {
        lines.extend(tables.lines(&query).await);
    }
    lines
}
