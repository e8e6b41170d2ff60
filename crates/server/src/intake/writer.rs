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
    judge::{Base, Batch, Judge},
};
use crate::Clock;
use std::time::Duration;
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::Refusal;
use xiaoer_journal::{Error, Log, NewRow, Refused};

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
    judge: Judge,
}

/// A batch that was decided, and is being written.
struct Writing {
    jobs: Vec<Job>,
    answers: Vec<Answer>,
    /// The head it was decided on.
    base: Base,
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
        let mut judge = Judge::new(log.clone(), clock);
        judge.learn().await?;
        Ok(Self { log, judge })
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
            let written = writing.as_ref().map_or(self.judge.base(), |writing| writing.base);
            self.judge.trim(written.position);
        }
    }

    /// Decides a batch, and begins to write it when the one before is written. Gives nothing where it is answered already.
    async fn begin(&mut self, jobs: Vec<Job>, mut before: Option<Writing>) -> Option<Writing> {
        let decided = self.judge.decide_ahead(&jobs).await;
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
            Ok((Batch { base, rows, refused, .. }, answers)) => {
                let task = tokio::spawn(write(self.log.clone(), base, rows, refused));
                Some(Writing { jobs, answers, base, task })
            }
            Err(error) => {
                self.judge.forget();
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

    /// Forgets what batches left in memory that are not written.
    fn unlearn<'a>(&mut self, why: &Unwritten, jobs: impl Iterator<Item = &'a Job>, base: Base) {
        match why {
            Unwritten::Overtaken => self.judge.unlearn(jobs, base),
            Unwritten::Failed(_) | Unwritten::Lost(_) => self.judge.forget(),
        }
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
            self.judge.forget();
            if attempt == ATTEMPTS_MAX || matches!(error, Error::Newer { .. } | Error::Rewound { .. }) {
                return batch.iter().map(|_| Err(Refusal::from(&error))).collect();
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        Vec::new()
    }

    async fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Answer>, Error> {
        let mut batch = self.judge.prefetch(jobs).await?;
        let mut locked = self.log.lock().await?;
        self.judge.catch_up(&mut locked, &mut batch).await?;
        let answers = self.judge.judge(jobs, &mut batch);
        if batch.rows.is_empty() && batch.refused.is_empty() {
            return Ok(answers); // The lock is dropped: nothing to commit.
        }
        locked.append(&batch.rows).await?;
        locked.note_refused(&batch.refused).await?;
        self.judge.written(locked.commit().await?);
        Ok(answers)
    }
}

/// Writes what was decided on the head at a position, if the head is still there.
async fn write(log: Log, base: Base, rows: Vec<NewRow>, refused: Vec<Refused>) -> Result<(), Unwritten> {
    if rows.is_empty() && refused.is_empty() {
        return Ok(());
    }
    let mut locked = log.lock().await?;
    if locked.head().position != base.position {
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
