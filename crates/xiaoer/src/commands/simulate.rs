//! `xiaoer simulate`: a synthetic district, posted as it would have been lived through.

use super::post::report;
use crate::{
    cli::{SimulateArgs, To},
    client::{Failure, connect, say_json},
    sender::send,
};
use xiaoer::simulate::{District, posts};
use xiaoer_wire::v1::{
    ListCasesRequest, OpenLogRequest, PostRequest, admin_service_client::AdminServiceClient, audit_service_client::AuditServiceClient,
};

pub(crate) async fn run(to: &To, args: SimulateArgs) -> Result<(), Failure> {
    let from = args.from.parse().map_err(|_| Failure::Usage(format!("--from {}: a date is YYYY-MM-DD", args.from)))?;
    let district = District { log: to.log.clone(), seed: args.seed, cases: args.cases, from, months: args.months };
    let log = to.log.clone();
    let requests = posts(&district).map(move |post| PostRequest {
        log: log.clone(),
        events: post.events,
        mode: post.mode as i32,
        expected_revision: None,
        simulated_recorded_at: Some(post.simulated_recorded_at.into()),
    });
    if args.print {
        return requests.into_iter().try_for_each(|request| say_json(&request));
    }
    let request = OpenLogRequest { log: to.log.clone(), time_zone: String::new(), synthetic: true, without_seed: false };
    AdminServiceClient::new(connect(to).await?).open_log(request).await?;
    if args.if_empty && holds_cases(to).await? {
        return Ok(());
    }
    report(to, &send(to, requests.map(Ok), None).await?)
}

async fn holds_cases(to: &To) -> Result<bool, Failure> {
    let request = ListCasesRequest { log: to.log.clone(), page_size: 1, ..ListCasesRequest::default() };
    Ok(!AuditServiceClient::new(connect(to).await?).list_cases(request).await?.into_inner().cases.is_empty())
}
