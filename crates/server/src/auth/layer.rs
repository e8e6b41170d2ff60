//! The layer that every call goes through: it knows the caller, or answers that it does not.

use super::{Authority, incoming::Peer};
use crate::status::refused;
use futures::future::{Either, Ready, ready};
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{
    Request, Status,
    body::Body,
    codegen::http::{self, header::AUTHORIZATION},
};
use xiaoer_domain::{Code, Refusal, permit::Caller};

/// What is answered to anyone: whether the server is well, which a balancer or an orchestrator asks.
const FOR_ANYONE: &str = "/grpc.health.v1.Health/";

/// Puts the caller into each request.
#[derive(Clone)]
pub(crate) struct AuthLayer(pub(crate) Arc<Authority>);

/// The services behind it.
#[derive(Clone)]
pub(crate) struct Known<S> {
    inner: S,
    authority: Arc<Authority>,
}

impl<S> tower::Layer<S> for AuthLayer {
    type Service = Known<S>;

    fn layer(&self, inner: S) -> Known<S> {
        Known { inner, authority: Arc::clone(&self.0) }
    }
}

impl<S, B> tower::Service<http::Request<B>> for Known<S>
where
    S: tower::Service<http::Request<B>, Response = http::Response<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        if request.uri().path().starts_with(FOR_ANYONE) {
            return Either::Left(self.inner.call(request));
        }
        let bearer = |value: &http::HeaderValue| value.to_str().ok()?.strip_prefix("Bearer ").map(str::to_owned);
        let token = match request.headers().get(AUTHORIZATION) {
            None => Ok(None),
            Some(value) => bearer(value).map(Some).ok_or(()),
        };
        let peer = request.extensions().get::<Peer>();
        let caller = match token {
            Ok(token) => self.authority.caller(peer, token.as_deref()),
            // An unreadable proof is no reason to look for another one.
            Err(()) => self.authority.caller(None, Some("")),
        };
        match caller {
            Ok(caller) => {
                request.extensions_mut().insert(caller);
                Either::Left(self.inner.call(request))
            }
            Err(refusal) => Either::Right(ready(Ok(refused(&refusal).into_http()))),
        }
    }
}

/// Who makes a request, for what stands between the layer and the services.
pub(crate) fn known<B>(request: &http::Request<B>) -> Option<Arc<Caller>> {
    request.extensions().get().cloned()
}

/// Who makes a request, as the layer put it there.
pub(crate) fn caller<T>(request: &Request<T>) -> Result<Arc<Caller>, Status> {
    let caller = request.extensions().get::<Arc<Caller>>();
    // Without the layer nobody is known, and nothing is answered.
    caller.cloned().ok_or_else(|| refused(&Refusal::new(Code::Internal, "a call that nobody was asked for")))
}
