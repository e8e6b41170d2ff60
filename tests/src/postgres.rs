//! A Postgres server for the tests of this process, and databases in it. `scripts/postgres` says which one it is and how it ends.
//!
//! The file belongs to every test that needs one, also to those of crates that `xiaoer-tests` is built on.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio, id},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// A server that runs for as long as this value lives.
#[derive(Debug)]
pub struct Server {
    url: String,
    /// Its standard input ends when this process does, and it with that.
    _script: Child,
}

impl Server {
    /// Starts an empty one, or one that begins as a base backup of the one whose folder is given.
    pub fn start(copy: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("scripts/postgres"));
        let script = script.into_iter().find(|script| script.exists()).expect("scripts/postgres");
        let mut command = Command::new(script);
        command.env("XIAOER_POSTGRES_COPY", copy).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("scripts/postgres");
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("postgres://"), "no Postgres for the tests; what scripts/postgres said stands above");
        Self { url: url.trim().to_owned(), _script: child }
    }

    /// URL of a database of it.
    pub fn database(&self, name: &str) -> String {
        self.url.replace("/postgres?", &format!("/{name}?"))
    }
}

/// The server of this process.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(""))
}

/// A database of its own, made with these words after its name; its URL.
pub async fn database(with: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("lab_{}_{}", id(), MADE.fetch_add(1, Relaxed));
    run(&server().url, &format!("CREATE DATABASE {name} {with}")).await;
    server().database(&name)
}

/// Runs statements in a database.
pub async fn run(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
