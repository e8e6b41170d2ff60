//! `xiaoer post` and `xiaoer check`: events as JSON lines.

use crate::{
    cli::{Mode, PostArgs, To},
    client::{Failure, connect, say, say_json},
    sender::{Summary, send},
};
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
};
use xiaoer_wire::v1::{Event, PostMode, PostRequest, check_response::Outcome, posting_service_client::PostingServiceClient};

pub(crate) async fn run(to: &To, args: PostArgs) -> Result<(), Failure> {
    let total = match &args.file {
        Some(path) => Some(BufReader::new(File::open(path)?).lines().count() as u64),
        None => None,
    };
    let summary = send(to, requests(to, args)?, total).await?;
    report(to, &summary)
}

/// Says what became of a run; refusals make it fail.
pub(crate) fn report(to: &To, summary: &Summary) -> Result<(), Failure> {
    if to.json {
        say_json(summary)?;
    } else {
        let Summary { recorded, repeated, refused, position, .. } = summary;
        say(format_args!("recorded {recorded}, recorded before {repeated}, refused {refused}; last position {position}"));
    }
    if summary.refused == 0 {
        return Ok(());
    }
    let shown = summary.refusals.iter().map(|(number, refusal)| {
        let xiaoer_wire::v1::Refusal { code, message, field, remedy, .. } = refusal;
        format!("  request {number}: {code}: {message} ({field}). {remedy}")
    });
    Err(Failure::Refused(format!("{} refused\n{}", summary.refused, shown.collect::<Vec<_>>().join("\n"))))
}

/// One request for each line.
fn requests(to: &To, args: PostArgs) -> Result<impl Iterator<Item = Result<PostRequest, Failure>> + use<>, Failure> {
    let lines: Box<dyn BufRead> = match &args.file {
        Some(path) => Box::new(BufReader::new(File::open(path)?)),
        None => Box::new(BufReader::new(io::stdin())),
    };
    let mode = match args.mode {
        Mode::Strict => PostMode::Strict,
        Mode::Record => PostMode::Record,
    };
    let log = to.log.clone();
    let request = move |(index, line): (usize, io::Result<String>)| match line {
        Ok(line) if line.trim().is_empty() => None,
        Ok(line) => Some(parse(&line, index, &log, mode)),
        Err(error) => Some(Err(error.into())),
    };
    Ok(lines.lines().enumerate().filter_map(request))
}

/// A line is an event, or a whole request (which then names its own log and mode).
fn parse(line: &str, index: usize, log: &str, mode: PostMode) -> Result<PostRequest, Failure> {
    let wrong = |error: serde_json::Error| Failure::Usage(format!("line {}: {error}", index + 1));
    let value: serde_json::Value = serde_json::from_str(line).map_err(wrong)?;
    if value.get("events").is_some() {
        let mut request: PostRequest = serde_json::from_value(value).map_err(wrong)?;
        if request.log.is_empty() {
            log.clone_into(&mut request.log);
        }
        return Ok(request);
    }
    let event: Event = serde_json::from_value(value).map_err(wrong)?;
    Ok(PostRequest { log: log.to_owned(), events: vec![event], mode: mode as i32, ..PostRequest::default() })
}

pub(crate) async fn check(to: &To, args: PostArgs) -> Result<(), Failure> {
    let mut client = PostingServiceClient::new(connect(to).await?);
    let mut refused = 0;
    for (number, request) in requests(to, args)?.enumerate() {
        let answer = client.check(request?).await?.into_inner();
        refused += u64::from(matches!(answer.outcome, Some(Outcome::WouldRefuse(_))));
        if to.json {
            say_json(&answer)?;
            continue;
        }
        match answer.outcome {
            Some(Outcome::WouldAccept(_)) => say(format_args!("request {number}: would be recorded")),
            Some(Outcome::WouldRefuse(refusal)) => {
                say(format_args!(
                    "request {number}: {}: {} ({}). {}",
                    refusal.code, refusal.message, refusal.field, refusal.remedy
                ));
            }
            None => {}
        }
    }
    if refused == 0 { Ok(()) } else { Err(Failure::Refused(format!("{refused} would be refused"))) }
}
