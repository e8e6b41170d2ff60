//! What one call may cost, whoever makes it: behind the layer that knows the caller, around every service.
//!
//! ```text
//!  call ──► auth: who? ──► guard: room? ──► service ──► answer, or a status
//!                            │ deadline, whole request in time, bytes on the way, panics
//! ```
//!
//! Promises: a caller has so many calls open and so many bytes on their way, over all its connections; a request that does not
//! become whole ends; every call has a deadline, the client's or ours; a handler that panics is answered like any other mistake of
//! the server's, and harms no other call.
//! Invariant: what is refused here was neither parsed nor entered.

mod answer;
mod frames;
mod held;
mod request;

use crate::{
    auth::known,
    status::{internal, late, refused},
};
use answer::Answering;
use futures::{FutureExt, future::BoxFuture};
use held::Held;
use request::Arriving;
use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tonic::{body::Body, codegen::http};

/// How long a call may take until its answer begins, where its client gives no shorter time: the longest series of a large log, and
/// a round of the vault's keys, stay far below it.
const CALL_MAX: Duration = Duration::from_secs(300);
/// Calls whose answer, or whose request, is a stream. They stay open, and are counted by themselves.
pub(crate) const STREAMS: [&str; 8] = [
    "/xiaoer.v1.PostingService/PostStream",
    "/xiaoer.v1.AuditService/Replay",
    "/xiaoer.v1.AuditService/Subscribe",
    "/xiaoer.v1.AuditService/ExplainMetric",
    "/xiaoer.v1.AdminService/Rebuild",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Puts the guard around the services.
#[derive(Clone, Default)]
pub(crate) struct GuardLayer(Arc<Held>);

/// The services behind it.
#[derive(Clone)]
pub(crate) struct Guarded<S> {
    inner: S,
    held: Arc<Held>,
}

impl<S> tower::Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, held: Arc::clone(&self.0) }
    }
}

impl<S> tower::Service<http::Request<Body>> for Guarded<S>
where
    S: tower::Service<http::Request<Body>, Response = http::Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let is_stream = STREAMS.contains(&request.uri().path());
        // Nobody is known where the health is asked, whose calls hold nothing.
        let open = known(&request).map(|caller| self.held.open(&caller.name, is_stream)).transpose();
        let open = match open {
            Ok(open) => open,
            Err(refusal) => return Box::pin(std::future::ready(Ok(refused(&refusal).into_http()))),
        };
        let asked = asked(request.headers());
        let ends = asked.map(|asked| Instant::now() + asked);
        let share = open.as_ref().map(held::Open::share);
        let request = request.map(|body| Body::new(Arriving::new(body, is_stream, share)));
        let answer = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            let limit = asked.map_or(CALL_MAX, |asked| asked.min(CALL_MAX));
            match tokio::time::timeout(limit, answer).await {
                Ok(Ok(answer)) => Ok(answer?.map(|body| Body::new(Answering::new(body, open, ends)))),
                // The hook of the program has said where (`xiaoer`'s `main.rs`).
                Ok(Err(_panic)) => Ok(internal().into_http()),
                Err(_) => Ok(late("no answer in the time there was").into_http()),
            }
        })
    }
}

/// The time that a client gives a call, in the form of gRPC: up to eight digits and a unit.
fn asked(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
