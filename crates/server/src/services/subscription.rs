//! `AuditService.Subscribe`: the events of a log after a position, through history into live, recorded again as it goes on.

use super::{answers, asked, views};
use crate::{
    node::{Gate, Records, Served},
    status::{failed, refused},
};
use std::sync::Arc;
use xiaoer_domain::{Code, Refusal, Scope, Subject};
use xiaoer_journal::{PAGE_EVENTS_MAX, Row};
use xiaoer_projections::Error;
use xiaoer_wire::v1::{LogPosition, SubscribeRequest, SubscribeResponse, subscribe_response::Step};

/// Events of one page of a subscription.
const PAGE: usize = 500;
/// Their stored bytes, which it holds while its reader takes them.
const PAGE_BYTES_MAX: usize = 256 << 10;
/// Positions of a subscription after which it is recorded again: often enough to tell what a reader has seen, seldom enough to cost
/// nothing.
const RECORD_EVERY: u64 = 10_000;

/// What a subscription lets through.
struct Filter {
    scope: Scope,
    kinds: Vec<String>,
    types: Vec<String>,
    subject: Option<Subject>,
}

impl Filter {
    fn lets(&self, row: &Row) -> bool {
        (self.kinds.is_empty() || self.kinds.iter().any(|kind| **kind == *row.subject.kind))
            && (self.types.is_empty() || self.types.iter().any(|fact| **fact == *row.fact))
            && self.subject.as_ref().is_none_or(|subject| *subject == row.subject)
    }
}

/// A subscription that was let through: of which log, what of it, after which position, and what is recorded of it as it goes on.
pub(super) struct Subscription {
    served: Arc<Served>,
    filter: Filter,
    after: u64,
    history_only: bool,
    records: Records,
}

/// Opens what is asked for, where it may be read from there.
pub(super) async fn opened(gate: Gate<'_>, request: SubscribeRequest, records: Records) -> Result<Subscription, Error> {
    let (served, scope) = gate.open(&request.log)?;
    let head = served.log.head().await?.position;
    if request.after_position > head {
        // A subscriber that has seen more than there is was following a log that was put back.
        let code = if request.after_leaf_hash.is_empty() { Code::PositionAhead } else { Code::LogRewound };
        return Err(Refusal::new(code, format!("the log stands at {head}")).at("after_position").into());
    }
    if !request.after_leaf_hash.is_empty() {
        served.log.check(request.after_position, &request.after_leaf_hash).await?;
    }
    let subject = request.subject.as_ref().map(|subject| asked::subject(Some(subject))).transpose()?;
    let filter = Filter { scope, kinds: request.kinds, types: request.types, subject };
    Ok(Subscription { served, filter, after: request.after_position, history_only: request.history_only, records })
}

/// Drops what of a page is too much to hold, but for its first event; gives how many to ask for next.
fn cut(page: &mut Vec<Row>, asked: usize) -> usize {
    let mut bytes = 0;
    let fit = page.iter().take_while(|row| {
        bytes += row.body.len();
        bytes <= PAGE_BYTES_MAX
    });
    let fit = fit.count().max(1);
    if fit >= page.len() {
        return (asked * 2).min(PAGE);
    }
    page.truncate(fit);
    page.shrink_to_fit();
    fit
}

/// Gives the events after a position, then goes on live.
pub(super) async fn follow(
    subscription: Subscription,
    stop: tokio_util::sync::CancellationToken,
    answers: answers::Sender<SubscribeResponse>,
) {
    let Subscription { served, filter, after, history_only, mut records } = subscription;
    let log = served.log.genesis().name.to_string();
    let progress = |position| SubscribeResponse { step: Some(Step::Progress(LogPosition { log: log.clone(), position })) };
    let (mut position, mut recorded) = (after, after);
    let mut leaf: Option<[u8; 32]> = None;
    let mut ask = PAGE.min(PAGE_EVENTS_MAX);
    loop {
        let page = async {
            if let Some(leaf) = &leaf {
                served.log.check(position, leaf).await?;
            }
            let until_record = usize::try_from(recorded + RECORD_EVERY - position).unwrap_or(PAGE);
            served.log.follow(&filter.scope, position, ask.min(until_record)).await
        };
        let mut rows = match page.await {
            Ok(rows) => rows,
            Err(error) => return drop(answers.send(Err(failed(&error))).await),
        };
        ask = cut(&mut rows, ask);
        for row in &rows {
            if filter.lets(row) {
                let step = views::recorded(&log, row).map(|event| SubscribeResponse { step: Some(Step::Event(event)) });
                let step = step.map_err(|error| failed(&error));
                let ends = step.is_err();
                if answers.send(step).await.is_err() || ends {
                    return;
                }
            }
        }
        if let Some(last) = rows.last() {
            position = last.position;
            leaf = Some(last.leaf_hash);
        }
        if position - recorded >= RECORD_EVERY {
            recorded = position;
            if let Err(refusal) = records.go_on(position).await {
                return drop(answers.send(Err(refused(&refusal))).await);
            }
        }
        if answers.send(Ok(progress(position))).await.is_err() {
            return;
        }
        if !rows.is_empty() {
            continue;
        }
        if history_only {
            return;
        }
        tokio::select! {
            () = served.log.wait_past(position) => {}
            () = stop.cancelled() => {
                let refusal = Refusal::new(Code::Stopping, "the server is stopping");
                return drop(answers.send(Err(refused(&refusal))).await);
            }
            () = answers.closed() => return,
        }
    }
}
