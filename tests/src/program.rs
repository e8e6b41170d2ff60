//! The program: built once a run, started in a folder of the test's own, killed or stopped.

use crate::{Client, PATIENCE, postgres, until};
use sqlx::{
    AssertSqlSafe, Connection as _,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU16, AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the reference data beside the repository. Where it is not there the test says so and ends; it goes around the capture
/// of output, so that nobody takes the silence for success.
pub fn reference(path: &str) -> Option<PathBuf> {
    use std::io::Write;
    let file = root().join("../shared/data").join(path);
    if !file.exists() {
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr(), "DID NOT RUN: {name}: no {}", file.display());
        return None;
    }
    Some(file)
}

/// The binary, built now of the same profile as the tests, so that no test runs against an old one.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.current_dir(root()).args(["build", "--quiet", "--workspace", "--bin", "xiaoer"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        // Set by the cargo that runs the tests. The build script of ring asks for them, and would be run again with all that rests on it,
        // here and at the next build outside of a test.
        let of_package = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_package)).for_each(|(name, _)| {
            build.env_remove(name);
        });
        assert!(build.status().expect("cargo").success(), "the binary is built");
        // target/<profile>/deps/<this test>
        let here = std::env::current_exe().expect("the path of this test");
        here.ancestors().nth(2).expect("the profile's folder").join("xiaoer")
    })
}

/// A client command of the binary, for one server.
pub fn command(server: &Server) -> Command {
    let mut command = Command::new(binary());
    command.env("XIAOER_SERVER", server.url()).env_remove("XIAOER_LOG_NAME").stdin(Stdio::null()).current_dir(root());
    command
}

/// A folder of data, and the port its servers use one after the other.
#[derive(Debug)]
pub struct Lab {
    folder: TempDir,
    /// The database with the journals; none where they are in the folder.
    database: Option<String>,
    port: AtomicU16,
    starts: AtomicU32,
}

impl Lab {
    /// An empty folder.
    #[allow(clippy::new_without_default)] // It makes a folder.
    pub fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder"), database: None, port: AtomicU16::new(0), starts: AtomicU32::new(0) }
    }

    /// An empty folder, with the journals in a Postgres database.
    pub fn on(url: &str) -> Self {
        let mut lab = Self::new();
        lab.database = Some(url.to_owned());
        lab
    }

    /// Puts another database in the place of this one.
    pub fn replace_database(&mut self, url: &str) {
        self.database = Some(url.to_owned());
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What starts a server. `nats` is `managed`, `off` or a URL.
    pub fn command(&self, nats: &str) -> Command {
        let mut command = self.node("serve", nats);
        command.arg("--tools").arg(root().join(".tools"));
        command
    }

    fn node(&self, role: &str, nats: &str) -> Command {
        let mut command = Command::new(binary());
        command.args([role, "--log-json", "--nats", nats, "--data"]).arg(self.data());
        command.args(["--listen", &format!("127.0.0.1:{}", self.port.load(Ordering::Relaxed))]).stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("XIAOER_DATABASE", database);
        }
        command
    }

    /// A command that works on the databases themselves.
    pub fn offline(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).arg("--data").arg(self.data()).env_remove("XIAOER_LOG_NAME").stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("XIAOER_DATABASE", database);
        }
        command
    }

    /// Runs statements in the database of a log, behind the journal's back.
    pub async fn sql(&self, log: &str, statements: &str) {
        let Some(database) = &self.database else {
            let file = SqliteConnectOptions::new().filename(self.data().join(format!("journal/{log}.db"))).busy_timeout(PATIENCE);
            let mut connection = SqliteConnection::connect_with(&file).await.expect("the journal opens");
            sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut connection).await.expect("the statements run");
            return connection.close().await.expect("it closes");
        };
        postgres::run(database, statements).await;
    }

    /// Starts a server and waits until it serves.
    pub async fn serve(&self, nats: &str) -> Server {
        self.serve_with(nats, |_| ()).await
    }

    /// As [`Lab::serve`], with more on its command line.
    pub async fn serve_with(&self, nats: &str, more: impl FnOnce(&mut Command)) -> Server {
        let mut command = self.command(nats);
        more(&mut command);
        self.start(command).await
    }

    /// Starts a node that follows logs, and waits until it serves.
    pub async fn project(&self, nats: &str, options: &[&str]) -> Server {
        let mut command = self.node("project", nats);
        command.args(options);
        self.start(command).await
    }

    async fn start(&self, mut command: Command) -> Server {
        let log = self.folder.path().join(format!("serve-{}.log", self.starts.fetch_add(1, Ordering::Relaxed)));
        let child = command.stderr(File::create(&log).expect("a log file")).spawn().expect("the server starts");
        let mut server = Server { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), log, data: self.data() };
        server.address = server.serving().await;
        self.port.store(server.address.port(), Ordering::Relaxed);
        server
    }
}

impl Drop for Lab {
    /// A server that was killed leaves its nats-server behind, which the next start would have stopped.
    fn drop(&mut self) {
        let pid_file = self.data().join("nats/nats-server.pid");
        if let Ok(pid) = fs::read_to_string(pid_file) {
            let _ = Command::new("kill").args(["-9", pid.trim()]).stderr(Stdio::null()).status();
        }
    }
}

/// A running server; killed where it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    log: PathBuf,
    data: PathBuf,
}

impl Server {
    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL of its own nats-server.
    pub fn nats_url(&self) -> String {
        fs::read_to_string(self.data.join("nats.url")).expect("a managed nats-server")
    }

    /// A client with a connection of its own.
    pub fn client(&self) -> Client {
        Client::to(&self.url())
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ended");
    }

    /// Asks it to stop, as a terminal or systemd would.
    pub fn ask_to_stop(&self) {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        assert!(asked.success(), "it runs: {}", self.said());
    }

    /// Asks it to stop, and waits.
    pub async fn stop(mut self) -> ExitStatus {
        self.ask_to_stop();
        until("it stops", async || self.child.try_wait().expect("its status")).await
    }

    /// Memory that it has now, in KiB.
    pub fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line of its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// What it wrote.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    async fn serving(&mut self) -> SocketAddr {
        until("it serves", async || {
            let said = self.said();
            let Some(line) = said.lines().find(|line| line.contains("serving gRPC")) else {
                assert!(self.child.try_wait().expect("its status").is_none(), "it ended at once: {said}");
                return None;
            };
            let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            line["fields"]["address"].as_str().expect("an address").parse().ok()
        })
        .await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
