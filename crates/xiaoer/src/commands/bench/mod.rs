//! `xiaoer bench`: loads a server with 10-event cases and prints what it does, beside a call that does nothing.

mod raw;

use crate::{
    cli::{BenchArgs, To},
    client::{Failure, connect, say, say_json},
};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use xiaoer::simulate::bench_case;
use xiaoer_wire::v1::{
    OpenLogRequest, PostRequest, admin_service_client::AdminServiceClient, post_stream_response::Outcome,
    posting_service_client::PostingServiceClient,
};

/// Requests of one stream in flight.
const WINDOW: usize = 1_024;
/// Events of a bench case.
const CASE_EVENTS: u64 = 10;

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    what: &'static str,
    count: u64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub(crate) async fn run(to: &To, args: BenchArgs) -> Result<(), Failure> {
    if let Some(file) = &args.raw {
        return show(to, &raw::inserted(file, &args.table, args.events).await?);
    }
    let channel = connect(to).await?;
    let open = OpenLogRequest { log: to.log.clone(), ..OpenLogRequest::default() };
    AdminServiceClient::new(channel.clone()).open_log(open).await?;
    let run = u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0);
    if args.unary > 0 {
        show(to, &unary("noop_unary", to, &channel, &args, Call::Check, run).await?)?;
        show(to, &unary("post_unary", to, &channel, &args, Call::Post, run + 1).await?)?;
    }
    if args.events > 0 {
        show(to, &streamed(to, &args, run + 2).await?)?;
    }
    Ok(())
}

fn show(to: &To, line: &Measured) -> Result<(), Failure> {
    if to.json {
        return say_json(line);
    }
    let Measured { what, count, per_second, p50_ms, p99_ms } = line;
    say(format_args!("{what:<14} {count:>9} done, {per_second:>9.0} a second, p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms"));
    Ok(())
}

/// What a unary worker calls.
#[derive(Clone, Copy)]
enum Call {
    Post,
    /// A request of the same size that is refused for its log's name before anything is done: a no-op on the same server.
    Check,
}

async fn unary(
    what: &'static str,
    to: &To,
    channel: &Channel,
    args: &BenchArgs,
    call: Call,
    run: u64,
) -> Result<Measured, Failure> {
    let next = Arc::new(AtomicU64::new(0));
    let (cases, started) = (args.unary.div_ceil(CASE_EVENTS), Instant::now());
    let worker = |_| {
        let (next, channel, log) = (Arc::clone(&next), channel.clone(), to.log.clone());
        tokio::spawn(async move {
            let mut client = PostingServiceClient::new(channel);
            let mut times = histogram();
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                if case >= cases {
                    return Ok::<_, Failure>(times);
                }
                for event in bench_case(run, case) {
                    let log = if matches!(call, Call::Post) { log.clone() } else { "no-such-log".into() };
                    let request = PostRequest { log, events: vec![event], ..PostRequest::default() };
                    let sent = Instant::now();
                    match call {
                        Call::Post => drop(client.post(request).await?),
                        Call::Check => drop(client.check(request).await?),
                    }
                    record(&mut times, sent);
                }
            }
        })
    };
    let workers: Vec<_> = (0..args.in_flight).map(worker).collect();
    let mut times = histogram();
    for worker in workers {
        times.add(worker.await.map_err(anyhow::Error::from)??).map_err(anyhow::Error::from)?;
    }
    Ok(measured(what, cases * CASE_EVENTS, started, &times))
}

async fn streamed(to: &To, args: &BenchArgs, run: u64) -> Result<Measured, Failure> {
    let streams = args.streams.max(1) as u64;
    let (cases, started) = ((args.events / CASE_EVENTS).div_ceil(streams), Instant::now());
    let mut workers = Vec::new();
    for stream in 0..streams {
        let channel = connect(to).await?;
        workers.push(tokio::spawn(one_stream(channel, to.log.clone(), run, stream * cases, cases)));
    }
    let mut times = histogram();
    for worker in workers {
        times.add(worker.await.map_err(anyhow::Error::from)??).map_err(anyhow::Error::from)?;
    }
    Ok(measured("post_stream", streams * cases * CASE_EVENTS, started, &times))
}

async fn one_stream(channel: Channel, log: String, run: u64, first: u64, cases: u64) -> Result<Histogram<u64>, Failure> {
    let mut client = PostingServiceClient::new(channel);
    let (sender, receiver) = mpsc::channel(WINDOW);
    let (stamps, mut sent_at) = mpsc::channel::<Instant>(WINDOW * 2);
    tokio::spawn(async move {
        for case in first..first + cases {
            for event in bench_case(run, case) {
                let request = PostRequest { log: log.clone(), events: vec![event], ..PostRequest::default() };
                if stamps.send(Instant::now()).await.is_err() || sender.send(request).await.is_err() {
                    return;
                }
            }
        }
    });
    let mut answers = client.post_stream(ReceiverStream::new(receiver)).await?.into_inner();
    let mut times = histogram();
    let mut refused = VecDeque::new();
    while let Some(answer) = answers.message().await? {
        if let Some(sent) = sent_at.recv().await {
            record(&mut times, sent);
        }
        if let Some(Outcome::Refused(refusal)) = answer.outcome {
            refused.push_back(refusal);
        }
    }
    match refused.pop_front() {
        Some(refusal) => Err(Failure::Refused(format!("{}: {}", refusal.code, refusal.message))),
        None => Ok(times),
    }
}

fn histogram() -> Histogram<u64> {
    // Microseconds up to ten minutes with three digits: a constant that is always a valid shape.
    Histogram::new_with_bounds(1, 600_000_000, 3).unwrap_or_else(|_| unreachable!("a fixed shape"))
}

fn record(times: &mut Histogram<u64>, since: Instant) {
    times.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX).max(1));
}

#[allow(clippy::cast_precision_loss)] // rates for people
fn measured(what: &'static str, count: u64, started: Instant, times: &Histogram<u64>) -> Measured {
    let ms = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1_000.0;
    Measured { what, count, per_second: count as f64 / started.elapsed().as_secs_f64(), p50_ms: ms(0.5), p99_ms: ms(0.99) }
}
