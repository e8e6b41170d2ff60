//! P5: what cannot be applied stops its own projection, says so, and is gone past once it is mended.

use crate::{
    site::{LATER, Site, create, project},
    tables::{Tables, dump, on_both},
    telling::{LOG, post, posts},
};
use serde_json::json;
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use std::{path::Path, time::Duration};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::Code;
use xiaoer_projections::{Error, KnownAt, Limits, Projection, State, Worker};

on_both! {
    an_event_that_cannot_be_read_stops_its_projection_and_no_other
    a_hole_stops
    an_event_of_an_unknown_form_stops
    a_journal_that_was_put_back_is_noticed
    a_journal_with_the_same_content_is_the_same
    tables_of_other_formulas_are_left_alone
    a_second_worker_on_the_same_tables_moves_nothing
}

/// Long enough for any machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

async fn sql(file: &Path, statement: &'static str) {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    assert_eq!(connection.execute(statement).await.unwrap().rows_affected(), 1);
}

/// What the tables say of why the projection of a log stopped.
async fn stored_error(tables: &Tables, log: &str) -> String {
    tables.lines(&format!("SELECT error FROM projection WHERE log = '{log}'")).await.remove(0)
}

/// Lets it run until it stops by itself.
async fn run_until_it_stops(projection: &Projection) {
    let stop = CancellationToken::new();
    let running = tokio::spawn(projection.clone().run(stop.clone()));
    let stopped = async {
        while projection.cursor().error.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, stopped).await.expect("it goes on");
    stop.cancel();
    running.await.unwrap();
}

async fn an_event_that_cannot_be_read_stops_its_projection_and_no_other() {
    let mut site = Site::of(&posts(41, 4)).await;
    let other = create(&site.journal, "370306-other").await;
    let journal = site.folder.path().join("journal").join(format!("{LOG}.db"));
    sql(&journal, "UPDATE event SET body = replace(body, '\"eventId\"', '\"eventIs\"') WHERE position = 20").await;
    site.reopen().await;
    let store = site.tables("rows").await.open().await;
    let projection = Projection::open(site.log.clone(), store.clone()).await.unwrap();
    run_until_it_stops(&projection).await;
    let head = site.log.head().await.unwrap().position;
    assert_eq!(projection.state(head), State::Stopped);
    assert_eq!(projection.cursor().position, 19, "everything before it is applied: {}", projection.cursor().error);
    let stored = stored_error(&site.tables("rows").await, LOG).await;
    assert!(stored.starts_with("at position 20: ") && stored == projection.cursor().error, "{stored}");

    // Answers keep the old position; more is refused with the reason.
    let now = LATER.parse().unwrap();
    assert_eq!(projection.settle(KnownAt::Position(19), 0, now).await.unwrap().position, 19);
    let refused = projection.settle(KnownAt::Position(20), 0, now).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(refusal) if refusal.code == Code::ProjectionStopped), "{refused}");

    // The projection of the other log, in the same file, does not notice.
    let beside = Projection::open(other.clone(), store.clone()).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(beside.clone().run(stop.clone()));
    assert!(beside.reach(1, PATIENCE).await);
    assert_eq!((beside.state(1), stored_error(&site.tables("rows").await, "370306-other").await), (State::Running, String::new()));
    stop.cancel();
    running.await.unwrap();

    // It stays stopped at a start, and goes on once the event can be read.
    let again = Projection::open(site.log.clone(), store.clone()).await.unwrap();
    assert_eq!(again.state(head), State::Stopped);
    sql(&journal, "UPDATE event SET body = replace(body, '\"eventIs\"', '\"eventId\"') WHERE position = 20").await;
    project(&again, Limits::default()).await;
    assert_eq!((again.state(head), stored_error(&site.tables("rows").await, LOG).await), (State::Running, String::new()));
}

async fn a_hole_stops() {
    let mut site = Site::of(&posts(42, 4)).await;
    let journal = site.folder.path().join("journal").join(format!("{LOG}.db"));
    sql(&journal, "DELETE FROM event WHERE position = 30").await;
    site.reopen().await;
    let projection = site.projection("rows").await;
    run_until_it_stops(&projection).await;
    assert!(projection.cursor().position == 29 && projection.cursor().error.contains("a hole"), "{:?}", projection.cursor());
}

/// As from a newer program: the stored bytes are whole, and mean nothing to this one.
async fn an_event_of_an_unknown_form_stops() {
    let mut site = Site::of(&posts(45, 4)).await;
    let head = site.log.head().await.unwrap().position;
    site.append_body(900_000, "{\"factOfTomorrow\":{}}").await;
    site.append(&[post(900_001, "case", "A0", "2027-06-01T09:00:00", "caseCompleted", &json!({}))]).await;
    let projection = site.projection("rows").await;
    run_until_it_stops(&projection).await;
    assert_eq!(projection.cursor().position, head);
    assert!(projection.cursor().error.starts_with(&format!("at position {}: ", head + 1)), "{}", projection.cursor().error);
}

/// Another journal of the same name: the one that was backed up and put back, or one that went on differently.
async fn journal_put_back(events: u64, different: bool) -> (Projection, Site, Site) {
    let told = |n: u64, id: &str| post(100 + n, "case", id, "2026-09-02T09:00:00", "caseReceived", &json!({ "itemCode": "quick" }));
    let mut site = Site::new().await;
    site.append(&(0..9).map(|n| told(n, &format!("A{n}"))).collect::<Vec<_>>()).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits::default()).await;
    assert_eq!(projection.cursor().position, 10);
    let mut back = Site::new().await;
    let id = |n: u64| if different && n == 8 { "B8".to_owned() } else { format!("A{n}") };
    back.append(&(0..events).map(|n| told(n, &id(n))).collect::<Vec<_>>()).await;
    let projection = Projection::open(back.log.clone(), site.tables("rows").await.open().await).await.unwrap();
    (projection, site, back)
}

async fn a_journal_that_was_put_back_is_noticed() {
    for (events, different) in [(9, true), (12, true), (5, false)] {
        let (projection, site, _back) = journal_put_back(events, different).await;
        let before = dump(&projection, &site.tables("rows").await).await;
        let error = Worker::new(projection.clone(), Limits::default()).step().await.unwrap_err();
        assert!(matches!(error, Error::Journal(xiaoer_journal::Error::Rewound { position: 10, .. })), "{events}: {error}");
        run_until_it_stops(&projection).await;
        assert_eq!(projection.state(events + 1), State::Stopped);
        assert!(projection.cursor().error.contains("another content"), "{}", projection.cursor().error);
        assert_eq!(dump(&projection, &site.tables("rows").await).await, before, "nothing was applied");
    }
}

/// The same content put back is no going backwards.
async fn a_journal_with_the_same_content_is_the_same() {
    let (projection, _site, _back) = journal_put_back(12, false).await;
    project(&projection, Limits::default()).await;
    assert_eq!(projection.cursor().position, 13);
}

/// Tables of other formulas are left to programs that have those; this one builds its own beside them.
async fn tables_of_other_formulas_are_left_alone() {
    let site = Site::of(&posts(43, 2)).await;
    let first = site.projection("rows").await;
    project(&first, Limits::default()).await;
    let rows = dump(&first, &site.tables("rows").await).await;
    let tables = site.tables("rows").await;
    tables.run("UPDATE projection SET version = version - 1").await;
    let own = site.projection("rows").await;
    assert_eq!(own.cursor().position, 0, "none of its own yet");
    project(&own, Limits::default()).await;
    let versions = tables.lines("SELECT CAST(COUNT(*) AS TEXT) FROM projection WHERE state = 'live'").await;
    assert_eq!(versions, ["2"]);
    // A question of this one does not count the other's rows: what answers is as it was.
    tables.run("UPDATE projection SET state = 'gone' WHERE version = (SELECT MIN(version) FROM projection)").await;
    assert_eq!(dump(&own, &tables).await, rows);
}

async fn a_second_worker_on_the_same_tables_moves_nothing() {
    let site = Site::of(&posts(44, 6)).await;
    let limits = Limits { events: 10, things: 500, batches: 1, mark: 20 };
    let mut late = Worker::new(site.projection("rows").await, limits);
    late.step().await.unwrap();
    let first = site.projection("rows").await;
    project(&first, limits).await;
    let rows = dump(&first, &site.tables("rows").await).await;
    let error = late.step().await.unwrap_err();
    assert!(matches!(error, Error::Overtaken), "{error}");
    assert_eq!(dump(&first, &site.tables("rows").await).await, rows);
}
