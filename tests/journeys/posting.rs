//! Aim: a request is recorded whole and once, or not at all, and whoever posted it can find out which by posting it again: also
//! where writers race, the queue is full, a client goes away or gives up, or the server stops.
//!
//! Method: where a moment matters, the test holds the write lock of the log's file, as another process could; the writer waits for
//! it with a batch in its hands. What was recorded is read from the disk or from the start of the log, never taken on trust.

use bytes::Bytes;
use futures::{StreamExt, future::join_all, stream};
use prost::Message;
use serde_json::json;
use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;
use xiaoer_domain::LogName;
use xiaoer_journal::{Journal, Locked};
use xiaoer_tests::{Client, Lab, PATIENCE, Record, case, event, raw, refusal_of};
use xiaoer_wire::v1::{
    Event, PostRequest, PostResponse, PostStreamResponse, Receipt, Subject, SubscribeRequest,
    audit_service_client::AuditServiceClient, check_response, post_stream_response::Outcome,
};

const LOG: &str = "posting";
/// Requests that wait for a writer, and those it may have in its hands: bounds of the server's intake.
const QUEUE_REQUESTS_MAX: usize = 4_096;
const BATCH_EVENTS_MAX: usize = 1_000;
/// Requests of one stream that the server lets wait.
const STREAM_WAITING_MAX: u32 = 2_048;
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(10);

fn at(minute: usize) -> String {
    format!("2026-04-21T09:{minute:02}:00+08:00")
}

fn received(id: &str) -> Event {
    event(&case(id), &at(0), json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}))
}

fn note(id: &str, code: &str) -> Event {
    event(&case(id), &at(1), json!({"caseNoteRecorded": {"code": code}}))
}

/// A case from receipt to decision.
fn decided_case(id: &str) -> Vec<Event> {
    let facts = [json!({"caseAccepted": {}}), json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})];
    let later = facts.into_iter().zip(1..).map(|(fact, minute)| event(&case(id), &at(minute), fact));
    [received(id)].into_iter().chain(later).collect()
}

fn request(events: Vec<Event>) -> PostRequest {
    PostRequest { log: LOG.into(), events, ..PostRequest::default() }
}

/// Where an event stands.
fn place(receipt: &Receipt) -> (u64, u64) {
    (receipt.position, receipt.revision)
}

/// Takes the write lock of the log's file, so that the writer waits; released by [`release`].
async fn hold(data: &Path) -> Locked {
    let journal = Journal::open(&data.join("journal")).await.expect("the journal opens");
    let log = journal.log(&LogName::new(LOG).expect("a name")).expect("the log is there");
    timeout(PATIENCE, log.lock()).await.expect("the lock in time").expect("the lock")
}

async fn release(locked: Locked) {
    locked.commit().await.expect("nothing to commit");
}

/// Waits until at least so many requests wait for the writer.
async fn queued(client: &mut Client, count: u32) {
    let since = Instant::now();
    while client.log(LOG).await.queued < count {
        assert!(since.elapsed() < PATIENCE, "{count} wait");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until no request waits for the writer.
async fn idle(client: &mut Client) {
    let since = Instant::now();
    while client.log(LOG).await.queued > 0 {
        assert!(since.elapsed() < PATIENCE, "the queue empties");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What stands on disk of each event id; no event stands twice.
fn places(record: &Record) -> HashMap<String, (u64, u64)> {
    let mut found = HashMap::new();
    for row in &record.rows {
        let twice = found.insert(row.identity.event_id.to_string(), (row.position, row.revision));
        assert_eq!(twice, None, "an event stands twice, again at {}", row.position);
    }
    found
}

/// Revisions of a thing in the order of the log.
async fn revisions(client: &mut Client, subject: &Subject) -> Vec<u64> {
    let history = client.history(LOG, 0).await;
    let of_subject = history.into_iter().filter(|event| event.event.as_ref().unwrap().subject.as_ref() == Some(subject));
    of_subject.map(|event| event.revision).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_answers_in_order_and_goes_on_behind_refusals() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for n in 0..100 {
        let id = format!("c{n}");
        let decided = decided_case(&id).remove(2);
        let no_id = Event { event_id: "1".into(), ..note(&id, "x") };
        let elsewhere = PostRequest { log: "nowhere".into(), ..request(vec![note(&id, "x")]) };
        requests.extend([
            request(vec![received(&id)]),
            request(vec![decided]),
            request(vec![note(&id, "a"), note(&id, "b")]),
            request(vec![no_id]),
            request(vec![received(&id)]),
            elsewhere,
            request(vec![note(&id, "c")]),
        ]);
        expected.extend(["1", "XE-CASE-NOT-ACCEPTED", "2 3", "XE-EVENT-ID", "1 again", "XE-LOG-UNKNOWN", "4"]);
    }
    let sent: Vec<Vec<String>> =
        requests.iter().map(|request| request.events.iter().map(|event| event.event_id.clone()).collect()).collect();
    let mut answers = client.posting.post_stream(stream::iter(requests)).await.unwrap().into_inner();
    let mut last = 0;
    for (index, expected) in expected.into_iter().enumerate() {
        let answer = timeout(PATIENCE, answers.message()).await.unwrap().unwrap().expect("an answer to each");
        assert_eq!(answer.index, index as u64);
        let found = match answer.outcome.unwrap() {
            Outcome::Refused(refusal) => refusal.code,
            Outcome::Accepted(PostResponse { receipts }) => {
                let ids: Vec<_> = receipts.iter().map(|receipt| receipt.event_id.clone()).collect();
                assert_eq!(ids, sent[index], "answers come in the order of the requests");
                let new = receipts.iter().filter(|receipt| !receipt.duplicate);
                new.for_each(|receipt| {
                    assert!(receipt.position > last, "and are recorded in it");
                    last = receipt.position;
                });
                let again = if receipts[0].duplicate { " again" } else { "" };
                let revisions: Vec<_> = receipts.iter().map(|receipt| receipt.revision.to_string()).collect();
                format!("{}{again}", revisions.join(" "))
            }
        };
        assert_eq!(found, expected, "request {index}");
    }
    assert_eq!(timeout(PATIENCE, answers.message()).await.unwrap().unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_entered_before_an_unreadable_message_is_answered() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    // Held, so that nothing is answered when the message that is none is read.
    let held = hold(&lab.data()).await;
    let good = (0..3).map(|n| Bytes::from(request(vec![received(&format!("c{n}"))]).encode_to_vec()));
    let messages: Vec<Bytes> = good.chain([Bytes::from_static(b"no message")]).collect();
    let answers = raw::stream::<PostStreamResponse>(&client.channel, "PostStream", stream::iter(messages)).await.unwrap();
    queued(&mut client, 3).await;
    release(held).await;
    let answers: Vec<_> = timeout(PATIENCE, answers.collect()).await.unwrap();
    let revisions: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(PostStreamResponse { outcome: Some(Outcome::Accepted(response)), .. }) => Ok(response.receipts[0].revision),
            Ok(other) => panic!("{other:?}"),
            Err(status) => Err(status.code()),
        })
        .collect();
    assert_eq!(revisions, [Ok(1), Ok(1), Ok(1), Err(Code::InvalidArgument)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_gets_the_first_receipts_also_after_a_restart() {
    let lab = Lab::new();
    let mut server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut flagged = note("single", "a");
    flagged.source.as_mut().unwrap().unit_usci = "11370306XXXX000190".into();
    let requests = [vec![received("single")], vec![flagged], decided_case("list")].map(request);
    let mut first = Vec::new();
    for request in &requests {
        first.push(client.posting.post(request.clone()).await.unwrap().into_inner().receipts);
    }
    assert_eq!(first[1][0].flags, ["late_posted", "bad_unit_usci"]);
    assert!(first.iter().flatten().all(|receipt| !receipt.duplicate));
    let head = client.log(LOG).await.position;
    first.iter_mut().flatten().for_each(|receipt| receipt.duplicate = true);
    for round in ["at once", "after a stop", "after a kill"] {
        let mut client = server.client();
        let answers = client.posting.post_stream(stream::iter(requests.clone())).await.unwrap().into_inner();
        let streamed: Vec<_> = answers.map(|answer| answer.unwrap().outcome.unwrap()).collect().await;
        for ((request, first), streamed) in requests.iter().zip(&first).zip(streamed) {
            let expected = PostResponse { receipts: first.clone() };
            // A revision that has passed does not matter to what is recorded already.
            let stale = PostRequest { expected_revision: Some(77), ..request.clone() };
            let checked = client.posting.check(request.clone()).await.unwrap().into_inner().outcome.unwrap();
            assert_eq!(client.posting.post(stale).await.unwrap().into_inner(), expected, "{round}");
            assert_eq!(checked, check_response::Outcome::WouldAccept(expected.clone()), "{round}");
            assert_eq!(streamed, Outcome::Accepted(expected), "{round}");
        }
        assert_eq!(client.log(LOG).await.position, head, "{round}: nothing is recorded");
        match round {
            "at once" => assert!(server.stop().await.success()),
            _ => server.kill(),
        }
        server = lab.serve("off").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_with_one_revision_exactly_one_wins() {
    const ROUNDS: u64 = 60;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("race")]).await.unwrap();
    let writers = [server.client(), server.client()];
    for revision in 1..=ROUNDS {
        let posts = writers.iter().cloned().zip(["a", "b"]).map(|(mut writer, name)| {
            let note = note("race", &format!("{name}{revision}"));
            let request = PostRequest { expected_revision: Some(revision), ..request(vec![note]) };
            tokio::spawn(async move { writer.posting.post(request).await })
        });
        let (won, lost): (Vec<_>, Vec<_>) = join_all(posts).await.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1), "revision {revision}");
        let receipt = won.into_iter().next().unwrap().unwrap().into_inner().receipts.remove(0);
        assert_eq!((receipt.revision, receipt.duplicate), (revision + 1, false));
        let refusal = refusal_of(lost[0].as_ref().unwrap_err());
        assert_eq!(refusal, ("XE-REVISION".into(), "expected_revision".into(), Code::FailedPrecondition));
    }
    assert_eq!(revisions(&mut client, &case("race")).await, (1..=ROUNDS + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_posts_of_one_event_one_is_recorded() {
    const ROUNDS: usize = 40;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("race")]).await.unwrap();
    let writers: Vec<_> = (0..16).map(|_| server.client()).collect();
    for round in 0..ROUNDS {
        let event = note("race", &format!("n{round}"));
        let posts = writers.iter().cloned().map(|mut writer| {
            let event = event.clone();
            tokio::spawn(async move { writer.post(LOG, vec![event]).await })
        });
        let receipts: Vec<_> = join_all(posts).await.into_iter().map(|post| post.unwrap().unwrap().receipts.remove(0)).collect();
        let new: Vec<_> = receipts.iter().filter(|receipt| !receipt.duplicate).collect();
        assert_eq!(new.len(), 1, "round {round}: {receipts:?}");
        let told = |receipt: &Receipt| (place(receipt), receipt.recorded_at, receipt.flags.clone());
        assert!(receipts.iter().all(|receipt| told(receipt) == told(new[0])), "round {round}: {receipts:?}");
    }
    assert_eq!(revisions(&mut client, &case("race")).await, (1..=ROUNDS as u64 + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_goes_away_leaves_nothing_half_recorded() {
    /// More than what waits in the server and what is on its way when the connection breaks.
    const LISTS: usize = 4_000;
    const READ: usize = 20;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    server.client().open(LOG, false).await;
    let lists: Vec<Vec<Event>> = (0..LISTS).map(|n| decided_case(&format!("c{n}"))).collect();
    let mut receipts = Vec::new();
    let held = {
        let mut client = server.client();
        let (sender, receiver) = mpsc::channel(LISTS);
        let send = |list: &Vec<Event>| sender.try_send(request(list.clone())).expect("room for all");
        lists[..READ].iter().for_each(send);
        let mut answers = client.posting.post_stream(ReceiverStream::new(receiver)).await.unwrap().into_inner();
        while receipts.len() < READ {
            match timeout(PATIENCE, answers.message()).await.unwrap().unwrap().unwrap().outcome.unwrap() {
                Outcome::Accepted(response) => receipts.push(response.receipts),
                Outcome::Refused(refusal) => panic!("{refusal:?}"),
            }
        }
        // The writer waits, so that the stream is read no further than the server lets requests wait.
        let held = hold(&lab.data()).await;
        lists[READ..].iter().for_each(send);
        queued(&mut server.client(), STREAM_WAITING_MAX).await;
        held
        // The connection is dropped in the middle of the stream.
    };
    release(held).await;
    assert!(server.stop().await.success());
    let found = places(&Record::read(&lab.data(), LOG).await);
    for receipt in receipts.iter().flatten() {
        assert_eq!(found.get(&receipt.event_id), Some(&place(receipt)), "what was receipted stands");
    }
    let stands = |list: &Vec<Event>| list.iter().filter(|event| found.contains_key(&event.event_id)).count();
    let counts: Vec<_> = lists.iter().map(stands).collect();
    let whole = counts.iter().take_while(|&&count| count == 3).count();
    println!("{whole} of {LISTS} lists were recorded");
    assert!(
        whole > READ && whole < LISTS && counts[whole..].iter().all(|&count| count == 0),
        "whole, and in the order sent: {counts:?}"
    );
    // The client comes back and sends everything again.
    let server = lab.serve("off").await;
    let mut client = server.client();
    let mut answers = client.posting.post_stream(stream::iter(lists.into_iter().map(request))).await.unwrap().into_inner();
    for index in 0..LISTS {
        match timeout(PATIENCE, answers.message()).await.unwrap().unwrap().unwrap().outcome.unwrap() {
            Outcome::Accepted(PostResponse { receipts }) => {
                assert_eq!(receipts.iter().map(|receipt| receipt.revision).collect::<Vec<_>>(), [1, 2, 3]);
                assert!(receipts.iter().all(|receipt| receipt.duplicate == (index < whole)), "list {index}");
            }
            Outcome::Refused(refusal) => panic!("{refusal:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_said_at_once_and_loses_nothing() {
    const CONNECTIONS: usize = 6;
    const CALLS: usize = 6_000;
    const STREAMED: usize = 50;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let before = client.log(LOG).await.position;
    let connections: Vec<_> = (0..CONNECTIONS).map(|_| server.client()).collect();
    let held = hold(&lab.data()).await;
    let refused = Arc::new(AtomicU64::new(0));
    let calls: Vec<_> = (0..CALLS)
        .map(|n| {
            let (mut connection, refused, event) =
                (connections[n % CONNECTIONS].clone(), Arc::clone(&refused), received(&format!("u{n}")));
            tokio::spawn(async move {
                let posted = connection.post(LOG, vec![event.clone()]).await;
                refused.fetch_add(u64::from(posted.is_err()), Ordering::Relaxed);
                (event, posted)
            })
        })
        .collect();
    let since = Instant::now();
    while u64::from(client.log(LOG).await.queued) + refused.load(Ordering::Relaxed) < CALLS as u64 {
        assert!(since.elapsed() < PATIENCE, "every call waits or is refused");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let waiting = client.log(LOG).await.queued as usize;
    assert!((QUEUE_REQUESTS_MAX..=QUEUE_REQUESTS_MAX + BATCH_EVENTS_MAX).contains(&waiting), "{waiting} wait");
    // A stream is not refused: it is not read.
    let streamed: Vec<_> = (0..STREAMED).map(|n| received(&format!("s{n}"))).collect();
    let requests = stream::iter(streamed.clone().into_iter().map(|event| request(vec![event])));
    let mut answers = client.posting.post_stream(requests).await.unwrap().into_inner();
    let early = timeout(LOOK_EVERY * 20, answers.message()).await;
    assert!(early.is_err(), "nothing is answered while the writer waits: {early:?}");
    release(held).await;

    let mut stands: HashMap<String, (u64, u64)> = HashMap::new();
    let mut again = Vec::new();
    for (event, posted) in timeout(PATIENCE, join_all(calls)).await.unwrap().into_iter().map(Result::unwrap) {
        match posted {
            Ok(response) => {
                assert!(!response.receipts[0].duplicate);
                stands.insert(event.event_id, place(&response.receipts[0]));
            }
            Err(status) => {
                assert_eq!((refusal_of(&status).0.as_str(), status.code()), ("XE-QUEUE-FULL", Code::ResourceExhausted));
                assert!(status.get_details_retry_info().is_some_and(|retry| retry.retry_delay.is_some()), "{status:?}");
                again.push(event);
            }
        }
    }
    println!("{} waited, {} were refused", stands.len(), again.len());
    assert_eq!((stands.len(), again.len()), (waiting, CALLS - waiting));
    for event in streamed {
        match timeout(PATIENCE, answers.message()).await.unwrap().unwrap().unwrap().outcome.unwrap() {
            Outcome::Accepted(response) => stands.insert(event.event_id, place(&response.receipts[0])),
            Outcome::Refused(refusal) => panic!("{refusal:?}"),
        };
    }
    let history = client.history(LOG, before).await;
    let found: HashMap<_, _> =
        history.iter().map(|event| (event.event.as_ref().unwrap().event_id.clone(), (event.position, event.revision))).collect();
    assert_eq!(history.len(), found.len(), "nothing doubled");
    assert_eq!(found, stands, "what was accepted stands, what was refused does not");
    for event in again {
        assert!(!client.post(LOG, vec![event]).await.unwrap().receipts[0].duplicate);
    }
    assert_eq!(client.log(LOG).await.position, before + (CALLS + STREAMED) as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_gave_up_finds_its_list_whole_or_not_at_all() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let give_up = async |client: &mut Client, list: &[Event], after: Duration| {
        let mut call = Request::new(request(list.to_vec()));
        call.set_timeout(after);
        client.posting.post(call).await
    };
    let mut lists = Vec::new();
    // Certainly after it entered: the writer waits.
    let held = hold(&lab.data()).await;
    let since = Instant::now();
    while client.log(LOG).await.queued < 10 {
        assert!(since.elapsed() < PATIENCE, "ten calls enter and are given up");
        let list = decided_case(&format!("held{}", lists.len()));
        let status = give_up(&mut client, &list, LOOK_EVERY * 5).await.expect_err("the writer waits");
        assert!(matches!(status.code(), Code::Cancelled | Code::DeadlineExceeded), "{status:?}");
        lists.push(list);
    }
    let (entered, given_up) = (client.log(LOG).await.queued as usize, lists.len());
    release(held).await;
    idle(&mut client).await;
    // At any moment.
    for n in 0..300 {
        let list = decided_case(&format!("any{n}"));
        let _ = give_up(&mut client, &list, Duration::from_micros(n * 30)).await;
        lists.push(list);
    }
    idle(&mut client).await;
    let mut found: HashMap<String, u64> = HashMap::new();
    for event in client.history(LOG, 0).await {
        let subject = event.event.unwrap().subject.unwrap();
        *found.entry(subject.id).or_default() += u64::from(subject.kind == "case");
    }
    let mut abandoned = 0;
    for (index, list) in lists.into_iter().enumerate() {
        let id = &list[0].subject.as_ref().unwrap().id;
        let recorded = found.get(id).copied().unwrap_or(0);
        assert!(recorded == 0 || recorded == 3, "{id}: {recorded} of 3");
        let receipts = client.post(LOG, list.clone()).await.unwrap().receipts;
        assert!(receipts.iter().all(|receipt| receipt.duplicate == (recorded == 3)), "{id}: {receipts:?}");
        assert_eq!(receipts.iter().map(|receipt| receipt.revision).collect::<Vec<_>>(), [1, 2, 3], "{id}");
        abandoned += usize::from(index < given_up && recorded == 3);
    }
    println!("of {given_up} lists {entered} had entered, {abandoned} were recorded");
    assert!(abandoned >= entered, "what has entered is recorded though nobody waits");
}

/// What became of one sender's events.
#[derive(Default)]
struct Sent {
    receipts: Vec<Receipt>,
    unanswered: Vec<Event>,
}

/// Whether a status says no more than that the server is away or going.
fn away(status: &Status) -> bool {
    match refusal_of(status).0.as_str() {
        "" => matches!(status.code(), Code::Unavailable | Code::Cancelled | Code::Unknown | Code::Internal),
        code => code == "XE-STOPPING" || code == "XE-UNAVAILABLE",
    }
}

/// Posts one event after the other until the server is away.
async fn post_on(mut client: Client, name: String, count: Arc<AtomicU64>) -> Sent {
    let mut sent = Sent::default();
    for n in 0.. {
        let event = received(&format!("{name}-{n}"));
        match timeout(PATIENCE, client.post(LOG, vec![event.clone()])).await.expect("an answer in time") {
            Ok(mut response) => sent.receipts.push(response.receipts.remove(0)),
            Err(status) => {
                assert!(away(&status), "{status:?}");
                sent.unanswered.push(event);
                break;
            }
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
    sent
}

/// Sends over one stream, some ahead of the answers, until the server is away.
async fn stream_on(mut client: Client, name: String, count: Arc<AtomicU64>) -> Sent {
    const WINDOW: usize = 200;
    let mut sent = Sent::default();
    let (sender, receiver) = mpsc::channel(WINDOW);
    let mut answers = client.posting.post_stream(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    let mut waiting = std::collections::VecDeque::new();
    for n in 0.. {
        let event = received(&format!("{name}-{n}"));
        waiting.push_back(event.clone());
        let _ = sender.try_send(request(vec![event]));
        if waiting.len() < WINDOW {
            continue;
        }
        match timeout(PATIENCE, answers.message()).await.expect("an answer in time") {
            Ok(Some(PostStreamResponse { outcome: Some(Outcome::Accepted(mut response)), .. })) => {
                let receipt = response.receipts.remove(0);
                assert_eq!(waiting.pop_front().map(|event| event.event_id).as_ref(), Some(&receipt.event_id), "in order");
                sent.receipts.push(receipt);
            }
            Ok(Some(PostStreamResponse { outcome: Some(Outcome::Refused(refusal)), .. })) => {
                assert!(refusal.code == "XE-STOPPING" || refusal.code == "XE-UNAVAILABLE", "{refusal:?}");
                break;
            }
            Ok(_) => break,
            Err(status) => {
                assert!(away(&status), "{status:?}");
                break;
            }
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
    sent.unanswered.extend(waiting);
    sent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_to_stop_under_load_it_answers_what_has_entered() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    server.client().open(LOG, false).await;
    let count = Arc::new(AtomicU64::new(0));
    let mut senders: Vec<_> =
        (0..4).map(|n| tokio::spawn(post_on(server.client(), format!("unary{n}"), Arc::clone(&count)))).collect();
    senders.extend((0..2).map(|n| tokio::spawn(stream_on(server.client(), format!("stream{n}"), Arc::clone(&count)))));
    let since = Instant::now();
    while count.load(Ordering::Relaxed) < 1_000 {
        assert!(since.elapsed() < PATIENCE, "the load runs");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    assert!(server.stop().await.success(), "exit status 0");
    let sent: Vec<Sent> = join_all(senders).await.into_iter().map(Result::unwrap).collect();
    let found = places(&Record::read(&lab.data(), LOG).await);
    for receipt in sent.iter().flat_map(|sent| &sent.receipts) {
        assert_eq!(found.get(&receipt.event_id), Some(&place(receipt)), "a receipt stands after the restart");
    }
    let server = lab.serve("off").await;
    let mut client = server.client();
    let receipts: usize = sent.iter().map(|sent| sent.receipts.len()).sum();
    let unanswered: Vec<_> = sent.into_iter().flat_map(|sent| sent.unanswered).collect();
    println!("{receipts} receipts, {} without an answer", unanswered.len());
    let mut places_of_all: HashSet<u64> = found.values().map(|&(position, _)| position).collect();
    for event in unanswered {
        let receipt = client.post(LOG, vec![event]).await.unwrap().receipts.remove(0);
        assert_eq!(receipt.duplicate, found.get(&receipt.event_id) == Some(&place(&receipt)), "{receipt:?}");
        places_of_all.insert(receipt.position);
    }
    assert_eq!(places_of_all.len() as u64, client.log(LOG).await.position);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_a_stop_is_asked_for_gets_its_receipts() {
    const CALLS: u32 = 100;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let held = hold(&lab.data()).await;
    let calls: Vec<_> = (0..CALLS)
        .map(|n| {
            let mut client = client.clone();
            tokio::spawn(async move { client.post(LOG, vec![received(&format!("c{n}"))]).await })
        })
        .collect();
    queued(&mut client, CALLS).await;
    let asked = std::process::Command::new("kill").args(["-TERM", &server.pid().to_string()]).status().unwrap();
    assert!(asked.success());
    let since = Instant::now();
    while !server.said().contains("stopping: answering what has entered") {
        assert!(since.elapsed() < PATIENCE, "it begins to stop");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    release(held).await;
    let receipts: Vec<_> = join_all(calls).await.into_iter().map(|call| call.unwrap().unwrap().receipts.remove(0)).collect();
    assert!(server.stop().await.success());
    let found = places(&Record::read(&lab.data(), LOG).await);
    assert!(receipts.iter().all(|receipt| found.get(&receipt.event_id) == Some(&place(receipt))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_reads_no_more_does_not_hold_the_stop() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("read")]).await.unwrap();
    for round in 0..4 {
        client.post(LOG, (0..500).map(|n| note("read", &format!("{round}-{n}"))).collect()).await.unwrap();
    }
    // A small window, so that the log does not fit into what waits for the reader.
    let endpoint = tonic::transport::Endpoint::from_shared(server.url()).unwrap().initial_stream_window_size(16_384);
    let mut audit = AuditServiceClient::new(endpoint.connect().await.unwrap());
    let follow = SubscribeRequest { log: LOG.into(), ..SubscribeRequest::default() };
    let mut steps = audit.subscribe(follow).await.unwrap().into_inner();
    assert!(steps.message().await.unwrap().is_some());
    assert!(server.stop().await.success());
}
