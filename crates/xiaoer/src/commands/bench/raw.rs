//! The raw limit: the rows of a table, inserted straight through sqlx into a new file with the same table and indexes, in multi-row
//! statements of 1,000 rows a transaction, as durable as the server's own commits. What the server does is set against it.

use super::Measured;
use crate::client::Failure;
use anyhow::Context;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection, TypeInfo, ValueRef,
    sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, time::Instant};
use xiaoer_journal::sqlite;

/// Rows of a transaction.
const TRANSACTION_ROWS: usize = 1_000;
/// Parameters that SQLite takes in one statement.
const PARAMETERS_MAX: usize = 32_766;

/// A value as SQLite holds it.
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Inserts up to `rows` rows of a table of a file into a file beside it, which is deleted again.
pub(super) async fn inserted(file: &Path, table: &str, rows: u64) -> Result<Measured, Failure> {
    if !table.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(Failure::Usage(format!("--table {table}: no name of a table")));
    }
    let copy = file.with_extension("raw");
    let measured = copied(file, &copy, table, rows).await.with_context(|| format!("{table} of {}", file.display()));
    for suffix in ["raw", "raw-wal", "raw-shm"] {
        let _ = std::fs::remove_file(file.with_extension(suffix));
    }
    Ok(measured?)
}

async fn copied(file: &Path, copy: &Path, table: &str, limit: u64) -> Result<Measured, anyhow::Error> {
    let mut source = SqliteConnectOptions::new().filename(file).read_only(true).connect().await?;
    let schema: Vec<String> =
        sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC")
            .bind(table)
            .fetch_all(&mut source)
            .await?;
    let limit = i64::try_from(limit)?;
    let select = format!("SELECT * FROM {table} LIMIT ?");
    let rows = sqlx::query(AssertSqlSafe(select)).bind(limit).fetch_all(&mut source).await?;
    let rows: Vec<Vec<Value>> = rows.iter().map(values).collect::<Result<_, _>>()?;
    source.close().await?;
    let mut target = sqlite::writer(&sqlite::options(copy, SqliteSynchronous::Full)).await?;
    for statement in schema {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut target).await?;
    }
    let started = Instant::now();
    let mut times = super::histogram();
    for transaction in rows.chunks(TRANSACTION_ROWS) {
        let began = Instant::now();
        insert(&mut target, table, transaction).await?;
        super::record(&mut times, began);
    }
    Ok(super::measured("raw_rows", rows.len() as u64, started, &times))
}

async fn insert(target: &mut SqliteConnection, table: &str, rows: &[Vec<Value>]) -> Result<(), sqlx::Error> {
    let columns = rows.first().map_or(1, Vec::len);
    let mut transaction = target.begin().await?;
    for part in rows.chunks(PARAMETERS_MAX / columns) {
        let row = format!("({})", vec!["?"; columns].join(","));
        let statement = format!("INSERT INTO {table} VALUES {}", vec![row; part.len()].join(","));
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for value in part.iter().flatten() {
            query = match value {
                Value::Null => query.bind(None::<i64>),
                Value::Integer(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Blob(value) => query.bind(value),
            };
        }
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

fn values(row: &SqliteRow) -> Result<Vec<Value>, sqlx::Error> {
    (0..row.len())
        .map(|column| {
            let raw = row.try_get_raw(column)?;
            if raw.is_null() {
                return Ok(Value::Null);
            }
            Ok(match raw.type_info().name() {
                "INTEGER" => Value::Integer(row.try_get(column)?),
                "REAL" => Value::Real(row.try_get(column)?),
                "BLOB" => Value::Blob(row.try_get(column)?),
                _ => Value::Text(row.try_get_unchecked(column)?),
            })
        })
        .collect()
}
