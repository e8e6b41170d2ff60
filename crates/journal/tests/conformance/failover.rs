//! J1 durable beyond one server: what was answered is there after a server was killed, and again after its standby took over; nothing
//! stands twice, and those who write and read go on by themselves.

use crate::{
    base::{AS_SQLITE, server},
    lab::{Lab, PATIENCE, create, life},
};
use cluster::Cluster;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::timeout};
use xiaoer_journal::{Error, Journal, Log};

#[allow(dead_code)] // Other tests use the rest of it.
#[path = "../../../../tests/src/cluster.rs"]
mod cluster;

const LOGS: [&str; 2] = ["a", "b"];
const WRITERS: usize = 4;
/// Answers before and after each thing that happens.
const ENOUGH: usize = 60;

/// Position by commit, of one log.
type Answers = HashMap<String, u64>;

/// What is written while things happen.
struct Load {
    answered: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    writers: Vec<(usize, JoinHandle<Answers>)>,
}

impl Load {
    async fn begin(journal: &Journal) -> Self {
        let (answered, stop) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let n = writer % LOGS.len();
            let (log, answered, stop) = (create(journal, LOGS[n]).await.0, Arc::clone(&answered), Arc::clone(&stop));
            let write = async move {
                let mut answers = Answers::new();
                for commit in 0.. {
                    if stop.load(Relaxed) {
                        break;
                    }
                    let id = format!("{writer}-{commit}");
                    let position = settle(&log, &id).await;
                    answers.insert(id, position);
                    answered.fetch_add(1, Relaxed);
                }
                answers
            };
            writers.push((n, tokio::spawn(write)));
        }
        Self { answered, stop, writers }
    }

    /// Waits for more answers than there are.
    async fn goes_on(&self) {
        let wanted = self.answered.load(Relaxed) + ENOUGH;
        let answers = async {
            while self.answered.load(Relaxed) < wanted {
                assert!(self.writers.iter().all(|(_, writer)| !writer.is_finished()), "a writer gave up");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, answers).await.expect("the writers go on by themselves");
    }

    /// Every answer stands where it said, once, on the server of a URL, and the journal that was open all the time reads the same.
    async fn holds(self, journal: &Journal, url: String) {
        self.stop.store(true, Relaxed);
        server::run(&url, AS_SQLITE).await;
        let lab = Lab::Postgres(url);
        let fresh = lab.open().await;
        for (n, writer) in self.writers {
            let answers = writer.await.unwrap();
            let name = crate::lab::name(LOGS[n]);
            let rows = lab.audit(&fresh.log(&name).unwrap()).await;
            for (id, position) in answers {
                let row = &rows[usize::try_from(position).unwrap() - 1];
                assert_eq!((&*row.subject.id, row.revision), (&*id, 2), "the answer at position {position}");
            }
            assert_eq!(journal.log(&name).unwrap().head().await.unwrap().position, rows.len() as u64);
        }
    }
}

/// Commits two events, as the server's own writer would: an attempt whose answer was lost is looked up.
async fn settle(log: &Log, id: &str) -> u64 {
    loop {
        match attempt(log, id).await {
            Ok(position) => return position,
            Err(Error::Away(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn attempt(log: &Log, id: &str) -> Result<u64, Error> {
    let rows = life(id, 2);
    let mut locked = log.lock().await?;
    if let [known] = log.known(&[&rows[1].identity]).await?.as_slice() {
        return Ok(known.position);
    }
    locked.append(&rows).await?;
    Ok(locked.commit().await?.position)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_that_comes_back() {
    let cluster = Cluster::up(&["postgres-1"]).await;
    let url = cluster.url("postgres-1").await;
    let journal = Journal::connect(&url).await.unwrap();
    let load = Load::begin(&journal).await;
    for _ in 0..3 {
        load.goes_on().await;
        cluster.run(&["kill", "postgres-1"]).await;
        cluster.run(&["start", "postgres-1"]).await;
    }
    load.goes_on().await;
    load.holds(&journal, url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_standby_that_takes_over() {
    let cluster = Cluster::up(&["postgres-1", "postgres-2"]).await;
    let (both, second) = (cluster.url("database").await, cluster.url("postgres-2").await);
    let standby = Journal::connect(&second).await;
    assert!(matches!(standby, Err(Error::Away(_))), "a standby takes no writes: {standby:?}");
    let journal = Journal::connect(&both).await.unwrap();
    let load = Load::begin(&journal).await;
    load.goes_on().await;
    cluster.run(&["kill", "postgres-1"]).await;
    cluster.run(&["promote"]).await;
    load.goes_on().await;
    // The old primary is there again as if nothing had been: it stands first, and nobody may take it for the primary.
    cluster.run_with(&["start", "postgres-1"], &[("AS_IT_WAS", "yes")]).await;
    server::run(&second, crate::only_postgres::BREAK).await;
    load.goes_on().await;
    let late = Journal::connect(&both).await.unwrap();
    load.holds(&journal, second).await;
    assert_eq!(heads(&late).await, heads(&journal).await);
}

async fn heads(journal: &Journal) -> Vec<u64> {
    let mut heads = Vec::new();
    for log in journal.logs() {
        heads.push(log.head().await.unwrap().position);
    }
    heads
}
