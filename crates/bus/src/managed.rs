//! A local nats-server of our own: started, watched, started again where it dies, stopped with us.
//!
//! Everything of it is in one folder: store, configuration, log, process id, and a lock that the owner holds. The kernel gives the lock
//! free when its owner dies, however it dies; a nats-server found running from this folder under a free lock was left behind and is
//! stopped first, since two servers on one store would ruin it.
//!
//! It listens on the loopback interface without a password: whoever has an account on the machine can reach it.

use std::{
    fs::{self, File, TryLockError},
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

/// How long a start waits until the server answers. One that is still reading a large store is left alone; clients connect when it is done.
const READY_WAIT: Duration = Duration::from_secs(30);
/// Between two looks at a server that starts or stops.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long a server may take to stop before it is killed, which loses nothing (`sync_interval: always`).
const STOP_WAIT: Duration = Duration::from_secs(10);
/// First and longest pause before it is started again, and the life after which the pause begins anew.
const RESTART_DELAY_MIN: Duration = Duration::from_millis(200);
const RESTART_DELAY_MAX: Duration = Duration::from_secs(10);
const HEALTHY_LIFE: Duration = Duration::from_secs(60);
/// How many free ports are tried: another process may take one between the choice and the start.
const PORT_TRIES: usize = 5;

/// What to start and where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The nats-server, see [`find_binary`].
    pub binary: PathBuf,
    /// Folder of its own; made where it is missing.
    pub folder: PathBuf,
    /// Port on the loopback interface; a free one where none is given.
    pub port: Option<u16>,
}

/// Why it could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process runs a server from this folder.
    #[error("another process keeps its nats-server in {0}")]
    InUse(PathBuf),
    /// A file could not be used.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The program could not be started or asked.
    #[error("nats-server: {0}")]
    Io(#[from] io::Error),
    /// It ended before it answered.
    #[error("nats-server ended at once ({status}); its log is {log}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// Where it says why.
        log: PathBuf,
    },
}

/// A nats-server that runs for as long as this value lives.
#[derive(Debug)]
pub struct Managed {
    url: String,
    stop: CancellationToken,
    /// Owns the process, which is killed where the task is dropped.
    supervisor: AbortOnDropHandle<()>,
}

impl Managed {
    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    /// The folder is in use, or the server ended at once.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let folder = Folder::take(&options.folder)?;
        folder.stop_left_behind(&options.binary).await?;
        let mut tries = PORT_TRIES;
        loop {
            let port = options.port.map_or_else(free_port, Ok)?;
            let server = Server {
                binary: options.binary.clone(),
                folder: folder.path.clone(),
                port,
                name: format!("xiaoer-{}", Uuid::now_v7()),
            };
            match server.spawn().await {
                Ok(child) => {
                    let (url, stop) = (format!("nats://127.0.0.1:{port}"), CancellationToken::new());
                    tracing::info!(nats.url = url, "nats-server started");
                    let supervisor = AbortOnDropHandle::new(tokio::spawn(supervise(folder, server, child, stop.clone())));
                    return Ok(Self { url, stop, supervisor });
                }
                Err(Error::Ended { .. }) if options.port.is_none() && tries > 1 => tries -= 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it listens, for the life of this value.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it and waits until it has ended.
    pub async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.supervisor.await {
            tracing::error!(%error, "the nats-server's supervisor failed");
        }
    }
}

/// The nats-server to use: the one in `folder` (`nats-server`, or the highest `nats-server-<version>`), otherwise the one on `PATH`.
pub fn find_binary(folder: &Path) -> Option<PathBuf> {
    let version = |path: &Path| -> Option<Vec<u32>> {
        let name = path.file_name()?.to_str()?;
        let numbers = name.strip_prefix("nats-server")?.trim_start_matches('-');
        Some(numbers.split('.').map_while(|number| number.parse().ok()).collect())
    };
    let files = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let in_folder = files.filter(|path| path.is_file()).filter_map(|path| Some((version(&path)?, path))).max();
    let on_path =
        || std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join("nats-server")).find(|path| path.is_file());
    in_folder.map(|(_, path)| path).or_else(on_path)
}

fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Keeps the server running until it is told to stop. Holds the folder, and with it the lock, until the process has ended.
async fn supervise(folder: Folder, server: Server, mut child: Child, stop: CancellationToken) {
    let mut delay = RESTART_DELAY_MIN;
    loop {
        let started = Instant::now();
        let Some(ended) = stop.run_until_cancelled(child.wait()).await else { break };
        if started.elapsed() > HEALTHY_LIFE {
            delay = RESTART_DELAY_MIN;
        }
        tracing::error!(status = ?ended, delay_ms = delay.as_millis(), "nats-server ended; it is started again");
        let again = async {
            loop {
                sleep(delay).await;
                delay = (delay * 2).min(RESTART_DELAY_MAX);
                match server.spawn().await {
                    Ok(child) => return child,
                    Err(error) => tracing::error!(%error, "nats-server could not be started again"),
                }
            }
        };
        let Some(next) = stop.run_until_cancelled(again).await else { break };
        child = next;
    }
    if let Some(pid) = child.id() {
        terminate(&server.binary, pid).await;
    }
    if timeout(STOP_WAIT, child.wait()).await.is_err() {
        tracing::warn!("nats-server did not stop in time and is killed");
        let _ = child.kill().await;
    }
    drop(folder);
}

/// Asks a nats-server to stop, with its own command for it.
async fn terminate(binary: &Path, pid: u32) {
    let mut command = Command::new(binary);
    command.arg("--signal").arg(format!("term={pid}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = command.status().await {
        tracing::warn!(%error, "nats-server could not be asked to stop");
    }
}

/// One server: what is started, again and again.
struct Server {
    binary: PathBuf,
    folder: PathBuf,
    port: u16,
    /// Unlike any other's, so that nobody else's answer on the port is taken for this server's.
    name: String,
}

impl Server {
    /// Starts the process and waits until it answers, for a while.
    async fn spawn(&self) -> Result<Child, Error> {
        let config = self.folder.join(CONFIG);
        fs::write(&config, self.config()).map_err(|error| Error::File { path: config.clone(), error })?;
        let log = self.folder.join(LOG);
        let errors =
            File::options().create(true).append(true).open(&log).map_err(|error| Error::File { path: log.clone(), error })?;
        let mut child = Command::new(&self.binary)
            .arg("--config")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            // Ctrl-C at the terminal is for us; we stop the server when the relays are done.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let ready = async {
            while !self.answers().await.unwrap_or(false) {
                sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            status = child.wait() => return Err(Error::Ended { status: status?, log }),
            () = ready => {}
            () = sleep(READY_WAIT) => tracing::warn!("nats-server does not answer yet; it may be reading a large store"),
        }
        Ok(child)
    }

    /// Whether the server on the port is this one. It greets its clients when JetStream has read its store.
    async fn answers(&self) -> io::Result<bool> {
        let mut greeting = String::new();
        BufReader::new(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await?).read_line(&mut greeting).await?;
        Ok(greeting.starts_with("INFO ") && greeting.contains(&self.name))
    }

    /// Its configuration. `sync_interval: always`, because an answer of the server is taken to mean that the message is on disk.
    fn config(&self) -> String {
        let Self { port, name, .. } = self;
        let quoted = |file: &str| format!("{:?}", self.folder.join(file).to_string_lossy());
        let (store, pid, log) = (quoted("store"), quoted(PID), quoted(LOG));
        format!(
            "# Written by xiaoer at every start.\n\
             listen: \"127.0.0.1:{port}\"\n\
             server_name: \"{name}\"\n\
             pid_file: {pid}\n\
             log_file: {log}\n\
             logfile_size_limit: 16MB\n\
             logfile_max_num: 4\n\
             logtime_utc: true\n\
             jetstream {{\n  store_dir: {store}\n  sync_interval: always\n  max_file_store: -1\n}}\n"
        )
    }
}

const CONFIG: &str = "nats-server.conf";
const PID: &str = "nats-server.pid";
const LOG: &str = "nats-server.log";

/// A server's folder, ours alone while this value lives.
struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    fn take(path: &Path) -> Result<Self, Error> {
        let at = |error| Error::File { path: path.to_owned(), error };
        fs::create_dir_all(path).map_err(at)?;
        // The process is known by the name of its configuration file, which must not depend on where we were started.
        let path = path.canonicalize().map_err(at)?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join("lock")).map_err(at)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(path)),
            Err(TryLockError::Error(error)) => Err(at(error)),
        }
    }

    /// Stops the server of an owner that was killed. Any other process under that number is left alone.
    async fn stop_left_behind(&self, binary: &Path) -> Result<(), Error> {
        let Some(pid) = fs::read_to_string(self.path.join(PID)).ok().and_then(|text| text.trim().parse::<u32>().ok()) else {
            return Ok(());
        };
        if !self.is_ours(pid) {
            return Ok(());
        }
        tracing::warn!(pid, "a nats-server was left behind; it is stopped");
        terminate(binary, pid).await;
        let asked = Instant::now();
        while self.is_ours(pid) {
            if asked.elapsed() > STOP_WAIT {
                return Err(Error::InUse(self.path.clone()));
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Whether a process runs with this folder's configuration.
    fn is_ours(&self, pid: u32) -> bool {
        let config = self.path.join(CONFIG);
        let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.split(|&byte| byte == 0).any(|argument| argument == config.as_os_str().as_encoded_bytes())
    }
}
