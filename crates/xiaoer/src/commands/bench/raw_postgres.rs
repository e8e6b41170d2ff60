//! The raw limit on Postgres: the rows of a table, inserted straight through sqlx into an empty copy of it with the same indexes, one
//! array a column, in transactions that hold and move a head; one row at a time as a statement by itself. The rows are made into
//! arrays before the clock starts.

use super::Measured;
use crate::{cli::bench::BenchRawArgs, client::Failure};
use anyhow::{Context, bail};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions, Connection, PgConnection, Postgres, Row, TypeInfo,
    postgres::{PgArguments, PgConnectOptions, PgRow},
    query::Query,
};
use std::{str::FromStr, time::Instant};
use uuid::Uuid;

/// The rows of a transaction, a variant for each type that a table of ours has.
enum Array {
    Integers(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Ids(Vec<Option<Uuid>>),
}

/// Inserts the rows of a table into a copy of it in the same database, which is dropped again.
pub(super) async fn inserted(args: &BenchRawArgs) -> Result<Measured, Failure> {
    if !args.table.bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.')) {
        return Err(Failure::Usage(format!("--table {}: no name of a table", args.table)));
    }
    let options = PgConnectOptions::from_str(&args.at).context("the URL of the database")?.disable_statement_logging();
    let mut connection = options.connect().await.context("connecting to the database")?;
    let schema = format!("raw_{}", std::process::id());
    let measured = copied(&mut connection, &schema, args).await.with_context(|| format!("rows of {}", args.table));
    let dropped = run(&mut connection, format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await;
    let measured = measured?;
    dropped.context("dropping the copy")?;
    Ok(measured)
}

async fn copied(connection: &mut PgConnection, schema: &str, args: &BenchRawArgs) -> Result<Measured, anyhow::Error> {
    let limit = args.rows.map_or_else(|| "ALL".to_owned(), |rows| rows.to_string());
    let select = format!("SELECT * FROM {} LIMIT {limit}", args.table);
    let rows = sqlx::query(AssertSqlSafe(select)).fetch_all(&mut *connection).await?;
    let Some(first) = rows.first() else { bail!("no rows") };
    let arrays = first.columns().iter().zip(1..).map(|(column, n)| format!("${n}::{}[]", column.type_info().name()));
    let insert = format!(
        "INSERT INTO {schema}.copy OVERRIDING SYSTEM VALUE SELECT * FROM UNNEST({})",
        arrays.collect::<Vec<_>>().join(", ")
    );
    let batches: Vec<_> = rows.chunks(usize::try_from(args.batch)?).map(transposed).collect::<Result<_, _>>()?;
    run(connection, format!("CREATE SCHEMA {schema}")).await?;
    run(connection, format!("CREATE TABLE {schema}.copy (LIKE {} INCLUDING ALL)", args.table)).await?;
    run(connection, format!("CREATE TABLE {schema}.head AS SELECT 0::BIGINT AS position")).await?;
    let lock = format!("SELECT position FROM {schema}.head FOR UPDATE");
    let move_head = format!("UPDATE {schema}.head SET position = position + 1");
    let (started, mut times) = (Instant::now(), super::histogram());
    for batch in &batches {
        let began = Instant::now();
        let query = batch.iter().fold(sqlx::query(AssertSqlSafe(insert.clone())), bind);
        if args.batch == 1 {
            query.execute(&mut *connection).await?;
        } else {
            let mut transaction = connection.begin().await?;
            sqlx::query(AssertSqlSafe(lock.clone())).execute(&mut *transaction).await?;
            query.execute(&mut *transaction).await?;
            sqlx::query(AssertSqlSafe(move_head.clone())).execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        super::record(&mut times, began);
    }
    Ok(super::measured("raw_rows", rows.len() as u64, started, &times))
}

async fn run(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await?;
    Ok(())
}

fn bind<'q>(query: Query<'q, Postgres, PgArguments>, array: &'q Array) -> Query<'q, Postgres, PgArguments> {
    match array {
        Array::Integers(values) => query.bind(values),
        Array::Reals(values) => query.bind(values),
        Array::Texts(values) => query.bind(values),
        Array::Bytes(values) => query.bind(values),
        Array::Ids(values) => query.bind(values),
    }
}

fn transposed(rows: &[PgRow]) -> Result<Vec<Array>, anyhow::Error> {
    let columns = rows.first().map_or(&[][..], Row::columns);
    columns.iter().map(|column| array(rows, column.ordinal(), column.type_info().name())).collect()
}

fn array(rows: &[PgRow], column: usize, kind: &str) -> Result<Array, anyhow::Error> {
    fn values<'r, T>(rows: &'r [PgRow], column: usize) -> Result<Vec<Option<T>>, sqlx::Error>
    where
        T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        rows.iter().map(|row| row.try_get(column)).collect()
    }
    Ok(match kind {
        "INT8" => Array::Integers(values(rows, column)?),
        "FLOAT8" => Array::Reals(values(rows, column)?),
        "TEXT" => Array::Texts(values(rows, column)?),
        "BYTEA" => Array::Bytes(values(rows, column)?),
        "UUID" => Array::Ids(values(rows, column)?),
        other => bail!("a column of type {other}, for which there is no array here yet"),
    })
}
