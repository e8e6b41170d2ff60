//! Aim: a journal that is put back to an earlier point stops whoever has seen more, and comes whole again, or its loss is on record.
//!
//! Method: cases are posted and relayed, a backup is taken, more is posted, and the backup is put in the place of the journal while
//! NATS goes on: a SQLite file, and a Postgres server made of a base backup. Then `xiaoer recover` is told to take back what is
//! lost, or, where the log has gone on otherwise, to accept the loss.

use crate::{nats::start, said};
use std::{fs, path::PathBuf, process::Command};
use tonic::Code as Grpc;
use xiaoer::simulate::bench_case;
use xiaoer_bus::Managed;
use xiaoer_tests::{Lab, Record, Server, command, compare_with_stream, postgres, refusal_of, until};
use xiaoer_wire::v1::{Event, RecordedEvent, SubscribeRequest, event::Fact};

const LOG: &str = "rewound";
const SEED: u64 = 1_790_000_000_000_000;
const CASE_EVENTS: u64 = 10;

fn case(n: u64) -> Vec<Event> {
    bench_case(SEED, n).collect()
}

/// Posts cases, waits until they are relayed and counted, and gives the whole history.
async fn post(server: &Server, cases: std::ops::Range<u64>) -> Vec<RecordedEvent> {
    let mut client = server.client();
    for n in cases {
        client.post(LOG, case(n)).await.expect("receipts");
    }
    client.relayed(LOG).await;
    client.projected(LOG).await;
    client.history(LOG, 0).await
}

/// A log with two cases in the backup and three that came after it.
struct Put {
    lab: Lab,
    nats: Managed,
    store: tempfile::TempDir,
    backup: PathBuf,
    /// Position of the head in the backup.
    kept: u64,
    /// What was seen before the backup was put back.
    seen: Vec<RecordedEvent>,
}

impl Put {
    /// With a SQLite file that is put back already; the figures' tables are those of before.
    async fn back() -> Self {
        let (lab, store) = (Lab::new(), tempfile::TempDir::new().unwrap());
        let nats = start(store.path(), None).await;
        let server = lab.serve(nats.url()).await;
        server.client().open(LOG, false).await;
        let kept = post(&server, 0..2).await.len() as u64;
        assert!(server.stop().await.success());
        let (file, backup) = (lab.data().join(format!("journal/{LOG}.db")), store.path().join("backup.db"));
        fs::copy(&file, &backup).unwrap();
        let server = lab.serve(nats.url()).await;
        let seen = post(&server, 2..5).await;
        assert!(server.stop().await.success());
        let put = Self { lab, nats, store, backup, kept, seen };
        put.put_back();
        put
    }

    fn put_back(&self) {
        for beside in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(self.lab.data().join(format!("journal/{LOG}.{beside}")));
        }
        fs::copy(&self.backup, self.lab.data().join(format!("journal/{LOG}.db"))).unwrap();
    }

    fn recover(&self, arguments: &[&str]) -> (i32, String) {
        recover(&self.lab, self.nats.url(), arguments)
    }
}

fn recover(lab: &Lab, nats: &str, arguments: &[&str]) -> (i32, String) {
    said(lab.offline(&["recover", "--log", LOG, "--nats", nats]).args(arguments))
}

/// Nobody who has seen more goes on, and nothing is taken in. Read tables that were put back with the log have seen no more.
async fn everything_stops(server: &Server, kept: u64, seen: &[RecordedEvent]) {
    let mut client = server.client();
    let refusal = client.post(LOG, case(9)).await.expect_err("a fork would grow");
    assert_eq!((refusal_of(&refusal).0.as_str(), refusal.code()), ("XE-LOG-REWOUND", Grpc::DataLoss));
    let status = client.log(LOG).await;
    assert!(status.relay_error.starts_with("XE-LOG-REWOUND"), "{status:?}");
    assert_eq!((status.position, status.incarnation), (kept, 1), "nothing was written");
    let last = seen.last().unwrap();
    let (after_position, after_leaf_hash) = (last.position, last.leaf_hash.clone());
    let subscribe = SubscribeRequest { log: LOG.into(), after_position, after_leaf_hash, ..SubscribeRequest::default() };
    assert_eq!(refusal_of(&client.audit.subscribe(subscribe).await.unwrap_err()).0, "XE-LOG-REWOUND");
}

/// The read tables in a file beside the log that was put back.
async fn the_projection_stops(server: &Server) {
    let projection = until("the projection stops", async || {
        Some(server.client().projection(LOG).await).filter(|projection| projection.state == "stopped")
    });
    let projection = projection.await;
    assert!(projection.error.contains("was seen at position"), "{projection:?}");
}

/// Every receipt that was given holds, everything that stopped goes on, and the next event follows.
async fn is_whole(server: &Server, seen: &[RecordedEvent]) {
    let mut client = server.client();
    let goes_on = async || (client.projection(LOG).await.state != "stopped").then_some(());
    until("the projection goes on", goes_on).await;
    assert_eq!(client.history(LOG, 0).await, seen, "the same events with the same leaf hashes");
    for n in 0..5 {
        for (receipt, first) in client.post(LOG, case(n)).await.expect("receipts").receipts.iter().zip(case(n)) {
            let stood = seen.iter().find(|event| event.event.as_ref().unwrap().event_id == first.event_id).unwrap();
            assert_eq!((receipt.duplicate, receipt.position), (true, stood.position));
        }
    }
    assert_eq!(post(server, 5..6).await.len() as u64, seen.len() as u64 + CASE_EVENTS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_file_lost_is_taken_back_beside_the_server() {
    let put = Put::back().await;
    let (head, url) = (put.seen.len() as u64, put.nats.url().to_owned());
    let server = put.lab.serve(&url).await;
    everything_stops(&server, put.kept, &put.seen).await;
    the_projection_stops(&server).await;
    let (status, text) = put.recover(&["--json"]);
    let shown: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let expected = serde_json::json!({
        "log": LOG, "position": put.kept, "stream": head, "common": put.kept, "lost": [put.kept + 1, head], "forked": 0,
    });
    assert_eq!((status, &shown), (1, &expected), "{text}");
    let (status, text) = put.recover(&["--take-back"]);
    assert_eq!(status, 0, "{text}");
    let (status, text) = put.recover(&[]);
    assert!(status == 0 && text.contains("nothing is lost"), "{text}");
    assert!(server.stop().await.success());
    let server = put.lab.serve(&url).await;
    is_whole(&server, &put.seen).await;
    compare_with_stream(&url, LOG, &Record::read(&put.lab.data(), LOG).await).await;
    assert!(server.stop().await.success());
    put.nats.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_that_is_accepted_is_on_record() {
    let put = Put::back().await;
    let (lost, url) = (put.seen.len() as u64, put.nats.url().to_owned());
    // Without NATS nobody knows, and the log goes on otherwise.
    let server = put.lab.serve("off").await;
    server.client().post(LOG, case(7)).await.expect("receipts");
    assert!(server.stop().await.success());
    let fork = put.kept + CASE_EVENTS;

    let (status, text) = put.recover(&["--take-back"]);
    assert!(status == 1 && text.contains("nothing can be taken back"), "{text}");
    let file = put.store.path().join("lost.jsonl");
    let accept = ["--accept-loss", "--reason", "disk-failed", "--save", file.to_str().unwrap()];
    put.lab.sql(LOG, "UPDATE log SET contract = 1").await;
    let (status, text) = put.recover(&accept);
    assert!(status == 1 && text.contains("XE-CONTRACT-NOT-FINALIZED"), "{text}");
    let (status, text) = put.recover(&accept);
    assert!(status == 1 && text.contains("lost.jsonl"), "what was saved is not written over: {text}");
    fs::remove_file(&file).unwrap();
    assert_eq!(said(&mut put.lab.offline(&["upgrade", "--finalize"])).0, 0);
    let (status, text) = put.recover(&accept);
    assert!(status == 0 && text.contains("incarnation 2"), "{text}");
    let (status, text) = put.recover(&[]);
    assert!(status == 1 && text.contains("holds no stream"), "{text}");

    let server = put.lab.serve(&url).await;
    the_projection_stops(&server).await;
    let rebuild = |arguments: &[&str]| said(command(&server).args(["--log", LOG, "rebuild"]).args(arguments));
    let (status, text) = rebuild(&[]);
    assert!(
        status == 1 && text.contains("another history"),
        "figures of what is lost go for nothing only when somebody says so: {text}"
    );
    assert_eq!(rebuild(&["--accept"]).0, 0);
    let mut client = server.client();
    assert_eq!(client.projected(LOG).await, fork + 1);
    client.relayed(LOG).await;
    let history = client.history(LOG, put.kept).await;
    let Some(Fact::LogRecovered(recovered)) = history.last().unwrap().event.clone().unwrap().fact else { panic!("{history:?}") };
    assert_eq!((recovered.incarnation, recovered.kept_position, recovered.reason.as_str()), (2, put.kept, "disk-failed"));
    assert_eq!((recovered.lost_from, recovered.lost_to), (put.kept + 1, lost));
    assert_eq!(recovered.lost_leaf_hash, put.seen.last().unwrap().leaf_hash);
    assert_eq!((client.log(LOG).await.position, client.log(LOG).await.incarnation), (fork + 1, 2));
    let (status, text) = said(Command::args(&mut command(&server), ["--log", LOG, "post"]).arg(&file));
    assert!(status == 0 && text.contains("recorded 30,"), "what was lost is posted again: {text}");
    assert_eq!(client.projected(LOG).await, fork + 1 + lost - put.kept);
    client.relayed(LOG).await;
    compare_with_stream(&url, LOG, &Record::read(&put.lab.data(), LOG).await).await;
    assert!(server.stop().await.success());
    put.nats.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_base_backup_of_postgres_is_taken_back() {
    let store = tempfile::TempDir::new().unwrap();
    let nats = start(store.path(), None).await;
    let url = postgres::database("").await;
    let mut lab = Lab::on(&url);
    let server = lab.serve(nats.url()).await;
    server.client().open(LOG, false).await;
    let kept = post(&server, 0..2).await.len() as u64;
    let folder = url.split_once("host=").expect("a folder").1;
    let backup = postgres::Server::start(folder);
    let seen = post(&server, 2..5).await;
    assert!(server.stop().await.success());

    lab.replace_database(&backup.database(name(&url)));
    let server = lab.serve(nats.url()).await;
    everything_stops(&server, kept, &seen).await;
    assert!(server.stop().await.success());
    let (status, text) = recover(&lab, nats.url(), &["--take-back"]);
    assert_eq!(status, 0, "{text}");
    let server = lab.serve(nats.url()).await;
    is_whole(&server, &seen).await;
    assert!(server.stop().await.success());
    nats.stop().await;
}

/// Name of the database of a URL.
fn name(url: &str) -> &str {
    url.split_once("localhost/").and_then(|(_, rest)| rest.split_once('?')).expect("a name").0
}
