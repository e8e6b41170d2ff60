//! Statements prepared on both databases, for the tests of every crate that has some.

use sqlx::{Either, Executor, PgConnection, SqlStr, SqliteConnection, Statement};

/// How many parameters a statement has, as the database counts them.
pub async fn parameters<'c>(connection: impl Executor<'c>, text: SqlStr) -> usize {
    let shown = text.as_str().to_owned();
    let prepared = connection.prepare(text).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
    match prepared.parameters() {
        Some(Either::Left(types)) => types.len(),
        Some(Either::Right(count)) => count,
        None => 0,
    }
}

/// Each statement (its texts for SQLite and for Postgres, its parameters) can be run on both.
pub async fn on_both<'a>(
    statements: impl IntoIterator<Item = (&'a str, [&'static str; 2], usize)>,
    sqlite: &mut SqliteConnection,
    postgres: &mut PgConnection,
) {
    for (name, [one, other], count) in statements {
        assert_eq!(parameters(&mut *sqlite, SqlStr::from_static(one)).await, count, "{name} on SQLite");
        assert_eq!(parameters(&mut *postgres, SqlStr::from_static(other)).await, count, "{name} on Postgres");
    }
}
