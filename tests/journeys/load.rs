//! A load that never gives up: cases of ten events over streams, each sender keeping what has no answer yet and sending it again after
//! the server came back, or to the next one.

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
    task::JoinHandle,
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use xiaoer::simulate::bench_case;
use xiaoer_tests::{Client, PATIENCE, Record};
use xiaoer_wire::v1::{PostRequest, post_stream_response::Outcome};

const CASE_EVENTS: u64 = 10;

/// A load beside what is tested: cases posted whole, one after the other, with a rest between, until they shall end. Every one of them
/// gets its receipts; gives how many.
pub(crate) fn beside(mut client: Client, log: &'static str, run: u64, rest: Duration, stop: Arc<AtomicBool>) -> JoinHandle<u64> {
    tokio::spawn(async move {
        let mut posted = 0;
        for case in 0.. {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            posted += client.post(log, bench_case(run, case).collect()).await.expect("receipts").receipts.len() as u64;
            tokio::time::sleep(rest).await;
        }
        posted
    })
}

/// Position and revision by event id.
pub(crate) type Receipts = HashMap<String, (u64, u64)>;

/// What is posted: cases one after the other, shared by the senders.
pub(crate) struct Load {
    log: &'static str,
    run: u64,
    /// Requests of one sender without an answer.
    window: usize,
    next: AtomicU64,
    /// Senders end when this is set.
    pub(crate) enough: AtomicBool,
    /// An answer has come.
    pub(crate) answered: Notify,
    answers: AtomicU64,
}

impl Load {
    pub(crate) fn new(log: &'static str, run: u64, window: usize) -> Arc<Self> {
        let (next, enough, answered, answers) = Default::default();
        Arc::new(Self { log, run, window, next, enough, answered, answers })
    }

    /// Waits for so many more answers.
    pub(crate) async fn goes_on(&self, answers: u64) {
        let wanted = self.answers.load(Ordering::Relaxed) + answers;
        while self.answers.load(Ordering::Relaxed) < wanted {
            timeout(PATIENCE, self.answered.notified()).await.expect("answers come");
        }
    }

    pub(crate) fn posted(&self) -> u64 {
        self.next.load(Ordering::Relaxed) * CASE_EVENTS
    }

    /// The next case; none where there were enough.
    fn case(&self) -> Option<impl Iterator<Item = PostRequest> + use<>> {
        if self.enough.load(Ordering::Relaxed) {
            return None;
        }
        let case = self.next.fetch_add(1, Ordering::Relaxed);
        // With the revision each follows: what comes behind a request that a server could not answer must not get in before it.
        let request = |(event, revision)| PostRequest {
            log: self.log.into(),
            events: vec![event],
            expected_revision: Some(revision),
            ..PostRequest::default()
        };
        Some(bench_case(self.run, case).zip(0..).map(request))
    }

    /// Posts until there was enough and everything has its receipt; where a server breaks off, to the next one.
    pub(crate) async fn send(self: Arc<Self>, urls: Vec<String>) -> Receipts {
        let (mut waiting, mut receipts) = (VecDeque::new(), Receipts::new());
        let mut since = Instant::now();
        for url in urls.iter().cycle() {
            let before = receipts.len();
            if self.on_one_connection(url, &mut waiting, &mut receipts).await {
                return receipts;
            }
            if receipts.len() > before {
                since = Instant::now();
            }
            assert!(since.elapsed() < PATIENCE, "answers come");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        unreachable!("without end");
    }

    /// Whether all is done; otherwise the connection broke, and what waits has to be sent again.
    async fn on_one_connection(&self, url: &str, waiting: &mut VecDeque<PostRequest>, receipts: &mut Receipts) -> bool {
        let mut client = Client::to(url).posting;
        let (sender, receiver) = mpsc::channel(self.window * 2);
        for request in waiting.iter() {
            sender.try_send(request.clone()).expect("a whole window fits");
        }
        let Ok(answers) = client.post_stream(ReceiverStream::new(receiver)).await else { return false };
        let mut answers = answers.into_inner();
        loop {
            while waiting.len() < self.window {
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
            self.answers.fetch_add(1, Ordering::Relaxed);
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

    /// Every event that was sent stands exactly once, where its receipt says, in the order of its case.
    pub(crate) fn hold(&self, record: &Record, receipts: &Receipts) {
        let found = record.places();
        assert_eq!(receipts.len() as u64, self.posted());
        for (id, receipt) in receipts {
            assert_eq!(found.get(id), Some(receipt), "event {id}");
        }
        for case in 0..self.next.load(Ordering::Relaxed) {
            let revisions: Vec<_> = bench_case(self.run, case).map(|event| found[&event.event_id].1).collect();
            assert_eq!(revisions, (1..=CASE_EVENTS).collect::<Vec<_>>(), "case {case}");
        }
    }
}
