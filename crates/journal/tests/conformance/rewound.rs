//! J8 going backwards is noticed.

use crate::lab::{LOG, Lab, append, life, name, read_all};
use xiaoer_domain::{Code, Refusal};
use xiaoer_journal::{Error, Log};

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
    // What a restored backup is: an earlier head and its events, all of it in order.
    let restore = "UPDATE log SET position = 5, recorded_at = (SELECT recorded_at FROM event WHERE position = 5), \
                   leaf_hash = (SELECT leaf_hash FROM event WHERE position = 5); DELETE FROM event WHERE position > 5";
    lab.sql(LOG, restore).await;
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
