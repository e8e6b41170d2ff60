//! Keys of a server with authentication, as `xiaoer keys` makes them, and the clients that hold them.

use crate::{Client, Server, binary};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// A folder of keys.
#[derive(Debug)]
pub struct Keys {
    _outer: TempDir,
    folder: PathBuf,
}

impl Keys {
    /// Made now.
    #[allow(clippy::new_without_default)] // It runs a program.
    pub fn new() -> Self {
        let outer = TempDir::new().expect("a folder");
        let folder = outer.path().join("keys");
        let made = Command::new(binary()).arg("keys").arg(&folder).output().expect("it starts");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { _outer: outer, folder }
    }

    /// One of its files.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Makes a server use them.
    pub fn secure(&self, command: &mut Command) {
        command.arg("--security").arg(self.file("security.toml"));
    }

    /// A token of these claims, as arguments of `xiaoer token`.
    pub fn token(&self, claims: &[&str]) -> String {
        self.token_by("tokens.key", claims)
    }

    /// The same, signed by another key.
    pub fn token_by(&self, key: &str, claims: &[&str]) -> String {
        let output = Command::new(binary()).args(["token", "--key"]).arg(self.file(key)).args(claims).output().expect("it starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    /// A connection, with the certificate of a system where one is named.
    pub fn channel(&self, server: &Server, system: Option<&str>) -> Channel {
        let mut tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(&self.file("root.pem"))));
        if let Some(system) = system {
            let [certificate, key] = ["pem", "key"].map(|end| read(&self.file(&format!("{system}.{end}"))));
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let url = format!("https://localhost:{}", server.address.port());
        Endpoint::from_shared(url).expect("a URL").tls_config(tls).expect("certificates").tcp_nodelay(true).connect_lazy()
    }

    /// A client with a token.
    pub fn bearer(&self, server: &Server, token: &str) -> Client {
        Client::over(self.channel(server, None), Some(token))
    }

    /// A client with the certificate of a system.
    pub fn system(&self, server: &Server, system: &str) -> Client {
        Client::over(self.channel(server, Some(system)), None)
    }
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
