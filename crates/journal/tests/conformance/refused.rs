//! Refused attempts: that they were made is kept, within bounds; what they said is not.

use crate::lab::{LOG, Lab, append, life};
use xiaoer_domain::Actor;
use xiaoer_journal::{Log, Refused};

fn attempt(actor: &str, n: u8) -> Refused {
    Refused { actor: Actor::named(actor), tried_at: i64::from(n) * 10, code: "XE-REVISION", digest: [n; 32] }
}

async fn note(log: &Log, attempts: &[Refused]) {
    let mut locked = log.lock().await.unwrap();
    locked.note_refused(attempts).await.unwrap();
    locked.commit().await.unwrap();
}

/// Of an actor, the numbers of what is kept: how many, first and last.
async fn kept(lab: &Lab, actor: &str) -> (i64, i64, i64) {
    let (_, rows) = lab.table(LOG, &format!("SELECT COUNT(*), MIN(n), MAX(n) FROM refused WHERE actor = '{actor}'")).await;
    (rows[0].get(0), rows[0].get(1), rows[0].get(2))
}

pub(crate) async fn attempts_are_kept_without_their_content(lab: Lab) {
    let log = lab.log().await;
    let before = log.head().await.unwrap();
    note(&log, &[attempt("甲", 1), attempt("乙", 2), attempt("甲", 3)]).await;
    note(&lab.log().await, &[attempt("甲", 4)]).await;
    assert_eq!(log.head().await.unwrap(), before, "a refused attempt is no event");
    let (columns, rows) = lab.table(LOG, "SELECT * FROM refused ORDER BY tried_at").await;
    assert_eq!(columns, ["log_id", "actor", "n", "tried_at", "code", "digest"], "there is no place for content");
    let found: Vec<(String, i64, i64, String, Vec<u8>)> =
        rows.iter().map(|row| (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))).collect();
    let expected = [("甲", 1, 1), ("乙", 1, 2), ("甲", 2, 3), ("甲", 3, 4_u8)];
    let expected = expected.map(|(actor, n, d)| (actor.into(), n, i64::from(d) * 10, "XE-REVISION".into(), vec![d; 32]));
    assert_eq!(found, expected);
}

pub(crate) async fn attempts_are_bounded_per_actor(lab: Lab) {
    const MAX: i64 = 10_000;
    let log = lab.log().await;
    note(&log, &[attempt("noisy", 1), attempt("calm", 1)]).await;
    // The years until just before the bound, past the journal.
    let years = format!(
        "WITH RECURSIVE k(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM k WHERE n < {}) \
         INSERT INTO refused (log_id, actor, n, tried_at, code, digest) SELECT 1, 'noisy', n, n, 'XE-OLD', zeroblob(1) FROM k",
        MAX - 1
    );
    lab.sql(LOG, &years).await;
    for (n, expected) in (0..4).zip([(MAX, 1, MAX), (MAX, 2, MAX + 1), (MAX, 3, MAX + 2), (MAX, 4, MAX + 3)]) {
        note(&log, &[attempt("noisy", n)]).await;
        assert_eq!(kept(&lab, "noisy").await, expected);
    }
    note(&log, &(0..100).map(|n| attempt("noisy", n)).collect::<Vec<_>>()).await;
    assert_eq!(kept(&lab, "noisy").await, (MAX, 104, MAX + 103), "the newest are kept");
    assert_eq!(kept(&lab, "calm").await, (1, 1, 1), "one actor makes no room at the cost of another");
}

pub(crate) async fn attempts_commit_with_the_events(lab: Lab) {
    let log = lab.log().await;
    for commit in [false, true] {
        let mut locked = log.lock().await.unwrap();
        locked.append(&life("1", 2)).await.unwrap();
        locked.note_refused(&[attempt("a", 1)]).await.unwrap();
        if commit {
            locked.commit().await.unwrap();
        } else {
            drop(locked);
        }
        let (_, notes) = lab.table(LOG, "SELECT n FROM refused").await;
        assert_eq!((notes.len(), lab.audit(&log).await.len()), if commit { (1, 3) } else { (0, 1) });
    }
    append(&log, &life("2", 1)).await.unwrap();
}
