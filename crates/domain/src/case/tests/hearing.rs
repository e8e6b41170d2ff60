//! Hearings (行政许可法 arts 46–48), on dates worked out on paper.

use super::{case, due, explain::week};
use crate::case::Which;
use crate::event::{Decision, Fact, ProcedureKind, ProcedureStarted};
use crate::flag::Flag;
use crate::testing::{accepted, at, knowledge, received};

/// Received on 04-20, accepted on 04-27, told of the right on 04-28.
fn and(more: &[(&'static str, Fact)]) -> Vec<(&'static str, Fact)> {
    let begin = [("04-20", received()), ("04-27", accepted()), ("04-28", Fact::HearingRightTold)];
    begin.into_iter().chain(more.iter().cloned()).collect()
}

fn begins(told: Option<&str>) -> Fact {
    let (proc_id, told_at) = ("h".into(), told.map(|on| at(on, 9)));
    Fact::SpecialProcedureStarted(ProcedureStarted { proc_id, kind: ProcedureKind::Hearing, told_at, sub_case: None })
}

fn ends() -> Fact {
    crate::testing::ended("h")
}

#[test]
fn the_clock_of_a_hearing() {
    // 05-08:1 09:2 11:3 12:4 13:5 14:6 15:7 18:8 19:9 20:10 21:11 22:12 25:13 26:14 27:15 28:16 29:17 06-01:18 02:19 03:20.
    let requested = ("05-07", Fact::HearingRequested);
    let table: &[(&str, Vec<(&str, Fact)>, &str, &str)] = &[
        ("asked for", and(std::slice::from_ref(&requested)), "06-03", "running"),
        ("not held", and(std::slice::from_ref(&requested)), "06-03!", "overdue"),
        (
            "held on the last day",
            and(&[requested.clone(), ("05-11", begins(Some("05-11"))), ("06-03", ends())]),
            "06-03",
            "stopped",
        ),
        ("held a day late", and(&[requested.clone(), ("05-11", begins(Some("05-11"))), ("06-04", ends())]), "06-03!", "stopped"),
        ("the case withdrawn", and(&[requested.clone(), ("05-20", Fact::CaseWithdrawn)]), "06-03", "stopped"),
    ];
    for (name, facts, last, state) in table {
        let on = if *state == "running" { "06-03" } else { "06-04" };
        let case = case(facts, &knowledge(&[]), on);
        let clock = case.round().hearing.clock.as_ref().unwrap();
        assert_eq!((due(clock).as_str(), clock.state()), (*last, *state), "{name}");
    }
    assert_eq!(case(&and(&[]), &knowledge(&[]), "05-08").round().hearing.clock, None, "nobody asked");
}

#[test]
fn what_is_worth_knowing() {
    let passed = || ("05-20", Fact::CaseDecided(Decision::Refused));
    let asked = |on| (on, Fact::HearingRequested);
    let table: &[(&str, Vec<(&str, Fact)>, &[Flag])] = &[
        // 04-29:1 30:2 05-06:3 07:4 08:5.
        ("on the fifth working day", and(&[asked("05-08")]), &[]),
        ("on the sixth, a Saturday that is worked on", and(&[asked("05-09")]), &[Flag::HearingRequestedLate]),
        ("told again, and asked for then", and(&[("05-08", Fact::HearingRightTold), asked("05-11")]), &[]),
        ("nobody was told", vec![("04-20", received()), ("04-27", accepted()), asked("05-20")], &[]),
        ("seven days before", and(&[asked("05-07"), ("05-12", begins(Some("05-12"))), ("05-19", ends())]), &[]),
        (
            "six days before",
            and(&[asked("05-07"), ("05-12", begins(Some("05-13"))), ("05-19", ends())]),
            &[Flag::HearingNoticeShort],
        ),
        (
            "never told",
            and(&[asked("05-07"), ("05-12", begins(None)), ("05-19", ends())]),
            &[Flag::PauseUnproven, Flag::HearingNoticeShort],
        ),
        ("not held yet", and(&[asked("05-07"), ("05-12", begins(Some("05-12")))]), &[]),
        ("decided over it", and(&[asked("05-07"), passed()]), &[Flag::HearingPassedOver]),
        ("asked for too late, so none was owed", and(&[asked("05-09"), passed()]), &[Flag::HearingRequestedLate]),
        ("decided after it", and(&[asked("05-07"), ("05-08", begins(Some("05-08"))), ("05-19", ends()), passed()]), &[]),
    ];
    for (name, facts, flags) in table {
        assert_eq!(case(facts, &knowledge(&[]), "05-31").flags, *flags, "{name}");
    }
}

#[test]
fn told_day_by_day() {
    let facts = and(&[("05-07", Fact::HearingRequested), ("05-08", begins(Some("05-08"))), ("05-15", ends())]);
    let days = week(&facts, &knowledge(&[]), Which::Hearing, "05-07");
    assert_eq!(days[0], "05-07 day_zero 0+0 4:hearing_begins");
    let last = week(&facts, &knowledge(&[]), Which::Hearing, "05-15");
    assert_eq!(last, ["05-15 counted 7+0 6:hearing_ends"]);
}
