//! Aim: domain.md section 7, example B, comes out of the running program date by date and metric by metric, on SQLite and on Postgres,
//! whatever the rule on a lapse says, and the lapse is gone once a material accepted in time is posted late.
//!
//! Method: as example A.

use crate::life::{Life, Told, at};
use serde_json::{Value, json};
use xiaoer_tests::{Client, Lab, UNIT, case, event, on, postgres};
use xiaoer_wire::v1::{Event, ExplainMetricRequest, GetItemRequest, Standing, ToleranceView};

const ITEM: &str = "window-permit";

/// Promised 10 of 20 working days, one visit; the lease may follow within 6; and what a lapse does.
fn registry(log: &str, on_lapse: &str) -> Vec<Event> {
    let wd = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    let material = |code: &str| json!({"code": code, "required": true});
    let version = json!({"itemVersionPublished": {"version": "1", "name": "permit", "itemType": "ITEM_TYPE_PERMIT", "leadUsci": UNIT,
        "statutoryLimit": wd(20), "promisedLimit": wd(10), "deemedAcceptance": true, "visitLimit": 1, "inForceFrom": "2026-01-05",
        "steps": [{"step": "S", "materials": [material("form"), material("lease")]}]}});
    let list = json!({"toleranceListPublished": {"version": "1", "materials": [{"code": "lease", "maxWd": 6}]}});
    let rule =
        json!({"ruleSet": {"ruleId": "on_lapse", "value": {"code": on_lapse}, "inForceFrom": "2026-01-01", "authority": "a"}});
    let item = on("item", ITEM);
    vec![
        event(&item, &at("01-05 09:00"), version),
        event(&item, &at("01-05 09:01"), list),
        event(&on("log", log), &at("01-05"), rule),
    ]
}

fn text(what: &str) -> Value {
    json!({"ref": what, "commitment": "A".repeat(43) + "="})
}

fn begin() -> Vec<Told<'static>> {
    let received =
        json!({"caseReceived": {"itemCode": ITEM, "itemVersion": "1", "channel": "CHANNEL_WINDOW", "materials": ["form"]}});
    let granted = json!({"toleranceGranted": {"missing": ["lease"], "promisedOn": "2026-09-23",
        "undertakingRef": text("undertaking"), "listRef": text("list")}});
    vec![
        ("09-16 09:00", "09-16 09:00", received),
        ("09-16 09:10", "09-16 09:10", granted),
        ("09-16 09:20", "09-16 09:20", json!({"caseAccepted": {"mode": "ACCEPTANCE_MODE_TOLERANCE", "promisedDue": "2026-09-30"}})),
    ]
}

fn made_good() -> Value {
    json!({"deficiencyMadeGood": {"materialCode": "lease"}})
}

fn end() -> Vec<Told<'static>> {
    vec![
        ("09-28 09:00", "09-28 09:00", json!({"deficiencyFiled": {"materialCode": "lease"}})),
        ("09-28 10:00", "09-28 10:00", made_good()),
        ("09-28 11:00", "09-28 11:00", json!({"toleranceClosed": {"outcome": "TOLERANCE_OUTCOME_LATE"}})),
        ("10-09 09:00", "10-09 09:00", json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})),
        ("10-09 10:00", "10-09 10:00", json!({"caseCompleted": {}})),
        ("10-09 11:00", "10-09 11:00", json!({"resultIssued": {"certNo": "C-1"}})),
        ("10-12", "10-12", json!({"resultDelivered": {"how": "DELIVERY_MEANS_MAIL"}})),
    ]
}

async fn live(client: Client, log: &'static str, on_lapse: &str) -> Life {
    let mut life = Life::live_with(registry(log, on_lapse), client, log, begin().into_iter().chain(end()).collect()).await;
    visited(&mut life, log).await;
    life
}

/// The one required visit, to hand in what there was; and the log goes on to the end of October.
async fn visited(life: &mut Life, log: &str) {
    let visit = json!({"applicantVisited": {"caseNos": [{"system": "hall", "no": "A"}], "place": "hall", "who": "VISIT_WHO_APPLICANT",
        "purpose": "VISIT_PURPOSE_SUBMIT", "required": true}});
    let visit = event(&on("visit", "V"), &at("09-16 08:55"), visit);
    let note = event(&case("B"), &at("10-31 09:00"), json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}));
    for (event, recorded) in [(visit, "10-12 10:00"), (note, "10-31 09:00")] {
        life.client.tell(log, event, xiaoer_wire::v1::PostMode::Strict, Some(&at(recorded))).await.unwrap();
    }
}

const SEPTEMBER: (&str, &str) = ("09-01", "09-30");
const OCTOBER: (&str, &str) = ("10-01", "10-31");

/// What neither policy changes.
async fn same_either_way(life: &mut Life) {
    life.clocks(&[
        ("09-16", "promised", "0+0 09-30 running"),
        ("09-20", "promised", "3+0 09-30 running"), // a Sunday that is worked on
        ("09-23", "promised", "6+0 09-30 running"),
        ("10-12", "statutory", "12+0 10-20 stopped"),
        ("10-12", "delivery", "2+0 10-22 stopped"), // 10-10, a Saturday that is worked on, and 10-12
    ])
    .await;
    life.figures(&[
        ("", ("10-20", "10-20"), "on_time_rate_statutory", "1/1"),
        ("", SEPTEMBER, "tolerance_fulfilment", "0/1"),
        ("", SEPTEMBER, "tolerance_uptake", "1/1"),
        ("", SEPTEMBER, "one_time_rate", "0/0"),
        ("", OCTOBER, "visit_rate_case", "1/1"),
        ("", OCTOBER, "visit_share_1", "1/1"),
        ("", OCTOBER, "gov_fault_visits", "0/1"),
        ("", ("", "09-23"), "promises_overdue", "0/0"),
        ("", ("", "09-24"), "promises_overdue", "1/1"),
        ("", ("", "09-27"), "promises_overdue", "1/1"),
        ("", ("", "09-28"), "promises_overdue", "0/0"),
    ])
    .await;
    let tolerance =
        |view: Option<ToleranceView>| view.map(|view| (view.promised_on, view.lapsed_on, view.gaps[0].made_good_on.clone()));
    for (day, lapsed, good) in [("09-23", "", ""), ("09-24", "2026-09-24", ""), ("09-28", "2026-09-24", "2026-09-28")] {
        let state = life.state(day).await;
        assert_eq!(tolerance(state.case.unwrap().tolerance), Some(("2026-09-23".into(), lapsed.into(), good.into())), "{day}");
        assert_eq!(state.flags.contains(&"tolerance_lapsed".to_owned()), !lapsed.is_empty(), "{day}");
    }
}

async fn the_clock_runs_on(client: Client, log: &'static str) {
    let mut life = live(client, log, "continue").await;
    same_either_way(&mut life).await;
    life.clocks(&[
        ("09-30", "promised", "10+0 09-30 running"),
        ("10-05", "promised", "10+0 09-30 overdue"), // by no working day
        ("10-08", "promised", "11+0 09-30 overdue by 1"),
        ("10-09", "promised", "12+0 09-30 stopped by 2"),
    ])
    .await;
    life.figures(&[
        ("", SEPTEMBER, "on_time_rate_promised", "0/1"),
        ("", ("", "09-30"), "backlog_promised", "0/0"),
        ("", ("", "10-01"), "backlog_promised", "1/1"),
        ("", ("", "10-08"), "backlog_promised", "1/1"),
        ("", ("", "10-09"), "backlog_promised", "0/0"),
        ("", OCTOBER, "zero_backlog_days", "17/18"),
    ])
    .await;
    drilled_down(&mut life, log).await;
}

/// The figure leads to the case and the events, and the catalogue says what could be missing.
async fn drilled_down(life: &mut Life, log: &str) {
    let scope = Some(xiaoer_tests::scope(log, ("2026-09-01", "2026-09-30"), ""));
    let request = ExplainMetricRequest { metric_id: "tolerance_fulfilment".into(), scope };
    let mut members = life.client.audit.explain_metric(request).await.unwrap().into_inner();
    let member = members.message().await.unwrap().unwrap();
    assert_eq!((member.standing(), member.why.as_str(), member.value), (Standing::Denominator, "accepted_late", Some(2.0)));
    let facts: Vec<String> = life
        .client
        .history(log, 0)
        .await
        .iter()
        .map(|recorded| {
            let fact = serde_json::to_value(recorded.event.as_ref().unwrap()).unwrap();
            format!("{} {fact}", recorded.position)
        })
        .collect();
    for (position, fact) in member.positions.iter().zip(["toleranceGranted", "deficiencyMadeGood"]) {
        assert!(facts.iter().any(|told| told.starts_with(&format!("{position} ")) && told.contains(fact)), "{position} {fact}");
    }
    let request = GetItemRequest { log: log.into(), item_code: ITEM.into(), ..GetItemRequest::default() };
    let item = life.client.catalogue.get_item(request).await.unwrap().into_inner().item.unwrap();
    assert_eq!(item.tolerance.unwrap().materials[0].code, "lease");
}

async fn the_clock_stands(client: Client, log: &'static str) {
    let mut life = live(client, log, "pause").await;
    same_either_way(&mut life).await;
    life.clocks(&[
        ("09-24", "promised", "6+1 ? paused"),
        ("09-28", "promised", "6+2 10-09 running"),
        ("09-30", "promised", "8+2 10-09 running"),
        ("10-09", "promised", "10+2 10-09 stopped"),
    ])
    .await;
    life.explained("10-09", "promised", "10-09 counted 10+0 by 10-08").await;
    life.figures(&[
        ("", SEPTEMBER, "on_time_rate_promised", "0/0"),
        ("", OCTOBER, "on_time_rate_promised", "1/1"),
        ("", OCTOBER, "zero_backlog_days", "18/18"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    for lab in [Lab::new(), Lab::on(&postgres::database("").await)] {
        let server = lab.serve("off").await;
        the_clock_runs_on(server.client(), "example-b-continue").await;
        the_clock_stands(server.client(), "example-b-pause").await;
        assert!(server.stop().await.success());
    }
}

/// Under `terminate` the case had ended on 09-24; then it is known that the lease had been accepted on 09-22.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lapse_is_undone_by_what_is_posted_late() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut told = begin();
    told.push(("09-25", "09-22", made_good()));
    told.push(("09-28", "09-28", json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})));
    let log = "example-b-terminate";
    let mut life = Life::live_with(registry(log, "terminate"), server.client(), log, told).await;
    for (day, state) in [("09-23", "Accepted"), ("09-24", "Terminated"), ("09-25", "Accepted"), ("09-28", "Decided")] {
        assert_eq!(life.state(day).await.state, state, "{day}");
    }
    life.figures(&[
        ("09-24", SEPTEMBER, "tolerance_fulfilment", "0/1"),
        ("09-24", ("", "09-24"), "promises_overdue", "0/0"), // nothing is owed in a case that has ended
        ("", SEPTEMBER, "tolerance_fulfilment", "1/1"),
        ("", ("", "09-24"), "promises_overdue", "0/0"),
    ])
    .await;
}
