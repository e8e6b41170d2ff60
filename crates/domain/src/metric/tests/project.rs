//! New projects: assessments of their zone, linked sessions, rounds of drawings, and which of the linked procedures were done.

use super::{Facts, Life, check, check_known, nights, standings_known};
use crate::event::{DrawingConclusion, Fact, JointResult, LinkedProcedure, RuleValue, SubjectKind, SubjectRegistered};
use crate::ids::kind::SUBJECT;
use crate::metric::{Metric, Place};
use crate::testing::{
    applied, approved, concluded, day, demanded, inspected, inspection_planned, joint_for_project, opened, points, project,
    remote_opinion, rule, session, submitted, voided,
};
use DrawingConclusion::{Fail, Pass, Revise};
use LinkedProcedure::{Acceptance, Drawing, Inspection, Remote, Zone};

/// The zone has a water assessment until the end of June, a new one from September on, and one of soil without end.
fn in_zone(rest: Facts<'_>) -> Life {
    let mut life: Life = vec![
        ("01-05", approved("w1", "water", "2026-02-01", Some("2026-06-30"))),
        ("03-02", approved("s1", "soil", "2025-01-01", None)),
        ("08-20", approved("w2", "water", "2026-09-01", Some("2027-08-31"))),
        ("02-10", project(None, &[Zone])),
    ];
    life.extend_from_slice(rest);
    life
}

#[test]
fn a_pair_is_covered_by_what_may_be_used_on_the_night() {
    let life = in_zone(&[]);
    check(
        "nobody did anything",
        SUBJECT,
        &life,
        &[
            "zone_reuse @02-09 = 0/0", // not registered yet
            "zone_reuse @02-10 = 0/1 not_applied(water)",
            "zone_reuse @03-01 = 0/1 not_applied(water)", // soil is not approved yet, whatever it is valid from
            "zone_reuse @03-02 = 0/2 not_applied(soil) not_applied(water)",
            "zone_reuse @06-30 = 0/2 not_applied(soil) not_applied(water)",
            "zone_reuse @07-01 = 0/1 not_applied(soil)",
            "zone_reuse @08-31 = 0/1 not_applied(soil)",
            "zone_reuse @09-01 = 0/2 not_applied(soil) not_applied(water)",
        ],
    );
    check_known("before the soil was approved", SUBJECT, &life, 1, &["zone_reuse @04-01 = 0/0"]);
    let elsewhere = SubjectRegistered { kind: SubjectKind::Project, new_from: None, zone_id: "2".into(), linked: Vec::new() };
    let enterprise = SubjectRegistered { kind: SubjectKind::Enterprise, zone_id: "1".into(), ..elsewhere.clone() };
    let nowhere = SubjectRegistered { zone_id: "".into(), ..elsewhere.clone() };
    for (name, other) in [("another zone", elsewhere), ("no zone", nowhere), ("an enterprise", enterprise)] {
        check(name, SUBJECT, &in_zone(&[("05-06", Fact::SubjectRegistered(other))]), &["zone_reuse @05-06 = 0/0"]);
    }
}

#[test]
fn what_was_done_last_holds() {
    let exceptions = ("01-05", rule("zone_exceptions", RuleValue::Codes(vec!["hazard".into()])));
    let table: &[(&str, Facts<'_>, &str)] = &[
        ("applied", &[("03-10", applied("w1"))], "1/1 applied(water)"),
        ("applied before it was approved", &[("02-10", applied("s1"))], "0/1 not_applied(water)"),
        ("one that the zone has not", &[("03-10", applied("w9"))], "0/1 not_applied(water)"),
        ("applied, voided", &[("03-10", applied("w1")), ("03-11", voided(5))], "0/1 not_applied(water)"),
        ("demanded", &[("03-10", demanded("water", "habit"))], "0/1 separate_demanded(water)"),
        ("demanded without a reason", &[("03-10", demanded("water", ""))], "0/1 separate_demanded(water)"),
        (
            "demanded, then applied",
            &[("03-10", demanded("water", "")), ("03-20", applied("w1"))],
            "1/1 applied_after_demand(water)",
        ),
        ("applied, then demanded", &[("03-10", applied("w1")), ("03-20", demanded("water", ""))], "0/1 separate_demanded(water)"),
        ("of another kind", &[("03-10", demanded("noise", ""))], "0/1 not_applied(water)"),
        ("no rule lists the reason", &[("03-10", demanded("water", "hazard"))], "0/1 separate_demanded(water)"),
        ("the rule lists it", &[exceptions.clone(), ("03-10", demanded("water", "hazard"))], "0/0 x1 excused(water)"),
        ("the rule lists another", &[exceptions, ("03-10", demanded("water", "habit"))], "0/1 separate_demanded(water)"),
    ];
    for (name, rest, expected) in table {
        let with_soil = expected.replacen("0/1 ", "0/2 ", 1).replacen("1/1 ", "1/2 ", 1).replacen("0/0 ", "0/1 ", 1);
        let (figure, member) = with_soil.rsplit_once(' ').unwrap();
        let mut members = [member, "not_applied(soil)"];
        members.sort_unstable();
        check(name, SUBJECT, &in_zone(rest), &[&format!("zone_reuse @04-01 = {figure} {}", members.join(" "))]);
    }
    // Used once it is used for good; of an assessment that could not be used then, one's own had to be made.
    check(
        "renewed",
        SUBJECT,
        &in_zone(&[("03-10", applied("w1")), ("03-10", applied("s1"))]),
        &[
            "zone_reuse @06-30 = 2/2 applied(soil) applied(water)",
            "zone_reuse @07-01 = 1/1 applied(soil)",
            "zone_reuse @09-01 = 2/2 applied(soil) applied(water)",
        ],
    );
    check(
        "in between",
        SUBJECT,
        &in_zone(&[("07-10", demanded("water", ""))]),
        &[
            "zone_reuse @06-30 = 0/2 not_applied(soil) not_applied(water)",
            "zone_reuse @09-01 = 0/1 x1 asked_before(water) not_applied(soil)",
        ],
    );
    let all = standings_known(SUBJECT, &in_zone(&[("03-10", demanded("water", "")), ("03-20", applied("w1"))]), 6);
    let member = all.iter().find(|s| s.why == "applied_after_demand").unwrap();
    assert_eq!(member.evidence, [1, 4, 5, 6], "the approval, the registration, the demand, the use");
}

const UNITS: [&str; 2] = ["11370306XXXX00019K", "11370306XXXX00027E"];

#[test]
fn sessions_and_the_opinions_on_them() {
    let [first, second] = UNITS;
    // Friday 04-17; three working days: 04-20, 21, 22.
    let held = |rest: Facts<'_>| {
        let mut life: Life = vec![("02-10", project(None, &[Remote])), ("04-17", session("a", true, &[first, second, first]))];
        life.extend_from_slice(rest);
        life
    };
    let due = "remote_opinion_on_time 04-22..04-22";
    let given =
        [("04-17", remote_opinion("a", first)), ("04-24", remote_opinion("a", second)), ("04-27", remote_opinion("a", first))];
    check(
        "given",
        SUBJECT,
        &held(&given),
        &[
            "remote_share 04-17..04-17 @04-17 = 1/1 remote",
            "remote_opinion_on_time 01-01..12-31 @04-21 = 0/0",
            &format!("{due} @04-22 = 1/2 given_in_time not_given"),
            &format!("{due} @04-24 = 1/2 given_in_time given_late"),
            &format!("{due} @12-31 = 1/2 given_in_time given_late"),
        ],
    );
    let all = standings_known(SUBJECT, &held(&given), 5);
    let late = all.iter().find(|s| s.why == "given_late").unwrap();
    assert_eq!((late.value, &*late.dims.unit, &*late.evidence), (Some(2.0), second, &[2, 4][..]), "04-23 and 24");
    check(
        "on the last day",
        SUBJECT,
        &held(&[("04-22", remote_opinion("a", second))]),
        &[&format!("{due} @12-31 = 1/2 given_in_time not_given")],
    );
    check(
        "on another session",
        SUBJECT,
        &held(&[("04-20", remote_opinion("b", second))]),
        &[&format!("{due} @12-31 = 0/2 not_given not_given")],
    );
    let in_one_place: Life = vec![("02-10", project(None, &[])), ("04-17", session("a", false, &UNITS))];
    check(
        "in one place",
        SUBJECT,
        &in_one_place,
        &["remote_share 04-17..04-17 @12-31 = 0/1 held_in_one_place", "remote_opinion_on_time 01-01..12-31 @12-31 = 0/0"],
    );
    let longer = ("01-05", rule("remote_opinion_wd", RuleValue::Number(5)));
    check(
        "five days",
        SUBJECT,
        &held(&[longer, ("04-24", remote_opinion("a", second))]),
        &[&format!("{due} @12-31 = 0/0"), "remote_opinion_on_time 04-24..04-24 @12-31 = 1/2 given_in_time not_given"],
    );
    let beyond: Life = vec![("12-30", session("a", true, &UNITS)), ("12-31", remote_opinion("a", first))];
    check("no calendar", SUBJECT, &beyond, &["remote_opinion_on_time 12-30..12-30 @12-31 = 0/0 u2 no_calendar no_calendar"]);
}

#[test]
fn rounds_until_the_review_is_over() {
    let round = |day: &'static str, version: &str, result| {
        let (version, changed): (_, &[&str]) = (version, if version == "1" { &[] } else { &["A-01"] });
        [(day, submitted(version, changed)), (day, opened(version)), (day, concluded(version, result))]
    };
    let rounds = |which: &[[(&'static str, Fact); 3]]| -> Life {
        [("02-10", project(None, &[Drawing]))].into_iter().chain(which.iter().flatten().cloned()).collect()
    };
    let value = |life: &Life| {
        let all = standings_known(SUBJECT, life, life.len());
        all.iter().find(|s| s.metric == Metric::DrawingRounds).and_then(|s| s.value)
    };
    let one = rounds(&[round("03-10", "1", Pass)]);
    check("one", SUBJECT, &one, &["drawing_rounds 03-10..03-10 @12-31 = 1 passed"]);
    assert_eq!(value(&one), Some(1.0));
    let mut three = rounds(&[round("03-10", "1", Revise), round("03-24", "2", Revise), round("04-20", "3", Fail)]);
    check("three", SUBJECT, &three, &["drawing_rounds 01-01..12-31 @04-19 = 0", "drawing_rounds 04-20..04-20 @04-20 = 1 failed"]);
    assert_eq!(value(&three), Some(3.0));
    // A version that nobody reviewed is no round, and what comes after the review is over adds nothing to it.
    three.insert(7, ("03-30", submitted("2b", &["A-02"])));
    three.extend(round("05-06", "4", Pass));
    check("a version in between", SUBJECT, &three, &["drawing_rounds 01-01..12-31 @12-31 = 1 failed"]);
    assert_eq!(value(&three), Some(3.0));
}

#[test]
fn points_that_come_late() {
    let first: Facts<'_> = &[
        ("03-02", project(None, &[])),
        ("03-03", submitted("1", &[])),
        ("03-03", opened("1")),
        ("03-10", points("1", "fire", &[("A-01", "exit"), ("A-02", "alarm")])),
    ];
    // In round 2 the sheet A-01 has changed, A-02 and A-03 have not.
    let second = |changed: &[&str], rest: Facts<'_>| {
        let mut life: Life = first.into();
        life.extend([("03-20", submitted("2", changed)), ("03-20", opened("2"))]);
        life.extend_from_slice(rest);
        life
    };
    let told = |points_of: Fact| second(&["A-01"], &[("03-27", points_of)]);
    let late = |life: &Life| {
        let all = standings_known(SUBJECT, life, life.len());
        let of = all.into_iter().filter(|s| s.metric == Metric::DrawingLatePoints && s.valid.contains(day("12-31")));
        of.map(|s| (s.place, String::from(&*s.dims.kind), s.value.unwrap_or_default(), s.counts_on)).collect::<Vec<_>>()
    };
    let on = day("03-27");
    let counted = |kind: &str, n: f64| vec![(Place::Numerator, kind.to_owned(), n, on)];
    let table: Vec<(&str, Fact, Vec<(Place, String, f64, jiff::civil::Date)>)> = vec![
        ("the same point again", points("2", "fire", &[("A-02", "alarm")]), vec![]),
        ("a new point on a sheet that changed", points("2", "fire", &[("A-01", "alarm")]), vec![]),
        ("a new point on one that had not", points("2", "fire", &[("A-02", "exit")]), counted("fire", 1.0)),
        (
            "two, one of them twice",
            points("2", "fire", &[("A-02", "exit"), ("A-03", "exit"), ("A-02", "exit")]),
            counted("fire", 2.0),
        ),
        ("another specialty had raised it", points("2", "lightning", &[("A-02", "alarm")]), counted("lightning", 1.0)),
        ("of the set as a whole", points("2", "fire", &[("", "layout")]), vec![]),
    ];
    for (name, fact, expected) in table {
        assert_eq!(late(&told(fact)), expected, "{name}");
    }
    assert_eq!(late(&first.into()), [], "round 1 lists what it likes");
    // Which sheets had changed is not stated: it may be late.
    let unknown = second(&[], &[("03-27", points("2", "fire", &[("A-02", "exit"), ("A-02", "alarm")]))]);
    assert_eq!(late(&unknown), [(Place::Unknown, "fire".into(), 1.0, on)]);
    check("unknown", SUBJECT, &unknown, &["drawing_late_points 03-27..03-27 @12-31 = 0 u1 changes_not_stated(fire)"]);
    // What was late once is not late again; what changed in a version that nobody reviewed has changed.
    let third: Facts<'_> = &[
        ("03-27", points("2", "fire", &[("A-02", "exit")])),
        ("04-01", submitted("3", &["A-03"])),
        ("04-07", submitted("4", &["A-04"])),
        ("04-07", opened("4")),
        ("04-13", points("4", "fire", &[("A-02", "exit"), ("A-03", "exit"), ("A-04", "exit"), ("A-01", "sign")])),
    ];
    let on_13 = (Place::Numerator, "fire".to_owned(), 1.0, day("04-13"));
    assert_eq!(late(&second(&["A-01"], third)), [counted("fire", 1.0)[0].clone(), on_13], "A-01 changed in round 2, not since");
    check(
        "by day",
        SUBJECT,
        &second(&["A-01"], third),
        &[
            "drawing_late_points 03-27..03-27 @04-12 = 1 incomplete(fire)",
            "drawing_late_points 01-01..12-31 @04-13 = 2 incomplete(fire) incomplete(fire)",
            "one_time_rate 01-01..12-31 @12-31 = 0/0",
        ],
    );
    let all = standings_known(SUBJECT, &told(points("2", "fire", &[("A-02", "exit")])), 7);
    assert_eq!(all.iter().find(|s| s.metric == Metric::DrawingLatePoints).unwrap().evidence, [5, 7]);
}

#[test]
fn procedures_done_for_a_new_project() {
    let registered = |new_from, rest: Facts<'_>| {
        let mut life: Life =
            vec![("01-05", approved("w1", "water", "2026-01-01", None)), ("03-10", project(new_from, &[Zone, Remote, Drawing]))];
        life.extend_from_slice(rest);
        life
    };
    let nothing = "0/0 u3 not_reached(drawing) not_reached(remote) not_reached(zone)";
    check(
        "by its own first day",
        SUBJECT,
        &registered(Some("04-01"), &[]),
        &["linked_cover 01-01..12-31 @03-31 = 0/0", &format!("linked_cover 04-01..04-01 @04-01 = {nothing}")],
    );
    let again = [("05-06", project(None, &[Remote]))];
    check(
        "by the first registration",
        SUBJECT,
        &registered(None, &again),
        &[
            &format!("linked_cover 03-10..03-10 @05-05 = {nothing}"),
            "linked_cover 03-10..03-10 @05-06 = 0/0 u1 not_reached(remote)",
        ],
    );
    let hazard = ("01-05", rule("zone_exceptions", RuleValue::Codes(vec!["hazard".into()])));
    let table: &[(&str, Facts<'_>, &str)] = &[
        ("used", &[("04-07", applied("w1"))], "1/1 u2 done(zone) not_reached(drawing) not_reached(remote)"),
        ("denied", &[("04-07", demanded("water", ""))], "0/1 u2 not_reached(drawing) not_reached(remote) separate_demanded(zone)"),
        (
            "excused",
            &[hazard, ("04-07", demanded("water", "hazard"))],
            "0/0 u2 x1 excused(zone) not_reached(drawing) not_reached(remote)",
        ),
        (
            "by video",
            &[("04-07", session("a", false, &UNITS)), ("04-08", session("b", true, &UNITS))],
            "1/1 u2 done(remote) not_reached(drawing) not_reached(zone)",
        ),
        (
            "in one place",
            &[("04-07", session("a", false, &UNITS))],
            "0/1 u2 held_in_one_place(remote) not_reached(drawing) not_reached(zone)",
        ),
        (
            "under review",
            &[("04-07", submitted("1", &[])), ("04-07", opened("1")), ("04-08", concluded("1", Revise))],
            "0/1 u2 not_reached(remote) not_reached(zone) under_review(drawing)",
        ),
        (
            "reviewed",
            &[("04-07", submitted("1", &[])), ("04-07", opened("1")), ("04-08", concluded("1", Fail))],
            "1/1 u2 done(drawing) not_reached(remote) not_reached(zone)",
        ),
    ];
    for (name, rest, expected) in table {
        check(
            name,
            SUBJECT,
            &registered(None, rest),
            &[&format!("linked_cover 03-10..03-10 @04-08 = {expected}"), &format!("linked_cover 03-10..03-10 @04-06 = {nothing}")],
        );
    }
}

#[test]
fn joint_cases_for_a_project() {
    let registered = |rest: Facts<'_>| {
        let mut life: Life = vec![("03-10", project(None, &[Inspection, Acceptance, Remote]))];
        life.extend_from_slice(rest);
        life
    };
    // The joint case is the stream `A`, another one `B`; they stand in the project's history by their openings.
    let (open, pass) =
        (("04-01 09:00 A", joint_for_project("acceptance")), ("04-20 09:00 A", Fact::JointConcluded(JointResult::Pass)));
    let planned = |units: &[&str]| ("04-02 09:00 A", inspection_planned("v", "04-08", units));
    let both = planned(&["u", "v"]);
    let table: &[(&str, Facts<'_>, &str)] = &[
        ("nothing", &[], "0/0 u3 not_reached(acceptance) not_reached(inspection) not_reached(remote)"),
        ("opened", std::slice::from_ref(&open), "0/1 u2 not_reached(inspection) not_reached(remote) under_way(acceptance)"),
        (
            "another stage",
            &[("04-01 09:00 A", joint_for_project("permit")), pass.clone()],
            "0/0 u3 not_reached(acceptance) not_reached(inspection) not_reached(remote)",
        ),
        ("scheduled", &[open.clone(), both.clone()], "0/1 u2 not_reached(inspection) not_reached(remote) under_way(acceptance)"),
        (
            "all came",
            &[open.clone(), both.clone(), ("04-08 09:00 A", inspected("v", &["v", "w", "u"]))],
            "1/2 u1 done(inspection) not_reached(remote) under_way(acceptance)",
        ),
        (
            "one stayed away",
            &[open.clone(), both.clone(), ("04-08 09:00 A", inspected("v", &["u"]))],
            "0/2 u1 not_all_in_one_trip(inspection) not_reached(remote) under_way(acceptance)",
        ),
        (
            "it came alone",
            &[open.clone(), both.clone(), ("04-08 09:00 A", inspected("v", &["u"])), ("04-10 09:00 A", inspected("w", &["v"]))],
            "0/2 u1 not_all_in_one_trip(inspection) not_reached(remote) under_way(acceptance)",
        ),
        (
            "put off, for one alone",
            &[
                open.clone(),
                both,
                ("04-03 09:00 A", inspection_planned("v", "04-09", &["u"])),
                ("04-09 09:00 A", inspected("v", &["u"])),
            ],
            "1/2 u1 done(inspection) not_reached(remote) under_way(acceptance)",
        ),
        (
            "nobody said who had to",
            &[open.clone(), ("04-08 09:00 A", inspected("v", &["u"]))],
            "0/1 u2 not_reached(remote) under_way(acceptance) units_not_stated(inspection)",
        ),
        (
            "of another case",
            &[open.clone(), ("04-08 09:00 B", inspected("v", &["u"]))],
            "0/1 u2 not_reached(inspection) not_reached(remote) under_way(acceptance)",
        ),
        ("concluded", &[open.clone(), pass.clone()], "1/3 done(acceptance) passed_over(inspection) passed_over(remote)"),
        (
            "decided alone",
            &[open.clone(), ("04-20 09:00 A", super::life::refused())],
            "1/3 done(acceptance) passed_over(inspection) passed_over(remote)",
        ),
        (
            "by video before",
            &[("03-20", session("s", true, &UNITS)), open.clone(), pass],
            "2/3 done(acceptance) done(remote) passed_over(inspection)",
        ),
    ];
    for (name, rest, expected) in table {
        check(
            name,
            SUBJECT,
            &registered(rest),
            &[
                &format!("linked_cover 03-10..03-10 @04-30 = {expected}"),
                "linked_cover 03-10..03-10 @03-19 = 0/0 u3 not_reached(acceptance) not_reached(inspection) not_reached(remote)",
            ],
        );
    }
    let all = standings_known(SUBJECT, &registered(&[open, ("04-20 09:00 A", Fact::JointConcluded(JointResult::Fail))]), 3);
    let done = all.iter().find(|s| s.why == "done").unwrap();
    assert_eq!((&*done.dims.kind, &*done.evidence), ("acceptance", &[1, 3][..]), "a conclusion that fails is one");
}

#[test]
fn of_one_day_the_last_registration_recorded_holds() {
    let in_zone =
        |id: &str| SubjectRegistered { kind: SubjectKind::Project, new_from: None, zone_id: id.into(), linked: Vec::new() };
    let of_day = |first: &'static str, second: &'static str| -> Life {
        let (first, second) = (first.split_once(' ').unwrap(), second.split_once(' ').unwrap());
        vec![
            ("01-05", approved("w1", "water", "2026-02-01", None)),
            ("03-10 15:00", Fact::SubjectRegistered(in_zone(first.1))),
            ("03-10 09:00", Fact::SubjectRegistered(in_zone(second.1))),
        ]
    };
    let covered = |life: &Life| nights(&standings_known(SUBJECT, life, 3), Metric::ZoneReuse, Place::Denominator, "03-01", "03-31");
    assert_eq!(covered(&of_day("a 2", "b 1")), ["03-10..03-31"], "the earlier hour, recorded later");
    assert_eq!(covered(&of_day("a 1", "b 2")), [""; 0]);
}
