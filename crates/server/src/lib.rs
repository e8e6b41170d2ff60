//! The server: intake, the gRPC services, and what runs behind them.
//!
//! ```text
//!  gRPC ──► services ──► intake (one writer a log) ──► journal ──► relay ──► NATS
//!              │                                          └──► projection ──► figures
//!              └──► answers: journal (histories), projections (figures, lists)
//! ```
//!
//! Invariant: a service method parses, calls and answers; what may happen to a case is said in `domain`.
//! Invariant: nothing here holds a truth of its own; a killed server loses no receipted event.

pub mod follow;
mod intake;
mod access;
mod auth;
mod guard;
mod node;
mod recovery;
mod seldom;
mod serve;
mod services;
mod status;
mod vault;

pub use access::{Access, AccessError, Bearer, Connection};
pub use auth::{CALLS_PER_SECOND, Security, TOKEN_AUDIENCE, Tls, TokenSource, outside};
pub use intake::{Answer, Intake};
pub use node::{Database, Nats, Node, Options, Role};
pub use recovery::{Recovery, RecoveryError};
pub use serve::{Listening, serve};

use std::sync::Arc;

/// Tells the time. Injected, so that a test can live through another.
pub type Clock = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(jiff::Timestamp::now)
}
