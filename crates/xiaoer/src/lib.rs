//! What the one binary does besides wiring: the synthetic district and the import of event logs.
//!
//! Both make events of the contract and know nothing of how they are sent.

pub mod import;
pub mod simulate;
pub mod splitmix;
