//! The raw limit on SQLite: the rows of a table, inserted straight through sqlx into a new file with the same table and indexes, in
//! many-row statements as durable as the server's own; one row at a time as a statement by itself. Statements of 64 to 1,000 rows cost
//! the same; those of the journal are taken.

use super::Measured;
use crate::{cli::bench::BenchRawArgs, client::Failure};
use anyhow::Context;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef,
    sqlite::{SqliteConnectOptions, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, time::Instant};
use xiaoer_journal::{
    bulk::{self, Bulk},
    sqlite,
};

/// A value as SQLite holds it.
enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Inserts the rows of a table of a file into a file beside it, which is deleted again.
pub(super) async fn inserted(args: &BenchRawArgs) -> Result<Measured, Failure> {
    if !args.table.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err(Failure::Usage(format!("--table {}: no name of a table", args.table)));
    }
    let file = Path::new(&args.at);
    let copy = file.with_extension("raw");
    let measured = copied(file, &copy, args).await.with_context(|| format!("{} of {}", args.table, args.at));
    for suffix in ["raw", "raw-wal", "raw-shm"] {
        let _ = std::fs::remove_file(file.with_extension(suffix));
    }
    Ok(measured?)
}

async fn copied(file: &Path, copy: &Path, args: &BenchRawArgs) -> Result<Measured, anyhow::Error> {
    let table = &args.table;
    let mut source = SqliteConnectOptions::new().filename(file).read_only(true).disable_statement_logging().connect().await?;
    let schema: Vec<String> =
        sqlx::query_scalar("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type DESC")
            .bind(table)
            .fetch_all(&mut source)
            .await?;
    let limit = args.rows.map_or(Ok(i64::MAX), i64::try_from)?;
    let select = format!("SELECT * FROM {table} LIMIT ?");
    let rows = sqlx::query(AssertSqlSafe(select)).bind(limit).fetch_all(&mut source).await?;
    let rows: Vec<Vec<Value>> = rows.iter().map(values).collect::<Result<_, _>>()?;
    source.close().await?;
    let synchronous = if args.rebuildable { SqliteSynchronous::Normal } else { SqliteSynchronous::Full };
    let mut target = sqlite::writer(&sqlite::options(copy, synchronous)).await?;
    for statement in schema {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut target).await?;
    }
    let columns = rows.first().context("no rows")?.len();
    let insert = Bulk::new(&format!("INSERT INTO {table}"), &vec!["TEXT"; columns], "");
    let started = Instant::now();
    let mut times = super::histogram();
    for transaction in rows.chunks(usize::try_from(args.batch)?) {
        let began = Instant::now();
        if let [_] = transaction {
            insert.on_sqlite(&mut target, transaction, |row| bound(row)).await?;
        } else {
            let mut begun = target.begin().await?;
            insert.on_sqlite(&mut begun, transaction, |row| bound(row)).await?;
            begun.commit().await?;
        }
        super::record(&mut times, began);
    }
    Ok(super::measured("raw_rows", rows.len() as u64, started, &times))
}

fn bound(row: &[Value]) -> impl Iterator<Item = bulk::Value<'_>> {
    row.iter().map(|value| match value {
        Value::Null => bulk::Value::Real(None),
        Value::Integer(value) => (*value).into(),
        Value::Real(value) => bulk::Value::Real(Some(*value)),
        Value::Text(value) => value.as_str().into(),
        Value::Blob(value) => bulk::Value::Bytes(value),
    })
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
