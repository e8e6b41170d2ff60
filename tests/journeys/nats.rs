//! Aim: sequence n of the stream is position n of the log for every n, whatever becomes of NATS meanwhile.
//!
//! Method: a nats-server of the test's own is stopped for a minute under load and its store is deleted once. Posting goes on all the
//! time; afterwards the stream is read whole and held against the journal, payload and headers alike.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use xiaoer::simulate::bench_case;
use xiaoer_bus::{Managed, find_binary, managed};
use xiaoer_tests::{Client, Lab, Record, compare_with_stream, root};

const LOG: &str = "nats";
/// How long NATS is away.
const AWAY: Duration = Duration::from_secs(60);
/// Between two lists of a poster: a load that two cores carry beside the other tests.
const PACE: Duration = Duration::from_millis(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn away_for_a_minute_and_its_store_deleted() {
    let lab = Lab::new();
    let store = tempfile::TempDir::new().unwrap();
    let nats = start(store.path(), None).await;
    let url = nats.url().to_owned();
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    let server = lab.serve(&url).await;
    server.client().open(LOG, false).await;
    let load = Load { stop: Arc::default(), cases: Arc::default() };
    let posting = tokio::spawn(load.clone().post(server.client()));
    tokio::time::sleep(Duration::from_secs(2)).await;

    nats.stop().await;
    let before = load.cases.load(Ordering::Relaxed);
    tokio::time::sleep(AWAY).await;
    let status = server.client().log(LOG).await;
    assert!(load.cases.load(Ordering::Relaxed) > before + 500, "posts go on");
    assert!(status.relay_lag.unwrap() > 5_000 && !status.relay_error.is_empty(), "the lag is said: {status:?}");
    let nats = start(store.path(), Some(port)).await;
    server.client().relayed_past(LOG, status.position).await;

    nats.stop().await;
    std::fs::remove_dir_all(store.path().join("store")).unwrap();
    let nats = start(store.path(), Some(port)).await;
    let head = server.client().log(LOG).await.position;
    server.client().relayed_past(LOG, head).await;

    load.stop.store(true, Ordering::Relaxed);
    posting.await.unwrap();
    server.client().relayed(LOG).await;
    let record = Record::read(&lab.data(), LOG).await;
    println!("{} events", record.rows.len());
    compare_with_stream(&url, LOG, &record).await;
    assert!(server.stop().await.success());
    nats.stop().await;
}

pub(crate) async fn start(folder: &Path, port: Option<u16>) -> Managed {
    let binary = find_binary(&root().join(".tools")).expect("a nats-server; `make test` fetches one");
    Managed::start(managed::Options { binary, folder: folder.to_owned(), port }).await.unwrap()
}

/// One poster that never stops by itself.
#[derive(Clone)]
struct Load {
    stop: Arc<AtomicBool>,
    cases: Arc<AtomicU64>,
}

impl Load {
    async fn post(self, mut client: Client) {
        while !self.stop.load(Ordering::Relaxed) {
            let case = self.cases.fetch_add(1, Ordering::Relaxed);
            client.post(LOG, bench_case(1_790_000_000_000_000, case).collect()).await.expect("posts do not need NATS");
            tokio::time::sleep(PACE).await;
        }
    }
}
