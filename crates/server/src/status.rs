//! Refusals and errors as gRPC status, in one place.

use std::{collections::HashMap, time::Duration};
use tonic::{Code as GrpcCode, Status};
use tonic_types::{ErrorDetails, StatusExt};
use xiaoer_domain::{Refusal, refusal::Class};
use xiaoer_journal::Error;
use xiaoer_wire::refuse::grpc_code;

/// `ErrorInfo.domain` of every refusal.
const DOMAIN: &str = "xiaoer.v1";
/// When to try again after a full queue or a database that is away.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// A refusal with its rich details: `ErrorInfo.reason` is the code, `BadRequest` or `PreconditionFailure` names the field.
pub fn refused(refusal: &Refusal) -> Status {
    let mut details = ErrorDetails::new();
    let metadata: HashMap<String, String> = [
        ("field", &refusal.field),
        ("rule", &refusal.rule),
        ("remedy", &refusal.remedy),
        ("event_index", &refusal.event_index.to_string()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(key, value)| (key.to_owned(), value.clone()))
    .collect();
    details.set_error_info(refusal.code.as_str(), DOMAIN, metadata);
    match refusal.code.class() {
        Class::Malformed => {
            details.add_bad_request_violation(refusal.field.clone(), refusal.message.clone());
        }
        Class::State | Class::Conflict => {
            details.add_precondition_failure_violation(refusal.rule.clone(), refusal.field.clone(), refusal.message.clone());
        }
        Class::Full | Class::Away => {
            details.set_retry_info(Some(RETRY_AFTER));
        }
        Class::NotFound | Class::Range | Class::Corrupt => {}
    }
    Status::with_error_details(GrpcCode::from_i32(grpc_code(refusal.code)), refusal.to_string(), details)
}

/// An error of the journal; its detail is logged here, once, and not told.
pub fn failed(error: &Error) -> Status {
    tracing::error!(%error, "the journal did not answer");
    refused(&Refusal::from(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xiaoer_domain::Code;

    #[test]
    fn every_code_has_its_status_and_reason() {
        for &code in Code::ALL {
            let status = refused(&Refusal::new(code, "what is wrong").at("events[0].subject").by_rule("case:Received:CaseDecided"));
            let expected = match (code, code.class()) {
                (Code::Internal, _) => GrpcCode::Internal,
                (_, Class::Malformed) => GrpcCode::InvalidArgument,
                (_, Class::State) => GrpcCode::FailedPrecondition,
                (_, Class::Conflict) => GrpcCode::AlreadyExists,
                (_, Class::NotFound) => GrpcCode::NotFound,
                (_, Class::Full) => GrpcCode::ResourceExhausted,
                (_, Class::Away) => GrpcCode::Unavailable,
                (_, Class::Range) => GrpcCode::OutOfRange,
                (_, Class::Corrupt) => GrpcCode::DataLoss,
            };
            assert_eq!(status.code(), expected, "{code:?}");
            let details = status.get_error_details();
            assert_eq!(details.error_info().unwrap().reason, code.as_str());
            assert_eq!(details.bad_request().is_some(), code.class() == Class::Malformed, "{code:?}");
            assert_eq!(details.retry_info().is_some(), matches!(code.class(), Class::Full | Class::Away), "{code:?}");
        }
    }
}
