//! P1: however the work is cut into steps, and wherever it is stopped, the rows are the same; rows and cursor move as one.

use crate::{
    site::{Site, assert_same, project, step_to_head},
    tables::{dump, on_both},
    telling::{Random, posts},
};
use xiaoer_projections::{Limits, Projection, Worker};

on_both! {
    the_size_of_a_step_does_not_matter
    a_restart_changes_nothing
    a_worker_that_is_cut_off_leaves_nothing_half_done
    rows_and_cursor_are_one_transaction
    deleted_tables_come_back_the_same
}

/// What the tables hold of a log when everything is done in steps as large as can be.
async fn in_one_go(site: &Site) -> Vec<String> {
    let projection = site.projection("one-go").await;
    project(&projection, Limits { events: 10_000, things: 10_000, batches: 1, mark: 20 }).await;
    let lines = dump(&projection, &site.tables("one-go").await).await;
    for table in ["thing ", "touch ", "state ", "standing ", "cell "] {
        assert!(lines.iter().filter(|line| line.starts_with(table)).count() > 10, "too few rows: {table}");
    }
    lines
}

async fn the_size_of_a_step_does_not_matter() {
    let seed = 21;
    let site = Site::of(&posts(seed, 30)).await;
    let expected = in_one_go(&site).await;
    for (name, limits) in [
        ("ones", Limits { events: 1, things: 1, batches: 1, mark: 20 }),
        ("threes", Limits { events: 3, things: 2, batches: 1, mark: 20 }),
        ("threes-in-fives", Limits { events: 3, things: 2, batches: 5, mark: 20 }),
        ("tens-in-hundreds", Limits { events: 10, things: 500, batches: 100, mark: 20 }),
        ("usual", Limits::default()),
        ("few-things", Limits { events: 500, things: 5, batches: 1, mark: 20 }),
    ] {
        let projection = site.projection(name).await;
        project(&projection, limits).await;
        assert_same(&dump(&projection, &site.tables(name).await).await, &expected, &format!("seed {seed}, steps of {limits:?}"));
    }
}

/// The process ends between two steps: a worker and the projection with all it held are dropped, and another opens the file.
async fn a_restart_changes_nothing() {
    for seed in [22, 23] {
        let site = Site::of(&posts(seed, 24)).await;
        let expected = in_one_go(&site).await;
        let mut random = Random::new(seed);
        let mut restarts = 0;
        loop {
            let projection = site.projection("restarted").await;
            let mut up_to = |most| 1 + usize::try_from(random.below(most)).unwrap();
            let limits = Limits { events: up_to(40), things: up_to(12), batches: up_to(4), mark: 20 };
            let mut worker = Worker::new(projection.clone(), limits);
            let steps = 1 + random.days(6).unsigned_abs() as usize;
            restarts += 1;
            assert!(restarts < 1_000, "seed {seed}: it never gets there");
            if step_to_head(&projection, &mut worker, steps).await {
                let lines = dump(&projection, &site.tables("restarted").await).await;
                assert_same(&lines, &expected, &format!("seed {seed}, {restarts} restarts"));
                break;
            }
        }
        assert!(restarts > 5, "seed {seed}: only {restarts} restarts");
    }
}

/// One step, and one that is polled a few times and then dropped (a poll is one answer of a database at most); says whether it was
/// done before.
async fn cut(projection: &Projection, polls: u64) -> bool {
    let mut worker = Worker::new(projection.clone(), Limits { events: 10, things: 6, batches: 3, mark: 20 });
    worker.step().await.unwrap();
    let mut step = std::pin::pin!(worker.step());
    for _ in 0..polls {
        let done = std::future::poll_fn(|context| std::task::Poll::Ready(step.as_mut().poll(context).is_ready())).await;
        if done {
            return true;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    false
}

/// The process ends within a step, wherever the runtime happens to be.
async fn a_worker_that_is_cut_off_leaves_nothing_half_done() {
    let seed = 24;
    let site = Site::of(&posts(seed, 24)).await;
    let expected = in_one_go(&site).await;
    let mut random = Random::new(seed);
    let mut cut_off = 0;
    let mut projection = site.projection("cut-off").await;
    let head = site.log.head().await.unwrap().position;
    while projection.cursor().position < head {
        cut_off += u64::from(!cut(&projection, random.below(30)).await);
        assert!(cut_off < 1_000, "seed {seed}: it never gets there");
        // Its connections end with it, and what was begun in them.
        drop(projection);
        projection = site.projection("cut-off").await;
    }
    assert!(cut_off > 3, "seed {seed}: only {cut_off} steps were cut off");
    assert_same(&dump(&projection, &site.tables("cut-off").await).await, &expected, &format!("seed {seed}, {cut_off} cut off"));
}

/// A step of which one table cannot be written moves no cursor and leaves no row, and is done again.
async fn rows_and_cursor_are_one_transaction() {
    let seed = 27;
    let site = Site::of(&posts(seed, 12)).await;
    let expected = in_one_go(&site).await;
    let projection = site.projection("rows").await;
    let mut worker = Worker::new(projection.clone(), Limits { events: 40, things: 500, batches: 1, mark: 20 });
    worker.step().await.unwrap();
    worker.step().await.unwrap();
    let before = dump(&projection, &site.tables("rows").await).await;
    let tables = site.tables("rows").await;
    // The cursor moves first, so what fails here comes after all rows of one kind.
    tables.run("ALTER TABLE case_state RENAME TO nowhere").await;
    worker.step().await.unwrap_err();
    tables.run("ALTER TABLE nowhere RENAME TO case_state").await;
    assert_same(&dump(&projection, &site.tables("rows").await).await, &before, &format!("seed {seed}, rows without a cursor"));
    assert!(step_to_head(&projection, &mut worker, 10_000).await);
    assert_same(&dump(&projection, &site.tables("rows").await).await, &expected, &format!("seed {seed}, after the failure"));
    let stored = tables.lines("SELECT CAST(position AS TEXT) FROM projection").await;
    assert_eq!(stored, [projection.cursor().position.to_string()]);
}

/// Design.md, section 2: everything can be deleted and rebuilt from the journal.
async fn deleted_tables_come_back_the_same() {
    let seed = 26;
    let site = Site::of(&posts(seed, 24)).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits { events: 7, things: 9, batches: 1, mark: 20 }).await;
    let before = dump(&projection, &site.tables("rows").await).await;
    drop(projection);
    site.tables("rows").await.delete().await;
    let projection = site.projection("rows").await;
    assert_eq!(projection.cursor().position, 0);
    project(&projection, Limits::default()).await;
    assert_same(&dump(&projection, &site.tables("rows").await).await, &before, &format!("seed {seed}"));
}
