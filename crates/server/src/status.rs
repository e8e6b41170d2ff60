//! Refusals and errors as gRPC status, in one place.
//!
//! Invariant: no status of ours is made elsewhere, so that one without details comes from the transport ([`explained`]).

use crate::seldom::Seldom;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tonic::{Code as GrpcCode, Status, codegen::http};
use tonic_types::{ErrorDetails, StatusExt};
use xiaoer_domain::{Code, Refusal, refusal::Class};
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
        Class::NotFound | Class::Range | Class::Unserved | Class::Corrupt | Class::Unauthenticated | Class::Forbidden => {}
    }
    Status::with_error_details(GrpcCode::from_i32(grpc_code(refusal.code)), refusal.to_string(), details)
}

/// What a client says of a log that is not so.
static ELSEWHERE: Seldom = Seldom::new();

/// An error of the journal; its detail is logged here, once, and not told.
pub fn failed(error: &Error) -> Status {
    match error {
        // No error of ours: any client can name another leaf than the log has. A relay or a copy that finds one says so itself.
        Error::Rewound { .. } => {
            if let Some(others) = ELSEWHERE.says(Instant::now()) {
                tracing::warn!(%error, others, "a reader has seen another log");
            }
        }
        _ => tracing::error!(%error, "the journal did not answer"),
    }
    refused(&Refusal::from(error))
}

/// A mistake of the server's, which whoever asks is told nothing more of.
pub fn internal() -> Status {
    refused(&Refusal::new(Code::Internal, "the server made a mistake"))
}

/// Time is over: the client's, or ours where it gave none. The code of gRPC says enough.
pub fn late(what: &str) -> Status {
    Status::deadline_exceeded(what)
}

/// A status of the transport as the refusal it stands for. Whatever comes from us has details and stays as it is, and so does what
/// says enough by its code, such as a deadline that has passed.
pub fn explained(status: Status) -> Status {
    let (code, otherwise) = match status.code() {
        _ if !status.details().is_empty() => return status,
        GrpcCode::Unimplemented => (Code::NotServed, "the server has no such method"),
        // Whether bytes are a message is found out before anything of ours runs, so that the mistake is never the server's.
        GrpcCode::InvalidArgument | GrpcCode::Internal => (Code::MessageUnreadable, "no message of the contract"),
        GrpcCode::OutOfRange => (Code::MessageTooLarge, "the message is too large"),
        _ => return status,
    };
    let message = if status.message().is_empty() { otherwise } else { status.message() };
    refused(&Refusal::new(code, message))
}

/// The same for a response that is nothing but a status.
pub fn explain<B>(mut response: http::Response<B>) -> http::Response<B> {
    if let Some(status) = Status::from_header_map(response.headers()) {
        // Fails for characters that no header may hold; percent-encoding leaves none.
        let _ = explained(status).add_header(response.headers_mut());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

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
                (_, Class::Unauthenticated) => GrpcCode::Unauthenticated,
                (_, Class::Forbidden) => GrpcCode::PermissionDenied,
                (_, Class::Unserved) => GrpcCode::Unimplemented,
                (_, Class::Corrupt) => GrpcCode::DataLoss,
            };
            assert_eq!(status.code(), expected, "{code:?}");
            let details = status.get_error_details();
            assert_eq!(details.error_info().unwrap().reason, code.as_str());
            assert_eq!(details.bad_request().is_some(), code.class() == Class::Malformed, "{code:?}");
            assert_eq!(details.retry_info().is_some(), matches!(code.class(), Class::Full | Class::Away), "{code:?}");
        }
    }

    #[test]
    fn only_what_says_nothing_is_explained() {
        let reason = |status: Status| status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default();
        let table = [
            (Status::unimplemented(""), "XE-NOT-SERVED"),
            (Status::internal("failed to decode"), "XE-MESSAGE-UNREADABLE"),
            (Status::out_of_range("found 9 bytes"), "XE-MESSAGE-TOO-LARGE"),
            (Status::deadline_exceeded("Timeout expired"), ""),
            (Status::not_found("service not registered"), ""),
            (refused(&Refusal::new(Code::Internal, "x")), "XE-INTERNAL"),
            (refused(&Refusal::new(Code::PositionAhead, "x")), "XE-POSITION-AHEAD"),
        ];
        for (status, expected) in table {
            let (said, message) = (format!("{status:?}"), status.message().to_owned());
            let explained = explained(status);
            assert!(explained.message().contains(&message), "{said}");
            assert_eq!(reason(explained), expected, "{said}");
        }
    }
}
