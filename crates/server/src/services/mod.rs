//! The services of the contract. A method parses, calls and answers.

pub(crate) mod admin;
pub(crate) mod asked;
pub(crate) mod audit;
pub(crate) mod catalogue;
pub(crate) mod metrics;
pub(crate) mod posting;
mod views;

use tonic::Status;
use xiaoer_domain::Refusal;

/// A refusal or error of the read side as a status; errors are logged here, once.
pub(crate) fn unanswered(error: &xiaoer_projections::Error) -> Status {
    if !matches!(error, xiaoer_projections::Error::Refused(_)) {
        tracing::error!(%error, "a question was not answered");
    }
    crate::status::refused(&Refusal::from(error))
}
