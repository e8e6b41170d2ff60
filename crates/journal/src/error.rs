//! Two kinds of error: the database is away or busy (try again), or our own data is not what it must be (stop).

use xiaoer_domain::{Code, Refusal};

/// Why the journal did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is away or busy; nothing is known of the last write.
    #[error("the database is away: {0}")]
    Away(#[from] sqlx::Error),
    /// Migrations did not run.
    #[error("the database could not be brought to this program's form: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A database that is set up so that the promises would not hold.
    #[error("the database cannot be used: {0}")]
    Setting(String),
    /// A file could not be used.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// Data that cannot be.
    #[error("table {table}, row {row}: {what}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong.
        what: String,
    },
    /// The log stands before a point that was seen.
    #[error("log {log} was seen at position {position} with another content")]
    Rewound {
        /// Which log.
        log: String,
        /// The point that is gone.
        position: u64,
    },
    /// A new log that no database is named for, or more than one.
    #[error("log {log} belongs to {databases} of the databases, it must belong to one")]
    Unplaced {
        /// Which log.
        log: String,
        /// How many.
        databases: usize,
    },
    /// A newer program wrote this log.
    #[error("{}", Refusal::from(self))]
    Newer {
        /// Which log.
        log: String,
        /// What it needs.
        needs: u32,
    },
}

impl Error {
    pub(crate) fn corrupt(table: &'static str, row: impl ToString, what: impl Into<String>) -> Self {
        Self::Corrupt { table, row: row.to_string(), what: what.into() }
    }

    pub(crate) fn file(path: &std::path::Path, error: std::io::Error) -> Self {
        Self::File { path: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), error }
    }
}

impl From<&Error> for Refusal {
    /// What a caller is told; the detail stays in the server's own log.
    fn from(error: &Error) -> Self {
        match error {
            Error::Rewound { position, .. } => {
                Refusal::new(Code::LogRewound, format!("position {position} was seen with another content, or is gone"))
            }
            Error::Unplaced { databases, .. } => {
                let message = format!("a log of this name belongs to {databases} of the server's databases, it must belong to one");
                Refusal::new(Code::LogUnplaced, message).at("log")
            }
            Error::Newer { log, needs } => {
                let message = format!("log {log} has contract number {needs}, this program knows {}", crate::CONTRACT);
                Refusal::new(Code::ContractNewer, message)
            }
            Error::Away(_) => Refusal::new(Code::Unavailable, "the database did not answer"),
            Error::Migrate(_) | Error::Setting(_) | Error::File { .. } | Error::Corrupt { .. } => {
                Refusal::new(Code::Internal, "the server's own data or set-up is not what it must be")
            }
        }
    }
}
