//! P1: however the work is cut into steps, and wherever it is stopped, the rows are the same; rows and cursor move as one.

use crate::{
    site::{Site, assert_same, dump, project, step_to_head},
    telling::{Random, posts},
};
use sqlx::{ConnectOptions as _, Executor as _, Row as _, sqlite::SqliteConnectOptions};
use xiaoer_projections::{Limits, Worker};

/// What the tables hold of a log when everything is done in steps as large as can be.
async fn in_one_go(site: &Site) -> Vec<String> {
    let projection = site.projection("one-go").await;
    project(&projection, Limits { events: 10_000, things: 10_000, batches: 1 }).await;
    let lines = dump(&projection, site.tables("one-go")).await;
    for table in ["thing ", "touch ", "state ", "standing "] {
        assert!(lines.iter().filter(|line| line.starts_with(table)).count() > 10, "too few rows: {table}");
    }
    lines
}

#[tokio::test]
async fn the_size_of_a_step_does_not_matter() {
    let seed = 21;
    let site = Site::of(&posts(seed, 30)).await;
    let expected = in_one_go(&site).await;
    for (name, limits) in [
        ("ones", Limits { events: 1, things: 1, batches: 1 }),
        ("threes", Limits { events: 3, things: 2, batches: 1 }),
        ("threes-in-fives", Limits { events: 3, things: 2, batches: 5 }),
        ("tens-in-hundreds", Limits { events: 10, things: 500, batches: 100 }),
        ("usual", Limits::default()),
        ("few-things", Limits { events: 500, things: 5, batches: 1 }),
    ] {
        let projection = site.projection(name).await;
        project(&projection, limits).await;
        assert_same(&dump(&projection, site.tables(name)).await, &expected, &format!("seed {seed}, steps of {limits:?}"));
    }
}

/// The process ends between two steps: a worker and the projection with all it held are dropped, and another opens the file.
#[tokio::test]
async fn a_restart_changes_nothing() {
    for seed in [22, 23] {
        let site = Site::of(&posts(seed, 24)).await;
        let expected = in_one_go(&site).await;
        let mut random = Random::new(seed);
        let mut restarts = 0;
        loop {
            let projection = site.projection("restarted").await;
            let mut up_to = |most| 1 + usize::try_from(random.below(most)).unwrap();
            let limits = Limits { events: up_to(40), things: up_to(12), batches: up_to(4) };
            let mut worker = Worker::new(projection.clone(), limits);
            let steps = 1 + random.days(6).unsigned_abs() as usize;
            restarts += 1;
            assert!(restarts < 1_000, "seed {seed}: it never gets there");
            if step_to_head(&projection, &mut worker, steps).await {
                let lines = dump(&projection, site.tables("restarted")).await;
                assert_same(&lines, &expected, &format!("seed {seed}, {restarts} restarts"));
                break;
            }
        }
        assert!(restarts > 5, "seed {seed}: only {restarts} restarts");
    }
}

/// The process ends within a step, wherever the runtime happens to be.
#[tokio::test]
async fn a_worker_that_is_cut_off_leaves_nothing_half_done() {
    let seed = 24;
    let site = Site::of(&posts(seed, 24)).await;
    let expected = in_one_go(&site).await;
    let mut random = Random::new(seed);
    let mut cut_off = 0;
    let mut projection = site.projection("cut-off").await;
    let head = site.log.head().await.unwrap().position;
    while projection.cursor().position < head {
        let mut worker = Worker::new(projection.clone(), Limits { events: 10, things: 6, batches: 3 });
        worker.step().await.unwrap();
        // A step is polled a few times and then dropped: a poll is one answer of a database at most.
        let polls = random.below(30);
        let mut step = std::pin::pin!(worker.step());
        let mut done = false;
        for _ in 0..polls {
            done = std::future::poll_fn(|context| std::task::Poll::Ready(step.as_mut().poll(context).is_ready())).await;
            if done {
                break;
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        cut_off += u64::from(!done);
        assert!(cut_off < 1_000, "seed {seed}: it never gets there");
        projection = site.projection("cut-off").await;
    }
    assert!(cut_off > 3, "seed {seed}: only {cut_off} steps were cut off");
    assert_same(&dump(&projection, site.tables("cut-off")).await, &expected, &format!("seed {seed}, {cut_off} cut off"));
}

/// A step whose cursor cannot be moved leaves no row either, and is done again.
#[tokio::test]
async fn rows_and_cursor_are_one_transaction() {
    let seed = 25;
    let site = Site::of(&posts(seed, 12)).await;
    let expected = in_one_go(&site).await;
    let projection = site.projection("rows").await;
    let mut worker = Worker::new(projection.clone(), Limits { events: 40, things: 500, batches: 1 });
    worker.step().await.unwrap();
    let before = dump(&projection, site.tables("rows")).await;
    let mut connection = SqliteConnectOptions::new().filename(site.tables("rows")).connect().await.unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON projection BEGIN SELECT RAISE(ABORT, 'no'); END";
    connection.execute(refuse).await.unwrap();
    worker.step().await.unwrap_err();
    assert_same(&dump(&projection, site.tables("rows")).await, &before, &format!("seed {seed}, rows without a cursor"));
    connection.execute("DROP TRIGGER refuse").await.unwrap();
    assert!(step_to_head(&projection, &mut worker, 10_000).await);
    assert_same(&dump(&projection, site.tables("rows")).await, &expected, &format!("seed {seed}, after the failure"));
    let stored: i64 = connection.fetch_one("SELECT position FROM projection").await.unwrap().get(0);
    assert_eq!(stored.unsigned_abs(), projection.cursor().position);
}

/// Design.md, section 2: everything can be deleted and rebuilt from the journal.
#[tokio::test]
async fn deleted_tables_come_back_the_same() {
    let seed = 26;
    let site = Site::of(&posts(seed, 24)).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits { events: 7, things: 9, batches: 1 }).await;
    let before = dump(&projection, site.tables("rows")).await;
    drop(projection);
    for file in ["rows.db", "rows.db-wal", "rows.db-shm"] {
        let _ = std::fs::remove_file(site.folder.path().join(file));
    }
    assert!(!site.tables("rows").exists());
    let projection = site.projection("rows").await;
    assert_eq!(projection.cursor().position, 0);
    project(&projection, Limits::default()).await;
    assert_same(&dump(&projection, site.tables("rows")).await, &before, &format!("seed {seed}"));
}
