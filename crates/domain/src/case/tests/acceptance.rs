//! Receipt, notices, corrections, acceptance: C6, C12, the applicant's limit.

use super::{case, check};
use crate::case::case_on;
use crate::event::{Fact, ItemVersion, NotAccepted, RuleValue};
use crate::flag::Flag;
use crate::history::History;
use crate::ids::kind;
use crate::testing::{accepted, checked, corrected, day, item_version, knowledge, notice, publish, received, stream, subject, wd};
use std::sync::Arc;

fn not_accepted(ground: &str) -> Fact {
    Fact::NotAccepted(NotAccepted { ground: ground.into() })
}

/// What comes after a receipt on 04-20: its window ends on 04-27.
#[test]
fn the_receipt_window() {
    let known = knowledge(&[]);
    let table: &[(&str, Vec<(&str, Fact)>, &[(&str, &str)])] = &[
        ("accepted within", vec![("04-27", accepted())], &[("04-27", "Accepted 05-11 05-27"), ("05-12", "Accepted 05-11! 05-27")]),
        (
            "accepted after it: day 0 stays the receipt",
            vec![("04-28", accepted())],
            &[("04-27", "Received - -"), ("04-28", "Accepted 04-30 05-20"), ("05-06", "Accepted 04-30! 05-20")],
        ),
        ("noticed on its last day", vec![("04-27", notice("n"))], &[("05-06", "CorrectionPending - -")]),
        ("noticed a day late", vec![("04-28", notice("n"))], &[("04-28", "Accepted 04-30 05-20")]),
        (
            "a correction opens a new window, which ends on 05-09",
            vec![("04-22", notice("n")), ("04-29", corrected("n"))],
            &[("04-29", "Received - -"), ("05-09", "Received - -"), ("05-10", "Accepted 05-13 05-29")],
        ),
        (
            "a second notice within the new window",
            vec![("04-22", notice("n")), ("04-29", corrected("n")), ("05-09", notice("m"))],
            &[("05-10", "CorrectionPending - -")],
        ),
        (
            "not accepted after a deemed acceptance stops the clock like a refusal",
            vec![("05-06", not_accepted("not_our_authority"))],
            &[("04-30", "Accepted 04-30 05-20"), ("05-06", "NotAccepted 04-30! 05-20"), ("05-31", "NotAccepted 04-30! 05-20")],
        ),
        ("not our authority", vec![("04-22", not_accepted("not_our_authority"))], &[("05-31", "NotAccepted - -")]),
        ("no permit needed", vec![("04-22", not_accepted("not_required"))], &[("05-31", "NotRequired - -")]),
        ("withdrawn within", vec![("04-22", Fact::CaseWithdrawn)], &[("05-31", "WithdrawnEarly - -")]),
    ];
    for (name, after, days) in table {
        let facts: Vec<_> = [("04-20", received())].into_iter().chain(after.clone()).collect();
        check(name, &facts, &known, days);
    }
}

#[test]
fn remarks_of_the_receipt_window() {
    let table: &[(&str, Fact, &[Flag], &[u64])] = &[
        ("accepted within", accepted(), &[], &[]),
        ("noticed late", notice("n"), &[Flag::DeemedAccepted, Flag::PostAcceptance], &[]),
        ("confirmed late", accepted(), &[Flag::DeemedAccepted], &[]),
        ("refused late", not_accepted("not_required"), &[Flag::Irregular, Flag::DeemedAccepted], &[2]),
    ];
    for (name, fact, flags, irregular) in table {
        let on = if *name == "accepted within" { "04-27" } else { "04-28" };
        let case = case(&[("04-20", received()), (on, fact.clone())], &knowledge(&[]), "04-30");
        assert_eq!((case.flags.as_slice(), case.irregular.as_slice()), (*flags, *irregular), "{name}");
    }
    let confirmed = case(&[("04-20", received()), ("04-28", accepted()), ("04-29", accepted())], &knowledge(&[]), "04-30");
    assert_eq!(confirmed.round().confirmed.map(|stamp| stamp.position), Some(2));
    assert_eq!(confirmed.irregular, [3], "it confirms once");
}

#[test]
fn nothing_is_deemed_where_the_law_does_not_say_so() {
    let mut known = knowledge(&[]);
    publish(&mut known, ItemVersion { deemed_acceptance: false, ..item_version("2") });
    let Fact::CaseReceived(mut of_version_2) = received() else { unreachable!() };
    of_version_2.item_version = "2".into();
    check("not by this item", &[("04-20", Fact::CaseReceived(of_version_2))], &known, &[("06-30", "Received - -")]);
    // Three days of the window are known, two are of 2027.
    check("not by unknown days", &[("12-28", received())], &known, &[("2027-06-30", "Received - -")]);
    check("by known days alone", &[("12-24", received())], &known, &[("2027-01-01", "Accepted 01-06? 01-22?")]);
}

#[test]
fn the_applicants_limit() {
    // 05-11 is the eleventh working day after 04-22.
    let facts = [("04-20", received()), ("04-22", notice("n"))];
    let limited = knowledge(&[("correction_wd", RuleValue::Number(11))]);
    check("lapses", &facts, &limited, &[("05-11", "CorrectionPending - -"), ("05-12", "Lapsed - -")]);
    check("none is set", &facts, &knowledge(&[]), &[("12-31", "CorrectionPending - -")]);
    assert_eq!(case(&facts, &limited, "06-30").lapsed, Some(day("05-12")));
    let late: Vec<_> = facts.iter().cloned().chain([("05-12", corrected("n"))]).collect();
    check("a late correction changes nothing", &late, &limited, &[("06-30", "Lapsed - -")]);
    assert_eq!(case(&late, &limited, "06-30").irregular, [3]);
    let in_time: Vec<_> = facts.iter().cloned().chain([("05-11", corrected("n"))]).collect();
    check("one in time does", &in_time, &limited, &[("05-18", "Received - -"), ("05-19", "Accepted 05-21 06-08")]);
}

#[test]
fn limits_are_pinned_at_acceptance_and_materials_at_receipt() {
    // C12, S23: version 2 promises 5 days from 04-25 on.
    let mut known = knowledge(&[]);
    publish(&mut known, ItemVersion { promised: wd(5), in_force_from: day("04-25"), ..item_version("2") });
    for (on, expected) in [("04-24", "Accepted 05-09 05-26"), ("04-27", "Accepted 05-07 05-27")] {
        let facts = [("04-20", received()), (on, accepted())];
        check(on, &facts, &known, &[("04-27", expected)]);
        assert_eq!(&*case(&facts, &known, "04-27").version.unwrap().version, "1");
    }
    // A deemed acceptance is of the day of receipt, and so are its limits.
    check("deemed", &[("04-20", received())], &known, &[("04-28", "Accepted 04-30 05-20")]);
}

#[test]
fn an_item_that_is_not_known() {
    let Fact::CaseReceived(mut unknown) = received() else { unreachable!() };
    unknown.item_version = "7".into();
    unknown.item_code = "other".into();
    let facts = [("04-20", Fact::CaseReceived(unknown)), ("04-27", accepted())];
    check("no version", &facts, &knowledge(&[]), &[("06-30", "Accepted no_item_version no_item_version")]);
    assert_eq!(case(&facts, &knowledge(&[]), "06-30").flags, [Flag::ItemUnknown]);
}

#[test]
fn a_filing_on_a_day_off() {
    // 05-01 to 05-05 are off. Without the rule day 0 is the day itself; with it the next working day, 05-06.
    let facts = [("05-02", received())];
    let shifted = knowledge(&[("day0_shift", RuleValue::Flag(true))]);
    check("no shift", &facts, &knowledge(&[]), &[("05-11", "Received - -"), ("05-12", "Accepted 05-14 06-01")]);
    check("shifted", &facts, &shifted, &[("05-12", "Received - -"), ("05-13", "Accepted 05-15 06-02")]);
    let told = [("05-02", received()), ("05-03", notice("n"))];
    assert!(case(&told, &shifted, "05-31").notices[0].in_time, "told on a day off before day 0");
}

/// The days of law are those of the documents: a notice dated in time counts, though an event stands between.
#[test]
fn a_document_dated_in_time() {
    let lapsing = knowledge(&[("correction_wd", RuleValue::Number(11))]);
    let table = [
        (
            "a notice",
            vec![("04-20", received()), ("05-06", checked()), ("05-07", notice("n"))],
            "04-22",
            "05-07",
            "CorrectionPending - -",
        ),
        (
            "a correction",
            vec![("04-20", received()), ("04-22", notice("n")), ("05-13", checked()), ("05-14", corrected("n"))],
            "05-11",
            "05-14",
            "Received - -",
        ),
    ];
    for (name, facts, dated, valid_on, expected) in table {
        let mut history = History::new(subject(kind::CASE));
        let mut events = stream(kind::CASE, &facts);
        Arc::make_mut(&mut events.last_mut().unwrap().event).day = day(dated);
        for recorded in events {
            history.insert(recorded);
        }
        let case = case_on(&history, &lapsing, day(valid_on)).unwrap();
        assert_eq!(super::shows(&case), expected, "{name}");
        assert_eq!((case.deemed, case.lapsed), (None, None), "{name}");
    }
}
