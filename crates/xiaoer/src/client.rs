//! The client side: connecting, and what went wrong as an exit status.

use crate::cli::{KnownArgs, ScopeArgs, To};
use std::{fmt, process::ExitCode};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use xiaoer_server::{AccessError, Connection};
use xiaoer_wire::v1::{self, known_at::Bound};

/// Largest answer that is read.
pub(crate) const ANSWER_BYTES_MAX: usize = 64 << 20;

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Refused, or not found.
    Refused(String),
    /// Used wrongly.
    Usage(String),
    /// The server is away.
    Away(String),
    /// Anything else.
    Other(anyhow::Error),
}

impl Failure {
    /// Says it on standard error, and gives the exit status.
    #[allow(clippy::print_stderr)] // The one place where the program speaks to whoever runs it.
    pub(crate) fn report(&self) -> ExitCode {
        eprintln!("xiaoer: {self}");
        ExitCode::from(match self {
            Self::Refused(_) | Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Away(_) => 3,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(text) | Self::Usage(text) | Self::Away(text) => f.write_str(text),
            Self::Other(error) => write!(f, "{error:#}"),
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let has_code = status.get_details_error_info().is_some();
        match status.code() {
            Code::Unavailable if !has_code => Self::Away(format!("the server went away: {}", status.message())),
            _ => Self::Refused(status.message().to_owned()),
        }
    }
}

/// Connects to the server.
pub(crate) async fn connect(to: &To) -> Result<Connection, Failure> {
    to.access.connect(&to.server).await.map_err(|error| match error {
        AccessError::Wrong(text) => Failure::Usage(text),
        AccessError::Away(text) => Failure::Away(text),
    })
}

/// `--known-at`: a position or a time.
pub(crate) fn known_at(args: &KnownArgs) -> Result<Option<v1::KnownAt>, Failure> {
    let Some(text) = &args.known_at else { return Ok(None) };
    if let Ok(position) = text.parse() {
        return Ok(Some(v1::KnownAt { bound: Some(Bound::Position(position)) }));
    }
    let time: jiff::Timestamp = text
        .parse()
        .map_err(|_| Failure::Usage(format!("--known-at {text}: give a position, or a time like 2026-05-12T18:00:00+08:00")))?;
    Ok(Some(v1::KnownAt { bound: Some(Bound::Time(time.into())) }))
}

/// A scope of one log.
pub(crate) fn scope(to: &To, args: &ScopeArgs) -> Result<v1::MetricScope, Failure> {
    let dimension = |text: &String| {
        let (name, value) = text.split_once('=').ok_or_else(|| Failure::Usage(format!("--where {text}: give NAME=VALUE")))?;
        Ok(v1::Dimension { name: name.into(), value: value.into() })
    };
    Ok(v1::MetricScope {
        logs: vec![to.log.clone()],
        r#where: args.dimensions.iter().map(dimension).collect::<Result<_, Failure>>()?,
        period: Some(v1::Period { from: args.from.clone().unwrap_or_default(), to: args.to.clone().unwrap_or_default() }),
        known_at: known_at(&args.known)?,
        valid_on: args.known.valid_on.clone().unwrap_or_default(),
        at_least: Vec::new(),
    })
}

/// Prints a line of an answer; a reader that went away ends the program quietly.
pub(crate) fn say(line: impl fmt::Display) {
    use std::io::Write;
    if writeln!(std::io::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}

/// Prints an answer as a line of JSON.
pub(crate) fn say_json(answer: &impl serde::Serialize) -> Result<(), Failure> {
    say(serde_json::to_string(answer).map_err(anyhow::Error::from)?);
    Ok(())
}
