//! Complaints to the hotline (domain.md S8, 3.7).
//!
//! Received on Monday 04-27, so that 15 working days on is 05-20 (1 to 5 May are off, Saturday 05-09 is worked), and 7 more are 05-29.

use super::{Facts, Life, check, check_known};
use crate::event::{
    Channel, ComplaintCategory, ComplaintKind, ComplaintOutcome, ComplaintReceived, ComplaintTransferred, Fact, Finding,
};
use crate::ids::kind::COMPLAINT;

const ACCEPTED: Fact = Fact::ComplaintAccepted(None);
const CLOSED: Fact = Fact::ComplaintClosed(ComplaintOutcome::Handled);
const WITHDRAWN: Fact = Fact::ComplaintClosed(ComplaintOutcome::Withdrawn);

fn received(kind: ComplaintKind, repeat_of: &str) -> Fact {
    Fact::ComplaintReceived(ComplaintReceived {
        kind,
        category: ComplaintCategory::Delay,
        channel: Channel::Hotline,
        unit: "u".into(),
        staff: "".into(),
        text: "t".into(),
        repeat_of: repeat_of.into(),
    })
}

fn to(unit: &str) -> Fact {
    Fact::ComplaintTransferred(ComplaintTransferred { unit: unit.into(), redacted: "r".into(), due_on: None })
}

fn extended(on: &str) -> Fact {
    Fact::ComplaintExtended(crate::testing::day(on))
}

fn promised(on: &str) -> Fact {
    Fact::ComplaintAccepted(Some(crate::testing::day(on)))
}

fn told(rest: Facts<'_>) -> Life {
    [("04-27", received(ComplaintKind::Complaint, ""))].into_iter().chain(rest.iter().cloned()).collect()
}

#[test]
fn closed_in_time() {
    let table: &[(&str, Facts<'_>, &str)] = &[
        ("on the last day", &[("04-28", ACCEPTED), ("05-20", CLOSED)], "05-20 = 1/1 closed_in_time(delay)"),
        ("a day late", &[("04-28", ACCEPTED), ("05-21", CLOSED)], "05-20 = 0/1 closed_late(delay)"),
        ("never", &[("04-28", ACCEPTED)], "05-20 = 0/1 open_past_due(delay)"),
        ("never accepted", &[], "05-20 = 0/1 open_past_due(delay)"),
        ("accepted late gains nothing", &[("05-15", ACCEPTED), ("05-21", CLOSED)], "05-20 = 0/1 closed_late(delay)"),
        ("promised earlier", &[("04-28", promised("05-08")), ("05-09", CLOSED)], "05-08 = 0/1 closed_late(delay)"),
        ("promised later gains nothing", &[("04-28", promised("06-30")), ("05-21", CLOSED)], "05-20 = 0/1 closed_late(delay)"),
        (
            "extended in time",
            &[("04-28", ACCEPTED), ("05-20", extended("05-29")), ("05-29", CLOSED)],
            "05-29 = 1/1 closed_in_time(delay)",
        ),
        (
            "extended further than the rule",
            &[("04-28", ACCEPTED), ("05-20", extended("06-30")), ("06-01", CLOSED)],
            "05-29 = 0/1 closed_late(delay)",
        ),
        (
            "extended too late",
            &[("04-28", ACCEPTED), ("05-21", extended("05-29")), ("05-29", CLOSED)],
            "05-20 = 0/1 closed_late(delay)",
        ),
        (
            "extended twice",
            &[("04-28", ACCEPTED), ("05-08", extended("05-22")), ("05-21", extended("05-29")), ("05-29", CLOSED)],
            "05-22 = 0/1 closed_late(delay)",
        ),
        ("taken back", &[("04-28", ACCEPTED), ("05-06", WITHDRAWN)], "05-20 = 0/0 x1 withdrawn(delay)"),
        ("taken back when it was late", &[("04-28", ACCEPTED), ("05-22", WITHDRAWN)], "05-20 = 0/1 closed_late(delay)"),
    ];
    for (name, rest, expected) in table {
        let (on, answer) = expected.split_once(" = ").unwrap();
        check(name, COMPLAINT, &told(rest), &[&format!("complaint_on_time {on}..{on} @12-31 = {answer}")]);
    }
    let open = told(&[("04-28", ACCEPTED)]);
    check("not due yet", COMPLAINT, &open, &["complaint_on_time 01-01..12-31 @05-19 = 0/0"]);
    let late = told(&[("04-28", ACCEPTED), ("05-20", CLOSED)]);
    check_known(
        "as known before it was closed",
        COMPLAINT,
        &late,
        2,
        &["complaint_on_time 05-20..05-20 @05-20 = 0/1 open_past_due(delay)"],
    );
    let beyond = vec![("12-28", received(ComplaintKind::Complaint, "")), ("12-29", ACCEPTED), ("12-30", CLOSED)];
    let unknown = vec![("12-28", received(ComplaintKind::Complaint, "")), ("12-29", ACCEPTED)];
    for life in [beyond, unknown] {
        check("no calendar", COMPLAINT, &life, &["complaint_on_time 01-01..2027-12-31 @2027-02-28 = 0/0 u1 no_calendar(delay)"]);
    }
}

#[test]
fn accepted_found_and_transferred() {
    let found = Fact::ComplaintVerified;
    let table: &[(&str, Facts<'_>, &[&str])] = &[
        ("not accepted", &[], &["complaint_accepted 04-27..04-27 @12-31 = 0/1 not_accepted(delay)"]),
        ("accepted", &[("04-28", ACCEPTED)], &["complaint_accepted 04-27..04-27 @12-31 = 1/1 accepted(delay)"]),
        ("accepted later", &[("04-28", ACCEPTED)], &["complaint_accepted 04-27..04-27 @04-27 = 0/1 not_accepted(delay)"]),
        ("no finding", &[("04-28", ACCEPTED), ("05-06", WITHDRAWN)], &["substantiated_rate 01-01..12-31 @12-31 = 0/0"]),
        (
            "found true",
            &[("04-28", ACCEPTED), ("05-06", found(Finding::Substantiated)), ("05-07", WITHDRAWN)],
            &["substantiated_rate 05-06..05-06 @12-31 = 1/1 substantiated(delay)"],
        ),
        (
            "found untrue, then true",
            &[("05-06", found(Finding::Unsubstantiated)), ("05-08", found(Finding::Substantiated))],
            &[
                "substantiated_rate 05-06..05-06 @05-07 = 0/1 unsubstantiated(delay)",
                "substantiated_rate 05-01..05-31 @12-31 = 1/1 substantiated(delay)",
            ],
        ),
        (
            "unverifiable stands apart",
            &[("05-06", found(Finding::Unverifiable))],
            &["substantiated_rate 05-06..05-06 @12-31 = 0/0 u1 unverifiable(delay)"],
        ),
        (
            "transferred twice",
            &[("05-06", to("u")), ("05-12", to("v"))],
            &["complaint_transfers 05-01..05-31 @12-31 = 2 transferred(delay) transferred(delay)"],
        ),
    ];
    for (name, rest, answers) in table {
        check(name, COMPLAINT, &told(rest), answers);
    }
}

#[test]
fn what_is_in_no_rate() {
    let rest = [("04-28", ACCEPTED), ("05-06", Fact::ComplaintVerified(Finding::Substantiated)), ("06-30", CLOSED)];
    let nothing = ["complaint_accepted", "complaint_on_time", "substantiated_rate"];
    for (first, repeats) in [
        (received(ComplaintKind::Praise, ""), "0"),
        (received(ComplaintKind::Suggestion, ""), "0"),
        (received(ComplaintKind::Praise, "c1"), "0"),
        (received(ComplaintKind::Complaint, "c1"), "1 repeat(delay)"),
    ] {
        let life: Life = [("04-27", first)].into_iter().chain(rest.iter().cloned()).collect();
        for metric in nothing {
            check("in no rate", COMPLAINT, &life, &[&format!("{metric} 01-01..12-31 @12-31 = 0/0")]);
        }
        check("repeats", COMPLAINT, &life, &[&format!("complaint_repeats 04-27..04-27 @12-31 = {repeats}")]);
    }
}
