//! Visits (domain.md S22, 3.3): what is one visit, what counts, and whose fault it was.

use super::life::{decides, passed, received, visit, visits};
use super::{Facts, Life, check, standings_known};
use crate::event::{Decider, Fact, RuleValue, Visit, VisitCause, VisitPurpose, VisitWho};
use crate::ids::kind::CASE;
use crate::metric::Metric;
use crate::testing::{accepted, rule, voided};
use VisitCause::{ChoseToCollect, LawRequiresPresence, ListedMaterialMissing, NoticeBreach, SystemDown, WrongGuide};

/// Completed on 03-09, delivered on 03-11, with these visits.
fn told(comings: Facts<'_>) -> Life {
    let begin = [("03-02 08:00", received("window")), ("03-02 08:10", accepted())];
    let end = [("03-09 08:00", passed()), ("03-09 08:10", Fact::CaseCompleted), ("03-11 17:00", Fact::ResultDelivered)];
    begin.into_iter().chain(end).chain(comings.iter().cloned()).collect()
}

#[test]
fn what_is_one_visit() {
    let law = || visits("hall", LawRequiresPresence);
    let with = |change: fn(&mut Visit)| {
        let mut coming = visit("hall", LawRequiresPresence);
        change(&mut coming);
        Fact::ApplicantVisited(coming)
    };
    let table: Vec<(&str, Life, u32)> = vec![
        ("none", vec![], 0),
        ("one", vec![("03-02 09:00 1", law())], 1),
        ("two windows on one trip", vec![("03-02 09:00 1", law()), ("03-02 13:00 2", law())], 1),
        ("a minute more than the four hours", vec![("03-02 09:00 1", law()), ("03-02 13:01 2", law())], 2),
        (
            "four hours of the first of the group",
            vec![("03-02 09:00 1", law()), ("03-02 12:00 2", law()), ("03-02 15:00 3", law())],
            2,
        ),
        ("two places", vec![("03-02 09:00 1", law()), ("03-02 10:00 2", visits("annex", LawRequiresPresence))], 2),
        (
            "places unknown",
            vec![("03-02 09:00 1", visits("", LawRequiresPresence)), ("03-02 10:00 2", visits("", LawRequiresPresence))],
            2,
        ),
        ("two days", vec![("03-02 23:00 1", law()), ("03-03 00:30 2", law())], 2),
        (
            "by rule, an hour",
            vec![("03-01", rule("visit_merge_h", RuleValue::Number(1))), ("03-02 09:00 1", law()), ("03-02 11:00 2", law())],
            2,
        ),
        ("a proxy", vec![("03-02 09:00 1", with(|visit| visit.who = VisitWho::Proxy))], 1),
        ("an agent", vec![("03-02 09:00 1", with(|visit| visit.who = VisitWho::Agent))], 0),
        ("a consultation", vec![("03-02 09:00 1", with(|visit| visit.purpose = VisitPurpose::Consult))], 0),
        ("a voluntary call", vec![("03-02 09:00 1", with(|visit| visit.required = false))], 0),
        ("collecting counts", vec![("03-11 09:00 1", with(|visit| visit.purpose = VisitPurpose::Collect))], 1),
        ("after delivery", vec![("03-12 09:00 1", law())], 0),
        ("voided", vec![("03-02 09:00 1", law()), ("03-03 09:00 1", voided(6))], 0),
    ];
    for (name, comings, number) in table {
        let life = told(&comings);
        let (why, rate, share) = match number {
            0 => ("no_visit", "1/1", ["1/1", "0/1"]),
            1 => ("one_visit", "1/1", ["0/1", "1/1"]),
            _ => ("more_visits", "0/1", ["0/1", "0/1"]),
        };
        let answers = [
            format!("visit_rate_case 03-09..03-09 @12-31 = {rate} {why}"),
            format!("visit_share_0 03-09..03-09 @12-31 = {} {why}", share[0]),
            format!("visit_share_1 03-09..03-09 @12-31 = {} {why}", share[1]),
        ];
        check(name, CASE, &life, &answers.each_ref().map(String::as_str));
        let all = standings_known(CASE, &life, life.len());
        let value = all.iter().rfind(|s| s.metric == Metric::VisitRateCase).and_then(|s| s.value);
        assert_eq!(value, Some(f64::from(number)), "{name}");
    }
}

#[test]
fn provisional_until_delivered() {
    let life = told(&[("03-02 09:00 1", visits("hall", LawRequiresPresence)), ("03-11 16:00 2", visits("hall", ChoseToCollect))]);
    let answers = [
        "visit_rate_case 01-01..12-31 @03-08 = 0/0",
        "visit_rate_case 03-09..03-09 @03-10 = 1/1 provisional",
        "visit_rate_case 03-09..03-09 @03-11 = 0/1 more_visits",
    ];
    check("two visits", CASE, &life, &answers);
}

#[test]
fn whose_fault_it_was() {
    let coming = |cause| ("03-03 09:00 1", visits("hall", cause));
    let on = "gov_fault_visits 03-09..03-09 @12-31";
    let table: Vec<(&str, Life, &str)> = vec![
        ("the applicant's", vec![coming(ListedMaterialMissing)], "0/1 one_visit"),
        ("the law's", vec![coming(LawRequiresPresence)], "0/1 one_visit"),
        ("not stated", vec![coming(VisitCause::Unknown)], "0/1 one_visit"),
        ("the government's", vec![coming(WrongGuide)], "1/1 government_cause(wrong_guide) one_visit"),
        (
            "overruled by a higher one",
            vec![coming(ListedMaterialMissing), ("03-20 09:00 1", decides(Decider::Hotline, NoticeBreach))],
            "1/1 government_cause(notice_breach) one_visit",
        ),
        (
            "a later, lower one changes nothing",
            vec![
                coming(ListedMaterialMissing),
                ("03-20 09:00 1", decides(Decider::Reviewer, NoticeBreach)),
                ("03-21 09:00 1", decides(Decider::Callback, SystemDown)),
            ],
            "1/1 government_cause(notice_breach) one_visit",
        ),
        (
            "the latest of one level",
            vec![
                coming(NoticeBreach),
                ("03-20 09:00 1", decides(Decider::Reviewer, NoticeBreach)),
                ("03-21 09:00 1", decides(Decider::Reviewer, ListedMaterialMissing)),
            ],
            "0/1 one_visit",
        ),
        (
            "of another visit",
            vec![coming(ListedMaterialMissing), ("03-20 09:00 2", decides(Decider::Reviewer, NoticeBreach))],
            "0/1 one_visit",
        ),
        (
            "merged, once",
            vec![coming(WrongGuide), ("03-03 10:00 2", visits("hall", SystemDown))],
            "1/1 government_cause(wrong_guide) one_visit",
        ),
        (
            "two of them",
            vec![coming(WrongGuide), ("03-04 10:00 2", visits("hall", SystemDown))],
            "2/1 government_cause(system_down) government_cause(wrong_guide) more_visits",
        ),
        ("after delivery", vec![("03-13 09:00 1", visits("hall", WrongGuide))], "0/1 no_visit"),
    ];
    for (name, comings, expected) in table {
        check(name, CASE, &told(&comings), &[&format!("{on} = {expected}")]);
    }
    // As of a day before the cause was decided, the window's word holds.
    let life = told(&[coming(ListedMaterialMissing), ("03-20 09:00 1", decides(Decider::Hotline, NoticeBreach))]);
    check("before", CASE, &life, &["gov_fault_visits 03-09..03-09 @03-19 = 0/1 one_visit"]);
}
