//! Rows of the journal, and what the rest of the program sees of them.

use crate::{Error, connection::Found};
use bytes::Bytes;
use jiff::{Timestamp, tz::TimeZone};
use std::borrow::Cow;
use uuid::Uuid;
use xiaoer_domain::{Actor, Identity, LogName, Recorded, Subject, event::LogOpened};
use xiaoer_wire::{
    leaf::{LeafInput, leaf_hash},
    parse,
    v1::{self, PostMode},
};

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Position in the log, from 1.
    pub position: u64,
    /// Microseconds of UTC.
    pub recorded_at: i64,
    /// The stream.
    pub subject: Subject,
    /// Revision in the stream, from 1.
    pub revision: u64,
    /// Identity for ever.
    pub identity: Identity,
    /// Message name of the fact in the contract.
    pub fact: Cow<'static, str>,
    /// Who posted it.
    pub actor: Actor,
    /// 1 strict, 2 record.
    pub mode: u8,
    /// Remarks as of posting.
    pub flags: Vec<String>,
    /// The stored bytes: proto3 JSON of the event.
    pub body: Bytes,
    /// Leaf hash.
    pub leaf_hash: [u8; 32],
}

impl Row {
    /// The event in the contract's form, from its stored bytes.
    pub fn event(&self) -> Result<v1::Event, Error> {
        parse::stored(&self.body).map_err(|error| Error::corrupt("event", self.position, error.to_string()))
    }

    /// The event as the rules need it.
    pub fn recorded(&self, zone: &TimeZone) -> Result<Recorded, Error> {
        let event =
            parse::event(&self.event()?, zone).map_err(|refusal| Error::corrupt("event", self.position, refusal.to_string()))?;
        Ok(Recorded {
            position: self.position,
            revision: self.revision,
            recorded_at: self.instant()?,
            record_mode: i32::from(self.mode) == PostMode::Record as i32,
            event: event.into(),
        })
    }

    /// When it was recorded.
    pub fn instant(&self) -> Result<Timestamp, Error> {
        Timestamp::from_microsecond(self.recorded_at).map_err(|error| Error::corrupt("event", self.position, error.to_string()))
    }

    /// A row of the log of this name, where its leaf hash fits.
    pub(crate) fn read(log: &LogName, row: &Found) -> Result<Self, Error> {
        let row = Self::parse(row)?;
        row.fits(log)?;
        Ok(row)
    }

    /// Refuses a row whose leaf hash is another one.
    pub(crate) fn fits(&self, log: &LogName) -> Result<(), Error> {
        if self.leaf(log) == self.leaf_hash {
            return Ok(());
        }
        Err(Error::corrupt("event", self.position, "the leaf hash does not fit: changed, or of another log"))
    }

    /// The leaf hash of what it holds, in the log of this name.
    pub(crate) fn leaf(&self, log: &LogName) -> [u8; 32] {
        let flags: Vec<_> = self.flags.iter().map(String::as_str).collect();
        leaf_hash(&LeafInput {
            log: log.as_str(),
            position: self.position,
            recorded_at_micros: self.recorded_at,
            subject: &self.subject,
            revision: self.revision,
            actor: self.actor.as_str(),
            mode: self.mode,
            flags: &flags,
            body: &self.body,
        })
    }

    fn parse(row: &Found) -> Result<Self, Error> {
        let position: i64 = row.get(0)?;
        let flags: &str = row.get(11)?;
        let event_id: Uuid = row.get(7).map_err(|_| Error::corrupt("event", position, "event id"))?;
        Ok(Self {
            position: unsigned(position)?,
            recorded_at: row.get(1)?,
            subject: Subject::new(row.get(2)?, row.get(3)?, row.get(4)?),
            revision: unsigned(row.get(5)?)?,
            identity: Identity { system: row.get::<&str>(6)?.into(), event_id },
            fact: row.get::<String>(8)?.into(),
            actor: Actor::named(row.get(9)?),
            mode: u8::try_from(row.get::<i64>(10)?).map_err(|_| Error::corrupt("event", position, "mode"))?,
            flags: flags.split_whitespace().map(str::to_owned).collect(),
            body: Bytes::copy_from_slice(row.body(12)?),
            leaf_hash: hash(row.get(13)?, position)?,
        })
    }
}

/// A row as another copy of the log sends it: what its leaf hash covers, and the leaf hash. All else stands in the body.
#[derive(Debug, Clone)]
pub struct Carried {
    /// Position in the log, from 1.
    pub position: u64,
    /// Microseconds of UTC.
    pub recorded_at: i64,
    /// Revision in the stream, from 1.
    pub revision: u64,
    /// Who posted it.
    pub actor: Actor,
    /// 1 strict, 2 record.
    pub mode: u8,
    /// Remarks as of posting.
    pub flags: Vec<String>,
    /// The stored bytes.
    pub body: Bytes,
    /// Leaf hash.
    pub leaf_hash: [u8; 32],
}

impl Carried {
    /// The row of the log of this name, where the leaf hash fits: what comes out is what the log holds, to the byte.
    pub fn row(self, log: &LogName) -> Result<Row, Error> {
        let Self { position, recorded_at, revision, actor, mode, flags, body, leaf_hash } = self;
        let wrong = |what: String| Error::corrupt("event", position, what);
        let event = parse::stored(&body).map_err(|error| wrong(error.to_string()))?;
        // The zone matters for the day only, which is not of the row.
        let event = parse::event(&event, &TimeZone::UTC).map_err(|refusal| wrong(refusal.to_string()))?;
        let (subject, identity, fact) = (event.subject, event.identity, event.fact.name().into());
        let row = Row { position, recorded_at, subject, revision, identity, fact, actor, mode, flags, body, leaf_hash };
        row.fits(log)?;
        // A hash fits whatever it was made of; a row that nobody can read afterwards would stop the copy for ever.
        row.instant()?;
        Ok(row)
    }
}

/// An event to append; position, time and leaf hash are given under the lock.
#[derive(Debug, Clone)]
pub struct NewRow {
    /// The stream.
    pub subject: Subject,
    /// Revision in the stream: the one before plus one.
    pub revision: u64,
    /// Identity for ever.
    pub identity: Identity,
    /// Message name of the fact.
    pub fact: &'static str,
    /// Who posts it.
    pub actor: Actor,
    /// Strict or record.
    pub mode: PostMode,
    /// Remarks as of posting.
    pub flags: Vec<&'static str>,
    /// The stored bytes.
    pub body: Bytes,
    /// Microseconds of UTC, never before the row before.
    pub recorded_at: i64,
}

/// What the log holds under an identity: its first receipt, and the bytes to compare with.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// Which event.
    pub identity: Identity,
    /// Position in the log.
    pub position: u64,
    /// Revision in the stream.
    pub revision: u64,
    /// Microseconds of UTC.
    pub recorded_at: i64,
    /// Remarks as of posting.
    pub flags: Vec<String>,
    /// The stored bytes.
    pub body: Bytes,
}

impl Known {
    pub(crate) fn read(row: &Found) -> Result<Self, Error> {
        Ok(Self {
            position: unsigned(row.get(0)?)?,
            recorded_at: row.get(1)?,
            revision: unsigned(row.get(2)?)?,
            identity: Identity { system: row.get::<&str>(3)?.into(), event_id: row.get(4)? },
            flags: row.get::<&str>(5)?.split_whitespace().map(str::to_owned).collect(),
            body: Bytes::copy_from_slice(row.body(6)?),
        })
    }
}

impl From<Row> for Known {
    fn from(row: Row) -> Self {
        let Row { identity, position, revision, recorded_at, flags, body, .. } = row;
        Self { identity, position, revision, recorded_at, flags, body }
    }
}

/// Where a log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Position of the last event; 0 before the genesis.
    pub position: u64,
    /// Its time of recording, microseconds of UTC.
    pub recorded_at: i64,
    /// Its leaf hash.
    pub leaf_hash: [u8; 32],
    /// Counted up by each recovery from an earlier point.
    pub incarnation: u32,
    /// Number of the contract whose forms it takes.
    pub contract: u32,
}

impl Head {
    /// Before the genesis, which may be recorded at this time and says this number of the contract.
    pub(crate) fn start(recorded_at: i64, contract: u32) -> Self {
        Self { position: 0, recorded_at, leaf_hash: [0; 32], incarnation: 1, contract }
    }

    pub(crate) fn move_to(&mut self, row: &Row) {
        *self = Self { position: row.position, recorded_at: row.recorded_at, leaf_hash: row.leaf_hash, ..*self };
    }
}

/// What a log was opened with.
#[derive(Debug, Clone)]
pub struct Genesis {
    /// Its name.
    pub name: LogName,
    /// Time zone of its local dates.
    pub zone: TimeZone,
    /// The zone's IANA name.
    pub zone_name: String,
    /// Simulated time.
    pub synthetic: bool,
    /// Number of the contract it was opened under.
    pub contract: u32,
}

impl Genesis {
    /// From the first event of a log.
    pub(crate) fn of(opened: &LogOpened) -> Result<Self, Error> {
        let wrong = |what: &str| Error::corrupt("event", 1, format!("genesis: {what}"));
        if opened.suite.as_ref() != "sha256" {
            return Err(wrong("a suite this program does not know"));
        }
        if opened.contract > crate::CONTRACT {
            return Err(Error::Newer { log: opened.name.to_string(), needs: opened.contract });
        }
        Ok(Self {
            name: LogName::new(&opened.name).ok_or_else(|| wrong("name"))?,
            zone: TimeZone::get(&opened.time_zone).map_err(|_| wrong("time zone"))?,
            zone_name: opened.time_zone.to_string(),
            synthetic: opened.synthetic,
            contract: opened.contract,
        })
    }
}

pub(crate) fn unsigned(n: i64) -> Result<u64, Error> {
    u64::try_from(n).map_err(|_| Error::corrupt("event", n, "a negative position or revision"))
}

pub(crate) fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

pub(crate) fn hash(bytes: &[u8], position: i64) -> Result<[u8; 32], Error> {
    bytes.try_into().map_err(|_| Error::corrupt("event", position, "a leaf hash that is not 32 bytes"))
}

/// Rows that follow a position without a gap.
pub(crate) fn dense(rows: &[Row], after: u64) -> Result<(), Error> {
    for (row, expected) in rows.iter().zip(after.saturating_add(1)..) {
        if row.position != expected {
            return Err(Error::corrupt("event", expected, format!("a hole: {} comes next", row.position)));
        }
    }
    Ok(())
}
