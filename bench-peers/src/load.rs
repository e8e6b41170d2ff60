//! The load and what is measured of it, the same for every store.

use hdrhistogram::Histogram;
use serde::Serialize;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Events of a case.
pub const CASE_EVENTS: u64 = 10;
/// About as long as the stored form of an event of `xiaoer bench`.
const PAYLOAD_BYTES: usize = 500;

/// What was measured.
#[derive(Serialize)]
struct Measured<'a> {
    what: &'a str,
    count: u64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

/// A case's name, that no run had before.
pub fn case_name() -> String {
    Uuid::now_v7().to_string()
}

/// The content of an event: printable, and another for each.
pub fn payload(step: u64) -> String {
    let start = format!("{} step {step} ", Uuid::now_v7());
    let filling = PAYLOAD_BYTES - start.len();
    start + &"application_form identity_document ".repeat(PAYLOAD_BYTES)[..filling]
}

/// Runs `work` in `workers` tasks until `count` pieces of it are taken; `work` does one piece of `events` events, and records how
/// long each of its calls took. Prints what came of it.
pub async fn measure<W, F>(what: &str, workers: usize, count: u64, events: u64, work: W) -> anyhow::Result<()>
where
    W: Fn(usize, Times) -> F + Clone + Send + 'static,
    F: Future<Output = anyhow::Result<Times>> + Send + 'static,
{
    let (next, started) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut tasks = JoinSet::new();
    for worker in 0..workers {
        let (next, work) = (Arc::clone(&next), work.clone());
        tasks.spawn(async move {
            let mut times = Times::new();
            while next.fetch_add(1, Ordering::Relaxed) < count {
                times = work(worker, times).await?;
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Times::new();
    while let Some(done) = tasks.join_next().await {
        times.0.add(done??.0)?;
    }
    let seconds = started.elapsed().as_secs_f64();
    let ms = |quantile| times.0.value_at_quantile(quantile) as f64 / 1_000.0;
    let count = count * events;
    let measured = Measured { what, count, per_second: count as f64 / seconds, p50_ms: ms(0.5), p99_ms: ms(0.99) };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// How long calls took.
pub struct Times(Histogram<u64>);

impl Times {
    fn new() -> Self {
        // Microseconds up to ten minutes, as `xiaoer bench` counts them.
        Self(Histogram::new_with_bounds(1, 600_000_000, 3).expect("a valid shape"))
    }

    pub fn record(&mut self, since: Instant) {
        self.0.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX).max(1));
    }
}
