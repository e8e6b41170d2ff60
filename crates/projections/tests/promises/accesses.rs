//! Who read what is found by each thing that a record names, as the record was written and by nothing else; after a crash, and in
//! tables that are built anew, too.

use crate::{
    site::{Site, project},
    tables::{dump, on_both},
    telling::{Posted, Random, post},
};
use serde_json::json;
use xiaoer_domain::Subject;
use xiaoer_projections::{Limits, Worker, accesses::Filter};

on_both! {
    a_record_is_found_by_what_it_names
    steps_of_any_size_write_the_same
}

const RECORDS: u64 = 300;

/// What a record says, drawn: log, case, reference.
pub(crate) type Said = (String, Option<String>, String);

fn said(random: &mut Random) -> Said {
    let log = *random.pick(&["370306", "370306-sealed"]);
    let case = (!random.chance(20)).then(|| format!("case-{}", random.below(7)));
    let reference = if random.chance(20) { format!("ref-{}", random.below(3)) } else { String::new() };
    (log.to_owned(), case, reference)
}

pub(crate) fn records() -> (Vec<Said>, Vec<Posted>) {
    let mut random = Random::new(170);
    let all: Vec<Said> = (0..RECORDS).map(|_| said(&mut random)).collect();
    let posts = all.iter().zip(2..).map(|((log, case, reference), number)| {
        let subject = case.as_ref().map(|id| json!({"kind": "case", "system": "hall", "id": id}));
        let read = json!({"log": log, "call": "AuditService/GetState", "subject": subject, "ref": reference});
        post(number, "access", &format!("a-{number}"), "2026-08-03T09:00:00", "accessRecorded", &read)
    });
    let posts = posts.collect();
    (all, posts)
}

async fn a_record_is_found_by_what_it_names() {
    let (all, posts) = records();
    let site = Site::of(&posts).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits::default()).await;
    let head = RECORDS + 1;
    let (logs, callers) = (["", "370306", "370306-sealed", "370307"], ["", "local", "nobody"]);
    let (cases, references) = (["", "case-0", "case-6", "case-9"], ["", "ref-1", "ref"]);
    let mut found_some = 0;
    for (log, caller) in logs.iter().flat_map(|log| callers.map(|caller| (*log, caller))) {
        for (case, reference) in cases.iter().flat_map(|case| references.map(|reference| (*case, reference))) {
            let filter = Filter {
                log: log.into(),
                caller: caller.into(),
                subject: (!case.is_empty()).then(|| Subject::new("case", "hall", case)),
                reference: reference.into(),
            };
            let fits = |(of_log, of_case, of_reference): &Said| {
                (log.is_empty() || of_log == log)
                    && ["", "local"].contains(&caller)
                    && (case.is_empty() || of_case.as_deref() == Some(case))
                    && (reference.is_empty() || of_reference == reference)
            };
            let expected: Vec<u64> = all.iter().zip(2..).filter(|(said, _)| fits(said)).map(|(_, position)| position).collect();
            assert_eq!(projection.accesses(&filter, 0, head, 1_000).await.unwrap(), expected, "{filter:?}");
            // A part of it, in pages.
            let part: Vec<u64> = expected.iter().copied().filter(|position| (51..=200).contains(position)).collect();
            let (mut paged, mut after) = (Vec::new(), 50);
            loop {
                let page = projection.accesses(&filter, after, 200, 7).await.unwrap();
                let Some(last) = page.last() else { break };
                (after, paged) = (*last, [paged, page].concat());
            }
            assert_eq!(paged, part, "{filter:?}");
            found_some += usize::from(!expected.is_empty());
        }
    }
    assert!(found_some > 20, "{found_some}");
}

async fn steps_of_any_size_write_the_same() {
    let (_, posts) = records();
    let site = Site::of(&posts).await;
    let mut dumps = Vec::new();
    for (name, events) in [("one", 1), ("some", 7), ("all", 1_000)] {
        let projection = site.projection(name).await;
        let mut worker = Worker::new(projection.clone(), Limits { events, ..Limits::default() });
        while projection.cursor().position < RECORDS + 1 {
            worker.step().await.unwrap();
            if projection.cursor().position % 3 == 0 {
                // As after a crash: what was read ahead is read again.
                worker = Worker::new(projection.clone(), Limits { events, ..Limits::default() });
            }
        }
        dumps.push(dump(&projection, &site.tables(name).await).await);
    }
    assert!(dumps[0].iter().any(|line| line.contains("case-1")), "what is found is in the dump");
    assert_eq!(dumps[0], dumps[1]);
    assert_eq!(dumps[1], dumps[2]);
}
