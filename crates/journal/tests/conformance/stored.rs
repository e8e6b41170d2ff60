//! J6 stored bytes.

use crate::{
    lab::{LOG, Lab, append, case, life, name, named, row},
    leaf,
};
use xiaoer_domain::{Actor, Identity, Scope::Everything, Subject};
use xiaoer_journal::NewRow;
use xiaoer_wire::v1::PostMode;

/// Texts a database might want to improve.
const BODIES: [&str; 8] = [
    "",
    "{}",
    "{ \"b\":1,  \"a\":1.0e0 }\r\n",
    "null",
    "é e\u{301} \u{FEFF}\u{200B} 收件 \u{1F600}",
    "nul \0 and what follows",
    "' \" \\ ; -- $1 ?1 %s \u{7f}",
    "1e400 0x10 9007199254740993",
];

pub(crate) async fn every_byte_comes_back(lab: Lab) {
    let log = lab.log().await;
    let long = "x".repeat(64 << 10);
    let rows: Vec<_> = BODIES
        .iter()
        .copied()
        .chain([long.as_str()])
        .zip(1..)
        .map(|(body, revision)| NewRow { body: body.to_owned().into(), ..row(&case("1"), revision) })
        .collect();
    append(&log, &rows).await.unwrap();
    // Through this process and after a restart, by every way to an event.
    for log in [log, lab.open().await.log(&name(LOG)).unwrap()] {
        lab.audit(&log).await;
        let read = log.read(&Everything, 1, 100).await.unwrap();
        assert_eq!(read.len(), rows.len());
        let positions: Vec<_> = read.iter().map(|row| row.position).collect();
        assert_eq!(log.at(&Everything, &positions).await.unwrap(), read);
        assert_eq!(log.stream(&Everything, &case("1"), 100).await.unwrap(), read);
        assert_eq!(log.of_kind(&Everything, "case", 100).await.unwrap(), read);
        assert_eq!(log.lock().await.unwrap().read(1).await.unwrap(), read);
        for (given, got) in rows.iter().zip(&read) {
            assert_eq!(given.body, got.body);
            assert_eq!(log.known(&[&given.identity]).await.unwrap()[0].body, given.body);
        }
    }
}

pub(crate) async fn leaf_hashes_fit_the_stored_bytes(lab: Lab) {
    let log = lab.log().await;
    let odd = Subject::new("item", "山东", "事项-1");
    let rows = [
        row(&odd, 1),
        NewRow { actor: Actor::named("监察委"), ..row(&odd, 2) },
        NewRow { mode: PostMode::Record, ..row(&odd, 3) },
        NewRow { flags: vec!["irregular"], ..row(&odd, 4) },
        NewRow { flags: vec!["irregular", "late_posted"], ..row(&odd, 5) },
        NewRow { flags: vec!["late_posted", "irregular"], ..row(&odd, 6) },
        NewRow { body: "收件".into(), recorded_at: i64::MAX, ..row(&odd, 7) },
    ];
    let promised = {
        let mut locked = log.lock().await.unwrap();
        locked.append(&rows).await.unwrap();
        locked.commit().await.unwrap()
    };
    let stored = lab.stored(LOG).await;
    assert_eq!(stored.len(), 8);
    for row in &stored {
        let leaf = leaf::of(LOG, row);
        assert_eq!(row.leaf_hash, leaf, "{row:?}");
        assert_eq!(log.stamp(row.position).await.unwrap().unwrap().leaf_hash, leaf);
        assert_eq!(log.at(&Everything, &[row.position]).await.unwrap()[0].leaf_hash, leaf);
        log.check(row.position, &leaf).await.unwrap();
    }
    assert_eq!(promised.leaf_hash, leaf::of(LOG, &stored[7]), "the head's leaf is the last event's");
    lab.audit(&log).await;
}

pub(crate) async fn a_body_that_is_no_text_is_refused(lab: Lab) {
    let log = lab.log().await;
    let mut rows = life("1", 120);
    rows[110].body = b"\xff\xfe".as_slice().into();
    let mut locked = log.lock().await.unwrap();
    assert_eq!(named(locked.append(&rows).await), ("event", "112".into()));
    assert!(locked.commit().await.is_err());
    assert_eq!(lab.audit(&log).await.len(), 1);
}

/// Postgres keeps none in a text, so that no log may have one.
pub(crate) async fn a_nul_in_a_name_is_refused(lab: Lab) {
    let log = lab.log().await;
    let good = row(&case("1"), 1);
    let odd = Subject::new("case", "hall", "1\0");
    let identity = Identity { system: "ha\0ll".into(), ..good.identity.clone() };
    for wrong in
        [row(&odd, 1), NewRow { identity: identity.clone(), ..good.clone() }, NewRow { actor: Actor::named("\0"), ..good.clone() }]
    {
        let mut locked = log.lock().await.unwrap();
        assert_eq!(named(locked.append(&[good.clone(), wrong]).await), ("event", "3".into()));
        assert!(locked.commit().await.is_err());
    }
    // Who asks for one is told that it is not there, beside what is.
    append(&log, std::slice::from_ref(&good)).await.unwrap();
    let asked = [&odd, &good.subject];
    assert_eq!(log.streams(&Everything, &asked, 99).await.unwrap().len(), 1);
    assert_eq!(log.known(&[&identity, &good.identity]).await.unwrap().len(), 1);
}
