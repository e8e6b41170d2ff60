//! Aim: two servers on one Postgres write one log: every event stands once, in the order of its case, and both give every answer.
//!
//! Method: each server has a data folder of its own and the database in common. Cases are posted event by event, now through one
//! server and now through the other, while another load goes to both; one of them is killed in the middle and comes back.

use crate::load;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use xiaoer::simulate::bench_case;
use xiaoer_tests::{Lab, Server, postgres};

const LOG: &str = "two";
const CASES: u64 = 40;
/// No database here asks for it; it must not be written anywhere all the same.
const PASSWORD: &str = "geheim";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_take_turns_at_the_head() {
    let url = postgres::database("").await.replace("postgres://xiaoer@", &format!("postgres://xiaoer:{PASSWORD}@"));
    let labs = [Lab::on(&url), Lab::on(&url)];
    let first = labs[0].serve("off").await;
    first.client().open(LOG, false).await;
    let mut second = labs[1].serve("off").await;
    assert_eq!(second.client().log(LOG).await.log, LOG, "it finds the log that the other opened");

    // Cases of today: their figures are not all zero.
    let run = jiff::Timestamp::now().as_microsecond().unsigned_abs();
    let stop = Arc::new(AtomicBool::new(false));
    let beside = load::beside(first.client(), LOG, run + 1, Duration::ZERO, Arc::clone(&stop));
    let mut receipts = HashMap::new();
    for case in 0..CASES {
        if case == CASES / 2 {
            second.kill();
            second = labs[1].serve("off").await;
        }
        for (event, n) in bench_case(run, case).zip(case..) {
            let server = if n % 2 == 0 { &first } else { &second };
            let answer = server.client().post(LOG, vec![event.clone()]).await.expect("a receipt").receipts.remove(0);
            assert_eq!((answer.revision, answer.duplicate), (n - case + 1, false), "the one knows what the other appended");
            receipts.insert(event.event_id, answer.position);
        }
    }
    stop.store(true, Ordering::Relaxed);
    let total = receipts.len() as u64 + beside.await.unwrap();

    // Again through the other one: the first receipts.
    for (event, n) in bench_case(run, 0).zip(1..) {
        let server = if n % 2 == 0 { &first } else { &second };
        let answer = server.client().post(LOG, vec![event.clone()]).await.expect("a receipt").receipts.remove(0);
        assert!(answer.duplicate && answer.position == receipts[&event.event_id], "{answer:?}");
    }
    let found = same_histories(&first, &second).await;
    assert!(found.len() as u64 > total, "the genesis and the seeds too");
    for (id, position) in &receipts {
        assert_eq!(found.get(id), Some(position), "event {id}");
    }
    same_answers(&first, &second).await;
    for server in [first, second] {
        assert!(!server.said().contains(PASSWORD), "{}", server.said());
        assert!(server.said().contains("journals are in Postgres"));
        assert!(server.stop().await.success());
    }
    assert!(!labs[0].data().join("journal").exists(), "there are no files of a journal");
}

/// Position by event id, the same from both.
async fn same_histories(first: &Server, second: &Server) -> HashMap<String, u64> {
    let histories = [first.client().history(LOG, 0).await, second.client().history(LOG, 0).await];
    assert_eq!(histories[0], histories[1]);
    for (event, position) in histories[0].iter().zip(1..) {
        assert_eq!(event.position, position);
    }
    let [history, _] = histories;
    let found: HashMap<_, _> =
        history.iter().map(|event| (event.event.as_ref().unwrap().event_id.clone(), event.position)).collect();
    assert_eq!(found.len(), history.len(), "an event stands twice");
    found
}

/// The figures of both, once each has read what the other appended.
async fn same_answers(first: &Server, second: &Server) {
    let mut values = Vec::new();
    for server in [first, second] {
        server.client().projected(LOG).await;
        let value = server.client().metric(LOG, "on_time_rate_promised", ("2020-01-01", "2030-12-31"), "").await.expect("a figure");
        values.push((value.numerator, value.denominator, value.unknown, value.positions));
    }
    assert_eq!(values[0], values[1]);
    let (numerator, denominator, unknown, _) = &values[0];
    assert!(numerator + denominator + unknown > 0, "cases of today are members: {values:?}");
}

/// What is no database is refused before anything is made, and is not said again.
#[tokio::test]
async fn a_slip_in_the_url_shows_no_password() {
    let lab = Lab::on("postgress://xiaoer:geheim@hall/xiaoer");
    let (status, said) = crate::said(&mut lab.command("off"));
    assert_eq!(status, 2, "{said}");
    assert!(said.contains("--database") && !said.contains(PASSWORD), "{said}");
    let lab = Lab::on("postgres://xiaoer:geheim@127.0.0.1:1/xiaoer");
    let (status, said) = crate::said(&mut lab.command("off"));
    assert!(status != 0 && said.contains("postgres://127.0.0.1:1/xiaoer") && !said.contains(PASSWORD), "{status}: {said}");
}
