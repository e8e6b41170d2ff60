//! The bus: every log of the journal, once and in order, on NATS JetStream, and from there into copies of it.
//!
//! ```text
//!  journal   1  2  3  4  5  6  7  8         position
//!            │  │  │  │  │  │
//!  stream    1  2  3  4  5  6  ◄── relay    sequence n is position n
//! ```
//!
//! Promises:
//! - **B1 one event, one message, one order.** Message n of stream `XIAOER-<log>` is the event at position n, with its stored bytes.
//!   Any number of relays may run, and any of them may be killed at any point.
//! - **B2 no state of its own.** Where to go on is read from the stream; a lost stream is filled again from the journal.
//! - **B3 going backwards is noticed.** Before anything is published after a message, that message's position and leaf hash are compared
//!   with the journal; where they differ the relay stops with `XE-LOG-REWOUND`. A [`Stored`] stream is read by whoever compares.
//! - **B4 NATS away harms nobody.** The relay tries again for ever, and its [`relay::Status`] says where it stands.
//! - **B5 a copy is the log.** What [`feed::Feed`] gives of a stream follows the copy's head without a hole and fits its leaf hashes, or
//!   it ends with the reason: a foreign message, a hole, another past, a start that retention cut off.
//!
//! Invariant: nothing here writes to the journal, or reads a clock for anything that is stored.

pub mod accounts;
pub mod feed;
pub mod managed;
pub mod message;
pub mod nats;
pub mod relay;
pub mod source;
mod stored;
mod stream;

pub use feed::Feed;
pub use managed::{Managed, find_binary};
pub use nats::{Login, Nats};
pub use source::Source;
pub use stored::{Messages, Stored};
