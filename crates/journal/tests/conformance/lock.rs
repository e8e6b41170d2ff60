//! J4 one writer at a time.

use crate::lab::{Lab, append, case, life, poll_once, row};
use std::pin::pin;
use xiaoer_domain::Scope::Everything;
use xiaoer_journal::{Log, NewRow};

pub(crate) async fn a_drop_changes_nothing(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 5)).await.unwrap();
    let before = (log.head().await.unwrap(), lab.stored("370306").await);
    for rows in [life("2", 0), life("2", 1), life("2", 250)] {
        let mut locked = log.lock().await.unwrap();
        locked.append(&rows).await.unwrap();
        assert_eq!(locked.head().position, 6 + rows.len() as u64);
        drop(locked);
        assert_eq!((log.head().await.unwrap(), lab.stored("370306").await), before);
    }
    let mut locked = log.lock().await.unwrap();
    assert_eq!(locked.head(), before.0, "the next holder begins at the head that stands");
    locked.append(&life("2", 3)).await.unwrap();
    locked.commit().await.unwrap();
    assert_eq!(lab.audit(&log).await.len(), 9);
}

pub(crate) async fn one_holder_at_a_time(lab: Lab) {
    let log = lab.log().await;
    let mut first = log.lock().await.unwrap();
    let mut second = pin!(log.lock());
    for _ in 0..20 {
        assert!(poll_once(second.as_mut()).await.is_none(), "two hold the head");
        tokio::task::yield_now().await;
    }
    first.append(&life("1", 2)).await.unwrap();
    assert!(poll_once(second.as_mut()).await.is_none());
    let head = first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().head(), head);
}

pub(crate) async fn a_drop_lets_other_processes_in(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    for n in 0..5 {
        // The holder goes away, and nobody in its process wants the head next.
        let mut locked = log.lock().await.unwrap();
        locked.append(&life("dropped", 3)).await.unwrap();
        drop(locked);
        let head = append(&other, &life(&n.to_string(), 1)).await.expect("the head was let go");
        assert_eq!(head.position, n + 2);
    }
    lab.audit(&log).await;
}

pub(crate) async fn other_processes_wait_and_see_what_was_appended(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    for n in 0..10 {
        let mut locked = log.lock().await.unwrap();
        let waiting = tokio::spawn({
            let other = other.clone();
            async move { other.lock().await }
        });
        let before = locked.head().position;
        for part in life(&n.to_string(), 120).chunks(20) {
            locked.append(part).await.unwrap();
            assert!(!waiting.is_finished(), "two processes hold the head");
        }
        let head = locked.commit().await.unwrap();
        let mut next = waiting.await.unwrap().unwrap();
        assert_eq!(next.head(), head, "the head that the process before left");
        let missed = next.read(before).await.unwrap();
        assert_eq!(missed, log.read(&Everything, before, 1_000).await.unwrap());
        assert_eq!(missed.len(), 120);
        // What the holder appends itself is not what others appended.
        next.append(&life(&format!("own-{n}"), 2)).await.unwrap();
        assert_eq!(next.read(before).await.unwrap(), missed);
        assert_eq!(next.read(head.position).await.unwrap(), []);
    }
}

pub(crate) async fn handles_take_turns(lab: Lab) {
    const EACH: u64 = 40;
    let handles = [lab.log().await, lab.log().await];
    let work = |log: Log, worker: usize| async move {
        for n in 0..EACH {
            let mut locked = log.lock().await.unwrap();
            let before = locked.head().position;
            let seen = format!(r#"{{"after":{before}}}"#);
            let rows = life(&format!("{worker}-{n}"), 1 + n % 3);
            tokio::task::yield_now().await;
            let rows: Vec<_> = rows.into_iter().map(|row| NewRow { body: seen.clone().into(), ..row }).collect();
            locked.append(&rows).await.unwrap();
            locked.commit().await.unwrap();
        }
    };
    let workers: Vec<_> = (0..4).map(|worker| tokio::spawn(work(handles[worker % 2].clone(), worker))).collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let rows = lab.audit(&handles[0]).await;
    let lengths: u64 = (0..EACH).map(|n| 1 + n % 3).sum();
    assert_eq!(rows.len() as u64, 1 + 4 * lengths);
    for row in &rows[1..] {
        let seen = format!(r#"{{"after":{}}}"#, row.position - row.revision);
        assert_eq!(row.body, seen, "appended at position {} after another head was seen", row.position);
    }
}

pub(crate) async fn a_failed_append_is_never_committed(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 2)).await.unwrap();
    // The 150th of 180 rows stands already: the statement before it went through. Whoever overlooks the error gets another.
    let mut rows = life("2", 180);
    rows[149] = row(&case("1"), 2);
    let mut locked = log.lock().await.unwrap();
    assert!(locked.append(&rows).await.is_err());
    assert!(locked.commit().await.is_err(), "a part of a list was committed");
    assert_eq!(lab.audit(&log).await.len(), 3);
    // An append after a failed one does not heal it.
    let mut locked = log.lock().await.unwrap();
    assert!(locked.append(&rows).await.is_err());
    let _ = locked.append(&life("3", 1)).await;
    assert!(locked.commit().await.is_err(), "a part of a list was committed");
    assert_eq!(lab.audit(&log).await.len(), 3);
    append(&log, &life("2", 180)).await.unwrap();
    assert_eq!(lab.audit(&log).await.len(), 183);
}

pub(crate) async fn nothing_is_seen_before_the_commit(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    let rows = life("1", 30);
    let mut locked = log.lock().await.unwrap();
    locked.append(&rows).await.unwrap();
    for log in [&log, &other] {
        assert_eq!(log.head().await.unwrap().position, 1);
        assert_eq!(log.read(&Everything, 1, 10).await.unwrap(), []);
        assert_eq!(log.known(&[&rows[0].identity]).await.unwrap(), []);
        assert_eq!(log.stamp(2).await.unwrap(), None);
    }
    locked.commit().await.unwrap();
    for log in [&log, &other] {
        assert_eq!(log.read(&Everything, 1, 100).await.unwrap().len(), 30);
    }
}
