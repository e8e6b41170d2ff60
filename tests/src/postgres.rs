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

struct Server {
    url: String,
    /// Its standard input ends when this process does, and it with that.
    _script: Child,
}

/// URL of the server's first database.
fn server() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let start = || {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("scripts/postgres"));
        let script = script.into_iter().find(|script| script.exists()).expect("scripts/postgres");
        let mut child = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("scripts/postgres");
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("postgres://"), "no Postgres for the tests; what scripts/postgres said stands above");
        Server { url: url.trim().to_owned(), _script: child }
    };
    &SERVER.get_or_init(start).url
}

/// A database of its own, made with these words after its name; its URL.
pub async fn database(with: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("lab_{}_{}", id(), MADE.fetch_add(1, Relaxed));
    run(server(), &format!("CREATE DATABASE {name} {with}")).await;
    server().replace("/postgres?", &format!("/{name}?"))
}

/// Runs statements in a database.
pub async fn run(url: &str, statements: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
