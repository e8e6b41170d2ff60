//! Import of event logs in XES (IEEE 1849): a history kept elsewhere becomes events of the contract.
//!
//! Goes in: a log, plain or gzipped, and a mapping (TOML, docs/import.md). Comes out: for each trace the events of one case, in
//! file order, numbered by `source_seq`. They are meant for record mode: what the state table forbids is stored and flagged.
//!
//! Promises: one trace is held in memory at a time; the same log and mapping give the same events with the same ids, so that an
//! import can be repeated; nothing in the log is left out in silence except attributes that the mapping does not name.
//! Left to others: sending, and the checks of the gate.
//!
//! Two events are made from a trace itself, see [`is_source_event`]; every other one is an `<event>` of the log.

mod convert;
mod mapping;
mod template;
pub mod xes;

#[cfg(test)]
mod tests;

pub use convert::{CaseEvents, is_source_event};
pub use mapping::Mapping;

use std::io::Read;

/// Why an import stopped. Nothing of the trace it names was given out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mapping is not one.
    #[error("mapping: {0}")]
    Mapping(String),
    /// The log is not one, or ends early.
    #[error(transparent)]
    Log(#[from] xes::Error),
    /// A trace does not fit the mapping.
    #[error("trace {trace}, which begins at byte {position}: {what}")]
    Trace {
        /// Its number, or its place in the log where it has none.
        trace: String,
        /// Where it begins in the unpacked log.
        position: u64,
        /// What is wrong.
        what: String,
    },
}

/// The events of each trace of a log, in the order of the log. Stops after the first error.
pub fn events(mapping: &Mapping, log: impl Read + Send + 'static) -> Result<Cases<'_>, Error> {
    Ok(Cases { mapping, log: xes::Reader::open(log)?, failed: false })
}

/// Iterator of [`events`].
#[derive(Debug)]
pub struct Cases<'a> {
    mapping: &'a Mapping,
    log: xes::Reader,
    failed: bool,
}

impl Cases<'_> {
    /// Bytes of the unpacked log read so far.
    pub fn position(&self) -> u64 {
        self.log.position()
    }
}

impl Iterator for Cases<'_> {
    type Item = Result<CaseEvents, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let trace = self.log.next_trace().map_err(Error::from).transpose()?;
        let case = trace.and_then(|trace| convert::case_events(self.mapping, &trace));
        self.failed = case.is_err();
        Some(case)
    }
}
