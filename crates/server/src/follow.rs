//! Following a log that is written elsewhere: a copy of it, filled from its stream on NATS JetStream, and from a server's `Subscribe`
//! where the stream's retention has cut off the start.
//!
//! A follower keeps no state beside the copy: it goes on at the copy's head, and what comes is proved by its leaf hash before it is
//! taken over. What it cannot prove or what does not follow stops it, loudly; answers go on as known until then.

use crate::{Access, Node, node::Way};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep};
use tonic::Code as GrpcCode;
use xiaoer_bus::{
    Feed, Nats,
    feed::{self, Failure},
};
use xiaoer_domain::{Actor, Code, LogName, Refusal, permit::OfLog};
use xiaoer_journal::{Carried, Row};
use xiaoer_wire::{
    parse,
    v1::{RecordedEvent, SubscribeRequest, audit_service_client::AuditServiceClient, subscribe_response::Step},
};

/// First and longest pause after a failure.
const RETRY_DELAY_MIN: Duration = Duration::from_millis(50);
const RETRY_DELAY_MAX: Duration = Duration::from_secs(2);
/// How late a stream that is new is noticed.
const LOOK_AGAIN: Duration = Duration::from_secs(3);
/// Most events of one commit from `Subscribe`, whose own pages are shorter.
const BATCH_EVENTS_MAX: usize = 1_000;

/// What a node follows.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The logs; every open one that is found where none is named.
    pub logs: Vec<LogName>,
    /// The stream that holds events of several logs; each log's own stream where none is named.
    pub hub: Option<String>,
    /// URL of a server that has the logs, for what the stream holds no more.
    pub bootstrap: Option<String>,
    /// How the node makes itself known there.
    pub access: Access,
}

/// Where a follower stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Last position taken over.
    pub position: u64,
    /// What went wrong last and has not come right since; begins with a code where the follower has stopped.
    pub error: Option<String>,
}

/// Looks for logs to follow, for as long as the node runs.
pub(crate) async fn look(node: Arc<Node>, nats: Nats, options: Options) {
    loop {
        let found = match options.logs.as_slice() {
            // Complaints are copied where somebody says so, and not because a key reads all logs.
            [] => feed::logs(&nats, options.hub.as_deref()).await.map(|mut logs| {
                logs.retain(|log| OfLog::of(log) == OfLog::Open);
                logs
            }),
            named => Ok(named.iter().cloned().collect()),
        };
        match found {
            // An access log is each node's own; a stream that bears its name is nobody's.
            Ok(logs) => {
                let followed = logs.into_iter().filter(|log| OfLog::of(log) != OfLog::Access);
                followed.for_each(|log| drop(node.follow(log, &nats, &options)));
            }
            Err(failure) => tracing::debug!(?failure, "looking for logs"),
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// One log, followed.
pub(crate) struct Follower {
    pub(crate) node: Arc<Node>,
    pub(crate) nats: Nats,
    pub(crate) options: Options,
    pub(crate) log: LogName,
    pub(crate) status: watch::Sender<Status>,
}

impl Follower {
    /// Follows until it has to stop; the status says why.
    pub(crate) async fn run(self) {
        let mut delay = RETRY_DELAY_MIN;
        loop {
            let before = self.status.borrow().position;
            let mut losses = self.nats.losses();
            let failure = tokio::select! {
                failure = self.go_on() => failure,
                _ = losses.changed() => Failure::Away("the connection to NATS was lost".into()),
            };
            if self.status.borrow().position != before {
                delay = RETRY_DELAY_MIN;
            }
            match failure {
                Failure::Away(error) => {
                    self.report_failure(error);
                    sleep(delay).await;
                    delay = (delay * 2).min(RETRY_DELAY_MAX);
                }
                Failure::Trimmed(first) => self.report_failure(self.trimmed(first).to_string()),
                Failure::Stop(refusal) => {
                    tracing::error!(log = %self.log, error = %refusal, "the log is followed no further");
                    return self.report_failure(refusal.to_string());
                }
            }
        }
    }

    /// Goes on where the copy ends until something fails.
    async fn go_on(&self) -> Failure {
        let gone = async {
            let copy = self.node.copy(&self.log);
            let mut feed = match Feed::open(&self.nats, &self.log, self.options.hub.as_deref(), copy.as_ref()).await {
                Err(Failure::Trimmed(first)) => return self.bootstrap(first).await,
                feed => feed?,
            };
            self.report(feed.position());
            loop {
                let rows = feed.next(self.node.copy(&self.log).as_ref()).await?;
                self.take(&rows).await?;
            }
        };
        let Err(failure) = gone.await else { return Failure::Away("the start came from the other server".into()) };
        failure
    }

    /// Takes over events that follow the copy, which begins with the genesis.
    async fn take(&self, rows: &[Row]) -> Result<(), Failure> {
        let (log, rows) = match (self.node.copy(&self.log), rows) {
            (_, []) => return Ok(()),
            (Some(log), rows) => (log, rows),
            (None, [genesis, rest @ ..]) => (self.node.adopt(genesis).await?, rest),
        };
        let served = self.node.attach(log.clone(), Way::Followed(self.status.subscribe())).await;
        served.map_err(|error| Failure::Away(format!("the projection: {error}")))?;
        let mut locked = log.lock().await?;
        let head = locked.head().position;
        if rows.first().is_some_and(|row| row.position <= head) {
            return Err(Failure::Away("another node fills the same copy".into()));
        }
        locked.copy(rows).await?;
        self.report(locked.commit().await?.position);
        Ok(())
    }

    /// The events before a position that the stream begins with, from a server that has them.
    async fn bootstrap(&self, first: u64) -> Result<(), Failure> {
        let Some(url) = self.options.bootstrap.clone() else { return Err(Failure::Stop(self.trimmed(first))) };
        let away = |error: String| Failure::Away(format!("bootstrap: {error}"));
        let said = |status: tonic::Status| match status.code() {
            GrpcCode::DataLoss => Failure::Stop(Refusal::new(Code::LogRewound, format!("bootstrap: {}", status.message()))),
            _ => away(status.message().to_owned()),
        };
        let (position, leaf) = match self.node.copy(&self.log) {
            Some(copy) => copy.head().await.map(|head| (head.position, head.leaf_hash.to_vec()))?,
            None => (0, Vec::new()),
        };
        tracing::info!(log = %self.log, after = position, first, "the stream begins later: the events between come from the server");
        let connection = self.options.access.connect(&url).await.map_err(|error| away(error.to_string()))?;
        let mut client = AuditServiceClient::new(connection);
        let request = SubscribeRequest {
            log: self.log.to_string(),
            after_position: position,
            after_leaf_hash: leaf,
            history_only: true,
            ..SubscribeRequest::default()
        };
        let mut steps = client.subscribe(request).await.map_err(said)?.into_inner();
        let mut rows = Vec::new();
        while let Some(step) = steps.message().await.map_err(said)? {
            match step.step {
                Some(Step::Event(event)) => rows.push(self.row(event)?),
                Some(Step::Progress(_)) => self.take(&std::mem::take(&mut rows)).await?,
                None => {}
            }
            if rows.len() >= BATCH_EVENTS_MAX {
                self.take(&std::mem::take(&mut rows)).await?;
            }
        }
        self.take(&rows).await
    }

    /// An event of `Subscribe` as the log holds it: its stored bytes are made again, and the leaf hash says whether they are the same.
    fn row(&self, event: RecordedEvent) -> Result<Row, Failure> {
        let foreign =
            |what: String| Failure::Stop(Refusal::new(Code::FeedForeign, format!("bootstrap of log {}: {what}", self.log)));
        let RecordedEvent { position, revision, recorded_at, actor, mode, flags, event, leaf_hash, .. } = event;
        let (Some(event), Some(recorded_at)) = (event, recorded_at) else { return Err(foreign("an event is missing".into())) };
        let recorded_at = recorded_at.to_jiff().map_err(|_| foreign("a time that is none".into()))?.as_microsecond();
        let body = parse::body(&event).map_err(|error| foreign(error.to_string()))?;
        let carried = Carried {
            position,
            recorded_at,
            revision,
            actor: Actor::named(&actor),
            mode: u8::try_from(mode).unwrap_or_default(),
            flags,
            body: body.into(),
            leaf_hash: leaf_hash.as_slice().try_into().unwrap_or_default(),
        };
        carried.row(&self.log).map_err(|error| foreign(error.to_string()))
    }

    fn trimmed(&self, first: u64) -> Refusal {
        let last = self.status.borrow().position;
        let message = format!("the stream of log {} begins with position {first}, and this node ends with {last}", self.log);
        Refusal::new(Code::FeedTrimmed, message)
    }

    fn report(&self, position: u64) {
        let now = Status { position, error: None };
        self.status.send_if_modified(|status| std::mem::replace(status, now.clone()) != now);
    }

    fn report_failure(&self, error: String) {
        let news = self.status.send_if_modified(|status| status.error.replace(error.clone()).as_ref() != Some(&error));
        // Said once, not at every try.
        if news {
            tracing::warn!(log = %self.log, error, "the feed waits");
        }
    }
}
