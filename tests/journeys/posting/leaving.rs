//! The queue is full, a caller goes away or gives up, or the server stops.

use super::{LOG, decided_case, hold, note, place, queued, received, release, request};
use futures::{future::join_all, stream};
use std::{
    collections::{HashMap, HashSet, VecDeque},
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
use xiaoer_tests::{Client, Lab, PATIENCE, Record, refusal_of, until};
use xiaoer_wire::v1::{
    Event, LogStatus, PostResponse, PostStreamResponse, Receipt, SubscribeRequest, audit_service_client::AuditServiceClient,
    post_stream_response::Outcome,
};

/// Requests that wait for a writer, and those it may have in its hands: bounds of the server's intake.
const QUEUE_REQUESTS_MAX: usize = 4_096;
const BATCH_EVENTS_MAX: usize = 1_000;
/// Requests of one stream that the server lets wait.
const STREAM_WAITING_MAX: u32 = 2_048;
/// How long an answer that must not come is waited for, in parts of this.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits until no request waits for the writer.
async fn idle(client: &mut Client) {
    client.log_until(LOG, "the queue empties", |status| status.queued == 0).await;
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
    let found = Record::read(&lab.data(), LOG).await.places();
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
    let all = |status: &LogStatus| u64::from(status.queued) + refused.load(Ordering::Relaxed) >= CALLS as u64;
    client.log_until(LOG, "every call waits or is refused", all).await;
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
    let mut waiting = VecDeque::new();
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
    until("the load runs", async || (count.load(Ordering::Relaxed) >= 1_000).then_some(())).await;
    assert!(server.stop().await.success(), "exit status 0");
    let sent: Vec<Sent> = join_all(senders).await.into_iter().map(Result::unwrap).collect();
    let found = Record::read(&lab.data(), LOG).await.places();
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
    server.ask_to_stop();
    let stops = "stopping: answering what has entered";
    until("it begins to stop", async || server.said().contains(stops).then_some(())).await;
    release(held).await;
    let receipts: Vec<_> = join_all(calls).await.into_iter().map(|call| call.unwrap().unwrap().receipts.remove(0)).collect();
    assert!(server.stop().await.success());
    let found = Record::read(&lab.data(), LOG).await.places();
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
