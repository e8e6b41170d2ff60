//! Projections: the read tables behind every figure, and the answers from them.
//!
//! ```text
//!  journal ── feed ──► fold (domain) ──► what stands now ── diff ──► rows [known_from, known_to) × [valid_from, valid_until)
//!                                                                                    │
//!                                     question (known_at, valid_on, period, where) ──┴──► figure, series, members
//! ```
//!
//! Promises, proved in `tests/`:
//! - **P1 never skips.** Rows and cursor move in one transaction; a hole or another content at the cursor stops the projection.
//! - **P2 never lies about it.** Every answer carries the position it reflects.
//! - **P3 as known then.** A question as of position k gives what the first k events give, whatever was posted after.
//! - **P4 two equal questions, two equal answers.** For a known time and a day, for ever.
//! - **P5 stops loudly.** An event that cannot be applied stops this projection only, says so, and answers keep the old position.
//! - **P6 wide events** (calendar, rules, items) are applied in bounded steps; answers keep the position before until all are done.
//!
//! How a row is known and valid is all the SQL there is: one statement counts every metric, because `domain::metric` says of
//! each thing where it stands and on which days. A row that was superseded before its first day came is deleted, for no question
//! may ask about a day that had not come by its known time.
//!
//! Invariant: nothing here knows a rule of a case or a metric.

pub mod accesses;
pub mod answer;
pub mod cases;
mod cells;
mod compare;
mod cursor;
mod fold;
mod folding;
mod keeper;
mod knowing;
mod loading;
mod projection;
mod question;
mod rebuild;
mod rows;
mod scan;
mod sql;
mod store;
mod tables;
mod tally;
mod things;
mod worker;

pub use answer::{Figure, Member, Point};
pub use cursor::{Cursor, Role};
pub use knowing::Knowing;
pub use projection::{Projection, State};
pub use question::{Known, KnownAt, Question, Where};
pub use rebuild::Rebuild;
#[doc(hidden)]
pub use scan::Scanned;
pub use store::Store;
pub use worker::{Limits, Worker};

/// Version of the formulas. Tables of another version are left to programs of that version, and built anew beside them.
pub const VERSION: u32 = 3;

/// Why a projection did not do its work or a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] xiaoer_journal::Error),
    /// The read tables.
    #[error("the projections' database is away: {0}")]
    Away(#[from] sqlx::Error),
    /// Another worker moves this projection, or it answers no longer.
    #[error("another worker moved this projection")]
    Overtaken,
    /// The read tables hold what cannot be.
    #[error("table {table}: {what}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        what: String,
    },
    /// The question cannot be answered.
    #[error(transparent)]
    Refused(#[from] xiaoer_domain::Refusal),
}

impl From<&Error> for xiaoer_domain::Refusal {
    fn from(error: &Error) -> Self {
        use xiaoer_domain::{Code, Refusal};
        match error {
            Error::Refused(refusal) => refusal.clone(),
            Error::Journal(error) => error.into(),
            Error::Away(_) => Refusal::new(Code::Unavailable, "the projections' database did not answer"),
            Error::Overtaken => Refusal::new(Code::Unavailable, "the read tables were changed for new ones meanwhile"),
            Error::Corrupt { .. } => Refusal::new(Code::Internal, "the read tables are not what they must be"),
        }
    }
}
