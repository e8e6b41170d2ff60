//! `xiaoer rebuild`: the read tables of a log, built anew beside those that answer.

use crate::{
    cli::{RebuildArgs, To},
    client::{Failure, connect, say, say_json},
};
use xiaoer_wire::v1::{RebuildAction, RebuildRequest, RebuildResponse, admin_service_client::AdminServiceClient};

pub(crate) async fn run(to: &To, args: RebuildArgs) -> Result<(), Failure> {
    let action = match args {
        RebuildArgs { accept: true, .. } => RebuildAction::Accept,
        RebuildArgs { abandon: true, .. } => RebuildAction::Abandon,
        _ => RebuildAction::Unspecified,
    };
    let request = RebuildRequest { log: to.log.clone(), action: action.into() };
    let mut told = AdminServiceClient::new(connect(to).await?).rebuild(request).await?.into_inner();
    let mut last = RebuildResponse::default();
    while let Some(now) = told.message().await? {
        if to.json {
            say_json(&now)?;
        } else {
            let left = now.seconds_left.map(|seconds| format!(", {seconds:.0} s left")).unwrap_or_default();
            say(format_args!(
                "{}: position {} of {}, {} rows, {:.0} a second{left} {}",
                now.state, now.position, now.head, now.rows, now.rows_per_second, now.detail
            ));
        }
        last = now;
    }
    match last.state.as_str() {
        "done" | "abandoned" => Ok(()),
        // A server that stops says no more; the next one goes on.
        "building" | "comparing" => Err(Failure::Away("the server stopped telling; the rebuild goes on, ask again".into())),
        _ => Err(Failure::Refused("what was built waits: look at it, then say --accept or --abandon".into())),
    }
}
