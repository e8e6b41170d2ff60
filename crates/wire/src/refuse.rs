//! Refusals as the contract writes them.
//!
//! One table from a refusal's code to the gRPC status code; the server builds its statuses from the same table.

use crate::v1;
use xiaoer_domain::{
    Code, Refusal,
    refusal::Class::{Away, Conflict, Corrupt, Forbidden, Full, Malformed, NotFound, Range, State, Unauthenticated, Unserved},
};

/// The gRPC status code of a refusal (`google.rpc.Code`).
pub const fn grpc_code(code: Code) -> i32 {
    match (code, code.class()) {
        // A mistake of ours says nothing about the data.
        (Code::Internal, _) => 13,  // INTERNAL
        (_, Malformed) => 3,        // INVALID_ARGUMENT
        (_, NotFound) => 5,         // NOT_FOUND
        (_, Conflict) => 6,         // ALREADY_EXISTS
        (_, Forbidden) => 7,        // PERMISSION_DENIED
        (_, Full) => 8,             // RESOURCE_EXHAUSTED
        (_, State) => 9,            // FAILED_PRECONDITION
        (_, Range) => 11,           // OUT_OF_RANGE
        (_, Unserved) => 12,        // UNIMPLEMENTED
        (_, Away) => 14,            // UNAVAILABLE
        (_, Corrupt) => 15,         // DATA_LOSS
        (_, Unauthenticated) => 16, // UNAUTHENTICATED
    }
}

impl From<&Refusal> for v1::Refusal {
    fn from(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code.as_str().to_owned(),
            grpc_status: grpc_code(refusal.code),
            message: refusal.message.clone(),
            field: refusal.field.clone(),
            rule: refusal.rule.clone(),
            remedy: refusal.remedy.clone(),
            event_index: refusal.event_index,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_status() {
        let table = [
            (Code::MissingField, tonic::Code::InvalidArgument),
            (Code::UnknownLog, tonic::Code::NotFound),
            (Code::IdentityReused, tonic::Code::AlreadyExists),
            (Code::Unauthenticated, tonic::Code::Unauthenticated),
            (Code::OwnMatter, tonic::Code::PermissionDenied),
            (Code::QueueFull, tonic::Code::ResourceExhausted),
            (Code::CaseEnded, tonic::Code::FailedPrecondition),
            (Code::PositionAhead, tonic::Code::OutOfRange),
            (Code::NotServed, tonic::Code::Unimplemented),
            (Code::Unavailable, tonic::Code::Unavailable),
            (Code::LogRewound, tonic::Code::DataLoss),
            (Code::Internal, tonic::Code::Internal),
        ];
        for (code, status) in table {
            assert_eq!(tonic::Code::from_i32(grpc_code(code)), status, "{code:?}");
        }
    }

    #[test]
    fn nothing_is_lost() {
        let refusal =
            Refusal::new(Code::CaseEnded, "the case ended on 2026-05-15").at("subject").by_rule("case:Completed:CaseDecided");
        let wire = v1::Refusal::from(&refusal.of_event(2));
        let expected = v1::Refusal {
            code: "XE-CASE-ENDED".into(),
            grpc_status: 9,
            message: "the case ended on 2026-05-15".into(),
            field: "events[2].subject".into(),
            rule: "case:Completed:CaseDecided".into(),
            remedy: "The case has ended; a new application is a new case.".into(),
            event_index: 2,
        };
        assert_eq!(wire, expected);
    }
}
