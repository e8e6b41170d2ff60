//! Aim: a whole installation, three nats-servers, a Postgres with a synchronous standby, two servers on one log and a node that sees
//! NATS alone, loses, doubles and displaces nothing, whichever of them dies.
//!
//! Method: senders post to both servers and go to the other one where theirs breaks off. Each member is killed with -9 under that load
//! and started again; at the end the primary is killed for good and the standby promoted. Then the journal, the stream, what the
//! projections of both servers and of the node say, and every receipt that was given are held against each other.

use crate::load::{Load, Receipts};
use std::sync::{Arc, atomic::Ordering};
use xiaoer_journal::Journal;
use xiaoer_tests::{Client, Cluster, Record, binary, compare_with_stream, until};

const LOG: &str = "cluster";
const SENDERS: usize = 4;
/// Requests of one sender without an answer: a load that two cores carry beside the members.
const WINDOW: usize = 20;
/// Answers before and after each thing that happens.
const ENOUGH: u64 = 300;
/// Who is killed and started again, in this order. Without its standby a primary answers no commit; what waits goes on with it.
const KILLED: [&str; 8] = ["nats-2", "server-1", "project", "postgres-2", "nats-1", "postgres-1", "server-2", "nats-3"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_member_is_killed_and_the_standby_takes_over() {
    binary();
    let seed = jiff::Timestamp::now().as_microsecond() as u64;
    let cluster = Cluster::up(&[]).await;
    let urls = [cluster.url("server-1").await, cluster.url("server-2").await];
    let mut clients = urls.clone().map(|url| Client::to(&url));
    clients[0].open(LOG, false).await;
    clients[1].opened(LOG).await;

    let load = Load::new(LOG, seed, WINDOW);
    let both = |n: usize| vec![urls[n % 2].clone(), urls[(n + 1) % 2].clone()];
    let senders: Vec<_> = (0..SENDERS).map(|n| tokio::spawn(Arc::clone(&load).send(both(n)))).collect();
    for member in KILLED {
        load.goes_on(ENOUGH).await;
        cluster.run(&["kill", member]).await;
        if !member.starts_with("postgres") {
            load.goes_on(ENOUGH).await;
        }
        cluster.run(&["start", member]).await;
    }
    load.goes_on(ENOUGH).await;
    cluster.run(&["kill", "postgres-1"]).await;
    cluster.run(&["promote"]).await;
    load.goes_on(ENOUGH).await;
    load.enough.store(true, Ordering::Relaxed);
    let mut receipts = Receipts::new();
    for sender in senders {
        receipts.extend(sender.await.expect("a sender ends"));
    }

    let journal = Journal::connect(&cluster.url("database").await).await.expect("the new primary");
    let record = Record::of(&journal, LOG).await;
    println!("{} events", record.rows.len());
    load.hold(&record, &receipts);
    let mut values = Vec::new();
    let head = clients[0].relayed(LOG).await;
    let mut node = Client::to(&cluster.url("project").await);
    node.log_until(LOG, "the node is at the head", |status| status.position == head && status.feed_error.is_empty()).await;
    for client in clients.iter_mut().chain([&mut node]) {
        client.projected(LOG).await;
        let value = client.metric(LOG, "on_time_rate_promised", ("2020-01-01", "2030-12-31"), "").await.expect("a figure");
        assert_eq!(value.positions[0].position, record.rows.len() as u64);
        values.push((value.numerator, value.denominator, value.unknown, value.excluded));
    }
    assert!(values.iter().all(|value| value == &values[0]), "{values:?}");
    assert_ne!(values[0], (0, 0, 0, 0), "the cases are counted");
    compare_with_stream(&cluster.url("nats-1").await, LOG, &record).await;
    until("the old primary becomes the standby", async || Some(cluster.run(&["start", "postgres-1"]).await)).await;
}
