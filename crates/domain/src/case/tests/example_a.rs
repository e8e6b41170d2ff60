//! domain.md section 7, example A: an ordinary permit, one correction, one expert review, date by date.

use super::{case, check};
use crate::case::OutcomeKind;
use crate::event::{Decision, Fact};
use crate::flag::Flag;
use crate::testing::{accepted, corrected, day, ended, knowledge, notice, received, started};

pub(super) fn example_a() -> Vec<(&'static str, Fact)> {
    vec![
        ("04-20", received()),
        ("04-22", notice("n")),
        ("04-27", corrected("n")),
        ("04-27", accepted()),
        ("05-07", started("p", true)),
        ("05-13", ended("p")),
        ("05-15", Fact::CaseDecided(Decision::Pass)),
        ("05-18", Fact::CaseCompleted),
        ("05-18", Fact::ResultIssued),
        ("05-20", Fact::ResultDelivered),
    ]
}

#[test]
fn date_by_date() {
    let days = [
        ("04-20", "Received - -"),
        ("04-21", "Received - -"),
        ("04-22", "CorrectionPending - -"),
        ("04-26", "CorrectionPending - -"),
        ("04-27", "Accepted 05-11 05-27"),
        ("05-06", "Accepted 05-11 05-27"),
        ("05-07", "SpecialProcedure paused paused"),
        ("05-12", "SpecialProcedure paused paused"),
        ("05-13", "UnderReview 05-18 06-03"),
        ("05-14", "UnderReview 05-18 06-03"),
        ("05-15", "Decided 05-18 06-03"),
        ("05-18", "ResultIssued 05-18 06-03"),
        ("05-19", "ResultIssued 05-18 06-03"),
        ("05-20", "Delivered 05-18 06-03"),
        ("12-31", "Delivered 05-18 06-03"),
    ];
    check("example A", &example_a(), &knowledge(&[]), &days);
}

#[test]
fn figures_of_the_end() {
    let case = case(&example_a(), &knowledge(&[]), "05-31");
    let round = case.round();
    assert_eq!((round.promised.used_wd, round.promised.paused_wd, round.promised.kept()), (7, 5, Some(true)));
    assert_eq!((round.statutory.used_wd, round.statutory.kept()), (7, Some(true)));
    assert_eq!(round.outcome.as_ref().map(|outcome| outcome.kind), Some(OutcomeKind::Decided(Decision::Pass)));
    let delivery = round.delivery.as_ref().unwrap();
    assert_eq!((delivery.used_wd, delivery.due.day(), delivery.kept()), (3, Some(day("05-29")), Some(true)));
    assert_eq!(round.delivery_over_from, Some(day("06-01")));
    assert_eq!((case.notices[0].wd, case.notices[0].in_time, case.notices.len()), (2, true, 1));
    assert_eq!((case.irregular.as_slice(), case.flags.as_slice()), (&[][..], &[][..]));
}

/// The two procedure events were recorded on 05-14 only: views made before showed overdue, and must again as known then.
#[test]
fn as_known_before_the_procedure_was_posted() {
    let known_then: Vec<_> = example_a().into_iter().take(4).collect();
    let days = [("05-11", "Accepted 05-11 05-27"), ("05-12", "Accepted 05-11! 05-27"), ("05-13", "Accepted 05-11! 05-27")];
    check("as known then", &known_then, &knowledge(&[]), &days);
    for (valid_on, overdue_wd) in [("05-11", 0), ("05-12", 1), ("05-13", 2)] {
        assert_eq!(case(&known_then, &knowledge(&[]), valid_on).round().promised.overdue_wd, overdue_wd, "{valid_on}");
        assert_eq!(case(&example_a(), &knowledge(&[]), valid_on).round().promised.overdue_wd, 0, "as known now, {valid_on}");
    }
}

/// The wrong answers of the example, so that the calendar is seen to matter: plain weekdays, and holidays without make-up days.
#[test]
fn wrong_calendars_give_the_wrong_answers() {
    use crate::event::CalendarPublished;
    let accepted_case: Vec<_> = example_a().into_iter().take(4).collect();
    let of_2026 = crate::testing::calendar_2026();
    let off_only: Vec<_> = of_2026.days.iter().copied().filter(|(_, working)| !working).collect();
    for (days, expected) in [(Vec::new(), "05-07"), (off_only, "05-12"), (of_2026.days.clone(), "05-11")] {
        let mut known = knowledge(&[]);
        known.calendar.publish(&CalendarPublished { year: 2026, version: 2, days });
        let due = case(&accepted_case, &known, "04-27").round().promised.due.day();
        assert_eq!(due, Some(day(expected)));
    }
}

#[test]
fn variant_without_a_notice() {
    let alone = [("04-20", received())];
    let days = [("04-27", "Received - -"), ("04-28", "Accepted 04-30 05-20"), ("05-05", "Accepted 04-30! 05-20")];
    check("deemed accepted as of the receipt", &alone, &knowledge(&[]), &days);
    let deemed = case(&alone, &knowledge(&[]), "05-06");
    assert_eq!((deemed.deemed, deemed.flags.as_slice()), (Some(day("04-28")), &[Flag::DeemedAccepted][..]));

    // Posted on 05-06, dated 04-22: where it was recorded is nothing to the fold.
    let undone = [("04-20", received()), ("04-22", notice("n"))];
    check("a notice in time undoes it", &undone, &knowledge(&[]), &[("05-06", "CorrectionPending - -")]);
}
