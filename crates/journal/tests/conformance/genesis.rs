//! A log begins with one genesis; the logs of an installation share nothing.

use crate::lab::{GENESIS_AT, LOG, Lab, append, create, create_with, genesis, life, name, read_all, row};
use std::{fs, sync::Arc};
use xiaoer_domain::{Scope, Subject};
use xiaoer_journal::{CONTRACT, Error, Journal};
use xiaoer_wire::parse;

pub(crate) async fn a_log_begins_with_its_genesis(lab: Lab) {
    let journal = lab.open().await;
    assert!(journal.logs().is_empty() && journal.log(&name(LOG)).is_none());
    let (log, existed) = create(&journal, LOG).await;
    assert!(!existed);
    let rows = lab.audit(&log).await;
    let [first] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((first.position, first.revision, first.recorded_at), (1, 1, GENESIS_AT));
    assert_eq!(first.subject, Subject::new("log", "xiaoer", LOG));
    assert_eq!(first.body, parse::body(&genesis(LOG, "Asia/Shanghai", false)).unwrap());
    assert_eq!((&*first.fact, first.actor.as_str(), first.mode), ("LogOpened", "local", 1));
    let said = log.genesis();
    assert_eq!((said.name.as_str(), said.zone_name.as_str(), said.synthetic), (LOG, "Asia/Shanghai", false));
    assert_eq!(log.head().await.unwrap().incarnation, 1);
}

pub(crate) async fn a_second_opening_finds_the_first(lab: Lab) {
    let journal = lab.open().await;
    create(&journal, LOG).await;
    let other = genesis(LOG, "Europe/Berlin", true);
    // In the same process, in one that was there before the log, and after a restart: the first settings stand, for the caller
    // to compare with what it asked for.
    for journal in [&journal, &lab.open().await] {
        for asked in [&genesis(LOG, "Asia/Shanghai", false), &other] {
            let (log, existed) = create_with(journal, asked).await.unwrap();
            assert!(existed, "{asked:?}");
            assert_eq!((log.genesis().zone_name.as_str(), log.genesis().synthetic), ("Asia/Shanghai", false));
            assert_eq!(lab.audit(&log).await.len(), 1);
        }
    }
    let fresh = lab.fresh().await;
    let (early, late) = (fresh.open().await, fresh.open().await);
    assert!(!create_with(&early, &other).await.unwrap().1);
    let (log, existed) = create(&late, LOG).await;
    assert!(existed, "another process opened it");
    assert_eq!((log.genesis().zone_name.as_str(), log.genesis().synthetic), ("Europe/Berlin", true));
}

pub(crate) async fn one_of_many_openers_is_first(lab: Lab) {
    for round in 0..6 {
        let log = format!("race-{round}");
        // Six processes, and in each two callers.
        let mut openers = Vec::new();
        for _ in 0..6 {
            let journal = Arc::new(lab.open().await);
            for _ in 0..2 {
                let (journal, log) = (Arc::clone(&journal), log.clone());
                openers.push(tokio::spawn(async move { create(&journal, &log).await }));
            }
        }
        let mut first = 0;
        for opener in openers {
            let (opened, existed) = opener.await.unwrap();
            first += usize::from(!existed);
            assert_eq!(opened.head().await.unwrap().position, 1);
        }
        assert_eq!(first, 1, "openers that were told to be the first, round {round}");
    }
}

pub(crate) async fn an_opening_cut_short_is_made_good(lab: Lab) {
    // What a kill leaves behind before the genesis: a file without tables, or tables and no log.
    let mut logs = vec!["tables"];
    if lab.folder().is_some() {
        fs::write(lab.file("empty"), "").unwrap();
        logs.push("empty");
    }
    let (_, existed) = create(&lab.open().await, "tables").await;
    assert!(!existed);
    lab.sql("tables", "DELETE FROM event; DELETE FROM log").await;
    let journal = lab.open().await;
    for &log in &logs {
        assert!(journal.log(&name(log)).is_none());
        let (log, existed) = create(&journal, log).await;
        assert!(!existed);
        assert_eq!(lab.audit(&log).await.len(), 1);
    }
    assert_eq!(lab.open().await.logs().len(), logs.len());
}

pub(crate) async fn only_a_genesis_opens_a_log(lab: Lab) {
    let journal = lab.open().await;
    let good = genesis(LOG, "Asia/Shanghai", false);
    let event = parse::event(&good, &jiff::tz::TimeZone::UTC).unwrap();
    let opened = |change: &dyn Fn(&mut xiaoer_domain::event::LogOpened)| {
        let mut event = event.clone();
        let xiaoer_domain::Fact::LogOpened(opened) = &mut event.fact else { unreachable!() };
        change(opened);
        event
    };
    let body = || parse::body(&good).unwrap().into();
    for wrong in [
        opened(&|opened| opened.suite = "md5".into()),
        opened(&|opened| opened.name = "No Name".into()),
        opened(&|opened| opened.time_zone = "Asia/Atlantis".into()),
    ] {
        assert!(matches!(journal.create(wrong, body()).await, Err(Error::Corrupt { .. })));
    }
    let newer = opened(&|opened| opened.contract = CONTRACT + 1);
    assert!(matches!(journal.create(newer, body()).await, Err(Error::Newer { needs, .. }) if needs == CONTRACT + 1));
    assert!(journal.logs().is_empty());
    assert!(lab.open().await.logs().is_empty(), "nothing was left of a refused genesis");
}

pub(crate) async fn logs_are_separate(lab: Lab) {
    let journal = lab.open().await;
    let names = ["370306", "370306-sealed", "370306-access"];
    for (log, n) in names.into_iter().zip(1..) {
        let (log, _) = create(&journal, log).await;
        // The same subject and the same identities in each.
        append(&log, &life("1", n)).await.unwrap();
    }
    let held = journal.log(&name("370306")).unwrap().lock().await.unwrap();
    let sealed = journal.log(&name("370306-sealed")).unwrap();
    append(&sealed, &[row(&Subject::new("case", "hall", "1"), 3)]).await.unwrap();
    drop(held);
    // Files that are no log are left alone.
    if let Some(folder) = lab.folder() {
        fs::write(folder.join("README.md"), "x").unwrap();
        fs::write(folder.join("No Log.db"), "x").unwrap();
    }
    for journal in [&journal, &lab.open().await] {
        let found: Vec<_> = journal.logs().iter().map(|log| log.genesis().name.to_string()).collect();
        assert_eq!(found, ["370306", "370306-access", "370306-sealed"]);
        for (log, events) in names.into_iter().zip([1, 3, 3]) {
            let log = journal.log(&name(log)).unwrap();
            assert_eq!(lab.audit(&log).await.len(), events + 1);
            assert_eq!(log.stream(&Scope::Everything, &Subject::new("case", "hall", "1"), 99).await.unwrap().len(), events);
        }
    }
    let leaf = |journal: &Journal, log| {
        let log = journal.log(&name(log)).unwrap();
        async move { read_all(&log, 1).await[1].leaf_hash }
    };
    assert_ne!(leaf(&journal, names[0]).await, leaf(&journal, names[1]).await, "a leaf says which log it is of");
}
