//! `xiaoer upgrade`: which forms of events the logs take, and letting them take the newest (docs/upgrading.md).

use super::serve::journal;
use crate::{
    cli::{To, UpgradeArgs},
    client::{Failure, say, say_json},
};
use serde::Serialize;
use xiaoer_domain::{Code, LogName, Refusal};
use xiaoer_journal::{CONTRACT, Error, Head, Journal, Log};

/// The number of a log, and that of the program.
#[derive(Serialize)]
struct Answer<'a> {
    log: &'a str,
    contract: u32,
    program: u32,
}

pub(crate) async fn run(to: &To, args: UpgradeArgs) -> Result<(), Failure> {
    let (journal, _) = journal(args.place).await?;
    let logs = if to.named { vec![find(&journal, &to.log)?] } else { journal.logs() };
    for log in logs {
        let head = if args.finalize { finalize(&log).await } else { log.head().await };
        let Head { contract, .. } = head.map_err(anyhow::Error::from)?;
        let answer = Answer { log: log.genesis().name.as_str(), contract, program: CONTRACT };
        if to.json {
            say_json(&answer)?;
        } else {
            let Answer { log, contract, program } = answer;
            let next = if contract < program { "; `xiaoer upgrade --finalize` lets it take the newer forms" } else { "" };
            say(format_args!("log {log}: contract {contract}, this program knows {program}{next}"));
        }
    }
    Ok(())
}

/// A log by its name.
pub(crate) fn find(journal: &Journal, name: &str) -> Result<Log, Failure> {
    let log = LogName::new(name).and_then(|name| journal.log(&name));
    log.ok_or_else(|| Failure::Refused(Refusal::new(Code::UnknownLog, format!("there is no log {name}")).to_string()))
}

async fn finalize(log: &Log) -> Result<Head, Error> {
    let mut locked = log.lock().await?;
    locked.finalize(CONTRACT);
    locked.commit().await
}
