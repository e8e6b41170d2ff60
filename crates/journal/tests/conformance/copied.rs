//! Rows of another copy of a log are taken over to the byte, and only where they follow.

use crate::lab::{GENESIS_AT, LOG, Lab, append, case, create, create_with, genesis, life, name, named, read_all, row};
use std::sync::Arc;
use xiaoer_domain::{Actor, Scope};
use xiaoer_journal::{Carried, Error, Log, NewRow, Row};
use xiaoer_wire::v1::PostMode;

/// A log with all that a row can bear, to be copied.
async fn original(lab: &Lab) -> Vec<Row> {
    let log = lab.log().await;
    append(&log, &life("1", 3)).await.unwrap();
    let late = |revision| NewRow { recorded_at: GENESIS_AT + 5, ..row(&case("收件 2"), revision) };
    let odd = NewRow { flags: vec!["irregular", "late_posted"], mode: PostMode::Record, actor: Actor::named("部门"), ..late(1) };
    append(&log, &[odd, late(2)]).await.unwrap();
    read_all(&log, 100).await
}

async fn copy(log: &Log, rows: &[Row]) -> Result<(), Error> {
    let mut locked = log.lock().await?;
    locked.copy(rows).await?;
    locked.commit().await.map(drop)
}

pub(crate) async fn a_copy_is_equal_to_the_byte(lab: Lab) {
    let (rows, other) = (original(&lab).await, lab.fresh().await);
    let journal = other.open().await;
    let (log, existed) = journal.adopt(&rows[0]).await.unwrap();
    assert!(!existed);
    copy(&log, &rows[1..2]).await.unwrap();
    copy(&log, &rows[2..]).await.unwrap();
    assert_eq!(log.follow(&Scope::Everything, 1, 100).await.unwrap(), rows[1..], "from memory");
    // Through a journal of its own too, and the bytes in the database are the same.
    assert!(!lab.log().await.is_replica());
    for log in [log, other.open().await.log(&name(LOG)).unwrap()] {
        assert!(log.is_replica(), "nobody else may write to it");
        assert_eq!(other.audit(&log).await, rows);
    }
    assert_eq!(other.stored(LOG).await, lab.stored(LOG).await);
    // A copy goes on as the log does.
    append(&journal.log(&name(LOG)).unwrap(), &[NewRow { recorded_at: GENESIS_AT + 5, ..row(&case("1"), 4) }]).await.unwrap();
}

pub(crate) async fn a_log_is_adopted_once(lab: Lab) {
    let (rows, other) = (original(&lab).await, lab.fresh().await);
    let journal = Arc::new(other.open().await);
    let adopters = (0..4).map(|_| (Arc::clone(&journal), rows[0].clone()));
    let mut made = 0;
    for adopter in adopters.map(|(journal, genesis)| tokio::spawn(async move { journal.adopt(&genesis).await })).collect::<Vec<_>>()
    {
        made += usize::from(!adopter.await.unwrap().unwrap().1);
    }
    assert_eq!((made, other.audit(&journal.log(&name(LOG)).unwrap()).await.len()), (1, 1));
    // What is no genesis, or not of this log's name, begins none.
    assert_eq!(named(journal.adopt(&rows[1]).await).0, "event");
    let fresh = lab.fresh().await;
    for wrong in [Row { revision: 2, ..rows[0].clone() }, Row { position: 2, ..rows[0].clone() }] {
        assert!(matches!(fresh.open().await.adopt(&wrong).await, Err(Error::Corrupt { .. })));
    }
    assert!(fresh.open().await.logs().is_empty());
    // A log of the same name that began otherwise.
    create_with(&fresh.open().await, &genesis(LOG, "Europe/Berlin", false)).await.unwrap();
    assert!(matches!(fresh.open().await.adopt(&rows[0]).await, Err(Error::Rewound { position: 1, .. })));
}

pub(crate) async fn what_does_not_follow_is_refused(lab: Lab) {
    let (rows, other) = (original(&lab).await, lab.fresh().await);
    let (log, _) = other.open().await.adopt(&rows[0]).await.unwrap();
    let elsewhere = read_all(&create(&lab.open().await, "another").await.0, 10).await;
    let changed = |change: &dyn Fn(&mut Row)| {
        let mut rows = rows.clone();
        change(&mut rows[3]);
        rows
    };
    let table: Vec<(&str, Vec<Row>, u64)> = vec![
        ("a hole", [&rows[1..2], &rows[3..]].concat(), 4),
        ("begins too late", rows[2..].to_vec(), 3),
        ("stands already", rows.clone(), 1),
        ("twice", [&rows[1..3], &rows[2..]].concat(), 3),
        ("out of order", vec![rows[2].clone(), rows[1].clone()], 3),
        ("another log", elsewhere, 1),
        ("body", changed(&|row| row.body = "{}".into())[1..].to_vec(), 4),
        ("actor", changed(&|row| row.actor = Actor::named("x"))[1..].to_vec(), 4),
        ("time", changed(&|row| row.recorded_at += 1)[1..].to_vec(), 4),
        ("time falls", changed(&|row| row.recorded_at -= 1)[1..].to_vec(), 4),
        ("revision", changed(&|row| row.revision += 1)[1..].to_vec(), 4),
        ("mode", changed(&|row| row.mode = 2)[1..].to_vec(), 4),
        ("flags", changed(&|row| row.flags.push("irregular".into()))[1..].to_vec(), 4),
        ("leaf", changed(&|row| row.leaf_hash[31] ^= 1)[1..].to_vec(), 4),
    ];
    for (what, wrong, position) in table {
        let mut locked = log.lock().await.unwrap();
        assert_eq!(named(locked.copy(&wrong).await), ("event", position.to_string()), "{what}");
        assert!(locked.commit().await.is_err(), "{what}");
        assert_eq!(other.audit(&log).await, rows[..1], "{what}");
    }
    copy(&log, &rows[1..]).await.unwrap();
    assert_eq!(other.audit(&log).await, rows);
}

/// Only the body and what the leaf covers are taken from a sender; the rest stands in the body.
pub(crate) async fn what_is_carried_is_the_row(lab: Lab) {
    let rows = original(&lab).await;
    let Row { position, recorded_at, revision, actor, mode, flags, body, leaf_hash, .. } = rows[0].clone();
    let carried = Carried { position, recorded_at, revision, actor, mode, flags, body, leaf_hash };
    assert_eq!(carried.clone().row(&name(LOG)).unwrap(), rows[0]);
    assert_eq!(named(carried.clone().row(&name("another"))).0, "event");
    for body in ["", "{}", r#"{"caseReceived":{}}"#] {
        assert_eq!(named(Carried { body: body.into(), ..carried.clone() }.row(&name(LOG))).0, "event");
    }
    let later = Carried { recorded_at: recorded_at + 1, ..carried };
    assert_eq!(named(later.row(&name(LOG))), ("event", "1".into()));
}
