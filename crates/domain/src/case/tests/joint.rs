//! Joint handling (联办, S20, C14): example C of domain.md section 7 date by date, both rules, and what the law of the clock makes of
//! members' pauses.

use super::{case, due};
use crate::case::{CaseOnDay, Explained, Which, explain, explain_part};
use crate::event::{Decision, Fact, InspectionDone, ItemVersion, JointResult, ProcedureStarted, RuleValue};
use crate::flag::Flag;
use crate::knowledge::Knowledge;
use crate::testing::{
    accepted, day, ended, item_version, joined, knowledge, opinion, part, part_started, publish, received, routed, started, wd,
};

/// The members of the example: unit, number of the part, limit.
const MEMBERS: [(&str, &str, u32); 5] =
    [("housing", "h", 7), ("planning", "p", 7), ("defence", "d", 7), ("weather", "w", 7), ("city", "c", 7)];

/// The item of the example: promised 12, statutory 45 working days.
fn known(rules: &[(&str, RuleValue)]) -> Knowledge {
    let mut known = knowledge(rules);
    let (promised, statutory, in_force_from) = (wd(12), wd(45), day("2026-01-01"));
    publish(&mut known, ItemVersion { promised, statutory, in_force_from, ..item_version("2") });
    known
}

pub(in crate::case) fn example_c() -> Vec<(&'static str, Fact)> {
    let mut told = vec![("02-09", received()), ("02-09", accepted()), ("02-09", joined(&MEMBERS))];
    told.extend(MEMBERS.map(|(unit, ..)| ("02-09", routed(unit))));
    told.extend([
        ("02-11", part_started("lightning", "w")),
        ("02-13", opinion("c")),
        ("02-24", opinion("p")),
        ("02-25", ended("lightning")),
        ("02-25", opinion("h")),
        ("02-28", opinion("d")),
        ("03-02", opinion("w")),
        ("03-03", Fact::JointConcluded(JointResult::Pass)),
        ("03-03", Fact::CaseDecided(Decision::Pass)),
        ("03-04", Fact::CaseCompleted),
        ("03-04", Fact::ResultIssued),
        ("03-05", Fact::ResultDelivered),
    ]);
    told
}

fn member(case: &CaseOnDay, no: &str) -> String {
    let clock = &case.round().joint.as_ref().unwrap().member(&part(no)).unwrap().clock;
    format!("{}+{} {} {} by {}", clock.used_wd, clock.paused_wd, due(clock), clock.state(), clock.overdue_wd)
}

#[test]
fn members_date_by_date() {
    let table = [
        ("02-14", "w", "2+3 paused paused by 0"),
        ("02-14", "h", "5+0 02-25 running by 0"),
        ("02-23", "w", "2+3 paused paused by 0"), // the holidays are no pause of working days
        ("02-25", "w", "2+5 03-03 running by 0"),
        ("02-25", "d", "7+0 02-25 running by 0"),
        ("02-26", "d", "8+0 02-25! overdue by 1"),
        ("02-27", "d", "9+0 02-25! overdue by 2"),
        ("03-05", "h", "7+0 02-25 stopped by 0"),
        ("03-05", "p", "6+0 02-25 stopped by 0"),
        ("03-05", "d", "10+0 02-25! stopped by 3"), // 02-26, 27, and 28, a Saturday that is worked on
        ("03-05", "w", "6+5 03-03 stopped by 0"),
        ("03-05", "c", "4+0 02-25 stopped by 0"),
    ];
    for (on, no, expected) in table {
        assert_eq!(member(&case(&example_c(), &known(&[]), on), no), expected, "{no} on {on}");
    }
}

#[test]
fn the_whole_by_both_rules() {
    let codes = |codes: &[&str]| RuleValue::Codes(codes.iter().map(|code| (*code).into()).collect());
    // The promised clock is read by the internal rule, the statutory one by the official one; beside them the other two.
    let both = ["12+0 03-03", "7+5 03-10", "7+5 04-27", "12+0 04-20"];
    let strict = ["12+0 03-03", "12+0 03-03", "12+0 04-20", "12+0 04-20"];
    let union = ["7+5 03-10", "7+5 03-10", "7+5 04-27", "7+5 04-27"];
    let table = [
        (codes(&["union", "strict"]), both),
        (codes(&["strict"]), strict),
        (codes(&["union"]), union),
        (codes(&["strict", "union"]), [both[1], both[0], both[3], both[2]]),
    ];
    for (rule, expected) in table {
        let case = case(&example_c(), &known(&[("joint_clock", rule.clone())]), "03-05");
        let clocks = [Which::Promised, Which::PromisedOfficial, Which::Statutory, Which::StatutoryInternal].map(|which| {
            let clock = case.round().clock(which).unwrap();
            assert_eq!(clock.kept(), Some(true), "{which:?}");
            format!("{}+{} {}", clock.used_wd, clock.paused_wd, due(clock))
        });
        assert_eq!(clocks, expected, "{rule:?}");
        assert_eq!((case.irregular.as_slice(), case.flags.as_slice()), (&[][..], &[][..]));
    }
    // 02-09 + 45: to 03-03 are 12, to 03-31 32, and 45 is 04-20; the pauses are 02-12, 13, 14, 24, 25.
}

/// The strict rule waits for the last open member: with every other opinion given, the pause of the last one stops the whole.
#[test]
fn strict_is_when_nobody_who_is_open_works() {
    let pairs = [("a", "a", 7), ("b", "b", 7)];
    let begin = || vec![("02-09", received()), ("02-09", accepted()), ("02-09", joined(&pairs))];
    let with = |more: &[(&'static str, Fact)]| [begin(), more.to_vec()].concat();
    let table = [
        ("one of two paused", with(&[("02-10", part_started("x", "a")), ("02-12", ended("x"))]), "0", "2"),
        (
            "both, overlapping on 02-12",
            with(&[
                ("02-10", part_started("x", "a")),
                ("02-11", part_started("y", "b")),
                ("02-12", ended("x")),
                ("02-13", ended("y")),
            ]),
            "1",
            "3",
        ),
        (
            "the other had given its opinion on 02-11",
            with(&[("02-10", part_started("x", "a")), ("02-11", opinion("b")), ("02-13", ended("x"))]),
            "2",
            "3",
        ),
        (
            "an opinion ends the pause of its part",
            with(&[("02-10", part_started("x", "a")), ("02-11", opinion("b")), ("02-12", opinion("a"))]),
            "1",
            "2",
        ),
        ("after all opinions it is the lead's turn", with(&[("02-10", opinion("a")), ("02-10", opinion("b"))]), "0", "0"),
        // 02-12 and 13, then 02-14 alone.
        (
            "one pause after the other",
            with(&[
                ("02-10", opinion("b")),
                ("02-11", part_started("x", "a")),
                ("02-13", ended("x")),
                ("02-13", part_started("y", "a")),
                ("02-14", ended("y")),
            ]),
            "3",
            "3",
        ),
    ];
    for (name, told, strict, union) in table {
        let case = case(&told, &known(&[]), "02-27");
        let joint = case.round().joint.as_ref().unwrap();
        let paused = [case.round().promised.paused_wd.to_string(), joint.promised_official.paused_wd.to_string()];
        assert_eq!(paused, [strict, union], "{name}");
    }
    // Both paused on 02-12 and 02-13, but only of one was the applicant told in writing.
    let told =
        with(&[("02-11", part_started("x", "a")), ("02-11", untold("y", "b")), ("02-13", ended("x")), ("02-13", ended("y"))]);
    let promised = case(&told, &known(&[]), "02-27").round().promised.clone();
    assert_eq!((promised.paused_wd, promised.proven_only.map(|strict| strict.paused_wd)), (2, Some(0)));
}

fn untold(id: &str, no: &str) -> Fact {
    let Fact::SpecialProcedureStarted(begun) = part_started(id, no) else { unreachable!() };
    Fact::SpecialProcedureStarted(ProcedureStarted { told: false, ..begun })
}

/// What stops the whole case stops every member; a pause that begins after a due date moves that clock and no other.
#[test]
fn each_clock_by_itself() {
    let begin = || vec![("02-09", received()), ("02-09", accepted()), ("02-09", joined(&[("a", "a", 3), ("b", "b", 7)]))];
    let whole = [begin(), vec![("02-10", started("x", true)), ("02-12", ended("x"))]].concat();
    assert_eq!(member(&case(&whole, &known(&[]), "02-13"), "a"), "2+2 02-14 running by 0");
    // The part of `a` was due on 02-12: 10, 11, 12.
    let late = [begin(), vec![("02-13", part_started("x", "a")), ("02-24", ended("x"))]].concat();
    let case = case(&late, &known(&[]), "02-25");
    assert_eq!(member(&case, "a"), "7+0 02-12! overdue by 4");
    let joint = case.round().joint.as_ref().unwrap();
    assert_eq!((case.round().promised.paused_wd, joint.promised_official.paused_wd), (0, 2), "02-14 and 24");
}

#[test]
fn silence_agrees_only_by_rule() {
    let told = vec![
        ("02-09", received()),
        ("02-09", accepted()),
        ("02-09", joined(&[("a", "a", 3), ("b", "b", 3)])),
        ("02-12", opinion("b")),
    ];
    let rule = RuleValue::Table([("permit".into(), 1)].into());
    let agreed = |rules: &[(&str, RuleValue)], on: &str| {
        let case = case(&told, &known(rules), on);
        (case.round().joint.as_ref().unwrap().members[0].agreed, member(&case, "a"))
    };
    assert_eq!(agreed(&[], "02-13"), (None, "4+0 02-12! overdue by 1".into()));
    assert_eq!(agreed(&[("sub_silence", rule.clone())], "02-12"), (None, "3+0 02-12 running by 0".into()));
    assert_eq!(agreed(&[("sub_silence", rule)], "02-13"), (Some(day("02-13")), "3+0 02-12 stopped by 0".into()));
}

#[test]
fn remarks() {
    let begin = || vec![("02-09", received()), ("02-09", accepted()), ("02-09", joined(&[("a", "a", 3)]))];
    let flags = |more: Vec<(&'static str, Fact)>| case(&[begin(), more].concat(), &known(&[]), "02-11").flags;
    let list = || Fact::RectificationListIssued;
    assert_eq!(flags(vec![("02-10", Fact::JointConcluded(JointResult::Pass))]), [Flag::JointOpinionMissing]);
    assert_eq!(flags(vec![("02-10", opinion("a")), ("02-10", Fact::JointConcluded(JointResult::Pass))]), []);
    assert_eq!(flags(vec![("02-10", list()), ("02-11", list())]), [Flag::JointListRepeated]);
    assert_eq!(flags(vec![("02-10", list()), ("02-10", Fact::RectificationAccepted), ("02-11", list())]), []);
}

/// What comes first holds; what is told once more, or too late, is kept and changes nothing.
#[test]
fn told_again() {
    let begin = || vec![("02-09", received()), ("02-09", accepted()), ("02-09", joined(&[("a", "a", 3)])), ("02-09", routed("a"))];
    let with = |more: &[(&'static str, Fact)]| case(&[begin(), more.to_vec()].concat(), &known(&[]), "02-13");
    assert_eq!(member(&with(&[("02-11", routed("a"))]), "a"), "4+0 02-12! overdue by 1", "sent again");
    let conclusion = ("02-10", Fact::JointConcluded(JointResult::Pass));
    let late = with(&[conclusion, ("02-11", opinion("a"))]);
    let joint = late.round().joint.as_ref().unwrap();
    assert_eq!((joint.members[0].opinion, late.irregular.len()), (None, 1), "an opinion after the conclusion");
    let held = |unit: &str| Fact::SiteInspectionDone(InspectionDone { visit_id: "v".into(), present: vec![unit.into()] });
    let visited = with(&[("02-10", held("a")), ("02-11", held("b"))]);
    assert_eq!(visited.round().trips[0].done.as_ref().map(|(stamp, _)| stamp.day), Some(day("02-10")), "held twice");
}

#[test]
fn who_is_charged() {
    let charged = |told: &[(&'static str, Fact)], on: &str| {
        let case = case(told, &known(&[]), on);
        case.round().joint.as_ref().unwrap().charged().iter().map(|unit| unit.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(charged(&example_c(), "03-05"), ["defence"]);
    let in_time: Vec<_> =
        example_c().into_iter().filter(|(_, fact)| *fact != opinion("d")).chain([("02-25", opinion("d"))]).collect();
    assert_eq!(charged(&in_time, "03-05"), [crate::testing::UNIT], "the lead");
}

fn told(explained: &Explained, on: &str) -> String {
    let day = explained.days.iter().find(|told| told.day == day(on)).unwrap();
    let events: Vec<&str> = day.events.iter().map(|(_, reason)| reason.code()).collect();
    format!("{} {} {}", day.why.code(), day.counted, events.join(" "))
}

#[test]
fn told_day_by_day() {
    let (known, facts) = (known(&[]), example_c());
    let case = case(&facts, &known, "03-05");
    let weather = explain_part(&case, &part("w"), &known).unwrap();
    let main = explain(&case, Which::Promised, &known).unwrap();
    let official = explain(&case, Which::PromisedOfficial, &known).unwrap();
    let table = [
        (&weather, "02-09", "day_zero 0 sent"),
        (&weather, "02-11", "counted 2 pause_begins"),
        (&weather, "02-13", "paused 2 "),
        (&weather, "02-17", "day_off 2 "),
        (&weather, "02-25", "paused 2 pause_ends"),
        (&weather, "03-02", "counted 6 opinion_given"),
        (&main, "02-11", "counted 2 member_pause_runs_on"),
        (&main, "02-25", "counted 7 "),
        (&main, "03-03", "counted 12 stopped"),
        (&official, "02-11", "counted 2 member_pause_begins"),
        (&official, "02-25", "member_paused 2 pause_ends"),
        (&official, "03-03", "counted 7 stopped"),
    ];
    for (explained, on, expected) in table {
        assert_eq!(told(explained, on), expected, "{on}");
    }
    assert!(explain(&super::case(&facts[..2], &known, "02-10"), Which::PromisedOfficial, &known).is_none(), "no joint case");
}
