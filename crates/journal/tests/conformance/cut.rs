//! J4 and J7 under cancellation: a future that is dropped at any of its waits leaves all of a commit or nothing.
//!
//! Whether a step waits at all depends on how fast the database's thread answers, so each test goes on until it has cut each
//! step often enough.

use crate::lab::{Lab, append, cut, life};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use xiaoer_domain::Actor;
use xiaoer_journal::{Log, NewRow, Refused};

/// Rows of a commit: a few statements of many rows and of one.
const WIDTH: u64 = 112;
/// Cuts of each step.
const ENOUGH: usize = 5;

/// A whole commit; `step` says how far it is.
async fn commit(log: &Log, rows: &[NewRow], step: &AtomicUsize) {
    step.store(0, Relaxed);
    let mut locked = log.lock().await.unwrap();
    step.store(1, Relaxed);
    locked.append(rows).await.unwrap();
    step.store(2, Relaxed);
    let attempt = Refused { actor: Actor::local(), tried_at: 0, code: "XE-TEST", digest: [7; 32] };
    locked.note_refused(&[attempt.clone(), attempt]).await.unwrap();
    step.store(3, Relaxed);
    locked.commit().await.unwrap();
}

pub(crate) async fn an_append_cut_anywhere_is_whole_or_nothing(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    let (mut cuts, step, mut length, mut tried) = ([0; 4], AtomicUsize::new(0), 1, 0);
    while cuts.iter().any(|&n| n < ENOUGH) {
        let rows = life(&tried.to_string(), WIDTH);
        // Both after a cut, which may have cost the connection, and after a commit, each step comes to be the one that is cut.
        let done = cut(commit(&log, &rows, &step), tried / 2 % 16).await.is_some();
        // Another process comes next in turn with this one; either finds whole commits and can go on.
        let next = if tried % 2 == 0 { &other } else { &log };
        append(next, &life(&format!("next-{tried}"), 1)).await.unwrap();
        tried += 1;
        let found = next.head().await.unwrap().position;
        let added = found - length;
        assert!(added == 1 || added == 1 + WIDTH, "a cut of step {step:?} left {added} events");
        assert!(!done || added == 1 + WIDTH, "a commit that was answered is not there");
        // A refused attempt stands with its commit or not at all.
        let (_, notes) = lab.table("370306", "SELECT n FROM refused").await;
        assert_eq!(notes.len() as u64, (found - 1 - tried as u64) / WIDTH * 2, "after a cut of step {step:?}");
        length = found;
        if !done {
            cuts[step.load(Relaxed)] += 1;
        }
    }
    lab.audit(&log).await;
}

pub(crate) async fn an_append_cut_and_committed_is_refused(lab: Lab) {
    let log = lab.log().await;
    let (mut cuts, mut whole) = (0, 0);
    for n in 0.. {
        let rows = life(&n.to_string(), WIDTH);
        let before = log.head().await.unwrap();
        let mut locked = log.lock().await.unwrap();
        let appended = cut(locked.append(&rows), n % 8).await;
        let committed = locked.commit().await;
        if let Some(appended) = appended {
            appended.unwrap();
            committed.unwrap();
            whole += 1;
        } else {
            assert!(committed.is_err(), "a list that was cut was committed");
            assert_eq!(log.head().await.unwrap(), before);
            cuts += 1;
        }
        if cuts >= ENOUGH && whole > 0 {
            break;
        }
    }
    assert_eq!(lab.audit(&log).await.len() as u64, 1 + whole * WIDTH);
}

pub(crate) async fn a_lock_cut_anywhere_is_let_go(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    let mut cuts = 0;
    for n in 0_u64.. {
        let locked = cut(log.lock(), usize::try_from(n % 3).unwrap()).await;
        cuts += usize::from(locked.is_none());
        drop(locked);
        // Nobody in this process asks for the head again; the other process must get it.
        let head = append(&other, &life(&n.to_string(), 1)).await.expect("the head was let go");
        assert_eq!(head.position, n + 2);
        if cuts >= ENOUGH {
            break;
        }
    }
    lab.audit(&log).await;
}
