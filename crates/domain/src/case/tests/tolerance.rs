//! Tolerance (容缺): example B of domain.md section 7 and its variants, and what a lapse does under each policy.

use super::{case, check, explain::week};
use crate::case::Which;
use crate::event::{
    CaseAccepted, CaseReceived, Decision, Fact, ItemVersion, Material, RuleSet, RuleValue, ToleranceExtended, ToleranceOutcome,
};
use crate::flag::Flag;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{accepted, day, ended, event_of, granted, item_version, knowledge, publish, recorded, started, subject, wd};
use jiff::civil::Time;

/// Promised 10 of 20 working days, `m2` may be missing; by the rule on a lapse.
fn known(on_lapse: &str, grace_wd: i64) -> Knowledge {
    let rules = [("on_lapse", RuleValue::Code(on_lapse.into())), ("on_lapse_grace_wd", RuleValue::Number(grace_wd))];
    let mut known = knowledge(&rules);
    let materials = vec![Material { code: "m2".into(), required: true, tolerance_ok: true }];
    publish(&mut known, ItemVersion { promised: wd(10), in_force_from: day("01-01"), materials, ..item_version("2") });
    known
}

fn received() -> Fact {
    let Fact::CaseReceived(received) = crate::testing::received() else { unreachable!() };
    Fact::CaseReceived(CaseReceived { item_version: "2".into(), ..received })
}

fn good() -> Fact {
    Fact::DeficiencyMadeGood("m2".into())
}

fn extended(new_on: &str) -> Fact {
    Fact::ToleranceExtended(ToleranceExtended { new_on: day(new_on) })
}

fn closed(outcome: ToleranceOutcome) -> Fact {
    Fact::ToleranceClosed(outcome)
}

/// Up to the acceptance, with what follows.
fn and(more: &[(&'static str, Fact)]) -> Vec<(&'static str, Fact)> {
    let tolerance = Fact::CaseAccepted(CaseAccepted { tolerance: true, promised_due: None });
    let begin = [("09-16", received()), ("09-16", granted(&["m2"], "09-23")), ("09-16", tolerance)];
    begin.into_iter().chain(more.iter().cloned()).collect()
}

fn example_b() -> Vec<(&'static str, Fact)> {
    and(&[
        ("09-28", Fact::DeficiencyFiled("m2".into())),
        ("09-28", good()),
        ("09-28", closed(ToleranceOutcome::Late)),
        ("10-09", Fact::CaseDecided(Decision::Pass)),
        ("10-09", Fact::CaseCompleted),
        ("10-09", Fact::ResultIssued),
        ("10-12", Fact::ResultDelivered),
    ])
}

#[test]
fn example_b_under_each_policy() {
    let table: &[(&str, i64, &[(&str, &str)])] = &[
        (
            "continue",
            0,
            &[
                ("09-23", "Accepted 09-30 10-20"),
                ("09-24", "Accepted 09-30 10-20"),
                ("09-30", "Accepted 09-30 10-20"),
                ("10-01", "Accepted 09-30! 10-20"),
                ("10-12", "Delivered 09-30! 10-20"),
            ],
        ),
        (
            "pause",
            0,
            &[
                ("09-23", "Accepted 09-30 10-20"),
                // The law does not stop for it.
                ("09-24", "Accepted paused 10-20"),
                ("09-27", "Accepted paused 10-20"),
                // 09-24 and 09-28 are out; 09-25 to 09-27 and 10-01 to 10-07 are days off.
                ("09-28", "Accepted 10-09 10-20"),
                ("10-12", "Delivered 10-09 10-20"),
            ],
        ),
        // One working day of grace: 09-24. From then on it counts again.
        ("pause", 1, &[("09-24", "Accepted 10-08 10-20"), ("10-12", "Delivered 10-08! 10-20")]),
        (
            "terminate",
            0,
            &[("09-23", "Accepted 09-30 10-20"), ("09-24", "Terminated 09-30 10-20"), ("10-12", "Terminated 09-30 10-20")],
        ),
        // Two of grace, 09-24 and 09-28: made good on the last day of it.
        ("terminate", 2, &[("09-27", "Accepted 09-30 10-20"), ("10-12", "Delivered 09-30! 10-20")]),
        ("terminate", 1, &[("09-24", "Accepted 09-30 10-20"), ("09-25", "Terminated 09-30 10-20")]),
    ];
    for (on_lapse, grace_wd, days) in table {
        check(&format!("{on_lapse} {grace_wd}"), &example_b(), &known(on_lapse, *grace_wd), days);
    }
}

#[test]
fn when_it_has_lapsed() {
    let partly = and(&[("09-18", Fact::DeficiencyMadeGood("m1".into()))]);
    let table: &[(&str, Vec<(&str, Fact)>, Option<&str>)] = &[
        ("nothing came", and(&[]), Some("09-24")),
        ("accepted on the last day", and(&[("09-23", good())]), None),
        ("arrived, and was not accepted", and(&[("09-23", Fact::DeficiencyFiled("m2".into()))]), Some("09-24")),
        ("another material", partly, Some("09-24")),
        ("extended on the last day", and(&[("09-23", extended("09-29"))]), Some("09-30")),
        ("extended too late", and(&[("09-24", extended("09-29"))]), Some("09-24")),
        ("extended and made good", and(&[("09-22", extended("09-29")), ("09-29", good())]), None),
        ("withdrawn in time", and(&[("09-22", closed(ToleranceOutcome::Withdrawn))]), None),
        ("the case withdrawn in time", and(&[("09-23", Fact::CaseWithdrawn)]), None),
        ("the case withdrawn late", and(&[("09-24", Fact::CaseWithdrawn)]), Some("09-24")),
        ("refused in time", and(&[("09-22", Fact::CaseDecided(Decision::Refused))]), None),
        ("passed by tolerance", and(&[("09-22", Fact::CaseDecided(Decision::PassWithTolerance))]), Some("09-24")),
        ("said to be fulfilled", and(&[("09-22", closed(ToleranceOutcome::Fulfilled))]), Some("09-24")),
    ];
    for (name, facts, lapsed) in table {
        let case = case(facts, &known("continue", 0), "10-31");
        let tolerance = case.round().tolerance.as_ref().unwrap();
        assert_eq!(tolerance.lapsed, lapsed.map(day), "{name}");
        assert_eq!(case.flags.contains(&Flag::ToleranceLapsed), lapsed.is_some(), "{name}");
    }
    let before = case(&and(&[]), &known("continue", 0), "09-23");
    assert_eq!(before.round().tolerance.as_ref().unwrap().lapsed, None, "not on the last day");
}

/// The rule on the day of the grant holds, and what is posted late undoes a lapse.
#[test]
fn pinned_and_derived() {
    let mut known = known("terminate", 0);
    let later = RuleValue::Code("continue".into());
    let rule =
        Fact::RuleSet(RuleSet { rule_id: "on_lapse".into(), value: later, in_force_from: day("09-17"), authority: "".into() });
    let event = event_of(&subject(kind::LOG), 5_000, day("09-17"), Time::midnight(), rule);
    known.apply(&recorded(5_000, event));
    check("pinned", &and(&[]), &known, &[("09-24", "Terminated 09-30 10-20")]);
    let mut late = and(&[("10-08", Fact::ReviewStepDone)]);
    check("the step comes too late", &late, &known, &[("10-08", "Terminated 09-30 10-20")]);
    assert_eq!(case(&late, &known, "10-08").flags, [Flag::Irregular, Flag::ToleranceLapsed]);
    late.push(("09-22", good()));
    check(
        "made good in time, known later",
        &late,
        &known,
        &[("09-24", "Accepted 09-30 10-20"), ("10-08", "UnderReview 09-30! 10-20")],
    );
    assert!(case(&late, &known, "10-08").flags.is_empty());
    let told = and(&[("09-24", Fact::CaseTerminated)]);
    assert_eq!(case(&told, &known, "09-30").irregular, [0_u64; 0], "the department says what the lapse has done");
    let twice = and(&[("09-24", Fact::CaseTerminated), ("09-25", Fact::CaseTerminated)]);
    assert_eq!(case(&twice, &known, "09-30").irregular, [5]);
}

#[test]
fn what_is_worth_knowing() {
    let known = known("continue", 0);
    let flags = |facts: &[(&str, Fact)]| case(facts, &known, "10-31").flags;
    let tolerance = Fact::CaseAccepted(CaseAccepted { tolerance: true, promised_due: None });
    assert_eq!(flags(&[("09-16", received()), ("09-16", tolerance)]), [Flag::ToleranceUnrecorded]);
    let by_decision = [("09-16", received()), ("09-16", accepted()), ("09-17", Fact::CaseDecided(Decision::PassWithTolerance))];
    assert_eq!(flags(&by_decision), [Flag::ToleranceUnrecorded]);
    let open = and(&[("09-22", Fact::CaseDecided(Decision::Pass)), ("09-23", good())]);
    assert_eq!(flags(&open), [Flag::Irregular, Flag::ToleranceDecidedOpen]);
    assert_eq!(flags(&and(&[("09-24", extended("09-29"))])), [Flag::ToleranceLapsed, Flag::ToleranceExtensionVoid]);
}

#[test]
fn a_pause_by_lapse_is_told_day_by_day() {
    let paused = [
        "09-23 counted 6+0 2:lapsed",
        "09-24 lapse_paused 6+0",
        "09-25 day_off 6+0",
        "09-26 day_off 6+0",
        "09-27 day_off 6+0",
        "09-28 lapse_paused 6+0 5:made_good",
        "09-29 counted 7+0",
    ];
    assert_eq!(week(&example_b(), &known("pause", 0), Which::Promised, "09-23"), paused);
    assert_eq!(week(&example_b(), &known("pause", 0), Which::Statutory, "09-23")[0], "09-23 counted 6+0 2:lapsed_runs_on");
    assert_eq!(week(&example_b(), &known("continue", 0), Which::Promised, "09-23")[0], "09-23 counted 6+0 2:lapsed_runs_on");
}

/// A pause that begins on or after the due date moves nothing (C8), also one by lapse; and it merges with a special procedure.
#[test]
fn a_pause_by_lapse_is_a_pause() {
    let at_due = [("09-16", received()), ("09-16", granted(&["m2"], "09-30")), ("09-16", accepted())];
    check("on the due date", &at_due, &known("pause", 0), &[("10-08", "Accepted 09-30! 10-20")]);
    let both = and(&[("09-22", started("p", true)), ("09-24", ended("p")), ("09-28", good())]);
    // 09-23, 09-24 and 09-28 are out of the promised clock; 09-23 and 09-24 out of the statutory one.
    check("a union", &both, &known("pause", 0), &[("09-28", "UnderReview 10-10 10-22")]);
}
