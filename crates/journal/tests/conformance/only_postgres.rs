//! What only Postgres can get wrong: a server that does not fit, connections that break, a process that stalls, poolers, and a
//! schema that differs from the other one.

use crate::{
    base::server,
    lab::{LOG, Lab, PATIENCE, append, create, life, name},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use xiaoer_journal::{Error, Journal, Log, vault::Folder};

/// Ends every connection of a database but the one that says so; what is under way in them is lost.
pub(crate) const BREAK: &str =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_server_that_would_lose_commits_is_refused() {
    for (setting, good) in [("off", false), ("local", false), ("remote_write", false), ("on", true), ("remote_apply", true)] {
        let url = server::database("").await;
        let set = format!(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = {setting}', current_database()); END $$"
        );
        server::run(&url, &set).await;
        match Journal::connect(&url).await {
            Ok(_) => assert!(good, "{setting}"),
            Err(Error::Setting(what)) => assert!(!good && what.contains("synchronous_commit"), "{setting}: {what}"),
            other => panic!("{setting}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn another_encoding_is_refused() {
    let url = server::database("ENCODING 'SQL_ASCII' TEMPLATE template0").await;
    let refused = Journal::connect(&url).await;
    assert!(matches!(&refused, Err(Error::Setting(what)) if what.contains("SQL_ASCII")), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_together_migrate_once() {
    let url = server::database("").await;
    let openers: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let url = url.clone();
                async move { Journal::connect(&url).await }
            })
        })
        .collect();
    for opener in openers {
        opener.await.unwrap().unwrap();
    }
    let journal = Journal::connect(&url).await.unwrap();
    create(&journal, LOG).await;
}

#[tokio::test]
async fn another_default_of_isolation_changes_nothing() {
    let lab = Lab::postgres().await;
    let early = lab.log().await;
    let set = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$";
    lab.sql(LOG, set).await;
    let handles = [lab.log().await, early, lab.log().await];
    let workers = (0..9).map(|n| {
        let log = handles[n % 3].clone();
        tokio::spawn(async move { append(&log, &life(&n.to_string(), 3)).await })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap().expect("waited for the head, and saw what was committed meanwhile");
    }
    assert_eq!(lab.audit(&handles[0]).await.len(), 28);
}

/// Without prepared statements that outlive a call, as a pooler may want it.
#[tokio::test]
async fn no_statement_need_be_cached() {
    let lab = Lab::postgres().await;
    let journal = Journal::connect(&format!("{}&statement-cache-capacity=0", lab.place())).await.unwrap();
    let (log, _) = create(&journal, LOG).await;
    for n in 0..20 {
        append(&log, &life(&n.to_string(), 7)).await.unwrap();
    }
    assert_eq!(lab.audit(&log).await.len(), 141);
}

#[tokio::test]
async fn broken_connections_are_made_anew() {
    let lab = Lab::postgres().await;
    let log = lab.log().await;
    append(&log, &life("1", 3)).await.unwrap();
    for round in 0..5 {
        // Once at rest, then with the head held.
        let held = if round % 2 == 0 { None } else { Some(log.lock().await.unwrap()) };
        lab.sql(LOG, BREAK).await;
        if let Some(mut held) = held {
            assert!(held.append(&life("lost", 1)).await.is_err());
            assert!(held.commit().await.is_err());
        }
        // The writer of the server tries again by itself.
        let mut tried = 0;
        while append(&log, &life(&format!("after-{round}"), 1)).await.is_err() {
            tried += 1;
            assert!(tried < 3, "the connection stays broken");
        }
        // A reader is asked before it is used where it has rested.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        assert_eq!(log.head().await.unwrap().position, 5 + round);
    }
    lab.audit(&log).await;
}

/// A process that holds the head and stalls loses it after a while; another goes on, and what the first says later is refused.
#[tokio::test]
async fn a_process_that_slept_has_lost_the_head() {
    let lab = Lab::postgres().await;
    let (log, other) = (lab.log().await, lab.log().await);
    let mut slept = log.lock().await.unwrap();
    slept.append(&life("slept", 3)).await.unwrap();
    let went_on = tokio::time::timeout(PATIENCE, append(&other, &life("awake", 2))).await.expect("the head was taken away");
    assert_eq!(went_on.unwrap().position, 3);
    assert!(slept.commit().await.is_err(), "a transaction that is gone was committed");
    // It does its work again, on the head that stands.
    redo(&log, "slept").await;
    assert_eq!(lab.audit(&other).await.len(), 6);
}

async fn redo(log: &Log, id: &str) {
    if append(log, &life(id, 3)).await.is_err() {
        append(log, &life(id, 3)).await.unwrap();
    }
}

#[tokio::test]
async fn a_shorter_array_stores_nothing() {
    let lab = Lab::postgres().await;
    let log = lab.log().await;
    let ids = "'00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002'";
    let (numbers, texts, bytes) = ("2, 3", "'a', 'b'", "CAST('' AS BYTEA), CAST('' AS BYTEA)");
    let columns = ["1, 1", numbers, numbers, texts, texts, texts, "1, 1", texts, ids, texts, texts, "1, 1", texts, bytes, bytes];
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&lab.place()).await.unwrap();
    for short in 0..columns.len() {
        let arrays = columns.iter().enumerate().map(|(n, values)| match n == short {
            true => format!("ARRAY[{}]", values.split(',').next().unwrap()),
            false => format!("ARRAY[{values}]"),
        });
        let arrays =
            arrays.collect::<Vec<_>>().join(", ").replace(&format!("ARRAY[{ids}]"), &format!("CAST(ARRAY[{ids}] AS UUID[])"));
        let insert = include_str!("../../sql/event_insert.sql");
        let statement = format!("{insert} SELECT * FROM UNNEST({arrays})");
        let statement =
            statement.replace("'00000000-0000-0000-0000-000000000001']", "CAST('00000000-0000-0000-0000-000000000001' AS UUID)]");
        let done = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await;
        let error = done.expect_err("padded with NULL").to_string();
        assert!(error.contains("null value"), "column {short}: {error}");
    }
    assert_eq!(lab.audit(&log).await.len(), 1);
}

/// The same tables and columns in the same order: what is read by its place must be there on both.
#[tokio::test]
async fn both_schemas_have_the_same_columns() {
    let (sqlite, postgres) = (Lab::sqlite().await, Lab::postgres().await);
    for lab in [&sqlite, &postgres] {
        lab.log().await;
    }
    same_columns(&sqlite, &postgres, LOG, &["event", "log", "refused"]).await;
    let (sqlite, postgres, keys) = (Lab::sqlite().await, Lab::postgres().await, tempfile::TempDir::new().unwrap());
    for lab in [&sqlite, &postgres] {
        lab.vault(Arc::new(Folder::open(&keys.path().join("keys")).unwrap())).await;
    }
    same_columns(&sqlite, &postgres, "vault", &["vault_content", "vault_epoch", "vault_erasure", "vault_key"]).await;
}

async fn same_columns(sqlite: &Lab, postgres: &Lab, file: &str, tables: &[&str]) {
    let select = "SELECT m.name, c.name, CASE c.\"notnull\" WHEN 1 THEN 'NO' ELSE 'YES' END FROM sqlite_schema AS m, pragma_table_info(m.name) AS c \
                  WHERE m.type = 'table' AND m.name NOT LIKE '%migrations' ORDER BY m.name, c.cid";
    let (_, one) = sqlite.table(file, select).await;
    let select = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(is_nullable AS TEXT) FROM information_schema.columns \
                  WHERE table_schema = 'public' AND table_name NOT LIKE '%migrations' ORDER BY table_name, ordinal_position";
    let (_, other) = postgres.table(file, select).await;
    let columns = |rows: &[crate::base::Found]| {
        let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for row in rows {
            tables.entry(row.get(0)).or_default().push((row.get(1), row.get(2)));
        }
        tables
    };
    assert_eq!(columns(&one), columns(&other));
    assert_eq!(columns(&one).keys().collect::<Vec<_>>(), tables);
}

/// Two logs of one database are held at the same time.
#[tokio::test]
async fn one_log_does_not_wait_for_another() {
    let lab = Lab::postgres().await;
    let journal = lab.open().await;
    let (a, b) = (create(&journal, "a").await.0, create(&journal, "b").await.0);
    let held = a.lock().await.unwrap();
    append(&b, &life("1", 3)).await.unwrap();
    create(&lab.open().await, "c").await;
    drop(held);
    append(&journal.log(&name("a")).unwrap(), &life("1", 3)).await.unwrap();
}

/// Many logs share a few connections, however many write and read at once, and a call that is cut off keeps none.
#[tokio::test(flavor = "multi_thread")]
async fn many_logs_share_a_few_connections() {
    const LOGS: usize = 200;
    /// `READERS + WRITERS` in `src/postgres.rs`.
    const CONNECTIONS: i64 = 24;
    let lab = Lab::postgres().await;
    let journal = lab.open().await;
    for n in 0..LOGS {
        create(&journal, &format!("log-{n}")).await;
    }
    let count = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'xiaoer'";
    let watch = tokio::spawn({
        let place = lab.place();
        async move {
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&place).await.unwrap();
            let mut most = 0;
            loop {
                most = most.max(sqlx::query_scalar(count).fetch_one(&mut connection).await.unwrap());
                tokio::time::sleep(Duration::from_millis(5)).await;
                assert!(most <= CONNECTIONS, "{most} connections");
            }
        }
    });
    let workers = journal.logs().into_iter().map(|log| {
        tokio::spawn(async move {
            for n in 0..10 {
                append(&log, &life(&n.to_string(), 3)).await.unwrap();
                assert_eq!(log.head().await.unwrap().position, 4 + 3 * n);
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    assert!(!watch.is_finished(), "{:?}", watch.await);
    watch.abort();
    // What is cut off while it reads or writes gives its permit back: more of it than there are connections.
    let log = journal.log(&name("log-0")).unwrap();
    for n in 0..100 {
        crate::lab::cut(append(&log, &life(&format!("cut-{n}"), 1)), n % 8).await;
        crate::lab::cut(log.head(), n % 3).await;
    }
    tokio::time::timeout(PATIENCE, append(&log, &life("last", 1))).await.expect("connections are left").unwrap();
    lab.audit(&log).await;
}
