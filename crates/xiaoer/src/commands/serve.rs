//! `xiaoer serve` and `xiaoer project`: configuration, wiring, and stopping in order.

use crate::{
    cli::{PlaceArgs, ProjectArgs, ServeArgs},
    client::Failure,
};
use anyhow::Context;
use serde::Deserialize;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use xiaoer_bus::{Login, Managed, find_binary, managed, relay};
use xiaoer_domain::LogName;
use xiaoer_journal::{
    Journal,
    vault::{Folder, KeyEncryption},
};
use xiaoer_server::{
    Access, Database, Nats, Node, Options, Role, Security, TOKEN_AUDIENCE, Tls, TokenSource, follow, serve, system_clock,
};

const DATA_DEFAULT: &str = "data";
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 50_051);

/// The configuration file; every key may be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    database: Option<Databases>,
    nats: Option<String>,
    /// From the folder of the configuration.
    nats_seed: Option<PathBuf>,
    nats_roots: Option<PathBuf>,
    nats_replicas: Option<usize>,
    vault_keys: Option<PathBuf>,
    listen: Option<SocketAddr>,
    /// From the folder of the configuration.
    security: Option<PathBuf>,
    insecure: Option<bool>,
}

/// The file of `--security`; paths are from its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecurityFile {
    actors: Option<PathBuf>,
    tls: Option<TlsFiles>,
    tokens: Option<TokenKeys>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    client_roots: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenKeys {
    /// A file, or a URL.
    keys: String,
    #[serde(default)]
    issuer: String,
    audience: Option<String>,
}

impl SecurityFile {
    fn read(path: &Path) -> Result<Security, Failure> {
        let text = fs::read_to_string(path).with_context(|| format!("the security file {}", path.display()))?;
        let file: Self = toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let tokens = file.tokens.map(|TokenKeys { keys, issuer, audience }| TokenSource {
            keys: if keys.contains("://") { keys } else { folder.join(keys).display().to_string() },
            issuer,
            audience: audience.unwrap_or_else(|| TOKEN_AUDIENCE.into()),
        });
        let tls = file.tls.map(|TlsFiles { certificate, key, client_roots }| Tls {
            certificate: folder.join(certificate),
            key: folder.join(key),
            client_roots: client_roots.map(|roots| folder.join(roots)),
        });
        let security = Security { tls, actors: file.actors.map(|actors| folder.join(actors)), tokens };
        if security.actors.is_some() && security.tls.as_ref().is_none_or(|tls| tls.client_roots.is_none()) {
            let text = "`actors` are known by their certificates: give `[tls]` with `client_roots`";
            return Err(Failure::Usage(format!("{}: {text}", path.display())));
        }
        Ok(security)
    }
}

/// `sqlite`, one URL, or a table of databases with the logs that belong to each.
#[derive(Deserialize)]
#[serde(untagged)]
enum Databases {
    One(String),
    Several(Vec<Table>),
}

/// One database. Its URL stands here, or in a file of its own that only the server may read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    url: Option<String>,
    /// From the folder of the configuration.
    url_file: Option<PathBuf>,
    /// Names of logs, and beginnings of names with a `*` behind.
    logs: Vec<String>,
}

impl File {
    fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = fs::read_to_string(path).with_context(|| format!("the configuration {}", path.display()))?;
        toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
    }
}

/// The configuration in force.
#[derive(Debug)]
struct Config {
    data: PathBuf,
    databases: Vec<(Database, Vec<String>)>,
    nats: Option<String>,
    login: Login,
    replicas: usize,
    /// Where the keys of the vault are, where that was said.
    vault_keys: Option<PathBuf>,
    listen: SocketAddr,
    security: Security,
}

pub(crate) async fn run(args: ServeArgs) -> Result<(), Failure> {
    let tools = args.tools.clone();
    let config = config(args)?;
    fs::create_dir_all(&config.data).with_context(|| format!("the data folder {}", config.data.display()))?;
    let _lock = lock(&config.data)?;
    let (nats, server) = nats(&config, &tools).await?;
    for (database, logs) in &config.databases {
        tracing::info!(%database, logs = logs.join(" "), "the journals are in Postgres");
    }
    let streams = relay::Options { replicas: config.replicas, ..relay::Options::default() };
    until_stopped(&config, nats, Role::Writes(streams)).await?;
    if let Some(server) = server {
        server.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// `xiaoer project`: the same services, of copies of logs that are written elsewhere.
pub(crate) async fn project(args: ProjectArgs, access: Access) -> Result<(), Failure> {
    let ProjectArgs { data, database, nats, login, logs, hub, bootstrap, listen, security, insecure } = args;
    let logs = logs.iter().map(|log| LogName::new(log).ok_or_else(|| Failure::Usage(format!("--follow {log}: no name of a log"))));
    let what = follow::Options { logs: logs.collect::<Result<_, _>>()?, hub, bootstrap, access };
    let security = security.as_deref().map(SecurityFile::read).transpose()?.unwrap_or_default();
    let listen = allowed(listen.unwrap_or(LISTEN_DEFAULT), &security, insecure)?;
    let databases = databases(database, None, None)?;
    let config = Config { data, databases, nats: None, login: login.into(), replicas: 1, vault_keys: None, listen, security };
    fs::create_dir_all(&config.data).with_context(|| format!("the data folder {}", config.data.display()))?;
    let _lock = lock(&config.data)?;
    until_stopped(&config, Nats::Url(nats, config.login.clone()), Role::Follows(what)).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Runs a node until it is told to stop.
async fn until_stopped(config: &Config, nats: Nats, role: Role) -> Result<(), Failure> {
    let keys = match role {
        Role::Writes(_) => Some(Arc::new(keys(config)?) as Arc<dyn KeyEncryption>),
        Role::Follows(_) => None,
    };
    let options = Options { data: config.data.clone(), databases: config.databases.clone(), nats, role, keys };
    let node = Node::start(options, system_clock()).await.map_err(anyhow::Error::from)?;
    let stop = CancellationToken::new();
    let listening = serve(node, config.listen, &config.security, stop.clone()).await;
    let listening = listening.with_context(|| format!("listening on {}", config.listen))?;
    let how = match (config.security.is_on(), config.security.tls.is_some()) {
        (true, true) => "with TLS, to callers that are known",
        (true, false) => "without TLS, to callers that are known",
        (false, true) => "with TLS, without authentication",
        (false, false) => "without authentication",
    };
    tracing::info!(address = %listening.address, data = %config.data.display(), "serving gRPC and gRPC-Web, {how}");
    asked_to_stop().await?;
    tracing::info!("stopping: answering what has entered");
    stop.cancel();
    listening.ended().await.map_err(anyhow::Error::from)?;
    Ok(())
}

/// The keys of the vault: in the folder that was named, among the credentials of systemd, or in the data folder.
fn keys(config: &Config) -> Result<Folder, Failure> {
    let credentials = match (&config.vault_keys, std::env::var_os("CREDENTIALS_DIRECTORY")) {
        (None, Some(folder)) => Folder::of_systemd(Path::new(&folder)).map_err(anyhow::Error::from)?,
        _ => None,
    };
    if let Some(folder) = credentials {
        return Ok(folder);
    }
    let folder = config.vault_keys.clone().unwrap_or_else(|| config.data.join("vault-keys"));
    Ok(Folder::open(&folder).context("the keys of the vault")?)
}

fn config(args: ServeArgs) -> Result<Config, Failure> {
    let PlaceArgs { data, database, config } = args.place;
    let file = File::read(config.as_deref())?;
    let databases = databases(database, file.database, config.as_deref())?;
    let replicas = args.nats_replicas.or(file.nats_replicas).unwrap_or(1);
    let insecure = args.insecure || file.insecure.unwrap_or(false);
    let folder = config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    let security = args.security.or_else(|| file.security.map(|path| folder.join(path)));
    let mut login: Login = args.login.into();
    login.seed = login.seed.or_else(|| file.nats_seed.map(|path| folder.join(path)));
    login.roots = login.roots.or_else(|| file.nats_roots.map(|path| folder.join(path)));
    let security = security.as_deref().map(SecurityFile::read).transpose()?.unwrap_or_default();
    let listen = allowed(args.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT), &security, insecure)?;
    let data = data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into());
    let vault_keys = args.vault_keys.or(file.vault_keys);
    Ok(Config { data, databases, nats: args.nats.or(file.nats), login, replicas, vault_keys, listen, security })
}

fn allowed(listen: SocketAddr, security: &Security, insecure: bool) -> Result<SocketAddr, Failure> {
    let why = match (security.is_on(), security.tls.is_some()) {
        _ if listen.ip().is_loopback() || insecure => return Ok(listen),
        (true, true) => return Ok(listen),
        (false, _) => "there is no authentication (--security): anyone who reaches it could post and read",
        (true, false) => "there is no TLS (--security): tokens could be read on the way",
    };
    Err(Failure::Usage(format!("--listen {listen} is no loopback address, and {why}. Say --insecure to listen all the same")))
}

/// The journals, for a command that works on them beside the servers or without one; and the data folder.
pub(crate) async fn journal(args: PlaceArgs) -> Result<(Journal, PathBuf), Failure> {
    let file = File::read(args.config.as_deref())?;
    let data = args.data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into());
    let folder = data.join("journal");
    let databases = databases(args.database, file.database, args.config.as_deref())?;
    let journal = match databases.as_slice() {
        [] if folder.is_dir() => Journal::open(&folder).await,
        // A slip of the pen makes no folder.
        [] => return Err(Failure::Usage(format!("there are no journals in {}", folder.display()))),
        databases => Journal::connect_all(databases.iter().map(|(Database(url), logs)| (url.as_str(), logs.clone()))).await,
    };
    Ok((journal.map_err(anyhow::Error::from)?, data))
}

/// The databases named on the command line, else those of the configuration file at a path; none where journals and read tables are
/// files in the data folder.
fn databases(
    asked: Option<Database>,
    file: Option<Databases>,
    config: Option<&Path>,
) -> Result<Vec<(Database, Vec<String>)>, Failure> {
    let folder = config.and_then(Path::parent).unwrap_or(Path::new(""));
    let asked = asked.map(|Database(url)| Databases::One(url)).or(file);
    match asked {
        None => Ok(Vec::new()),
        Some(Databases::One(sqlite)) if sqlite == "sqlite" => Ok(Vec::new()),
        Some(Databases::One(url)) => Ok(vec![(database(url)?, vec!["*".into()])]),
        Some(Databases::Several(tables)) => tables.into_iter().map(|table| table.read(folder)).collect(),
    }
}

impl Table {
    fn read(self, folder: &Path) -> Result<(Database, Vec<String>), Failure> {
        let url = match (self.url, self.url_file) {
            (Some(url), None) => url,
            (None, Some(file)) => {
                let file = folder.join(file);
                fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?.trim().to_owned()
            }
            _ => return Err(Failure::Usage("[[database]]: give `url` or `url_file`".into())),
        };
        Ok((database(url)?, self.logs))
    }
}

fn database(url: String) -> Result<Database, Failure> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Database(url));
    }
    // What was given is not said again: it may be a URL with a password and a slip in front.
    Err(Failure::Usage("--database: neither `sqlite` nor a URL that begins with postgres://".into()))
}

/// One server a folder: SQLite would allow two, a managed nats-server would not.
fn lock(data: &Path) -> Result<fs::File, Failure> {
    let path = data.join("serve.lock");
    let file = fs::File::create(&path).with_context(|| format!("{}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(Failure::Usage(format!("another xiaoer serves {}", data.display()))),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Where the events go, and the nats-server that was started for it.
async fn nats(config: &Config, tools: &Path) -> Result<(Nats, Option<Managed>), Failure> {
    match config.nats.as_deref() {
        Some("off") => Ok((Nats::Off, None)),
        Some("managed") => {
            let text = "--nats managed: no nats-server on PATH or in the tools folder; `scripts/tool nats-server` fetches one";
            let binary = find_binary(tools).ok_or_else(|| Failure::Usage(text.into()))?;
            start(config, binary).await
        }
        Some(url) => Ok((Nats::Url(url.to_owned(), config.login.clone()), None)),
        None => match find_binary(tools) {
            Some(binary) => start(config, binary).await,
            None => {
                tracing::warn!("no nats-server found: events are recorded and not published; subscribe over gRPC, or see --nats");
                Ok((Nats::Off, None))
            }
        },
    }
}

/// The NATS of an installation for a command beside its servers: a URL, or the managed server, started where no other process does.
pub(crate) async fn nats_of(data: &Path, asked: Option<&str>, tools: &Path) -> Result<(String, Option<Managed>), Failure> {
    if let Some(url) = asked.filter(|asked| *asked != "managed") {
        return Ok((url.to_owned(), None));
    }
    let binary =
        find_binary(tools).ok_or_else(|| Failure::Usage("--nats: no nats-server on PATH or in the tools folder".into()))?;
    match Managed::start(managed::Options { binary, folder: data.join("nats"), port: None }).await {
        Ok(server) => Ok((server.url().to_owned(), Some(server))),
        Err(managed::Error::InUse(_)) => Ok((fs::read_to_string(data.join("nats.url"))?.trim().to_owned(), None)),
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

async fn start(config: &Config, binary: PathBuf) -> Result<(Nats, Option<Managed>), Failure> {
    let options = managed::Options { binary, folder: config.data.join("nats"), port: None };
    let server = Managed::start(options).await.map_err(anyhow::Error::from)?;
    let url = server.url().to_owned();
    // For whoever reads the streams of this installation.
    fs::write(config.data.join("nats.url"), &url)?;
    // The managed server knows no callers.
    Ok((Nats::Url(url, Login::default()), Some(server)))
}

async fn asked_to_stop() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
