//! Aim: domain.md section 7, example C, comes out of the running program date by date and metric by metric, on SQLite and on Postgres: five
//! departments in parallel, one late, one in a procedure of its own, by the union and by the strict rule.
//!
//! Method: as example A; every member states its own opinion, and what a department may not say is refused.

use crate::life::{Life, at};
use serde_json::{Value, json};
use xiaoer_tests::{Client, Lab, UNIT, by_unit, case, event, on, postgres, refusal_of, scope};
use xiaoer_wire::v1::{
    CaseRef, Event, ExplainDeadlineRequest, ExplainDeadlineResponse, ExplainMetricRequest, JointView, PostMode, Standing,
};

const ITEM: &str = "completion";
/// 住建 leads; 自然资源和规划, 人防, 气象, 城管.
const MEMBERS: [(&str, &str); 5] = [
    (UNIT, "housing"),
    ("11370306XXXX00027E", "planning"),
    ("11370306XXXX000359", "defence"),
    ("11370306XXXX000434", "weather"),
    ("11370306XXXX00051Y", "city"),
];

/// Promised 12 of 45 working days, one visit.
fn registry() -> Vec<Event> {
    let wd = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    let version = json!({"itemVersionPublished": {"version": "1", "name": "acceptance", "itemType": "ITEM_TYPE_PERMIT", "leadUsci": UNIT,
        "statutoryLimit": wd(45), "promisedLimit": wd(12), "visitLimit": 1, "inForceFrom": "2026-01-05"}});
    vec![event(&on("item", ITEM), &at("01-05 09:00"), version)]
}

fn part(name: &str) -> Value {
    json!({"system": "dept", "no": name})
}

fn opened() -> Value {
    let member = |(unit, name): (&str, &str)| json!({"usci": unit, "subCase": part(name), "subLimit": {"n": 7, "unit": "LIMIT_UNIT_WORKING_DAY"}});
    json!({"jointCaseOpened": {"stage": "acceptance", "leadUsci": UNIT, "members": MEMBERS.map(member)}})
}

fn opinion(name: &str) -> Value {
    json!({"subOpinionGiven": {"subCase": part(name), "opinion": "JOINT_RESULT_PASS"}})
}

/// What happened: when, stated by whom, what.
fn told() -> Vec<(&'static str, &'static str, Value)> {
    let units = MEMBERS.map(|(unit, _)| unit);
    let mut told = vec![
        ("02-09 09:00", UNIT, json!({"caseReceived": {"itemCode": ITEM, "itemVersion": "1", "channel": "CHANNEL_WINDOW"}})),
        ("02-09 09:10", UNIT, json!({"caseAccepted": {"promisedDue": "2026-03-03"}})),
        ("02-09 09:20", UNIT, opened()),
    ];
    told.extend(units.map(|unit| ("02-09 09:30", UNIT, json!({"caseRoutedToDept": {"toUsci": unit}}))));
    told.extend(units.map(|unit| ("02-09 10:00", unit, json!({"deptTookCase": {"usci": unit}}))));
    let visit = json!({"visitId": "V", "units": units, "on": "2026-02-11"});
    let lightning = json!({"procId": "L", "kind": "SPECIAL_PROCEDURE_KIND_TESTING", "expectedWd": 5,
        "toldApplicantAt": "2026-02-11T02:00:00Z", "subCase": part("weather")});
    told.extend([
        ("02-10 09:00", UNIT, json!({"siteInspectionScheduled": visit})),
        ("02-11 09:00", UNIT, json!({"siteInspectionDone": {"visitId": "V", "present": units}})),
        ("02-11 10:00", units[3], json!({"specialProcedureStarted": lightning})),
        ("02-13 09:00", units[4], opinion("city")),
        ("02-24 09:00", units[1], opinion("planning")),
        ("02-25 09:00", units[3], json!({"specialProcedureEnded": {"procId": "L"}})),
        ("02-25 10:00", units[0], opinion("housing")),
        ("02-28 09:00", units[2], opinion("defence")),
        ("03-02 09:00", units[3], opinion("weather")),
        ("03-03 09:00", UNIT, json!({"jointConcluded": {"result": "JOINT_RESULT_PASS"}})),
        ("03-03 10:00", UNIT, json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})),
        ("03-04 09:00", UNIT, json!({"caseCompleted": {}})),
        ("03-04 10:00", UNIT, json!({"resultIssued": {"certNo": "C-1"}})),
        ("03-05 09:00", UNIT, json!({"resultDelivered": {"how": "DELIVERY_MEANS_MAIL"}})),
    ]);
    told
}

const LOG: &str = "example-c";

async fn live(client: Client) -> Life {
    let mut life = Life::live_with(registry(), client, LOG, Vec::new()).await;
    for (when, unit, fact) in told() {
        life.tell(PostMode::Strict, when, by_unit(unit, event(&case("A"), &at(when), fact))).await;
    }
    let visit = json!({"applicantVisited": {"caseNos": [{"system": "hall", "no": "A"}], "place": "hall", "who": "VISIT_WHO_APPLICANT",
        "purpose": "VISIT_PURPOSE_SUBMIT", "required": true}});
    life.tell(PostMode::Strict, "03-05 10:00", event(&on("visit", "V"), &at("02-09 08:55"), visit)).await;
    // The log goes on to April, so that every due date comes.
    let note = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    life.tell(PostMode::Strict, "04-30 09:00", event(&case("B"), &at("04-30 09:00"), note)).await;
    life
}

async fn joint(life: &mut Life, on: &str) -> JointView {
    life.state(on).await.case.unwrap().joint.unwrap()
}

/// `used+paused due state by over` of each member, in the order of the opening.
async fn members(life: &mut Life, on: &str) -> Vec<String> {
    let view = |member: &xiaoer_wire::v1::JointMemberView| {
        let clock = member.clock.as_ref().unwrap();
        let due = clock.due_on.strip_prefix("2026-").unwrap_or("?");
        format!("{}+{} {due} {} by {}", clock.used_wd, clock.paused_wd, clock.state, clock.overdue_wd)
    };
    joint(life, on).await.members.iter().map(view).collect()
}

async fn date_by_date(life: &mut Life) {
    let running = "5+0 02-25 running by 0";
    assert_eq!(members(life, "02-14").await, [running, running, running, "2+3 ? paused by 0", "4+0 02-25 stopped by 0"]);
    assert_eq!(members(life, "02-27").await[2], "9+0 02-25 overdue by 2");
    let end = [
        "7+0 02-25 stopped by 0",
        "6+0 02-25 stopped by 0",
        "10+0 02-25 stopped by 3",
        "6+5 03-03 stopped by 0",
        "4+0 02-25 stopped by 0",
    ];
    assert_eq!(members(life, "03-05").await, end);
    life.clocks(&[
        ("02-14", "promised", "5+0 03-03 running"), // the others work: the strict rule stops nothing
        ("02-14", "statutory", "2+3 ? paused"),     // the union rule does
        ("03-03", "promised", "12+0 03-03 stopped"),
        ("03-03", "statutory", "7+5 04-27 stopped"),
        ("03-05", "delivery", "2+0 03-17 stopped"),
    ])
    .await;
    let view = joint(life, "03-05").await;
    let other: Vec<(String, String)> = view.clocks.into_iter().map(|clock| (clock.clock, clock.due_on)).collect();
    let expected = [("promised_official", "2026-03-10"), ("statutory_internal", "2026-04-20")];
    assert_eq!(other, expected.map(|(clock, due)| (clock.to_owned(), due.to_owned())));
    assert_eq!((view.concluded_on.as_str(), view.result.as_str(), view.charged_usci.len()), ("2026-03-03", "pass", 0));
    let trips = life.state("03-05").await.case.unwrap().trips;
    assert_eq!((trips.len(), trips[0].held_on.as_str(), trips[0].present.len()), (1, "2026-02-11", 5));
}

async fn metric_by_metric(life: &mut Life) {
    let (february, march) = (("02-01", "02-28"), ("03-01", "03-31"));
    life.figures(&[
        ("", february, "sub_on_time", "3/4"),
        ("", march, "sub_on_time", "1/1"),
        ("", ("02-01", "03-31"), "sub_on_time", "4/5"),
        ("", march, "joint_on_time", "1/1"),
        ("", march, "joint_on_time_official", "1/1"),
        ("", march, "joint_late_charged", "0/0"),
        ("", march, "elapsed", "1/1"),
        ("", february, "joint_inspection_rate", "1/1"),
        ("", march, "on_time_rate_promised", "1/1"),
        ("", ("04-01", "04-30"), "on_time_rate_statutory", "1/1"), // by the union rule due on 04-27
        ("", march, "visit_rate_case", "1/1"),
        ("", ("", "02-25"), "backlog_member", "0/0"),
        ("", ("", "02-26"), "backlog_member", "1/1"),
        ("", ("", "02-27"), "backlog_member", "1/1"),
        ("", ("", "02-28"), "backlog_member", "0/0"),
        ("", ("", "02-27"), "backlog_promised", "0/0"),
        ("02-24", february, "sub_on_time", "0/0 u1"), // 气象 stood still, so nobody knew its last day
        ("02-27", february, "sub_on_time", "3/4"),
    ])
    .await;
    for (metric, expected) in [("elapsed", 12.0), ("parallel_gain", 1.0 - 12.0 / 38.0), ("coordination_days", 1.0)] {
        let value = life.client.metric(LOG, metric, ("2026-03-01", "2026-03-31"), "").await.unwrap().value.unwrap();
        assert!((value - expected).abs() < 1e-9, "{metric}: {value}");
    }
    let scope = Some(scope(LOG, ("2026-02-01", "2026-02-28"), ""));
    let request = ExplainMetricRequest { metric_id: "sub_on_time".into(), scope };
    let mut members = life.client.audit.explain_metric(request).await.unwrap().into_inner();
    let mut late = Vec::new();
    while let Some(member) = members.message().await.unwrap() {
        if member.standing() == Standing::Denominator {
            late.push((member.why, member.dimensions.into_iter().find(|dim| dim.name == "unit").unwrap().value));
        }
    }
    assert_eq!(late, [("given_late".to_owned(), MEMBERS[2].0.to_owned())]);
}

async fn explain(client: &mut Client, clock: &str, sub_case: Option<CaseRef>) -> ExplainDeadlineResponse {
    let (log, subject) = (LOG.into(), Some(case("A")));
    let request = ExplainDeadlineRequest { log, subject, clock: clock.into(), sub_case, ..ExplainDeadlineRequest::default() };
    client.audit.explain_deadline(request).await.unwrap().into_inner()
}

async fn explained(life: &mut Life) {
    let weather = Some(CaseRef { system: "dept".into(), no: "weather".into() });
    let lines = [
        ("member", weather, "02-25", "paused 2 pause_ends"),
        ("promised", None, "02-25", "counted 7 "),
        ("promised_official", None, "02-25", "member_paused 2 pause_ends"),
    ];
    for (clock, part, on, expected) in lines {
        let told = explain(&mut life.client, clock, part).await;
        let day = told.days.iter().find(|day| day.day == format!("2026-{on}")).unwrap();
        let code = |reason: &Option<xiaoer_wire::v1::DeadlineReason>| reason.as_ref().unwrap().code.clone();
        let events: Vec<String> = day.events.iter().map(|event| code(&event.what)).collect();
        assert_eq!(format!("{} {} {}", code(&day.why), day.counted, events.join(" ")), expected, "{clock}");
    }
}

/// A department may speak for its own part only, once, and for none that is not there.
async fn refused(life: &mut Life) {
    let (own, other) = (MEMBERS[1].0, MEMBERS[2].0);
    let late = [
        (own, opinion("planning"), "XE-JOINT-CONCLUDED"),
        (own, opinion("nobody"), "XE-JOINT-MEMBER"),
        (UNIT, opened(), "XE-JOINT-EXISTS"),
    ];
    for (unit, fact, code) in late {
        let event = by_unit(unit, event(&case("A"), &at("03-03 09:30"), fact));
        let status = life.client.tell(LOG, event, PostMode::Strict, Some(&at("04-30 10:00"))).await.unwrap_err();
        assert_eq!(refusal_of(&status).0, code);
    }
    let before = [(other, opinion("planning"), "XE-JOINT-MEMBER"), (own, opinion("planning"), "XE-OPINION-EXISTS")];
    for (unit, fact, code) in before {
        let event = by_unit(unit, event(&case("A"), &at("02-26 09:30"), fact));
        let status = life.client.tell(LOG, event, PostMode::Strict, Some(&at("04-30 10:00"))).await.unwrap_err();
        assert_eq!(refusal_of(&status).0, code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    for lab in [Lab::new(), Lab::on(&postgres::database("").await)] {
        let server = lab.serve("off").await;
        let mut life = live(server.client()).await;
        date_by_date(&mut life).await;
        metric_by_metric(&mut life).await;
        explained(&mut life).await;
        refused(&mut life).await;
        assert!(server.stop().await.success());
    }
}
