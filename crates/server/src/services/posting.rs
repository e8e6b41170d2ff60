//! `PostingService`: the only way in.

use crate::{
    Node,
    auth::caller,
    intake::{Answer, answered, prepare},
    services::{Answers, answers},
    status::{explained, refused},
};
use futures::{StreamExt, stream::FuturesOrdered};
use std::sync::Arc;
use tokio::sync::oneshot;
use tonic::{Request, Response, Status, Streaming};
use xiaoer_domain::{Refusal, permit::Caller};
use xiaoer_wire::{
    strict::Strict,
    v1::{self, CheckResponse, PostRequest, PostResponse, PostStreamResponse, check_response, post_stream_response},
};

/// Requests of one stream that wait for their answers; further ones are not read until some are answered.
const STREAM_WAITING_MAX: usize = 2_048;

/// The generated server, which reads requests as `Strict`.
pub(crate) mod generated {
    #![allow(missing_docs, missing_debug_implementations, unreachable_pub, clippy::all, clippy::pedantic)]
    pub(crate) use xiaoer_wire::posting_service_server::*;
}

pub(crate) struct Posting {
    node: Arc<Node>,
}

/// The service on a node.
pub(crate) fn server(node: Arc<Node>) -> generated::PostingServiceServer<Posting> {
    generated::PostingServiceServer::new(Posting { node })
}

impl Posting {
    async fn enter(&self, caller: Arc<Caller>, request: Strict<PostRequest>, dry_run: bool) -> Answer {
        let served = self.node.enter(&caller, &request.message.log)?;
        served.unless_rewound()?;
        let prepared = prepare(request, served.log.genesis(), caller, dry_run)?;
        answered(served.intake()?.try_post(prepared)?).await
    }
}

#[tonic::async_trait]
impl generated::PostingService for Posting {
    type PostStreamStream = Answers<PostStreamResponse>;

    async fn post(&self, request: Request<Strict<PostRequest>>) -> Result<Response<PostResponse>, Status> {
        let caller = caller(&request)?;
        let response = self.enter(caller, request.into_inner(), false).await;
        response.map(Response::new).map_err(|refusal| refused(&refusal))
    }

    async fn check(&self, request: Request<Strict<PostRequest>>) -> Result<Response<CheckResponse>, Status> {
        let caller = caller(&request)?;
        let outcome = match self.enter(caller, request.into_inner(), true).await {
            Ok(response) => check_response::Outcome::WouldAccept(response),
            Err(refusal) => check_response::Outcome::WouldRefuse(v1::Refusal::from(&refusal)),
        };
        Ok(Response::new(CheckResponse { outcome: Some(outcome) }))
    }

    async fn post_stream(
        &self,
        request: Request<Streaming<Strict<PostRequest>>>,
    ) -> Result<Response<Self::PostStreamStream>, Status> {
        let (node, caller) = (Arc::clone(&self.node), caller(&request)?);
        Ok(Response::new(answers::begin(STREAM_WAITING_MAX, |sender| pump(node, caller, request.into_inner(), sender))))
    }
}

/// What became of a request before the writer saw it, or the way to hear what the writer says.
enum Entered {
    Waits(oneshot::Receiver<Answer>),
    Refused(Refusal),
}

impl Entered {
    async fn answer(self) -> Answer {
        match self {
            Self::Waits(receiver) => answered(receiver).await,
            Self::Refused(refusal) => Err(refusal),
        }
    }
}

/// Reads requests in order, enters each, and gives the answers in the same order. A client that goes away ends the reading; what
/// has entered goes on.
async fn pump(
    node: Arc<Node>,
    caller: Arc<Caller>,
    mut requests: Streaming<Strict<PostRequest>>,
    answers: answers::Sender<PostStreamResponse>,
) {
    let mut waiting = FuturesOrdered::new();
    let mut index = 0;
    let mut open = true;
    let mut broken = None;
    while open || !waiting.is_empty() {
        let room = open && waiting.len() < STREAM_WAITING_MAX;
        tokio::select! {
            biased;
            Some(answer) = waiting.next(), if !waiting.is_empty() => {
                if answers.send(Ok(stream_answer(index, answer))).await.is_err() {
                    return;
                }
                index += 1;
            }
            request = requests.next(), if room => match request {
                Some(Ok(request)) => waiting.push_back(enter(&node, &caller, request).await.answer()),
                // What is no message ends the stream, behind the answers to what entered before it.
                Some(Err(status)) => (open, broken) = (false, Some(explained(status))),
                None => open = false,
            },
        }
    }
    if let Some(status) = broken {
        let _ = answers.send(Err(status)).await;
    }
}

async fn enter(node: &Node, caller: &Arc<Caller>, request: Strict<PostRequest>) -> Entered {
    let entered = async {
        let served = node.enter(caller, &request.message.log)?;
        served.unless_rewound()?;
        let prepared = prepare(request, served.log.genesis(), Arc::clone(caller), false)?;
        served.intake()?.post(prepared).await
    };
    entered.await.map_or_else(Entered::Refused, Entered::Waits)
}

fn stream_answer(index: u64, answer: Answer) -> PostStreamResponse {
    let outcome = match answer {
        Ok(response) => post_stream_response::Outcome::Accepted(response),
        Err(refusal) => post_stream_response::Outcome::Refused(v1::Refusal::from(&refusal)),
    };
    PostStreamResponse { index, outcome: Some(outcome) }
}
