//! Deciding requests on what is in memory: the rules and the registry, and the streams that are held, as of one position.
//!
//! That position is the head of the log, or what it will be when a batch that is being written stands. Identities and streams that
//! are not held are read before ([`Judge::prefetch`]), so that deciding itself waits for nothing.

use super::{
    Answer, Job,
    form::{Prepared, PreparedEvent},
    streams::Streams,
};
use crate::Clock;
use std::{collections::HashMap, sync::Arc};
use xiaoer_domain::{
    Code, Fact, Identity, Recorded, Refusal, Scope,
    decide::{PostMode, decide},
    knowledge::Knowledge,
    permit::judges,
};
use xiaoer_journal::{Error, Head, Known, Locked, Log, NewRow, Refused, Row};
use xiaoer_wire::{
    parse,
    time::Timestamp,
    v1::{self, PostResponse, Receipt},
};

/// What requests are decided on.
pub(super) struct Judge {
    log: Log,
    clock: Clock,
    knowledge: Knowledge,
    streams: Streams,
    /// Number of the contract whose forms the log takes; it only rises.
    contract: u32,
    /// Everything up to here is in `knowledge` and in the streams that are held.
    base: Base,
    /// What the batch that is being written makes known, which cannot be read yet.
    unwritten: HashMap<Identity, Known>,
}

/// A position, and when it was recorded in microseconds of UTC; 0 where nothing was learned.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Base {
    pub position: u64,
    pub recorded_at: i64,
}

impl From<Head> for Base {
    fn from(head: Head) -> Self {
        Self { position: head.position, recorded_at: head.recorded_at }
    }
}

/// A batch under way: what it adds.
#[derive(Default)]
pub(super) struct Batch {
    /// What was known of its identities, and what it makes known.
    known: HashMap<Identity, Known>,
    /// The head it is decided on.
    pub base: Base,
    pub rows: Vec<NewRow>,
    pub refused: Vec<Refused>,
    /// The head as it will be.
    position: u64,
    /// What the log's clock shows.
    recorded_at: i64,
}

impl Judge {
    /// Knows nothing yet.
    pub fn new(log: Log, clock: Clock) -> Self {
        let knowledge = blank(&log);
        Self { log, clock, knowledge, streams: Streams::new(), contract: 0, base: Base::default(), unwritten: HashMap::new() }
    }

    /// Where it stands.
    pub fn base(&self) -> Base {
        self.base
    }

    /// Stands where a batch that it decided was written.
    pub fn written(&mut self, head: Head) {
        (self.base, self.contract) = (head.into(), head.contract);
    }

    /// Makes room in memory; what was recorded after a position cannot be read again yet and is kept.
    pub fn trim(&mut self, written: u64) {
        self.streams.trim(written);
    }

    /// Decides a batch on what is in memory.
    pub async fn decide_ahead(&mut self, jobs: &[Job]) -> Result<(Batch, Vec<Answer>), Error> {
        let mut batch = self.prefetch(jobs).await?;
        let answers = self.judge(jobs, &mut batch);
        let recorded_at = batch.rows.last().map_or(self.base.recorded_at, |row| row.recorded_at);
        self.base = Base { position: batch.position, recorded_at };
        self.unwritten = std::mem::take(&mut batch.known);
        Ok((batch, answers))
    }

    /// Decides each request of a batch on what is in memory, which is the head.
    pub fn judge(&mut self, jobs: &[Job], batch: &mut Batch) -> Vec<Answer> {
        let floor = self.base.recorded_at;
        batch.base = self.base;
        batch.position = self.base.position;
        batch.recorded_at = floor.max((self.clock)().as_microsecond());
        jobs.iter().map(|job| self.decide(&job.request, batch, floor)).collect()
    }

    /// Reads, before the lock, the streams that are not held and the identities that are known.
    pub async fn prefetch(&mut self, jobs: &[Job]) -> Result<Batch, Error> {
        if self.base.position == 0 {
            self.learn().await?;
        }
        let events = || jobs.iter().flat_map(|job| &job.request.events);
        if events().any(|event| event.event.fact.contract() > self.contract) {
            // It may have been finalized meanwhile, here or by another process.
            self.contract = self.log.head().await?.contract;
        }
        let identities: Vec<_> = events().map(|event| &event.event.identity).collect();
        let known = self.log.known(&identities).await?;
        let mut missing: Vec<_> =
            events().map(|event| &event.event.subject).filter(|subject| !self.streams.holds(subject)).collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            for row in self.log.streams(&Scope::Everything, &missing, u64::MAX >> 1).await? {
                self.streams.get(&row.subject);
                self.streams.add(row.recorded(&self.knowledge.zone)?);
            }
        }
        for subject in missing {
            self.streams.get(subject);
        }
        // With room for what the batch adds.
        let mut batch = Batch { known: HashMap::with_capacity(identities.len() + known.len()), ..Batch::default() };
        batch.known.extend(known.into_iter().map(|known| (known.identity.clone(), known)));
        Ok(batch)
    }

    /// Takes in what other processes appended since this one last held the head.
    pub async fn catch_up(&mut self, locked: &mut Locked, batch: &mut Batch) -> Result<(), Error> {
        let head = locked.head();
        if head.position == self.base.position {
            return Ok(());
        }
        for row in locked.read(self.base.position).await? {
            self.take(&row)?;
            batch.known.insert(row.identity.clone(), row.into());
        }
        self.base = head.into();
        Ok(())
    }

    fn take(&mut self, row: &Row) -> Result<(), Error> {
        let recorded = row.recorded(&self.knowledge.zone)?;
        if recorded.event.subject.is_registry() {
            self.knowledge.apply(&recorded);
        }
        self.streams.add(recorded);
        Ok(())
    }

    /// Decides one request: identity first, then the expected revision, then the rules.
    fn decide(&mut self, request: &Prepared, batch: &mut Batch, floor: i64) -> Answer {
        let answer = self.decide_on(request, batch, floor);
        if let (Err(refusal), false) = (&answer, request.dry_run) {
            batch.refused.push(Refused {
                actor: request.caller.actor().clone(),
                tried_at: batch.recorded_at,
                code: refusal.code.as_str(),
                digest: request.digest(),
            });
        }
        answer
    }

    fn decide_on(&mut self, request: &Prepared, batch: &mut Batch, floor: i64) -> Answer {
        let find = |identity: &Identity| batch.known.get(identity).or_else(|| self.unwritten.get(identity));
        if let Some(repeat) = repeats(request, find)? {
            return Ok(repeat);
        }
        let subject = &request.events[0].event.subject;
        let stream = self.streams.get(subject);
        if let Some(expected) = request.expected_revision.filter(|&expected| expected != stream.revision) {
            let message = format!("the stream stands at revision {}, not {expected}", stream.revision);
            return Err(Refusal::new(Code::Revision, message).at("expected_revision").by_rule("expected_revision"));
        }
        let recorded_at = time_of(request, batch, floor)?;
        let (revision, position) = (stream.revision, batch.position);
        match self.append_all(request, batch, recorded_at) {
            Ok(response) if !request.dry_run => Ok(response),
            other => {
                // Refused half-way, or only asked: the batch and the stream are as they were.
                let appended = usize::try_from(batch.position - position).unwrap_or(0);
                batch.rows.truncate(batch.rows.len() - appended);
                batch.position = position;
                self.streams.undo(subject, position, revision);
                other
            }
        }
    }

    /// Decides the events of a request one after the other, each against those before it.
    fn append_all(&mut self, request: &Prepared, batch: &mut Batch, recorded_at: i64) -> Answer {
        let instant = jiff::Timestamp::from_microsecond(recorded_at)
            .map_err(|_| Refusal::new(Code::SimulatedTime, "no time of the years 1 to 9999").at("simulated_recorded_at"))?;
        let first = batch.position + 1;
        let mut receipts = Vec::with_capacity(request.events.len());
        for (index, PreparedEvent { event, body }) in request.events.iter().enumerate() {
            let stream = self.streams.get(&event.subject);
            let flags: Vec<_> = takes(self.contract, &event.fact)
                .and_then(|()| judges(&request.caller, &stream.history, event))
                .and_then(|()| decide(&stream.history, &self.knowledge, event, request.mode, instant))
                .map_err(|refusal| refusal.of_event(index))?
                .into_iter()
                .map(|flag| flag.code())
                .collect();
            let revision = stream.revision + 1;
            batch.position += 1;
            receipts.push(receipt(&event.identity, batch.position, revision, recorded_at, &flags, false));
            batch.rows.push(NewRow {
                subject: event.subject.clone(),
                revision,
                identity: event.identity.clone(),
                fact: event.fact.name(),
                actor: request.caller.actor().clone(),
                mode: if request.mode == PostMode::Record { v1::PostMode::Record } else { v1::PostMode::Strict },
                flags,
                body: body.clone(),
                recorded_at,
            });
            let record_mode = request.mode == PostMode::Record;
            let recorded =
                Recorded { position: batch.position, revision, recorded_at: instant, record_mode, event: Arc::clone(event) };
            self.streams.add(recorded);
        }
        if !request.dry_run {
            batch.recorded_at = recorded_at.max(batch.recorded_at);
            self.keep(batch, first);
        }
        Ok(PostResponse { receipts })
    }

    /// Makes the rows from a position on known to what is decided after them.
    fn keep(&mut self, batch: &mut Batch, first: u64) {
        let count = usize::try_from(batch.position + 1 - first).unwrap_or(usize::MAX);
        let rows = &batch.rows[batch.rows.len() - count..];
        for (row, position) in rows.iter().zip(first..) {
            let known = Known {
                identity: row.identity.clone(),
                position,
                revision: row.revision,
                recorded_at: row.recorded_at,
                flags: row.flags.iter().map(|&flag| flag.to_owned()).collect(),
                body: row.body.clone(),
            };
            batch.known.insert(row.identity.clone(), known);
        }
        let subject = &rows[0].subject;
        if subject.is_registry() {
            let stream = self.streams.get(subject);
            let new: Vec<_> = stream.history.entries().iter().filter(|entry| entry.recorded.position >= first).collect();
            let mut new: Vec<_> = new.into_iter().map(|entry| entry.recorded.clone()).collect();
            new.sort_unstable_by_key(|recorded| recorded.position);
            new.iter().for_each(|recorded| {
                self.knowledge.apply(recorded);
            });
        }
    }

    /// Reads what is known at the head: rules, calendar, units, items.
    pub async fn learn(&mut self) -> Result<(), Error> {
        let head = self.log.head().await?;
        for row in self.log.registry(&Scope::Everything, head.position).await? {
            let recorded = row.recorded(&self.knowledge.zone)?;
            self.knowledge.apply(&recorded);
        }
        self.written(head);
        Ok(())
    }

    /// Forgets what these requests left in memory, and stands where the first of them was decided.
    pub fn unlearn<'a>(&mut self, jobs: impl IntoIterator<Item = &'a Job>, base: Base) {
        for job in jobs {
            let subject = &job.request.events[0].event.subject;
            if subject.is_registry() {
                // Knowledge cannot be taken back.
                return self.forget();
            }
            self.streams.drop(subject);
        }
        self.base = base;
        self.unwritten.clear();
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.streams.forget();
        self.knowledge = blank(&self.log);
        self.base = Base::default();
        self.unwritten.clear();
    }
}

/// Refuses a form that is newer than what a log takes whose number of the contract is this.
pub(crate) fn takes(contract: u32, fact: &Fact) -> Result<(), Refusal> {
    let needs = fact.contract();
    if needs <= contract {
        return Ok(());
    }
    let message = format!("{} came with contract {needs}, and the log takes the forms of contract {contract}", fact.name());
    Err(Refusal::new(Code::ContractNotFinalized, message).at("fact").by_rule("contract"))
}

fn blank(log: &Log) -> Knowledge {
    Knowledge::new(log.genesis().zone.clone(), log.genesis().synthetic)
}

/// The first receipts again where every event is known with the same content; a refusal where some are, or the content differs.
fn repeats<'a>(request: &Prepared, find: impl Fn(&Identity) -> Option<&'a Known>) -> Result<Option<PostResponse>, Refusal> {
    let mut receipts = Vec::new();
    let mut new = None;
    for (index, PreparedEvent { event, body }) in request.events.iter().enumerate() {
        match find(&event.identity) {
            None => new = new.or(Some(index)),
            Some(first) if same(&first.body, body) => {
                let Known { position, revision, recorded_at, flags, .. } = first;
                let flags: Vec<_> = flags.iter().map(String::as_str).collect();
                receipts.push(receipt(&event.identity, *position, *revision, *recorded_at, &flags, true));
            }
            Some(first) => {
                let message = format!("this identity stands at position {} with another content", first.position);
                return Err(Refusal::new(Code::IdentityReused, message).at("event_id").by_rule("identity").of_event(index));
            }
        }
    }
    match new {
        None => Ok(Some(PostResponse { receipts })),
        Some(_) if receipts.is_empty() => Ok(None),
        Some(index) => Err(Refusal::new(Code::MixedList, "some events of this list are recorded, this one is not")
            .at("event_id")
            .by_rule("identity")
            .of_event(index)),
    }
}

/// Equal as messages. Bytes of another length or order can only come from another release of this program.
fn same(stored: &[u8], posted: &[u8]) -> bool {
    stored == posted || matches!((parse::stored(stored), parse::stored(posted)), (Ok(a), Ok(b)) if a == b)
}

fn time_of(request: &Prepared, batch: &Batch, floor: i64) -> Result<i64, Refusal> {
    let Some(simulated) = request.simulated_recorded_at else { return Ok(batch.recorded_at) };
    // Simulated time follows the log's own, not the clock: the batch's clock time counts only once a row has it.
    let last = batch.rows.last().map_or(floor, |row| row.recorded_at);
    if simulated < last {
        let last = jiff::Timestamp::from_microsecond(last).unwrap_or_default();
        let message = format!("the log was last recorded at {last}");
        return Err(Refusal::new(Code::SimulatedTime, message).at("simulated_recorded_at"));
    }
    Ok(simulated)
}

fn receipt(identity: &Identity, position: u64, revision: u64, recorded_at: i64, flags: &[&str], duplicate: bool) -> Receipt {
    Receipt {
        event_id: identity.event_id.to_string(),
        position,
        revision,
        recorded_at: Some(Timestamp::from_micros(recorded_at)),
        duplicate,
        flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
    }
}
