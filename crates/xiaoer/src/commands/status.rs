//! `xiaoer status` and `xiaoer open-log`.

use crate::{
    cli::{OpenLogArgs, StatusArgs, To},
    client::{Failure, connect, say, say_json},
};
use xiaoer_wire::v1::{GetStatusRequest, ListProjectionsRequest, OpenLogRequest, admin_service_client::AdminServiceClient};

pub(crate) async fn run(to: &To, _: StatusArgs) -> Result<(), Failure> {
    let mut client = AdminServiceClient::new(connect(to).await?);
    let status = client.get_status(GetStatusRequest {}).await?.into_inner();
    let projections = client.list_projections(ListProjectionsRequest::default()).await?.into_inner();
    if to.json {
        say_json(&status)?;
        return say_json(&projections);
    }
    say(format_args!("xiaoer {}, contract {}, NATS {} {}", status.program_version, status.contract, status.nats, status.nats_note));
    for log in &status.logs {
        let relay = match (log.relayed, log.relay_lag) {
            (Some(relayed), Some(lag)) => format!("on NATS up to {relayed} (lag {lag})"),
            _ if log.replica => "followed".to_owned(),
            _ => "not on NATS".to_owned(),
        };
        let contract = if log.contract < status.contract { format!(", takes contract {}", log.contract) } else { String::new() };
        let synthetic = if log.synthetic { ", synthetic" } else { "" };
        say(format_args!(
            "log {}: position {}, {relay}, {}{synthetic}{contract} {}{}",
            log.log, log.position, log.time_zone, log.relay_error, log.feed_error
        ));
        if !log.calendar_warning.is_empty() {
            say(format_args!("calendar of {}: up to {}, {}", log.log, log.calendar_horizon, log.calendar_warning));
        }
    }
    for epoch in &status.vault_epochs {
        let pending = match epoch.pending_erasures {
            0 => String::new(),
            n => format!(", {n} erasures pending until its key is destroyed"),
        };
        say(format_args!("vault epoch {}: {}, wraps {} keys{pending}", epoch.epoch, epoch.state, epoch.keys));
    }
    if !status.vault_error.is_empty() {
        say(format_args!("vault: {}", status.vault_error));
    }
    for projection in &projections.projections {
        say(format_args!(
            "projection {} of {}: position {}, {}, lag {} events, {:.1} s {}",
            projection.name,
            projection.log,
            projection.position,
            projection.state,
            projection.lag_events,
            projection.lag_seconds,
            projection.error
        ));
    }
    Ok(())
}

pub(crate) async fn open_log(to: &To, args: OpenLogArgs) -> Result<(), Failure> {
    let request = OpenLogRequest {
        log: to.log.clone(),
        time_zone: args.time_zone,
        synthetic: args.synthetic,
        without_seed: args.without_seed,
    };
    let opened = AdminServiceClient::new(connect(to).await?).open_log(request).await?.into_inner();
    if to.json {
        return say_json(&opened);
    }
    let how = if opened.existed { "was there" } else { "opened" };
    say(format_args!("log {} {how}, position {}", to.log, opened.position));
    Ok(())
}
