//! Reading, one question after another: the states of cases, figures, and how soon a figure reflects a receipt.

use super::{Measured, histogram, measured, record};
use crate::{
    cli::{To, bench::BenchReplayArgs},
    client::{Failure, connect},
};
use anyhow::Context;
use std::time::{Duration, Instant};
use tonic::Code;
use xiaoer::{simulate::bench_case, splitmix::SplitMix};
use xiaoer_wire::v1::{
    GetMetricRequest, GetStateRequest, LogPosition, MetricScope, PostRequest, ReplayRequest,
    audit_service_client::AuditServiceClient, metrics_service_client::MetricsServiceClient,
    posting_service_client::PostingServiceClient,
};

/// How long a figure may take to reflect a receipt before the run is given up.
const BEHIND_MAX: Duration = Duration::from_secs(60);
/// A figure that counts the cases of the day.
const FIGURE: &str = "on_time_rate_promised";
/// A figure that no case of the load is in: what is waited for is the projection, not the counting of many rows.
const FIGURE_OF_FEW: &str = "visit_rate_item";

/// The states of cases of a run, picked at random.
pub(super) async fn states(to: &To, run: u64, cases: u64, count: u64) -> Result<Measured, Failure> {
    let mut client = AuditServiceClient::new(connect(to).await?);
    let (mut random, mut times, started) = (SplitMix::new(run), histogram(), Instant::now());
    for _ in 0..count {
        let subject = bench_case(run, random.below(cases)).next().and_then(|event| event.subject);
        let request = GetStateRequest { log: to.log.clone(), subject, ..GetStateRequest::default() };
        let asked = Instant::now();
        client.get_state(request).await?;
        record(&mut times, asked);
    }
    Ok(measured("get_state", count, started, &times))
}

/// Histories of cases, whole, several at a time; the cases are posted before the clock starts.
pub(super) async fn replays(to: &To, run: u64, args: &BenchReplayArgs) -> Result<Measured, Failure> {
    let (channel, in_flight) = (connect(to).await?, args.in_flight.max(1));
    let mut posting = PostingServiceClient::new(channel.clone());
    for case in 0..args.cases {
        posting
            .post(PostRequest { log: to.log.clone(), events: bench_case(run, case).collect(), ..PostRequest::default() })
            .await?;
    }
    let (mut workers, started) = (Vec::new(), Instant::now());
    for worker in 0..in_flight {
        let (mut client, log) = (AuditServiceClient::new(channel.clone()), to.log.clone());
        let (cases, calls) = (args.cases, args.calls / in_flight);
        workers.push(tokio::spawn(async move {
            let (mut random, mut times) = (SplitMix::new(run + worker), histogram());
            for _ in 0..calls {
                let subject = bench_case(run, random.below(cases)).next().and_then(|event| event.subject);
                let asked = Instant::now();
                let mut steps =
                    client.replay(ReplayRequest { log: log.clone(), subject, ..ReplayRequest::default() }).await?.into_inner();
                while steps.message().await?.is_some() {}
                record(&mut times, asked);
            }
            Ok::<_, Failure>(times)
        }));
    }
    let mut times = histogram();
    for worker in workers {
        times.add(worker.await.map_err(anyhow::Error::from)??).map_err(anyhow::Error::from)?;
    }
    Ok(measured("replay", args.calls / in_flight * in_flight, started, &times))
}

/// One figure again and again.
pub(super) async fn figures(to: &To, count: u64) -> Result<Measured, Failure> {
    let mut client = MetricsServiceClient::new(connect(to).await?);
    let (mut times, started) = (histogram(), Instant::now());
    for _ in 0..count {
        let asked = Instant::now();
        client.get_metric(question(to, FIGURE, None)).await?;
        record(&mut times, asked);
    }
    Ok(measured("get_metric", count, started, &times))
}

/// From a receipt to a figure that reflects its event.
pub(super) async fn fresh(to: &To, run: u64, count: u64) -> Result<Measured, Failure> {
    let channel = connect(to).await?;
    let (mut posting, mut metrics) = (PostingServiceClient::new(channel.clone()), MetricsServiceClient::new(channel));
    let (mut times, started) = (histogram(), Instant::now());
    for case in 0..count {
        let events = bench_case(run, case).take(1).collect();
        let posted = posting.post(PostRequest { log: to.log.clone(), events, ..PostRequest::default() }).await?.into_inner();
        let received = Instant::now();
        let position = posted.receipts.first().context("a post without a receipt")?.position;
        while let Err(status) = metrics.get_metric(question(to, FIGURE_OF_FEW, Some(position))).await {
            // Behind for longer than a question waits: asked again, and the time goes on.
            if status.code() != Code::Unavailable || received.elapsed() > BEHIND_MAX {
                return Err(status.into());
            }
        }
        record(&mut times, received);
    }
    Ok(measured("receipt_to_metric", count, started, &times))
}

fn question(to: &To, metric: &str, at_least: Option<u64>) -> GetMetricRequest {
    let at_least = at_least.map(|position| LogPosition { log: to.log.clone(), position });
    let scope = MetricScope { logs: vec![to.log.clone()], at_least: at_least.into_iter().collect(), ..MetricScope::default() };
    GetMetricRequest { metric_id: metric.into(), scope: Some(scope) }
}
