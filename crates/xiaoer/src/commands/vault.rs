//! `xiaoer vault`: the epochs of the vault's keys (docs/vault.md).

use crate::{
    cli::{To, VaultArgs, VaultCommand},
    client::{Failure, connect, say, say_json},
};
use std::time::Duration;
use xiaoer_server::Connection;
use xiaoer_wire::v1::{
    DestroyEpochRequest, GetStatusRequest, RotateRequest, admin_service_client::AdminServiceClient,
    person_service_client::PersonServiceClient,
};

/// How often is asked how far it is.
const TELL: Duration = Duration::from_millis(500);

pub(crate) async fn run(to: &To, args: VaultArgs) -> Result<(), Failure> {
    let channel = connect(to).await?;
    match args.command {
        VaultCommand::Rotate => rotate(to, channel).await,
        VaultCommand::DestroyEpoch { epoch } => destroy(to, channel, epoch).await,
    }
}

async fn rotate(to: &To, channel: Connection) -> Result<(), Failure> {
    let rotated = PersonServiceClient::new(channel.clone()).rotate(RotateRequest {}).await?.into_inner();
    if to.json {
        say_json(&rotated)?;
    } else {
        say(format_args!("epoch {}: its key is made, and wraps what is new", rotated.epoch));
    }
    let mut admin = AdminServiceClient::new(channel);
    loop {
        let status = admin.get_status(GetStatusRequest {}).await?.into_inner();
        if !status.vault_error.is_empty() {
            return Err(Failure::Refused(status.vault_error));
        }
        let past = status.vault_epochs.iter().filter(|epoch| epoch.epoch < rotated.epoch);
        let left: u64 = past.map(|epoch| epoch.keys).sum();
        if left == 0 {
            break;
        }
        if !to.json {
            say(format_args!("{left} keys are still wrapped by older epochs"));
        }
        tokio::time::sleep(TELL).await;
    }
    if !to.json {
        say("no key is wrapped by an older epoch: save the vault anew before you destroy one (xiaoer vault destroy-epoch)");
    }
    Ok(())
}

async fn destroy(to: &To, channel: Connection, epoch: u32) -> Result<(), Failure> {
    let destroyed = PersonServiceClient::new(channel).destroy_epoch(DestroyEpochRequest { epoch }).await?.into_inner();
    if to.json {
        return say_json(&destroyed);
    }
    say(format_args!("epoch {epoch}: its key is destroyed, {} erasures are complete", destroyed.completed));
    Ok(())
}
