//! The services of the contract. A method parses, calls and answers.

mod accesses;
pub(crate) mod admin;
pub(crate) mod answers;
pub(crate) mod asked;
pub(crate) mod audit;
pub(crate) mod catalogue;
pub(crate) mod complaint;
pub(crate) mod metrics;
pub(crate) mod person;
pub(crate) mod posting;
mod rebuild;
mod small;
mod subscription;
mod views;

pub(crate) use views::subject;

pub(crate) use answers::Answers;

use tonic::Status;
use xiaoer_domain::Refusal;

/// Answers of a stream that wait for their reader; a slow one holds back its own stream only.
const WAITING_MAX: usize = 256;

/// A refusal or error of the read side as a status; errors are logged here, once.
pub(crate) fn unanswered(error: &xiaoer_projections::Error) -> Status {
    match error {
        xiaoer_projections::Error::Refused(_) => {}
        xiaoer_projections::Error::Journal(error) => return crate::status::failed(error),
        error => tracing::error!(%error, "a question was not answered"),
    }
    crate::status::refused(&Refusal::from(error))
}
