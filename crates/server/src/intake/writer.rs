//! The writer of a log: one task, never cancelled by a client.
//!
//! ```text
//!  queue ─► collect ─► decide ─► write ─► answer        while a batch is written, a full next one is decided beside it,
//!                        collect ─► decide ─► write …   against everything before it, also what is being written
//! ```
//!
//! To decide is to read the streams that are not held and the identities that are known, and then to judge each request in order
//! against everything before it; one refused request never harms its neighbours. To write is to take the head's lock, to append
//! what was accepted in one go, and to commit; only then a batch is answered.
//!
//! A batch whose decisions do not stand on the head any more, because another process appended, and one whose commit failed or
//! whose answer was lost, is not guessed about: what it left in memory is forgotten and it is done again under the lock, and the
//! identity of each event finds what the first attempt may have written.

use super::{
    Answer, Job,
    form::{Prepared, PreparedEvent},
    streams::Streams,
};
use crate::Clock;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{
    Code, Identity, Recorded, Refusal, Scope,
    decide::{PostMode, decide},
    knowledge::Knowledge,
};
use xiaoer_journal::{Error, Known, Locked, Log, NewRow, Refused, Row};
use xiaoer_wire::{
    parse,
    time::Timestamp,
    v1::{self, PostResponse, Receipt},
};

/// Events of one commit, about; the request that passes it still goes in.
const BATCH_EVENTS_MAX: usize = 2_000;
/// Stored bytes of one commit, about.
const BATCH_BYTES_MAX: usize = 4 << 20;
/// Attempts at a batch before its callers are told that the database is away.
const ATTEMPTS_MAX: u32 = 4;
/// Wait before the second attempt; doubled for each further one.
const RETRY_WAIT: Duration = Duration::from_millis(100);

/// Requests that must wait for a next batch to be decided while one is written. With fewer it is better to let them gather.
const AHEAD_REQUESTS_MIN: usize = 100;

/// After a batch of this many requests their callers are about to send more: with fewer than half as many waiting, a moment's wait
/// makes one commit of two.
const GATHER_REQUESTS_MIN: usize = 8;
const GATHER_WAIT: Duration = Duration::from_millis(1);

pub(super) struct Writer {
    log: Log,
    clock: Clock,
    knowledge: Knowledge,
    /// Everything up to here is in `knowledge` and in the streams that are held; 0 where nothing is.
    position: u64,
    /// When that position was recorded, microseconds of UTC.
    recorded_at: i64,
    streams: Streams,
    /// What the batch that is being written makes known.
    unwritten: Arc<HashMap<Identity, Known>>,
}

/// A batch under way: what it adds.
#[derive(Default)]
struct Batch {
    /// What was known of its identities, and what it makes known.
    known: HashMap<Identity, Known>,
    /// What the batch before makes known, which cannot be read yet.
    unwritten: Arc<HashMap<Identity, Known>>,
    rows: Vec<NewRow>,
    refused: Vec<Refused>,
    /// The head as it will be.
    position: u64,
    /// What the log's clock shows.
    recorded_at: i64,
}

impl Batch {
    fn find(&self, identity: &Identity) -> Option<&Known> {
        self.known.get(identity).or_else(|| self.unwritten.get(identity))
    }
}

/// A batch that was decided, and is being written.
struct Writing {
    jobs: Vec<Job>,
    answers: Vec<Answer>,
    /// Position and time of recording of the head it was decided on.
    base: (u64, i64),
    task: JoinHandle<Result<(), Unwritten>>,
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("another process appended")]
    Overtaken,
    #[error(transparent)]
    Failed(#[from] Error),
    #[error(transparent)]
    Lost(#[from] JoinError),
}

impl Writing {
    /// Waits until it is written.
    async fn end(&mut self) -> Result<(), Unwritten> {
        (&mut self.task).await?
    }

    fn answer(self) {
        answer(self.jobs, self.answers);
    }
}

impl Writer {
    pub async fn new(log: Log, clock: Clock) -> Result<Self, Error> {
        let knowledge = blank(&log);
        let mut writer =
            Self { log, clock, knowledge, position: 0, recorded_at: 0, streams: Streams::new(), unwritten: Arc::default() };
        writer.learn().await?;
        Ok(writer)
    }

    pub async fn run(mut self, mut jobs: mpsc::Receiver<Job>, closing: CancellationToken) {
        let mut writing: Option<Writing> = None;
        let mut last = 0;
        loop {
            if let Some(writing) = writing.take_if(|_| jobs.len() < AHEAD_REQUESTS_MIN) {
                self.finish(writing).await;
            }
            let first = tokio::select! {
                job = jobs.recv() => job,
                () = closing.cancelled(), if !jobs.is_closed() => {
                    jobs.close();
                    continue;
                }
            };
            let Some(first) = first else { return };
            if last >= GATHER_REQUESTS_MIN && jobs.len() < last / 2 {
                tokio::time::sleep(GATHER_WAIT).await;
            }
            let batch = collect(first, &mut jobs);
            last = batch.len();
            writing = self.begin(batch, writing).await;
            let written = writing.as_ref().map_or(self.position, |writing| writing.base.0);
            self.streams.trim(written);
        }
    }

    /// Decides a batch, and begins to write it when the one before is written. Gives nothing where it is answered already.
    async fn begin(&mut self, jobs: Vec<Job>, mut before: Option<Writing>) -> Option<Writing> {
        let base = (self.position, self.recorded_at);
        let decided = self.decide_ahead(&jobs).await;
        if let Some(first) = &mut before
            && let Err(why) = first.end().await
        {
            // What was decided on it does not stand either.
            self.unlearn(&why, first.jobs.iter().chain(&jobs), first.base);
            let first = before.take().map_or(Vec::new(), |first| first.jobs);
            self.redo(first, &why).await;
            self.redo(jobs, &why).await;
            return None;
        }
        let writing = match decided {
            Ok((Batch { rows, refused, .. }, answers)) => {
                let task = tokio::spawn(write(self.log.clone(), base.0, rows, refused));
                Some(Writing { jobs, answers, base, task })
            }
            Err(error) => {
                self.forget();
                self.redo(jobs, &error.into()).await;
                None
            }
        };
        // Last, so that the database is not kept waiting.
        if let Some(before) = before {
            before.answer();
        }
        writing
    }

    async fn finish(&mut self, mut writing: Writing) {
        match writing.end().await {
            Ok(()) => writing.answer(),
            Err(why) => {
                self.unlearn(&why, writing.jobs.iter(), writing.base);
                self.redo(writing.jobs, &why).await;
            }
        }
    }

    /// Decides a batch on what is in memory.
    async fn decide_ahead(&mut self, jobs: &[Job]) -> Result<(Batch, Vec<Answer>), Error> {
        if self.position == 0 {
            self.learn().await?;
        }
        let mut batch = self.prefetch(jobs).await?;
        let answers = self.judge(jobs, &mut batch);
        self.position = batch.position;
        self.recorded_at = batch.rows.last().map_or(self.recorded_at, |row| row.recorded_at);
        self.unwritten = Arc::new(std::mem::take(&mut batch.known));
        Ok((batch, answers))
    }

    /// Does a batch under the lock that could not be written, and answers it.
    async fn redo(&mut self, jobs: Vec<Job>, why: &Unwritten) {
        match why {
            Unwritten::Overtaken => tracing::debug!(log = %self.log.genesis().name, "another process appended"),
            why => tracing::error!(log = %self.log.genesis().name, %why, "a batch failed"),
        }
        let answers = self.settle(&jobs).await;
        answer(jobs, answers);
    }

    /// Does a batch until the database has answered, or says that it is away.
    async fn settle(&mut self, batch: &[Job]) -> Vec<Answer> {
        let mut wait = RETRY_WAIT;
        for attempt in 1..=ATTEMPTS_MAX {
            let error = match self.attempt(batch).await {
                Ok(answers) => return answers,
                Err(error) => error,
            };
            tracing::error!(log = %self.log.genesis().name, attempt, %error, "a batch failed");
            if attempt == ATTEMPTS_MAX {
                self.forget();
                return batch.iter().map(|_| Err(Refusal::from(&error))).collect();
            }
            self.forget();
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Vec::new()
    }

    async fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, Error> {
        if self.position == 0 {
            self.learn().await?;
        }
        let mut batch = self.prefetch(jobs).await?;
        let mut locked = self.log.lock().await?;
        self.catch_up(&mut locked, &mut batch).await?;
        let answers = self.judge(jobs, &mut batch);
        if batch.rows.is_empty() && batch.refused.is_empty() {
            return Ok(answers); // The lock is dropped: nothing to commit.
        }
        locked.append(&batch.rows).await?;
        locked.note_refused(&batch.refused).await?;
        let head = locked.commit().await?;
        (self.position, self.recorded_at) = (head.position, head.recorded_at);
        Ok(answers)
    }

    /// Decides each request of a batch on what is in memory, which is the head.
    fn judge(&mut self, jobs: &[Job], batch: &mut Batch) -> Vec<Answer> {
        let floor = self.recorded_at;
        batch.position = self.position;
        batch.recorded_at = floor.max((self.clock)().as_microsecond());
        jobs.iter().map(|job| self.decide(&job.request, batch, floor)).collect()
    }

    /// Reads, before the lock, the streams that are not held and the identities that are known.
    async fn prefetch(&mut self, jobs: &[Job]) -> Result<Batch, Error> {
        let events = || jobs.iter().flat_map(|job| &job.request.events);
        let identities: Vec<_> = events().map(|event| &event.event.identity).collect();
        let known = self.log.known(&identities).await?;
        let mut missing: Vec<_> =
            events().map(|event| &event.event.subject).filter(|subject| !self.streams.holds(subject)).collect();
        missing.sort_unstable();
        missing.dedup();
        if !missing.is_empty() {
            for row in self.log.streams(Scope::Everything, &missing, u64::MAX >> 1).await? {
                self.streams.get(&row.subject);
                self.streams.add(row.recorded(&self.knowledge.zone)?);
            }
        }
        for subject in missing {
            self.streams.get(subject);
        }
        // With room for what the batch adds.
        let unwritten = Arc::clone(&self.unwritten);
        let mut batch = Batch { known: HashMap::with_capacity(identities.len() + known.len()), unwritten, ..Batch::default() };
        batch.known.extend(known.into_iter().map(|known| (known.identity.clone(), known)));
        Ok(batch)
    }

    /// Takes in what other processes appended since this one last held the head.
    async fn catch_up(&mut self, locked: &mut Locked, batch: &mut Batch) -> Result<(), Error> {
        let head = locked.head();
        if head.position == self.position {
            return Ok(());
        }
        for row in locked.read(self.position).await? {
            self.take(&row)?;
            batch.known.insert(row.identity.clone(), row.into());
        }
        (self.position, self.recorded_at) = (head.position, head.recorded_at);
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
                actor: request.actor.clone(),
                tried_at: batch.recorded_at,
                code: refusal.code.as_str(),
                digest: request.digest(),
            });
        }
        answer
    }

    fn decide_on(&mut self, request: &Prepared, batch: &mut Batch, floor: i64) -> Answer {
        if let Some(repeat) = repeats(request, batch)? {
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
            let flags: Vec<_> = decide(&stream.history, &self.knowledge, event, request.mode, instant)
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
                actor: request.actor.clone(),
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
    async fn learn(&mut self) -> Result<(), Error> {
        let head = self.log.head().await?;
        for row in self.log.registry(Scope::Everything, head.position).await? {
            let recorded = row.recorded(&self.knowledge.zone)?;
            self.knowledge.apply(&recorded);
        }
        (self.position, self.recorded_at) = (head.position, head.recorded_at);
        Ok(())
    }

    /// Forgets what batches left in memory that are not written, and stands where the first of them began.
    fn unlearn<'a>(&mut self, why: &Unwritten, jobs: impl Iterator<Item = &'a Job>, base: (u64, i64)) {
        let mut subjects = jobs.map(|job| &job.request.events[0].event.subject);
        // Knowledge cannot be taken back.
        let is_clean = matches!(why, Unwritten::Overtaken)
            && subjects.all(|subject| {
                self.streams.drop(subject);
                !subject.is_registry()
            });
        if !is_clean {
            return self.forget();
        }
        (self.position, self.recorded_at) = base;
        self.unwritten = Arc::default();
    }

    fn forget(&mut self) {
        self.streams.forget();
        self.knowledge = blank(&self.log);
        self.position = 0;
        self.unwritten = Arc::default();
    }
}

fn blank(log: &Log) -> Knowledge {
    Knowledge::new(log.genesis().zone.clone(), log.genesis().synthetic)
}

/// Writes what was decided on the head at a position, if the head is still there.
async fn write(log: Log, base: u64, rows: Vec<NewRow>, refused: Vec<Refused>) -> Result<(), Unwritten> {
    if rows.is_empty() && refused.is_empty() {
        return Ok(());
    }
    let mut locked = log.lock().await?;
    if locked.head().position != base {
        return Err(Unwritten::Overtaken);
    }
    locked.append(&rows).await?;
    locked.note_refused(&refused).await?;
    locked.commit().await?;
    Ok(())
}

fn answer(jobs: Vec<Job>, answers: Vec<Answer>) {
    for (job, answer) in jobs.into_iter().zip(answers) {
        // A caller that went away misses its answer; the event stands all the same.
        let _ = job.answer.send(answer);
    }
}

fn collect(first: Job, jobs: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let size = |job: &Job| job.request.events.iter().map(|event| event.body.len()).sum::<usize>();
    let (mut events, mut bytes) = (first.request.events.len(), size(&first));
    let mut batch = vec![first];
    while events < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
        let Ok(job) = jobs.try_recv() else { break };
        events += job.request.events.len();
        bytes += size(&job);
        batch.push(job);
    }
    batch
}

/// The first receipts again where every event is known with the same content; a refusal where some are, or the content differs.
fn repeats(request: &Prepared, batch: &Batch) -> Result<Option<PostResponse>, Refusal> {
    let mut receipts = Vec::new();
    let mut new = None;
    for (index, PreparedEvent { event, body }) in request.events.iter().enumerate() {
        match batch.find(&event.identity) {
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
