//! Intake: a request is checked for form in its own task, then waits in the bounded queue of its log's writer.
//!
//! Promises: requests of one caller enter in the order they are given; a client that goes away cancels nothing that has entered;
//! a full queue is said at once ([`Intake::try_post`]) or waited for ([`Intake::post`]), never grown.

mod form;
mod judge;
mod streams;
mod writer;

pub use form::{own, prepare};
pub(crate) use judge::takes;

use crate::Clock;
use form::Prepared;
use futures::future::BoxFuture;
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{Code, Refusal};
use xiaoer_journal::{Error, Log};
use xiaoer_wire::v1::PostResponse;

/// Requests that may wait for one writer.
const QUEUE_REQUESTS_MAX: usize = 4_096;
/// Stored bytes that may wait for one writer, in KiB (32 MiB).
const QUEUE_KIB_MAX: u32 = 32 * 1_024;

/// What becomes of a request.
pub type Answer = Result<PostResponse, Refusal>;

/// The way to one log's writer. Clones share the queue.
#[derive(Debug, Clone)]
pub struct Intake {
    queue: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
    waiting: Arc<AtomicU32>,
}

/// A request in the queue.
struct Job {
    request: Prepared,
    answer: oneshot::Sender<Answer>,
    _room: OwnedSemaphorePermit,
    _waiting: Waiting,
}

impl Intake {
    /// Starts the writer of a log. When `closing` is cancelled it takes nothing more, answers what has entered and ends, whoever
    /// still holds the intake.
    pub async fn start(log: Log, clock: Clock, closing: CancellationToken) -> Result<(Self, BoxFuture<'static, ()>), Error> {
        let (queue, jobs) = mpsc::channel(QUEUE_REQUESTS_MAX);
        let writer = writer::Writer::new(log, clock).await?;
        let intake = Self { queue, room: Arc::new(Semaphore::new(QUEUE_KIB_MAX as usize)), waiting: Arc::default() };
        Ok((intake, Box::pin(writer.run(jobs, closing))))
    }

    /// Enters a request where there is room now, else says so.
    pub fn try_post(&self, request: Prepared) -> Result<oneshot::Receiver<Answer>, Refusal> {
        let room = Arc::clone(&self.room).try_acquire_many_owned(request.kib()).map_err(|_| full())?;
        let slot = self.queue.try_reserve().map_err(|error| match error {
            mpsc::error::TrySendError::Full(()) => full(),
            mpsc::error::TrySendError::Closed(()) => stopping(),
        })?;
        let (job, answer) = self.job(request, room);
        slot.send(job);
        Ok(answer)
    }

    /// Enters a request as soon as there is room; until then the caller reads nothing more from its client.
    pub async fn post(&self, request: Prepared) -> Result<oneshot::Receiver<Answer>, Refusal> {
        let room = Arc::clone(&self.room).acquire_many_owned(request.kib()).await.map_err(|_| stopping())?;
        let slot = self.queue.reserve().await.map_err(|_| stopping())?;
        let (job, answer) = self.job(request, room);
        slot.send(job);
        Ok(answer)
    }

    /// Requests that wait for the writer now.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    fn job(&self, request: Prepared, room: OwnedSemaphorePermit) -> (Job, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let waiting = Waiting::begin(&self.waiting);
        (Job { request, answer: sender, _room: room, _waiting: waiting }, receiver)
    }
}

/// Counts a request for as long as it waits.
struct Waiting(Arc<AtomicU32>);

impl Waiting {
    fn begin(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The answer of a request that entered; a writer that ended without one was stopped.
pub async fn answered(receiver: oneshot::Receiver<Answer>) -> Answer {
    receiver.await.unwrap_or_else(|_| Err(stopping()))
}

fn full() -> Refusal {
    Refusal::new(Code::QueueFull, "the writer's queue is full")
}

fn stopping() -> Refusal {
    Refusal::new(Code::Stopping, "the server is stopping")
}

#[cfg(test)]
mod tests;
