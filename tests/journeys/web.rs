//! Aim: a page in a browser uses the same services: gRPC-Web over HTTP/1.1 gives the answers, the streams and the refusals that gRPC
//! gives.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use serde_json::json;
use tonic::Code;
use xiaoer_tests::{Lab, case, event, refusal_of, web};
use xiaoer_wire::v1::{PostRequest, PostResponse, SubscribeRequest, SubscribeResponse, subscribe_response::Step};

const LOG: &str = "web";
const POST: &str = "/xiaoer.v1.PostingService/Post";
const SUBSCRIBE: &str = "/xiaoer.v1.AuditService/Subscribe";

fn request() -> PostRequest {
    let received = event(&case("1"), "2026-04-21T09:00:00+08:00", json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}));
    PostRequest { log: LOG.into(), events: vec![received], ..PostRequest::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_posts_and_reads_over_http_1() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    server.client().open(LOG, false).await;

    let posted = web::call::<PostResponse>(server.address, POST, &request()).await;
    assert_eq!((posted.status.code(), posted.in_body, posted.messages.len()), (Code::Ok, true, 1), "{posted:?}");
    let receipt = &posted.messages[0].receipts[0];
    assert_eq!(server.client().log(LOG).await.position, receipt.position, "it is recorded");

    // A stream of the server: every event of the log, each in a frame of its own, and the status behind them.
    let ask = SubscribeRequest { log: LOG.into(), history_only: true, ..SubscribeRequest::default() };
    let read = web::call::<SubscribeResponse>(server.address, SUBSCRIBE, &ask).await;
    assert_eq!((read.status.code(), read.in_body), (Code::Ok, true), "{:?}", read.status);
    let positions = |steps: Vec<SubscribeResponse>| -> Vec<u64> {
        steps
            .into_iter()
            .filter_map(|step| if let Some(Step::Event(event)) = step.step { Some(event.position) } else { None })
            .collect()
    };
    assert_eq!(positions(read.messages), (1..=receipt.position).collect::<Vec<_>>());
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_is_refused_with_the_same_details() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    server.client().open(LOG, false).await;
    let mut wrong = request();
    wrong.events[0].source = None;
    let refused = web::call::<PostResponse>(server.address, POST, &wrong).await;
    let expected = ("XE-FIELD-MISSING".to_owned(), "events[0].source".to_owned(), Code::InvalidArgument);
    assert_eq!(refusal_of(&refused.status), expected, "{refused:?}");
    assert!(refused.messages.is_empty());
    let exposed = &refused.headers["access-control-expose-headers"];
    assert!(refused.in_body || exposed == "*", "the page may read where the status stands: {refused:?}");

    let nowhere = SubscribeRequest { log: "nowhere".into(), ..SubscribeRequest::default() };
    let refused = web::call::<SubscribeResponse>(server.address, SUBSCRIBE, &nowhere).await;
    assert_eq!(refusal_of(&refused.status), ("XE-LOG-UNKNOWN".into(), String::new(), Code::NotFound), "{refused:?}");
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_may_ask_before_it_calls() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let preflight = Request::options(POST)
        .header("host", server.address.to_string())
        .header("origin", "http://a.page.of.the.centre")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type,x-grpc-web,grpc-timeout")
        .body(Full::<Bytes>::default())
        .unwrap();
    let allowed = web::send(server.address, preflight).await;
    let header = |name: &str| allowed.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(allowed.status().as_u16(), 200);
    assert_eq!(header("access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(header("access-control-allow-headers").as_deref(), Some("*"));

    // What is no call at all gets a plain answer of HTTP and harms nothing.
    let page = Request::get("/").header("host", server.address.to_string()).body(Full::<Bytes>::default()).unwrap();
    let answer = web::send(server.address, page).await;
    assert_eq!(answer.status().as_u16(), 400);
    assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
    assert!(server.stop().await.success());
}
