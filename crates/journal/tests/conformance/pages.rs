//! Reading: pages without a hole, streams, kinds, positions, and the wait for more.

use crate::lab::{Lab, append, case, life, poll_once, read_all, row};
use std::{pin::pin, sync::Arc};
use tokio::sync::Barrier;
use xiaoer_domain::{Scope::Everything, Subject};
use xiaoer_journal::{Log, NewRow, PAGE_EVENTS_MAX};

pub(crate) async fn pages_of_every_size_leave_no_hole(lab: Lab) {
    let log = lab.log().await;
    append(&log, &life("1", 236)).await.unwrap();
    let whole = lab.audit(&log).await;
    assert_eq!(whole.len(), 237);
    for page in [0, 1, 2, 7, 79, 236, 237, 238, PAGE_EVENTS_MAX] {
        assert_eq!(read_all(&log, page).await, whole, "pages of {page}");
    }
    assert_eq!(log.read(&Everything, 100, 3).await.unwrap(), whole[100..103]);
    for beyond in [237, 238, u64::MAX >> 1, u64::MAX] {
        assert_eq!(log.read(&Everything, beyond, 10).await.unwrap(), [], "after {beyond}");
    }
    append(&log, &life("2", PAGE_EVENTS_MAX as u64)).await.unwrap();
    assert_eq!(log.read(&Everything, 0, usize::MAX).await.unwrap().len(), PAGE_EVENTS_MAX, "the bound of a page");
    assert_eq!(read_all(&log, usize::MAX).await.len(), 237 + PAGE_EVENTS_MAX);
}

pub(crate) async fn pages_are_bounded_in_bytes(lab: Lab) {
    let log = lab.log().await;
    let wide = |rows: Vec<NewRow>, bytes: usize| -> Vec<_> {
        rows.into_iter().map(|row| NewRow { body: "喜".repeat(bytes / 3).into(), ..row }).collect()
    };
    append(&log, &wide(life("64 KiB", 300), 64 << 10)).await.unwrap();
    // More than a page by itself: it comes alone, and does not stop the reader.
    append(&log, &wide(life("9 MiB", 2), 9 << 20)).await.unwrap();
    append(&log, &life("small", 3)).await.unwrap();
    let (mut at, mut pages) = (0, Vec::new());
    loop {
        let page = log.read(&Everything, at, usize::MAX).await.unwrap();
        let bytes: usize = page.iter().map(|row| row.body.len()).sum();
        assert!(bytes <= 8 << 20 || page.len() == 1, "{} events of {bytes} bytes", page.len());
        let Some(last) = page.last() else { break };
        assert_eq!(last.position - page.len() as u64, at, "no hole before the page after {at}");
        at = last.position;
        pages.push(page.len());
    }
    assert_eq!(at, 306);
    assert!(pages.len() >= 6 && pages.contains(&128), "{pages:?}");
}

pub(crate) async fn streams_come_as_asked(lab: Lab) {
    let log = lab.log().await;
    // Subjects that only differ in where their parts end, and parts that would break out of a quoted list.
    let subjects = [
        Subject::new("case", "ab", "c"),
        Subject::new("case", "a", "bc"),
        Subject::new("case", r#"a"],["#, "\\' 事项 \u{1F600}"),
        Subject::new("unit", "a", "bc"),
    ];
    for revision in 1..=3 {
        let rows: Vec<_> = subjects.iter().map(|subject| row(subject, revision)).collect();
        append(&log, &rows).await.unwrap();
    }
    let rows = lab.audit(&log).await;
    let expected = |subject: &Subject, until: u64| -> Vec<_> {
        rows.iter().filter(|row| row.subject == *subject && row.position <= until).cloned().collect()
    };
    for until in [0, 1, 2, 6, 9, 13, u64::MAX] {
        for subject in &subjects {
            assert_eq!(log.stream(&Everything, subject, until).await.unwrap(), expected(subject, until), "{subject} until {until}");
        }
        let nothing = Subject::new("case", "ab", "bc");
        let asked = [&subjects[2], &nothing, &subjects[0], &subjects[3]];
        let found = log.streams(&Everything, &asked, until).await.unwrap();
        assert_eq!(found, asked.map(|subject| expected(subject, until)).concat(), "in the order asked, until {until}");
    }
    assert_eq!(log.streams(&Everything, &[], 99).await.unwrap(), []);
    let genesis = log.stream(&Everything, &rows[0].subject, 99).await.unwrap();
    assert_eq!(genesis, rows[..1]);
}

pub(crate) async fn kinds_and_positions(lab: Lab) {
    let log = lab.log().await;
    let (unit, item) = (Subject::new("unit", "a", "1"), Subject::new("item", "a", "1"));
    append(&log, &[row(&unit, 1), row(&item, 1), row(&unit, 2), row(&case("1"), 1)]).await.unwrap();
    append(&log, &[row(&unit, 3), row(&item, 2)]).await.unwrap();
    let rows = lab.audit(&log).await;
    for (kind, until, expected) in
        [("unit", 99, &[2, 4, 6][..]), ("unit", 5, &[2, 4]), ("item", 6, &[3]), ("log", 7, &[1]), ("uni", 7, &[])]
    {
        let found = log.of_kind(&Everything, kind, until).await.unwrap();
        let expected: Vec<_> = expected.iter().map(|&position: &usize| rows[position - 1].clone()).collect();
        assert_eq!(found, expected, "{kind} until {until}");
    }
    let found = log.at(&Everything, &[7, 2, 2, 5, 8, 0, u64::MAX]).await.unwrap();
    assert_eq!(found, [rows[1].clone(), rows[4].clone(), rows[6].clone()], "ascending, once each, what is there");
    assert_eq!(log.at(&Everything, &[]).await.unwrap(), []);
}

pub(crate) async fn a_reader_beside_a_writer_sees_whole_commits(lab: Lab) {
    const COMMITS: u64 = 60;
    const WIDTH: u64 = 37;
    // One reader in the process of the writer, one in another.
    let log = lab.log().await;
    let started = Arc::new(Barrier::new(3));
    let read = |log: Log| {
        let started = Arc::clone(&started);
        tokio::spawn(async move {
            started.wait().await;
            let (mut at, mut pages) = (0, 0);
            while at < 1 + COMMITS * WIDTH {
                log.wait_past(at).await;
                let seen = log.head().await.unwrap().position;
                assert_eq!((seen - 1) % WIDTH, 0, "a head in the middle of a commit");
                let page = log.read(&Everything, at, PAGE_EVENTS_MAX).await.unwrap();
                let last = page.last().map_or(at, |row| row.position);
                assert!(last >= seen, "an event that the head names is not read");
                assert_eq!((last - 1) % WIDTH, 0, "half a commit was read");
                at = last;
                pages += 1;
            }
            pages
        })
    };
    let readers = [read(log.clone()), read(lab.log().await)];
    started.wait().await;
    for n in 0..COMMITS {
        append(&log, &life(&n.to_string(), WIDTH)).await.unwrap();
    }
    for reader in readers {
        assert!(reader.await.unwrap() >= 1);
    }
    lab.audit(&log).await;
}

pub(crate) async fn a_wait_ends_with_the_commit(lab: Lab) {
    let log = lab.log().await;
    // The wait also ends by itself after a while: only a wait that is over at the first look after the commit, each time, was
    // woken.
    for n in 0..25 {
        let at = log.head().await.unwrap().position;
        let mut wait = pin!(log.wait_past(at));
        assert!(poll_once(wait.as_mut()).await.is_none(), "nothing is there yet");
        append(&log, &life(&n.to_string(), 2)).await.unwrap();
        assert!(poll_once(wait.as_mut()).await.is_some(), "the commit woke nobody");
        assert!(poll_once(pin!(log.wait_past(at + 1))).await.is_some(), "what is there needs no wait");
        assert!(poll_once(pin!(log.wait_past(at + 2))).await.is_none());
    }
}

pub(crate) async fn a_wait_ends_without_one(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    let mut wait = pin!(log.wait_past(1));
    assert!(poll_once(wait.as_mut()).await.is_none());
    // Another process wakes nobody here; the end of the wait is what finds its events.
    append(&other, &life("1", 1)).await.unwrap();
    wait.await;
    assert_eq!(log.read(&Everything, 1, 10).await.unwrap().len(), 1);
    log.wait_past(u64::MAX).await;
}

/// What comes from memory is what a reader of the database finds, whoever appended and however much, from every position.
pub(crate) async fn who_follows_reads_what_is_stored(lab: Lab) {
    let (log, other) = (lab.log().await, lab.log().await);
    let turns = [(&log, 30), (&other, 20), (&log, 9), (&log, 1), (&other, 1), (&log, 9_000), (&log, 3), (&other, 2), (&log, 2)];
    for (turn, (by, events)) in turns.into_iter().enumerate() {
        append(by, &life(&turn.to_string(), events)).await.unwrap();
        let head = log.head().await.unwrap().position;
        let begins = (0..70).chain((70..head).step_by(997)).chain(head.saturating_sub(20)..head + 2).chain([u64::MAX]);
        for (from, limit) in begins.flat_map(|from| [1, 3, 50].map(|limit| (from, limit))) {
            let followed = log.follow(&Everything, from, limit).await.unwrap();
            let read = log.read(&Everything, from, limit).await.unwrap();
            // A page from memory may end where the memory does; the next one goes on from there.
            assert!(followed.len() == read.len() || followed.len() >= 2, "{turn}: {limit} after {from}: {} rows", followed.len());
            assert_eq!(followed, read[..followed.len()], "{turn}: {limit} after {from}");
        }
        let (mut at, mut pages) = (0, 0);
        while let Some(last) = log.follow(&Everything, at, 700).await.unwrap().last() {
            (at, pages) = (last.position, pages + 1);
        }
        assert_eq!(at, head, "{turn}: {pages} pages");
    }
    lab.audit(&log).await;
}
