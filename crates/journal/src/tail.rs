//! The last events of a log, kept in memory as they were committed, so that who follows the log reads them without the database.
//!
//! Promise: what it gives is what the database holds. Only a commit of this process adds to it, and what other processes append
//! in between makes it begin anew.

use crate::Row;
use std::collections::VecDeque;

/// Events kept.
const EVENTS_MAX: usize = 8_192;
/// Stored bytes kept.
const BYTES_MAX: usize = 4 << 20;

/// The last events, oldest first, without a gap.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    rows: VecDeque<Row>,
    bytes: usize,
}

impl Tail {
    /// Adds what was committed.
    pub(crate) fn push(&mut self, rows: Vec<Row>) {
        let follows = |row: &Row| self.rows.back().is_some_and(|last| last.position + 1 == row.position);
        if !rows.first().is_some_and(follows) {
            *self = Self::default();
        }
        for row in rows {
            self.bytes += row.body.len();
            self.rows.push_back(row);
        }
        while self.rows.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            let Some(row) = self.rows.pop_front() else { return };
            self.bytes -= row.body.len();
        }
    }

    /// The next events after a position, where they begin in here and are more than one: what comes after the last one kept, only
    /// the database knows.
    pub(crate) fn read(&self, after: u64, limit: usize) -> Option<Vec<Row>> {
        let first = self.rows.front()?.position;
        let skip = usize::try_from(after.checked_add(1)?.checked_sub(first)?).ok()?;
        let held = self.rows.len().checked_sub(skip).filter(|&held| held > 1)?;
        Some(self.rows.range(skip..skip + held.min(limit)).cloned().collect())
    }
}
