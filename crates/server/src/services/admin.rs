//! `AdminService`: for operators.

use crate::{
    Node,
    auth::caller,
    follow,
    node::{Served, Way},
    services::{Answers, rebuild, unanswered},
    status::{failed, refused},
    vault,
};
use std::sync::Arc;
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, LogName, Refusal,
    permit::{self, Caller, OfLog, Right},
};
use xiaoer_journal::CONTRACT;
use xiaoer_projections::{Cursor, Rebuild, State};
use xiaoer_wire::{
    time::Timestamp,
    v1::{
        GetStatusRequest, GetStatusResponse, ListProjectionsRequest, ListProjectionsResponse, LogStatus, OpenLogRequest,
        OpenLogResponse, ProjectionStatus, RebuildRequest, RebuildResponse, admin_service_server::AdminService,
    },
};

pub(crate) struct Admin {
    node: Arc<Node>,
}

impl Admin {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    /// The logs whose status a caller sees.
    fn seen(&self, caller: &Caller) -> Vec<Arc<Served>> {
        let mut logs = self.node.logs();
        logs.retain(|served| permit::reads(caller, &served.log.genesis().name, Right::Status).is_ok());
        logs
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn open_log(&self, request: Request<OpenLogRequest>) -> Result<Response<OpenLogResponse>, Status> {
        let (caller, node, request) = (caller(&request)?, Arc::clone(&self.node), request.into_inner());
        if let Some(name) = LogName::new(&request.log) {
            permit::reads(&caller, &name, Right::OpenLog).map_err(|refusal| refused(&refusal))?;
        }
        // Spawned, so that a client that goes away leaves no log half opened.
        let opened = tokio::spawn(async move { node.open_log(&request).await }).await;
        let opened = opened.map_err(|_| refused(&Refusal::new(Code::Internal, "opening the log failed")))?;
        let (served, existed) = opened.map_err(|error| unanswered(&error))?;
        let position = served.log.head().await.map_err(|error| failed(&error))?.position;
        Ok(Response::new(OpenLogResponse { position, existed }))
    }

    async fn get_status(&self, request: Request<GetStatusRequest>) -> Result<Response<GetStatusResponse>, Status> {
        let caller = caller(&request)?;
        permit::somewhere(&caller, Right::Status).map_err(|refusal| refused(&refusal))?;
        let mut logs = Vec::new();
        for served in self.seen(&caller) {
            logs.push(log_status(&served, self.node.now()).await?);
        }
        // What is followed and has not begun yet is shown too, with what it waits for.
        for (log, feed) in self.node.feeds() {
            if permit::reads(&caller, &log, Right::Status).is_ok() && logs.iter().all(|status| *log.as_str() != *status.log) {
                logs.push(following(&feed.borrow(), LogStatus { log: log.to_string(), ..LogStatus::default() }));
            }
        }
        let (nats, nats_note) = match self.node.nats() {
            None => ("off", "nothing is published; subscribe over gRPC"),
            Some(true) => ("on", ""),
            Some(false) if !self.node.feeds().is_empty() => ("away", "nothing new is known until NATS is back"),
            Some(false) => ("away", "posts go on; the relay catches up when NATS is back"),
        };
        let vault_epochs = vault::epochs(&self.node).await;
        let vault_error = vault_epochs.as_ref().err().map(Refusal::from);
        let vault_error = vault_error.or(vault::check(&self.node).await.as_ref().err().map(Refusal::from));
        Ok(Response::new(GetStatusResponse {
            program_version: env!("CARGO_PKG_VERSION").into(),
            contract: CONTRACT,
            logs,
            nats: nats.into(),
            nats_note: nats_note.into(),
            now: Some(self.node.now().into()),
            vault_epochs: vault_epochs.unwrap_or_default(),
            vault_error: vault_error.map(|refusal| refusal.to_string()).unwrap_or_default(),
        }))
    }

    async fn list_projections(
        &self,
        request: Request<ListProjectionsRequest>,
    ) -> Result<Response<ListProjectionsResponse>, Status> {
        let (caller, name) = (caller(&request)?, request.into_inner().log);
        permit::somewhere(&caller, Right::Status).map_err(|refusal| refused(&refusal))?;
        let logs = match &*name {
            "" => self.seen(&caller),
            name => vec![self.node.open(&caller, name, Right::Status).map_err(|refusal| refused(&refusal))?.0],
        };
        let mut projections = Vec::new();
        for served in logs {
            let state = served.projection.state(served.log.last_committed());
            projections.push(self.projection_status(&served, served.projection.cursor(), name_of(state)).await?);
            match served.projection.rebuilding().await.map_err(|error| unanswered(&error))? {
                Rebuild::None(_) => {}
                Rebuild::Building(cursor) | Rebuild::Comparing(cursor) | Rebuild::Waiting(cursor) => {
                    projections.push(self.projection_status(&served, cursor, "building").await?);
                }
            }
        }
        Ok(Response::new(ListProjectionsResponse { projections }))
    }

    type RebuildStream = Answers<RebuildResponse>;

    async fn rebuild(&self, request: Request<RebuildRequest>) -> Result<Response<Self::RebuildStream>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let (served, _) = self.node.open(&caller, &request.log, Right::Rebuild).map_err(|refusal| refused(&refusal))?;
        let watched = rebuild::begin(&served, request.action).await.map_err(|error| unanswered(&error))?;
        Ok(Response::new(rebuild::watch(served, watched, self.node.stopping())))
    }
}

fn name_of(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::CatchingUp => "catching_up",
        State::Widening => "widening",
        State::Stopped => "stopped",
    }
}

impl Admin {
    async fn projection_status(&self, served: &Served, cursor: Cursor, state: &str) -> Result<ProjectionStatus, Status> {
        let head = served.log.head().await.map_err(|error| failed(&error))?;
        let next = served.log.stamp(cursor.position + 1).await.map_err(|error| failed(&error))?;
        let age_micros = next.map_or(0, |next| (self.node.now().as_microsecond() - next.recorded_at).max(0));
        Ok(ProjectionStatus {
            name: "cases".into(),
            log: served.log.genesis().name.to_string(),
            version: cursor.version,
            position: cursor.position,
            lag_events: head.position.saturating_sub(cursor.position),
            lag_seconds: std::time::Duration::from_micros(age_micros.unsigned_abs()).as_secs_f64(),
            state: state.into(),
            error: cursor.error,
        })
    }
}

async fn log_status(served: &Served, now: jiff::Timestamp) -> Result<LogStatus, Status> {
    let head = served.log.head().await.map_err(|error| failed(&error))?;
    let genesis = served.log.genesis();
    let calendar = served.knowing.calendar(head.position).await.map_err(|error| unanswered(&error))?;
    // In a log of simulated time it is as late as what was told last.
    let told = jiff::Timestamp::from_microsecond(head.recorded_at).unwrap_or(now);
    let is_access = OfLog::of(&genesis.name) == OfLog::Access;
    let today = genesis.zone.to_datetime(if genesis.synthetic { told } else { now }).date();
    let status = LogStatus {
        log: genesis.name.to_string(),
        position: head.position,
        recorded_at: Some(Timestamp::from_micros(head.recorded_at)),
        leaf_hash: head.leaf_hash.to_vec(),
        time_zone: genesis.zone_name.clone(),
        synthetic: genesis.synthetic,
        incarnation: head.incarnation,
        contract: head.contract,
        calendar_horizon: calendar.horizon().map(|day| day.to_string()).unwrap_or_default(),
        // Nothing of an access log counts working days.
        calendar_warning: calendar.missed(today).filter(|_| !is_access).map(missed).unwrap_or_default(),
        ..LogStatus::default()
    };
    Ok(match &served.way {
        Way::Followed(feed) => following(&feed.borrow(), status),
        Way::Posted { intake, relay } => {
            let relay = relay.as_ref().map(|relay| relay.borrow().clone());
            let relayed = relay.as_ref().map(|relay| relay.relayed.unwrap_or(0));
            LogStatus {
                relayed,
                relay_lag: relayed.map(|relayed| head.position.saturating_sub(relayed)),
                relay_error: relay.and_then(|relay| relay.error).unwrap_or_default(),
                queued: intake.waiting(),
                ..status
            }
        }
    })
}

/// What a missing notice means.
fn missed(year: i16) -> String {
    format!(
        "no notice of {year}: due dates that rest on it are provisional, and nothing is overdue by them; post its CalendarPublished"
    )
}

fn following(feed: &follow::Status, status: LogStatus) -> LogStatus {
    LogStatus { replica: true, feed_error: feed.error.clone().unwrap_or_default(), ..status }
}
