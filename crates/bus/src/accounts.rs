//! The configuration of a nats-server of yours, with who may do what there: the relay publishes and keeps the streams, readers read
//! those of their logs, and nobody else does anything.
//!
//! Everyone is known by a key (nkey), of which the server has the public half only, and is answered at an inbox of his own. A reader
//! cannot publish, and cannot make, change, purge or delete a stream.
//! Left to others: who may read what inside a log. A stream knows no scope, so its readers are for log-wide roles.

use crate::{message::stream_name, nats::inbox};
use nkeys::KeyPair;
use std::{fmt, path::PathBuf};
use xiaoer_domain::LogName;

/// A server to be configured.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Where it listens, `host:port`.
    pub listen: String,
    /// Folder of the streams.
    pub store: PathBuf,
    /// Its certificate and private key (PEM); plain where none are given.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Whoever relays.
    pub relay: String,
    /// Readers: the public key, and what it reads.
    pub readers: Vec<(String, Reads)>,
}

/// The logs of a reader.
#[derive(Debug, Clone)]
pub enum Reads {
    /// Every log there is and will be, sealed ones too.
    All,
    /// These.
    Logs(Vec<LogName>),
}

impl Reads {
    /// Their streams, and the subjects of what is told beside them.
    fn streams(&self) -> Vec<(String, String)> {
        match self {
            Self::All => vec![("*".into(), "xiaoer.>".into())],
            Self::Logs(logs) => logs.iter().map(|log| (stream_name(log), format!("xiaoer.{log}.>"))).collect(),
        }
    }
}

/// A new key: its seed, which its holder keeps, and its public half.
///
/// # Errors
/// There are no random numbers.
pub fn new_key() -> Result<(String, String), nkeys::error::Error> {
    let key = KeyPair::new_user();
    Ok((key.seed()?, key.public_key()))
}

/// What a reader may ask of a stream. To list, make, change, purge or delete one is none of it, nor to delete the consumer of another.
const OF_A_STREAM: [&str; 9] = [
    "$JS.API.STREAM.INFO.{stream}",
    "$JS.API.STREAM.MSG.GET.{stream}",
    "$JS.API.DIRECT.GET.{stream}",
    "$JS.API.CONSUMER.CREATE.{stream}",
    "$JS.API.CONSUMER.CREATE.{stream}.>",
    "$JS.API.CONSUMER.INFO.{stream}.>",
    "$JS.API.CONSUMER.MSG.NEXT.{stream}.>",
    "$JS.ACK.{stream}.>",
    "$JS.FC.{stream}.>",
];

impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, store, tls, relay, readers } = self;
        writeln!(f, "# Written by `xiaoer nats-config`. Keys: the public halves; who holds a seed is who it says.")?;
        writeln!(f, "listen: {listen:?}\nserver_name: \"xiaoer\"")?;
        if let Some((certificate, key)) = tls {
            writeln!(f, "tls {{ cert_file: {certificate:?}, key_file: {key:?} }}")?;
        }
        // An answer of the server is taken to mean that the message is on disk.
        writeln!(f, "jetstream {{ store_dir: {store:?}, sync_interval: always, max_file_store: -1 }}")?;
        writeln!(f, "accounts {{\n  XIAOER {{\n    jetstream: enabled\n    users: [")?;
        user(f, relay, &["xiaoer.>".into(), "$JS.API.>".into()], &[])?;
        for (key, reads) in readers {
            let of = reads.streams();
            let mut asks = vec!["$JS.API.INFO".to_owned(), "$JS.API.STREAM.NAMES".to_owned()];
            asks.extend(of.iter().flat_map(|(stream, _)| OF_A_STREAM.map(|subject| subject.replace("{stream}", stream))));
            let hears: Vec<String> = of.into_iter().map(|(_, told)| told).collect();
            user(f, key, &asks, &hears)?;
        }
        writeln!(f, "    ]\n  }}\n  SYS {{ users: [] }}\n}}\nsystem_account: SYS")
    }
}

/// A user: what it may publish to, and hear beside its own inbox.
fn user(f: &mut fmt::Formatter<'_>, key: &str, asks: &[String], hears: &[String]) -> fmt::Result {
    let mut hears = hears.to_vec();
    hears.push(format!("{}.>", inbox(key)));
    writeln!(f, "      {{ nkey: {key}, permissions: {{ publish: {asks:?}, subscribe: {hears:?} }} }}")
}
