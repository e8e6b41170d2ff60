//! An answer on its way out: it holds its call open until it has ended, and ends when the client's time is over.

use super::held::Open;
use crate::status::{internal, late};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};
use tokio::time::{Sleep, sleep_until};
use tonic::{Status, body::Body, codegen::http::HeaderMap};

/// The body of an answer.
pub(super) struct Answering {
    /// None once it was cut off.
    body: Option<Body>,
    open: Option<Open>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Answering {
    pub(super) fn new(body: Body, open: Option<Open>, ends: Option<Instant>) -> Self {
        // An answer that is all there needs no timer.
        let timer = ends.filter(|_| !body.is_end_stream()).map(|ends| Box::pin(sleep_until(ends.into())));
        Self { body: Some(body), open, timer }
    }

    /// Ends with a status, whatever was still to come.
    fn cut(&mut self, status: &Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        (self.body, self.open, self.timer) = (None, None, None);
        let mut trailers = HeaderMap::new();
        // Fails for characters that no header may hold; percent-encoding leaves none.
        let _ = status.add_header(&mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}

impl http_body::Body for Answering {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if this.timer.as_mut().is_some_and(|timer| timer.as_mut().poll(cx).is_ready()) {
            return this.cut(&late("the time of the call is over"));
        }
        match catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx))) {
            Ok(frame) => frame,
            Err(_panic) => this.cut(&internal()),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, http_body::Body::size_hint)
    }
}
