//! Aim: a client that holds much, sends without end, reads nothing or goes away again and again is ended or refused with a status,
//! costs a bounded memory, and takes nothing from others. Method: each does its worst for longer than the server's patience, which is
//! ten seconds for the first bytes and thirty for the rest, while others post and read. No speed is looked at.

use bytes::Bytes;
use futures::{StreamExt, future::join_all, stream};
use prost::Message;
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tonic::{Code, Request, Status, Streaming, transport::Endpoint};
use xiaoer_tests::{Client, Keys, Lab, PATIENCE, Server, case, event, raw, refusal_of, until, web};
use xiaoer_wire::v1::{
    self, Event, PostRequest, PostResponse, PostStreamResponse, SubscribeRequest, SubscribeResponse, post_stream_response::Outcome,
    subscribe_response::Step,
};

const LOG: &str = "370306";
const POST: &str = "/xiaoer.v1.PostingService/Post";
const POST_STREAM: &str = "/xiaoer.v1.PostingService/PostStream";
/// Longer than the server waits for a request to become whole, and for a reader.
const OVER: Duration = Duration::from_secs(33);

fn received(id: &str) -> Event {
    event(&case(id), "2026-05-12T09:00:00+08:00", json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}))
}

/// A case with so many materials that it takes thirteen KiB.
fn large(id: usize) -> Event {
    let materials: Vec<_> = (0..200).map(|n| format!("{n:064}")).collect();
    let fact = json!({"caseReceived": {"channel": "CHANNEL_WINDOW", "materials": materials}});
    event(&case(&format!("large-{id}")), "2026-05-12T09:00:00+08:00", fact)
}

fn request(event: Event) -> Bytes {
    PostRequest { log: LOG.into(), events: vec![event], ..PostRequest::default() }.encode_to_vec().into()
}

/// Posts large events, many over one stream.
async fn fill(client: &mut Client, count: usize) {
    let requests =
        stream::iter(0..count).map(|id| PostRequest { log: LOG.into(), events: vec![large(id)], ..PostRequest::default() });
    let mut answers = client.posting.post_stream(requests).await.expect("a stream").into_inner();
    while let Some(answer) = answers.message().await.expect("an answer") {
        assert!(matches!(answer.outcome, Some(Outcome::Accepted(_))), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_become_whole_is_ended() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let channel = client.channel.clone();
    // Nothing at all, and a whole message without an end behind it.
    let nothing = raw::stream::<PostResponse>(&channel, POST, stream::pending());
    let no_end = raw::stream::<PostResponse>(&channel, POST, stream::iter([request(received("no-end"))]).chain(stream::pending()));
    // A stream may rest between its messages.
    let (sender, requests) = tokio::sync::mpsc::channel(2);
    sender.send(request(received("before"))).await.expect("room");
    let requests = tokio_stream::wrappers::ReceiverStream::new(requests);
    let mut rests = raw::stream::<PostStreamResponse>(&channel, POST_STREAM, requests).await.expect("a stream");
    let accepted = |answer: Option<PostStreamResponse>| matches!(answer.expect("an answer").outcome, Some(Outcome::Accepted(_)));
    assert!(accepted(rests.message().await.expect("an answer")));
    let (mut other, posting) = (server.client(), async {
        sleep(OVER).await;
        sender.send(request(received("behind"))).await.expect("room");
        accepted(rests.message().await.expect("an answer"))
    });
    let ended = |answer: Result<Streaming<PostResponse>, Status>| answer.err().map(|status| status.code());
    let (nothing, no_end, rests, others) =
        timeout(PATIENCE, async { tokio::join!(nothing, no_end, posting, other.post(LOG, vec![received("other")])) })
            .await
            .expect("they end");
    assert_eq!((ended(nothing), ended(no_end)), (Some(Code::DeadlineExceeded), Some(Code::DeadlineExceeded)));
    assert!(rests, "a stream that rests goes on");
    others.expect("nobody waits for them");
    assert!(client.history(LOG, 0).await.iter().all(|it| it.event.as_ref().unwrap().subject.as_ref().unwrap().id != "no-end"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_says_what_it_wants() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let secured = lab.serve_with("off", |command| keys.secure(command)).await;
    let plain_lab = Lab::new();
    let plain = plain_lab.serve("off").await;
    let ends = async |server: &Server, beginning: &[u8]| {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(beginning).await.expect("it is taken");
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("it ends").map(|_| bytes)
    };
    let mut client = plain.client();
    client.open(LOG, false).await;
    // Nothing, half of the preface of HTTP/2, half of a line of HTTP/1.1; no handshake of TLS, and half a record of one.
    let (nothing, half, line, no_tls, half_tls) = tokio::join!(
        ends(&plain, b""),
        ends(&plain, b"PRI * HTTP/2.0\r\n"),
        ends(&plain, b"POST /xiaoer"),
        ends(&secured, b""),
        ends(&secured, &[22, 3, 1, 2, 0, 1])
    );
    for (what, ended) in [("nothing", nothing), ("half", half), ("line", line), ("no TLS", no_tls), ("half of TLS", half_tls)] {
        assert!(ended.as_ref().is_ok_and(Vec::is_empty) || ended.is_err(), "{what}: {ended:?}");
    }
    // One that has said it may be silent for longer.
    client.post(LOG, vec![received("1")]).await.expect("the connection stands");
}

/// A reader that reads nothing: the beginning of a subscription, over a connection with the smallest windows.
async fn slow(channel: &tonic::transport::Channel) -> Streaming<SubscribeResponse> {
    let request = SubscribeRequest { log: LOG.into(), ..SubscribeRequest::default() };
    let mut client = v1::audit_service_client::AuditServiceClient::new(channel.clone());
    client.subscribe(request).await.expect("a subscription").into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_read_nothing_hold_little_and_are_ended() {
    const EVENTS: usize = 600;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    fill(&mut client, EVENTS).await;
    client.projected(LOG).await;
    let before = server.memory_kib();
    let endpoint = Endpoint::from_shared(server.url()).expect("a URL").initial_stream_window_size(65_535);
    let channels = join_all((0..4).map(|_| endpoint.connect())).await;
    let channels: Vec<_> = channels.into_iter().map(|channel| channel.expect("a connection")).collect();
    let readers = join_all((0..200).map(|n| slow(&channels[n % 4]))).await;
    // Others read and post meanwhile.
    sleep(Duration::from_secs(10)).await;
    let all = client.history(LOG, 0).await.len();
    client.post(LOG, vec![received("others")]).await.expect("others post");
    let grown = server.memory_kib().saturating_sub(before);
    // For each a quarter of a MiB of answers, and as much of events that are to become some: a fifth of what they ask for.
    assert!(grown < 300 << 10, "{grown} KiB for 200 readers of {all} events");
    // The patience begins when the last answer found room, which 200 at once may take a while to come to.
    sleep(OVER + Duration::from_secs(10)).await;
    // All at once: of the window of a connection each holds a part.
    let rest = readers.into_iter().map(async |mut reader| {
        let mut read = 0;
        loop {
            match timeout(Duration::from_secs(20), reader.message()).await {
                Ok(Ok(Some(step))) => read += usize::from(matches!(step.step, Some(Step::Event(_)))),
                Ok(Ok(None)) => panic!("a live subscription does not end by itself"),
                Ok(Err(status)) => return (read, (refusal_of(&status).0, status.code())),
                Err(_) => return (read, ("nothing".into(), Code::Unknown)),
            }
        }
    });
    let rest = timeout(PATIENCE, join_all(rest)).await.expect("they were ended");
    let (read, codes): (Vec<usize>, Vec<_>) = rest.into_iter().unzip();
    assert!(codes.iter().all(|it| *it == ("XE-READER-SLOW".into(), Code::ResourceExhausted)), "{codes:?} {read:?}");
    assert!(read.iter().all(|&read| read < EVENTS / 2), "what waited for them was dropped: {read:?}");
    // Whoever comes back goes on where it was.
    assert_eq!(client.history(LOG, 0).await.len(), all + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_has_so_many_streams_over_all_its_connections() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"])).open(LOG, false).await;
    let token = keys.token(&["--name", "job", "--role", "analyst"]);
    let mut many: Vec<_> = (0..3).map(|_| keys.bearer(&server, &token)).collect();
    let subscribe = || SubscribeRequest { log: LOG.into(), after_position: 1, ..SubscribeRequest::default() };
    let mut open = Vec::new();
    let refused = loop {
        let place = open.len() % 3;
        match many[place].audit.subscribe(subscribe()).await {
            Ok(answers) => open.push(answers),
            Err(status) => break status,
        }
        assert!(open.len() < 2_000, "without end");
    };
    assert_eq!((refusal_of(&refused).0.as_str(), open.len()), ("XE-RATE-LIMITED", 256));
    // Another caller is not touched, nor are the other calls of this one.
    let other = keys.token(&["--name", "other", "--role", "analyst"]);
    keys.bearer(&server, &other).audit.subscribe(subscribe()).await.expect("another's");
    many[0].metrics.list_metrics(v1::ListMetricsRequest::default()).await.expect("a question");
    open.truncate(250);
    until("those that ended make room", async || many[1].audit.subscribe(subscribe()).await.ok()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_arrive_takes_no_more_than_its_share() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"])).open(LOG, false).await;
    let before = server.memory_kib();
    // Ten requests of eight MiB less a little, whole but for their end.
    let flood = keys.token(&["--name", "flood", "--system", "flood", "--role", "hall"]);
    let flooding = keys.bearer(&server, &flood);
    let message = || Bytes::from([&[0x0a, 0xf0, 0xff, 0xff, 0x03][..], &vec![b'a'; (8 << 20) - 16]].concat());
    let bearer = move |requests| {
        let mut request = Request::new(requests);
        request.metadata_mut().insert("authorization", format!("Bearer {flood}").parse().expect("a token"));
        request
    };
    let calls: Vec<_> = (0..10)
        .map(|_| {
            let (channel, request) = (flooding.channel.clone(), bearer(stream::iter([message()]).chain(stream::pending())));
            tokio::spawn(async move { raw::stream_of::<PostResponse>(&channel, POST, request).await.err() })
        })
        .collect();
    until("some are refused", async || (calls.iter().filter(|call| call.is_finished()).count() >= 6).then_some(())).await;
    let grown = server.memory_kib().saturating_sub(before);
    assert!(grown < 150 << 10, "{grown} KiB");
    let person = keys.token(&["--name", "W12", "--system", "hall", "--role", "hall", "--logs", LOG]);
    keys.bearer(&server, &person).post(LOG, vec![received("1")]).await.expect("another posts");
    for call in calls {
        if call.is_finished() {
            let status = call.await.expect("it ends").expect("it is refused");
            assert_eq!(refusal_of(&status), ("XE-RATE-LIMITED".into(), String::new(), Code::ResourceExhausted));
        } else {
            call.abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_are_cancelled_leave_nothing_behind() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let (mut goes_away, mut other) = (server.client(), server.client());
    let mut before = 0;
    for round in 0..4 {
        for call in 0..1_000 {
            let request = SubscribeRequest { log: LOG.into(), ..SubscribeRequest::default() };
            let mut audit = goes_away.audit.clone();
            // Dropped at once, or after it began; a connection that is cut for it is made anew.
            let _ = timeout(Duration::from_micros(call % 7 * 100), audit.subscribe(request)).await;
        }
        other.post(LOG, vec![received(&format!("other-{round}"))]).await.expect("another posts");
        if round == 0 {
            before = server.memory_kib();
        }
    }
    let grown = server.memory_kib().saturating_sub(before);
    assert!(grown < 50 << 10, "{grown} KiB for 3,000 calls that are no more");
    // Nothing counts as open: as many streams as a caller may have are opened again, over new connections.
    let mut streams = Vec::new();
    let mut again = server.client();
    until("all have ended", async || {
        let request = SubscribeRequest { log: LOG.into(), after_position: 1, ..SubscribeRequest::default() };
        streams.push(again.audit.subscribe(request).await.ok()?);
        (streams.len() == 250).then_some(())
    })
    .await;
    goes_away.post(LOG, vec![received("back")]).await.expect("who went away may come back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_fills_the_log_of_the_server() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"])).open(LOG, false).await;
    let mut unknown = keys.bearer(&server, "a.b.CANARY-1");
    let mut wrong = keys.bearer(&server, &keys.token(&["--name", "job", "--role", "analyst"]));
    for _ in 0..500 {
        let status = unknown.admin.get_status(v1::GetStatusRequest {}).await.expect_err("nobody");
        assert_eq!(refusal_of(&status).0, "XE-UNAUTHENTICATED");
        let elsewhere =
            SubscribeRequest { log: LOG.into(), after_position: 1, after_leaf_hash: vec![7; 32], ..SubscribeRequest::default() };
        let status = wrong.audit.subscribe(elsewhere).await.expect_err("another log");
        assert_eq!(refusal_of(&status).0, "XE-LOG-REWOUND");
    }
    let said = server.said();
    let times = |what: &str| said.lines().filter(|line| line.contains(what)).count();
    let (callers, readers) = (times("a caller is not known"), times("a reader has seen another log"));
    assert!((1..200).contains(&callers) && (1..200).contains(&readers), "{callers} {readers}");
    assert_eq!((times("\"ERROR\""), times("CANARY")), (0, 0), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_that_a_client_gives_is_kept() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let request = SubscribeRequest { log: LOG.into(), ..SubscribeRequest::default() };
    let subscribe = "/xiaoer.v1.AuditService/Subscribe";
    let answer = web::call_within::<SubscribeResponse>(server.address, subscribe, &request, "500m").await;
    assert_eq!((answer.status.code(), answer.in_body), (Code::DeadlineExceeded, true), "{:?}", answer.status);
    assert!(!answer.messages.is_empty(), "what there was came before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_that_is_too_long_is_refused() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut request = Request::new(v1::GetStatusRequest {});
    for n in 0..8 {
        let name = tonic::metadata::MetadataKey::from_bytes(format!("x-long-{n}").as_bytes()).expect("a name");
        request.metadata_mut().insert(name, "a".repeat(4_000).parse().expect("a value"));
    }
    client.admin.get_status(request).await.expect_err("32 KB of headers");
    client.post(LOG, vec![received("1")]).await.expect("the next call");
}
