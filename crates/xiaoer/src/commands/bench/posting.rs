//! Posting cases of ten events: over streams, and with unary calls beside a call of the same size that does nothing.

use super::{Measured, histogram, measured, record};
use crate::{
    cli::{
        To,
        bench::{BenchStreamArgs, BenchUnaryArgs},
    },
    client::{Failure, connect},
};
use hdrhistogram::Histogram;
use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::sleep_until};
use tokio_stream::wrappers::ReceiverStream;
use xiaoer::simulate::{BENCH_CASE_EVENTS, bench_case};
use xiaoer_server::Connection;
use xiaoer_wire::v1::{PostRequest, post_stream_response::Outcome, posting_service_client::PostingServiceClient};

/// Requests of one stream in flight.
const WINDOW: usize = 1_024;

/// What a unary worker calls.
#[derive(Clone, Copy)]
pub(super) enum Call {
    Post,
    /// A request of the same size that is refused for its log's name before anything is done: a no-op on the same server.
    Check,
}

/// Unary calls, so many in flight, each worker with a case of its own after another.
pub(super) async fn unary(what: &'static str, to: &To, args: &BenchUnaryArgs, call: Call, run: u64) -> Result<Measured, Failure> {
    let channel = connect(to).await?;
    let (next, cases) = (Arc::new(AtomicU64::new(0)), args.calls.div_ceil(BENCH_CASE_EVENTS as u64));
    let log = if matches!(call, Call::Post) { to.log.clone() } else { "no-such-log".into() };
    let (started, pace) = (Instant::now(), Arc::new(Pace::new(args.rate)));
    let worker = |_| {
        let (next, pace, log, system) = (Arc::clone(&next), Arc::clone(&pace), log.clone(), args.system.clone());
        let mut client = PostingServiceClient::new(channel.clone());
        tokio::spawn(async move {
            let mut times = histogram();
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                if case >= cases {
                    return Ok::<_, Failure>(times);
                }
                for mut event in bench_case(run, case) {
                    if let (Some(system), Some(source)) = (&system, &mut event.source) {
                        source.system.clone_from(system);
                    }
                    let request = PostRequest { log: log.clone(), events: vec![event], ..PostRequest::default() };
                    let sent = pace.turn().await;
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
    Ok(measured(what, cases * BENCH_CASE_EVENTS as u64, started, &times))
}

/// When calls are due, where they come at a rate.
struct Pace {
    started: Instant,
    rate: Option<f64>,
    next: AtomicU64,
}

impl Pace {
    fn new(rate: Option<f64>) -> Self {
        Self { started: Instant::now(), rate, next: AtomicU64::new(0) }
    }

    /// Waits until a call is due, and says since when its time counts: a call that is late because those before it took long is late
    /// for its sender too.
    #[allow(clippy::cast_precision_loss)] // microseconds of minutes
    async fn turn(&self) -> Instant {
        let Some(rate) = self.rate else { return Instant::now() };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let due = self.started + Duration::from_secs_f64(number as f64 / rate);
        if due <= Instant::now() {
            return due;
        }
        sleep_until(due.into()).await;
        Instant::now()
    }
}

/// A stream of requests over each of some connections, an event a request.
pub(super) async fn streamed(to: &To, args: &BenchStreamArgs, run: u64) -> Result<Measured, Failure> {
    let streams = args.streams.max(1);
    let (cases, started) = ((args.events / args.case_events).div_ceil(streams), Instant::now());
    let mut workers = Vec::new();
    for stream in 0..streams {
        let load = Load { log: to.log.clone(), run, first: stream * cases, cases, case_events: args.case_events };
        workers.push(tokio::spawn(one_stream(connect(to).await?, load)));
    }
    let mut times = histogram();
    for worker in workers {
        times.add(worker.await.map_err(anyhow::Error::from)??).map_err(anyhow::Error::from)?;
    }
    Ok(measured("post_stream", streams * cases * args.case_events, started, &times))
}

/// What one stream posts.
struct Load {
    log: String,
    run: u64,
    first: u64,
    cases: u64,
    case_events: u64,
}

impl Load {
    fn requests(&self) -> impl Iterator<Item = PostRequest> {
        let events = usize::try_from(self.case_events).unwrap_or(BENCH_CASE_EVENTS);
        (self.first..self.first + self.cases)
            .flat_map(move |case| bench_case(self.run, case).take(events))
            .map(|event| PostRequest { log: self.log.clone(), events: vec![event], ..PostRequest::default() })
    }
}

async fn one_stream(channel: Connection, load: Load) -> Result<Histogram<u64>, Failure> {
    let mut client = PostingServiceClient::new(channel);
    let (sender, receiver) = mpsc::channel(WINDOW);
    let (stamps, mut sent_at) = mpsc::channel::<Instant>(WINDOW * 2);
    tokio::spawn(async move {
        for request in load.requests() {
            if stamps.send(Instant::now()).await.is_err() || sender.send(request).await.is_err() {
                return;
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
