//! Cases: the worked examples of domain.md section 7, and a table for each rule of 3.1.

use super::life::{
    asks_two, brings, extended, finds_notice, not_accepted, passed, received, refused, site_visit, transferred, visits,
};
use super::{Facts, Life, UNIT, WINDOW_UNIT, check, check_known, nights, standings_known};
use crate::event::{CalendarPublished, CaseReceived, Channel, Fact, Finding, NoticeBreach, RuleValue, VisitCause};
use crate::ids::kind::CASE;
use crate::metric::{Metric, Place};
use crate::testing::{accepted, ended, rule, started, voided};

/// Example A. The two facts of the expert review stand where `review` says they were recorded: as they happened, or at its end.
fn example_a(review_late: bool) -> Life {
    let mut life = vec![
        ("04-20 10:12", received("permit")),
        ("04-22", asks_two()),
        ("04-27 09:00", brings(&["m1", "m2"])),
        ("04-27 10:00", accepted()),
        ("05-07", started("p", true)),
        ("05-13", ended("p")),
        ("05-15", passed()),
        ("05-18 09:00", Fact::CaseCompleted),
        ("05-18 10:00", Fact::ResultIssued),
        ("05-20", Fact::ResultDelivered),
    ];
    if review_late {
        // An inconsequential fact keeps the number of what was known on 05-12 and 05-13.
        life.insert(4, ("05-12", Fact::ReviewStepDone));
    }
    life
}

#[test]
fn example_a_lived_through() {
    let life = example_a(false);
    let known = |facts: usize, answers: &[&str]| check_known("A", CASE, &life, facts, answers);
    known(
        1,
        &[
            "on_time_rate_promised 04-01..05-31 @04-20 = 0/0",
            "backlog_receipt @04-20 = 0",
            "backlog_receipt @04-27 = 0",
            "one_time_rate 04-01..05-31 @04-20 = 0/0",
            "visit_rate_case 04-01..05-31 @04-20 = 0/0",
        ],
    );
    known(2, &["notice_in_time 04-22..04-22 @04-22 = 1/1 in_time", "one_time_rate 04-01..04-30 @04-26 = 0/0"]);
    known(2, &["backlog_receipt @04-28 = 0", "backlog_promised @05-31 = 0", "on_time_rate_promised 04-01..05-31 @05-31 = 0/0"]);
    known(4, &["one_time_rate 04-27..04-27 @04-27 = 1/1 no_breach", "on_time_rate_promised 04-01..05-31 @05-10 = 0/0"]);
    known(4, &["on_time_rate_promised 05-11..05-11 @05-11 = 0/1 open_past_due", "backlog_promised @05-11 = 0"]);
    // In the review the due date is not known: unknown, in the period of receipt, and no backlog.
    known(5, &["on_time_rate_promised 04-20..04-20 @05-12 = 0/0 u1 open_pause", "on_time_rate_promised 05-01..05-31 @05-12 = 0/0"]);
    known(5, &["backlog_promised @05-12 = 0", "backlog_statutory @06-30 = 0"]);
    known(6, &["on_time_rate_promised 05-18..05-18 @05-18 = 0/1 open_past_due", "on_time_rate_promised 05-01..05-31 @05-17 = 0/0"]);
    known(
        7,
        &[
            "closed_on_time 05-15..05-15 @05-15 = 1/1 decided_in_time",
            "backlog_delivery @05-29 = 0",
            "backlog_delivery @06-01 = 1 not_delivered",
        ],
    );
    known(9, &["visit_rate_case 05-18..05-18 @05-19 = 1/1 provisional"]);
    known(
        10,
        &[
            "on_time_rate_promised 05-18..05-18 @05-18 = 1/1 decided_in_time",
            "on_time_rate_promised 05-01..05-31 @05-17 = 0/0",
            "on_time_rate_promised 04-01..04-30 @05-20 = 0/0",
            "on_time_rate_statutory 06-03..06-03 @06-03 = 1/1 decided_in_time",
            "on_time_rate_statutory 01-01..12-31 @06-02 = 0/0",
            "closed_on_time 05-01..05-31 @05-31 = 1/1 decided_in_time",
            "one_time_rate 04-01..04-30 @05-31 = 1/1 no_breach",
            "notice_in_time 04-01..04-30 @05-31 = 1/1 in_time",
            "visit_rate_case 05-01..05-31 @05-31 = 1/1 no_visit",
            "visit_share_0 05-01..05-31 @05-31 = 1/1 no_visit",
            "visit_share_1 05-01..05-31 @05-31 = 0/1 no_visit",
            "gov_fault_visits 05-01..05-31 @05-31 = 0/1 no_visit",
            "first_ask_refused 01-01..12-31 @12-31 = 0",
            // Seen from within the review, as known now.
            "on_time_rate_promised 04-20..04-20 @05-12 = 0/0 u1 open_pause",
        ],
    );
    let all = standings_known(CASE, &life, life.len());
    for metric in [Metric::BacklogPromised, Metric::BacklogStatutory, Metric::BacklogReceipt, Metric::BacklogDelivery] {
        assert!(!all.iter().any(|s| s.metric == metric), "backlog 0 each night: {metric:?}");
    }
}

#[test]
fn example_a_with_the_review_recorded_late() {
    let life = example_a(true);
    // As known on 05-12 and 05-13 the case was overdue since 05-11; as known from 05-14 on it never was.
    check_known("A late", CASE, &life, 5, &["backlog_promised @05-11 = 0", "backlog_promised @05-12 = 1 past_due"]);
    check_known("A late", CASE, &life, 5, &["backlog_promised @05-13 = 1 past_due", "backlog_statutory @05-13 = 0"]);
    check_known("A late", CASE, &life, 5, &["on_time_rate_promised 05-01..05-31 @05-13 = 0/1 open_past_due"]);
    check_known("A late", CASE, &life, 7, &["backlog_promised @05-12 = 0", "backlog_promised @05-13 = 0"]);
    check_known("A late", CASE, &life, 7, &["on_time_rate_promised 05-01..05-31 @05-14 = 0/0"]);
}

#[test]
fn example_a_deemed_and_undone() {
    let mut life = vec![("04-20 10:12", received("permit")), ("05-06", Fact::ReviewStepDone), ("04-22", asks_two())];
    let deemed: &[&str] = &[
        "on_time_rate_promised 04-30..04-30 @04-29 = 0/0",
        "on_time_rate_promised 04-30..04-30 @04-30 = 0/1 open_past_due",
        "on_time_rate_statutory 05-20..05-20 @05-20 = 0/1 open_past_due",
        "backlog_receipt @04-27 = 0",
        "backlog_receipt @04-28 = 1 window_passed",
        "backlog_promised @04-30 = 0",
        "backlog_promised @05-01 = 1 past_due",
        "backlog_statutory @05-20 = 0",
        "backlog_statutory @05-21 = 1 past_due",
    ];
    check_known("deemed", CASE, &life, 2, deemed);
    // The notice of 04-22, posted after 05-06, undoes it.
    let undone = [
        "on_time_rate_promised 01-01..12-31 @12-31 = 0/0",
        "backlog_receipt @05-06 = 0",
        "backlog_promised @05-06 = 0",
        "notice_in_time 04-01..04-30 @05-06 = 1/1 in_time",
        "one_time_rate 01-01..12-31 @05-06 = 0/0",
    ];
    check_known("undone", CASE, &life, 3, &undone);
    // A voided notice brings it back.
    life.push(("05-08", voided(3)));
    check_known("void", CASE, &life, 4, deemed);
}

#[test]
fn example_b_without_tolerance() {
    let life = vec![
        ("09-16 09:00", received("window")),
        ("09-16 09:00 1", visits("hall", VisitCause::LawRequiresPresence)),
        ("09-16 09:30", accepted()),
        ("10-09 09:00", passed()),
        ("10-09 10:00", Fact::CaseCompleted),
        ("10-09 11:00", Fact::ResultIssued),
        ("10-12", Fact::ResultDelivered),
    ];
    let answers = [
        "on_time_rate_promised 09-30..09-30 @10-31 = 0/1 decided_late",
        "on_time_rate_promised 09-30..09-30 @09-30 = 0/1 open_past_due",
        "on_time_rate_promised 10-01..10-31 @10-31 = 0/0",
        "on_time_rate_statutory 10-20..10-20 @10-31 = 1/1 decided_in_time",
        "closed_on_time 10-01..10-31 @10-31 = 0/1 decided_late",
        "one_time_rate 01-01..12-31 @12-31 = 0/0",
        "visit_rate_case 10-01..10-31 @10-31 = 1/1 one_visit",
        "visit_share_0 10-01..10-31 @10-31 = 0/1 one_visit",
        "visit_share_1 10-01..10-31 @10-31 = 1/1 one_visit",
        "gov_fault_visits 10-01..10-31 @10-31 = 0/1 one_visit",
    ];
    check("B", CASE, &life, &answers);
    let all = standings_known(CASE, &life, life.len());
    assert_eq!(nights(&all, Metric::BacklogPromised, Place::Numerator, "09-01", "12-31"), ["10-01..10-08"]);
    assert_eq!(nights(&all, Metric::BacklogStatutory, Place::Numerator, "09-01", "12-31"), [""; 0]);
}

/// Accepted on 03-02, so that the promised due date is 03-12 and the statutory one 03-30.
fn accepted_then(rest: Facts<'_>) -> Life {
    [("03-02", received("permit")), ("03-02", accepted())].into_iter().chain(rest.iter().cloned()).collect()
}

#[test]
fn on_time_by_how_it_ended() {
    let at_due = "on_time_rate_promised 03-12..03-12 @12-31";
    let table: &[(&str, Facts<'_>, &str)] = &[
        ("decided on the due date", &[("03-12 23:59", passed())], "1/1 decided_in_time"),
        ("refused in time is on time", &[("03-12", refused())], "1/1 decided_in_time"),
        ("refused late does not vanish", &[("03-13", refused())], "0/1 decided_late"),
        ("withdrawn on the due date", &[("03-12", Fact::CaseWithdrawn)], "0/0 x1 stopped_in_time"),
        ("withdrawn late stays", &[("03-13", Fact::CaseWithdrawn)], "0/1 stopped_late"),
        ("terminated in time", &[("03-04", Fact::CaseTerminated)], "0/0 x1 stopped_in_time"),
        ("terminated late", &[("03-16", Fact::CaseTerminated)], "0/1 stopped_late"),
        ("still open", &[], "0/1 open_past_due"),
        ("left open by a site visit, which stops nothing", &[("03-04", site_visit("p"))], "0/1 open_past_due"),
        (
            "withdrawn in a pause, which ends with it",
            &[("03-04", started("p", true)), ("03-04", Fact::CaseWithdrawn)],
            "0/0 x1 stopped_in_time",
        ),
        ("a pause from the due date on moves nothing", &[("03-12", started("p", true))], "0/1 open_past_due"),
        ("an extension moves only the statutory date", &[("03-12", extended(5, true)), ("03-16", passed())], "0/1 decided_late"),
    ];
    for (name, rest, expected) in table {
        check(name, CASE, &accepted_then(rest), &[&format!("{at_due} = {expected}")]);
    }
    let extended_in_time = accepted_then(&[("03-30", extended(5, true)), ("04-03", passed())]);
    check("extended", CASE, &extended_in_time, &["on_time_rate_statutory 01-01..12-31 @03-29 = 0/0"]);
    check("extended", CASE, &extended_in_time, &["on_time_rate_statutory 04-07..04-07 @12-31 = 1/1 decided_in_time"]);
    let extended_late = accepted_then(&[("03-31", extended(5, true)), ("04-03", passed())]);
    check("extended late", CASE, &extended_late, &["on_time_rate_statutory 03-30..03-30 @12-31 = 0/1 decided_late"]);
}

#[test]
fn the_backlog_ends_with_the_case() {
    let table: &[(&str, Facts<'_>, &[&str])] = &[
        ("open", &[], &["03-13..12-31"]),
        ("decided", &[("03-17", passed())], &["03-13..03-16"]),
        ("withdrawn", &[("03-17", Fact::CaseWithdrawn)], &["03-13..03-16"]),
        ("a pause that begins too late", &[("03-13", started("p", true))], &["03-13..12-31"]),
        ("a pause in time, still open", &[("03-11", started("p", true))], &[]),
        // W(03-11, 03-13] = 2 working days out, so that the due date is Monday 03-16.
        ("a pause in time, ended", &[("03-11", started("p", true)), ("03-13", ended("p"))], &["03-17..12-31"]),
    ];
    for (name, rest, expected) in table {
        let life = accepted_then(rest);
        let all = standings_known(CASE, &life, life.len());
        assert_eq!(nights(&all, Metric::BacklogPromised, Place::Numerator, "03-01", "12-31"), *expected, "{name}");
        assert_eq!(nights(&all, Metric::BacklogPromised, Place::Unknown, "03-01", "12-31"), [""; 0], "{name}");
    }
}

#[test]
fn unknown_is_not_on_time() {
    let life = |item| vec![("03-02", received(item)), ("03-03", accepted()), ("03-04", passed())];
    let table = [("no version", "nothing", "no_item_version"), ("no limit", "open", "no_limit")];
    for (name, item, why) in table {
        let answers = [
            format!("on_time_rate_promised 03-02..03-02 @12-31 = 0/0 u1 {why}"),
            format!("on_time_rate_statutory 03-02..03-02 @03-03 = 0/0 u1 {why}"),
            format!("closed_on_time 03-04..03-04 @12-31 = 0/0 u1 {why}"),
            format!("backlog_promised @03-03 = 0 u1 {why}"),
            "backlog_promised @03-02 = 0".to_owned(),
            "backlog_promised @03-04 = 0".to_owned(),
        ];
        check(name, CASE, &life(item), &answers.each_ref().map(String::as_str));
    }
}

#[test]
fn days_without_a_calendar_are_unknown_only_where_they_matter() {
    // 2026 ends with Thursday 12-31. From 12-21 on 8 working days end on it; from 12-22 on, the eighth is a day of 2027.
    let life = |on| vec![(on, received("permit")), (on, accepted())];
    let of = |life: &Life, place| {
        nights(&standings_known(CASE, life, life.len()), Metric::BacklogPromised, place, "12-01", "2027-01-31")
    };
    assert_eq!(of(&life("12-21"), Place::Numerator), ["01-01..01-31"]);
    assert_eq!(of(&life("12-21"), Place::Unknown), [""; 0]);
    // One working day is left: it may be 01-01 itself, so that 01-02 is the first night that may be past due.
    assert_eq!(of(&life("12-22"), Place::Numerator), [""; 0]);
    assert_eq!(of(&life("12-22"), Place::Unknown), ["01-02..01-31"]);
    check("horizon", CASE, &life("12-22"), &["on_time_rate_promised 12-22..12-22 @12-31 = 0/0 u1 no_calendar"]);

    // The receipt window: five working days from 12-24 end on 12-31; the night of 01-01 may be that of a sixth.
    let waits = vec![("12-24", received("filing"))];
    let of = |place| nights(&standings_known(CASE, &waits, 1), Metric::BacklogReceipt, place, "12-01", "2027-01-31");
    assert_eq!(of(Place::Numerator), [""; 0]);
    assert_eq!(of(Place::Unknown), ["01-01..01-31"]);

    // A notice of the year settles it, whenever it is posted: 01-01 to 01-03 off.
    let days = [1, 2, 3].map(|n| (jiff::civil::date(2027, 1, n), false)).into();
    let year = Fact::CalendarPublished(CalendarPublished { year: 2027, version: 1, days });
    let mut published = life("12-22");
    published.push(("12-30", year.clone()));
    check("published", CASE, &published, &["on_time_rate_promised 2027-01-04..2027-01-04 @2027-01-04 = 0/1 open_past_due"]);
    let waits = vec![("12-24", received("filing")), ("12-30", year)];
    let all = standings_known(CASE, &waits, 2);
    assert_eq!(nights(&all, Metric::BacklogReceipt, Place::Numerator, "12-01", "2027-01-31"), ["01-04..01-31"]);
}

#[test]
fn receipts_that_wait() {
    // Received on Monday 03-02: the window ends on 03-09, the sixth working day is 03-10.
    let limit = rule("correction_wd", RuleValue::Number(3));
    let table: &[(&str, Facts<'_>, &[&str])] = &[
        ("nobody says anything", &[], &["03-10..12-31"]),
        ("accepted", &[("03-12", accepted())], &["03-10..03-11"]),
        ("not accepted", &[("03-09", not_accepted("not_required"))], &[]),
        ("a notice in time", &[("03-09", asks_two())], &[]),
        ("a notice in time, corrected", &[("03-09", asks_two()), ("03-16", brings(&[]))], &["03-24..12-31"]),
        ("a late notice does not help", &[("03-11", asks_two())], &["03-10..12-31"]),
        ("a late notice, corrected", &[("03-11", asks_two()), ("03-16", brings(&[]))], &["03-10..03-15", "03-24..12-31"]),
        ("lapsed", &[("01-01", limit), ("03-11", asks_two())], &["03-10..03-16"]),
        ("withdrawn", &[("03-13", Fact::CaseWithdrawn)], &["03-10..03-12"]),
    ];
    for (name, rest, expected) in table {
        let life: Life = [("03-02", received("filing"))].into_iter().chain(rest.iter().cloned()).collect();
        let all = standings_known(CASE, &life, life.len());
        assert_eq!(nights(&all, Metric::BacklogReceipt, Place::Numerator, "03-01", "12-31"), *expected, "{name}");
    }
    // Deemed accepted, it is still owed a word; off-days after the window are not yet backlog.
    let deemed = vec![("04-24", received("permit")), ("05-08", accepted())];
    let all = standings_known(CASE, &deemed, 2);
    assert_eq!(nights(&all, Metric::BacklogReceipt, Place::Numerator, "03-01", "12-31"), ["05-07"]);
}

#[test]
fn not_accepted_counts_only_after_a_deemed_acceptance() {
    let life = |on, ground| vec![("04-20", received("permit")), (on, not_accepted(ground))];
    let table = [
        ("in the window", life("04-27", "not_required"), "0/0", "0"),
        ("in the window, unlisted", life("04-27", "too_busy"), "0/0", "1 not_accepted_unlisted(too_busy)"),
        ("deemed, in time", life("04-30", "not_required"), "1/1 decided_in_time", "0"),
        ("deemed, late", life("05-06", "not_our_authority"), "0/1 decided_late", "0"),
    ];
    for (name, life, on_time, refused) in table {
        let answers = [
            format!("on_time_rate_promised 01-01..12-31 @12-31 = {on_time}"),
            "closed_on_time 01-01..12-31 @12-31 = 0/0".to_owned(),
            format!("first_ask_refused 04-27..05-06 @12-31 = {refused}"),
        ];
        check(name, CASE, &life, &answers.each_ref().map(String::as_str));
    }
    let mut listed = life("04-27", "too_busy");
    listed.push(("04-28", rule("not_accepted_grounds", RuleValue::Codes(vec!["too_busy".into()]))));
    check("the rule lists it", CASE, &listed, &["first_ask_refused 01-01..12-31 @12-31 = 0"]);
}

#[test]
fn delivery_is_a_clock_of_its_own() {
    // Decided on 05-15: the tenth working day is 05-29, the eleventh 06-01.
    let life = |rest: Facts<'_>| -> Life {
        let begin = [("05-11", received("permit")), ("05-11", accepted()), ("05-15", passed()), ("05-18", Fact::CaseCompleted)];
        begin.into_iter().chain(rest.iter().cloned()).collect()
    };
    let table: &[(&str, Facts<'_>, &[&str])] = &[
        ("never", &[], &["06-01..12-31"]),
        ("in time", &[("05-29", Fact::ResultDelivered)], &[]),
        ("mailed is not delivered", &[("05-20", Fact::ResultMailed)], &["06-01..12-31"]),
        ("late", &[("06-03", Fact::ResultDelivered)], &["06-01..06-02"]),
        ("revoked", &[("06-02", Fact::DecisionRevoked)], &["06-01"]),
        ("reopened", &[("06-02", Fact::CaseReopened)], &["06-01"]),
    ];
    for (name, rest, expected) in table {
        let life = life(rest);
        let all = standings_known(CASE, &life, life.len());
        assert_eq!(nights(&all, Metric::BacklogDelivery, Place::Numerator, "05-01", "12-31"), *expected, "{name}");
    }
    let refusal = vec![("05-11", received("permit")), ("05-11", accepted()), ("05-15", refused())];
    let all = standings_known(CASE, &refusal, 3);
    assert_eq!(nights(&all, Metric::BacklogDelivery, Place::Numerator, "05-01", "12-31"), [""; 0], "a refusal has no result");
}

#[test]
fn a_reopened_case_is_a_new_member() {
    let life = accepted_then(&[("03-13", passed()), ("04-01", Fact::CaseReopened), ("04-14", passed())]);
    // The new clock: eight working days from 04-01 end on 04-14 (04-04 to 04-06 off).
    let answers = [
        "on_time_rate_promised 03-12..03-12 @12-31 = 0/1 decided_late",
        "on_time_rate_promised 04-14..04-14 @12-31 = 1/1 decided_in_time",
        "on_time_rate_promised 01-01..12-31 @12-31 = 1/2 decided_in_time decided_late",
        "closed_on_time 01-01..12-31 @12-31 = 1/2 decided_in_time decided_late",
    ];
    check("reopened", CASE, &life, &answers);
}

#[test]
fn how_a_case_came_in() {
    let table = [
        (Channel::Online, "1/1 online"),
        (Channel::Window, "0/1 not_online"),
        (Channel::Kiosk, "0/1 not_online"),
        (Channel::Unknown, "0/0 u1 no_channel"),
    ];
    for (channel, expected) in table {
        let (item_code, item_version) = ("permit".into(), "".into());
        let received =
            CaseReceived { item_code, item_version, channel, window: "".into(), materials: Vec::new(), renews_until: None };
        let life = vec![("03-02", Fact::CaseReceived(received)), ("03-04", Fact::CaseWithdrawn)];
        let answers = [format!("online_rate 03-02..03-02 @03-02 = {expected}"), "online_rate 03-03..12-31 @12-31 = 0/0".into()];
        check(channel.code(), CASE, &life, &answers.each_ref().map(String::as_str));
    }
}

#[test]
fn who_is_charged() {
    let dims = |life: &Life, metric| {
        let all = standings_known(CASE, life, life.len());
        let dims = all.into_iter().rfind(|s| s.metric == metric).unwrap().dims;
        [dims.unit, dims.item, dims.staff, dims.window, dims.channel].map(|value| value.to_string())
    };
    let life = accepted_then(&[("03-16", passed())]);
    assert_eq!(dims(&life, Metric::OnTimeRatePromised), [UNIT, "permit", "decider", "w1", "online"]);
    assert_eq!(dims(&life, Metric::BacklogPromised), [UNIT, "permit", "clerk", "w1", "online"]);
    let moved = accepted_then(&[("03-04", transferred("other"))]);
    assert_eq!(dims(&moved, Metric::OnTimeRatePromised), ["other", "permit", "clerk", "w1", "online"]);
    let unknown = vec![("03-02", received("nothing")), ("03-02", accepted())];
    assert_eq!(dims(&unknown, Metric::BacklogPromised), [WINDOW_UNIT, "nothing", "clerk", "w1", "online"]);
    let breach = accepted_then(&[("03-05", finds_notice("a", NoticeBreach::Missing, Finding::Substantiated))]);
    assert_eq!(dims(&breach, Metric::OneTimeRate), [UNIT, "permit", "clerk", "w1", "online"]);
}

#[test]
fn evidence_is_what_the_clock_was_read_from() {
    let life = example_a(false);
    let all = standings_known(CASE, &life, life.len());
    let of = |metric| all.iter().rfind(|s| s.metric == metric).unwrap().evidence.clone();
    assert_eq!(of(Metric::OnTimeRatePromised), [4, 5, 6, 7]);
    assert_eq!(of(Metric::NoticeInTime), [1, 2]);
    assert_eq!(of(Metric::VisitRateCase), [8, 10]);
}
