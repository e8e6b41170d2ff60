//! First-ask contacts and allegations against officials (domain.md S6, 3.2).
//!
//! Received on Monday 03-02, so that the longest date, five working days on, is 03-09.

use super::life::{alleges, asked, finds, handed, sent_away, took};
use super::{Facts, Life, Spans, check, nights, standings_known};
use crate::event::{AskBreach, Fact, Finding};
use crate::ids::kind::{CONTACT, STAFF};
use crate::metric::{Metric, Place};

fn told(promised: Option<&str>, rest: Facts<'_>) -> Life {
    [("03-02", asked(promised))].into_iter().chain(rest.iter().cloned()).collect()
}

#[test]
fn who_kept_the_first_ask() {
    let replied = || Fact::FirstAskReplied;
    let table: &[(&str, Option<&str>, Facts<'_>, &str)] = &[
        ("answered on the day", None, &[("03-02", Fact::FirstAskAnswered)], "03-02 = 1/1 answered_at_once"),
        ("replied on the day", None, &[("03-02", replied())], "03-02 = 1/1 answered_at_once"),
        (
            "answered on the day by another",
            None,
            &[("03-02", handed("b", "s2")), ("03-02", Fact::FirstAskAnswered)],
            "03-02 = 0/0 u1 no_date_promised",
        ),
        ("no date promised, replied later", None, &[("03-03", replied())], "03-02 = 0/0 u1 no_date_promised"),
        ("no date promised, open", None, &[], "03-02 = 0/0 u1 no_date_promised"),
        ("replied on the promised day", Some("03-05"), &[("03-05", replied())], "03-05 = 1/1 replied_in_time"),
        ("answered on the day, though promised later", Some("03-05"), &[("03-02", replied())], "03-05 = 1/1 replied_in_time"),
        ("replied a day late", Some("03-05"), &[("03-06", replied())], "03-05 = 0/1 replied_late"),
        ("a promise too far does not help", Some("03-20"), &[("03-10", replied())], "03-09 = 0/1 replied_late"),
        ("a promise too far, in time", Some("03-20"), &[("03-09", replied())], "03-09 = 1/1 replied_in_time"),
        ("never", Some("03-05"), &[], "03-05 = 0/1 not_replied"),
        (
            "handed over, accepted, replied",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-04", took("s2")), ("03-05", replied())],
            "03-05 = 1/1 replied_in_time",
        ),
        (
            "accepted too late",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-05", replied()), ("03-06", took("s2"))],
            "03-05 = 0/1 not_accepted",
        ),
        (
            "accepted by nobody named",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-04", took("")), ("03-05", replied())],
            "03-05 = 0/1 not_accepted",
        ),
        ("a refusal is no reply", Some("03-05"), &[("03-03", sent_away("unlawful", true))], "03-05 = 0/1 not_replied"),
    ];
    for (name, promised, rest, expected) in table {
        let (on, answer) = expected.split_once(" = ").unwrap();
        check(name, CONTACT, &told(*promised, rest), &[&format!("first_ask_rate {on}..{on} @12-31 = {answer}")]);
        check(name, CONTACT, &told(*promised, rest), &["first_ask_rate 01-01..02-28 @12-31 = 0/0"]);
    }
    check("not due yet", CONTACT, &told(Some("03-05"), &[]), &["first_ask_rate 01-01..12-31 @03-04 = 0/0"]);
    let beyond = vec![("12-29", asked(Some("2027-01-08"))), ("12-30", Fact::FirstAskReplied)];
    check("no calendar", CONTACT, &beyond, &["first_ask_rate 12-29..12-29 @12-31 = 0/0 u1 no_calendar"]);
}

#[test]
fn refused_or_bounced_once() {
    let table: &[(&str, Option<&str>, Facts<'_>, &str)] = &[
        ("nothing happened", Some("03-05"), &[("03-05", Fact::FirstAskReplied)], "03-01..03-31 = 0"),
        ("refused, unexplained", None, &[("03-03", sent_away("unlawful", false))], "03-03..03-03 = 1 refused(unlawful)"),
        (
            "refused, explained, on a ground that is none",
            None,
            &[("03-03", sent_away("too_busy", true))],
            "03-03..03-03 = 1 refused(too_busy)",
        ),
        ("refused, explained, on a listed ground", None, &[("03-03", sent_away("out_of_remit", true))], "03-01..03-31 = 0"),
        ("handed to nobody", Some("03-05"), &[("03-03", handed("b", ""))], "03-03..03-03 = 1 refused(bounced)"),
        (
            "handed back",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-03", took("s2")), ("03-04", handed("reception", "s1"))],
            "03-04..03-04 = 1 refused(bounced)",
        ),
        (
            "handed on",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-03", took("s2")), ("03-04", handed("c", "s3")), ("03-04", took("s3"))],
            "03-01..03-31 = 0",
        ),
        ("within the unit", Some("03-05"), &[("03-03", handed("reception", "s2")), ("03-03", took("s2"))], "03-01..03-31 = 0"),
        (
            "not accepted by due",
            Some("03-05"),
            &[("03-03", handed("b", "s2")), ("03-06", took("s2"))],
            "03-05..03-05 = 1 not_accepted_by_due(bounced)",
        ),
        ("not accepted, no date promised", None, &[("03-03", handed("b", "s2"))], "03-09..03-09 = 1 not_accepted_by_due(bounced)"),
        (
            "the first act counts",
            None,
            &[("03-03", sent_away("too_busy", true)), ("03-04", handed("b", ""))],
            "03-01..03-31 = 1 refused(too_busy)",
        ),
        (
            "found so",
            None,
            &[("03-03", alleges("a", AskBreach::Bounced)), ("03-06", finds("a", Finding::Substantiated))],
            "03-06..03-06 = 1 refused(bounced)",
        ),
        (
            "found of another kind",
            None,
            &[("03-03", alleges("a", AskBreach::Rude)), ("03-06", finds("a", Finding::Substantiated))],
            "03-01..03-31 = 0",
        ),
        (
            "not found",
            None,
            &[("03-03", alleges("a", AskBreach::Refused)), ("03-06", finds("a", Finding::Unverifiable))],
            "03-01..03-31 = 0",
        ),
    ];
    for (name, promised, rest, expected) in table {
        let (period, answer) = expected.split_once(" = ").unwrap();
        check(name, CONTACT, &told(*promised, rest), &[&format!("first_ask_refused {period} @12-31 = {answer}")]);
        let members = answer.split(' ').next().unwrap_or_default();
        let all = standings_known(CONTACT, &told(*promised, rest), rest.len() + 1);
        let ever = all.iter().filter(|s| s.metric == Metric::FirstAskRefused && s.valid.contains(crate::testing::day("12-31")));
        assert_eq!(ever.count().to_string(), members, "{name}: once, on no other day");
    }
}

#[test]
fn open_past_due() {
    let table: &[(&str, Option<&str>, Facts<'_>, [Spans; 2])] = &[
        ("open", Some("03-05"), &[], [&["03-06..12-31"], &[]]),
        ("replied late", Some("03-20"), &[("03-12", Fact::FirstAskReplied)], [&["03-10..03-11"], &[]]),
        ("replied in time", Some("03-05"), &[("03-05", Fact::FirstAskReplied)], [&[], &[]]),
        ("no date promised", None, &[], [&["03-10..12-31"], &["03-03..03-09"]]),
        ("refused as it may be", Some("03-05"), &[("03-09", sent_away("unlawful", true))], [&["03-06..03-08"], &[]]),
        ("refused as it may not be", Some("03-05"), &[("03-09", sent_away("unlawful", false))], [&["03-06..12-31"], &[]]),
    ];
    for (name, promised, rest, expected) in table {
        let all = standings_known(CONTACT, &told(*promised, rest), rest.len() + 1);
        let of = |place| nights(&all, Metric::PromisesOverdue, place, "03-01", "12-31");
        assert_eq!([Place::Numerator, Place::Unknown].map(of), *expected, "{name}");
    }
    check("its kind", CONTACT, &told(Some("03-05"), &[]), &["promises_overdue @03-06 = 1 open_past_due(first_ask)"]);
}

#[test]
fn allegations_by_verdict() {
    let found = |finding| vec![("03-03", alleges("a", AskBreach::Rude)), ("03-10", finds("a", finding))];
    let on = "first_ask_breaches 03-03..03-03 @12-31";
    let table = [
        ("open", found(Finding::Substantiated)[..1].to_vec(), "0/0 u1 open(rude)"),
        ("substantiated", found(Finding::Substantiated), "1/1 substantiated(rude)"),
        ("unsubstantiated", found(Finding::Unsubstantiated), "0/1 unsubstantiated(rude)"),
        ("unverifiable", found(Finding::Unverifiable), "0/0 u1 unverifiable(rude)"),
    ];
    for (name, rest, expected) in table {
        check(name, CONTACT, &told(None, &rest), &[&format!("{on} = {expected}")]);
        check(name, CONTACT, &told(None, &rest), &["first_ask_breaches 03-03..03-03 @03-09 = 0/0 u1 open(rude)"]);
        // On the stream of an official, without a contact.
        check(name, STAFF, &rest, &[&format!("{on} = {expected}"), "first_ask_rate 01-01..12-31 @12-31 = 0/0"]);
    }
    let refused = vec![("03-03", alleges("a", AskBreach::ApplicationRefused)), ("03-10", finds("a", Finding::Substantiated))];
    check("an official refused", STAFF, &refused, &["first_ask_refused 03-10..03-10 @12-31 = 1 refused(application_refused)"]);
    assert_eq!(&*standings_known(STAFF, &refused, 2)[0].dims.staff, "1");
}

#[test]
fn days_to_the_reply_and_who_is_responsible() {
    let value = |life: &Life| {
        let all = standings_known(CONTACT, life, life.len());
        all.iter().find(|s| s.metric == Metric::FirstAskReplyWd).and_then(|s| s.value)
    };
    // Over a weekend: W(03-05, 03-09] = 2.
    let table = [
        ("03-05", "03-05", 0.0),
        ("03-05", "03-06", 1.0),
        ("03-05", "03-09", 2.0),
        ("05-08", "05-09", 1.0),
        ("05-01", "05-05", 0.0),
    ];
    for (asked_on, replied_on, expected) in table {
        assert_eq!(
            value(&vec![(asked_on, asked(None)), (replied_on, Fact::FirstAskReplied)]),
            Some(expected),
            "{asked_on} {replied_on}"
        );
    }
    let chain = told(Some("03-05"), &[("03-03", handed("b", "s2")), ("03-04", took("s2")), ("03-04", handed("c", "s3"))]);
    let all = standings_known(CONTACT, &chain, chain.len());
    let responsible = |on| {
        let of_day = all.iter().find(|s| s.metric == Metric::FirstAskRate && s.valid.contains(crate::testing::day(on)));
        of_day.map(|s| (String::from(&*s.dims.unit), String::from(&*s.dims.staff)))
    };
    assert_eq!(responsible("03-05"), Some(("b".into(), "s2".into())), "the last who accepted, not the last who was asked");
}
