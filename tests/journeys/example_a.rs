//! Aim: domain.md section 7, example A, comes out of the running program date by date and metric by metric.
//!
//! Method: the case is lived through on a synthetic log over gRPC, each event recorded at its simulated time. Then the questions of
//! the example are asked as they would have been asked on its days. The expected dates are those of the document, worked out by hand.

use crate::life::{Life, Told};
use serde_json::{Value, json};
use xiaoer_tests::{ITEM, Lab};
use xiaoer_wire::v1::PostMode;

fn received() -> Value {
    let materials = json!(["M1", "M2"]);
    json!({"caseReceived": {"itemCode": ITEM, "itemVersion": "1", "channel": "CHANNEL_ONLINE", "materials": materials,
        "applicant": {"ref": "a-1", "kind": "APPLICANT_KIND_NATURAL_PERSON"}}})
}

fn notice() -> Value {
    let asked =
        |material: &str| json!({"materialCode": material, "defect": "not_signed", "remedy": "sign", "cause": "NOTICE_CAUSE_FIRST"});
    json!({"noticeGiven": {"noticeId": "n", "form": "NOTICE_FORM_WRITTEN", "items": [asked("M1"), asked("M2")]}})
}

fn started() -> Value {
    json!({"specialProcedureStarted": {"procId": "p", "kind": "SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW", "expectedWd": 5,
        "toldApplicantAt": "2026-05-07T01:00:00Z"}})
}

fn ended() -> Value {
    json!({"specialProcedureEnded": {"procId": "p"}})
}

/// Up to the acceptance.
fn begin() -> Vec<Told<'static>> {
    vec![
        ("04-20 10:12", "04-20 10:12", received()),
        ("04-22", "04-22", notice()),
        ("04-27 09:00", "04-27 09:00", json!({"correctionSubmitted": {"noticeId": "n", "materialCodes": ["M1", "M2"]}})),
        ("04-27 10:00", "04-27 10:00", json!({"caseAccepted": {"mode": "ACCEPTANCE_MODE_NORMAL"}})),
    ]
}

/// From the decision on.
fn end() -> Vec<Told<'static>> {
    vec![
        ("05-15", "05-15", json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})),
        ("05-18 09:00", "05-18 09:00", json!({"caseCompleted": {}})),
        ("05-18 10:00", "05-18 10:00", json!({"resultIssued": {"certNo": "C-1"}})),
        ("05-20", "05-20", json!({"resultDelivered": {"how": "DELIVERY_MEANS_MAIL"}})),
    ]
}

/// All of it, each fact told when it happened.
fn whole() -> Vec<Told<'static>> {
    let review = [("05-07", "05-07", started()), ("05-13", "05-13", ended())];
    begin().into_iter().chain(review).chain(end()).collect()
}

const MAY: (&str, &str) = ("05-01", "05-31");
/// What is known of [`whole`] when all is known.
const AT_LAST: [(&str, (&str, &str), &str, &str); 10] = [
    ("", MAY, "on_time_rate_promised", "1/1"),
    ("", ("05-18", "05-18"), "on_time_rate_promised", "1/1"),
    ("", ("06-03", "06-03"), "on_time_rate_statutory", "1/1"),
    ("", ("01-01", "06-02"), "on_time_rate_statutory", "0/0"),
    ("", MAY, "closed_on_time", "1/1"),
    ("", ("04-01", "04-30"), "one_time_rate", "1/1"),
    ("", ("04-01", "04-30"), "notice_in_time", "1/1"),
    ("", MAY, "visit_rate_case", "1/1"),
    ("", MAY, "visit_share_0", "1/1"),
    ("", MAY, "gov_fault_visits", "0/1"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut life = Life::live(server.client(), "example-a", whole()).await;
    life.clocks(&[
        ("04-20", "receipt", "0+0 04-27 running"),
        ("04-22", "receipt", "0+0 04-27 stopped"),
        ("04-20", "promised", "none"),
        ("04-27", "promised", "0+0 05-11 running"),
        ("04-28", "promised", "1+0 05-11 running"),
        ("04-30", "promised", "3+0 05-11 running"),
        ("05-05", "promised", "3+0 05-11 running"), // holidays
        ("05-06", "promised", "4+0 05-11 running"),
        ("05-07", "promised", "5+0 ? paused"), // the day it begins still counts
        ("05-12", "promised", "5+4 ? paused"), // 05-08, 05-09 (a Saturday worked), 05-11 and 05-12
        ("05-13", "promised", "5+5 05-18 running"),
        ("05-14", "promised", "6+5 05-18 running"),
        ("05-15", "promised", "7+5 05-18 stopped"),
        ("05-15", "statutory", "7+5 06-03 stopped"),
        ("05-18", "delivery", "1+0 05-29 running"),
        ("05-20", "delivery", "3+0 05-29 stopped"),
    ])
    .await;
    life.explained("05-12", "promised", "05-12 paused 5+0 by -").await;
    life.explained("05-14", "promised", "05-18 counted 8+0 by 05-15").await;
    life.explained("05-31", "promised", "05-15 counted 7+0 by 05-15").await;
    life.explained("05-31", "delivery", "05-20 counted 3+0 by 05-28").await;
    life.figures(&AT_LAST).await;
    life.figures(&[
        ("05-12", MAY, "on_time_rate_promised", "0/0"),
        ("05-12", ("04-01", "05-31"), "on_time_rate_promised", "0/0 u1"), // an open pause has no due date: in the period of receipt
    ])
    .await;
    for night in ["04-20", "04-27", "04-30", "05-07", "05-11", "05-12", "05-13", "05-15", "05-18", "05-20"] {
        for backlog in ["backlog_promised", "backlog_statutory", "backlog_receipt", "backlog_delivery"] {
            life.figures(&[(night, ("", night), backlog, "0/0"), ("", ("", night), backlog, "0/0")]).await;
        }
    }
    // 05-01 to 05-05 and the other off-days are no working days; each of the 19 of May is a zero-backlog day.
    life.figures(&[("", MAY, "zero_backlog_days", "19/19")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_backwards_it_ends_the_same() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let told = whole().into_iter().rev().map(|(_, happened, fact)| ("05-21", happened, fact)).collect();
    let mut life = Life::live_in(PostMode::Record, server.client(), "example-a-backwards", told).await;
    life.figures(&AT_LAST).await;
    life.clocks(&[("05-21", "promised", "7+5 05-18 stopped"), ("05-21", "delivery", "3+0 05-29 stopped")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_recorded_late_is_shown_as_it_was_known() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut told = begin();
    told.extend([("05-14 09:00", "05-07", started()), ("05-14 09:01", "05-13", ended())]);
    told.extend(end());
    let mut life = Life::live(server.client(), "example-a-late", told).await;
    life.clocks(&[
        ("05-11", "promised", "8+0 05-11 running"),
        ("05-12", "promised", "9+0 05-11 overdue by 1"),
        ("05-13", "promised", "10+0 05-11 overdue by 2"),
        ("05-14", "promised", "6+5 05-18 running"),
    ])
    .await;
    life.figures(&[
        ("05-11", ("", "05-11"), "backlog_promised", "0/0"),
        ("05-12", ("", "05-12"), "backlog_promised", "1/1"),
        ("05-13", ("", "05-13"), "backlog_promised", "1/1"),
        ("05-13", MAY, "on_time_rate_promised", "0/1"),
        // As known now it never was.
        ("", ("", "05-12"), "backlog_promised", "0/0"),
        ("", ("", "05-13"), "backlog_promised", "0/0"),
        ("05-14", ("", "05-13"), "backlog_promised", "0/0"),
        ("", MAY, "on_time_rate_promised", "1/1"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_accepts_and_a_notice_posted_late_undoes_it() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let told = vec![("04-20 10:12", "04-20 10:12", received()), ("05-06 16:00", "04-22", notice())];
    let mut life = Life::live(server.client(), "example-a-deemed", told).await;
    life.clocks(&[
        ("04-27", "receipt", "0+0 04-27 running"),
        ("04-28", "receipt", "0+0 04-27 overdue"),
        ("04-27", "promised", "none"),
        ("04-28", "promised", "6+0 04-30 running"), // deemed accepted as of 04-20
        ("04-30", "promised", "8+0 04-30 running"),
        ("05-05", "statutory", "8+0 05-20 running"),
        ("05-06", "promised", "none"),
        ("05-06", "receipt", "0+0 04-27 stopped"),
    ])
    .await;
    life.figures(&[
        ("05-05", ("", "04-28"), "backlog_receipt", "1/1"),
        ("05-05", ("", "04-30"), "backlog_promised", "0/0"),
        ("05-05", ("", "05-01"), "backlog_promised", "1/1"),
        ("05-05", ("04-30", "04-30"), "on_time_rate_promised", "0/1"),
        ("", ("", "04-28"), "backlog_receipt", "0/0"),
        ("", ("", "05-01"), "backlog_promised", "0/0"),
        ("", ("04-01", "05-31"), "on_time_rate_promised", "0/0"),
        ("", ("04-01", "04-30"), "notice_in_time", "1/1"),
    ])
    .await;
}
