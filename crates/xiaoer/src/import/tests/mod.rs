//! The reader against broken files, the mapping against small logs, and both against two real logs whose figures were worked
//! out by other programs.

mod figures;
mod mappings;
mod reader;

use super::{CaseEvents, Error, Mapping, events};

/// A log around these traces.
fn log(traces: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">{traces}</log>").into_bytes()
}

/// All cases of a log.
fn import(mapping: &str, log: Vec<u8>) -> Result<Vec<CaseEvents>, Error> {
    let mapping = Mapping::parse(mapping)?;
    events(&mapping, std::io::Cursor::new(log))?.collect()
}
