//! The journal: the append-only logs in SQL, and what they promise. Everything else can be deleted and rebuilt from here.
//!
//! ```text
//!  position    1        2        3        4     …    head
//!           ┌────────┬────────┬────────┬────────┬────────┐
//!           │genesis │ event  │ event  │ event  │ event  │ ◄── append: under the head's lock only
//!           └────────┴────────┴────────┴────────┴────────┘
//!  leaf hash   h1       h2       h3       h4          hn     of (log, position, time, subject, …, stored bytes)
//!  recorded    t1   ≤   t2   ≤   t3   ≤   t4    ≤     tn
//! ```
//!
//! Promises, proved by the conformance tests in `tests/conformance/` for every database:
//! - **J1 durable.** [`Locked::commit`] returns only after the events and the moved head are on disk.
//! - **J2 dense.** Positions are 1, 2, 3 … without a gap, revisions of a stream likewise; a hole that is read is an [`Error::Corrupt`].
//! - **J3 one order.** Position order is commit order, and `recorded_at` never falls along it.
//! - **J4 one writer at a time.** [`Log::lock`] holds the head until it is committed or dropped; a drop changes nothing.
//! - **J5 identity.** Two events of one identity never both stand in a log.
//! - **J6 stored bytes.** What [`Locked::append`] was given as body is read back to the byte, for ever; a row whose leaf hash does
//!   not fit is an [`Error::Corrupt`], and so is a head that is not the last event.
//! - **J7 no half commit.** After any crash a log holds all events of a commit or none.
//! - **J8 going backwards is noticed.** [`Log::check`] refuses a (position, leaf hash) that the log does not hold, and [`Log::lock`]
//!   refuses a log that does not hold what this process has seen of it.
//!
//! Invariant: nothing here decides whether an event may happen; that is `domain`, asked by the writer in `server`.
//! Invariant: a statement is one file in `sql/`, named as its function. What differs between the databases is said in
//! `connection.rs` and below it, and nowhere above.

pub mod bulk;
pub mod connection;
pub mod postgres;
pub mod sqlite;
pub mod vault;
mod database;
mod error;
mod journal;
mod locked;
mod log;
mod logs;
mod placed;
mod row;
mod sql;
mod statement;
mod tail;

#[cfg(test)]
#[path = "../../../tests/src/postgres.rs"]
mod server;

pub use error::Error;
pub use journal::Journal;
pub use locked::{Locked, Refused};
pub use log::{Log, PAGE_EVENTS_MAX, Stamp};
pub use row::{Carried, Genesis, Head, Known, NewRow, Row};
pub use statement::Statement;

/// Number of the contract this program knows: a log of a higher one is refused, and one of a lower one takes no newer form before
/// it is finalized ([`Locked::finalize`]).
pub const CONTRACT: u32 = 6;
