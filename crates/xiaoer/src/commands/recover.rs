//! `xiaoer recover`: what a log lost that was put back, taking it back, or recording the loss (docs/recovering.md).

use super::{
    serve::{journal, nats_of},
    upgrade::find,
};
use crate::{
    cli::{RecoverArgs, To},
    client::{Failure, say, say_json},
};
use anyhow::Context;
use serde::Serialize;
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
    time::Duration,
};
use xiaoer_bus::{Login, Nats};
use xiaoer_server::{Recovery, RecoveryError, system_clock};

/// How long NATS may take to answer; a managed server that reads a large store takes seconds.
const NATS_WAIT: Duration = Duration::from_secs(30);

/// What the comparison came to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    log: &'a str,
    /// Where the journal stands, and where the stream ends.
    position: u64,
    stream: u64,
    /// Last position at which both agree.
    common: u64,
    lost: Option<(u64, u64)>,
    /// Events of the journal's own behind the last common point, where it lost others.
    forked: u64,
}

pub(crate) async fn run(to: &To, args: RecoverArgs) -> Result<(), Failure> {
    let (journal, data) = journal(args.place).await?;
    let log = find(&journal, &to.log)?;
    let (url, server) = nats_of(&data, args.nats.as_deref(), &args.tools).await?;
    let login = args.login.into();
    let recovered = async {
        let recovery = Recovery::compare(log, &connect(&url, &login).await?).await?;
        tell(to, &recovery)?;
        let Some((from, until)) = recovery.lost() else { return Ok(()) };
        if args.take_back {
            let head = recovery.take_back().await?;
            note(to, format_args!("taken back; the log stands at {}. Start its servers anew.", head.position));
            return Ok(());
        }
        if !args.accept_loss {
            let how = if recovery.forked() > 0 { "--accept-loss" } else { "--take-back, or --accept-loss" };
            let text = format!("XE-LOG-REWOUND: log {} lost positions {from} to {until}. Stop what posts, then say {how}", to.log);
            return Err(Failure::Refused(text));
        }
        let file = args.save.unwrap_or_else(|| format!("{}-lost-{from}-{until}.jsonl", to.log).into());
        let count = save(&recovery, &file).await?;
        note(to, format_args!("{count} lost events are in {}; `xiaoer post` takes them", file.display()));
        let head = recovery.accept_loss(&args.reason, &system_clock()).await?;
        let text = "The stream is made anew. Delete the figures' tables of its servers, and start them anew.";
        note(to, format_args!("recorded at position {}, incarnation {}. {text}", head.position, head.incarnation));
        Ok(())
    };
    let recovered = recovered.await;
    if let Some(server) = server {
        server.stop().await;
    }
    recovered
}

async fn connect(url: &str, login: &Login) -> Result<Nats, Failure> {
    let nats = Nats::connect(url, login).await.map_err(|error| Failure::Usage(format!("--nats: {error}")))?;
    let connected = async {
        while !nats.is_connected() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(NATS_WAIT, connected).await;
    waited.map_err(|_| Failure::Away("NATS does not answer".into()))?;
    Ok(nats)
}

fn tell(to: &To, recovery: &Recovery) -> Result<(), Failure> {
    let answer = Answer {
        log: &to.log,
        position: recovery.head.position,
        stream: recovery.stream_last(),
        common: recovery.common,
        lost: recovery.lost(),
        forked: recovery.forked(),
    };
    if to.json {
        return say_json(&answer);
    }
    let Answer { log, position, stream, common, lost, forked } = answer;
    say(format_args!("log {log}: the journal stands at {position}, its stream at {stream}; they agree up to {common}"));
    match lost {
        None => say("nothing is lost"),
        Some((from, until)) => say(format_args!("lost: positions {from} to {until}; {forked} other events stand there by now")),
    }
    Ok(())
}

/// Saves what is lost, on disk before anything is deleted. A file that is there is left alone.
async fn save(recovery: &Recovery, path: &PathBuf) -> Result<u64, Failure> {
    let file = File::create_new(path).with_context(|| format!("{}", path.display()))?;
    let mut out = BufWriter::new(file);
    let count = recovery.save(&mut out).await?;
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(count)
}

/// What was done, for people.
fn note(to: &To, text: std::fmt::Arguments<'_>) {
    if !to.json {
        say(text);
    }
}

impl From<RecoveryError> for Failure {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Refused(refusal) if refusal.code == xiaoer_domain::Code::Unavailable => Self::Away(refusal.to_string()),
            RecoveryError::Refused(refusal) => Self::Refused(refusal.to_string()),
            error => Self::Other(error.into()),
        }
    }
}
