//! `xiaoer accesses`: who read what.

use crate::{
    cli::{AccessesArgs, To},
    client::{Failure, connect, say, say_json},
};
use xiaoer_wire::v1::{Access, ListAccessesRequest, Subject, audit_service_client::AuditServiceClient};

/// Reads of one page.
const PAGE: u32 = 1_000;

pub(crate) async fn run(to: &To, args: AccessesArgs) -> Result<(), Failure> {
    let subject = <[String; 3]>::try_from(args.subject).ok().map(|[kind, system, id]| Subject { kind, system, id });
    let mut request = ListAccessesRequest {
        log: to.log.clone(),
        of_log: args.of_log.unwrap_or_default(),
        caller: args.caller.unwrap_or_default(),
        subject,
        r#ref: args.reference.unwrap_or_default(),
        from: args.from.unwrap_or_default(),
        to: args.to.unwrap_or_default(),
        page_size: PAGE,
        page_token: String::new(),
    };
    let mut client = AuditServiceClient::new(connect(to).await?);
    loop {
        let page = client.list_accesses(request.clone()).await?.into_inner();
        for access in &page.accesses {
            if to.json { say_json(access)? } else { say(line(access)) }
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

fn line(Access { position, at, caller, read, .. }: &Access) -> String {
    let at = at.and_then(|at| at.to_jiff().ok()).map(|at| at.to_string()).unwrap_or_default();
    let read = read.clone().unwrap_or_default();
    let subject = read.subject.map(|of| format!(" {} {} {}", of.kind, of.system, of.id)).unwrap_or_default();
    let after = read.after_position.map(|after| format!(" after {after}")).unwrap_or_default();
    let of = [read.r#ref, read.metric_id].into_iter().filter(|of| !of.is_empty()).map(|of| format!(" {of}")).collect::<String>();
    let refusal = if read.refusal.is_empty() { String::new() } else { format!(" refused: {}", read.refusal) };
    format!("{at}  {caller:<16} {:<30} {}{subject}{of}{after}{refusal} (position {position})", read.call, read.log)
}
