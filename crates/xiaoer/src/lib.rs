//! What the one binary does besides wiring: the synthetic district and the import of event logs, and what its configuration says.
//!
//! The first two make events of the contract and know nothing of how they are sent.

pub mod config;
pub mod import;
pub mod simulate;
pub mod splitmix;
