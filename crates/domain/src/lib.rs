//! What may happen to a case and what it means.
//!
//! Goes in: events that were parsed at the edge, and what is known besides (catalogue, calendar, rules). Comes out: a state, a
//! clock, a decision at the gate, the standing of a thing in a metric.
//!
//! Invariant: nothing here is async, reads a clock, draws a random number or touches a file, a socket or a database.
//! Invariant: the same events give the same answer, in whatever order they were posted.

#![cfg_attr(test, allow(clippy::type_complexity, reason = "tables of scenarios show their shape in place"))]

pub mod event;
pub mod history;
pub mod calendar;
pub mod rules;
pub mod catalogue;
pub mod knowledge;
pub mod clock;
pub mod case;
pub mod contact;
pub mod complaint;
pub mod project;
pub mod vault;
pub mod personal;
pub mod decide;
pub mod permit;
pub mod metric;
pub mod flag;
pub mod ids;
pub mod refusal;
#[cfg(test)]
mod testing;

pub use event::{Event, Fact, Recorded};
pub use ids::{Actor, Identity, LogName, Scope, Subject};
pub use refusal::{Code, Refusal};
