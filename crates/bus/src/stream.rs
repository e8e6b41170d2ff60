//! A log's stream on JetStream: made as it must be, read where it ends, published to at one place only.
//!
//! Each publish carries the sequence it expects to be the last one, so that a second or a late relay is refused, not doubled. A message
//! counts as published only where the answer names its own position; without an answer nothing is known, and the stream is read again.

use crate::{Nats, message, nats::REQUEST_TIMEOUT, relay::Options};
use async_nats::{
    HeaderMap, HeaderValue,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL, NATS_BATCH_ID, NATS_BATCH_SEQUENCE, NATS_EXPECTED_LAST_SEQUENCE},
    jetstream::{
        ErrorCode,
        context::{GetStreamErrorKind, PublishError, PublishErrorKind},
        stream::{Config, DiscardPolicy, Info, RawMessageErrorKind, RetentionPolicy, StorageType},
    },
};
use std::{fmt, time::Duration};
use tokio::time::timeout;
use uuid::Uuid;
use xiaoer_domain::{Code, LogName, Refusal};
use xiaoer_journal::Row;

/// Most messages in one atomic batch: the server's own bound.
const BATCH_MESSAGES_MAX: usize = 1_000;
/// Nothing is published with a message id, so nothing need be remembered; this is the least the server takes.
const DUPLICATE_WINDOW: Duration = Duration::from_millis(100);

/// Where a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Its last sequence, which is a position; 0 where it is empty.
    pub(crate) position: u64,
    /// Leaf hash of that message; none where the message is gone, by age or because the stream begins after it.
    pub(crate) leaf: Option<[u8; 32]>,
}

/// Why a step of the relay did not come about.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Another relay was first.
    Overtaken,
    /// NATS or the journal is away: try again.
    Away(String),
    /// Stream and journal cannot both be right: stop.
    Stop(Refusal),
}

impl Failure {
    pub(crate) fn away(what: &str, error: impl fmt::Display) -> Self {
        Self::Away(format!("{what}: {error}"))
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        match error.kind() {
            PublishErrorKind::WrongLastSequence => Self::Overtaken,
            _ => Self::away("publish", error),
        }
    }
}

/// A log's stream.
#[derive(Debug)]
pub(crate) struct Stream<'a> {
    nats: &'a Nats,
    log: &'a LogName,
    /// Whether this server commits batches as a whole (2.12 and later).
    atomic: bool,
}

impl<'a> Stream<'a> {
    /// Finds the stream or makes it, gives it the settings it must have, and says where it ends.
    pub(crate) async fn open(nats: &'a Nats, log: &'a LogName, options: &Options) -> Result<(Self, Mark), Failure> {
        let info = settled(nats, log, options).await?;
        // A server that does not know atomic batches leaves the setting out of its answer.
        let atomic = options.atomic && info.config.allow_atomic_publish;
        let stream = Self { nats, log, atomic };
        let mark = stream.mark(&info).await?;
        Ok((stream, mark))
    }

    async fn mark(&self, info: &Info) -> Result<Mark, Failure> {
        let position = info.state.last_sequence;
        if info.state.messages == 0 {
            return Ok(Mark { position, leaf: None });
        }
        let stream = self.nats.jetstream().get_stream_no_info(&info.config.name).await;
        let stream = stream.map_err(|error| Failure::away("stream", error))?;
        // Asked of the stream's leader; a direct read could be answered by a replica that is behind.
        let last = match stream.get_raw_message(position).await {
            Ok(message) => message,
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => return Ok(Mark { position, leaf: None }),
            Err(error) => return Err(Failure::away("last message", error)),
        };
        match message::position_and_leaf(&last.headers) {
            Some((at, leaf)) if at == position => Ok(Mark { position, leaf: Some(leaf) }),
            _ => Err(Failure::Stop(Refusal::new(
                Code::LogRewound,
                format!("message {position} of stream {} is no event of the log", info.config.name),
            ))),
        }
    }

    /// Most events in one [`Stream::publish`]. Where the server commits no batches each message is sent when the one before it is
    /// stored: of several under way, one could be refused for a foreign message and the next be taken.
    pub(crate) fn batch_messages_max(&self) -> usize {
        if self.atomic { BATCH_MESSAGES_MAX } else { 1 }
    }

    /// Publishes events that follow on where the stream ends: on success all are stored, on failure all or none.
    pub(crate) async fn publish(&self, rows: &[Row]) -> Result<(), Failure> {
        let sent = async {
            match rows {
                [] => Ok(()),
                [row] => {
                    let mut headers = self.headers(row)?;
                    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, HeaderValue::from(row.position - 1));
                    self.store(row, headers).await
                }
                [before @ .., last] => self.publish_batch(before, last).await,
            }
        };
        timeout(REQUEST_TIMEOUT, sent).await.unwrap_or_else(|elapsed| Err(Failure::away("publish", elapsed)))
    }

    /// One atomic batch: messages without an answer, and a commit with one.
    async fn publish_batch(&self, before: &[Row], last: &Row) -> Result<(), Failure> {
        let id = Uuid::now_v7().simple().to_string();
        for (row, number) in before.iter().zip(1_u64..) {
            let mut headers = self.batch_headers(row, &id, number)?;
            if number == 1 {
                headers.insert(NATS_EXPECTED_LAST_SEQUENCE, HeaderValue::from(row.position - 1));
            }
            let sent = self.nats.client().publish_with_headers(message::subject(self.log, row), headers, row.body.clone()).await;
            sent.map_err(|error| Failure::away("publish", error))?;
        }
        let mut headers = self.batch_headers(last, &id, before.len() as u64 + 1)?;
        headers.insert(NATS_BATCH_COMMIT, NATS_BATCH_COMMIT_FINAL);
        self.store(last, headers).await
    }

    fn batch_headers(&self, row: &Row, id: &str, number: u64) -> Result<HeaderMap, Failure> {
        let mut headers = self.headers(row)?;
        headers.insert(NATS_BATCH_ID, id);
        headers.insert(NATS_BATCH_SEQUENCE, HeaderValue::from(number));
        Ok(headers)
    }

    fn headers(&self, row: &Row) -> Result<HeaderMap, Failure> {
        message::headers(self.log, row).map_err(|error| {
            let message = format!("stored bytes at position {} of log {}: {error}", row.position, self.log);
            Failure::Stop(Refusal::new(Code::Internal, message))
        })
    }

    /// Sends a message and waits until it is stored, at its own position.
    async fn store(&self, row: &Row, headers: HeaderMap) -> Result<(), Failure> {
        let (subject, body) = (message::subject(self.log, row), row.body.clone());
        let stored = self.nats.jetstream().publish_with_headers(subject, headers, body).await?.await?;
        if stored.sequence == row.position {
            return Ok(());
        }
        Err(Failure::Stop(Refusal::new(
            Code::Internal,
            format!("position {} was stored as message {} of stream {}", row.position, stored.sequence, stored.stream),
        )))
    }
}

/// The stream with the settings it must have.
async fn settled(nats: &Nats, log: &LogName, options: &Options) -> Result<Info, Failure> {
    let wanted = |found: Config| Config {
        name: message::stream_name(log),
        subjects: vec![message::stream_subjects(log)],
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        num_replicas: options.replicas,
        max_age: options.max_age.unwrap_or_default(),
        max_bytes: options.max_bytes.unwrap_or(-1),
        max_messages: -1,
        max_messages_per_subject: -1,
        duplicate_window: DUPLICATE_WINDOW,
        deny_delete: true,
        deny_purge: true,
        allow_atomic_publish: options.atomic,
        ..found
    };
    let jetstream = nats.jetstream();
    let found = match jetstream.get_stream(message::stream_name(log)).await {
        Ok(stream) => stream.cached_info().clone(),
        Err(error) if is_missing(&error.kind()) => {
            let first = (options.first_position > 1).then_some(options.first_position);
            let made = wanted(Config { max_consumers: -1, max_message_size: -1, first_sequence: first, ..Config::default() });
            tracing::info!(log = %log, first_position = options.first_position, "making the log's stream");
            let stream = jetstream.create_stream(made).await.map_err(|error| Failure::away("make stream", error))?;
            return Ok(stream.cached_info().clone());
        }
        Err(error) => return Err(Failure::away("find stream", error)),
    };
    let config = wanted(found.config.clone());
    if config == found.config {
        return Ok(found);
    }
    tracing::info!(log = %log, "giving the log's stream its settings");
    jetstream.update_stream(config).await.map_err(|error| Failure::away("set stream", error))
}

pub(crate) fn is_missing(error: &GetStreamErrorKind) -> bool {
    matches!(error, GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND)
}
