//! A cluster of a test's own, as `deploy/local-cluster` starts it, in a temporary folder and on free ports.
//!
//! The file belongs to every test that needs one, also to those of crates that `xiaoer-tests` is built on.

use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::process::Command;

/// Members of a cluster. They end where this is dropped, and where this process ends without that.
#[derive(Debug)]
pub struct Cluster {
    script: PathBuf,
    folder: TempDir,
}

impl Cluster {
    /// Starts members; all where none is named.
    pub async fn up(members: &[&str]) -> Self {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("deploy/local-cluster/cluster"));
        let script = scripts.into_iter().find(|script| script.exists()).expect("deploy/local-cluster/cluster");
        let cluster = Self { script, folder: TempDir::new().expect("a folder") };
        cluster.run(&[&["up"], members].concat()).await;
        cluster
    }

    /// Runs a command of the script; what it prints.
    pub async fn run(&self, arguments: &[&str]) -> String {
        self.run_with(arguments, &[]).await
    }

    /// As [`Cluster::run`], with more in the environment.
    pub async fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
        let mut command = Command::new(&self.script);
        command.arg(self.folder.path()).args(arguments).env("BASE", "0").env("PROFILE", profile);
        command.env("WHILE", std::process::id().to_string()).envs(environment.iter().copied());
        let output = command.output().await.expect("the script runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// Where a member is reached, or all of a kind.
    pub async fn url(&self, name: &str) -> String {
        self.run(&["url", name]).await
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = std::process::Command::new(&self.script).arg(self.folder.path()).arg("down").status();
    }
}
