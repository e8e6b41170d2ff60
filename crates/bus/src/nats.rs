//! The connection to NATS: made once, kept for ever.

use async_nats::{Client, ConnectOptions, Event, connection::State, jetstream};
use std::{fmt, fs, io, path::PathBuf, time::Duration};
use tokio::sync::watch;

/// Longest wait for an answer. A commit of a thousand messages takes milliseconds; a slow disk or a new leader takes seconds.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How a connection makes itself known, and whom it trusts. What is not given is not needed by the server.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// A file with the seed of a key (nkey) that the server knows.
    pub seed: Option<PathBuf>,
    /// Root that the server's certificate is signed by (PEM); with it the connection must be TLS.
    pub roots: Option<PathBuf>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is none, or the roots.
    #[error(transparent)]
    Nats(#[from] async_nats::ConnectError),
    /// The seed.
    #[error("{path}: {why}")]
    Seed {
        /// Which file.
        path: PathBuf,
        /// What is wrong; never what it holds.
        why: String,
    },
}

impl Login {
    fn options(&self) -> Result<ConnectOptions, ConnectError> {
        let mut options = match &self.seed {
            None => ConnectOptions::new(),
            Some(path) => {
                let wrong = |why: String| ConnectError::Seed { path: path.clone(), why };
                let seed = fs::read_to_string(path).map_err(|error: io::Error| wrong(error.to_string()))?;
                let key = nkeys::KeyPair::from_seed(seed.trim()).map_err(|_| wrong("no seed of a key".into()))?;
                // An inbox of its own: who could listen to all inboxes would read what others are sent.
                ConnectOptions::with_nkey(seed.trim().to_owned()).custom_inbox_prefix(inbox(&key.public_key()))
            }
        };
        if let Some(roots) = &self.roots {
            options = options.add_root_certificates(roots.clone()).require_tls(true);
        }
        Ok(options)
    }
}

/// Beginning of the subjects at which the holder of a key is answered.
pub(crate) fn inbox(public: &str) -> String {
    format!("_INBOX_{public}")
}

/// A connection that is made again whenever it is lost. Clones share it.
#[derive(Clone)]
pub struct Nats {
    client: Client,
    jetstream: jetstream::Context,
    /// Counts the times the connection was lost.
    losses: watch::Sender<u64>,
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nats").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

impl Nats {
    /// Connects to `nats://[user:password@]host[:port]`, or to any of a cluster named with commas between. Returns at once where the server is away; the connection is then made later.
    ///
    /// # Errors
    /// The URL is none, or what it logs in with.
    pub async fn connect(url: &str, login: &Login) -> Result<Self, ConnectError> {
        let losses = watch::Sender::new(0);
        let counted = losses.clone();
        let client = login
            .options()?
            .name("xiaoer")
            .retry_on_initial_connect()
            .max_reconnects(None)
            .request_timeout(Some(REQUEST_TIMEOUT))
            .event_callback(move |event| {
                tracing::info!(nats.event = %event, "NATS connection");
                if event == Event::Disconnected {
                    counted.send_modify(|losses| *losses += 1);
                }
                std::future::ready(())
            })
            .connect(url.split(',').collect::<Vec<_>>())
            .await?;
        let jetstream =
            jetstream::ContextBuilder::new().timeout(REQUEST_TIMEOUT).ack_timeout(REQUEST_TIMEOUT).build(client.clone());
        Ok(Self { client, jetstream, losses })
    }

    /// Whether it is connected now.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Changes when the connection is lost: what was on its way then will not be answered, and the next server may have another store.
    pub fn losses(&self) -> watch::Receiver<u64> {
        self.losses.subscribe()
    }

    /// The client, for messages outside the streams.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// JetStream.
    pub fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }
}
