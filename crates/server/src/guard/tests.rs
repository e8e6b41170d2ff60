//! Aim: what a service does wrong stays in its own call, and what a client holds open ends. Method: services of a line each behind the
//! guard, without a connection.

use super::*;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use std::convert::Infallible;
use tonic::{Code as Grpc, Status};
use tonic_types::StatusExt;
use tower::{Layer, Service, service_fn};
use xiaoer_domain::permit::Caller;
use xiaoer_wire::descriptors;

const UNARY: &str = "/xiaoer.v1.PostingService/Post";

/// What a client reads of an answer: the pieces, and the status at its end.
async fn read(answer: http::Response<Body>) -> (Vec<Bytes>, Option<Status>) {
    let at_once = Status::from_header_map(answer.headers());
    let (mut body, mut pieces) = (answer.into_body(), Vec::new());
    while let Some(frame) = body.frame().await {
        match frame.expect("a frame").into_data() {
            Ok(piece) => pieces.push(piece),
            Err(frame) => return (pieces, Status::from_header_map(&frame.into_trailers().expect("trailers"))),
        }
    }
    (pieces, at_once)
}

fn request(path: &str, body: Body) -> http::Request<Body> {
    let mut request = http::Request::builder().uri(path).body(body).expect("a request");
    request.extensions_mut().insert(Arc::new(Caller::local()));
    request
}

fn said(status: Option<Status>) -> (Grpc, String) {
    let status = status.expect("a status");
    (status.code(), status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default())
}

/// An answer that gives one piece and then does something else for ever, or ends so.
fn answer(then: fn() -> Option<Result<Frame<Bytes>, Status>>) -> http::Response<Body> {
    let pieces = futures::stream::iter([Ok(Frame::data(Bytes::from_static(b"one")))]);
    let rest = futures::stream::poll_fn(move |_| then().map_or(Poll::Pending, |frame| Poll::Ready(Some(frame))));
    http::Response::new(Body::new(StreamBody::new(futures::StreamExt::chain(pieces, rest))))
}

#[tokio::test]
async fn a_panic_is_one_calls_own() {
    let mut service = GuardLayer::default().layer(service_fn(|request: http::Request<Body>| async move {
        match request.headers().get("do").map(|value| value.as_bytes()) {
            Some(b"panic") => panic!("of the handler"),
            Some(b"stream") => Ok::<_, Infallible>(answer(|| panic!("of the answers"))),
            _ => Ok(answer(|| {
                Some(Ok(Frame::trailers(http::HeaderMap::from_iter([("grpc-status".parse().unwrap(), "0".parse().unwrap())]))))
            })),
        }
    }));
    let with = |what: &'static str| {
        let mut request = request(UNARY, Body::empty());
        request.headers_mut().insert("do", what.parse().unwrap());
        request
    };
    let internal = (Grpc::Internal, "XE-INTERNAL".to_owned());
    let (pieces, status) = read(service.call(with("panic")).await.unwrap()).await;
    assert_eq!((pieces.len(), said(status)), (0, internal.clone()));
    let (pieces, status) = read(service.call(with("stream")).await.unwrap()).await;
    assert_eq!((pieces.len(), said(status)), (1, internal), "what came before it was answered");
    let (_, status) = read(service.call(with("nothing")).await.unwrap()).await;
    assert_eq!(said(status).0, Grpc::Ok);
}

#[tokio::test]
async fn the_time_of_a_call_is_over_also_within_its_answer() {
    let mut never = GuardLayer::default()
        .layer(service_fn(|_: http::Request<Body>| async { std::future::pending::<Result<_, Infallible>>().await }));
    let mut endless =
        GuardLayer::default().layer(service_fn(|_: http::Request<Body>| async { Ok::<_, Infallible>(answer(|| None)) }));
    let soon = || {
        let mut request = request(STREAMS[2], Body::empty());
        request.headers_mut().insert("grpc-timeout", "50m".parse().unwrap());
        request
    };
    let in_time = async |call: BoxFuture<'static, Result<_, Infallible>>| {
        tokio::time::timeout(CALL_MAX / 10, async { read(call.await.unwrap()).await }).await.expect("the client's time, not ours")
    };
    let (_, status) = in_time(never.call(soon())).await;
    assert_eq!(said(status), (Grpc::DeadlineExceeded, String::new()));
    let (pieces, status) = in_time(endless.call(soon())).await;
    assert_eq!((pieces.len(), said(status).0), (1, Grpc::DeadlineExceeded));
}

#[test]
fn times_in_the_form_of_grpc() {
    let of = |text: &'static str| asked(&http::HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), text.parse().unwrap())]));
    let table = [
        ("1H", Some(Duration::from_secs(3_600))),
        ("2M", Some(Duration::from_secs(120))),
        ("30S", Some(Duration::from_secs(30))),
        ("99999999m", Some(Duration::from_millis(99_999_999))),
        ("5u", Some(Duration::from_micros(5))),
        ("5n", Some(Duration::from_nanos(5))),
        ("100000000m", None),
        ("+1S", None),
        ("S", None),
        ("1", None),
        ("1s", None),
        ("1\u{e9}", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[tokio::test]
async fn so_many_streams_are_open_until_their_answers_end() {
    let mut service =
        GuardLayer::default().layer(service_fn(|_: http::Request<Body>| async { Ok::<_, Infallible>(answer(|| None)) }));
    let mut open = Vec::new();
    let refused = loop {
        let answer = service.call(request(STREAMS[2], Body::empty())).await.unwrap();
        match Status::from_header_map(answer.headers()) {
            None => open.push(answer),
            Some(status) => break status,
        }
        assert!(open.len() < 10_000, "without end");
    };
    assert_eq!(said(Some(refused)), (Grpc::ResourceExhausted, "XE-RATE-LIMITED".into()));
    let answer = service.call(request(UNARY, Body::empty())).await.unwrap();
    assert!(Status::from_header_map(answer.headers()).is_none(), "other calls go on");
    open.pop();
    let answer = service.call(request(STREAMS[2], Body::empty())).await.unwrap();
    assert!(Status::from_header_map(answer.headers()).is_none(), "one that has ended makes room");
}

#[tokio::test]
async fn what_arrives_is_counted_over_all_calls() {
    let mut service = GuardLayer::default().layer(service_fn(|request: http::Request<Body>| async move {
        let _ = request.into_body().collect().await;
        Ok::<_, Infallible>(http::Response::new(Body::empty()))
    }));
    // A body of one message that says eight MiB and holds all but a byte, and does not go on.
    let unfinished = || {
        let mut bytes = vec![0_u8, 0, 0x80, 0, 0];
        bytes.resize((8 << 20) + 4, 7);
        let pieces = futures::stream::iter([Ok::<_, Status>(Frame::data(Bytes::from(bytes)))]);
        Body::new(StreamBody::new(futures::StreamExt::chain(pieces, futures::stream::pending())))
    };
    let calls: Vec<_> = (0..4).map(|_| tokio::spawn(service.call(request(UNARY, unfinished())))).collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(calls.iter().all(|call| !call.is_finished()), "four of the largest messages are waited for");
    let fifth = tokio::time::timeout(Duration::from_secs(10), service.call(request(UNARY, unfinished()))).await;
    fifth.expect("it is not waited for").unwrap();
    for call in calls {
        call.abort();
    }
}

/// Decoded it may be many times as large, and would lie there for as long as its client likes.
#[tokio::test]
async fn a_single_message_goes_on_once_its_request_is_whole() {
    let mut service = GuardLayer::default().layer(service_fn(|request: http::Request<Body>| async move {
        request.into_body().frame().await.expect("something comes").expect("a frame");
        Ok::<_, Infallible>(http::Response::new(Body::empty()))
    }));
    let body = |ended: tokio::sync::oneshot::Receiver<()>| {
        let message = futures::stream::iter([Ok::<_, Status>(Frame::data(Bytes::from_static(&[0, 0, 0, 0, 1, 7])))]);
        let end = futures::stream::poll_fn({
            let mut ended = Box::pin(ended);
            move |cx| ended.as_mut().poll(cx).map(|_| None)
        });
        Body::new(StreamBody::new(futures::StreamExt::chain(message, end)))
    };
    let (end, ended) = tokio::sync::oneshot::channel();
    let call = tokio::spawn(service.call(request(UNARY, body(ended))));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!call.is_finished(), "nothing of it came to the service");
    drop(end);
    assert!(Status::from_header_map(call.await.unwrap().unwrap().headers()).is_none(), "all of it came");
    // A message of a stream does not wait for the next.
    let (_end, ended) = tokio::sync::oneshot::channel();
    let call = tokio::time::timeout(Duration::from_secs(10), service.call(request(STREAMS[0], body(ended)))).await;
    assert!(Status::from_header_map(call.expect("at once").unwrap().headers()).is_none());
}

#[test]
fn every_stream_of_the_contract_is_known_for_one() {
    let methods = descriptors::pool().services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let streams = methods.filter(|method| method.is_server_streaming() || method.is_client_streaming());
    let streams: Vec<String> =
        streams.map(|method| format!("/{}/{}", method.parent_service().full_name(), method.name())).collect();
    assert!(streams.len() >= 5 && streams.iter().all(|path| STREAMS.contains(&path.as_str())), "{streams:?}");
}
