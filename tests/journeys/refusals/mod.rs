//! Aim: every wrong request is refused with its code, status, field, rule and remedy, the same on every way in, and changes nothing.
//!
//! Method: a log with a case in each state is prepared. Then every line of a table is given to `Check`, to `Post` and to one
//! `PostStream`; after each the head of the log, its leaf hash and the state of the thing are as they were. Questions have a table
//! of their own. Every code has a line, so that a new one is not forgotten.

mod messages;
mod persons;
mod questions;
mod sealed;
mod table;

use bytes::Bytes;
use futures::{StreamExt, stream};
use messages::of_messages;
use persons::of_persons;
use prost::Message;
use questions::{of_questions, of_scopes, of_the_catalogue};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use table::{Line, decided, good, lines, post, recorded, standing, told};
use tonic::{Code as Grpc, Status};
use tonic_types::StatusExt;
use xiaoer_domain::Code;
use xiaoer_tests::{Client, Lab, UNIT, case, event, on, raw, refused, root};
use xiaoer_wire::v1::{
    CheckResponse, GetStateRequest, PostMode, PostRequest, PostResponse, PostStreamResponse, Refusal, StateView, Subject,
    check_response, post_stream_response::Outcome,
};

const LOG: &str = "refusals";
const SYNTHETIC: &str = "refusals-synthetic";
const SEALED: &str = "refusals-sealed";
/// The codes of a world that is away or set up otherwise, which no wrong request meets here. `posting.rs` has the full queue and the
/// stop, `districts.rs` a log without a database, `earlier.rs` the contract's numbers, `project.rs` feeds and copies, `vault.rs` the
/// keys, `abuse.rs` a slow reader.
const OF_THE_WORLD: [Code; 20] = [
    // `accesses/unwritten.rs`.
    Code::AccessUnrecorded,
    Code::QueueFull,
    // Of callers: `known.rs`, `permits.rs`, `sealed.rs` and the domain's own tests of permits.
    Code::Unauthenticated,
    Code::Forbidden,
    Code::SmallCounts,
    Code::RateLimited,
    Code::ReaderSlow,
    Code::ProjectionBehind,
    Code::ProjectionStopped,
    Code::Stopping,
    Code::Unavailable,
    Code::Internal,
    Code::LogUnplaced,
    Code::ContractNotFinalized,
    Code::ContractNewer,
    Code::FeedForeign,
    Code::FeedHole,
    Code::FeedTrimmed,
    Code::LogReplica,
    Code::VaultKeys,
];

/// Code, status, field and rule of a refusal.
type Expected = (&'static str, Grpc, &'static str, &'static str);

/// `HH:MM` of one past day; everything here happened on it.
fn at(time: &str) -> String {
    format!("2026-04-21T{time}:00+08:00")
}

/// The refusal that a status carries; its details agree with each other.
fn refusal_in(status: &Status) -> Refusal {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("a status without details: {status:?}"));
    let said = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    assert_eq!(info.domain, "xiaoer.v1");
    let violation = details.bad_request().map(|bad| bad.field_violations[0].field.clone());
    assert!(violation.is_none_or(|field| field == said("field")), "{status:?}");
    let precondition = details.precondition_failure().map(|failure| failure.violations[0].clone());
    assert!(precondition.is_none_or(|it| (it.subject, it.r#type) == (said("field"), said("rule"))), "{status:?}");
    Refusal {
        code: info.reason.clone(),
        grpc_status: status.code() as i32,
        message: status.message().into(),
        field: said("field"),
        rule: said("rule"),
        remedy: said("remedy"),
        event_index: said("event_index").parse().expect("an index"),
    }
}

/// Holds a refusal against what is expected; it says what to do, and has its page.
fn check(name: &str, way: &str, found: &Refusal, expected: Expected) {
    let (code, status, field, rule) = expected;
    let said = (found.code.as_str(), Grpc::from_i32(found.grpc_status), found.field.as_str(), found.rule.as_str());
    assert_eq!(said, (code, status, field, rule), "{name}, {way}: {found:?}");
    assert!(found.remedy.ends_with('.') && !found.message.is_empty(), "{name}, {way}: {found:?}");
    let index = field.strip_prefix("events[").map_or("0", |rest| &rest[..1]);
    assert_eq!(found.event_index.to_string(), index, "{name}, {way}");
    let mut parts = rule.split(':');
    if let (Some(_), Some(state), Some(fact)) = (parts.next(), parts.next(), parts.next())
        && field.ends_with(".fact")
    {
        assert!(found.message.contains(state) && found.message.contains(fact), "{name}, {way}: {found:?}");
    }
    let page = std::fs::read_to_string(root().join(format!("docs/errors/{code}.md"))).expect("its page");
    assert!(page.starts_with(&format!("# {code}")), "{name}");
}

/// What must not change: position and leaf of the head, and the state of a thing.
async fn standing_of(client: &mut Client, log: &str, subject: &Subject) -> (u64, Vec<u8>, Option<StateView>) {
    let head = client.log(log).await;
    let request =
        GetStateRequest { log: log.into(), subject: Some(subject.clone()), at_least: head.position, ..Default::default() };
    let state = match client.audit.get_state(request).await {
        Ok(state) => state.into_inner().state,
        Err(status) if status.code() == Grpc::NotFound => None,
        Err(status) => panic!("{subject:?}: {status:?}"),
    };
    (head.position, head.leaf_hash, state)
}

/// Opens the logs and posts what stands.
async fn prepare(client: &mut Client) {
    client.open(LOG, false).await;
    client.open(SYNTHETIC, true).await;
    client.open(SEALED, false).await;
    for event in sealed::standing() {
        client.post(SEALED, vec![event.clone()]).await.unwrap_or_else(|status| panic!("{event:?}: {status}"));
    }
    for (subject, facts) in standing() {
        client.post(LOG, told(&subject, facts)).await.unwrap_or_else(|status| panic!("{subject:?}: {status}"));
    }
    let first = client.tell(SYNTHETIC, recorded(), PostMode::Strict, Some("2026-04-21T12:00:00+08:00")).await;
    assert_eq!(first.unwrap().recorded_at.unwrap().seconds, 1_776_744_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_post_is_refused_and_changes_nothing() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let channel = client.channel.clone();
    for Line { name, request, log, subject, expected } in lines() {
        let before = standing_of(&mut client, log, &subject).await;
        let checked: CheckResponse =
            raw::call(&channel, "/xiaoer.v1.PostingService/Check", request.clone()).await.expect("Check answers");
        let Some(check_response::Outcome::WouldRefuse(would)) = checked.outcome else { panic!("{name}, Check: {checked:?}") };
        check(name, "Check", &would, expected);
        let posted: Result<PostResponse, Status> = raw::call(&channel, "/xiaoer.v1.PostingService/Post", request).await;
        let status = posted.expect_err(name);
        let refusal = refusal_in(&status);
        check(name, "Post", &refusal, expected);
        assert!(status.message().contains(&would.remedy), "{name}: {}", status.message());
        assert_eq!((refusal.remedy, refusal.event_index), (would.remedy, would.event_index), "{name}");
        assert_eq!(standing_of(&mut client, log, &subject).await, before, "{name}: something changed");
    }
    // The same on one stream, between posts that are accepted: a refusal stops nothing behind it.
    let head = client.log(LOG).await.position;
    let requests: Vec<Bytes> = lines().into_iter().map(|line| line.request).chain([good().encode_to_vec().into()]).collect();
    let answers: Vec<PostStreamResponse> = raw::stream(&channel, "/xiaoer.v1.PostingService/PostStream", stream::iter(requests))
        .await
        .expect("a stream")
        .map(|answer| answer.expect("an answer"))
        .collect()
        .await;
    let (last, refused) = answers.split_last().expect("answers");
    assert_eq!(refused.len(), lines().len());
    for (line, (answer, index)) in lines().into_iter().zip(refused.iter().zip(0..)) {
        let Some(Outcome::Refused(refusal)) = &answer.outcome else { panic!("{}: {answer:?}", line.name) };
        assert_eq!(answer.index, index);
        check(line.name, "PostStream", refusal, line.expected);
    }
    let Some(Outcome::Accepted(PostResponse { receipts })) = &last.outcome else { panic!("{last:?}") };
    assert_eq!((receipts[0].position, receipts[0].revision), (head + 1, 2), "the refused ones took no place");
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_doubtful_is_recorded_with_a_flag() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let note = |id: &str| {
        let mut event = event(&case("received"), &at("17:00"), json!({"caseNoteRecorded": {"code": id}}));
        event.source.as_mut().unwrap().unit_usci.clear();
        event
    };
    let mut bad_unit = note("unit");
    bad_unit.source.as_mut().unwrap().unit_usci = "11370306XXXX000190".into();
    let later = json!({"itemVersionPublished": {"version": "1", "name": "later", "itemType": "ITEM_TYPE_PERMIT",
        "leadUsci": UNIT, "inForceFrom": "2199-12-31"}});
    let ahead = event(&on("item", "later"), &at("17:01"), later);
    let individual = event(&case("individual"), &at("09:00"), json!({"caseReceived": {"itemCode": "nothing", "itemVersion": "1"}}));
    let lines = [
        ("a unit's code that fails its check", bad_unit, PostMode::Strict, vec!["bad_unit_usci"]),
        ("an item that nobody published", individual, PostMode::Strict, vec!["item_unknown"]),
        ("a first day in force that lies ahead", ahead, PostMode::Strict, vec![]),
        (
            "a decision before the acceptance",
            event(&case("received"), &at("17:02"), decided()),
            PostMode::Record,
            vec!["irregular", "record_mode_unlisted"],
        ),
    ];
    for (name, event, mode, expected) in lines {
        let request = PostRequest { mode: mode.into(), ..post(vec![event.clone()]) };
        let would = client.posting.check(request).await.unwrap().into_inner().outcome;
        let Some(check_response::Outcome::WouldAccept(would)) = would else { panic!("{name}: {would:?}") };
        let receipt = client.tell(LOG, event, mode, None).await.unwrap_or_else(|status| panic!("{name}: {status}"));
        let flags: Vec<_> = receipt.flags.iter().map(String::as_str).filter(|&flag| flag != "late_posted").collect();
        assert_eq!(flags, expected, "{name}");
        assert_eq!((would.receipts[0].position, &would.receipts[0].flags), (receipt.position, &receipt.flags), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_attempt_is_kept_without_what_it_said() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let mut other = recorded();
    other.source.as_mut().unwrap().staff_id = "secret".into();
    client.posting.check(post(vec![other.clone()])).await.unwrap();
    assert_eq!(refused(&lab.data(), LOG).await, [], "a Check is no attempt");
    for _ in 0..2 {
        client.post(LOG, vec![other.clone()]).await.unwrap_err();
    }
    client.post(LOG, vec![event(&case("received"), &at("17:00"), decided())]).await.unwrap_err();
    let kept = refused(&lab.data(), LOG).await;
    let codes: Vec<_> = kept.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["XE-IDENTITY-REUSED", "XE-IDENTITY-REUSED", "XE-CASE-NOT-ACCEPTED"]);
    assert!(kept.iter().all(|(_, digest)| digest.len() == 32) && kept[0].1 == kept[1].1 && kept[1].1 != kept[2].1);
    let first = client.post(LOG, vec![recorded()]).await.unwrap().receipts.remove(0);
    assert!(first.duplicate, "what stands is not touched");
    assert!(server.stop().await.success());
    for entry in std::fs::read_dir(lab.data().join("journal")).unwrap() {
        let path = entry.unwrap().path();
        let holds = std::fs::read(&path).unwrap().windows(6).any(|bytes| bytes == b"secret");
        assert!(!holds, "{} holds what was refused", path.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_question_is_refused_and_every_code_has_its_line() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let before = standing_of(&mut client, LOG, &case("received")).await;
    let far = before.0 + 1_000_000;
    let mut questions = of_scopes(&mut client, far).await;
    questions.extend(of_questions(&mut client, far).await);
    questions.extend(of_the_catalogue(&mut client, far).await);
    questions.extend(of_messages(&mut client).await);
    questions.extend(of_persons(&mut client).await);
    let mut codes: BTreeSet<&str> = lines().iter().map(|line| line.expected.0).collect();
    for (name, status, expected) in questions {
        let status = status.unwrap_or_else(|| panic!("{name} is answered"));
        check(name, "asked", &refusal_in(&status), expected);
        codes.insert(expected.0);
    }
    assert_eq!(standing_of(&mut client, LOG, &case("received")).await, before);
    let status = client.admin.get_status(xiaoer_wire::v1::GetStatusRequest {}).await.unwrap().into_inner();
    // Those of a log and of its sealed one are recorded in one.
    assert_eq!(status.logs.len(), 3 + 2, "no log was opened, but for those of who reads them");
    let every: BTreeSet<&str> = Code::ALL.iter().filter(|code| !OF_THE_WORLD.contains(code)).map(|code| code.as_str()).collect();
    assert_eq!(codes, every, "every code has a line, here or in `posting.rs`");
    tokio::time::timeout(Duration::from_secs(60), server.stop()).await.expect("it stops");
}
