//! J8 going backwards is noticed.

use crate::lab::{LOG, Lab, append, life, name, read_all};
use xiaoer_domain::{Code, Refusal, Scope};
use xiaoer_journal::{Error, Log};

/// What a restored backup is: an earlier head and its events, all of it in order.
const RESTORE: &str = "UPDATE log SET position = 5, recorded_at = (SELECT recorded_at FROM event WHERE position = 5), \
                       leaf_hash = (SELECT leaf_hash FROM event WHERE position = 5); DELETE FROM event WHERE position > 5";

/// The refusal of a point, as far as it is one that says the log and the position.
async fn refused(log: &Log, position: u64, leaf: &[u8]) {
    match log.check(position, leaf).await {
        Err(error @ Error::Rewound { .. }) => {
            assert_eq!(Refusal::from(&error).code, Code::LogRewound);
            let Error::Rewound { log, position: named } = error else { unreachable!() };
            assert_eq!((log.as_str(), named), (LOG, position));
        }
        other => panic!("position {position} with another content: {other:?}"),
    }
}

pub(crate) async fn a_point_is_checked(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 4)).await.unwrap();
    let rows = read_all(&log, 10).await;
    for row in &rows {
        log.check(row.position, &row.leaf_hash).await.unwrap();
        let mut other = row.leaf_hash;
        other[31] ^= 1;
        refused(&log, row.position, &other).await;
        refused(&log, row.position, &row.leaf_hash[..31]).await;
        refused(&log, row.position, &[]).await;
        refused(&log, row.position % 5 + 1, &row.leaf_hash).await;
    }
    for beyond in [6, u64::MAX >> 1, u64::MAX] {
        refused(&log, beyond, &rows[4].leaf_hash).await;
    }
    log.check(0, &[]).await.expect("before the first event there is nothing to have seen");
}

pub(crate) async fn an_earlier_state_is_noticed(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 4)).await.unwrap();
    append(&log, &life("2", 4)).await.unwrap();
    let seen = lab.audit(&log).await;
    drop(log);
    lab.sql(LOG, RESTORE).await;
    let log = lab.open().await.log(&name(LOG)).unwrap();
    assert_eq!(lab.audit(&log).await, seen[..5], "it is a log like any other");
    let check = async |log: &Log| {
        for row in &seen[..5] {
            log.check(row.position, &row.leaf_hash).await.unwrap();
        }
        for row in &seen[5..] {
            refused(log, row.position, &row.leaf_hash).await;
        }
    };
    check(&log).await;
    // It grows again, past the points that were seen, with other events.
    append(&log, &life("3", 9)).await.unwrap();
    check(&log).await;
    lab.audit(&log).await;
}

/// A process whose database is put back under it holds more in memory than there is: what it would write stands on nothing.
pub(crate) async fn who_has_seen_more_writes_nothing(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    append(&log, &life("1", 4)).await.unwrap();
    append(&log, &life("2", 4)).await.unwrap();
    let seen = lab.audit(&log).await;
    lab.sql(LOG, RESTORE).await;
    for step in ["put back", "and grown again by a process that knows nothing", "and beyond what was seen"] {
        match log.lock().await {
            Err(Error::Rewound { position, .. }) => assert_eq!(position, 9, "{step}"),
            other => panic!("{step}: {other:?}"),
        }
        let follows = log.follow_from(&Scope::Everything, (9, &seen[8].leaf_hash), 10).await;
        assert!(matches!(follows, Err(Error::Rewound { position: 9, .. })), "{step}: {follows:?}");
        let there = log.follow(&Scope::Everything, 5, 10).await.unwrap();
        assert!(there.iter().all(|row| !seen.contains(row)), "{step}: what is gone is not in memory either");
        let id = step.len().to_string();
        append(&other, &life(&id, 4)).await.unwrap();
    }
    let point = (5, seen[4].leaf_hash.as_slice());
    assert_eq!(log.follow_from(&Scope::Everything, point, 10).await.unwrap().len(), 10, "what both hold can be gone on from");
    assert_eq!(log.follow_from(&Scope::Everything, (0, &[]), 3).await.unwrap(), seen[..3]);
}

pub(crate) async fn what_is_lost_is_copied_back(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 4)).await.unwrap();
    append(&log, &life("2", 4)).await.unwrap();
    let seen = lab.audit(&log).await;
    lab.sql(LOG, RESTORE).await;
    let other = lab.log().await;
    let mut spoilt = seen[5..].to_vec();
    spoilt[1].leaf_hash[0] ^= 1;
    let mut early = seen[5..].to_vec();
    early[0].recorded_at -= 1;
    for wrong in [&seen[6..], &seen[4..], &spoilt, &early] {
        let mut locked = other.lock().await.unwrap();
        locked.copy(wrong).await.unwrap_err();
        locked.commit().await.unwrap_err();
    }
    assert_eq!(lab.audit(&other).await, seen[..5], "what does not follow leaves nothing");
    let mut locked = other.lock().await.unwrap();
    locked.copy(&seen[5..7]).await.unwrap();
    locked.copy(&seen[7..]).await.unwrap();
    locked.begin_incarnation(3);
    locked.begin_incarnation(2);
    assert_eq!(locked.commit().await.unwrap().incarnation, 3);
    assert_eq!(lab.audit(&other).await, seen, "the same rows with the same leaf hashes");
    // Whoever had seen more goes on.
    assert_eq!(append(&log, &life("3", 1)).await.unwrap().incarnation, 3);
}
