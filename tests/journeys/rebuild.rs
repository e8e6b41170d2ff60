//! Aim: the figures are made anew while the centre works, without a wrong answer in between, whichever server is asked and whichever
//! goes away; and figures go on when the server that worked at them is gone.
//!
//! Method: a load goes on all the time. The command of the operator starts a rebuild and is watched to its end; figures of a known
//! time, which nothing may change, are asked all the while.

use crate::load::beside;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use xiaoer_tests::{Client, Lab, Server, command, postgres, until};
use xiaoer_wire::v1::{KnownAt, MetricScope, known_at::Bound};

const LOG: &str = "anew";
const FIGURES: [&str; 3] = ["on_time_rate_promised", "backlog_promised", "zero_backlog_days"];

/// Between two cases of a poster: a load that a debug build carries beside a rebuild.
const PACE: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_made_anew_while_the_centre_works() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    made_anew(&server, &server).await;
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_makes_them_anew_for_all() {
    let url = postgres::database("").await;
    let labs = [Lab::on(&url), Lab::on(&url)];
    let first = labs[0].serve("off").await;
    first.client().open(LOG, false).await;
    let second = labs[1].serve("off").await;
    made_anew(&first, &second).await;

    // The one that works at the figures is killed: the other goes on within seconds.
    let load = beside(second.client(), LOG, 9, PACE, Arc::default());
    first.kill();
    until("the figures go on", async || {
        let status = second.client().projection(LOG).await;
        let head = second.client().log(LOG).await.position;
        assert_eq!(status.error, "");
        (status.position > 0 && head - status.position < 200).then_some(())
    })
    .await;
    load.abort();
    second.client().projected(LOG).await;
    assert!(second.stop().await.success());
    assert!(!labs[1].data().join("projections.db").exists(), "the read tables are in Postgres");
}

/// A rebuild is asked of the one server, figures of the other.
async fn made_anew(asked: &Server, other: &Server) {
    asked.client().open(LOG, false).await;
    let stop = Arc::new(AtomicBool::new(false));
    let load = beside(asked.client(), LOG, 7, PACE, Arc::clone(&stop));
    asked.client().log_until(LOG, "some events", |log| log.position > 1_000).await;
    let known = asked.client().projected(LOG).await;
    let before = figures(&mut other.client(), known).await;

    let rebuild = {
        let mut rebuild = command(asked);
        tokio::task::spawn_blocking(move || crate::lines(rebuild.args(["--log", LOG, "--json", "rebuild"])))
    };
    let mut asks = 0;
    while !rebuild.is_finished() {
        assert_eq!(figures(&mut other.client(), known).await, before, "as known at {known}");
        asks += 1;
    }
    let told = rebuild.await.unwrap();
    let last = told.last().expect("it tells how it goes");
    assert_eq!(last["state"], "done", "{last}");
    assert!(asks > 0 && last["rows"].as_str().is_some_and(|rows| rows.parse::<u64>().unwrap() > 100), "{last}");
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();
    for server in [asked, other] {
        server.client().projected(LOG).await;
        assert_eq!(figures(&mut server.client(), known).await, before, "as known at {known}, after it");
    }
}

/// Figures as known at a position.
async fn figures(client: &mut Client, known: u64) -> Vec<(u64, u64, u64)> {
    let mut figures = Vec::new();
    for id in FIGURES {
        let scope = MetricScope {
            logs: vec![LOG.into()],
            known_at: Some(KnownAt { bound: Some(Bound::Position(known)) }),
            ..MetricScope::default()
        };
        let request = xiaoer_wire::v1::GetMetricRequest { metric_id: id.into(), scope: Some(scope) };
        let value = client.metrics.get_metric(request).await.expect("a figure").into_inner();
        figures.push((value.numerator, value.denominator, value.unknown));
    }
    figures
}
