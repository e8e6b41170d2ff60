//! Joint handling (联办): the lives of example C with shorter limits, and a table for each figure.

use super::life::{passed, received};
use super::{Facts, Life, check, nights, standings_known};
use crate::event::{Fact, InspectionDone, InspectionScheduled, JointResult, RuleValue};
use crate::ids::kind::CASE;
use crate::metric::{Metric, Place};
use crate::testing::{accepted, day, ended, joined, opinion, part_started, routed, rule};

/// Promised 10 of 20 working days from 02-09: 10, 11, 12, 13, 14, 24, 25, 26, 27, 28. The parts have 7, to 02-25.
fn begun() -> Life {
    let members = ["housing", "planning", "defence", "weather", "city"].map(|unit| (unit, unit, 7));
    let mut life = vec![("02-09 09:00", received("window")), ("02-09 09:10", accepted()), ("02-09 09:20", joined(&members))];
    life.extend(members.map(|(unit, ..)| ("02-09 10:00", routed(unit))));
    life
}

fn concluded() -> Fact {
    Fact::JointConcluded(JointResult::Pass)
}

fn example() -> Life {
    let later = vec![
        ("02-11 09:00", part_started("lightning", "weather")),
        ("02-13", opinion("city")),
        ("02-24", opinion("planning")),
        ("02-25 09:00", ended("lightning")),
        ("02-25 10:00", opinion("housing")),
        ("02-28", opinion("defence")),
        ("03-02", opinion("weather")),
        ("03-03 09:00", concluded()),
        ("03-03 10:00", passed()),
    ];
    [begun(), later].concat()
}

#[test]
fn example_c_with_shorter_limits() {
    check(
        "C",
        CASE,
        &example(),
        &[
            "sub_on_time 02-25..02-25 @02-25 = 3/4 given_in_time(acceptance) given_in_time(acceptance) given_in_time(acceptance) not_given(acceptance)",
            "sub_on_time 02-01..03-31 @02-28 = 3/4 given_in_time(acceptance) given_in_time(acceptance) given_in_time(acceptance) given_late(acceptance)",
            "sub_on_time 02-01..03-31 @03-03 = 4/5 given_in_time(acceptance) given_in_time(acceptance) given_in_time(acceptance) given_in_time(acceptance) given_late(acceptance)",
            "backlog_member @02-25 = 0",
            "backlog_member @02-26 = 1 past_due(acceptance)",
            "backlog_member @02-27 = 1 past_due(acceptance)",
            "backlog_member @02-28 = 0",
            // By the internal rule nothing was paused, by the official one five days: 03-06.
            "joint_on_time 02-01..03-31 @02-27 = 0/0",
            "joint_on_time 02-01..03-31 @03-03 = 0/1 concluded_late(acceptance)",
            "joint_on_time_official 02-01..03-31 @03-06 = 1/1 concluded_in_time(acceptance)",
            "joint_late_charged 02-01..03-31 @02-28 = 0",
            "joint_late_charged 02-01..03-31 @03-03 = 1 member_late(acceptance)",
            "on_time_rate_promised 02-01..03-31 @03-31 = 0/1 decided_late",
            "elapsed 03-03..03-03 @03-03 = 1 concluded(acceptance)",
        ],
    );
}

#[test]
fn what_working_in_parallel_gained() {
    let life = example();
    let value = |metric: Metric| standings_known(CASE, &life, life.len()).into_iter().find(|s| s.metric == metric).unwrap().value;
    // 7, 6, 10, 11 and 4 working days, one beside the other in 12.
    let found = [Metric::Elapsed, Metric::ParallelGain, Metric::CoordinationDays].map(value);
    assert_eq!(found, [Some(12.0), Some(1.0 - 12.0 / 38.0), Some(1.0)]);
}

/// The procedure of a member moved the clock that the law is held against, and not the one the units are.
#[test]
fn evidence_names_what_moved_the_clock() {
    let life = example();
    let at = |name: &str| life.iter().position(|(_, fact)| fact.name() == name).unwrap() as u64 + 1;
    let (begun, ended) = (at("SpecialProcedureStarted"), at("SpecialProcedureEnded"));
    let all = standings_known(CASE, &life, life.len());
    let names = |metric: Metric| {
        let standing = all.iter().rev().find(|s| s.metric == metric).unwrap();
        [begun, ended].map(|position| standing.evidence.contains(&position))
    };
    assert_eq!(names(Metric::OnTimeRateStatutory), [true, true]);
    assert_eq!(names(Metric::OnTimeRatePromised), [false, false]);
    assert_eq!(names(Metric::JointOnTimeOfficial), [true, true]);
}

#[test]
fn buckets_of_members() {
    let pair =
        |n: u32| vec![("02-09 09:00", received("window")), ("02-09 09:10", accepted()), ("02-09 09:20", joined(&[("a", "a", n)]))];
    let silent = ("02-08", rule("sub_silence", RuleValue::Table([("window".into(), 1)].into())));
    let table: &[(&str, Life, &str)] = &[
        ("not given", pair(3), "02-01..02-28 @02-13 = 0/1 not_given(acceptance)"),
        (
            "given on the last day",
            [pair(3), vec![("02-12", opinion("a"))]].concat(),
            "02-01..02-28 @02-13 = 1/1 given_in_time(acceptance)",
        ),
        ("not due yet", pair(3), "02-01..02-28 @02-11 = 0/0"),
        (
            "in a pause",
            [pair(3), vec![("02-10", part_started("x", "a"))]].concat(),
            "02-01..02-28 @02-13 = 0/0 u1 open_pause(acceptance)",
        ),
        (
            "withdrawn before",
            [pair(3), vec![("02-11", Fact::CaseWithdrawn)]].concat(),
            "02-01..02-28 @02-13 = 0/0 x1 nothing_owed(acceptance)",
        ),
        (
            "concluded before",
            [pair(3), vec![("02-11", concluded())]].concat(),
            "02-01..02-28 @02-13 = 0/0 x1 nothing_owed(acceptance)",
        ),
        (
            "withdrawn after",
            [pair(3), vec![("02-13", Fact::CaseWithdrawn)]].concat(),
            "02-01..02-28 @02-13 = 0/1 not_given(acceptance)",
        ),
        ("silence agrees", [vec![silent], pair(3)].concat(), "02-01..02-28 @02-13 = 0/1 deemed_agreed(acceptance)"),
    ];
    for (name, life, answer) in table {
        check(name, CASE, life, &[&format!("sub_on_time {answer}")]);
    }
    let silent = ("02-08", rule("sub_silence", RuleValue::Table([("window".into(), 1)].into())));
    let table: &[(Life, &[&str])] = &[
        (pair(3), &["02-13..02-28"]),
        ([pair(3), vec![("02-14", opinion("a"))]].concat(), &["02-13"]),
        ([pair(3), vec![("02-14", concluded())]].concat(), &["02-13"]),
        ([vec![silent], pair(3)].concat(), &[]),
    ];
    for (life, expected) in table {
        let all = standings_known(CASE, life, life.len());
        assert_eq!(nights(&all, Metric::BacklogMember, Place::Numerator, "02-09", "02-28"), *expected);
    }
}

#[test]
fn buckets_of_the_whole() {
    let life = |more: Facts| -> Life { [begun(), more.to_vec()].concat() };
    let all = ["housing", "planning", "defence", "weather", "city"].map(|unit| ("02-25", opinion(unit)));
    let table: &[(&str, Life, &str, &str)] = &[
        (
            "open",
            life(&[]),
            "0/1 open_past_due(acceptance)",
            "5 member_late(acceptance) member_late(acceptance) member_late(acceptance) member_late(acceptance) member_late(acceptance)",
        ),
        ("all members in time", life(&all), "0/1 open_past_due(acceptance)", "1 lead_for_all(acceptance)"),
        ("concluded", life(&[("02-28", concluded())]), "1/1 concluded_in_time(acceptance)", "0"),
        ("decided without a conclusion", life(&[("02-27", passed())]), "1/1 concluded_in_time(acceptance)", "0"),
        ("withdrawn", life(&[("02-27", Fact::CaseWithdrawn)]), "0/0 x1 stopped_in_time(acceptance)", "0"),
    ];
    for (name, life, on_time, charged) in table {
        let answers = [
            format!("joint_on_time 02-01..03-31 @03-02 = {on_time}"),
            format!("joint_late_charged 02-01..03-31 @03-02 = {charged}"),
        ];
        check(name, CASE, life, &[&answers[0], &answers[1]]);
    }
}

#[test]
fn visits_to_the_site() {
    let units = |units: &[&str]| units.iter().map(|unit| (*unit).into()).collect();
    let plan = |id: &str, who: &[&str], on: &str| {
        Fact::SiteInspectionScheduled(InspectionScheduled { visit_id: id.into(), units: units(who), on: day(on) })
    };
    let held = |id: &str, who: &[&str]| Fact::SiteInspectionDone(InspectionDone { visit_id: id.into(), present: units(who) });
    let life = |more: Facts| -> Life { [vec![("02-09", received("window"))], more.to_vec()].concat() };
    let bound = ("02-08", rule("inspection_absent", RuleValue::Table([("bound".into(), 1)].into())));
    let table: &[(&str, Life, &str, &str)] = &[
        (
            "all in one",
            life(&[("02-10", plan("v", &["a", "b"], "02-11")), ("02-11", held("v", &["a", "b", "c"]))]),
            "1/1 all_in_one_trip",
            "0",
        ),
        ("one alone has no joint visit", life(&[("02-10", plan("v", &["a"], "02-11")), ("02-11", held("v", &["a"]))]), "0/0", "0"),
        ("not held", life(&[("02-10", plan("v", &["a", "b"], "02-11"))]), "0/0 u1 not_held", "0"),
        (
            "put off, then held",
            life(&[
                ("02-10", plan("v", &["a", "b"], "02-11")),
                ("02-11", plan("v", &["a", "b"], "02-24")),
                ("02-24", held("v", &["a", "b"])),
            ]),
            "1/1 all_in_one_trip",
            "0",
        ),
        (
            "one was absent and came on the third working day",
            life(&[
                ("02-10", plan("v", &["a", "b"], "02-10")),
                ("02-10 12:00", held("v", &["a", "c"])),
                ("02-13", held("w", &["b"])),
            ]),
            "0/1 not_all_in_one_trip",
            "1 absent_in_time",
        ),
        (
            "on the fourth",
            life(&[
                ("02-10", plan("v", &["a", "b"], "02-10")),
                ("02-10 12:00", held("v", &["a", "c"])),
                ("02-14", held("w", &["b"])),
            ]),
            "0/1 not_all_in_one_trip",
            "1 absent_late",
        ),
        (
            "one who had been there comes again",
            life(&[
                ("02-10", plan("v", &["a", "b"], "02-10")),
                ("02-10 12:00", held("v", &["a", "b"])),
                ("02-12", held("w", &["b"])),
            ]),
            "1/1 all_in_one_trip",
            "1 had_been_there",
        ),
        (
            "bound by the finding",
            [
                vec![bound],
                life(&[
                    ("02-10", plan("v", &["a", "b"], "02-10")),
                    ("02-10 12:00", held("v", &["a", "c"])),
                    ("02-12", held("w", &["b"])),
                ]),
            ]
            .concat(),
            "0/1 not_all_in_one_trip",
            "1 was_bound",
        ),
    ];
    for (name, life, rate, own) in table {
        let answers = [
            format!("joint_inspection_rate 02-01..02-28 @02-28 = {rate}"),
            format!("inspection_own_trips 02-01..02-28 @02-28 = {own}"),
        ];
        check(name, CASE, life, &[&answers[0], &answers[1]]);
    }
    // It stops no clock.
    let visited = life(&[("02-09", accepted()), ("02-10", plan("v", &["a", "b"], "02-10")), ("02-13", held("v", &["a", "b"]))]);
    check("no pause", CASE, &visited, &["backlog_promised @02-28 = 0", "backlog_promised @03-01 = 1 past_due"]);
}
