//! Aim: nothing that was receipted is lost, nothing is doubled and nothing displaced, whenever the server dies.
//!
//! Method: four senders post cases of ten events over streams, each keeping what has no answer yet and sending it again after the
//! server came back. Meanwhile the server is killed with -9, in turn at a random moment and the moment an answer has come: a receipt
//! given before its commit would be one of an event that is not there. Afterwards the journal on disk and the stream on NATS are
//! read whole and held against every receipt that was ever given.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use xiaoer::{simulate::bench_case, splitmix::SplitMix};
use xiaoer_tests::{Client, Lab, PATIENCE, Record, compare_with_stream};
use xiaoer_wire::v1::{PostRequest, post_stream_response::Outcome};

const LOG: &str = "kill";
const SENDERS: u64 = 4;
const EVENTS_MIN: u64 = 100_000;
const KILLS_MIN: u32 = 20;
const CASE_EVENTS: u64 = 10;
/// Requests of one sender without an answer.
const WINDOW: usize = 500;

/// Position, revision and whether it was a repeat, by event id.
type Receipts = HashMap<String, (u64, u64)>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_of_a_load() {
    let seed = jiff::Timestamp::now().as_microsecond() as u64;
    println!("seed {seed}");
    let lab = Lab::new();
    let mut server = lab.serve("managed").await;
    server.client().open(LOG, false).await;
    let load = Arc::new(Load { run: seed, next: AtomicU64::new(0), enough: AtomicBool::new(false), answered: Notify::new() });
    let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(Arc::clone(&load).send(server.url()))).collect();
    let mut random = SplitMix::new(seed);
    let (mut kills, since) = (0, Instant::now());
    while kills < KILLS_MIN || load.posted() < EVENTS_MIN {
        assert!(since.elapsed() < PATIENCE * 4, "the load gets through: {} events, {kills} kills", load.posted());
        tokio::time::sleep(Duration::from_millis(20 + random.below(2_000))).await;
        if kills % 2 == 1 {
            timeout(PATIENCE, load.answered.notified()).await.expect("answers come");
        }
        server.kill();
        kills += 1;
        server = lab.serve("managed").await;
    }
    load.enough.store(true, Ordering::Relaxed);
    let mut receipts = Receipts::new();
    for sender in senders {
        receipts.extend(sender.await.expect("a sender ends"));
    }
    println!("{} events, {kills} kills", receipts.len());
    server.client().relayed(LOG).await;
    let record = Record::read(&lab.data(), LOG).await;
    compare_with_stream(&server.nats_url(), LOG, &record).await;
    holds(&record, &receipts, &load);
    assert!(server.stop().await.success());
}

/// Every event that was sent stands exactly once, where its receipt says, in the order of its case.
fn holds(record: &Record, receipts: &Receipts, load: &Load) {
    let found = record.places();
    assert_eq!(receipts.len() as u64, load.posted());
    for (id, receipt) in receipts {
        assert_eq!(found.get(id), Some(receipt), "event {id}");
    }
    for case in 0..load.next.load(Ordering::Relaxed) {
        let revisions: Vec<_> = bench_case(load.run, case).map(|event| found[&event.event_id].1).collect();
        assert_eq!(revisions, (1..=CASE_EVENTS).collect::<Vec<_>>(), "case {case}");
    }
}

/// What is posted: cases one after the other, shared by the senders.
struct Load {
    run: u64,
    next: AtomicU64,
    enough: AtomicBool,
    /// An answer has come.
    answered: Notify,
}

impl Load {
    fn posted(&self) -> u64 {
        self.next.load(Ordering::Relaxed) * CASE_EVENTS
    }

    /// The next case; none where there were enough.
    fn case(&self) -> Option<impl Iterator<Item = PostRequest> + use<>> {
        if self.enough.load(Ordering::Relaxed) {
            return None;
        }
        let case = self.next.fetch_add(1, Ordering::Relaxed);
        Some(bench_case(self.run, case).map(|event| PostRequest { log: LOG.into(), events: vec![event], ..PostRequest::default() }))
    }

    /// Posts until there was enough and everything has its receipt.
    async fn send(self: Arc<Self>, url: String) -> Receipts {
        let (mut waiting, mut receipts) = (VecDeque::new(), Receipts::new());
        let mut since = Instant::now();
        loop {
            let before = receipts.len();
            if self.on_one_connection(&url, &mut waiting, &mut receipts).await {
                return receipts;
            }
            if receipts.len() > before {
                since = Instant::now();
            }
            assert!(since.elapsed() < PATIENCE, "answers come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether all is done; otherwise the connection broke, and what waits has to be sent again.
    async fn on_one_connection(&self, url: &str, waiting: &mut VecDeque<PostRequest>, receipts: &mut Receipts) -> bool {
        let mut client = Client::to(url).posting;
        let (sender, receiver) = mpsc::channel(WINDOW * 2);
        for request in waiting.iter() {
            sender.try_send(request.clone()).expect("a whole window fits");
        }
        let Ok(answers) = client.post_stream(ReceiverStream::new(receiver)).await else { return false };
        let mut answers = answers.into_inner();
        loop {
            while waiting.len() < WINDOW {
                let Some(case) = self.case() else { break };
                for request in case {
                    waiting.push_back(request.clone());
                    let _ = sender.try_send(request);
                }
            }
            if waiting.is_empty() {
                return true;
            }
            let Ok(Some(answer)) = answers.message().await else { return false };
            self.answered.notify_waiters();
            let receipt = match answer.outcome {
                Some(Outcome::Accepted(mut response)) => response.receipts.remove(0),
                // A server that is being killed may still say that it is away; nothing else may be refused.
                Some(Outcome::Refused(refusal)) if refusal.code == "XE-UNAVAILABLE" || refusal.code == "XE-STOPPING" => {
                    return false;
                }
                other => panic!("{other:?}"),
            };
            let request = waiting.pop_front().expect("an answer to a request");
            assert_eq!(request.events[0].event_id, receipt.event_id, "answers come in order");
            receipts.insert(receipt.event_id, (receipt.position, receipt.revision));
        }
    }
}
