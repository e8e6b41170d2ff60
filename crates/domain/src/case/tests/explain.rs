//! Clocks told day by day; dates of domain.md section 7 and of the calendar, worked out on paper.

use super::{case, example_a::example_a};
use crate::case::{DayTold, REASONS, Reason, Which, explain};
use crate::clock::Due;
use crate::event::{Extension, Fact, Limit, LimitUnit, ProcedureKind, ProcedureStarted, RuleValue};
use crate::knowledge::Knowledge;
use crate::testing::{accepted, day, ended, item_version, knowledge, notice, publish, received, started};

fn told(facts: &[(&str, Fact)], known: &Knowledge, valid_on: &str, which: Which) -> Vec<String> {
    let explained = explain(&case(facts, known, valid_on), which, known).expect("it began");
    explained.days.iter().map(line).collect()
}

/// Seven days of a clock from one on, each as [`line`] has it.
pub(super) fn week(facts: &[(&str, Fact)], known: &Knowledge, which: Which, from: &str) -> Vec<String> {
    told(facts, known, "10-31", which).into_iter().skip_while(|line| &line[..5] < from).take(7).collect()
}

/// `MM-DD reason counted+over`, `!` on the last day, and what happened with its position.
fn line(told: &DayTold) -> String {
    let DayTold { day, why, counted, over, is_last, events, .. } = told;
    let last = if *is_last { "!" } else { "" };
    let events: String = events.iter().map(|(position, reason)| format!(" {position}:{}", reason.code())).collect();
    format!("{} {} {counted}+{over}{last}{events}", day.strftime("%m-%d"), why.code())
}

#[test]
fn example_a_day_by_day() {
    let expected = [
        "04-27 day_zero 0+0 4:accepted",
        "04-28 counted 1+0",
        "04-29 counted 2+0",
        "04-30 counted 3+0",
        "05-01 day_off 3+0",
        "05-02 day_off 3+0",
        "05-03 day_off 3+0",
        "05-04 day_off 3+0",
        "05-05 day_off 3+0",
        "05-06 counted 4+0",
        "05-07 counted 5+0 5:pause_begins",
        "05-08 paused 5+0",
        "05-09 paused 5+0",
        "05-10 day_off 5+0",
        "05-11 paused 5+0",
        "05-12 paused 5+0",
        "05-13 paused 5+0 6:pause_ends",
        "05-14 counted 6+0",
        "05-15 counted 7+0 7:stopped",
    ];
    assert_eq!(told(&example_a(), &knowledge(&[]), "05-31", Which::Promised), expected);
}

#[test]
fn example_a_as_known_before_the_procedure_was_posted() {
    let known_then: Vec<_> = example_a().into_iter().take(4).collect();
    let days = told(&known_then, &knowledge(&[]), "05-13", Which::Promised);
    let end =
        ["05-08 counted 6+0", "05-09 counted 7+0", "05-10 day_off 7+0", "05-11 counted 8+0!", "05-12 over 8+1", "05-13 over 8+2"];
    assert_eq!(days[days.len() - 6..], end);
}

#[test]
fn other_clocks_of_example_a() {
    let receipt = told(&example_a()[..1], &knowledge(&[]), "04-20", Which::Receipt);
    assert_eq!(
        (receipt.first().unwrap().as_str(), receipt.last().unwrap().as_str()),
        ("04-20 day_zero 0+0 1:received", "04-27 counted 5+0!")
    );
    let delivery = told(&example_a(), &knowledge(&[]), "05-31", Which::Delivery);
    assert_eq!(delivery.first().unwrap(), "05-15 day_zero 0+0 7:delivery_begins");
    assert_eq!(delivery.last().unwrap(), "05-20 counted 3+0 10:delivery_ends");
    let too_early = case(&example_a()[..1], &knowledge(&[]), "04-21");
    assert!(
        [Which::Promised, Which::Statutory, Which::Delivery]
            .iter()
            .all(|which| explain(&too_early, *which, &knowledge(&[])).is_none())
    );
}

/// What moves nothing is told all the same, with the reason.
#[test]
fn what_moves_nothing() {
    let visit = Fact::SpecialProcedureStarted(ProcedureStarted {
        proc_id: "v".into(),
        kind: ProcedureKind::SiteVisit,
        told: true,
        sub_case: None,
    });
    let extension = |told| Fact::ExtensionApproved(Extension { days: 10, told });
    let cases: [(&str, Fact, Reason); 6] = [
        ("04-28", visit, Reason::NoPause),
        ("04-28", started("u", false), Reason::PauseUntold),
        ("05-11", started("late", true), Reason::PauseTooLate),
        ("04-28", extension(false), Reason::ExtensionVoid),
        ("04-28", extension(true), Reason::ExtendedElsewhere),
        ("04-28", notice("n"), Reason::CorrectionAsked),
    ];
    let known = knowledge(&[("unproven_pause", RuleValue::Flag(false))]);
    for (on, fact, expected) in cases {
        let facts = [("04-27", received()), ("04-27", accepted()), (on, fact)];
        let explained = explain(&case(&facts, &known, "05-12"), Which::Promised, &known).unwrap();
        assert_eq!(explained.clock.due, Due::On { day: day("05-11"), provisional: false }, "{expected:?}");
        let found = explained.days.iter().find(|told| told.day == day(on)).unwrap();
        assert_eq!(found.events.last(), Some(&(3, expected)));
    }
}

#[test]
fn an_untold_pause_that_counts_is_told_apart() {
    let facts = [("04-27", received()), ("04-27", accepted()), ("04-28", started("u", false)), ("04-30", ended("u"))];
    let known = knowledge(&[("unproven_pause", RuleValue::Flag(true))]);
    let days = told(&facts, &known, "04-30", Which::Promised);
    assert_eq!(days[1..4], ["04-28 counted 1+0 3:pause_begins", "04-29 paused_untold 1+0", "04-30 paused_untold 1+0 4:pause_ends"]);
}

/// Five calendar days from Monday 04-27 end on Saturday 05-02; the holiday lasts until 05-05.
#[test]
fn calendar_days_end_on_a_working_day() {
    let mut known = knowledge(&[]);
    let promised = Some(Limit { n: 5, unit: LimitUnit::CalendarDay });
    publish(&mut known, crate::event::ItemVersion { promised, ..item_version("2") });
    let facts = [("04-27", received()), ("04-27", accepted())];
    let days = told(&facts, &known, "04-27", Which::Promised);
    let end =
        ["05-01 elapsed 4+0", "05-02 elapsed 5+0", "05-03 moved 5+0", "05-04 moved 5+0", "05-05 moved 5+0", "05-06 moved 5+0!"];
    assert_eq!(days[days.len() - 6..], end);
}

/// Due on 05-11: one working day is left from Saturday 05-09, which is worked on, and on Sunday 05-10 still.
#[test]
fn warnings() {
    let facts = [("04-27", received()), ("04-27", accepted())];
    let known = knowledge(&[]);
    let clock = case(&facts, &known, "04-27").round().promised.clone();
    for (left, yellow) in [(0, "05-11"), (1, "05-09"), (2, "05-08"), (99, "04-27")] {
        assert_eq!(clock.warns(left, &known.calendar), Some((day(yellow), day("05-12"))), "{left} left");
    }
}

#[test]
fn every_reason_has_a_code_of_its_own() {
    let mut codes: Vec<_> = REASONS.iter().map(|reason| reason.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), REASONS.len());
}

#[test]
#[allow(clippy::disallowed_methods)] // Tests may read.
fn the_page_lists_every_reason() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/deadlines.md")).unwrap();
    for reason in REASONS {
        let line = format!("| `{}` | {} | {} | {} |", reason.code(), reason.zh(), reason.en(), reason.source());
        assert!(page.contains(&line), "{line}");
    }
}
