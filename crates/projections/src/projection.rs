//! One log's projection, as others see it: where it stands, what it does, and the task that moves it.

use crate::{
    Error, Limits, VERSION, Worker,
    scan::Diagnoses,
    store::{Cursor, Store},
};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use xiaoer_journal::Log;

/// Wait before a step is tried again after a database was away.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// While events come in a projection rests so many times as long as it worked: posts come first, and at the head the events of
/// several commits make one step.
const REST: u32 = 2;
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
    pub(crate) diagnoses: Arc<Diagnoses>,
}

impl Projection {
    /// The projection of a log over these tables.
    pub async fn open(log: Log, store: Store) -> Result<Self, Error> {
        let cursor = store.cursor(&log.genesis().name).await?;
        if cursor.version != VERSION {
            let what = format!(
                "formulas of version {}, this program has {VERSION}: delete the projections' file to rebuild",
                cursor.version
            );
            return Err(Error::Corrupt { table: "projection", what });
        }
        let position = watch::Sender::new(cursor.position);
        Ok(Self { log, store, cursor: Arc::new(RwLock::new(cursor)), position, diagnoses: Arc::default() })
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
        let reached = at.wait_for(|&at| at >= position);
        tokio::time::timeout(patience, reached).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Applies events until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut worker = Worker::new(self.clone(), Limits::default());
        loop {
            let (began, before, head) = (Instant::now(), self.cursor(), self.log.last_committed());
            let step = tokio::select! {
                () = shutdown.cancelled() => return,
                step = worker.step() => step,
            };
            match step {
                Ok(()) => {
                    if self.log.last_committed() != head && self.cursor() != before {
                        tokio::time::sleep((began.elapsed() * REST).min(REST_MAX)).await;
                    }
                }
                Err(error) if is_away(&error) => {
                    tracing::warn!(log = %self.log.genesis().name, %error, "a projection step failed, trying again");
                    tokio::time::sleep(RETRY_WAIT).await;
                }
                Err(error) => return worker.stop(&error).await,
            }
        }
    }

    /// Says where it stands now.
    pub(crate) fn moved(&self, cursor: Cursor) {
        let position = cursor.position;
        *self.cursor.write().unwrap_or_else(PoisonError::into_inner) = cursor;
        // Last, so that whoever is woken finds it there.
        self.position.send_replace(position);
    }
}

fn is_away(error: &Error) -> bool {
    matches!(error, Error::Away(_) | Error::Journal(xiaoer_journal::Error::Away(_)))
}
