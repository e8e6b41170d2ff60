//! One log's projection, as others see it: where it stands, what it does, and the task that moves it.

use crate::{Cursor, Error, Limits, Role, Store, Worker, scan::Diagnoses};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use xiaoer_journal::Log;

/// Wait before a step is tried again after a database was away.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// Longest rest.
const REST_MAX: Duration = Duration::from_millis(250);

/// What a projection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// At the head.
    Running,
    /// Behind the head.
    CatchingUp,
    /// Applying a wide event in steps.
    Widening,
    /// It met what it cannot apply.
    Stopped,
}

/// One log's projection, as others see it. Clones share it.
#[derive(Debug, Clone)]
pub struct Projection {
    log: Log,
    store: Store,
    cursor: Arc<RwLock<Cursor>>,
    position: watch::Sender<u64>,
    /// Somebody waits for a position.
    asked: Arc<Notify>,
    pub(crate) diagnoses: Arc<Diagnoses>,
}

impl Projection {
    /// The projection of a log over these tables.
    pub async fn open(log: Log, store: Store) -> Result<Self, Error> {
        let cursor = store.live(&log.genesis().name).await?;
        Ok(Self::of(log, store, cursor))
    }

    fn of(log: Log, store: Store, cursor: Cursor) -> Self {
        let position = watch::Sender::new(cursor.position);
        Self { log, store, cursor: Arc::new(RwLock::new(cursor)), position, asked: Arc::default(), diagnoses: Arc::default() }
    }

    /// Another one of the same log, which answers nobody.
    pub(crate) fn beside(&self, cursor: Cursor) -> Self {
        Self::of(self.log.clone(), self.store.clone(), cursor)
    }

    /// Its log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its tables.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where it stands.
    pub fn cursor(&self) -> Cursor {
        self.cursor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it is doing, given the head of its log.
    pub fn state(&self, head: u64) -> State {
        let cursor = self.cursor();
        match () {
            () if !cursor.error.is_empty() => State::Stopped,
            () if cursor.wide_position != 0 => State::Widening,
            () if cursor.position < head => State::CatchingUp,
            () => State::Running,
        }
    }

    /// Waits until a position is reflected, at most so long; says whether it is.
    pub async fn reach(&self, position: u64, patience: Duration) -> bool {
        let mut at = self.position.subscribe();
        let reached = at.wait_for(|&at| {
            let reached = at >= position;
            if !reached {
                self.asked.notify_one();
            }
            reached
        });
        tokio::time::timeout(patience, reached).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Applies events, or follows another process that does, and builds it anew where that is asked for; until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        tokio::join!(self.clone().run_live(shutdown.clone()), self.run_rebuilds(shutdown));
    }

    async fn run_live(self, shutdown: CancellationToken) {
        let mut worker = Worker::new(self.clone(), Limits::default());
        loop {
            let step = tokio::select! {
                () = shutdown.cancelled() => return,
                step = self.live_step(&mut worker) => step,
            };
            let follow = match step {
                Ok(()) => continue,
                Err(Error::Overtaken) => self.follow(),
                Err(error) if is_away(&error) => {
                    tracing::warn!(log = %self.log.genesis().name, %error, "a projection step failed, trying again");
                    tokio::time::sleep(RETRY_WAIT).await;
                    continue;
                }
                Err(error) => {
                    self.stopped(&error).await;
                    self.follow()
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = follow => worker = Worker::new(self.clone(), Limits::default()),
            }
        }
    }

    /// A step of the one that answers, which may have been changed for another.
    async fn live_step(&self, worker: &mut Worker) -> Result<(), Error> {
        let id = self.cursor().id;
        if self.store.seen.borrow().of(&self.log.genesis().name, Role::Live).is_some_and(|(live, _)| live.id != id) {
            return Err(Error::Overtaken);
        }
        self.paced_step(worker).await
    }

    /// One step, and a rest where events come in: posts come first, and at the head the events of several commits make one step. One
    /// that answers rests twice as long as it worked, but only half as long while somebody waits for it; one that is built rests half
    /// as long, or it would never get where the other is.
    pub(crate) async fn paced_step(&self, worker: &mut Worker) -> Result<(), Error> {
        let (began, before, head) = (Instant::now(), self.cursor(), self.log.last_committed());
        worker.step().await?;
        if self.log.last_committed() != head && self.cursor() != before {
            let short = (began.elapsed() / 2).min(REST_MAX);
            tokio::time::sleep(short).await;
            if before.role == Role::Live {
                let rest = (short * 3).min(REST_MAX - short);
                let _ = tokio::time::timeout(rest, self.asked.notified()).await;
            }
        }
        Ok(())
    }

    /// Shows where another process moves it, until this one may take it. One that stopped is taken again when it was changed for
    /// another, or moved on.
    async fn follow(&self) {
        let mut seen = self.store.seen.subscribe();
        let name = &self.log.genesis().name;
        loop {
            if let Some((live, is_free)) = seen.borrow_and_update().of(name, Role::Live).cloned() {
                let (is_other, is_free) = (live.id != self.cursor().id, is_free && live.error.is_empty());
                self.moved(live);
                if is_other || is_free {
                    return;
                }
            }
            // The tables outlive whoever uses them.
            let _ = seen.changed().await;
        }
    }

    /// Says that it stopped, and why.
    pub(crate) async fn stopped(&self, error: &Error) {
        let mut cursor = self.cursor();
        let next = cursor.position + 1;
        tracing::error!(log = %self.log.genesis().name, position = next, %error, "a projection stopped");
        cursor.error = format!("at position {next}: {error}");
        if let Err(error) = self.store.stop(cursor.id, &cursor.error).await {
            tracing::error!(%error, "that a projection stopped could not be written");
        }
        self.moved(cursor);
    }

    /// Says where it stands now.
    pub(crate) fn moved(&self, cursor: Cursor) {
        let position = cursor.position;
        *self.cursor.write().unwrap_or_else(PoisonError::into_inner) = cursor;
        // Last, so that whoever is woken finds it there.
        self.position.send_replace(position);
    }
}

pub(crate) fn is_away(error: &Error) -> bool {
    matches!(error, Error::Away(_) | Error::Journal(xiaoer_journal::Error::Away(_)))
}
