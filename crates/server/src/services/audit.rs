//! `AuditService`: histories, states, lists, the log itself, and the members behind a figure.

use super::{
    Answers, WAITING_MAX, accesses, answers,
    asked::{self, Scoped},
    subscription, unanswered, views,
};
use crate::{
    Node,
    auth::caller,
    node::{Gate, Reading, Served},
    status::failed,
};
use jiff::civil::Date;
use std::sync::Arc;
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, Refusal, Scope, Subject,
    case::{Which, case_on, explain as explain_clock, explain_part},
    history::History,
    ids::kind,
    knowledge::Knowledge,
    permit::{Caller, Right, sees},
};
use xiaoer_journal::Row;
use xiaoer_projections::{Error, Known, Question, cases};
use xiaoer_wire::v1::{
    CaseRow, ExplainDeadlineRequest, ExplainDeadlineResponse, ExplainMetricRequest, ExplainMetricResponse, GetStateRequest,
    GetStateResponse, ListAccessesRequest, ListAccessesResponse, ListCasesRequest, ListCasesResponse, ReplayRequest,
    ReplayResponse, SubscribeRequest, SubscribeResponse, audit_service_server::AuditService,
};

pub(crate) struct Audit {
    node: Arc<Node>,
}

/// A thing as known, with its rows.
struct Thing {
    served: Arc<Served>,
    known: Known,
    valid_on: Date,
    history: History,
    knowledge: Arc<Knowledge>,
    rows: Vec<Row>,
}

/// A clock that is asked for.
enum Asked {
    /// One of the case.
    Clock(Which),
    /// That of a member's part of a joint case.
    Part(Subject),
}

impl Asked {
    const fn name(&self) -> &'static str {
        match self {
            Self::Clock(which) => which.name(),
            Self::Part(_) => views::MEMBER,
        }
    }
}

fn asked_clock(request: &ExplainDeadlineRequest) -> Result<Asked, Refusal> {
    match &*request.clock {
        "" => Ok(Asked::Clock(Which::Promised)),
        views::MEMBER => asked::part(request.sub_case.as_ref()).map(Asked::Part),
        name => Which::by_name(name).map(Asked::Clock).ok_or_else(|| {
            let names = Which::ALL.map(Which::name).join(", ");
            let message = format!("no clock of a case; there are {names}, {}", views::MEMBER);
            Refusal::new(Code::InvalidField, message).at("clock")
        }),
    }
}

impl Thing {
    /// Reads a thing: its own stream, and for a case the visits that name it.
    async fn at(
        gate: &Gate<'_>,
        log: &str,
        subject: &Subject,
        known_at: Option<&xiaoer_wire::v1::KnownAt>,
        valid_on: &str,
        at_least: u64,
    ) -> Result<Self, Error> {
        let (served, scope) = gate.open(log)?;
        let known = Known::on(&served.log, asked::known_at(known_at)?, at_least, gate.node().now()).await?;
        let valid_on = known.valid_on(asked::day(valid_on, "valid_on")?, None)?;
        let rows = served.log.stream(&Scope::Everything, subject, known.position).await?;
        let knowledge = served.knowing.at(known.position).await?;
        let history = served.history(subject, &rows)?;
        // What is another unit's is answered as what is not there.
        if history.is_empty() || !sees(&scope, &history, &knowledge) {
            return Err(Refusal::new(Code::UnknownSubject, "nothing is recorded of it as known then").at("subject").into());
        }
        Ok(Self { served, known, valid_on, history, knowledge, rows })
    }
}

impl Audit {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// Begins to read a case, a contact, a project.
    fn reading<'a>(&'a self, caller: &'a Caller, call: &str, log: &String) -> Reading<'a> {
        self.node.reading(caller, &format!("AuditService/{call}"), Right::Cases, [log])
    }
}

async fn state(gate: Gate<'_>, request: &GetStateRequest) -> Result<GetStateResponse, Error> {
    let subject = asked::subject(request.subject.as_ref())?;
    let thing = Thing::at(&gate, &request.log, &subject, request.known_at.as_ref(), &request.valid_on, request.at_least).await?;
    Ok(GetStateResponse {
        state: Some(views::state(&thing.history, &thing.knowledge, thing.valid_on)),
        position: thing.known.position,
        known_at: Some(thing.known.at.into()),
        valid_on: thing.valid_on.to_string(),
        synthetic: thing.served.log.genesis().synthetic,
    })
}

async fn deadline(gate: Gate<'_>, request: &ExplainDeadlineRequest) -> Result<ExplainDeadlineResponse, Error> {
    let subject = asked::subject(request.subject.as_ref())?;
    if &*subject.kind != kind::CASE {
        return Err(Refusal::new(Code::InvalidField, "only a case has clocks").at("subject.kind").into());
    }
    let asked = asked_clock(request)?;
    let thing = Thing::at(&gate, &request.log, &subject, request.known_at.as_ref(), &request.valid_on, request.at_least).await?;
    let (knowledge, valid_on) = (&*thing.knowledge, thing.valid_on);
    let case = case_on(&thing.history, knowledge, valid_on);
    let explained = case.and_then(|case| match &asked {
        Asked::Clock(which) => explain_clock(&case, *which, knowledge),
        Asked::Part(sub_case) => explain_part(&case, sub_case, knowledge),
    });
    let clock = asked.name();
    let explained = explained.ok_or_else(|| {
        Refusal::new(Code::ClockNotStarted, format!("the {clock} clock had not begun on {valid_on}, as known then")).at("clock")
    })?;
    Ok(ExplainDeadlineResponse {
        position: thing.known.position,
        known_at: Some(thing.known.at.into()),
        valid_on: valid_on.to_string(),
        synthetic: thing.served.log.genesis().synthetic,
        ..views::explained(clock, &explained)
    })
}

async fn list(gate: Gate<'_>, request: ListCasesRequest) -> Result<ListCasesResponse, Error> {
    let (served, scope) = gate.open(&request.log)?;
    // A token pins what is known, so that pages of one list fit each other.
    let after = asked::parts::<4>(&request.page_token)?;
    let mut known_at = asked::known_at(request.known_at.as_ref())?;
    let mut day = asked::day(&request.valid_on, "valid_on")?;
    if let Some([position, valid_on, ..]) = &after {
        known_at = xiaoer_projections::KnownAt::Position(position.parse().map_err(|_| asked::wrong_token())?);
        day = asked::day(valid_on, "page_token").map_err(|_| asked::wrong_token())?;
    }
    let known = served.projection.settle(known_at, request.at_least, gate.node().now()).await?;
    let valid_on = match &after {
        // The first page was answered for this day; it had come then.
        Some(_) => day.unwrap_or(known.day),
        None => known.valid_on(day, None)?,
    };
    let text = |text: &str, field| asked::day(text, field).map(|day| day.map(|day| day.to_string()).unwrap_or_default());
    let filter = cases::Filter {
        unit: asked::of_unit(&scope, request.unit_usci, "cases")?,
        item: request.item_code,
        state: request.state,
        received_from: text(&request.received_from, "received_from")?,
        received_to: text(&request.received_to, "received_to")?,
    };
    let size = asked::page_size(request.page_size);
    let (system, id) = after.as_ref().map_or(("", ""), |[_, _, system, id]| (system.as_str(), id.as_str()));
    let page = served.projection.cases(&known, valid_on, &filter, (system, id), size).await?;
    let position = known.position.to_string();
    let full = page.len() == size as usize;
    let last = page.last().filter(|_| full);
    let next_page_token =
        last.map(|case| asked::token(&[&position, &valid_on.to_string(), &case.system, &case.id])).unwrap_or_default();
    Ok(ListCasesResponse {
        cases: page.into_iter().map(case_row).collect(),
        next_page_token,
        position: known.position,
        valid_on: valid_on.to_string(),
        synthetic: served.log.genesis().synthetic,
    })
}

fn case_row(case: cases::Case) -> CaseRow {
    let subject = xiaoer_wire::v1::Subject { kind: kind::CASE.into(), system: case.system, id: case.id };
    CaseRow { subject: Some(subject), state: case.state, unit_usci: case.unit, item_code: case.item, received_on: case.received_on }
}

/// Gives the history of a thing in the order its events count, with the state after each.
async fn replay(thing: Thing, answers: answers::Sender<ReplayResponse>) {
    let log = thing.served.log.genesis().name.to_string();
    let mut so_far = History::new(thing.history.subject().clone());
    for entry in thing.history.entries().iter().filter(|entry| entry.recorded.event.day <= thing.valid_on) {
        let event = &entry.recorded;
        if entry.counts {
            so_far.insert(event.clone());
        }
        let row = thing.rows.iter().find(|row| row.position == event.position);
        let answer = match row.map(|row| views::recorded(&log, row)) {
            Some(Ok(recorded)) => Ok(ReplayResponse {
                event: Some(recorded),
                counts_on: event.event.day.to_string(),
                voided: !entry.counts,
                irregular: entry.counts && views::is_irregular(&thing.history, &thing.knowledge, event),
                state: Some(views::state(&so_far, &thing.knowledge, event.event.day)),
            }),
            Some(Err(error)) => Err(failed(&error)),
            None => continue,
        };
        let ends = answer.is_err();
        if answers.send(answer).await.is_err() || ends {
            return;
        }
    }
}

#[tonic::async_trait]
impl AuditService for Audit {
    type ReplayStream = Answers<ReplayResponse>;
    type SubscribeStream = Answers<SubscribeResponse>;
    type ExplainMetricStream = Answers<ExplainMetricResponse>;

    async fn replay(&self, request: Request<ReplayRequest>) -> Result<Response<Self::ReplayStream>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = self.reading(&caller, "Replay", &request.log).of(request.subject.as_ref());
        let thing = async |gate: Gate<'_>| {
            let subject = asked::subject(request.subject.as_ref())?;
            Thing::at(&gate, &request.log, &subject, request.known_at.as_ref(), &request.valid_on, 0).await
        };
        let thing = reading.read(thing).await.map_err(|error| unanswered(&error))?;
        Ok(Response::new(answers::begin(WAITING_MAX, |sender| replay(thing, sender))))
    }

    async fn get_state(&self, request: Request<GetStateRequest>) -> Result<Response<GetStateResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = self.reading(&caller, "GetState", &request.log).of(request.subject.as_ref());
        reading.read(|gate| state(gate, &request)).await.map(Response::new).map_err(|error| unanswered(&error))
    }

    async fn explain_deadline(
        &self,
        request: Request<ExplainDeadlineRequest>,
    ) -> Result<Response<ExplainDeadlineResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = self.reading(&caller, "ExplainDeadline", &request.log).of(request.subject.as_ref());
        reading.read(|gate| deadline(gate, &request)).await.map(Response::new).map_err(|error| unanswered(&error))
    }

    async fn list_cases(&self, request: Request<ListCasesRequest>) -> Result<Response<ListCasesResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = self.reading(&caller, "ListCases", &request.log);
        reading.read(|gate| list(gate, request)).await.map(Response::new).map_err(|error| unanswered(&error))
    }

    async fn subscribe(&self, request: Request<SubscribeRequest>) -> Result<Response<Self::SubscribeStream>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = self.node.reading(&caller, "AuditService/Subscribe", Right::Events, [&request.log]);
        let reading = reading.of(request.subject.as_ref()).after(request.after_position);
        let records = reading.records();
        let opened = reading.read(|gate| subscription::opened(gate, request, records)).await.map_err(|error| unanswered(&error))?;
        let stop = self.node.stopping();
        Ok(Response::new(answers::begin(WAITING_MAX, |sender| subscription::follow(opened, stop, sender))))
    }

    async fn explain_metric(&self, request: Request<ExplainMetricRequest>) -> Result<Response<Self::ExplainMetricStream>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let reading = asked::reading(&self.node, &caller, "AuditService/ExplainMetric", Right::Members, request.scope.as_ref());
        let questions = reading.of_metric(&request.metric_id).read(|gate| questions(gate, &request)).await;
        let questions = questions.map_err(|error| unanswered(&error))?;
        Ok(Response::new(answers::begin(WAITING_MAX, |sender| async move {
            for (served, question) in questions {
                if explain(&served, &question, &sender).await.is_none() {
                    return;
                }
            }
        })))
    }

    async fn list_accesses(&self, request: Request<ListAccessesRequest>) -> Result<Response<ListAccessesResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        accesses::list(&self.node, &caller, request).await.map(Response::new).map_err(|error| unanswered(&error))
    }
}

/// The figure whose members are asked for, in each log.
async fn questions(gate: Gate<'_>, request: &ExplainMetricRequest) -> Result<Vec<(Arc<Served>, Question)>, Error> {
    let metric = asked::metric(&request.metric_id)?;
    let scoped = Scoped::settle(&gate, request.scope.as_ref(), &[metric]).await?;
    scoped.logs.iter().map(|(served, known)| Ok((Arc::clone(served), scoped.question(known, metric)?))).collect()
}

/// Gives the members of a figure in pages; nothing once the reader is gone or a page failed.
async fn explain(served: &Served, question: &Question, answers: &answers::Sender<ExplainMetricResponse>) -> Option<()> {
    let log = served.log.genesis().name.to_string();
    let mut after = 0;
    loop {
        let page = match served.projection.members(&served.knowing, question, after).await {
            Ok(page) => page,
            Err(error) => {
                let _ = answers.send(Err(unanswered(&error))).await;
                return None;
            }
        };
        let Some(last) = page.last() else { return Some(()) };
        after = last.row_id;
        for member in &page {
            answers.send(Ok(views::member(&log, question.metric.def().version, member))).await.ok()?;
        }
    }
}
