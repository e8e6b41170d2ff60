//! The logs that are open, and what other processes append to them: found by one question for all logs of a database several times
//! a second. A question for each log would be thousands a second where there are hundreds of logs.

use crate::{Log, postgres::Database};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};
use tokio::task::JoinHandle;
use xiaoer_domain::LogName;

/// How often a database is asked.
const POLL: Duration = Duration::from_millis(250);

/// Logs by name, each with the number of its place.
#[derive(Debug, Default)]
pub(crate) struct Logs(Mutex<BTreeMap<LogName, (usize, Log)>>);

impl Logs {
    pub(crate) fn table(&self) -> MutexGuard<'_, BTreeMap<LogName, (usize, Log)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks until it is dropped.
#[derive(Debug)]
pub(crate) struct Listening(JoinHandle<()>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Events at which a database is told what they are like: few are read in no time whatever the plan, and so many are enough for plans
/// that are kept.
const ANALYZED_EVENTS: [u64; 2] = [500, 10_000];

/// Wakes who waits for the logs of the place of this number as others append to them.
pub(crate) fn listen(database: Database, place: usize, logs: &Arc<Logs>) -> Listening {
    let logs = Arc::downgrade(logs);
    Listening(tokio::spawn(async move {
        let mut to_analyze = ANALYZED_EVENTS.as_slice();
        loop {
            tokio::time::sleep(POLL).await;
            // A database that is away has nothing to say; who needs it says so.
            let Ok(positions) = database.positions().await else { continue };
            let events: u64 = positions.values().sum();
            let reached = to_analyze.iter().filter(|&&at| at <= events).count();
            if reached > 0 && database.analyze().await.is_ok() {
                to_analyze = &to_analyze[reached..];
            }
            let Some(moved) = moved(&logs, place, &positions) else { return };
            for log in moved {
                let _ = log.hear().await;
            }
        }
    }))
}

/// The logs that stand past what this process has seen of them; none where nobody has them any more.
fn moved(logs: &Weak<Logs>, place: usize, positions: &HashMap<i64, u64>) -> Option<Vec<Log>> {
    let logs = logs.upgrade()?;
    let logs = logs.table();
    let here = logs.values().filter(|(n, _)| *n == place).map(|(_, log)| log);
    Some(here.filter(|log| positions.get(&log.id()).is_some_and(|&at| at > log.last_committed())).cloned().collect())
}
