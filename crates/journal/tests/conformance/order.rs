//! J2 dense, J3 one order.

use crate::lab::{GENESIS_AT, Lab, append, case, life, read_all, row};
use xiaoer_domain::Scope;
use xiaoer_journal::NewRow;

/// Rows at times after the genesis.
fn timed(id: &str, times: &[i64]) -> Vec<NewRow> {
    let rows = life(id, times.len() as u64).into_iter().zip(times);
    rows.map(|(row, time)| NewRow { recorded_at: GENESIS_AT + time, ..row }).collect()
}

pub(crate) async fn positions_and_revisions_are_dense(lab: Lab) {
    let log = lab.log().await;
    // Three cases, interleaved, over several commits and a restart.
    for revision in 1..=4 {
        let log = if revision == 3 { lab.log().await } else { log.clone() };
        let rows: Vec<_> = ["a", "b", "c"].iter().map(|id| row(&case(id), revision)).collect();
        let mut locked = log.lock().await.unwrap();
        for (one, n) in rows.iter().zip(1..) {
            locked.append(std::slice::from_ref(one)).await.unwrap();
            assert_eq!(locked.head().position, 1 + (revision - 1) * 3 + n);
        }
        let promised = locked.head();
        assert_eq!(locked.commit().await.unwrap(), promised);
        assert_eq!(log.head().await.unwrap(), promised);
    }
    let rows = lab.audit(&log).await;
    let order: Vec<_> = rows[1..].iter().map(|row| (&*row.subject.id, row.revision)).collect();
    let expected: Vec<_> = (1..=4).flat_map(|revision| ["a", "b", "c"].map(|id| (id, revision))).collect();
    assert_eq!(order, expected, "position order is the order of appending");
}

pub(crate) async fn wide_lists_of_every_length(lab: Lab) {
    let log = lab.log().await;
    // Around each size of the statements of many rows, and more than a page.
    let widths = [0, 1, 2, 9, 10, 11, 99, 100, 101, 110, 111, 1_000, 10_050];
    let mut expected = vec![("log".to_owned(), 1)];
    for width in widths {
        let id = format!("w{width}");
        let head = append(&log, &life(&id, width)).await.unwrap();
        expected.extend((1..=width).map(|revision| (id.clone(), revision)));
        assert_eq!(head.position, expected.len() as u64);
    }
    expected[0].0 = log.genesis().name.to_string();
    let rows = lab.audit(&log).await;
    let found: Vec<_> = rows.iter().map(|row| (row.subject.id.to_string(), row.revision)).collect();
    assert_eq!(found, expected);
}

pub(crate) async fn time_never_falls(lab: Lab) {
    let log = lab.log().await;
    // A clock that is set back by a day, and the rule of whoever appends: the later of the clock and the head.
    for (clock, n) in [10, 20, 15, -86_400_000_000, 20, 21].into_iter().zip(1..) {
        let mut locked = log.lock().await.unwrap();
        let recorded_at = locked.head().recorded_at.max(GENESIS_AT + clock);
        locked.append(&[NewRow { recorded_at, ..row(&case("1"), n) }]).await.unwrap();
        assert_eq!(locked.commit().await.unwrap().recorded_at, recorded_at);
    }
    let rows = lab.audit(&log).await;
    let times: Vec<_> = rows.iter().map(|row| row.recorded_at - GENESIS_AT).collect();
    assert_eq!(times, [0, 10, 20, 20, 20, 20, 21]);
}

pub(crate) async fn time_before_the_head_is_a_loud_error(lab: Lab) {
    let log = lab.log().await;
    append(&log, &timed("1", &[100])).await.unwrap();
    // Before the head, and falling inside one list: the append panics, and nothing of it is left.
    for times in [vec![99], vec![200, 199], vec![300, 300, 99]] {
        let (log, rows) = (log.clone(), timed("2", &times));
        let appended = tokio::spawn(async move { append(&log, &rows).await }).await;
        assert!(appended.is_err_and(|error| error.is_panic()), "{times:?}");
    }
    append(&log, &timed("2", &[100, 100, 101])).await.unwrap();
    assert_eq!(lab.audit(&log).await.len(), 5);
}

pub(crate) async fn a_revision_that_stands_is_refused(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 3)).await.unwrap();
    let fresh = |revision, id| NewRow { identity: row(&case(id), 1).identity, ..row(&case("1"), revision) };
    for rows in [vec![fresh(3, "x")], vec![fresh(4, "x"), fresh(4, "y")]] {
        assert!(append(&log, &rows).await.is_err(), "{rows:?}");
    }
    assert_eq!(lab.audit(&log).await.len(), 4);
    append(&log, &[fresh(4, "x")]).await.unwrap();
    // One too high is the caller's error; whoever reads the stream is told of the row, and is given nothing.
    append(&log, &[fresh(6, "z")]).await.unwrap();
    let read = log.stream(&Scope::Everything, &case("1"), 6).await;
    assert_eq!(crate::lab::named(read), ("event", "6".into()));
    assert_eq!(log.stream(&Scope::Everything, &case("1"), 5).await.unwrap().len(), 4);
}

pub(crate) async fn a_position_at_a_time(lab: Lab) {
    let log = lab.log().await;
    append(&log, &timed("1", &[0, 0, 3, 3, 3, 7, 8])).await.unwrap();
    append(&log, &timed("2", &[8, 8, 9, 20, 20])).await.unwrap();
    let rows = read_all(&log, 100).await;
    for time in GENESIS_AT - 2..GENESIS_AT + 25 {
        let expected = rows.iter().rev().find(|row| row.recorded_at <= time).map_or(0, |row| row.position);
        assert_eq!(log.position_at(time).await.unwrap(), expected, "at {}", time - GENESIS_AT);
    }
    assert_eq!(log.position_at(i64::MIN).await.unwrap(), 0);
    assert_eq!(log.position_at(i64::MAX).await.unwrap(), rows.len() as u64);
    for row in &rows {
        let stamp = log.stamp(row.position).await.unwrap().unwrap();
        assert_eq!((stamp.recorded_at, stamp.leaf_hash), (row.recorded_at, row.leaf_hash));
    }
    for outside in [0, rows.len() as u64 + 1, u64::MAX] {
        assert_eq!(log.stamp(outside).await.unwrap(), None, "{outside}");
    }
}
