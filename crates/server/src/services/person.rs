//! `PersonService`: persons and texts in the vault.

use crate::{
    Node,
    auth::caller,
    status::{failed, refused},
    vault,
};
use std::{future::Future, sync::Arc};
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, Refusal,
    permit::{Right, somewhere},
};
use xiaoer_journal::vault::Error;
use xiaoer_wire::v1::{
    DestroyEpochRequest, DestroyEpochResponse, EraseRequest, EraseResponse, GetRequest, GetResponse, LiftHoldRequest,
    LiftHoldResponse, PlaceHoldRequest, PlaceHoldResponse, PutRequest, PutResponse, RotateRequest, RotateResponse,
    person_service_server::PersonService,
};

pub(crate) struct Person {
    node: Arc<Node>,
}

impl Person {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }
}

/// Does it to the end, also where the client goes away meanwhile: nothing is left half done until the next start.
async fn whole<T: Send + 'static>(work: impl Future<Output = Result<T, Error>> + Send + 'static) -> Result<Response<T>, Status> {
    let done = tokio::spawn(work).await.map_err(|_| refused(&Refusal::new(Code::Internal, "the vault failed")))?;
    done.map(Response::new).map_err(|error| unanswered(&error))
}

/// An error's detail is logged here, once, and not told.
fn unanswered(error: &Error) -> Status {
    match error {
        Error::Refused(refusal) => return refused(refusal),
        Error::Failed(error) => return failed(error),
        Error::Keys(_) => tracing::error!(%error, "the vault cannot use its keys"),
    }
    refused(&Refusal::from(error))
}

#[tonic::async_trait]
impl PersonService for Person {
    async fn put(&self, request: Request<PutRequest>) -> Result<Response<PutResponse>, Status> {
        let (node, caller, request) = (Arc::clone(&self.node), caller(&request)?, request.into_inner());
        whole(async move { vault::put(&node, &caller, request).await }).await
    }

    async fn get(&self, request: Request<GetRequest>) -> Result<Response<GetResponse>, Status> {
        let caller = caller(&request)?;
        vault::get(&self.node, &caller, request.get_ref()).await.map(Response::new).map_err(|error| unanswered(&error))
    }

    async fn erase(&self, request: Request<EraseRequest>) -> Result<Response<EraseResponse>, Status> {
        let (node, caller, request) = (Arc::clone(&self.node), caller(&request)?, request.into_inner());
        whole(async move { vault::erase(&node, &caller, request).await }).await
    }

    async fn place_hold(&self, request: Request<PlaceHoldRequest>) -> Result<Response<PlaceHoldResponse>, Status> {
        let (node, caller, request) = (Arc::clone(&self.node), caller(&request)?, request.into_inner());
        whole(async move { vault::place_hold(&node, &caller, request).await }).await
    }

    async fn lift_hold(&self, request: Request<LiftHoldRequest>) -> Result<Response<LiftHoldResponse>, Status> {
        let (node, caller, request) = (Arc::clone(&self.node), caller(&request)?, request.into_inner());
        whole(async move { vault::lift_hold(&node, &caller, request).await }).await
    }

    async fn rotate(&self, request: Request<RotateRequest>) -> Result<Response<RotateResponse>, Status> {
        let (node, caller) = (Arc::clone(&self.node), caller(&request)?);
        whole(async move {
            somewhere(&caller, Right::VaultKeys)?;
            vault::rotate(&node).await
        })
        .await
    }

    async fn destroy_epoch(&self, request: Request<DestroyEpochRequest>) -> Result<Response<DestroyEpochResponse>, Status> {
        let (node, caller, epoch) = (Arc::clone(&self.node), caller(&request)?, request.into_inner().epoch);
        whole(async move {
            somewhere(&caller, Right::VaultKeys)?;
            vault::destroy_epoch(&node, caller.actor().clone(), epoch).await
        })
        .await
    }
}
