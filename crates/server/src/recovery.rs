//! A log that was put back to an earlier point: what it lost, as its stream still holds it; taking that back, or recording the loss.
//!
//! ```text
//!  journal   1  2  3  a  b        put back to 3, then a and b were appended: a fork
//!  stream    1  2  3  4  5  6     3 is the last common point; 4 to 6 are lost
//! ```
//!
//! Promises: nothing is written but under the head's lock, and only while the log stands where it was compared; what was begun and
//! cut short is finished by the same call again.

use crate::{Clock, intake::takes};
use std::io::{self, Write};
use uuid::Uuid;
use xiaoer_bus::{Nats, Stored};
use xiaoer_domain::{Actor, Code, Refusal, Scope};
use xiaoer_journal::{Error, Head, Locked, Log, NewRow};
use xiaoer_wire::{parse, time::Timestamp, v1};

/// Events that are compared, or taken back, at a time.
const PAGE: usize = 1_000;
/// Namespace of the ids of `LogRecovered`; drawn once, never changed.
const NAMESPACE: Uuid = uuid::uuid!("c3b1c8de-5d0b-4b0c-9a53-3f6f0f2f7a86");

/// Why a log was not recovered.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] Error),
    /// NATS is away, or what was asked cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What is lost could not be saved.
    #[error("what is lost could not be saved: {0}")]
    Save(#[from] io::Error),
}

/// A log, compared with its stream.
#[derive(Debug)]
pub struct Recovery {
    log: Log,
    stored: Stored,
    /// Where the log stands.
    pub head: Head,
    /// Last position at which both agree; 0 where there is none.
    pub common: u64,
}

impl Recovery {
    /// Compares a log with its stream, event by event.
    ///
    /// # Errors
    /// There is no stream, the two differ before its first message, or one of them cannot be read.
    pub async fn compare(log: Log, nats: &Nats) -> Result<Self, RecoveryError> {
        let name = &log.genesis().name;
        let stored = Stored::open(nats, name).await?;
        let stored = stored.ok_or_else(|| Refusal::new(Code::UnknownLog, format!("NATS holds no stream of log {name}")))?;
        let head = log.head().await?;
        let common = common(&log, &stored).await?;
        if common < stored.first && common < stored.last && stored.first > 1 {
            let message = format!("the stream begins with position {}, and the two differ there or before it", stored.first);
            return Err(Refusal::new(Code::LogRewound, message).into());
        }
        Ok(Self { log, stored, head, common })
    }

    /// Where the stream ends.
    pub fn stream_last(&self) -> u64 {
        self.stored.last
    }

    /// First and last position that the stream holds and the log does not, or holds otherwise.
    pub fn lost(&self) -> Option<(u64, u64)> {
        (self.common < self.stored.last).then_some((self.common + 1, self.stored.last))
    }

    /// How many events of its own the log has behind the last common point, where it lost others.
    pub fn forked(&self) -> u64 {
        self.lost().map_or(0, |_| self.head.position.saturating_sub(self.common))
    }

    /// Takes back what is lost from the stream, to the byte and at its own positions.
    ///
    /// # Errors
    /// The log has gone on otherwise.
    pub async fn take_back(&self) -> Result<Head, RecoveryError> {
        if self.forked() > 0 {
            let message = format!("the log has other events after position {}: nothing can be taken back", self.common);
            return Err(Refusal::new(Code::LogRewound, message).into());
        }
        let mut messages = self.stored.messages(self.common + 1, false).await?;
        let mut head = self.head;
        while head.position < self.stored.last {
            let mut rows = Vec::new();
            while rows.len() < PAGE
                && let Some(row) = messages.row().await?
            {
                rows.push(row);
            }
            let mut locked = self.lock_at(head).await?;
            locked.copy(&rows).await?;
            head = locked.commit().await?;
        }
        Ok(head)
    }

    /// Writes what is lost, as requests that can be posted again; what the program itself recorded is left out.
    ///
    /// # Errors
    /// The stream or the file.
    pub async fn save(&self, to: &mut impl Write) -> Result<u64, RecoveryError> {
        let mut messages = self.stored.messages(self.common + 1, false).await?;
        let (mut count, genesis) = (0, self.log.genesis());
        while let Some(row) = messages.row().await? {
            let event = row.event()?;
            if matches!(event.fact, Some(v1::event::Fact::LogRecovered(_) | v1::event::Fact::LogOpened(_))) {
                continue;
            }
            let request = v1::PostRequest {
                log: genesis.name.to_string(),
                events: vec![event],
                mode: row.mode.into(),
                simulated_recorded_at: genesis.synthetic.then(|| Timestamp::from_micros(row.recorded_at)),
                ..v1::PostRequest::default()
            };
            serde_json::to_writer(&mut *to, &request).map_err(io::Error::from)?;
            to.write_all(b"\n")?;
            count += 1;
        }
        Ok(count)
    }

    /// Records the loss, begins an incarnation, and deletes the stream, which a relay makes anew.
    ///
    /// # Errors
    /// The log is not finalized, has gone on meanwhile, or the reason is no code.
    pub async fn accept_loss(self, reason: &str, clock: &Clock) -> Result<Head, RecoveryError> {
        let lost_leaf = self.stored.point(self.stored.last).await?.1;
        let now = if self.log.genesis().synthetic { self.head.recorded_at } else { clock().as_microsecond() };
        let recorded_at = now.max(self.head.recorded_at);
        let message = self.event(reason, recorded_at, &lost_leaf);
        let event = parse::event(&message, &self.log.genesis().zone)?;
        takes(self.head.contract, &event.fact)?;
        // It was recorded already where the stream could not be deleted then.
        if self.log.known(&[&event.identity]).await?.is_empty() {
            let body = parse::body(&message).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
            let before = self.log.stream(&Scope::Everything, &event.subject, self.head.position).await?;
            let row = NewRow {
                revision: before.len() as u64 + 1,
                fact: event.fact.name(),
                subject: event.subject,
                identity: event.identity,
                actor: Actor::local(),
                mode: v1::PostMode::Strict,
                flags: Vec::new(),
                body: body.into(),
                recorded_at,
            };
            let mut locked = self.lock_at(self.head).await?;
            locked.append(&[row]).await?;
            locked.begin_incarnation(self.head.incarnation + 1);
            locked.commit().await?;
        }
        self.stored.delete().await?;
        Ok(self.log.head().await?)
    }

    /// Takes the head, where the log still stands as it was compared.
    async fn lock_at(&self, head: Head) -> Result<Locked, RecoveryError> {
        let locked = self.log.lock().await?;
        if locked.head() == head {
            return Ok(locked);
        }
        Err(Refusal::new(Code::Revision, "the log went on meanwhile: stop what posts, and compare again").into())
    }

    fn event(&self, reason: &str, at: i64, lost_leaf: &[u8]) -> v1::Event {
        let name = self.log.genesis().name.as_str();
        let recovered = v1::LogRecovered {
            incarnation: self.head.incarnation + 1,
            kept_position: self.common,
            lost_from: self.common + 1,
            lost_to: self.stored.last,
            lost_leaf_hash: lost_leaf.to_vec(),
            reason: reason.into(),
        };
        v1::Event {
            // The same loss has the same id.
            event_id: Uuid::new_v5(&NAMESPACE, &[name.as_bytes(), b"/", lost_leaf].concat()).to_string(),
            subject: Some(v1::Subject { kind: "log".into(), system: "xiaoer".into(), id: name.into() }),
            occurred_at: Some(Timestamp::from_micros(at)),
            source: Some(v1::Source { system: "xiaoer".into(), ..v1::Source::default() }),
            fact: Some(v1::event::Fact::LogRecovered(recovered)),
            ..v1::Event::default()
        }
    }
}

/// The last position up to which a log and its stream hold the same events.
async fn common(log: &Log, stored: &Stored) -> Result<u64, RecoveryError> {
    let mut common = stored.first - 1;
    let mut points = stored.messages(stored.first, true).await?;
    loop {
        let rows = log.read(&Scope::Everything, common, PAGE).await?;
        if rows.is_empty() {
            return Ok(common);
        }
        for row in rows {
            match points.point().await? {
                Some(point) if point == (row.position, row.leaf_hash) => common = row.position,
                _ => return Ok(common),
            }
        }
    }
}
