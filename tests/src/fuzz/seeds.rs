//! Inputs to begin with: the stored form of every event there ever was, and what is made of it.

use crate::root;
use prost::Message;
use std::{fs, path::PathBuf};
use xiaoer_domain::LogName;
use xiaoer_wire::{
    parse, seeds,
    v1::{Event, PostRequest},
};

/// The log that the seeds are of.
pub(super) fn log() -> LogName {
    LogName::new("370306").expect("a name")
}

/// Stored bytes of every fact in every form it had, and a year of the calendar.
pub(super) fn stored() -> Vec<Vec<u8>> {
    let fixtures = root().join("crates/wire/fixtures");
    let files = |folder: PathBuf| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = files(fixtures).flat_map(files).collect();
    paths.sort();
    let mut bodies: Vec<_> = paths.into_iter().map(|path| fs::read(path).expect("a fixture")).collect();
    let year = seeds::calendar_events(&log(), jiff::Timestamp::UNIX_EPOCH).pop().expect("a year");
    bodies.push(parse::body(&year).expect("a seed of the program"));
    bodies
}

/// The same as events.
pub(super) fn events() -> Vec<Event> {
    stored().iter().map(|body| parse::stored(body).expect("a fixture")).collect()
}

/// Each event in a request of its own, and some in lists.
pub(super) fn requests() -> Vec<Vec<u8>> {
    let events = events();
    let request = |events: &[Event]| PostRequest { log: log().to_string(), events: events.to_vec(), ..PostRequest::default() };
    let mut list = request(&events[..3]);
    list.mode = 2;
    list.expected_revision = Some(7);
    list.simulated_recorded_at = events[0].occurred_at;
    events.chunks(1).chain(events.chunks(8)).map(request).chain([list]).map(|request| request.encode_to_vec()).collect()
}
