//! The answers of a stream: made in a task of their own, a bounded number of them waiting for their reader.
//!
//! Promises: a slow reader holds back its own stream only, and one that takes nothing for [`READER_WAIT`] is ended, whereupon what
//! waited for it is dropped; work that panics ends its own stream with a status.

use crate::status::{internal, refused};
use futures::{FutureExt, Stream, task::AtomicWaker};
use prost::Message;
use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tonic::Status;
use xiaoer_domain::{Code, Refusal};

/// Bytes of answers of one stream that wait for their reader.
const WAITING_BYTES_MAX: usize = 256 << 10;
/// How long a reader may take nothing while answers wait for it: longer than a collection of garbage or a slow page, shorter than an
/// evening.
pub(crate) const READER_WAIT: Duration = Duration::from_secs(30);

/// An answer with the room that it takes.
type Waiting<T> = (Result<T, Status>, OwnedSemaphorePermit);

/// The answers, for the reader.
pub(crate) struct Answers<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    reader: AtomicWaker,
}

enum State<T> {
    Open(mpsc::Receiver<Waiting<T>>),
    Ended(Option<Status>),
}

/// The way in, for the work.
pub(crate) struct Sender<T> {
    queue: mpsc::Sender<Waiting<T>>,
    room: Arc<Semaphore>,
    shared: Arc<Shared<T>>,
}

/// The reader has gone, or was ended.
#[derive(Debug)]
pub(crate) struct Gone;

/// Begins work that gives answers, of which so many wait at most.
pub(crate) fn begin<T, F>(waiting_max: usize, work: impl FnOnce(Sender<T>) -> F) -> Answers<T>
where
    T: Message + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (queue, receiver) = mpsc::channel(waiting_max);
    let shared = Arc::new(Shared { state: Mutex::new(State::Open(receiver)), reader: AtomicWaker::new() });
    let sender = Sender { queue, room: Arc::new(Semaphore::new(WAITING_BYTES_MAX)), shared: Arc::clone(&shared) };
    let after = Sender { queue: sender.queue.clone(), room: Arc::clone(&sender.room), shared: Arc::clone(&shared) };
    let work = AssertUnwindSafe(work(sender)).catch_unwind();
    tokio::spawn(async move {
        if work.await.is_err() {
            let _ = after.send(Err(internal())).await;
        }
    });
    Answers(shared)
}

impl<T: Message> Sender<T> {
    /// Gives an answer, as soon as there is room.
    ///
    /// # Errors
    /// Where there is no reader any more; nothing more needs to be done then.
    pub(crate) async fn send(&self, answer: Result<T, Status>) -> Result<(), Gone> {
        let bytes = answer.as_ref().map_or(0, Message::encoded_len).min(WAITING_BYTES_MAX);
        let entered = async {
            let room = Arc::clone(&self.room).acquire_many_owned(u32::try_from(bytes).unwrap_or(u32::MAX)).await.ok()?;
            self.queue.send((answer, room)).await.ok()
        };
        match tokio::time::timeout(READER_WAIT, entered).await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(Gone),
            Err(_) => {
                let message = format!("nothing was read for {} seconds", READER_WAIT.as_secs());
                self.shared.end(Some(refused(&Refusal::new(Code::ReaderSlow, message))));
                Err(Gone)
            }
        }
    }

    /// Until the reader has gone.
    pub(crate) async fn closed(&self) {
        self.queue.closed().await;
    }
}

impl<T> Shared<T> {
    /// Drops what waits; the reader finds the status in its place.
    fn end(&self, status: Option<Status>) {
        let before = std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Ended(status));
        drop(before);
        self.reader.wake();
    }
}

impl<T> Stream for Answers<T> {
    type Item = Result<T, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.reader.register(cx.waker());
        match &mut *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Open(answers) => answers.poll_recv(cx).map(|waiting| waiting.map(|(answer, _)| answer)),
            State::Ended(status) => Poll::Ready(status.take().map(Err)),
        }
    }
}

impl<T> Drop for Answers<T> {
    fn drop(&mut self) {
        self.0.end(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tonic_types::StatusExt;
    use xiaoer_wire::v1::PostRequest;

    fn answer(bytes: usize) -> Result<PostRequest, Status> {
        Ok(PostRequest { log: "a".repeat(bytes), ..PostRequest::default() })
    }

    #[tokio::test]
    async fn work_that_panics_ends_its_own_stream() {
        let answers = begin(8, |sender| async move {
            sender.send(answer(1)).await.expect("a reader");
            panic!("in the middle");
        });
        let got: Vec<_> = answers.collect().await;
        assert!(got.len() == 2 && got[0].is_ok(), "{got:?}");
        let status = got[1].as_ref().expect_err("a status");
        assert_eq!(status.get_error_details().error_info().map(|info| &*info.reason), Some("XE-INTERNAL"));
    }

    #[tokio::test]
    async fn so_many_bytes_wait_and_one_answer_always_fits() {
        static SENT: AtomicUsize = AtomicUsize::new(0);
        let mut answers = begin(1_000, |sender| async move {
            for bytes in std::iter::repeat_n(WAITING_BYTES_MAX / 4, 20).chain([WAITING_BYTES_MAX * 2]) {
                if sender.send(answer(bytes)).await.is_err() {
                    return;
                }
                SENT.fetch_add(1, Ordering::Relaxed);
            }
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(SENT.load(Ordering::Relaxed), 3, "four with what is around their text are too many");
        let mut read = 0;
        while let Some(answer) = answers.next().await {
            answer.expect("an answer");
            read += 1;
        }
        assert_eq!(read, 21);
    }

    #[tokio::test]
    async fn work_without_a_reader_ends() {
        let (ended, told) = tokio::sync::oneshot::channel();
        let answers = begin(1, |sender| async move {
            while sender.send(answer(WAITING_BYTES_MAX)).await.is_ok() {}
            sender.closed().await;
            let _ = ended.send(());
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(answers);
        tokio::time::timeout(Duration::from_secs(5), told).await.expect("it ends at once").expect("it ends by itself");
    }
}
