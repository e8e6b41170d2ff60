//! J5 identity: two events of one identity never both stand in a log, and what stands is found for ever.

use crate::lab::{LOG, Lab, append, case, create, life, name, row};
use uuid::Uuid;
use xiaoer_domain::{Actor, Identity};
use xiaoer_journal::{Known, Log, NewRow, Row};
use xiaoer_wire::v1::PostMode;

fn identity(system: &str, n: u128) -> Identity {
    Identity { system: system.into(), event_id: Uuid::from_u128(n) }
}

fn of(identity: &Identity, id: &str) -> NewRow {
    NewRow { identity: identity.clone(), ..row(&case(id), 1) }
}

/// What is known, by position.
async fn known(log: &Log, identities: &[&Identity]) -> Vec<Known> {
    let mut known = log.known(identities).await.unwrap();
    known.sort_by_key(|known| known.position);
    known
}

pub(crate) async fn an_identity_stands_once(lab: Lab) {
    let log = lab.log().await;
    let first = identity("hall", 7);
    append(&log, &[of(&first, "a")]).await.unwrap();
    // Again in a later commit, by another handle, on another subject, twice in one list, and the one of the genesis.
    let other = lab.log().await;
    let twice = identity("hall", 8);
    let genesis = identity("xiaoer", 1);
    for rows in [vec![of(&first, "b")], vec![of(&twice, "c"), of(&twice, "d")], vec![of(&genesis, "e")]] {
        for log in [&log, &other] {
            assert!(append(log, &rows).await.is_err(), "{rows:?}");
        }
    }
    assert_eq!(lab.audit(&log).await.len(), 2);
    // Another system's event of the same id is another event, whatever the case of its letters.
    append(&log, &[of(&identity("sp", 7), "f"), of(&identity("Hall", 7), "g"), of(&twice, "h")]).await.unwrap();
    assert_eq!(lab.audit(&log).await.len(), 5);
}

pub(crate) async fn identities_are_found_with_what_was_stored(lab: Lab) {
    let log = lab.log().await;
    // Systems that would break out of a quoted list, and ids at the ends of their range.
    let systems = ["hall", r#"h"],["all"#, "h\\all", "政务大厅 '%_'", "sp"];
    let identities: Vec<_> = systems.iter().flat_map(|system| [0, 1, u128::MAX, 1 << 127].map(|n| identity(system, n))).collect();
    let rows: Vec<_> = identities.iter().zip(0..).map(|(identity, n)| of(identity, &n.to_string())).collect();
    append(&log, &rows).await.unwrap();
    let stored = lab.audit(&log).await;
    for (identity, row) in identities.iter().zip(&stored[1..]) {
        assert_eq!(known(&log, &[identity]).await, [Known::from(row.clone())], "{identity}");
    }
    let all: Vec<_> = identities.iter().collect();
    let expected: Vec<_> = stored[1..].iter().cloned().map(Known::from).collect();
    assert_eq!(known(&log, &all).await, expected);
    let strangers = [identity("hall", 2), identity("hal", 1), identity("", 1), identity("hall%", 1)];
    assert_eq!(known(&log, &strangers.iter().collect::<Vec<_>>()).await, []);
    assert_eq!(known(&log, &[]).await, []);
    // A list as wide as a commit, most of it unknown.
    let wide: Vec<_> = (0..5_000).map(|n| identity("sp", n)).collect();
    let found = known(&log, &wide.iter().collect::<Vec<_>>()).await;
    assert_eq!(found.iter().map(|known| known.identity.event_id.as_u128()).collect::<Vec<_>>(), [0, 1]);
}

pub(crate) async fn what_is_known_outlives_the_process(lab: Lab) {
    let rows: Vec<_> = life("1", 30)
        .into_iter()
        .map(|row| NewRow { flags: vec!["irregular", "late_posted"], mode: PostMode::Record, actor: Actor::named("部门"), ..row })
        .collect();
    let journal = lab.open().await;
    append(&create(&journal, LOG).await.0, &rows).await.unwrap();
    drop(journal);
    let log = lab.open().await.log(&name(LOG)).unwrap();
    let stored: Vec<Row> = lab.audit(&log).await;
    for (row, stored) in rows.iter().zip(&stored[1..]) {
        let [found] = &known(&log, &[&row.identity]).await[..] else { panic!("{} is not known", row.identity) };
        let receipt = (found.position, found.revision, found.recorded_at);
        assert_eq!(receipt, (row.revision + 1, row.revision, row.recorded_at));
        assert_eq!((&found.flags, &found.body), (&stored.flags, &row.body));
        assert_eq!(found.flags, ["irregular", "late_posted"]);
        assert_eq!((stored.actor.as_str(), stored.mode), ("部门", 2));
        assert!(append(&log, &[NewRow { identity: row.identity.clone(), ..crate::lab::row(&case("2"), 1) }]).await.is_err());
    }
    assert_eq!(lab.audit(&log).await.len(), 31);
}
