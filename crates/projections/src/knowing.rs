//! What was known besides the cases (calendar, rules, units, items) at any position.

use crate::Error;
use std::sync::{Arc, Mutex, PoisonError};
use xiaoer_domain::{Scope, calendar::Calendar, ids::kind, knowledge::Knowledge};
use xiaoer_journal::{Log, Row};

/// Snapshots kept per log: now, and a few known times that reports are tied to.
const SNAPSHOTS_MAX: usize = 8;

/// Knowledge of one log at positions, with a few snapshots kept.
#[derive(Debug)]
pub struct Knowing {
    log: Log,
    snapshots: Mutex<Vec<(u64, u64, Arc<Knowledge>)>>,
}

impl Knowing {
    /// Of this log.
    pub fn new(log: Log) -> Self {
        Self { log, snapshots: Mutex::default() }
    }

    /// What was known at a position.
    pub async fn at(&self, position: u64) -> Result<Arc<Knowledge>, Error> {
        if let Some(known) = self.held(position) {
            return Ok(known);
        }
        let rows = self.log.registry(&Scope::Everything, position).await?;
        let knowledge = Arc::new(learn(&self.log, &rows)?);
        let last = rows.last().map_or(0, |row| row.position);
        let mut snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        if snapshots.len() == SNAPSHOTS_MAX {
            snapshots.remove(0);
        }
        snapshots.push((last, position, Arc::clone(&knowledge)));
        Ok(knowledge)
    }

    /// The calendar at a position, from the few events of the log itself: for who asks often, and of a head that moves.
    pub async fn calendar(&self, position: u64) -> Result<Calendar, Error> {
        if let Some(known) = self.held(position) {
            return Ok(known.calendar.clone());
        }
        let rows = self.log.of_kind(&Scope::Everything, kind::LOG, position).await?;
        Ok(learn(&self.log, &rows)?.calendar)
    }

    /// A snapshot that was taken at this position, or before it with nothing of the registry in between as far as it was read.
    fn held(&self, position: u64) -> Option<Arc<Knowledge>> {
        let snapshots = self.snapshots.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |(last, read, _): &&(u64, u64, _)| (*last..=*read).contains(&position);
        snapshots.iter().find(holds).map(|(.., knowledge)| Arc::clone(knowledge))
    }
}

/// Knowledge from the registry's events.
pub(crate) fn learn(log: &Log, rows: &[Row]) -> Result<Knowledge, Error> {
    let genesis = log.genesis();
    let mut knowledge = Knowledge::new(genesis.zone.clone(), genesis.synthetic);
    for row in rows {
        knowledge.apply(&row.recorded(&genesis.zone)?);
    }
    Ok(knowledge)
}
