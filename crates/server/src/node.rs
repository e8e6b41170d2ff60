//! A node: the logs it serves, and for each its writer, relay and projection.

mod reading;
mod access_log;

pub(crate) use reading::{Gate, Reading, Records};

use crate::{
    Clock,
    follow::{self, Follower},
    intake::Intake,
    vault,
};
use access_log::{access_of, is_access, not_access};
use bytes::Bytes;
use jiff::tz::TimeZone;
use std::{
    collections::BTreeMap,
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use xiaoer_bus::relay;
use xiaoer_domain::{
    Actor, Code, Event, LogName, Refusal, Scope, Subject,
    history::History,
    permit::{self, Caller, Right},
};
use xiaoer_journal::{
    CONTRACT, Journal, Log, Row,
    vault::{KeyEncryption, Vault},
};
use xiaoer_projections::{Knowing, Projection, Store};
use xiaoer_wire::{parse, seeds, strict::Strict, v1};

/// Time zone of a log that names none.
const ZONE_DEFAULT: &str = "Asia/Shanghai";
/// How late a log that another server opened is served here.
const LOOK_FOR_LOGS: Duration = Duration::from_secs(2);
/// How long a start waits for the relays to compare logs and streams. Posts that came before could be those of a fork.
const COMPARE_WAIT: Duration = Duration::from_secs(1);
/// Namespace of the ids of genesis events; drawn once, never changed.
const GENESIS_NAMESPACE: Uuid = uuid::uuid!("0a7d6c52-93a4-4f0e-8b67-2d1f4e5a9c31");

/// What a node is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder of the databases.
    pub data: PathBuf,
    /// The Postgres databases with journals and read tables, each with the logs that belong there (names, and beginnings with a `*`
    /// behind); none where they are files in the folder.
    pub databases: Vec<(Database, Vec<String>)>,
    /// Where the events are published, or come from.
    pub nats: Nats,
    /// What the node is to its logs.
    pub role: Role,
    /// The keys of its vaults; none where it has no vault, as one that follows.
    pub keys: Option<Arc<dyn KeyEncryption>>,
}

/// What a node is to its logs.
#[derive(Debug, Clone)]
pub enum Role {
    /// It writes them, and publishes them in streams kept like this.
    Writes(relay::Options),
    /// It follows them, and keeps copies.
    Follows(follow::Options),
}

/// The URL of a database. It shows itself without the password.
#[derive(Clone)]
pub struct Database(pub String);

impl From<String> for Database {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        // What follows the `?` may hold a password, and a `?` may stand in one.
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let place = match place.rsplit_once('@') {
            Some((_, place)) => place,
            None if query.contains('@') => "…",
            None => place,
        };
        write!(f, "{scheme}://{place}")
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where the events are published.
#[derive(Debug, Clone)]
pub enum Nats {
    /// Nowhere; whoever reads NATS sees nothing new.
    Off,
    /// On a server or cluster, with what it is logged in with.
    Url(String, xiaoer_bus::Login),
}

/// One log as served.
#[derive(Debug)]
pub struct Served {
    /// The log.
    pub log: Log,
    /// How its events get here.
    pub way: Way,
    /// Its figures.
    pub projection: Projection,
    /// What was known besides the cases, at any position.
    pub knowing: Knowing,
}

/// How the events of a log get to a node.
#[derive(Debug)]
pub enum Way {
    /// They are posted here, and published from here.
    Posted {
        /// The way in.
        intake: Intake,
        /// Where the relay stands; none where NATS is off.
        relay: Option<watch::Receiver<relay::Status>>,
    },
    /// They come from where the log is written; where the feed stands.
    Followed(watch::Receiver<follow::Status>),
}

impl Served {
    /// The way in, which a log that is followed does not have.
    pub fn intake(&self) -> Result<&Intake, Refusal> {
        match &self.way {
            Way::Posted { intake, .. } => Ok(intake),
            Way::Followed(_) => Err(only_followed(self.log.genesis().name.as_str())),
        }
    }

    /// Refuses what would be written to a log that its relay found rewound: a fork would grow beside what others have seen.
    pub fn unless_rewound(&self) -> Result<(), Refusal> {
        let stopped = self.relay().and_then(|relay| relay.borrow().stopped.clone());
        stopped.filter(|refusal| refusal.code == Code::LogRewound).map_or(Ok(()), Err)
    }

    /// Waits until its relay has compared the log with the stream, or finds NATS away for so long.
    async fn compared(&self) {
        let Some(mut relay) = self.relay().cloned() else { return };
        let known = relay.wait_for(|status| status.relayed.is_some() || status.stopped.is_some());
        let _ = tokio::time::timeout(COMPARE_WAIT, known).await;
    }

    /// The history of a thing that the rows of its stream tell.
    pub fn history(&self, subject: &Subject, rows: &[Row]) -> Result<History, xiaoer_journal::Error> {
        let mut history = History::new(subject.clone());
        for row in rows {
            history.insert(row.recorded(&self.log.genesis().zone)?);
        }
        Ok(history)
    }

    fn relay(&self) -> Option<&watch::Receiver<relay::Status>> {
        match &self.way {
            Way::Posted { relay, .. } => relay.as_ref(),
            Way::Followed(_) => None,
        }
    }
}

fn log_name(name: &str) -> Result<LogName, Refusal> {
    let code = if name.is_empty() { Code::MissingField } else { Code::InvalidLogName };
    LogName::new(name).ok_or_else(|| Refusal::new(code, "no name of a log").at("log"))
}

/// Refuses to follow a log into the place where it is written.
fn only_copies(log: &Log) -> Result<(), Refusal> {
    let name = &log.genesis().name;
    let refusal = || Refusal::new(Code::LogReplica, format!("log {name} is written in this database: follow it in one of its own"));
    log.is_replica().then_some(()).ok_or_else(|| refusal().at("log"))
}

fn only_followed(log: &str) -> Refusal {
    Refusal::new(Code::LogReplica, format!("log {log} is a copy here, and written elsewhere")).at("log")
}

/// The logs of an installation, running.
pub struct Node {
    journal: Journal,
    /// The read tables of each place of the journal.
    stores: Vec<Store>,
    /// The vault of each place of the journal; none on a node that follows.
    vaults: Vec<Vault>,
    /// Wakes who keeps the vaults.
    pub(crate) vault_work: Notify,
    /// None where nothing is published.
    nats: Option<xiaoer_bus::Nats>,
    streams: relay::Options,
    clock: Clock,
    /// Where the feeds of a node that follows stand, also of logs that nothing is here of yet; none on a node that writes.
    feeds: Option<Mutex<BTreeMap<LogName, watch::Receiver<follow::Status>>>>,
    served: RwLock<BTreeMap<LogName, Arc<Served>>>,
    opening: tokio::sync::Mutex<()>,
    /// One access log is opened at a time: two logs of a jurisdiction may come at once, and have the same.
    access_opening: tokio::sync::Mutex<()>,
    /// Readers, relays and live subscriptions end when this is cancelled.
    stop: CancellationToken,
    /// Writers take nothing more when this is cancelled, and end behind what has entered.
    closing: CancellationToken,
    writers: TaskTracker,
    readers: TaskTracker,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("journal", &self.journal).finish_non_exhaustive()
    }
}

impl Node {
    /// Opens every log there is and starts what runs behind it.
    pub async fn start(options: Options, clock: Clock) -> Result<Arc<Self>, xiaoer_projections::Error> {
        let journal = match options.databases.as_slice() {
            [] => Journal::open(&options.data.join(options.role.folder())).await?,
            databases => Journal::connect_all(databases.iter().map(|(Database(url), logs)| (url.as_str(), logs.clone()))).await?,
        };
        let mut stores = Vec::new();
        for (Database(url), _) in &options.databases {
            stores.push(Store::connect(url).await?);
        }
        if stores.is_empty() {
            stores.push(Store::open(&options.data.join("projections.db")).await?);
        }
        let vaults = options.vaults().await?;
        let nats = match &options.nats {
            Nats::Off => None,
            Nats::Url(url, login) => match xiaoer_bus::Nats::connect(url, login).await {
                Ok(nats) => Some(nats),
                Err(error) => {
                    let refusal = Refusal::new(Code::InvalidField, format!("NATS: {error}")).at("nats");
                    return Err(refusal.into());
                }
            },
        };
        let node = Arc::new(Self {
            journal,
            stores,
            vaults,
            vault_work: Notify::new(),
            nats,
            streams: options.role.streams(),
            clock,
            feeds: matches!(options.role, Role::Follows(_)).then(Mutex::default),
            served: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
            access_opening: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
            closing: CancellationToken::new(),
            writers: TaskTracker::new(),
            readers: TaskTracker::new(),
        });
        for store in &node.stores {
            node.readers.spawn(store.clone().keep(node.stop.clone()));
        }
        match (options.role, node.nats.clone()) {
            (Role::Follows(what), Some(nats)) => {
                for log in node.journal.logs() {
                    // The records of its own readers.
                    if is_access(&log.genesis().name) && !log.is_replica() {
                        node.write_access(log).await?;
                        continue;
                    }
                    only_copies(&log)?;
                    let status = node.follow(log.genesis().name.clone(), &nats, &what);
                    node.attach(log, Way::Followed(status)).await?;
                }
                node.run(follow::look(Arc::clone(&node), nats, what));
            }
            (_, _) => {
                for log in node.journal.logs() {
                    node.write(log).await?;
                }
                let looking = Arc::clone(&node);
                node.run(async move { looking.look_for_logs().await });
            }
        }
        futures::future::join_all(node.logs().iter().map(|served| served.compared())).await;
        if !node.vaults.is_empty() {
            // Before anybody may ask: what the log says is erased is gone.
            vault::adopt_all(&node).await;
            let settled = vault::settle_all(&node).await;
            let keeping = Arc::clone(&node);
            node.run(async move { vault::keep(keeping, settled).await });
        }
        Ok(node)
    }

    /// Serves the logs that other servers open.
    async fn look_for_logs(&self) {
        let mut said = String::new();
        loop {
            tokio::time::sleep(LOOK_FOR_LOGS).await;
            let error = self.look().await.err().map_or_else(String::new, |error| error.to_string());
            // Said once, not at every look.
            if !error.is_empty() && error != said {
                tracing::warn!(error, "logs of other servers are not looked for");
            }
            said = error;
        }
    }

    async fn look(&self) -> Result<(), xiaoer_projections::Error> {
        let _opening = self.opening.lock().await;
        let looked = self.journal.look().await;
        for log in self.journal.logs() {
            self.write(log).await?;
        }
        Ok(looked?)
    }

    /// Runs something that reads until the node stops.
    fn run(&self, reader: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.readers.spawn(async move {
            let _ = stop.run_until_cancelled(reader).await;
        });
    }

    /// The clock.
    pub fn now(&self) -> jiff::Timestamp {
        (self.clock)()
    }

    /// Every log, by name.
    pub fn logs(&self) -> Vec<Arc<Served>> {
        self.served.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// A log for a caller who has a right to it that is recorded in no log; [`Node::reading`] is for the others.
    pub fn open(&self, caller: &Caller, name: &str, right: Right) -> Result<(Arc<Served>, Scope), Refusal> {
        if right.may_be_recorded() {
            return Err(Refusal::new(Code::Internal, format!("`{}` is read without a record", right.name())));
        }
        self.pass(caller, name, right)
    }

    /// A log for a caller who has a right to it, with what he sees of it. Whether there is such a log is told to no other.
    fn pass(&self, caller: &Caller, name: &str, right: Right) -> Result<(Arc<Served>, Scope), Refusal> {
        let name = log_name(name)?;
        let scope = permit::reads(caller, &name, right)?;
        Ok((self.served(&name)?, scope))
    }

    /// A log for a caller who posts to it; what he may post is asked of each event.
    pub fn enter(&self, caller: &Caller, name: &str) -> Result<Arc<Served>, Refusal> {
        let name = log_name(name)?;
        permit::in_log(caller, &name)?;
        not_access(&name)?;
        self.served(&name)
    }

    /// One log, for the node itself.
    pub(crate) fn log(&self, name: &str) -> Result<Arc<Served>, Refusal> {
        self.served(&log_name(name)?)
    }

    fn served(&self, name: &LogName) -> Result<Arc<Served>, Refusal> {
        let served = self.served.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        served.ok_or_else(|| Refusal::new(Code::UnknownLog, format!("there is no log {name}")).at("log"))
    }

    /// The vault of a log, which one that is followed does not have.
    pub(crate) fn vault(&self, log: &LogName) -> Result<&Vault, Refusal> {
        self.vaults.get(self.journal.place(log)).ok_or_else(|| only_followed(log.as_str()))
    }

    /// The vaults.
    pub(crate) fn vaults(&self) -> &[Vault] {
        &self.vaults
    }

    /// Whether NATS is used, and connected now.
    pub fn nats(&self) -> Option<bool> {
        self.nats.as_ref().map(xiaoer_bus::Nats::is_connected)
    }

    /// Opens a log with its genesis and the seeds; the same call again changes nothing. Says whether it was there.
    pub async fn open_log(&self, request: &v1::OpenLogRequest) -> Result<(Arc<Served>, bool), xiaoer_projections::Error> {
        let name = LogName::new(&request.log).ok_or_else(|| Refusal::new(Code::InvalidLogName, "no name of a log").at("log"))?;
        let zone_name = if request.time_zone.is_empty() { ZONE_DEFAULT } else { &request.time_zone };
        let zone = TimeZone::get(zone_name).map_err(|_| Refusal::new(Code::InvalidField, "no IANA time zone").at("time_zone"))?;
        if self.feeds.is_some() {
            return Err(only_followed(&request.log).into());
        }
        not_access(&name)?;
        access_of(&name)?;
        let _opening = self.opening.lock().await;
        let (event, body) = genesis(&name, (zone_name, &zone), request.synthetic, self.genesis_time(request.synthetic))?;
        let (log, existed) = self.journal.create(event, body).await?;
        let there = log.genesis();
        if there.zone_name != zone_name || there.synthetic != request.synthetic {
            let message = format!("log {name} was opened with time zone {} and synthetic = {}", there.zone_name, there.synthetic);
            return Err(Refusal::new(Code::LogDiffers, message).at("log").into());
        }
        let served = self.write(log).await?;
        if !request.without_seed {
            self.seed(&served, &name).await?;
        }
        Ok((served, existed))
    }

    /// A log of simulated time begins before all that is simulated.
    fn genesis_time(&self, synthetic: bool) -> jiff::Timestamp {
        if synthetic { jiff::Timestamp::UNIX_EPOCH } else { self.now() }
    }

    /// Posts the calendar years that come with the program; those that stand already are repeats.
    async fn seed(&self, served: &Served, name: &LogName) -> Result<(), xiaoer_projections::Error> {
        let genesis = served.log.stamp(1).await?.map_or(0, |stamp| stamp.recorded_at);
        let at = jiff::Timestamp::from_microsecond(genesis).unwrap_or_default();
        for event in seeds::calendar_events(name, at) {
            let simulated = served.log.genesis().synthetic.then(|| at.into());
            let request = v1::PostRequest {
                log: name.to_string(),
                events: vec![event],
                simulated_recorded_at: simulated,
                ..Default::default()
            };
            let strict = Strict { message: request, unknown_field: None };
            let prepared =
                crate::intake::prepare(strict, served.log.genesis(), Caller::trusted(Actor::named("seed")).into(), false)?;
            crate::intake::answered(served.intake()?.post(prepared).await?).await?;
        }
        Ok(())
    }

    /// Starts what runs behind a log that is written here, once.
    async fn write(&self, log: Log) -> Result<Arc<Served>, xiaoer_projections::Error> {
        if let Ok(served) = self.log(log.genesis().name.as_str()) {
            return Ok(served);
        }
        if log.is_replica() {
            return Err(only_followed(log.genesis().name.as_str()).into());
        }
        if is_access(&log.genesis().name) {
            return self.write_access(log).await;
        }
        let (intake, writer) = Intake::start(log.clone(), Arc::clone(&self.clock), self.closing.clone()).await?;
        self.writers.spawn(writer);
        let relay = self.nats.clone().map(|nats| {
            let (sender, receiver) = watch::channel(relay::Status::default());
            let (log, streams, stop) = (log.clone(), self.streams.clone(), self.stop.clone());
            // What stops a relay is in its status, which GetStatus shows.
            self.readers.spawn(async move {
                let _ = relay::run(log, nats, streams, sender, stop).await;
            });
            receiver
        });
        self.attach(log, Way::Posted { intake, relay }).await
    }

    /// Starts what reads a log, once.
    pub(crate) async fn attach(&self, log: Log, way: Way) -> Result<Arc<Served>, xiaoer_projections::Error> {
        let name = log.genesis().name.clone();
        if let Ok(served) = self.log(name.as_str()) {
            return Ok(served);
        }
        self.beside(&log).await?;
        self.serve(log, way).await
    }

    /// Serves a log, now that what must be there before is.
    async fn serve(&self, log: Log, way: Way) -> Result<Arc<Served>, xiaoer_projections::Error> {
        let name = log.genesis().name.clone();
        let projection = Projection::open(log.clone(), self.stores[self.journal.place(&name)].clone()).await?;
        self.readers.spawn(projection.clone().run(self.stop.clone()));
        let knowing = Knowing::new(log.clone());
        let served = Arc::new(Served { log, way, projection, knowing });
        self.served.write().unwrap_or_else(PoisonError::into_inner).insert(name, Arc::clone(&served));
        Ok(served)
    }

    /// Follows a log from now on, once; gives where its feed stands.
    pub(crate) fn follow(
        self: &Arc<Self>,
        log: LogName,
        nats: &xiaoer_bus::Nats,
        options: &follow::Options,
    ) -> watch::Receiver<follow::Status> {
        let mut feeds = self.feeds.as_ref().map(|feeds| feeds.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(status) = feeds.as_ref().and_then(|feeds| feeds.get(&log)) {
            return status.clone();
        }
        let (status, receiver) = watch::channel(follow::Status::default());
        if let Some(feeds) = &mut feeds {
            feeds.insert(log.clone(), receiver.clone());
        }
        let follower = Follower { node: Arc::clone(self), nats: nats.clone(), options: options.clone(), log, status };
        self.run(follower.run());
        receiver
    }

    /// Where the feeds stand, by log.
    pub(crate) fn feeds(&self) -> BTreeMap<LogName, watch::Receiver<follow::Status>> {
        let feeds = self.feeds.as_ref().map(|feeds| feeds.lock().unwrap_or_else(PoisonError::into_inner).clone());
        feeds.unwrap_or_default()
    }

    /// What is here of a log that is followed.
    pub(crate) fn copy(&self, log: &LogName) -> Option<Log> {
        self.journal.log(log)
    }

    /// Begins the copy of a log.
    pub(crate) async fn adopt(&self, genesis: &Row) -> Result<Log, xiaoer_journal::Error> {
        self.journal.adopt(genesis).await.map(|(log, _)| log)
    }

    /// Cancelled when the node stops.
    pub fn stopping(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Stops: what has entered is answered first, then readers and relays end where they are.
    pub async fn stop(&self) {
        self.stop.cancel();
        // A reader that reads no more holds its log for ever; the writers do not wait for it.
        self.closing.cancel();
        self.writers.close();
        self.writers.wait().await;
        self.readers.close();
        self.readers.wait().await;
        for served in self.logs() {
            if let Err(error) = served.log.close().await {
                tracing::warn!(log = %served.log.genesis().name, %error, "the write-ahead file could not be brought in");
            }
        }
        for vault in &self.vaults {
            if let Err(error) = vault.close().await {
                tracing::warn!(%error, "the write-ahead file of the vault could not be brought in");
            }
        }
    }
}

impl Options {
    /// The vault of each place of the journal.
    async fn vaults(&self) -> Result<Vec<Vault>, xiaoer_journal::Error> {
        let (Role::Writes(_), Some(keys)) = (&self.role, &self.keys) else { return Ok(Vec::new()) };
        let mut vaults = Vec::new();
        for (Database(url), _) in &self.databases {
            vaults.push(Vault::connect(url, Arc::clone(keys)).await?);
        }
        if vaults.is_empty() {
            vaults.push(Vault::open(&self.data.join("vault.db"), Arc::clone(keys)).await?);
        }
        Ok(vaults)
    }
}

impl Role {
    /// Where the logs are that are files. A copy beside the logs that are written would be taken for one of them.
    fn folder(&self) -> &'static str {
        match self {
            Self::Writes(_) => "journal",
            Self::Follows(_) => "copies",
        }
    }

    /// How streams are kept; of one that follows nothing is published.
    fn streams(&self) -> relay::Options {
        match self {
            Self::Writes(streams) => streams.clone(),
            Self::Follows(_) => relay::Options::default(),
        }
    }
}

/// The first event of a log, and as it will be stored; the zone by its name and as it counts.
fn genesis(
    name: &LogName,
    (zone_name, zone): (&str, &TimeZone),
    synthetic: bool,
    at: jiff::Timestamp,
) -> Result<(Event, Bytes), Refusal> {
    let opened = v1::LogOpened {
        name: name.to_string(),
        suite: "sha256".into(),
        time_zone: zone_name.into(),
        contract: CONTRACT,
        synthetic,
    };
    let genesis = v1::Event {
        event_id: Uuid::new_v5(&GENESIS_NAMESPACE, name.as_str().as_bytes()).to_string(),
        subject: Some(v1::Subject { kind: "log".into(), system: "xiaoer".into(), id: name.to_string() }),
        occurred_at: Some(at.into()),
        source: Some(v1::Source { system: "xiaoer".into(), ..v1::Source::default() }),
        fact: Some(v1::event::Fact::LogOpened(opened)),
        ..v1::Event::default()
    };
    let body = parse::body(&genesis).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
    Ok((parse::event(&genesis, zone)?, body.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_shows_no_password() {
        for (url, shown) in [
            ("postgres://clerk:geheim@hall:5432/xiaoer", "postgres://hall:5432/xiaoer"),
            ("postgres://clerk:ge@heim@hall/xiaoer?password=geheim", "postgres://hall/xiaoer"),
            ("postgres://hall/xiaoer?user=clerk&password=geheim", "postgres://hall/xiaoer"),
            ("postgres://clerk:ge?heim@hall/xiaoer", "postgres://…"),
            ("geheim", "://"),
        ] {
            let database = Database(url.into());
            assert_eq!((database.to_string(), format!("{database:?}")), (shown.into(), shown.into()));
        }
    }
}
