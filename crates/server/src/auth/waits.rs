//! How long a connection may say nothing at its beginning, and take nothing of what is written to it.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

/// How long the first bytes may take: until they have come nobody knows which HTTP it is, and no other deadline runs.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// Those bytes: the preface of HTTP/2, which no request of HTTP/1.1 with a host is shorter than.
const FIRST_BYTES: usize = 24;
/// How long what is written may wait to be taken: a minute of a network that is away.
const TAKEN_WAIT: Duration = Duration::from_secs(60);

/// The deadlines of a connection.
pub(super) struct Waits {
    /// Bytes that have yet to come, with when they must have; none once they came.
    first: Option<(usize, Pin<Box<Sleep>>)>,
    /// Runs while a write waits.
    taken: Option<Pin<Box<Sleep>>>,
    is_writing: bool,
}

impl Waits {
    pub(super) fn new() -> Self {
        Self { first: Some((FIRST_BYTES, Box::pin(sleep(FIRST_WAIT)))), taken: None, is_writing: false }
    }

    /// A read gave so many bytes, or waits.
    pub(super) fn read(&mut self, read: Poll<io::Result<()>>, bytes: usize, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some((left, timer)) = &mut self.first else { return read };
        if read.is_pending() && timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(late("no request in time")));
        }
        *left = left.saturating_sub(bytes);
        if *left == 0 {
            self.first = None;
        }
        read
    }

    /// A write was taken, or waits.
    pub(super) fn written<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.is_writing = false;
            return written;
        }
        let until = Instant::now() + TAKEN_WAIT;
        let timer = self.taken.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if !std::mem::replace(&mut self.is_writing, true) {
            timer.as_mut().reset(until);
        }
        match timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Err(late("nothing was taken in time"))),
            Poll::Pending => Poll::Pending,
        }
    }
}

fn late(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what.to_owned())
}
