//! `xiaoer import`: a log of another system, in record mode.

use super::post::report;
use crate::{
    cli::{Form, ImportArgs, To},
    client::{Failure, connect},
    sender::send,
};
use anyhow::Context;
use std::fs;
use xiaoer::{
    import::{CaseEvents, Mapping, events},
    splitmix::SplitMix,
};
use xiaoer_wire::v1::{OpenLogRequest, PostMode, PostRequest, admin_service_client::AdminServiceClient};

/// Events of one request: what a list may hold.
const LIST_MAX: usize = 1_000;

pub(crate) async fn run(to: &To, args: ImportArgs) -> Result<(), Failure> {
    let Form::Xes = args.form;
    let text = fs::read_to_string(&args.mapping).with_context(|| format!("the mapping {}", args.mapping.display()))?;
    let mapping = Mapping::parse(&text).map_err(|error| Failure::Usage(format!("{}: {error}", args.mapping.display())))?;
    if let Some(zone) = &args.open {
        open(to, zone).await?;
    }
    let file = fs::File::open(&args.file).with_context(|| args.file.display().to_string())?;
    let cases = events(&mapping, file).map_err(anyhow::Error::from)?;
    let summary = match args.shuffle {
        None => send(to, cases.flat_map(|case| requests(to, case.map_err(|error| Failure::Other(error.into())))), None).await?,
        Some(seed) => {
            let mut cases: Vec<CaseEvents> = cases.collect::<Result<_, _>>().map_err(anyhow::Error::from)?;
            SplitMix::new(seed).shuffle(&mut cases);
            let total = cases.len() as u64;
            send(to, cases.into_iter().flat_map(|case| requests(to, Ok(case))), Some(total)).await?
        }
    };
    report(to, &summary)
}

async fn open(to: &To, zone: &str) -> Result<(), Failure> {
    let request = OpenLogRequest { log: to.log.clone(), time_zone: zone.into(), synthetic: false, without_seed: true };
    AdminServiceClient::new(connect(to).await?).open_log(request).await?;
    Ok(())
}

/// The events of a case as requests, in order.
fn requests(to: &To, case: Result<CaseEvents, Failure>) -> Vec<Result<PostRequest, Failure>> {
    let case = match case {
        Ok(case) => case,
        Err(failure) => return vec![Err(failure)],
    };
    let request = |events: &[xiaoer_wire::v1::Event]| PostRequest {
        log: to.log.clone(),
        events: events.to_vec(),
        mode: PostMode::Record as i32,
        ..PostRequest::default()
    };
    case.events.chunks(LIST_MAX).map(|events| Ok(request(events))).collect()
}
