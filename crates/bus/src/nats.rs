//! The connection to NATS: made once, kept for ever.

use async_nats::{Client, ConnectOptions, Event, connection::State, jetstream};
use std::{fmt, time::Duration};
use tokio::sync::watch;

/// Longest wait for an answer. A commit of a thousand messages takes milliseconds; a slow disk or a new leader takes seconds.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

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
    /// The URL is none.
    pub async fn connect(url: &str) -> Result<Self, async_nats::ConnectError> {
        let losses = watch::Sender::new(0);
        let counted = losses.clone();
        let client = ConnectOptions::new()
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
