//! The lab of the whole-system tests: the program as its users run it, in a temporary folder, on free ports.
//!
//! Promises: a test builds and starts its own servers, and ends only those; whatever it waits for has a bound, beyond which it fails.
//! The tests stand in `journeys/`; each says in its head what it lives through. Adding one: a module there.

mod client;
mod cluster;
mod disk;
mod facts;
pub mod fuzz;
mod keys;
pub mod postgres;
mod program;
pub mod raw;
mod record;
pub mod web;

pub use client::{Client, Posted, refusal_of, scope};
pub use cluster::Cluster;
pub use disk::{files_of, files_with};
pub use facts::{ITEM, UNIT, by_unit, case, event, on, registry};
pub use keys::Keys;
pub use program::{Lab, Server, binary, command, reference, root};
pub use record::{Record, compare_with_stream, refused};

use std::time::{Duration, Instant};

/// Longest wait for anything, beyond which a test fails.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at what has not come yet.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks again and again until something is there; fails where it does not come.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(since.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
