//! Data that cannot be is an error that names the row, for whoever comes upon it first: the one that opens the log, reads it or
//! takes its head.

use crate::lab::{LOG, Lab, append, case, create, life, name, named, row};
use xiaoer_domain::{Code, Refusal, Scope::Everything};
use xiaoer_journal::{CONTRACT, Error, Log};

/// Ways to come upon a row; each gives the table and row that its error names.
#[derive(Debug, Clone, Copy)]
enum Way {
    Open,
    Head,
    Lock,
    Read,
    Catch,
    Stream,
    Kind,
    At,
}

const READERS: [Way; 5] = [Way::Read, Way::Catch, Way::Stream, Way::Kind, Way::At];
const HOLDERS: [Way; 3] = [Way::Open, Way::Head, Way::Lock];

/// Two cases, at positions 2 to 6 and 7 to 9.
async fn two_cases(lab: &Lab) -> Log {
    let log = lab.log().await;
    append(&log, &life("1", 5)).await.unwrap();
    append(&log, &life("2", 3)).await.unwrap();
    log
}

async fn come_upon(lab: &Lab, log: &Log, way: Way) -> (&'static str, String) {
    match way {
        Way::Open => named(lab.try_open().await),
        Way::Head => named(log.head().await),
        Way::Lock => named(log.lock().await),
        Way::Read => named(log.read(&Everything, 0, 100).await),
        Way::Catch => named(log.lock().await.unwrap().read(0).await),
        Way::Stream => named(log.stream(&Everything, &case("1"), 100).await),
        Way::Kind => named(log.of_kind(&Everything, "case", 100).await),
        Way::At => named(log.at(&Everything, &[2, 3, 4, 5]).await),
    }
}

pub(crate) async fn a_changed_row_is_named(lab: Lab) {
    let log = two_cases(&lab).await;
    let before = lab.audit(&log).await;
    // Each part of row 4 that its leaf covers, changed in the smallest way, below a process that is running; and an id that is
    // none, where the database lets it stand.
    let no_id = lab.folder().map(|_| "event_id = zeroblob(1)");
    let changes = [
        "body = replace(body, '\"3\"', '\"4\"')",
        "body = body || ' '",
        "recorded_at = recorded_at + 1",
        "revision = 30",
        "actor = 'locaL'",
        "mode = 2",
        "mode = 999",
        "flags = 'irregular'",
        "leaf_hash = zeroblob(32)",
        "leaf_hash = zeroblob(1)",
    ];
    for change in changes.into_iter().chain(no_id) {
        lab.sql(
            LOG,
            &format!("CREATE TABLE kept AS SELECT * FROM event WHERE position = 4; UPDATE event SET {change} WHERE position = 4"),
        )
        .await;
        for way in READERS {
            // A revision that fits nowhere is met where the stream ends, at the row that carries it or the one before which it
            // is missing; its leaf is looked at first.
            let error = come_upon(&lab, &log, way).await;
            assert_eq!(error, ("event", "4".into()), "{change}, {way:?}");
        }
        // Rows before it can be read.
        assert_eq!(log.read(&Everything, 0, 3).await.unwrap(), before[..3]);
        lab.sql(LOG, "DELETE FROM event WHERE position = 4; INSERT INTO event SELECT * FROM kept; DROP TABLE kept").await;
        assert_eq!(lab.audit(&log).await, before);
    }
    // Moved to another stream or the place of another: whoever reads it is told.
    lab.sql(LOG, "UPDATE event SET subject_id = '3' WHERE position = 4").await;
    for way in [Way::Read, Way::Catch, Way::Kind, Way::At] {
        assert_eq!(come_upon(&lab, &log, way).await, ("event", "4".into()), "{way:?}");
    }
    assert_eq!(come_upon(&lab, &log, Way::Stream).await, ("event", "5".into()), "the stream lacks its third revision");
    assert_eq!(named(log.stream(&Everything, &case("3"), 100).await), ("event", "4".into()));
}

pub(crate) async fn a_lost_row_is_named(lab: Lab) {
    let log = two_cases(&lab).await;
    lab.sql(LOG, "DELETE FROM event WHERE position = 4").await;
    for (way, row) in [(Way::Read, "4"), (Way::Catch, "4"), (Way::Stream, "5")] {
        assert_eq!(come_upon(&lab, &log, way).await, ("event", row.into()), "{way:?}");
    }
    assert_eq!(named(log.read(&Everything, 3, 1).await), ("event", "4".into()), "at the beginning of a page");
    assert_eq!(log.read(&Everything, 4, 5).await.unwrap().len(), 5);
    // The first is lost too: there is no genesis to open the log with.
    lab.sql(LOG, "DELETE FROM event WHERE position = 1").await;
    assert_eq!(named(lab.try_open().await), ("event", "1".into()));
}

pub(crate) async fn a_head_that_disagrees_is_refused(lab: Lab) {
    let back = "UPDATE log SET position = 7, leaf_hash = (SELECT leaf_hash FROM event WHERE position = 7)";
    for (change, table, row) in [
        (back, "log", "1"),
        ("UPDATE log SET position = 12", "log", "1"),
        ("UPDATE log SET leaf_hash = zeroblob(32)", "log", "1"),
        ("UPDATE log SET recorded_at = recorded_at - 1", "log", "1"),
        ("DELETE FROM log", "log", "1"),
        ("DELETE FROM event WHERE position = 9", "log", "1"),
        ("DELETE FROM event", "log", "1"),
        ("UPDATE event SET leaf_hash = zeroblob(32) WHERE position = 9", "log", "1"),
    ] {
        let lab = lab.fresh().await;
        let log = two_cases(&lab).await;
        lab.sql(LOG, change).await;
        for way in HOLDERS {
            assert_eq!(come_upon(&lab, &log, way).await, (table, row.into()), "{change}, {way:?}");
        }
        let error = log.head().await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("table {table}, row {row}: ")), "{error}");
        let told = Refusal::from(&error);
        assert_eq!(told.code, Code::Internal);
        assert!(!told.message.contains("row"), "callers are not told the detail: {}", told.message);
    }
}

pub(crate) async fn a_log_under_another_name_is_refused(lab: Lab) {
    let journal = lab.open().await;
    let (log, _) = create(&journal, "a").await;
    append(&log, &[row(&case("1"), 1)]).await.unwrap();
    drop((log, journal));
    lab.copy("a", "b").await;
    assert_eq!(named(lab.try_open().await), ("event", "1".into()));
    lab.remove("b").await;
    assert!(lab.open().await.log(&name("a")).is_some());
}

pub(crate) async fn a_newer_log_is_refused(lab: Lab) {
    let log = lab.log().await;
    lab.sql(LOG, &format!("UPDATE log SET contract = {}", CONTRACT + 1)).await;
    // By a program that starts, and by one that ran when the newer one came.
    for result in [lab.try_open().await.map(drop), log.head().await.map(drop), append(&log, &life("1", 1)).await.map(drop)] {
        match result {
            Err(Error::Newer { log, needs }) => assert_eq!((log.as_str(), needs), (LOG, CONTRACT + 1)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lab.stored(LOG).await.len(), 1);
}
