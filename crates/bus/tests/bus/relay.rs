//! B1 to B4 of the crate's head.

use crate::lab::{Lab, Memory};
use std::{fs, time::Duration};
use tokio::time::sleep;
use xiaoer_bus::{Source, message, relay::Options};
use xiaoer_domain::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_one_message_in_order_while_the_log_grows() {
    let lab = Lab::open().await;
    for atomic in [true, false] {
        let source = Memory::with(&format!("grows-{atomic}"), 1);
        let mut relay = lab.relay_with(&source, Options { atomic, ..Options::default() });
        // Steps of one, of a batch, just over a batch, and of several.
        for step in [1, 2, 999, 1, 1_000, 1_001, 2_500] {
            source.grow(step, 1);
            sleep(Duration::from_millis(step % 7)).await;
        }
        relay.until_at(source.head()).await;
        lab.compare(&source, 1).await;
        relay.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_may_be_killed_anywhere() {
    let lab = Lab::open().await;
    for atomic in [true, false] {
        let source = Memory::new(&format!("killed-{atomic}"));
        let mut seen = 0;
        for round in 0..20_u64 {
            source.grow(if atomic { 1_500 } else { 150 }, 1);
            let relay = lab.relay_with(&source, Options { atomic, ..Options::default() });
            // Unlike from round to round, and short of what a round needs.
            sleep(Duration::from_micros(round * 7_919 % 40_000)).await;
            relay.task.abort();
            assert!(relay.task.await.unwrap_err().is_cancelled());
            seen = lab.last(&source).await.unwrap_or(seen);
        }
        assert!(seen < source.head(), "at least the last relay was killed at work, not after it");
        let mut relay = lab.relay(&source);
        relay.until_at(source.head()).await;
        lab.compare(&source, 1).await;
        relay.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_do_not_double() {
    let lab = Lab::open().await;
    let source = Memory::new("two");
    let (mut one, mut two) = (lab.relay(&source), lab.relay_with(&source, Options { atomic: true, ..Options::default() }));
    for step in 0..200 {
        source.grow(1 + step % 50 * 5, 1);
        sleep(Duration::from_millis(1)).await;
    }
    one.until_at(source.head()).await;
    // The second learns of what the first published when it looks again.
    two.until_at(source.head()).await;
    lab.compare(&source, 1).await;
    one.stop().await;
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_may_be_away() {
    let mut lab = Lab::open().await;
    let source = Memory::with("away", 100);
    let mut relay = lab.relay(&source);
    relay.until_at(100).await;
    let port = lab.stop().await;
    source.grow(5_000, 1);
    relay.until("away is said", |status| !status.connected && status.error.is_some() && status.relayed == Some(100)).await;
    lab.start(port).await;
    relay.until_at(5_100).await;
    assert!(relay.status.borrow().connected);
    lab.compare(&source, 1).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_store_is_filled_again_without_a_new_event() {
    let mut lab = Lab::open().await;
    let source = Memory::with("lost", 2_500);
    let mut relay = lab.relay(&source);
    relay.until_at(2_500).await;
    let port = lab.stop().await;
    relay.until("away is said", |status| !status.connected).await;
    fs::remove_dir_all(lab.folder.path().join("store")).unwrap();
    lab.start(port).await;
    relay.until("looks at the new store", |status| status.connected && status.relayed != Some(2_500)).await;
    relay.until_at(2_500).await;
    lab.compare(&source, 1).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_stream_is_filled_again() {
    let lab = Lab::open().await;
    let source = Memory::with("deleted", 1_500);
    let mut relay = lab.relay(&source);
    relay.until_at(1_500).await;
    let name = message::stream_name(source.log());
    let jetstream = lab.nats.jetstream();
    let stream = jetstream.get_stream(&name).await.unwrap();
    assert!(stream.delete_message(1).await.is_err() && stream.purge().await.is_err(), "one message cannot be taken out");
    // To delete the stream as a whole is the operator's way to have it filled again.
    assert!(jetstream.delete_stream(&name).await.unwrap().success);
    source.grow(1, 1);
    relay.until_at(1_501).await;
    lab.compare(&source, 1).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_went_back_stops_the_relay() {
    let lab = Lab::open().await;
    type Change = fn(&Memory);
    let table: [(&str, Change); 4] = [
        ("shorter", |source| source.shrink(1_400)),
        ("gone", |source| source.shrink(0)),
        ("other leaf at the same head", |source| {
            source.shrink(1_499);
            source.grow(1, 2);
        }),
        ("grown past it with other leaves", |source| {
            source.shrink(1_000);
            source.grow(2_000, 2);
        }),
    ];
    for running in [false, true] {
        for (number, (what, change)) in table.iter().enumerate() {
            let source = Memory::with(&format!("rewound-{running}-{number}"), 1_500);
            let mut relay = lab.relay(&source);
            relay.until_at(1_500).await;
            if !running {
                relay.stop().await;
                relay = {
                    change(&source);
                    lab.relay(&source)
                };
            } else {
                change(&source);
            }
            let status = relay.status.clone();
            assert_eq!(relay.ended().await.code, Code::LogRewound, "{what}, running {running}");
            assert!(status.borrow().error.as_ref().unwrap().starts_with("XE-LOG-REWOUND"), "{what}");
            assert_eq!(lab.last(&source).await, Some(1_500), "{what}: nothing is published");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_message_in_the_stream_stops_the_relay() {
    let lab = Lab::open().await;
    for atomic in [true, false] {
        let source = Memory::with(&format!("foreign-{atomic}"), 10);
        let mut relay = lab.relay_with(&source, Options { atomic, ..Options::default() });
        relay.until_at(10).await;
        let subject = message::subject(source.log(), &source.at(1));
        lab.nats.jetstream().publish(subject, "{}".into()).await.unwrap().await.unwrap();
        source.grow(5, 1);
        assert_eq!(relay.ended().await.code, Code::LogRewound);
        assert_eq!(lab.last(&source).await, Some(11), "nothing is published after it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_may_begin_later_and_take_its_settings_later() {
    let lab = Lab::open().await;
    let source = Memory::with("later", 3_000);
    let options = Options { first_position: 2_001, ..Options::default() };
    let mut relay = lab.relay_with(&source, options);
    relay.until_at(3_000).await;
    lab.compare(&source, 2_001).await;
    relay.stop().await;

    // A bound that only the last few fit: the rest is dropped from the front, and numbers stay positions.
    let mut relay = lab.relay_with(&source, Options { max_bytes: Some(100_000), ..Options::default() });
    relay.until_at(3_000).await;
    source.grow(1_000, 1);
    relay.until_at(4_000).await;
    let stream = lab.nats.jetstream().get_stream(message::stream_name(source.log())).await.unwrap();
    let first = stream.cached_info().state.first_sequence;
    assert!(first > 3_000, "the bound holds: {first}");
    lab.compare(&source, first).await;
    relay.stop().await;
}
