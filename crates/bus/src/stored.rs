//! A log's stream as it stands, read by whoever compares it with the log: where it begins and ends, and its messages in order.

use crate::{Nats, message, nats::REQUEST_TIMEOUT, stream::is_missing};
use async_nats::jetstream::{
    Message,
    consumer::{DeliverPolicy, pull},
    stream::{Info, Stream},
};
use futures::StreamExt;
use std::fmt;
use tokio::time::timeout;
use xiaoer_domain::{Code, LogName, Refusal};
use xiaoer_journal::Row;

/// A position and the leaf hash that stands there.
pub type Point = (u64, [u8; 32]);

/// A log's stream, as it stood when it was opened.
pub struct Stored {
    nats: Nats,
    log: LogName,
    stream: Stream<Info>,
    /// Position of its first message; one more than the last where there is none.
    pub first: u64,
    /// Position of its last message.
    pub last: u64,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("log", &self.log)
            .field("first", &self.first)
            .field("last", &self.last)
            .finish_non_exhaustive()
    }
}

impl Stored {
    /// The stream of a log; none where NATS holds none.
    ///
    /// # Errors
    /// NATS does not answer.
    pub async fn open(nats: &Nats, log: &LogName) -> Result<Option<Self>, Refusal> {
        let stream = match nats.jetstream().get_stream(message::stream_name(log)).await {
            Ok(stream) => stream,
            Err(error) if is_missing(&error.kind()) => return Ok(None),
            Err(error) => return Err(away(error)),
        };
        let state = &stream.cached_info().state;
        let (first, last) = (state.first_sequence.max(1), state.last_sequence);
        Ok(Some(Self { nats: nats.clone(), log: log.clone(), stream, first, last }))
    }

    /// Its messages from a position to the last one; without their bodies where only points are asked.
    ///
    /// # Errors
    /// NATS does not answer.
    pub async fn messages(&self, from: u64, points_only: bool) -> Result<Messages<'_>, Refusal> {
        let deliver_policy = DeliverPolicy::ByStartSequence { start_sequence: from.max(1) };
        let config = pull::OrderedConfig { deliver_policy, headers_only: points_only, ..pull::OrderedConfig::default() };
        let consumer = self.stream.create_consumer(config).await.map_err(away)?;
        let messages = consumer.messages().await.map_err(away)?;
        Ok(Messages { stored: self, messages, next: from.max(1) })
    }

    /// The point of one of its messages.
    ///
    /// # Errors
    /// NATS does not answer, or the message is not there.
    pub async fn point(&self, position: u64) -> Result<Point, Refusal> {
        self.messages(position, true).await?.point().await?.ok_or_else(|| foreign(&self.log, position))
    }

    /// Deletes it. A relay makes it anew from the log.
    ///
    /// # Errors
    /// NATS does not answer.
    pub async fn delete(self) -> Result<(), Refusal> {
        self.nats.jetstream().delete_stream(message::stream_name(&self.log)).await.map_err(away)?;
        Ok(())
    }
}

/// Messages on their way, each once and in order; a hole or a message that is no event of the log is an error.
pub struct Messages<'a> {
    stored: &'a Stored,
    messages: pull::Ordered,
    next: u64,
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Messages<'_> {
    /// The next point; none behind the last one.
    ///
    /// # Errors
    /// NATS does not answer, or the message is none of the relay's.
    pub async fn point(&mut self) -> Result<Option<Point>, Refusal> {
        let Some((position, message)) = self.message().await? else { return Ok(None) };
        let point = message.headers.as_ref().and_then(message::position_and_leaf).filter(|&(at, _)| at == position);
        point.map(Some).ok_or_else(|| foreign(&self.stored.log, position))
    }

    /// The next event; none behind the last one.
    ///
    /// # Errors
    /// NATS does not answer, or the message is no event of the log to the byte.
    pub async fn row(&mut self) -> Result<Option<Row>, Refusal> {
        let Some((position, message)) = self.message().await? else { return Ok(None) };
        let Some(headers) = &message.headers else { return Err(foreign(&self.stored.log, position)) };
        let row = message::row(&self.stored.log, &message.subject, headers, message.payload.clone())?;
        if row.position == position { Ok(Some(row)) } else { Err(foreign(&self.stored.log, position)) }
    }

    async fn message(&mut self) -> Result<Option<(u64, Message)>, Refusal> {
        if self.next > self.stored.last {
            return Ok(None);
        }
        let message = timeout(REQUEST_TIMEOUT, self.messages.next()).await.map_err(away)?;
        let message = message.ok_or_else(|| away("the stream ended"))?.map_err(away)?;
        let position = message.info().map_err(away)?.stream_sequence;
        if position != self.next {
            return Err(foreign(&self.stored.log, self.next));
        }
        self.next += 1;
        Ok(Some((position, message)))
    }
}

fn away(error: impl fmt::Display) -> Refusal {
    Refusal::new(Code::Unavailable, format!("NATS: {error}"))
}

fn foreign(log: &LogName, position: u64) -> Refusal {
    let message = format!("message {position} of stream {} is no event of the log, or is gone", message::stream_name(log));
    Refusal::new(Code::FeedForeign, message)
}
