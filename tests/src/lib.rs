//! The lab of the whole-system tests: the program as its users run it, in a temporary folder, on free ports.
//!
//! Promises: a test builds and starts its own servers, and ends only those; whatever it waits for has a bound, beyond which it fails.
//! The tests stand in `journeys/`; each says in its head what it lives through. Adding one: a module there.

mod client;
mod facts;
mod program;
pub mod raw;
mod record;

pub use client::{Client, Posted, refusal_of, scope};
pub use facts::{ITEM, UNIT, case, event, on, registry};
pub use program::{Lab, Server, binary, command, reference, root};
pub use record::{Record, compare_with_stream, refused};

use std::time::Duration;

/// Longest wait for anything, beyond which a test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);
