//! The commands. Each reads its arguments, calls the server or opens the journals, and says the answer as text or JSON.

pub(crate) mod accesses;
pub(crate) mod bench;
pub(crate) mod deadline;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod metrics;
mod note_key;
pub(crate) mod post;
pub(crate) mod rebuild;
pub(crate) mod recover;
pub(crate) mod replay;
pub(crate) mod security;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod status;
pub(crate) mod upgrade;
pub(crate) mod vault;
