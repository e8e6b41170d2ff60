//! `xiaoer serve`: configuration, wiring, and stopping in order.

use crate::{cli::ServeArgs, client::Failure};
use anyhow::Context;
use serde::Deserialize;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use xiaoer_bus::{Managed, find_binary, managed};
use xiaoer_server::{Database, Nats, Node, Options, serve, system_clock};

const DATA_DEFAULT: &str = "data";
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 50_051);

/// The configuration file; every key may be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    database: Option<String>,
    nats: Option<String>,
    listen: Option<SocketAddr>,
    insecure: Option<bool>,
}

/// The configuration in force.
#[derive(Debug)]
struct Config {
    data: PathBuf,
    database: Option<Database>,
    nats: Option<String>,
    listen: SocketAddr,
}

pub(crate) async fn run(args: ServeArgs) -> Result<(), Failure> {
    let tools = args.tools.clone();
    let config = config(args)?;
    fs::create_dir_all(&config.data).with_context(|| format!("the data folder {}", config.data.display()))?;
    let _lock = lock(&config.data)?;
    let (nats, server) = nats(&config, &tools).await?;
    if let Some(database) = &config.database {
        tracing::info!(%database, "the journals are in Postgres");
    }
    let options = Options { data: config.data.clone(), database: config.database.clone(), nats };
    let node = Node::start(options, system_clock()).await.map_err(anyhow::Error::from)?;
    let stop = CancellationToken::new();
    let listening = serve(node, config.listen, stop.clone()).await.with_context(|| format!("listening on {}", config.listen))?;
    tracing::info!(address = %listening.address, data = %config.data.display(), "serving gRPC and gRPC-Web, without authentication");
    asked_to_stop().await?;
    tracing::info!("stopping: answering what has entered");
    stop.cancel();
    listening.ended().await.map_err(anyhow::Error::from)?;
    if let Some(server) = server {
        server.stop().await;
    }
    tracing::info!("stopped");
    Ok(())
}

fn config(args: ServeArgs) -> Result<Config, Failure> {
    let file = match &args.config {
        None => File::default(),
        Some(path) => {
            let text = fs::read_to_string(path).with_context(|| format!("the configuration {}", path.display()))?;
            toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?
        }
    };
    let database = database(args.database.or(file.database.map(Database)))?;
    let listen = args.listen.or(file.listen).unwrap_or(LISTEN_DEFAULT);
    let insecure = args.insecure || file.insecure.unwrap_or(false);
    if !listen.ip().is_loopback() && !insecure {
        let text = "is no loopback address, and there is no authentication yet: anyone who reaches it could post and read. Say --insecure to listen all the same";
        return Err(Failure::Usage(format!("--listen {listen} {text}")));
    }
    let data = args.data.or(file.data).unwrap_or_else(|| DATA_DEFAULT.into());
    Ok(Config { data, database, nats: args.nats.or(file.nats), listen })
}

/// None where the journals are files in the data folder.
fn database(asked: Option<Database>) -> Result<Option<Database>, Failure> {
    match asked {
        None => Ok(None),
        Some(Database(sqlite)) if sqlite == "sqlite" => Ok(None),
        Some(database) if database.0.starts_with("postgres://") || database.0.starts_with("postgresql://") => Ok(Some(database)),
        // What was given is not said again: it may be a URL with a password and a slip in front.
        Some(_) => Err(Failure::Usage("--database: neither `sqlite` nor a URL that begins with postgres://".into())),
    }
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
        Some(url) => Ok((Nats::Url(url.to_owned()), None)),
        None => match find_binary(tools) {
            Some(binary) => start(config, binary).await,
            None => {
                tracing::warn!("no nats-server found: events are recorded and not published; subscribe over gRPC, or see --nats");
                Ok((Nats::Off, None))
            }
        },
    }
}

async fn start(config: &Config, binary: PathBuf) -> Result<(Nats, Option<Managed>), Failure> {
    let options = managed::Options { binary, folder: config.data.join("nats"), port: None };
    let server = Managed::start(options).await.map_err(anyhow::Error::from)?;
    let url = server.url().to_owned();
    // For whoever reads the streams of this installation.
    fs::write(config.data.join("nats.url"), &url)?;
    Ok((Nats::Url(url), Some(server)))
}

async fn asked_to_stop() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
