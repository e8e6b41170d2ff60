//! One-time notification (domain.md S13, 3.4): each kind of breach, and what excuses it.
//!
//! Received on Monday 03-02, so that the window ends on 03-09.

use super::life::{alleges_notice, asks, asks_two, brings, finds_notice, not_accepted, passed, received};
use super::{Facts, Life, check};
use crate::event::{Fact, Finding, NoticeBreach, NoticeCause, NoticeForm, RuleValue};
use crate::ids::kind::CASE;
use crate::testing::{accepted, rule, voided};
use NoticeCause::{First, LawChanged, NewDocument, RequestChanged, Unfixed};
use NoticeForm::{Electronic, Oral, Written};

fn told(item: &str, rest: Facts<'_>) -> Life {
    [("03-02", received(item))].into_iter().chain(rest.iter().cloned()).collect()
}

/// Asked twice: two things on 03-03, answered with these materials on 03-04, and this on 03-06; accepted on 03-09.
fn asked_twice(materials: &[&str], second: (&str, &str, NoticeCause)) -> Life {
    vec![("03-03", asks_two()), ("03-04", brings(materials)), ("03-06", asks(Written, &[second])), ("03-09", accepted())]
}

#[test]
fn breaches_that_the_record_shows() {
    let one = |form, item| vec![("03-03", asks(form, &[item])), ("03-05", accepted())];
    let m1 = ("m1", "blurred", First);
    let table: Vec<(&str, Life, &str)> = vec![
        ("told once, in writing, in time", vec![("03-03", asks_two()), ("03-05", accepted())], "1/1 no_breach"),
        ("on the last day", vec![("03-09", asks_two()), ("03-10", accepted())], "1/1 no_breach"),
        ("a day after it", vec![("03-10", asks_two()), ("03-11", accepted())], "0/1 late(late)"),
        (
            "late after a correction",
            vec![
                ("03-03", asks_two()),
                ("03-04", brings(&[])),
                ("03-12", asks(Written, &[("m1", "blurred", Unfixed)])),
                ("03-13", accepted()),
            ],
            "0/1 late(late)",
        ),
        (
            "again in one window, nothing new",
            vec![("03-03", asks_two()), ("03-12", asks(Written, &[("m1", "blurred", Unfixed)])), ("03-13", accepted())],
            "1/1 no_breach",
        ),
        (
            "again in one window, something new",
            vec![("03-03", asks_two()), ("03-12", asks(Written, &[("m3", "missing", First)])), ("03-13", accepted())],
            "0/1 late(late)",
        ),
        (
            "the law changed after the window",
            vec![("03-12", asks(Written, &[("m3", "missing", LawChanged)])), ("03-13", accepted())],
            "1/1 no_breach",
        ),
        ("asks for nothing, late", vec![("03-12", asks(Written, &[])), ("03-13", accepted())], "0/1 late(late)"),
        ("a new defect", asked_twice(&["m1", "m2"], ("m3", "missing", First)), "0/1 incomplete(incomplete)"),
        ("a new defect of an old material", asked_twice(&["m2"], ("m1", "unsigned", First)), "0/1 incomplete(incomplete)"),
        ("an unfixed item", asked_twice(&["m2"], ("m1", "blurred", Unfixed)), "1/1 no_breach"),
        ("an unfixed item, called a first", asked_twice(&["m2"], ("m1", "blurred", First)), "1/1 no_breach"),
        ("called unfixed, never asked", asked_twice(&["m1"], ("m3", "missing", Unfixed)), "0/1 incomplete(incomplete)"),
        ("a defect of a new document", asked_twice(&["m3"], ("m3", "unsigned", NewDocument)), "1/1 no_breach"),
        ("a defect of a new document, called a first", asked_twice(&["m3"], ("m3", "unsigned", First)), "1/1 no_breach"),
        ("called a new document, never filed", asked_twice(&["m1"], ("m3", "unsigned", NewDocument)), "0/1 incomplete(incomplete)"),
        ("called a new document, the correction has no list", asked_twice(&[], ("m3", "unsigned", NewDocument)), "1/1 no_breach"),
        ("called a first, the correction has no list", asked_twice(&[], ("m3", "unsigned", First)), "0/1 incomplete(incomplete)"),
        ("the law changed", asked_twice(&["m1"], ("m3", "missing", LawChanged)), "1/1 no_breach"),
        ("the request changed", asked_twice(&["m1"], ("m3", "missing", RequestChanged)), "1/1 no_breach"),
        ("off the list", one(Written, ("m9", "missing", First)), "0/1 off_list(off_list)"),
        ("off the list, by a new law", one(Written, ("m9", "missing", LawChanged)), "1/1 no_breach"),
        ("a defect of no material", one(Written, ("", "fee", First)), "1/1 no_breach"),
        ("orally", one(Oral, m1), "0/1 oral_only(oral_only)"),
        ("in no known form", one(NoticeForm::Unknown, m1), "1/1 no_breach"),
        (
            "orally, then in writing",
            vec![("03-03", asks(Oral, &[m1])), ("03-04", asks(Electronic, &[m1])), ("03-05", accepted())],
            "1/1 no_breach",
        ),
        (
            "orally, in writing only after the correction",
            vec![
                ("03-03", asks(Oral, &[m1])),
                ("03-04", brings(&[])),
                ("03-05", asks(Written, &[("m1", "blurred", Unfixed)])),
                ("03-06", accepted()),
            ],
            "0/1 oral_only(oral_only)",
        ),
        (
            "after acceptance",
            vec![("03-03", accepted()), ("03-05", asks(Written, &[m1])), ("03-09", passed())],
            "0/1 post_acceptance(post_acceptance)",
        ),
        (
            "after acceptance and five days",
            vec![("03-03", accepted()), ("03-12", asks(Written, &[m1])), ("03-13", passed())],
            "0/1 post_acceptance(post_acceptance)",
        ),
        (
            "after acceptance, the request changed",
            vec![("03-03", accepted()), ("03-05", asks(Written, &[("m1", "blurred", RequestChanged)])), ("03-09", passed())],
            "1/1 no_breach",
        ),
        (
            "the first breach of two",
            vec![
                ("03-03", asks(Oral, &[m1])),
                ("03-04", brings(&["m1"])),
                ("03-05", asks(Written, &[("m9", "missing", First)])),
                ("03-06", accepted()),
            ],
            "0/1 oral_only(oral_only)",
        ),
    ];
    for (name, rest, expected) in table {
        check(name, CASE, &told("filing", &rest), &[&format!("one_time_rate 01-01..12-31 @12-31 = {expected}")]);
    }
}

#[test]
fn the_list_is_unknown_only_where_it_matters() {
    let table: Vec<(&str, Fact, &str)> = vec![
        ("a material", asks(Written, &[("m1", "blurred", First)]), "0/0 u1 no_item_version"),
        ("no material", asks(Written, &[("", "fee", First)]), "1/1 no_breach"),
        ("a material of a new law", asks(Written, &[("m1", "blurred", LawChanged)]), "1/1 no_breach"),
        ("a breach all the same", asks(Oral, &[("m1", "blurred", First)]), "0/1 oral_only(oral_only)"),
    ];
    for (name, notice, expected) in table {
        let life = told("nothing", &[("03-03", notice), ("03-05", accepted())]);
        check(name, CASE, &life, &[&format!("one_time_rate 03-05..03-05 @12-31 = {expected}")]);
    }
}

#[test]
fn notices_that_ask_for_what_is_on_no_list() {
    let m9 = || asks(Written, &[("m1", "blurred", First), ("m9", "missing", First)]);
    let table: Vec<(&str, &str, Vec<(&str, Fact)>, &str)> = vec![
        ("on the list", "filing", vec![("03-03", asks_two())], "0/1 on_list"),
        ("one of two", "filing", vec![("03-03", m9())], "1/1 off_list"),
        ("no material", "filing", vec![("03-03", asks(Written, &[("", "fee", First)]))], "0/1 on_list"),
        ("by a new law", "filing", vec![("03-03", asks(Written, &[("m9", "missing", LawChanged)]))], "0/1 on_list"),
        ("for another request", "filing", vec![("03-03", asks(Written, &[("m9", "missing", RequestChanged)]))], "0/1 on_list"),
        ("each notice", "filing", vec![("03-03", m9()), ("03-04", asks_two()), ("03-05", m9())], "2/3 off_list off_list on_list"),
        ("after acceptance", "filing", vec![("03-03", accepted()), ("03-05", m9())], "1/1 off_list"),
        ("taken back", "filing", vec![("03-03", m9()), ("03-04", voided(2))], "0/0"),
        ("no version", "nothing", vec![("03-03", asks_two())], "0/0 u1 no_item_version"),
        ("no version, no material", "nothing", vec![("03-03", asks(Written, &[("", "fee", First)]))], "0/1 on_list"),
        ("none given", "filing", vec![("03-05", accepted())], "0/0"),
    ];
    for (name, item, rest, expected) in table {
        check(name, CASE, &told(item, &rest), &[&format!("off_list_demand 01-01..12-31 @12-31 = {expected}")]);
    }
    let answers = ["off_list_demand 03-03..03-03 @03-03 = 1/1 off_list", "off_list_demand 01-01..12-31 @03-02 = 0/0"];
    check("on its day", CASE, &told("filing", &[("03-03", m9())]), &answers);
}

#[test]
fn the_phase_ends_with_the_first_outcome_after_the_last_notice() {
    let notice = ("03-03", asks_two());
    let limit = rule("correction_wd", RuleValue::Number(3));
    let life = |rest: Facts<'_>| told("filing", &[std::slice::from_ref(&notice), rest].concat());
    let table = [
        ("accepted", life(&[("03-05", accepted()), ("03-09", passed())]), "03-05"),
        ("accepted on the same day", life(&[("03-03", accepted())]), "03-03"),
        ("not accepted", life(&[("03-05", not_accepted("not_required"))]), "03-05"),
        ("withdrawn", life(&[("03-05", Fact::CaseWithdrawn)]), "03-05"),
        // Three working days from 03-03 end on 03-06.
        ("lapsed", life(&[("01-01", limit)]), "03-07"),
        (
            "a second notice",
            life(&[("03-04", brings(&["m1"])), ("03-06", asks(Written, &[("m2", "missing", Unfixed)])), ("03-09", accepted())]),
            "03-09",
        ),
        // The correction of 03-04 opens a window that ends on 03-11.
        ("deemed", told("permit", &[notice.clone(), ("03-04", brings(&["m1"]))]), "03-12"),
    ];
    for (name, life, on) in table {
        let yesterday = crate::testing::day(on).yesterday().unwrap();
        let answers = [
            format!("one_time_rate {on}..{on} @12-31 = 1/1 no_breach"),
            format!("one_time_rate 01-01..12-31 @{yesterday} = 0/0"),
            "notice_in_time 03-03..03-03 @03-03 = 1/1 in_time".to_owned(),
        ];
        check(name, CASE, &life, &answers.each_ref().map(String::as_str));
    }
    check("still open", CASE, &life(&[]), &["one_time_rate 01-01..12-31 @12-31 = 0/0"]);
    check("no notice", CASE, &told("filing", &[("03-03", accepted())]), &["one_time_rate 01-01..12-31 @12-31 = 0/0"]);

    // Deemed accepted, since the notice of 03-10 came too late; the confirmation is the outcome after it.
    let late = told("permit", &[("03-10", asks_two()), ("03-12", accepted())]);
    check("deemed before", CASE, &late, &["one_time_rate 03-12..03-12 @12-31 = 0/1 late(late)"]);
    check("deemed before", CASE, &late, &["notice_in_time 03-10..03-10 @12-31 = 0/1 late"]);
}

#[test]
fn breaches_that_were_found() {
    let found = |finding| {
        [("03-20", alleges_notice("a", NoticeBreach::Unclear)), ("03-23", finds_notice("a", NoticeBreach::Unclear, finding))]
    };
    let begin = [("03-03", asks_two()), ("03-05", accepted())];
    let life = |finding| told("filing", &[&begin[..], &found(finding)[..]].concat());
    let answers = ["one_time_rate 03-05..03-05 @03-22 = 1/1 no_breach", "one_time_rate 03-05..03-05 @03-23 = 0/1 unclear(unclear)"];
    check("unclear", CASE, &life(Finding::Substantiated), &answers);
    check("unverifiable", CASE, &life(Finding::Unverifiable), &["one_time_rate 03-05..03-05 @12-31 = 1/1 no_breach"]);

    // A missing notice is the worst case: a member without any notice, on the day of its first outcome.
    let missing = ("03-23", finds_notice("a", NoticeBreach::Missing, Finding::Substantiated));
    let refused = told("filing", &[("03-05", not_accepted("not_our_authority")), missing.clone()]);
    let answers = ["one_time_rate 03-05..03-05 @03-22 = 0/0", "one_time_rate 03-05..03-05 @03-23 = 0/1 missing(missing)"];
    check("no notice", CASE, &refused, &answers);
    check("no outcome yet", CASE, &told("filing", &[missing]), &["one_time_rate 01-01..12-31 @12-31 = 0/0"]);
}

#[test]
fn lateness_beyond_the_calendar_is_unknown() {
    // Five working days from 12-24 end on 12-31. The night of 12-31 is in time whatever 2027 is; 01-04 may be the sixth or not.
    let life = |on| vec![("12-24", received("filing")), (on, asks_two()), ("2027-01-05", accepted())];
    let table = [("12-31", "1/1 in_time", "1/1 no_breach"), ("2027-01-04", "0/0 u1 no_calendar", "0/0 u1 no_calendar")];
    for (on, in_time, one_time) in table {
        check(on, CASE, &life(on), &[&format!("notice_in_time 12-01..2027-01-31 @2027-12-31 = {in_time}")]);
        check(on, CASE, &life(on), &[&format!("one_time_rate 2027-01-05..2027-01-05 @2027-12-31 = {one_time}")]);
    }
}
