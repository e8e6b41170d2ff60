//! The feed: events of a log after a position, in batches, without a hole, from a stream that holds them.
//!
//! ```text
//!  stream    … 5  6  7  8  9        the log's own, a mirror of it, or a hub's among the events of other logs
//!                 │  │  │  └─► feed ─► a copy of the log, which says where to go on
//!  copy      1…5  6  7  8
//! ```
//!
//! It begins at the copy's own head, so that a stream that holds another event there is noticed, and it counts positions, not
//! sequences. Whatever ends it ends it whole; who follows opens the next one where the copy stands then.

use crate::{Nats, message, nats::REQUEST_TIMEOUT};
use async_nats::jetstream::{
    consumer::{AckPolicy, DeliverPolicy, pull},
    message::StreamMessage,
    stream::{Info, RawMessageErrorKind, Stream},
};
use futures::{FutureExt, StreamExt, TryStreamExt};
use std::{collections::BTreeSet, fmt, time::Duration};
use xiaoer_domain::{Code, LogName, Refusal};
use xiaoer_journal::{Log, Row};

/// Most events of one batch, and about the most stored bytes: one commit of the copy.
const BATCH_EVENTS_MAX: usize = 1_000;
const BATCH_BYTES_MAX: usize = 4 << 20;
/// How long a stream may be silent before the consumer is taken for lost.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// When the server forgets a consumer that nobody asks any more.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// Why a feed ended.
#[derive(Debug)]
pub enum Failure {
    /// NATS, the stream or the copy is away: try again.
    Away(String),
    /// The stream begins with this position, after the next one: the events between have to come from elsewhere.
    Trimmed(u64),
    /// Stream and copy cannot both be right: stop.
    Stop(Refusal),
}

impl Failure {
    fn away(what: &str, error: impl fmt::Display) -> Self {
        Self::Away(format!("{what}: {error}"))
    }
}

impl From<xiaoer_journal::Error> for Failure {
    fn from(error: xiaoer_journal::Error) -> Self {
        match error {
            xiaoer_journal::Error::Away(_) => Self::away("the copy", error),
            _ => Self::Stop(Refusal { message: error.to_string(), ..Refusal::from(&error) }),
        }
    }
}

/// The logs that there are streams of, or that a hub's stream has events of.
///
/// # Errors
/// Only [`Failure::Away`].
pub async fn logs(nats: &Nats, hub: Option<&str>) -> Result<BTreeSet<LogName>, Failure> {
    let names: Vec<String> = match hub {
        None => {
            let names = nats.jetstream().stream_names().try_collect::<Vec<_>>().await;
            names.map_err(|error| Failure::away("streams", error))?
        }
        Some(hub) => {
            let stream = nats.jetstream().get_stream_no_info(hub).await.map_err(|error| Failure::away("stream", error))?;
            let subjects = stream.info_with_subjects("xiaoer.*.event.>").await.map_err(|error| Failure::away("stream", error))?;
            let subjects = subjects.try_collect::<Vec<_>>().await.map_err(|error| Failure::away("stream", error))?;
            subjects.into_iter().map(|(subject, _)| subject).collect()
        }
    };
    Ok(names.iter().filter_map(|name| message::log_of(name)).collect())
}

/// Events of one log under way.
pub struct Feed {
    log: LogName,
    stream: Stream,
    messages: pull::Stream,
    /// Position of the last event given, or of the copy's head where the feed began.
    last: u64,
    /// A message that was read and is of no batch yet.
    held: Option<Row>,
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("log", &self.log).field("last", &self.last).finish_non_exhaustive()
    }
}

impl Feed {
    /// Begins where a copy ends; from the start where there is none. The stream is the log's own where no other is named.
    ///
    /// # Errors
    /// Where the stream holds another event at the copy's head, or none that follows it; see [`Failure`].
    pub async fn open(nats: &Nats, log: &LogName, stream: Option<&str>, copy: Option<&Log>) -> Result<Self, Failure> {
        // Without a connection requests would queue up in the client and be sent when nobody waits for them any more.
        if !nats.is_connected() {
            return Err(Failure::Away("NATS is away".into()));
        }
        let last = match copy {
            Some(copy) => copy.head().await?.position,
            None => 0,
        };
        let name = stream.map_or_else(|| message::stream_name(log), str::to_owned);
        let stream = nats.jetstream().get_stream(&name).await.map_err(|error| Failure::away("stream", error))?;
        let start = Look { log, stream: &stream, info: stream.cached_info() }.start(last, copy).await?;
        let config = pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: start },
            ack_policy: AckPolicy::None,
            filter_subject: message::stream_subjects(log),
            inactive_threshold: FORGET_AFTER,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let consumer = stream.create_consumer(config).await.map_err(|error| Failure::away("consumer", error))?;
        let messages = consumer.stream().max_messages_per_batch(BATCH_EVENTS_MAX).heartbeat(HEARTBEAT);
        let messages = messages.expires(REQUEST_TIMEOUT * 3).messages().await.map_err(|error| Failure::away("consumer", error))?;
        Ok(Self { log: log.clone(), stream, messages, last, held: None })
    }

    /// Position of the last event given.
    pub fn position(&self) -> u64 {
        self.last
    }

    /// The next events, at least one; waits for it as long as it takes. What was given before has to stand in the copy by then:
    /// an event that comes again is compared with it.
    ///
    /// # Errors
    /// The feed has ended; see [`Failure`].
    pub async fn next(&mut self, copy: Option<&Log>) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        while rows.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
            let row = match self.held.take() {
                Some(row) => row,
                None if rows.is_empty() => self.read().await?,
                None => match self.read().now_or_never() {
                    Some(row) => row?,
                    None => break,
                },
            };
            if row.position != self.last + 1 {
                if !rows.is_empty() {
                    self.held = Some(row);
                    break;
                }
                self.judge(&row, copy).await?;
                continue;
            }
            self.last = row.position;
            bytes += row.body.len();
            rows.push(row);
        }
        Ok(rows)
    }

    async fn read(&mut self) -> Result<Row, Failure> {
        match self.messages.next().await {
            Some(Ok(message)) => {
                let (message, _) = message.split();
                let headers = message.headers.unwrap_or_default();
                message::row(&self.log, &message.subject, &headers, message.payload).map_err(Failure::Stop)
            }
            Some(Err(error)) => Err(Failure::away("consumer", error)),
            None => Err(Failure::Away("the consumer has ended".into())),
        }
    }

    /// An event that is not the next one: it came again, or there is a gap before it.
    async fn judge(&self, row: &Row, copy: Option<&Log>) -> Result<(), Failure> {
        if row.position <= self.last {
            if let Some(copy) = copy {
                copy.check(row.position, &row.leaf_hash).await?;
            }
            return Ok(());
        }
        let info = self.stream.get_info().await.map_err(|error| Failure::away("stream", error))?;
        Err(Look { log: &self.log, stream: &self.stream, info: &info }.gap(self.last, row.position).await)
    }
}

/// A look at what a stream holds of a log, message by message.
struct Look<'a> {
    log: &'a LogName,
    stream: &'a Stream,
    info: &'a Info,
}

impl Look<'_> {
    /// The first event of the log at or after a sequence, with its own.
    async fn next(&self, sequence: u64) -> Result<Option<(u64, Row)>, Failure> {
        let subjects = message::stream_subjects(self.log);
        // Asked of the stream's leader; a direct read could be answered by a replica that is behind.
        match self.stream.get_first_raw_message_by_subject(subjects, sequence).await {
            Ok(StreamMessage { subject, sequence, headers, payload, .. }) => {
                let row = message::row(self.log, &subject, &headers, payload).map_err(Failure::Stop)?;
                Ok(Some((sequence, row)))
            }
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(Failure::away("message", error)),
        }
    }

    /// The sequence to begin at, for a copy that ends with a position: that of the same event, or of the next one.
    ///
    /// The sequence is a position in a log's own stream only, and even there it need not be taken on trust: positions ascend along
    /// sequences, so this is a binary search.
    async fn start(&self, last: u64, copy: Option<&Log>) -> Result<u64, Failure> {
        let (mut below, mut from) = (self.info.state.first_sequence.max(1), self.info.state.last_sequence + 1);
        let mut found = None;
        let mut before = None;
        while below < from {
            let middle = below + (from - below) / 2;
            match self.next(middle).await? {
                Some((sequence, row)) if row.position < last.max(1) => {
                    below = sequence + 1;
                    before = Some(row);
                }
                other => {
                    from = middle;
                    found = other.or(found);
                }
            }
        }
        if let Some((_, row)) = found.as_ref().filter(|(_, row)| row.position > last + 1) {
            return Err(self.gap(last, row.position).await);
        }
        // The copy's head; or, where nothing in the stream is as new, the newest: a stream that is being filled again has the same
        // past, and what comes again is compared as it comes.
        let seen = found.as_ref().map(|(_, row)| row).filter(|row| row.position == last).or(before.as_ref());
        if let (Some(copy), Some(row)) = (copy, seen) {
            copy.check(row.position, &row.leaf_hash).await?;
        }
        Ok(found.map_or(self.info.state.last_sequence + 1, |(sequence, _)| sequence))
    }

    /// What a gap after a position is: retention cut off what the stream began with, or there is a hole.
    async fn gap(&self, last: u64, position: u64) -> Failure {
        match self.next(self.info.state.first_sequence.max(1)).await {
            Ok(Some((_, first))) if first.position > last + 1 => Failure::Trimmed(first.position),
            Ok(_) => Failure::Stop(Refusal::new(
                Code::FeedHole,
                format!("log {}: position {position} comes in the stream where {} should", self.log, last + 1),
            )),
            Err(failure) => failure,
        }
    }
}
