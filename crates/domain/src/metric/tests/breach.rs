//! Verified breaches and what follows from them (S13).

use super::life::{alleges_notice, asked, finds_notice, received, received_at};
use super::{Life, check};
use crate::event::{Fact, Finding, NoticeBreach, NoticeBreachAlleged, RuleValue, StaffHeldLiable};
use crate::ids::Subject;
use crate::ids::kind::{CASE, CONSULT, CONTACT};
use crate::testing::{identity, notice, rule};

const BREACH: NoticeBreach = NoticeBreach::Unclear;

fn finds(finding: Finding) -> Fact {
    finds_notice("a", BREACH, finding)
}

/// For the fact with this number, on the thing of this kind.
pub(super) fn liable(kind: &str, cause: u128) -> Fact {
    let cause_subject = Some(Subject::new(kind, "s", "1"));
    Fact::StaffHeldLiable(StaffHeldLiable { cause_subject, cause_event: Some(identity(cause)), record: "".into() })
}

/// Alleged on 03-02, found true on 03-05. Twenty working days are over on 04-02.
fn found(more: &[(&'static str, Fact)]) -> Life {
    let begin = [("03-02 08:00", received_at("permit", "w1")), ("03-02", alleges_notice("a", BREACH))];
    begin.into_iter().chain([("03-05", finds(Finding::Substantiated))]).chain(more.iter().cloned()).collect()
}

#[test]
fn whether_somebody_was_held_liable() {
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("nobody", &[], "0/1 nobody_liable(unclear)"),
        ("on the last day", &[("04-02", liable(CASE, 3))], "1/1 held_liable(unclear)"),
        ("a day late", &[("04-03", liable(CASE, 3))], "0/1 held_liable_late(unclear)"),
        ("named by the allegation", &[("03-20", liable(CASE, 2))], "1/1 held_liable(unclear)"),
        ("before the finding", &[("03-04", liable(CASE, 2))], "1/1 held_liable(unclear)"),
        ("for something else", &[("03-20", liable(CASE, 1))], "0/1 nobody_liable(unclear)"),
        ("on another thing", &[("03-20", liable(CONTACT, 3))], "0/1 nobody_liable(unclear)"),
        ("found untrue later", &[("03-20", finds(Finding::Unsubstantiated))], "0/0"),
        (
            "found true again, for which nobody was named",
            &[("03-10", finds(Finding::Substantiated)), ("03-20", liable(CASE, 3))],
            "1/1 held_liable(unclear)",
        ),
    ];
    for (name, more, answer) in table {
        check(name, CASE, &found(more), &[&format!("breach_liability_rate 03-01..04-30 @04-30 = {answer}")]);
    }
    check(
        "on its day",
        CASE,
        &found(&[]),
        &[
            "breach_liability_rate 04-02..04-02 @04-01 = 0/0",
            "breach_liability_rate 04-02..04-02 @04-02 = 0/1 nobody_liable(unclear)",
        ],
    );
}

#[test]
fn by_a_sealed_record() {
    let record = |record: &str| StaffHeldLiable {
        cause_subject: Some(Subject::new(CASE, "s", "1")),
        cause_event: None,
        record: record.into(),
    };
    let alleged = NoticeBreachAlleged { allegation_id: "a".into(), kind: BREACH, record: "sealed-1".into() };
    let life = |named: &str| -> Life {
        vec![
            ("03-02 08:00", received_at("permit", "w1")),
            ("03-02", Fact::NoticeBreachAlleged(alleged.clone())),
            ("03-05", finds(Finding::Substantiated)),
            ("03-20", Fact::StaffHeldLiable(record(named))),
        ]
    };
    check("its own", CASE, &life("sealed-1"), &["breach_liability_rate 04-02..04-02 @04-02 = 1/1 held_liable(unclear)"]);
    check("another", CASE, &life("sealed-2"), &["breach_liability_rate 04-02..04-02 @04-02 = 0/1 nobody_liable(unclear)"]);
}

#[test]
fn where_a_breach_brings_liability() {
    let scopes = |codes: &[&str]| rule("notice_scope", RuleValue::Codes(codes.iter().map(|code| (*code).into()).collect()));
    let online = |more: Option<Fact>| -> Life {
        let mut life = found(&[]);
        life[0].1 = received("permit");
        life.extend(more.map(|rule| ("03-01", rule)));
        life
    };
    let rate = "breach_liability_rate 04-02..04-02 @04-02";
    check("online", CASE, &online(None), &[&format!("{rate} = 0/0 x1 out_of_scope(unclear)")]);
    check(
        "online too, by rule",
        CASE,
        &online(Some(scopes(&["window", "online"]))),
        &[&format!("{rate} = 0/1 nobody_liable(unclear)")],
    );
    let shorter = [("03-01", rule("liability_wd", RuleValue::Number(2)))];
    check("two working days", CASE, &found(&shorter), &["breach_liability_rate 03-09..03-09 @03-09 = 0/1 nobody_liable(unclear)"]);

    let on = |begin: Fact| -> Life {
        vec![("03-02 08:00", begin), ("03-02", alleges_notice("a", BREACH)), ("03-05", finds(Finding::Substantiated))]
    };
    check(
        "a consultation",
        CONSULT,
        &on(notice("n")),
        &[&format!("{rate} = 0/0 x1 out_of_scope(unclear)"), "breach_finding_wd 03-05..03-05 @03-05 = 1 found(unclear)"],
    );
    check("asked at the desk", CONTACT, &on(asked(None)), &[&format!("{rate} = 0/0 x1 out_of_scope(unclear)")]);
}

#[test]
fn how_long_it_took_to_find_out() {
    let table: &[(&str, Life, &str)] = &[
        ("three working days", found(&[]), "03-05..03-05 @03-31 = 1 found(unclear)"),
        ("not found yet", found(&[]), "03-02..03-02 @03-04 = 0 u1 open(unclear)"),
        ("found again", found(&[("03-10", finds(Finding::Unsubstantiated))]), "03-01..03-31 @03-31 = 1 found(unclear)"),
    ];
    for (name, life, answer) in table {
        check(name, CASE, life, &[&format!("breach_finding_wd {answer}")]);
    }
    let life = found(&[]);
    let all = super::standings_known(CASE, &life, life.len());
    let found = all.iter().find(|s| s.metric == crate::metric::Metric::BreachFindingWd && s.value.is_some()).unwrap();
    assert_eq!(found.value, Some(3.0));
}
