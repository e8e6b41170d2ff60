//! Persons at windows: postings, trainings, the deadline (S10, S15).

use super::life::configured;
use super::{Life, check, nights, standings_known};
use crate::event::{Fact, RuleValue, StaffPosted, TrainingAttended, WindowKind};
use crate::ids::kind::STAFF;
use crate::metric::{Metric, Place};
use crate::testing::{day, rule};

pub(super) fn posted(window: &str, from: &str, is_selected: bool) -> Fact {
    Fact::StaffPosted(StaffPosted { window: window.into(), from: day(from), is_selected })
}

pub(super) fn unposted(window: &str) -> Fact {
    Fact::StaffUnposted(window.into())
}

pub(super) fn attended(passed: bool) -> Fact {
    Fact::TrainingAttended(TrainingAttended { passed })
}

/// The deadline is 04-30.
fn deadline() -> (&'static str, Fact) {
    ("01-05", rule("milestones", RuleValue::Table([("window_training".into(), 20_260_430)].into())))
}

fn told(more: &[(&'static str, Fact)]) -> Life {
    [deadline()].into_iter().chain(more.iter().cloned()).collect()
}

#[test]
fn trained_by_the_deadline() {
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("on the last day", &[("03-02", posted("g", "03-02", true)), ("04-30", attended(true))], "1/1 trained"),
        ("a day late", &[("03-02", posted("g", "03-02", true)), ("05-06", attended(true))], "0/1 not_trained"),
        ("failed", &[("03-02", posted("g", "03-02", true)), ("04-01", attended(false))], "0/1 not_trained"),
        ("trained before it was posted", &[("02-02", attended(true)), ("04-30", posted("g", "04-30", true))], "1/1 trained"),
        ("posted from the next day", &[("04-20", posted("g", "05-01", true))], "0/0"),
        ("unposted on the day", &[("03-02", posted("g", "03-02", true)), ("04-30", unposted("g"))], "0/0"),
        ("unposted a day later", &[("03-02", posted("g", "03-02", true)), ("05-01", unposted("g"))], "0/1 not_trained"),
        (
            "still at the other window",
            &[("03-02", posted("g", "03-02", true)), ("03-03", posted("h", "03-03", true)), ("04-01", unposted("g"))],
            "0/1 not_trained",
        ),
        ("never posted", &[("03-02", attended(true))], "0/0"),
    ];
    for (name, more, answer) in table {
        check(name, STAFF, &told(more), &[&format!("window_training_by_deadline 04-30..04-30 @12-30 = {answer}")]);
    }
    let life = told(&[("03-02", posted("g", "03-02", true))]);
    check("not yet", STAFF, &life, &["window_training_by_deadline 04-30..04-30 @04-29 = 0/0"]);
    let life = told(&[("03-02 08:00 g", configured(WindowKind::General, &[])), ("03-03", posted("g", "03-03", true))]);
    check("by centre", STAFF, &life, &["window_training_by_deadline 04-30..04-30 @04-30 = 0/1 not_trained(district)"]);
}

#[test]
fn trained_in_the_period() {
    let trained = |life: &Life| {
        nights(&standings_known(STAFF, life, life.len()), Metric::TrainingCoverage, Place::Numerator, "01-01", "12-30")
    };
    let life =
        vec![("03-02", posted("g", "03-02", true)), ("04-10", attended(true)), ("10-12", attended(true)), ("11-02", unposted("g"))];
    assert_eq!(trained(&life), ["04-10..06-30", "10-12..11-01"]);
    let mut by_quarter = life.clone();
    by_quarter.push(("01-05", rule("training_period", RuleValue::Code("quarter".into()))));
    assert_eq!(trained(&by_quarter), ["04-10..06-30", "10-12..11-01"]);
    let mut by_month = life.clone();
    by_month.push(("01-05", rule("training_period", RuleValue::Code("month".into()))));
    assert_eq!(trained(&by_month), ["04-10..04-30", "10-12..10-31"]);
    let mut by_year = life;
    by_year.push(("01-05", rule("training_period", RuleValue::Code("year".into()))));
    assert_eq!(trained(&by_year), ["04-10..11-01"]);
}

#[test]
fn chosen_for_a_reason() {
    let life = vec![("03-02", posted("g", "03-02", true)), ("03-03", posted("h", "03-10", false))];
    check(
        "two postings",
        STAFF,
        &life,
        &[
            "posting_selected 03-01..03-31 @03-31 = 1/2 basis_stated no_basis",
            "posting_selected 03-01..03-31 @03-02 = 1/1 basis_stated",
        ],
    );
}
