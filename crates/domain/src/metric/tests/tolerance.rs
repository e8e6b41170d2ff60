//! Tolerance (容缺): example B of domain.md section 7 under both policies, and a table for each figure.

use super::life::{asks, asks_two, passed, received, refused};
use super::{Life, check, check_known, nights, standings_known};
use crate::event::{CaseAccepted, CaseReceived, Fact, NoticeCause, NoticeForm, RuleValue, ToleranceExtended, ToleranceOutcome};
use crate::ids::kind::CASE;
use crate::metric::{Metric, Place};
use crate::testing::{day, granted, rule, tolerance_list};

/// `m2` of the item `window` may be missing: promised 10 of 20 working days.
fn listed() -> Life {
    vec![("09-01 09:00 window", tolerance_list("1", &[("m2", 0)]))]
}

fn handed_in(materials: &[&str]) -> Fact {
    let Fact::CaseReceived(received) = received("window") else { unreachable!() };
    let materials = materials.iter().map(|code| (*code).into()).collect();
    Fact::CaseReceived(CaseReceived { materials, ..received })
}

fn accepted() -> Fact {
    Fact::CaseAccepted(CaseAccepted { tolerance: true, promised_due: None })
}

fn good() -> Fact {
    Fact::DeficiencyMadeGood("m2".into())
}

fn closed(outcome: ToleranceOutcome) -> Fact {
    Fact::ToleranceClosed(outcome)
}

fn example_b(on_lapse: &str) -> Life {
    let mut life = listed();
    life.extend([
        ("09-01", rule("on_lapse", RuleValue::Code(on_lapse.into()))),
        ("09-16 09:00", handed_in(&["m1", "m3"])),
        ("09-16 09:10", granted(&["m2"], "09-23")),
        ("09-16 09:20", accepted()),
        ("09-28 09:00", Fact::DeficiencyFiled("m2".into())),
        ("09-28 10:00", good()),
        ("09-28 11:00", closed(ToleranceOutcome::Late)),
        ("10-09 09:00", passed()),
        ("10-09 10:00", Fact::CaseCompleted),
        ("10-09 11:00", Fact::ResultIssued),
        ("10-12", Fact::ResultDelivered),
    ]);
    life
}

#[test]
fn example_b_under_both_policies() {
    let [runs, pauses] = ["continue", "pause"].map(example_b);
    for life in [&runs, &pauses] {
        check(
            "B",
            CASE,
            life,
            &[
                "on_time_rate_statutory 10-20..10-20 @10-31 = 1/1 decided_in_time",
                "tolerance_fulfilment 09-23..09-23 @10-31 = 0/1 accepted_late",
                "tolerance_fulfilment 01-01..12-31 @09-22 = 0/0",
                "tolerance_fulfilment 09-01..09-30 @09-23 = 0/1 not_accepted",
                "tolerance_fulfilment 09-01..09-30 @09-27 = 0/1 not_accepted",
                "tolerance_uptake 09-16..09-16 @10-31 = 1/1 granted",
                "one_time_rate 01-01..12-31 @10-31 = 0/0",
                "visit_rate_case 10-01..10-31 @10-31 = 1/1 no_visit",
                "gov_fault_visits 10-01..10-31 @10-31 = 0/1 no_visit",
                "promises_overdue @09-23 = 0",
                "promises_overdue @09-24 = 1 open_past_due(tolerance)",
                "backlog_statutory @10-08 = 0",
                "backlog_delivery @10-31 = 0",
            ],
        );
        let all = standings_known(CASE, life, life.len());
        assert_eq!(nights(&all, Metric::PromisesOverdue, Place::Numerator, "09-01", "10-31"), ["09-24..09-27"]);
        let late = all.iter().find(|s| s.metric == Metric::ToleranceFulfilment && s.why == "accepted_late").unwrap();
        assert_eq!(late.value, Some(2.0), "09-24 and 09-28; 09-25 to 09-27 are days off");
    }
    let nights_of = |life: &Life, known| {
        nights(&standings_known(CASE, life, known), Metric::BacklogPromised, Place::Numerator, "09-01", "10-31")
    };
    check("runs", CASE, &runs, &["on_time_rate_promised 09-30..09-30 @10-31 = 0/1 decided_late"]);
    assert_eq!(nights_of(&runs, runs.len()), ["10-01..10-08"]);
    check("pauses", CASE, &pauses, &["on_time_rate_promised 10-09..10-09 @10-31 = 1/1 decided_in_time"]);
    assert_eq!(nights_of(&pauses, pauses.len()), [""; 0]);
    // The grant and what was accepted moved the promised clock only where it stood still.
    let evidence = |life: &Life, metric| {
        let all = standings_known(CASE, life, life.len());
        all.into_iter().find(|s| s.metric == metric && s.valid.contains(day("10-31"))).unwrap().evidence
    };
    assert_eq!(evidence(&pauses, Metric::OnTimeRatePromised), [4, 5, 7, 9]);
    assert_eq!(evidence(&pauses, Metric::OnTimeRateStatutory), [5, 9]);
    assert_eq!(evidence(&runs, Metric::OnTimeRatePromised), [5, 9]);
    // As known before the material was accepted: in the pause the due date is not known.
    check_known("pauses", CASE, &pauses, 5, &["on_time_rate_promised 09-16..09-16 @09-24 = 0/0 u1 open_pause"]);
}

#[test]
fn fulfilment() {
    let granted_and = |more: &[(&'static str, Fact)]| -> Life {
        let mut life = listed();
        life.extend([
            ("09-16 09:00", handed_in(&["m1", "m3"])),
            ("09-16 09:10", granted(&["m2"], "09-23")),
            ("09-16 09:20", accepted()),
        ]);
        life.extend(more.iter().cloned());
        life
    };
    let extended = |new_on| Fact::ToleranceExtended(ToleranceExtended { new_on: day(new_on) });
    let with_tolerance = Fact::CaseDecided(crate::event::Decision::PassWithTolerance);
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("on the last day", &[("09-23", good())], "09-23..09-23 @10-31 = 1/1 accepted_in_time"),
        ("filed is not accepted", &[("09-23", Fact::DeficiencyFiled("m2".into()))], "09-23..09-23 @10-31 = 0/1 not_accepted"),
        ("said to be fulfilled", &[("09-23", closed(ToleranceOutcome::Fulfilled))], "09-23..09-23 @10-31 = 0/1 not_accepted"),
        ("extended in time", &[("09-23", extended("09-29")), ("09-29", good())], "09-29..09-29 @10-31 = 1/1 accepted_in_time"),
        ("extended late", &[("09-24", extended("09-29")), ("09-29", good())], "09-23..09-23 @10-31 = 0/1 accepted_late"),
        ("the case withdrawn before", &[("09-22", Fact::CaseWithdrawn)], "09-23..09-23 @10-31 = 0/0 x1 nothing_owed"),
        ("the case withdrawn after", &[("09-24", Fact::CaseWithdrawn)], "09-23..09-23 @10-31 = 0/1 not_accepted"),
        ("refused before", &[("09-22", refused())], "09-23..09-23 @10-31 = 0/0 x1 nothing_owed"),
        ("made good, then refused", &[("09-21", good()), ("09-22", refused())], "09-23..09-23 @10-31 = 1/1 accepted_in_time"),
        ("passed by tolerance, never made good", &[("09-22", with_tolerance)], "09-23..09-23 @10-31 = 0/1 not_accepted"),
    ];
    for (name, more, answer) in table {
        check(name, CASE, &granted_and(more), &[&format!("tolerance_fulfilment {answer}")]);
    }
    let nights_of = |more: &[(&'static str, Fact)]| {
        let life = granted_and(more);
        nights(&standings_known(CASE, &life, life.len()), Metric::PromisesOverdue, Place::Numerator, "09-01", "10-31")
    };
    assert_eq!(nights_of(&[("09-26", Fact::CaseWithdrawn)]), ["09-24..09-25"]);
    assert_eq!(nights_of(&[("09-29", closed(ToleranceOutcome::Unfulfilled))]), ["09-24..09-28"]);
    assert_eq!(nights_of(&[("09-23", extended("09-29"))]), ["09-30..10-31"]);
}

#[test]
fn uptake() {
    let told = |more: &[(&'static str, Fact)]| -> Life { listed().into_iter().chain(more.iter().cloned()).collect() };
    let asks_m2 = || asks(NoticeForm::Written, &[("m2", "missing", NoticeCause::First)]);
    let receives = || ("09-16 09:00", handed_in(&["m1", "m3"]));
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("asked for instead", &[receives(), ("09-17", asks_m2())], "0/1 asked_by_notice"),
        ("asked for, then granted", &[receives(), ("09-17", asks_m2()), ("09-18", granted(&["m2"], "09-23"))], "1/1 granted"),
        ("m1 is not missing, it is blurred", &[receives(), ("09-17", asks_two())], "0/0"),
        ("handed in and not good enough", &[("09-16", handed_in(&["m1", "m2", "m3"])), ("09-17", asks_m2())], "0/0"),
        ("nobody says what was handed in", &[("09-16", received("window")), ("09-17", asks_m2())], "0/0 u1 materials_not_stated"),
        ("what stands on no list", &[receives(), ("09-16 09:10", granted(&["m1"], "09-23"))], "0/0 x1 unlisted_gap"),
        ("nothing is missing", &[("09-16", handed_in(&["m1", "m2", "m3"])), ("09-17", accepted())], "0/0"),
        ("asked for after acceptance", &[receives(), ("09-16 10:00", accepted()), ("09-17", asks_m2())], "0/0"),
    ];
    for (name, more, answer) in table {
        check(name, CASE, &told(more), &[&format!("tolerance_uptake 09-16..09-30 @10-31 = {answer}")]);
    }
    let no_list = vec![receives(), ("09-17", asks_m2())];
    check("no list", CASE, &no_list, &["tolerance_uptake 01-01..12-31 @10-31 = 0/0"]);
}
