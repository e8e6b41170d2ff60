//! Wrong posts to a sealed log (S8), and what stands there before them.

use super::{
    Expected, SEALED, at,
    table::{Line, other},
};
use serde_json::{Value, json};
use tonic::Code as Grpc;
use xiaoer_tests::{by_unit, event, on};
use xiaoer_wire::v1::{Event, PostRequest, Subject};

/// The unit complained about; its code passes its check.
const ACCUSED: &str = "11370306XXXX00027E";

/// A complaint by the last digit of its id.
fn complaint(digit: u8) -> Subject {
    on("complaint", &format!("6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5{digit}"))
}

fn record() -> Subject {
    on("record", "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e60")
}

fn text(reference: &str) -> Value {
    json!({"ref": reference, "commitment": "A".repeat(43) + "="})
}

fn received() -> Value {
    json!({"complaintReceived": {"kind": "COMPLAINT_KIND_COMPLAINT", "category": "COMPLAINT_CATEGORY_DELAY", "subjectUnit": ACCUSED,
        "textRef": text("told")}})
}

fn transferred(reference: &str) -> Value {
    json!({"complaintTransferred": {"toUnit": ACCUSED, "redactedRef": text(reference)}})
}

fn issued() -> Value {
    json!({"recordRefIssued": {"complaintId": complaint(2).id}})
}

/// What stands in the sealed log: staff, the rule that refuses early transfers, a complaint that is not received (0), received (1),
/// accepted (2).
pub(super) fn standing() -> Vec<Event> {
    let designated = json!({"hotlineStaffDesignated": {"staffId": "1001", "from": "2026-01-01"}});
    let rule = json!({"ruleSet": {"ruleId": "complaint_early_transfer", "value": {"code": "refuse"}, "inForceFrom": "2026-01-01",
        "authority": "a"}});
    vec![
        event(&on("unit", "11370306XXXX000359"), &at("09:00"), designated),
        event(&on("log", SEALED), &at("09:00"), rule),
        event(&complaint(1), &at("09:10"), received()),
        event(&complaint(2), &at("09:10"), received()),
        event(&complaint(2), &at("09:20"), json!({"complaintAccepted": {}})),
        event(&record(), &at("09:30"), issued()),
    ]
}

/// A line of a fact on a thing of the sealed log.
fn sealed(name: &'static str, subject: &Subject, fact: Value, expected: Expected) -> Line {
    stated(name, event(subject, &at("17:00"), fact), expected)
}

/// A line of an event of the sealed log.
fn stated(name: &'static str, event: Event, expected: Expected) -> Line {
    other(name, SEALED, PostRequest { log: SEALED.into(), events: vec![event], ..PostRequest::default() }, expected)
}

pub(super) fn lines() -> Vec<Line> {
    use Grpc::{FailedPrecondition, InvalidArgument, PermissionDenied};
    let fact = "events[0].fact";
    let mut by_nobody = event(&complaint(1), &at("17:00"), json!({"complaintAccepted": {}}));
    by_nobody.source.as_mut().unwrap().staff_id = "1002".into();
    let verifying = json!({"complaintVerificationStarted": {"verifier": "1001"}});
    let by_accused = by_unit(ACCUSED, event(&complaint(2), &at("17:00"), verifying));
    let of_case = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    vec![
        stated("a person nobody designated", by_nobody, {
            ("XE-NOT-DESIGNATED", FailedPrecondition, "events[0].source.staff_id", "S8")
        }),
        sealed("a case", &xiaoer_tests::case("1"), of_case, ("XE-LOG-WRONG", InvalidArgument, fact, "")),
        sealed("a complaint with a running number", &on("complaint", "20260421-0001"), received(), {
            ("XE-FIELD-INVALID", InvalidArgument, "events[0].subject.id", "")
        }),
        sealed("accepted, never received", &complaint(0), json!({"complaintAccepted": {}}), {
            ("XE-COMPLAINT-UNKNOWN", FailedPrecondition, fact, "complaint:None:ComplaintAccepted")
        }),
        sealed("received twice", &complaint(1), received(), {
            ("XE-COMPLAINT-EXISTS", FailedPrecondition, fact, "complaint:Received:ComplaintReceived")
        }),
        sealed("found, never looked into", &complaint(2), json!({"complaintVerified": {"finding": "FINDING_SUBSTANTIATED"}}), {
            ("XE-COMPLAINT-STATE", FailedPrecondition, fact, "complaint:Accepted:ComplaintVerified")
        }),
        sealed("a reference issued twice", &record(), issued(), {
            ("XE-COMPLAINT-STATE", FailedPrecondition, fact, "record:Issued:RecordRefIssued")
        }),
        sealed("transferred before the finding", &complaint(2), transferred("redacted"), {
            ("XE-COMPLAINT-EARLY-TRANSFER", FailedPrecondition, fact, "complaint_early_transfer")
        }),
        sealed("transferred as told", &complaint(2), transferred("told"), {
            ("XE-NOT-REDACTED", FailedPrecondition, "events[0].complaint_transferred.redacted_ref", "S8")
        }),
        stated("looked into by the unit itself", by_accused, ("XE-OWN-MATTER", PermissionDenied, fact, "S8")),
    ]
}
