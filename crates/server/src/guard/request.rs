//! A request on its way in: its bytes counted, and its end awaited for so long only.

use super::{frames::Frames, held::Share};
use crate::status::{late, refused};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::{Status, body::Body};

/// How long a request, or a message of a stream, may take to become whole: the largest at 280 KB a second. Between two messages a
/// stream may rest; whether its client is there at all is what the connection asks.
const WHOLE_WAIT: Duration = Duration::from_secs(30);

/// The body of a request.
pub(super) struct Arriving {
    body: Body,
    is_stream: bool,
    share: Option<Share>,
    frames: Frames,
    /// When what is under way must be whole; none where nothing is.
    until: Option<Instant>,
    /// Made when something is waited for, which most requests never are.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(super) fn new(body: Body, is_stream: bool, share: Option<Share>) -> Self {
        let until = (!is_stream).then(|| Instant::now() + WHOLE_WAIT);
        Self { body, is_stream, share, frames: Frames::default(), until, timer: None }
    }

    fn came(&mut self, bytes: &[u8]) -> Result<(), Status> {
        let was_within = self.frames.is_within();
        self.frames.push(bytes);
        if self.is_stream {
            if !self.frames.is_within() {
                (self.until, self.timer) = (None, None);
            } else if !was_within {
                (self.until, self.timer) = (Some(Instant::now() + WHOLE_WAIT), None);
            }
        }
        let Some(share) = &mut self.share else { return Ok(()) };
        share.hold(self.frames.held()).map_err(|refusal| refused(&refusal))
    }

    /// Whether it has taken too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = self.until else { return Poll::Pending };
        self.timer.get_or_insert_with(|| Box::pin(sleep_until(until))).as_mut().poll(cx)
    }
}

impl http_body::Body for Arriving {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        this.frames.taken();
        if let Some(share) = &mut this.share {
            let _ = share.hold(this.frames.held()); // Less than before.
        }
        match Pin::new(&mut this.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                let came = frame.data_ref().map_or(Ok(()), |bytes| this.came(bytes));
                Poll::Ready(Some(came.map(|()| frame)))
            }
            Poll::Pending if this.poll_late(cx).is_ready() => {
                let waited = WHOLE_WAIT.as_secs();
                Poll::Ready(Some(Err(late(&format!("the request was not whole after {waited} seconds")))))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
