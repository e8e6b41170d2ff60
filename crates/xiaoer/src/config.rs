//! The configuration file of `serve` and of the commands that work on the databases: TOML, every key may be left out.
//!
//! Promise: what is wrong is told by its line, without the text that stands there, which may be a URL with a password.
//! Left to others: what the values mean, and what the command line says instead.

use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf};

/// What the file says.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_debug_implementations, reason = "it holds passwords")]
pub struct File {
    /// The data folder.
    pub data: Option<PathBuf>,
    /// Where journals and read tables are.
    pub database: Option<Databases>,
    /// `managed`, `off` or a URL.
    pub nats: Option<String>,
    /// File with the seed of the key to log in with there; from the folder of the configuration, as the next.
    pub nats_seed: Option<PathBuf>,
    /// Root that its certificate is signed by.
    pub nats_roots: Option<PathBuf>,
    /// Servers that keep a stream.
    pub nats_replicas: Option<usize>,
    /// Folder with the keys of the vault.
    pub vault_keys: Option<PathBuf>,
    /// The address to listen on.
    pub listen: Option<SocketAddr>,
    /// The file that says how callers are known; from the folder of the configuration.
    pub security: Option<PathBuf>,
    /// Listen on it also where anybody could reach it.
    pub insecure: Option<bool>,
}

/// `sqlite`, one URL, or a table of databases with the logs that belong to each.
#[derive(Deserialize)]
#[serde(untagged, expecting = "neither a text nor a list of [[database]], each with logs and one of url and url_file")]
#[allow(missing_debug_implementations, reason = "it holds passwords")]
pub enum Databases {
    /// `sqlite` or a URL.
    One(String),
    /// `[[database]]`.
    Several(Vec<Table>),
}

/// One database. Its URL stands here, or in a file of its own that only the server may read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_debug_implementations, reason = "it holds passwords")]
pub struct Table {
    /// The URL.
    pub url: Option<String>,
    /// From the folder of the configuration.
    pub url_file: Option<PathBuf>,
    /// Names of logs, and beginnings of names with a `*` behind.
    pub logs: Vec<String>,
}

impl File {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// What is wrong and in which line.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            format!("line {}: {}", 1 + before.matches('\n').count(), without_values(error.message()))
        })
    }
}

/// What is wrong, without the value or the name that stands there: the line leads to it.
fn without_values(message: &str) -> String {
    let begin = |text: &str| text.split(['`', '"']).next().unwrap_or_default().trim_end().to_owned();
    match message.rsplit_once(", expected ") {
        // What is expected are names and forms of ours. A value may itself hold these words, so the last of them count.
        Some((wrong, expected)) => format!("{}, expected {expected}", begin(wrong)),
        None if message.starts_with("missing field ") => message.to_owned(),
        None => begin(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        let table = [
            ("data = 7", "line 1: invalid type: integer, expected path string"),
            ("\nnats_replicas = \"s3cret\"", "line 2: invalid type: string, expected usize"),
            ("\n\ns3cret = 1", "line 3: unknown field, expected one of `data`, `database`"),
            ("[[database]]\nurl = \"s3cret\"", "line 1: neither a text nor a list of [[database]], each with logs"),
            ("database = \"s3cret", "line 1: invalid basic string"),
            ("listen = \"s3cret, expected s3cret\"", "line 1: invalid socket address"),
            ("nats_replicas = \"x, expected s3cret\"", "line 1: invalid type: string, expected usize"),
        ];
        for (text, expected) in table {
            let error = File::parse(text).err().unwrap_or_else(|| panic!("{text}"));
            assert!(error.starts_with(expected), "{text}: {error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
