//! A request on its way in: its bytes counted, and its end awaited for so long only.

use super::{frames::Frames, held::Share};
use crate::status::{late, refused};
use bytes::Bytes;
use http_body::Frame;
use std::{
    collections::VecDeque,
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
    /// Pieces that came and did not go on.
    kept: VecDeque<Frame<Bytes>>,
    ended: bool,
    /// When what is under way must be whole; none where nothing is.
    until: Option<Instant>,
    /// Made when something is waited for, which most requests never are.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    pub(super) fn new(body: Body, is_stream: bool, share: Option<Share>) -> Self {
        let until = (!is_stream).then(|| Instant::now() + WHOLE_WAIT);
        Self { body, is_stream, share, frames: Frames::default(), kept: VecDeque::new(), ended: false, until, timer: None }
    }

    /// Whether what came goes on. The end of a single message waits for that of its request: decoded it may be many times as large,
    /// and nobody shall have it lie there.
    fn may_go_on(&self) -> bool {
        self.is_stream || self.ended || !self.frames.has_whole()
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
        if this.is_stream {
            this.frames.taken();
            if let Some(share) = &mut this.share {
                let _ = share.hold(this.frames.held()); // Less than before.
            }
        }
        loop {
            if this.may_go_on()
                && let Some(frame) = this.kept.pop_front()
            {
                return Poll::Ready(Some(Ok(frame)));
            }
            if this.ended {
                return Poll::Ready(None);
            }
            match Pin::new(&mut this.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Err(status) = frame.data_ref().map_or(Ok(()), |bytes| this.came(bytes)) {
                        return Poll::Ready(Some(Err(status)));
                    }
                    this.kept.push_back(frame);
                    this.ended = this.body.is_end_stream();
                }
                Poll::Ready(None) => this.ended = true,
                Poll::Ready(Some(Err(status))) => return Poll::Ready(Some(Err(status))),
                Poll::Pending if this.poll_late(cx).is_ready() => {
                    let waited = WHOLE_WAIT.as_secs();
                    return Poll::Ready(Some(Err(late(&format!("the request was not whole after {waited} seconds")))));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.kept.is_empty() && (self.ended || self.body.is_end_stream())
    }
}
