//! A client: the generated stubs, and what tests do again and again.

use crate::until;
use tonic::{
    Code, Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt;
use xiaoer_wire::v1::{
    Event, GetMetricRequest, GetStatusRequest, KnownAt, LogStatus, MetricScope, MetricValue, OpenLogRequest, Period, PostMode,
    PostRequest, PostResponse, ProjectionStatus, Receipt, RecordedEvent, SubscribeRequest,
    admin_service_client::AdminServiceClient, audit_service_client::AuditServiceClient,
    catalogue_service_client::CatalogueServiceClient, complaint_service_client::ComplaintServiceClient, known_at::Bound,
    metrics_service_client::MetricsServiceClient, person_service_client::PersonServiceClient,
    posting_service_client::PostingServiceClient, subscribe_response::Step,
};

/// What posting gave.
pub type Posted = Result<PostResponse, Status>;

/// A connection whose calls carry a token, where there is one.
pub type Known = InterceptedService<Channel, Token>;

/// A token, put into each call.
#[derive(Debug, Clone, Default)]
pub struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// Clients of the services on one connection.
#[derive(Debug, Clone)]
pub struct Client {
    /// The connection.
    pub channel: Channel,
    /// Posting.
    pub posting: PostingServiceClient<Known>,
    /// Audit.
    pub audit: AuditServiceClient<Known>,
    /// Metrics.
    pub metrics: MetricsServiceClient<Known>,
    /// The catalogue.
    pub catalogue: CatalogueServiceClient<Known>,
    /// The vault.
    pub person: PersonServiceClient<Known>,
    /// Complaints as transferred.
    pub complaints: ComplaintServiceClient<Known>,
    /// Administration.
    pub admin: AdminServiceClient<Known>,
}

impl Client {
    /// Connects when first used, and again after the connection broke.
    pub fn to(url: &str) -> Self {
        Self::over(Endpoint::from_shared(url.to_owned()).expect("a URL").tcp_nodelay(true).connect_lazy(), None)
    }

    /// On a connection, with a token.
    pub fn over(channel: Channel, token: Option<&str>) -> Self {
        let token = Token(token.map(|token| format!("Bearer {token}").parse().expect("a token")));
        let known = InterceptedService::new(channel.clone(), token);
        Self {
            posting: PostingServiceClient::new(known.clone()),
            audit: AuditServiceClient::new(known.clone()),
            metrics: MetricsServiceClient::new(known.clone()),
            catalogue: CatalogueServiceClient::new(known.clone()),
            person: PersonServiceClient::new(known.clone()),
            complaints: ComplaintServiceClient::new(known.clone()),
            admin: AdminServiceClient::new(known),
            channel,
        }
    }

    /// Opens a log of this zone.
    pub async fn open(&mut self, log: &str, synthetic: bool) {
        let request = OpenLogRequest { log: log.into(), synthetic, ..OpenLogRequest::default() };
        self.admin.open_log(request).await.expect("the log opens");
    }

    /// Posts a list.
    pub async fn post(&mut self, log: &str, events: Vec<Event>) -> Posted {
        let request = PostRequest { log: log.into(), events, ..PostRequest::default() };
        self.posting.post(request).await.map(tonic::Response::into_inner)
    }

    /// Posts one event in a mode, recorded at a time of a synthetic log.
    pub async fn tell(&mut self, log: &str, event: Event, mode: PostMode, recorded_at: Option<&str>) -> Result<Receipt, Status> {
        let time = recorded_at.map(|at| at.parse::<jiff::Timestamp>().expect("a time").into());
        let request = PostRequest {
            log: log.into(),
            events: vec![event],
            mode: mode.into(),
            simulated_recorded_at: time,
            ..PostRequest::default()
        };
        let mut response = self.posting.post(request).await?.into_inner();
        Ok(response.receipts.remove(0))
    }

    /// The state of a log.
    pub async fn log(&mut self, log: &str) -> LogStatus {
        let status = self.admin.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
        status.logs.into_iter().find(|status| status.log == log).expect("the log is there")
    }

    /// Waits until a log is open.
    pub async fn opened(&mut self, log: &str) {
        until("the log is opened", async || {
            let status = self.admin.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
            status.logs.into_iter().find(|status| status.log == log)
        })
        .await;
    }

    /// Waits until the state of a log is as wanted.
    pub async fn log_until(&mut self, log: &str, what: &str, is: impl Fn(&LogStatus) -> bool) -> LogStatus {
        until(what, async || Some(self.log(log).await).filter(&is)).await
    }

    /// The state of a log's projection.
    pub async fn projection(&mut self, log: &str) -> ProjectionStatus {
        let request = xiaoer_wire::v1::ListProjectionsRequest { log: log.into() };
        self.admin.list_projections(request).await.expect("an answer").into_inner().projections.remove(0)
    }

    /// Waits until the whole log is on NATS.
    pub async fn relayed(&mut self, log: &str) -> u64 {
        self.log_until(log, "all is relayed", |status| status.relayed == Some(status.position)).await.position
    }

    /// Waits until NATS holds a position.
    pub async fn relayed_past(&mut self, log: &str, position: u64) {
        let is = |status: &LogStatus| status.relayed.unwrap_or(0) >= position && status.relay_error.is_empty();
        self.log_until(log, &format!("relayed to {position}"), is).await;
    }

    /// Waits until the projections stand at the head.
    pub async fn projected(&mut self, log: &str) -> u64 {
        until("the projections stand at the head", async || {
            let (head, projection) = (self.log(log).await.position, self.projection(log).await);
            assert_ne!(projection.state, "stopped", "{projection:?}");
            (projection.position >= head).then_some(head)
        })
        .await
    }

    /// A figure over a period (empty: open), as known at a time (empty: now).
    pub async fn metric(&mut self, log: &str, id: &str, (from, to): (&str, &str), known_at: &str) -> Result<MetricValue, Status> {
        let request = GetMetricRequest { metric_id: id.into(), scope: Some(scope(log, (from, to), known_at)) };
        self.metrics.get_metric(request).await.map(tonic::Response::into_inner)
    }

    /// The events of a log after a position, as far as it goes now.
    pub async fn history(&mut self, log: &str, after: u64) -> Vec<RecordedEvent> {
        let request =
            SubscribeRequest { log: log.into(), after_position: after, history_only: true, ..SubscribeRequest::default() };
        let mut steps = self.audit.subscribe(request).await.expect("a subscription").into_inner();
        let mut events = Vec::new();
        while let Some(step) = steps.message().await.expect("a step") {
            if let Some(Step::Event(event)) = step.step {
                events.push(event);
            }
        }
        events
    }
}

/// A scope of one log.
pub fn scope(log: &str, (from, to): (&str, &str), known_at: &str) -> MetricScope {
    let time = |text: &str| KnownAt { bound: Some(Bound::Time(text.parse::<jiff::Timestamp>().expect("a time").into())) };
    MetricScope {
        logs: vec![log.into()],
        period: Some(Period { from: from.into(), to: to.into() }),
        known_at: (!known_at.is_empty()).then(|| time(known_at)),
        ..MetricScope::default()
    }
}

/// The stable code of a refusal, the field it names, and the status.
pub fn refusal_of(status: &Status) -> (String, String, Code) {
    let details = status.get_error_details();
    let code = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let field = details.bad_request().and_then(|bad| bad.field_violations.first()).map(|violation| violation.field.clone());
    let subject =
        || details.precondition_failure().and_then(|failure| failure.violations.first()).map(|violation| violation.subject.clone());
    (code, field.or_else(subject).unwrap_or_default(), status.code())
}
