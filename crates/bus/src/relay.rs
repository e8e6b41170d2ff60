//! The relay: what the journal holds and the stream does not, in order, for as long as the server runs.
//!
//! It keeps no state: at the start, after every failure, after every new connection and from time to time it reads where the stream
//! ends. Each page of the journal is read with the event the stream ends with in front, and published only if that is the same event.

use crate::{
    Nats, Source,
    stream::{Failure, Mark, Stream},
};
use std::time::{Duration, Instant};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{Code, Refusal};
use xiaoer_journal::Row;

/// Most events read at a time: one full batch.
const PAGE_EVENTS_MAX: usize = 1_000;
/// Most stored bytes in one batch, so that a batch of large events is in memory once and commits within the request timeout.
const BATCH_BYTES_MAX: usize = 4 << 20;
/// First and longest pause after a failure.
const RETRY_DELAY_MIN: Duration = Duration::from_millis(50);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);
/// Longest rest after a page that was not full. At the head the relay rests as long as it published, so that under a steady load the
/// events of several commits make one batch.
const REST_MAX: Duration = Duration::from_millis(20);
/// A stream deleted under a quiet log is made again after this time at the latest.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// How a log's stream is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Copies of the stream in a cluster: 1, 3 or 5.
    pub replicas: usize,
    /// Age at which messages are dropped from the stream; for ever where none is given.
    pub max_age: Option<Duration>,
    /// Bytes from which the oldest messages are dropped; no bound where none is given.
    pub max_bytes: Option<i64>,
    /// First position of a stream that is made anew; 1 is the whole log.
    pub first_position: u64,
    /// Use atomic batches where the server has them.
    pub atomic: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { replicas: 1, max_age: None, max_bytes: None, first_position: 1, atomic: true }
    }
}

/// Where a relay stands. Its lag is the log's head minus `relayed`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Last position known to be in the stream; none before the stream was read for the first time.
    pub relayed: Option<u64>,
    /// Whether NATS is connected.
    pub connected: bool,
    /// What went wrong last and has not come right since.
    pub error: Option<String>,
    /// Why the relay has stopped for good.
    pub stopped: Option<Refusal>,
}

/// Relays a log until it is told to stop.
///
/// # Errors
/// `XE-LOG-REWOUND` where the stream holds what the log does not, `XE-INTERNAL` where the log has a hole: nothing was published, and an
/// operator must look. The status says the same.
pub async fn run<S: Source>(
    source: S,
    nats: Nats,
    options: Options,
    status: watch::Sender<Status>,
    shutdown: CancellationToken,
) -> Result<(), Refusal> {
    let relay = Relay { source, nats, options, status };
    match shutdown.run_until_cancelled(relay.until_stopped()).await {
        None => Ok(()),
        Some(refusal) => Err(refusal),
    }
}

struct Relay<S> {
    source: S,
    nats: Nats,
    options: Options,
    status: watch::Sender<Status>,
}

impl<S: Source> Relay<S> {
    async fn until_stopped(&self) -> Refusal {
        let mut delay = RETRY_DELAY_MIN;
        loop {
            let before = self.status.borrow().relayed;
            let mut losses = self.nats.losses();
            let went_on = tokio::select! {
                went_on = self.go_on_where_it_ends() => went_on,
                _ = losses.changed() => Err(Failure::Away("the connection to NATS was lost".into())),
            };
            let Err(failure) = went_on else { continue };
            if self.status.borrow().relayed != before {
                delay = RETRY_DELAY_MIN;
            }
            match failure {
                Failure::Overtaken => {
                    tracing::debug!(log = %self.source.log(), "another relay was first");
                    sleep(RETRY_DELAY_MIN).await;
                }
                Failure::Away(error) => {
                    self.report_failure(error);
                    sleep(delay).await;
                    delay = (delay * 2).min(RETRY_DELAY_MAX);
                }
                Failure::Stop(refusal) => {
                    tracing::error!(log = %self.source.log(), error = %refusal, "the relay has stopped");
                    self.status.send_modify(|status| {
                        (status.error, status.stopped) = (Some(refusal.to_string()), Some(refusal.clone()));
                    });
                    return refusal;
                }
            }
        }
    }

    /// Reads where the stream ends and goes on from there, until something fails or it is time to look again.
    async fn go_on_where_it_ends(&self) -> Result<(), Failure> {
        // Without a connection requests would queue up in the client and be sent when nobody waits for them any more.
        if !self.nats.is_connected() {
            return Err(Failure::Away("NATS is away".into()));
        }
        let looked = Instant::now();
        let (stream, mut mark) = Stream::open(&self.nats, self.source.log(), &self.options).await?;
        let mut page = self.page(&mark).await?;
        self.report(&mark);
        loop {
            let began = Instant::now();
            for batch in batches(&page, stream.batch_messages_max()) {
                stream.publish(batch).await?;
                mark = batch.last().map_or(mark, Mark::of);
                self.report(&mark);
            }
            if page.is_empty() {
                if looked.elapsed() > LOOK_AGAIN {
                    return Ok(());
                }
                self.report(&mark);
                self.source.wait_past(mark.position).await;
            } else if page.len() < PAGE_EVENTS_MAX {
                sleep(began.elapsed().min(REST_MAX)).await;
            }
            page = self.page(&mark).await?;
        }
    }

    /// The next events after a mark, once the log is seen to hold the mark itself.
    async fn page(&self, mark: &Mark) -> Result<Vec<Row>, Failure> {
        let page = self.source.read(mark.position.saturating_sub(1), PAGE_EVENTS_MAX + 1).await;
        let page = page.map_err(|error| Failure::away("journal", error))?;
        after(mark, page).map_err(Failure::Stop)
    }

    fn report(&self, mark: &Mark) {
        let now = Status { relayed: Some(mark.position), connected: self.nats.is_connected(), ..Status::default() };
        self.status.send_if_modified(|status| std::mem::replace(status, now.clone()) != now);
    }

    fn report_failure(&self, error: String) {
        let connected = self.nats.is_connected();
        let news = self.status.send_if_modified(|status| {
            let now = Status { relayed: status.relayed, connected, error: Some(error.clone()), stopped: None };
            std::mem::replace(status, now.clone()) != now
        });
        // Said once, not at every try.
        if news {
            tracing::warn!(log = %self.source.log(), error, "the relay waits");
        }
    }
}

impl Mark {
    fn of(row: &Row) -> Self {
        Self { position: row.position, leaf: Some(row.leaf_hash) }
    }
}

/// The events after a mark, of a page that begins with the event at the mark (or with the log, where the mark is 0).
fn after(mark: &Mark, mut page: Vec<Row>) -> Result<Vec<Row>, Refusal> {
    if mark.position > 0 {
        let holds = |row: &Row| row.position == mark.position && mark.leaf.is_none_or(|leaf| leaf == row.leaf_hash);
        if !page.first().is_some_and(holds) {
            let message =
                format!("the stream ends with position {}, which the log does not hold or holds otherwise", mark.position);
            return Err(Refusal::new(Code::LogRewound, message));
        }
        page.remove(0);
    }
    match page.iter().zip(mark.position + 1..).find(|(row, expected)| row.position != *expected) {
        Some((row, expected)) => Err(Refusal::new(
            Code::Internal,
            format!("the log has a hole: position {} comes where {expected} should", row.position),
        )),
        None => Ok(page),
    }
}

/// A page in pieces that fit one batch each; an event alone always fits.
fn batches(mut page: &[Row], messages_max: usize) -> impl Iterator<Item = &[Row]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = page.iter().take(messages_max).take_while(|row| {
            bytes += row.body.len();
            bytes <= BATCH_BYTES_MAX
        });
        let (batch, rest) = page.split_at(fits.count().max(1).min(page.len()));
        page = rest;
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests;
