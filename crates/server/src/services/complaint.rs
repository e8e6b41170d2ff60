//! `ComplaintService`: complaints as the unit sees them to which they were transferred.
//!
//! Invariant: an answer holds nothing of a complaint but what its redacted text, its category and the days since the transfer say; no
//! position, no day of receipt, no case.

use super::{asked, unanswered, views};
use crate::{
    Node,
    auth::caller,
    node::{Gate, Served},
};
use jiff::civil::Date;
use std::{collections::BTreeMap, sync::Arc};
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, Refusal, Scope, Subject,
    complaint::{ComplaintOnDay, Transfer, complaint_on},
    metric::Metric,
    permit::Right,
};
use xiaoer_journal::Row;
use xiaoer_projections::{Error, KnownAt, Member, Question, Where};
use xiaoer_wire::v1::{
    ListTransferredRequest, ListTransferredResponse, TextRef, TransferredComplaint, complaint_service_server::ComplaintService,
    event::Fact,
};

pub(crate) struct Complaints {
    node: Arc<Node>,
}

impl Complaints {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }
}

async fn list(gate: Gate<'_>, request: ListTransferredRequest) -> Result<ListTransferredResponse, Error> {
    let (served, scope) = gate.open(&request.log)?;
    // A token pins what is known, and counts what was given: no position of the log is told.
    let after = asked::parts::<2>(&request.page_token)?;
    let (mut known_at, mut given) = (asked::known_at(request.known_at.as_ref())?, 0);
    if let Some([micros, count]) = &after {
        let at = micros.parse().ok().and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
        known_at = KnownAt::Time(at.ok_or_else(asked::wrong_token)?);
        given = count.parse().map_err(|_| asked::wrong_token())?;
    }
    if scope != Scope::Everything && matches!(known_at, KnownAt::Position(_)) {
        // How far the log goes would be told by what is refused.
        return Err(Refusal::new(Code::InvalidField, "a unit asks as known at a time").at("known_at.position").into());
    }
    let known = served.projection.settle(known_at, 0, gate.node().now()).await?;
    let period = request.period.unwrap_or_default();
    let from = asked::day(&period.from, "period.from")?.unwrap_or(Date::MIN);
    let to = asked::day(&period.to, "period.to")?.unwrap_or(Date::MAX);
    let unit = asked::of_unit(&scope, request.unit_usci, "complaints")?;
    let of = Where { unit, ..Where::default() };
    let question = Question { metric: Metric::ComplaintTransfers, known, valid_on: known.day, period: (from, to), of };
    let size = asked::page_size(request.page_size) as usize;
    let members = members(&served, &question, given, size).await?;
    let complaints = shown(&served, &members, &question).await?;
    let next_page_token = if members.len() == size {
        asked::token(&[&known.at.as_microsecond().to_string(), &(given + size).to_string()])
    } else {
        String::new()
    };
    Ok(ListTransferredResponse { complaints, next_page_token, known_at: Some(known.at.into()) })
}

/// The next transfers after so many.
async fn members(served: &Served, question: &Question, given: usize, size: usize) -> Result<Vec<Member>, Error> {
    let (mut members, mut to_skip, mut after) = (Vec::new(), given, 0);
    while members.len() < size {
        let page = served.projection.members(&served.knowing, question, after).await?;
        let Some(last) = page.last() else { break };
        after = last.row_id;
        let skipped = to_skip.min(page.len());
        to_skip -= skipped;
        members.extend(page.into_iter().skip(skipped).take(size - members.len()));
    }
    Ok(members)
}

/// Transfers as the unit sees them.
async fn shown(served: &Served, members: &[Member], question: &Question) -> Result<Vec<TransferredComplaint>, Error> {
    let knowledge = served.knowing.at(question.known.position).await?;
    let mut subjects: Vec<&Subject> = members.iter().map(|member| &member.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut streams: BTreeMap<Subject, Vec<Row>> = BTreeMap::new();
    for row in served.log.streams(&Scope::Everything, &subjects, question.known.position).await? {
        streams.entry(row.subject.clone()).or_default().push(row);
    }
    let mut shown = Vec::with_capacity(members.len());
    for member in members {
        let Some(rows) = streams.get(&member.subject) else { continue };
        let history = served.history(&member.subject, rows)?;
        let Some(complaint) = complaint_on(&history, &knowledge, question.valid_on) else { continue };
        let is_this = |transfer: &&Transfer| member.positions.contains(&transfer.moment.position);
        let Some(transfer) = complaint.transfers.iter().find(is_this) else { continue };
        let row = rows.iter().find(|row| row.position == transfer.moment.position);
        let text = row.map(redacted).transpose()?.flatten();
        shown.push(view(&member.subject, &complaint, transfer, text));
    }
    Ok(shown)
}

/// The redacted text that a transfer names.
fn redacted(row: &Row) -> Result<Option<TextRef>, Error> {
    Ok(match row.event()?.fact {
        Some(Fact::ComplaintTransferred(transferred)) => transferred.redacted_ref,
        _ => None,
    })
}

fn view(subject: &Subject, complaint: &ComplaintOnDay, transfer: &Transfer, text: Option<TextRef>) -> TransferredComplaint {
    TransferredComplaint {
        subject: Some(views::subject(subject)),
        category: complaint.told.category.code().into(),
        redacted_ref: text,
        transferred_on: transfer.moment.day.to_string(),
        due_on: views::day(transfer.due_on),
        replied_on: views::day(transfer.replied.map(|replied| replied.day)),
        rework_on: views::day(transfer.rework.map(|rework| rework.day)),
        closed_on: views::day(complaint.closed.map(|(_, closed)| closed.day)),
    }
}

#[tonic::async_trait]
impl ComplaintService for Complaints {
    async fn list_transferred(
        &self,
        request: Request<ListTransferredRequest>,
    ) -> Result<Response<ListTransferredResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let log = request.log.clone();
        let reading = self.node.reading(&caller, "ComplaintService/ListTransferred", Right::Transferred, [&log]);
        reading.read(|gate| list(gate, request)).await.map(Response::new).map_err(|error| unanswered(&error))
    }
}
