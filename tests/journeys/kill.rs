//! Aim: nothing that was receipted is lost, nothing is doubled and nothing displaced, whenever the server dies.
//!
//! Method: four senders post cases of ten events over streams, each keeping what has no answer yet and sending it again after the
//! server came back. Meanwhile the server is killed with -9, in turn at a random moment and the moment an answer has come: a receipt
//! given before its commit would be one of an event that is not there. Afterwards the journal on disk and the stream on NATS are
//! read whole and held against every receipt that was ever given.

use crate::load::{Load, Receipts};
use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use xiaoer::splitmix::SplitMix;
use xiaoer_tests::{Lab, PATIENCE, Record, compare_with_stream};

const LOG: &str = "kill";
const SENDERS: u64 = 4;
const EVENTS_MIN: u64 = 100_000;
const KILLS_MIN: u32 = 20;
/// Requests of one sender without an answer.
const WINDOW: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_random_moments_of_a_load() {
    let seed = jiff::Timestamp::now().as_microsecond() as u64;
    println!("seed {seed}");
    let lab = Lab::new();
    let mut server = lab.serve("managed").await;
    server.client().open(LOG, false).await;
    let load = Load::new(LOG, seed, WINDOW);
    let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(Arc::clone(&load).send(vec![server.url()]))).collect();
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
    load.hold(&record, &receipts);
    assert!(server.stop().await.success());
}
