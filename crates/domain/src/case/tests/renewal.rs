//! Renewal by law (行政许可法 art. 50), on dates worked out on paper. Received on 04-20: a licence until 05-20 is applied for in time, one
//! until 05-19 is not.

use super::{case, check, explain::week};
use crate::case::{Which, case_on};
use crate::event::{CaseReceived, Decision, Fact, ItemVersion, Material, NotAccepted, RuleValue};
use crate::flag::Flag;
use crate::ids::kind;
use crate::testing::{
    accepted, corrected, day, event_of, granted, history, item_version, knowledge, notice, publish, recorded, renewal, started,
    subject,
};
use jiff::civil::Time;

fn decided(decision: Decision) -> Fact {
    Fact::CaseDecided(decision)
}

/// Received on 04-20, accepted on 04-27: due 05-11 and 05-27.
fn and(until: &str, more: &[(&'static str, Fact)]) -> Vec<(&'static str, Fact)> {
    [("04-20", renewal(until)), ("04-27", accepted())].into_iter().chain(more.iter().cloned()).collect()
}

#[test]
fn who_applied_in_time_and_heard_nothing() {
    let known = knowledge(&[]);
    let no = || Fact::NotAccepted(NotAccepted { ground: "not_our_authority".into() });
    let silent = vec![("04-20", renewal("05-20"))];
    let after = |more: &[(&'static str, Fact)]| silent.iter().chain(more).cloned().collect::<Vec<_>>();
    let table: &[(&str, Vec<(&str, Fact)>, &[(&str, &str)])] = &[
        ("thirty days", and("05-20", &[]), &[("05-20", "Accepted 05-11! 05-27"), ("05-21", "Renewed 05-11! 05-27")]),
        (
            "and the statutory one over too",
            and("06-01", &[]),
            &[("06-01", "Accepted 05-11! 05-27!"), ("06-30", "Renewed 05-11! 05-27!")],
        ),
        ("twenty-nine days", and("05-19", &[]), &[("06-30", "Accepted 05-11! 05-27!")]),
        ("decided on the last day", and("05-20", &[("05-20", decided(Decision::Refused))]), &[("06-30", "Decided 05-11! 05-27")]),
        ("withdrawn on the last day", and("05-20", &[("05-20", Fact::CaseWithdrawn)]), &[("06-30", "Withdrawn 05-11! 05-27")]),
        ("withdrawn a day later", and("05-20", &[("05-21", Fact::CaseWithdrawn)]), &[("06-30", "Renewed 05-11! 05-27")]),
        ("terminated", and("05-20", &[("05-20", Fact::CaseTerminated)]), &[("06-30", "Terminated 05-11! 05-27")]),
        // 05-08, 09, 11–15 and 18–21 are out of both clocks: eleven working days.
        (
            "in a procedure",
            and("05-20", &[("05-07", started("p", true))]),
            &[("05-20", "SpecialProcedure paused paused"), ("05-21", "Renewed 05-26 06-11")],
        ),
        ("deemed accepted", silent.clone(), &[("05-20", "Accepted 04-30! 05-20"), ("05-21", "Renewed 04-30! 05-20!")]),
        ("asked to correct", after(&[("04-22", notice("n"))]), &[("05-20", "CorrectionPending - -"), ("05-21", "Renewed - -")]),
        // A new window of five working days, which ends after the licence does: 05-20 is its second.
        (
            "corrected, and not accepted yet",
            after(&[("04-22", notice("n")), ("05-18", corrected("n"))]),
            &[("05-20", "Received - -"), ("06-30", "Renewed - -")],
        ),
        ("not accepted", after(&[("04-22", no())]), &[("06-30", "NotAccepted - -")]),
        (
            "refused and reopened before",
            and("05-20", &[("05-06", decided(Decision::Refused)), ("05-08", Fact::CaseReopened)]),
            &[("05-20", "UnderReview 05-19! 06-04"), ("05-21", "Renewed 05-19! 06-04")],
        ),
        (
            "refused, and reopened after",
            and("05-20", &[("05-06", decided(Decision::Refused)), ("05-22", Fact::CaseReopened)]),
            &[("05-21", "Decided 05-11 05-27"), ("06-30", "UnderReview 06-03! 06-22!")],
        ),
        (
            "revoked before",
            and("05-20", &[("05-06", decided(Decision::Pass)), ("05-08", Fact::DecisionRevoked)]),
            &[("06-30", "Revoked 05-11 05-27")],
        ),
    ];
    for (name, facts, days) in table {
        check(name, facts, &known, days);
    }
}

#[test]
fn a_decision_posted_late_undoes_it() {
    let known = knowledge(&[]);
    let mut facts = and("05-20", &[("05-25", Fact::CaseCompleted), ("05-26", Fact::ResultDelivered)]);
    check("nobody decided", &facts, &known, &[("05-21", "Renewed 05-11! 05-27"), ("05-26", "Delivered 05-11! 05-27")]);
    assert_eq!(case(&facts, &known, "05-26").flags, [Flag::RenewedByLaw]);
    facts.push(("05-08", decided(Decision::Pass)));
    check("decided in time", &facts, &known, &[("05-21", "Decided 05-11 05-27"), ("05-26", "Delivered 05-11 05-27")]);
    assert!(case(&facts, &known, "05-26").flags.is_empty());
    assert_eq!(case(&and("05-19", &[]), &known, "04-27").flags, [Flag::RenewalLate]);
}

/// The document bears the last day, though the decision was entered after what found the licence renewed.
#[test]
fn a_document_of_the_last_day_undoes_it() {
    let mut told = history(kind::CASE, &and("05-20", &[("05-22", Fact::HearingRightTold)]));
    let mut event = event_of(&subject(kind::CASE), 9, day("05-25"), Time::midnight(), decided(Decision::Refused));
    event.day = day("05-20");
    told.insert(recorded(9, event));
    // A refusal, since a grant would show the same where it only confirmed what the law had done.
    let case = case_on(&told, &knowledge(&[]), day("05-25")).unwrap();
    assert_eq!((super::shows(&case), case.irregular), ("Decided 05-11! 05-27".into(), vec![]));
}

/// What the law has done a decision confirms once; a refusal contradicts it.
#[test]
fn what_may_follow() {
    let known = knowledge(&[]);
    let table: &[(&str, &[(&'static str, Fact)], &str, &[u64])] = &[
        ("confirmed", &[("05-25", decided(Decision::Pass))], "Decided 05-11! 05-27", &[]),
        ("twice", &[("05-25", decided(Decision::Pass)), ("05-26", decided(Decision::Pass))], "Decided 05-11! 05-27", &[4]),
        ("refused", &[("05-25", decided(Decision::Refused))], "Renewed 05-11! 05-27", &[3]),
        ("completed without", &[("05-25", Fact::CaseCompleted)], "Completed 05-11! 05-27", &[]),
        ("revoked", &[("05-25", Fact::DecisionRevoked)], "Revoked 05-11! 05-27", &[]),
        ("reopened", &[("05-25", Fact::CaseReopened)], "UnderReview 06-04! 06-23!", &[]),
        ("reviewed", &[("05-25", Fact::ReviewStepDone)], "Renewed 05-11! 05-27", &[3]),
    ];
    for (name, more, shows, irregular) in table {
        let case = case(&and("05-20", more), &known, "06-30");
        assert_eq!(super::shows(&case), *shows, "{name}");
        assert_eq!(case.irregular, *irregular, "{name}");
    }
    // Delivery is owed from the day it was renewed: ten working days are over on 06-04.
    let delivery = case(&and("05-20", &[("05-25", decided(Decision::Pass))]), &known, "06-30");
    let clock = delivery.round().delivery.as_ref().unwrap();
    assert_eq!((clock.start, clock.due.day()), (Some(day("05-21")), Some(day("06-04"))));
}

#[test]
fn what_comes_first_holds() {
    // Two working days for a correction: lapsed on 04-25, before the licence ended.
    let lapsing = knowledge(&[("correction_wd", RuleValue::Number(2))]);
    check("lapsed", &[("04-20", renewal("05-20")), ("04-22", notice("n"))], &lapsing, &[("06-30", "Lapsed - -")]);
    let mut ending = knowledge(&[("on_lapse", RuleValue::Code("terminate".into()))]);
    let materials = vec![Material { code: "m".into(), required: true, tolerance_ok: true }];
    publish(&mut ending, ItemVersion { in_force_from: day("01-01"), materials, ..item_version("2") });
    let Fact::CaseReceived(received) = renewal("05-20") else { unreachable!() };
    let received = Fact::CaseReceived(CaseReceived { item_version: "2".into(), ..received });
    let until = |last| vec![("04-20", received.clone()), ("04-20", granted(&["m"], last)), ("04-20", accepted())];
    check("a tolerance lapsed before", &until("04-28"), &ending, &[("06-30", "Terminated 04-30 05-20")]);
    check("a tolerance that lapses later", &until("05-21"), &ending, &[("06-30", "Renewed 04-30! 05-20!")]);
}

#[test]
fn told_day_by_day() {
    let days = week(&and("05-20", &[]), &knowledge(&[]), Which::Promised, "05-18");
    assert_eq!(days, ["05-18 over 8+5", "05-19 over 8+6", "05-20 over 8+7", "05-21 over 8+8 1:renewed"]);
}
