//! Aim: a node that sees no journal and only NATS holds the same log, to the byte, and gives the same figures.
//!
//! Method: two nodes follow a server under load, one in files and one in Postgres. A node is killed, NATS is stopped, the stream is
//! deleted and filled again meanwhile. Afterwards journal, stream and copies are held against each other. Another test follows two
//! logs through a hub's stream whose start is cut off.

use crate::{load::beside, nats::start};
use async_nats::jetstream::{self, stream};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use xiaoer::simulate::bench_case;
use xiaoer_tests::{Client, Lab, Record, Server, case, compare_with_stream, event, postgres, refusal_of};
use xiaoer_wire::v1::{GetRequest, LogStatus, OpenLogRequest, RotateRequest};

const LOG: &str = "east";
const OTHER: &str = "west";
/// Between two lists of a poster: a load that two cores carry beside the other tests.
const PACE: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_log_whatever_happens() {
    let store = tempfile::TempDir::new().unwrap();
    let nats = start(store.path(), None).await;
    let url = nats.url().to_owned();
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let lab = Lab::new();
    let server = lab.serve(&url).await;
    server.client().open(LOG, false).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = beside(server.client(), LOG, 1_790_000_000_000_000, PACE, Arc::clone(&stop));

    let (in_files, in_postgres) = (Lab::new(), Lab::on(&postgres::database("").await));
    let mut files = in_files.project(&url, &[]).await;
    let postgres = in_postgres.project(&url, &["--follow", LOG]).await;
    files.client().opened(LOG).await;
    files.client().log_until(LOG, "it follows", |status| status.replica && status.position > 200).await;
    files.kill();
    nats.stop().await;
    postgres.client().log_until(LOG, "away is said", |status| !status.feed_error.is_empty()).await;
    files = in_files.project(&url, &[]).await;
    files.client().log_until(LOG, "it answers while NATS is away", |status| status.position > 200).await;
    let nats = start(store.path(), Some(port)).await;
    let head = server.client().log(LOG).await.position;
    for node in [&files, &postgres] {
        node.client().log_until(LOG, "it goes on", |status| status.position > head).await;
    }
    let jetstream = jetstream::new(async_nats::connect(&url).await.unwrap());
    assert!(jetstream.delete_stream(format!("XIAOER-{LOG}")).await.unwrap().success);
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();

    let head = server.client().relayed(LOG).await;
    let record = Record::read(&lab.data(), LOG).await;
    assert_eq!(record.rows.len() as u64, head);
    compare_with_stream(&url, LOG, &record).await;
    for node in [&files, &postgres] {
        node.client().log_until(LOG, "it is at the head", |status| status.position == head && status.feed_error.is_empty()).await;
        same(&server, node, LOG).await;
        refuses(node).await;
    }
    assert!(files.stop().await.success() && postgres.stop().await.success() && server.stop().await.success());
    nats.stop().await;
    // Nobody writes to a copy by mistake.
    let (status, said) = crate::said(&mut in_postgres.command("off"));
    assert!(status == 1 && said.contains("is a copy here"), "{status}: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_whose_start_is_cut_off_needs_a_server() {
    let lab = Lab::new();
    let server = lab.serve("managed").await;
    let url = server.nats_url();
    for log in [LOG, OTHER] {
        server.client().open(log, false).await;
        server.client().relayed(log).await;
    }
    let jetstream = jetstream::new(async_nats::connect(url.trim()).await.unwrap());
    let sources = [LOG, OTHER].map(|log| stream::Source { name: format!("XIAOER-{log}"), ..Default::default() });
    let hub = stream::Config {
        name: "HUB".into(),
        subjects: vec!["aside.>".into()],
        sources: Some(sources.into()),
        max_messages: 300,
        ..Default::default()
    };
    let mut hub = jetstream.create_stream(hub).await.unwrap();
    // In turns, so that what the hub keeps is of both.
    for n in 0..50 {
        for log in [LOG, OTHER] {
            server.client().post(log, bench_case(1_790_000_000_000_000, n).collect()).await.unwrap();
            server.client().relayed(log).await;
        }
    }
    xiaoer_tests::until("the hub is full", async || (hub.info().await.unwrap().state.messages == 300).then_some(())).await;

    let alone = Lab::new();
    let node = alone.project(url.trim(), &["--hub", "HUB", "--follow", LOG, "--follow", OTHER]).await;
    node.client().opened(OTHER).await;
    for log in [LOG, OTHER] {
        let is = |status: &LogStatus| status.feed_error.starts_with("XE-FEED-TRIMMED") && status.position == 0;
        node.client().log_until(log, "it says that the start is cut off", is).await;
    }
    assert!(node.stop().await.success());
    let node = alone.project(url.trim(), &["--hub", "HUB", "--bootstrap", &server.url()]).await;
    for log in [LOG, OTHER] {
        server.client().post(log, bench_case(1_790_000_000_000_000, 99).collect()).await.unwrap();
        let head = server.client().relayed(log).await;
        node.client().opened(log).await;
        node.client().log_until(log, "it is at the head", |status| status.position == head && status.feed_error.is_empty()).await;
        same(&server, &node, log).await;
    }
    assert!(node.stop().await.success() && server.stop().await.success());
}

/// Every event with its leaf, and the figures.
async fn same(server: &Server, node: &Server, log: &str) {
    let (mut server, mut node) = (server.client(), node.client());
    assert!(server.history(log, 0).await == node.history(log, 0).await, "the events are the same");
    server.projected(log).await;
    node.projected(log).await;
    for id in ["backlog_promised", "on_time_rate_promised", "closed_on_time", "first_ask_rate"] {
        let asked = async |client: &mut Client| client.metric(log, id, ("2026-01-01", "2026-12-31"), "").await;
        match (asked(&mut server).await, asked(&mut node).await) {
            (Ok(there), Ok(here)) => {
                assert_eq!((there.numerator, there.denominator, there.unknown), (here.numerator, here.denominator, here.unknown));
                assert_eq!((there.excluded, there.positions), (here.excluded, here.positions), "{id}");
            }
            (there, here) => panic!("{id}: {there:?} {here:?}"),
        }
    }
}

async fn refuses(node: &Server) {
    let told = event(&case("1"), "2026-04-20T02:12:00Z", serde_json::json!({"caseCompleted": {}}));
    let post = node.client().post(LOG, vec![told]).await.unwrap_err();
    let open = node.client().admin.open_log(OpenLogRequest { log: "new".into(), ..Default::default() }).await.unwrap_err();
    let get = GetRequest { log: LOG.into(), r#ref: "x".into(), commitment: Vec::new() };
    let get = node.client().person.get(get).await.unwrap_err();
    let rotate = node.client().person.rotate(RotateRequest {}).await.unwrap_err();
    for status in [post, open, get, rotate] {
        assert_eq!(refusal_of(&status).0, "XE-LOG-REPLICA");
    }
}
