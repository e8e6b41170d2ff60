//! Aim: a new project comes out of the running program figure by figure, on SQLite and on Postgres: it uses an assessment of its zone
//! and is denied another, is looked at in one session by video, has its drawings reviewed in two rounds, with a point that came late, and
//! is accepted in a joint case after one visit to the site.
//!
//! Method: each event is recorded when the story says, some of it late; each question is asked as it would have been asked on its day.

use crate::life::at;
use serde_json::{Value, json};
use xiaoer_tests::{Client, ITEM, Lab, UNIT, case, event, on, postgres, registry, scope};
use xiaoer_wire::v1::{
    Dimension, ExplainMetricRequest, ExplainMetricResponse, GetMetricRequest, GetStateRequest, KnownAt, MetricValue, PostMode,
    Standing, Subject, known_at::Bound,
};

const LOG: &str = "new-projects";
/// A second unit; its code passes its check.
const OTHER: &str = "11370306XXXX00027E";
const FIRST_HALF: (&str, &str) = ("2026-01-01", "2026-06-30");

fn project() -> Subject {
    on("subject", "P-1")
}

fn in_zone(linked: &[&str]) -> Value {
    let linked: Vec<String> = linked.iter().map(|procedure| format!("LINKED_PROCEDURE_{procedure}")).collect();
    json!({"subjectRegistered": {"subjectKind": "SUBJECT_KIND_PROJECT", "projectCode": "2026-370306-41-03-012345",
        "newFrom": "2026-03-02", "town": "370306001", "zoneId": "east", "linkedKinds": linked}})
}

fn assessment(id: &str, kind: &str, from: &str, to: &str) -> Value {
    json!({"zoneAssessmentApproved": {"assessmentId": id, "kind": kind, "validFrom": from, "validTo": to}})
}

fn opinion(unit: &str) -> Value {
    json!({"remoteOpinionGiven": {"sessionId": "S-1", "unitUsci": unit, "opinion": "REMOTE_OPINION_AGREE"}})
}

fn opened(version: &str) -> Value {
    json!({"drawingReviewOpened": {"setVersion": version, "specialties": ["fire", "lightning"]}})
}

fn points(version: &str, specialty: &str, points: &[(&str, &str)]) -> Value {
    let points: Vec<Value> = points.iter().map(|(sheet, code)| json!({"sheet": sheet, "pointCode": code})).collect();
    json!({"drawingOpinionGiven": {"setVersion": version, "specialty": specialty, "result": "DRAWING_OPINION_RESULT_REVISE",
        "points": points}})
}

fn concluded(version: &str, result: &str) -> Value {
    json!({"drawingConclusionIssued": {"setVersion": version, "result": format!("DRAWING_CONCLUSION_RESULT_{result}")}})
}

/// Recorded when, happened when, where, what.
fn told() -> Vec<(&'static str, &'static str, Subject, Value)> {
    let (log, zone) = (on("log", LOG), on("zone", "east"));
    let exceptions = json!({"ruleSet": {"ruleId": "zone_exceptions", "value": {"codes": {"codes": ["hazard"]}},
        "inForceFrom": "2026-01-01", "authority": "a"}});
    let session = json!({"linkedSessionHeld": {"sessionId": "S-1", "units": [UNIT, OTHER], "remote": true,
        "from": at("04-17 09:00"), "to": at("04-17 11:00")}});
    let part = json!({"usci": OTHER, "subCase": {"system": "hall", "no": "J-1-a"}, "subLimit": {"n": 7, "unit": "LIMIT_UNIT_WORKING_DAY"}});
    let joint = json!({"jointCaseOpened": {"project": {"system": "hall", "id": "P-1"}, "stage": "acceptance", "leadUsci": UNIT,
        "members": [part]}});
    vec![
        ("01-05", "01-05", log, exceptions),
        ("01-06", "01-06", zone.clone(), assessment("W-1", "water", "2026-01-01", "2026-12-31")),
        ("03-02", "03-02", project(), in_zone(&["ZONE", "REMOTE", "DRAWING", "INSPECTION", "ACCEPTANCE"])),
        ("03-02", "03-02", on("subject", "P-2"), in_zone(&["ZONE", "REMOTE"])),
        // The zone approved it on the 6th, and said so on the 20th.
        ("03-20", "03-06", zone, assessment("S-1", "soil", "2026-03-01", "")),
        ("03-10", "03-10", project(), json!({"zoneAssessmentApplied": {"zoneId": "east", "assessmentId": "W-1"}})),
        ("03-24", "03-24", project(), json!({"separateAssessmentDemanded": {"kind": "soil", "reason": "habit"}})),
        ("03-24", "03-24", on("subject", "P-2"), json!({"separateAssessmentDemanded": {"kind": "soil", "reason": "hazard"}})),
        ("04-17 11:30", "04-17 11:00", project(), session),
        ("04-20", "04-20", project(), opinion(UNIT)),
        // Given on its last day, which is known four days later.
        ("04-28", "04-22", project(), opinion(OTHER)),
        ("05-06", "05-06", project(), json!({"drawingSubmitted": {"setVersion": "1"}})),
        ("05-07", "05-07", project(), opened("1")),
        ("05-13", "05-13", project(), points("1", "fire", &[("A-01", "exit"), ("A-02", "alarm")])),
        ("05-14", "05-14", project(), concluded("1", "REVISE")),
        ("05-25", "05-25", project(), json!({"drawingSubmitted": {"setVersion": "2", "changedSheets": ["A-01"]}})),
        ("05-26", "05-26", project(), opened("2")),
        // One point repeats, one is of a sheet that has changed, one is new on a sheet that has not.
        ("06-01", "06-01", project(), points("2", "fire", &[("A-02", "alarm"), ("A-01", "sign"), ("A-02", "exit")])),
        ("06-08", "06-08", project(), concluded("2", "PASS")),
        (
            "06-09",
            "06-09",
            case("J-1"),
            json!({"caseReceived": {"itemCode": ITEM, "itemVersion": "1", "channel": "CHANNEL_WINDOW"}}),
        ),
        ("06-09 09:10", "06-09 09:10", case("J-1"), json!({"caseAccepted": {}})),
        ("06-09 09:20", "06-09 09:20", case("J-1"), joint),
        (
            "06-10",
            "06-10",
            case("J-1"),
            json!({"siteInspectionScheduled": {"visitId": "V", "units": [UNIT, OTHER], "on": "2026-06-15"}}),
        ),
        ("06-15", "06-15", case("J-1"), json!({"siteInspectionDone": {"visitId": "V", "present": [UNIT, OTHER]}})),
        ("06-24", "06-24", case("J-1"), json!({"jointConcluded": {"result": "JOINT_RESULT_PASS"}})),
        ("06-30", "06-30", on("subject", "E-1"), json!({"subjectRegistered": {"subjectKind": "SUBJECT_KIND_ENTERPRISE"}})),
    ]
}

async fn live(client: &mut Client) {
    client.open(LOG, true).await;
    for event in registry(&at("01-05")) {
        client.tell(LOG, event, PostMode::Strict, Some(&at("01-05"))).await.unwrap();
    }
    let mut told = told();
    told.sort_by_key(|(recorded, ..)| at(recorded));
    for (recorded, happened, subject, fact) in told {
        client.tell(LOG, event(&subject, &at(happened), fact), PostMode::Strict, Some(&at(recorded))).await.unwrap();
    }
}

/// A figure of one kind (empty: all), as known at the end of a day (empty: now).
async fn figure(client: &mut Client, metric: &str, kind: &str, period: (&str, &str), known: &str) -> MetricValue {
    let known_at = if known.is_empty() { String::new() } else { at(&format!("{known} 23:59")) };
    let mut scope = scope(LOG, period, &known_at);
    if !kind.is_empty() {
        scope.r#where.push(Dimension { name: "kind".into(), value: kind.into() });
    }
    let request = GetMetricRequest { metric_id: metric.into(), scope: Some(scope) };
    client.metrics.get_metric(request).await.unwrap().into_inner()
}

async fn figures(client: &mut Client) {
    let whole = |day: &str| ("", format!("2026-{day}"));
    let night = |day: &str| whole(day);
    let half = (FIRST_HALF.0, FIRST_HALF.1.to_owned());
    let month = |month: &str| ("2026-01-01", format!("2026-{month}-30"));
    // Metric, kind, period, known on, `numerator/denominator`, unknown, excluded.
    let lines = [
        ("zone_reuse", "", night("03-09"), "03-09", "0/2", 0, 0),
        ("zone_reuse", "", night("03-10"), "03-10", "1/2", 0, 0),
        ("zone_reuse", "soil", night("03-10"), "03-10", "0/0", 0, 0), // known later
        ("zone_reuse", "soil", night("03-10"), "", "0/2", 0, 0),
        ("zone_reuse", "soil", night("03-05"), "", "0/0", 0, 0), // approved on the 6th
        ("zone_reuse", "", night("06-30"), "", "1/3", 0, 1),
        ("remote_share", "", half.clone(), "", "1/1", 0, 0),
        ("remote_opinion_on_time", "", half.clone(), "04-21", "0/0", 0, 0),
        ("remote_opinion_on_time", "", half.clone(), "04-27", "1/2", 0, 0),
        ("remote_opinion_on_time", "", half.clone(), "", "2/2", 0, 0),
        ("drawing_rounds", "", half.clone(), "06-07", "0/0", 0, 0),
        ("drawing_rounds", "", half.clone(), "", "1/1", 0, 0),
        ("drawing_late_points", "", half.clone(), "", "1/1", 0, 0),
        ("drawing_late_points", "lightning", half.clone(), "", "0/0", 0, 0),
        ("linked_cover", "zone", month("04"), "03-10", "1/1", 1, 0),
        ("linked_cover", "zone", half.clone(), "", "1/1", 0, 1),
        ("linked_cover", "remote", half.clone(), "04-16", "0/0", 2, 0),
        ("linked_cover", "remote", half.clone(), "", "1/1", 1, 0),
        ("linked_cover", "drawing", half.clone(), "05-06", "0/1", 0, 0), // under review
        ("linked_cover", "drawing", half.clone(), "", "1/1", 0, 0),
        ("linked_cover", "inspection", half.clone(), "06-14", "0/0", 1, 0),
        ("linked_cover", "inspection", half.clone(), "", "1/1", 0, 0),
        ("linked_cover", "acceptance", half.clone(), "06-08", "0/0", 1, 0),
        ("linked_cover", "acceptance", half.clone(), "06-23", "0/1", 0, 0), // under way
        ("linked_cover", "acceptance", half.clone(), "", "1/1", 0, 0),
        ("linked_cover", "", half, "", "5/5", 1, 1),
        ("one_time_rate", "", month("06"), "", "0/0", 0, 0), // a late point is shown apart
    ];
    for (metric, kind, (from, to), known, expected, unknown, excluded) in lines {
        let value = figure(client, metric, kind, (from, &to), known).await;
        let found = (format!("{}/{}", value.numerator, value.denominator), value.unknown, value.excluded);
        assert_eq!(found, (expected.to_owned(), unknown, excluded), "{metric} {kind} {from}..{to} as known {known:?}");
    }
    let rounds = figure(client, "drawing_rounds", "", FIRST_HALF, "").await;
    assert_eq!((rounds.value, rounds.quantiles.len()), (Some(2.0), 3));
    assert_eq!(figure(client, "drawing_late_points", "fire", FIRST_HALF, "").await.value, Some(1.0));
}

/// What the auditor asks for leads to the events.
async fn drilled_down(client: &mut Client) {
    let demanded = members(client, "zone_reuse", ("", "2026-06-30")).await;
    let demanded: Vec<_> = demanded.iter().filter(|member| member.why == "separate_demanded").collect();
    let [member] = demanded.as_slice() else { panic!("{demanded:?}") };
    assert_eq!((member.subject.clone(), member.standing()), (Some(project()), Standing::Denominator));
    let facts = facts(client).await;
    let behind: Vec<&String> = member.positions.iter().map(|&position| &facts[usize::try_from(position).unwrap() - 1]).collect();
    let has = |what: &[&str]| behind.iter().any(|fact| what.iter().all(|word| fact.contains(word)));
    assert!(
        has(&["subjectRegistered"]) && has(&["zoneAssessmentApproved", "soil"]) && has(&["separateAssessmentDemanded", "habit"]),
        "{behind:?}"
    );
    let linked = members(client, "linked_cover", FIRST_HALF).await;
    let is_acceptance = |member: &&ExplainMetricResponse| member.dimensions.iter().any(|own| own.value == "acceptance");
    let accepted = linked.iter().find(is_acceptance).unwrap();
    assert_eq!((accepted.subject.clone(), accepted.why.as_str()), (Some(project()), "done"));
    assert!(facts[usize::try_from(accepted.positions[1]).unwrap() - 1].contains("jointConcluded"), "{accepted:?}");
    let late = members(client, "drawing_late_points", FIRST_HALF).await;
    let [member] = late.as_slice() else { panic!("{late:?}") };
    assert_eq!((member.why.as_str(), member.counts_on.as_str(), member.value), ("incomplete", "2026-06-01", Some(1.0)));
    let behind: Vec<&String> = member.positions.iter().map(|&position| &facts[usize::try_from(position).unwrap() - 1]).collect();
    assert!(behind[0].contains("drawingSubmitted") && behind[1].contains("A-02"), "{behind:?}");
}

async fn members(client: &mut Client, metric: &str, period: (&str, &str)) -> Vec<ExplainMetricResponse> {
    let request = ExplainMetricRequest { metric_id: metric.into(), scope: Some(scope(LOG, period, "")) };
    let mut stream = client.audit.explain_metric(request).await.unwrap().into_inner();
    let mut members = Vec::new();
    while let Some(member) = stream.message().await.unwrap() {
        members.push(member);
    }
    members
}

/// Every event of the log as text, in the order of positions.
async fn facts(client: &mut Client) -> Vec<String> {
    let history = client.history(LOG, 0).await;
    history.iter().map(|recorded| serde_json::to_value(recorded.event.as_ref().unwrap()).unwrap().to_string()).collect()
}

async fn states(client: &mut Client) {
    let table = [("03-01", "None"), ("03-02", "Registered"), ("05-06", "DrawingReview"), ("06-08", "DrawingsConcluded")];
    for (day, state) in table {
        let time: jiff::Timestamp = at("06-30 23:59").parse().unwrap();
        let request = GetStateRequest {
            log: LOG.into(),
            subject: Some(project()),
            known_at: Some(KnownAt { bound: Some(Bound::Time(time.into())) }),
            valid_on: format!("2026-{day}"),
            ..GetStateRequest::default()
        };
        let found = client.audit.get_state(request).await.unwrap().into_inner();
        assert_eq!(found.state.unwrap().state, state, "{day}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    for lab in [Lab::new(), Lab::on(&postgres::database("").await)] {
        let server = lab.serve("off").await;
        let mut client = server.client();
        live(&mut client).await;
        figures(&mut client).await;
        drilled_down(&mut client).await;
        states(&mut client).await;
        assert!(server.stop().await.success());
    }
}
