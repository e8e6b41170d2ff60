//! `xiaoer simulate`: a synthetic district, posted as it would have been lived through.

use super::post::report;
use crate::{
    cli::{SimulateArgs, To},
    client::{Failure, connect, say_json},
    sender::send,
};
use xiaoer::simulate::{District, posts};
use xiaoer_server::Connection;
use xiaoer_wire::v1::{
    GetStatusRequest, ListCasesRequest, OpenLogRequest, PostRequest, admin_service_client::AdminServiceClient,
    audit_service_client::AuditServiceClient,
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
    let mut admin = AdminServiceClient::new(connect(to).await?);
    if args.if_empty && is_used(to, &mut admin).await? {
        return Ok(());
    }
    admin.open_log(OpenLogRequest { log: to.log.clone(), synthetic: true, ..OpenLogRequest::default() }).await?;
    report(to, &send(to, requests.map(Ok), None).await?)
}

/// Whether the installation holds another log, or cases in this one.
async fn is_used(to: &To, admin: &mut AdminServiceClient<Connection>) -> Result<bool, Failure> {
    let logs = admin.get_status(GetStatusRequest {}).await?.into_inner().logs;
    if logs.iter().any(|log| log.log != to.log) {
        return Ok(true);
    }
    let request = ListCasesRequest { log: to.log.clone(), page_size: 1, ..ListCasesRequest::default() };
    Ok(!logs.is_empty() && !AuditServiceClient::new(connect(to).await?).list_cases(request).await?.into_inner().cases.is_empty())
}
