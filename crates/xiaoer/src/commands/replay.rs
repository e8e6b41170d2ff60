//! `xiaoer replay`: the history of one thing as a timeline.

use crate::{
    cli::{Lang, ReplayArgs, To},
    client::{Failure, connect, known_at, say, say_json},
};
use xiaoer_wire::v1::{ReplayRequest, ReplayResponse, Subject, audit_service_client::AuditServiceClient};

pub(crate) async fn run(to: &To, args: ReplayArgs) -> Result<(), Failure> {
    let request = ReplayRequest {
        log: to.log.clone(),
        subject: Some(Subject { kind: args.kind, system: args.system, id: args.id }),
        known_at: known_at(&args.known)?,
        valid_on: args.known.valid_on.unwrap_or_default(),
    };
    let mut client = AuditServiceClient::new(connect(to).await?);
    let mut steps = client.replay(request).await?.into_inner();
    while let Some(step) = steps.message().await? {
        if to.json { say_json(&step)? } else { say(line(&step, args.lang)) }
    }
    Ok(())
}

fn line(step: &ReplayResponse, lang: Lang) -> String {
    let event = step.event.as_ref();
    let fact = event.and_then(|recorded| recorded.event.as_ref()).and_then(fact_name).unwrap_or_default();
    let position = event.map_or(0, |recorded| recorded.position);
    let recorded = event.and_then(|recorded| recorded.recorded_at).and_then(|at| at.to_jiff().ok());
    let recorded = recorded.map(|at| at.to_string()).unwrap_or_default();
    let state = step.state.as_ref();
    let name = state.map_or("", |state| if lang == Lang::Zh { &state.state_zh } else { &state.state });
    let clocks = state.and_then(|state| state.case.as_ref()).map(|case| {
        let clock = |clock: &xiaoer_wire::v1::ClockView| format!("{} {} {}", clock.clock, clock.state, clock.due_on);
        case.clocks.iter().map(clock).collect::<Vec<_>>().join("; ")
    });
    let words = if lang == Lang::Zh {
        ["作废", "不合规", "记录于", "位置"]
    } else {
        ["voided", "irregular", "recorded", "position"]
    };
    let mut marks = Vec::new();
    if step.voided {
        marks.push(words[0]);
    }
    if step.irregular {
        marks.push(words[1]);
    }
    format!(
        "{day}  {fact:<26} → {name:<18} [{clocks}] {marks}({recorded_word} {recorded}, {position_word} {position})",
        day = step.counts_on,
        clocks = clocks.unwrap_or_default(),
        marks = marks.iter().map(|mark| format!("{mark} ")).collect::<String>(),
        recorded_word = words[2],
        position_word = words[3],
    )
}

/// Name of the fact, as in the contract: the one key of the event's JSON that is not the envelope's.
fn fact_name(event: &xiaoer_wire::v1::Event) -> Option<String> {
    let value = serde_json::to_value(event.fact.as_ref().map(|_| event)?).ok()?;
    let envelope = ["eventId", "subject", "occurredAt", "legalDate", "source", "sourceSeq"];
    let key = value.as_object()?.keys().find(|key| !envelope.contains(&key.as_str()))?.clone();
    let mut letters = key.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect())
}
