//! Aim: one-window acceptance, liability for a breach, a transfer, a correction after the close and a renewal by law come out of the
//! running program day by day and figure by figure, on SQLite and on Postgres, as known then and as known now.
//!
//! Method: a synthetic log is told a few lives in the order of recording; figures are asked as of days on the way.

use crate::life::at;
use serde_json::{Value, json};
use xiaoer_tests::{Client, ITEM, Lab, PATIENCE, UNIT, case, event, on, postgres, registry, scope};
use xiaoer_wire::v1::{
    Event, ExplainDeadlineRequest, ExplainMetricRequest, ExplainMetricResponse, GetStateRequest, KnownAt, ListWindowsRequest,
    PostMode, StateView, known_at::Bound,
};

const LOG: &str = "windows";
/// A department that the case was not for.
const OTHER: &str = "11370306XXXX00027E";

fn configured(kind: &str) -> Value {
    json!({"windowConfigured": {"centre": "WINDOW_CENTRE_DISTRICT", "site": "hall-1", "cluster": "enterprise",
        "kind": format!("WINDOW_KIND_{kind}"), "itemCodes": [ITEM]}})
}

fn received(window: &str) -> Value {
    json!({"caseReceived": {"itemCode": ITEM, "itemVersion": "1", "channel": "CHANNEL_WINDOW", "windowId": window, "materials": ["M1", "M2"]}})
}

fn text(word: &str, field: &str, value: &str) -> Value {
    json!({word: {field: value}})
}

/// The event recorded when it happened, unless another time is named.
struct Told {
    recorded: String,
    event: Event,
}

fn told(kind: &str, id: &str, when: &str, fact: Value) -> Told {
    Told { recorded: at(when), event: event(&on(kind, id), &at(when), fact) }
}

fn of_case(id: &str, when: &str, fact: Value) -> Told {
    told("case", id, when, fact)
}

fn decided() -> Value {
    text("caseDecided", "result", "DECISION_RESULT_PASS")
}

/// Window `G` is a general one, `S` a special one; two people stand at `G`, one of them trained by 30 April.
fn windows() -> Vec<Told> {
    let posted = json!({"staffPosted": {"windowId": "G", "from": "2026-03-02", "selectionBasis": ["SELECTION_BASIS_SKILL"]}});
    let unselected = json!({"staffPosted": {"windowId": "G", "from": "2026-03-02"}});
    let attended = json!({"trainingAttended": {"training": {"system": "hall", "id": "T"}, "passed": true}});
    let milestones = json!({"ruleSet": {"ruleId": "milestones", "value": {"table": {"numbers": {"window_training": "20260430"}}},
        "inForceFrom": "2026-01-01", "authority": "a"}});
    let held = json!({"trainingHeld": {"topic": "one_time_notice", "hours": 4}});
    vec![
        told("log", LOG, "01-06", milestones),
        told("window", "G", "03-02 08:00", configured("GENERAL")),
        told("window", "S", "03-02 08:05", configured("SPECIAL")),
        told("staff", "1001", "03-02 08:10", posted),
        told("staff", "1002", "03-02 08:15", unselected),
        told("training", "T", "03-05", held),
        told("staff", "1001", "03-05 12:00", attended),
    ]
}

/// A is checked where it was received, waits for the department, goes to a wrong one and back; B stands at the special window.
fn cases() -> Vec<Told> {
    let transferred = |to: &str, reason: &str| json!({"caseTransferred": {"toUsci": to, "reason": reason}});
    vec![
        of_case("A", "04-20 09:00", received("G")),
        of_case("A", "04-20 09:20", text("firstCheckDone", "windowId", "G")),
        of_case("B", "04-20 09:30", received("S")),
        of_case("B", "04-20 09:40", text("firstCheckDone", "windowId", "G")),
        of_case("B", "04-21", json!({"caseWithdrawn": {}})),
        of_case("A", "04-27 09:00", json!({"caseAccepted": {}})),
        of_case("A", "04-27 09:10", text("caseRoutedToDept", "toUsci", UNIT)),
        of_case("A", "04-29", text("deptTookCase", "usci", UNIT)),
        of_case("A", "04-30", transferred(OTHER, "remit")),
        of_case("A", "05-08", transferred(UNIT, "wrong_referral")),
        of_case("A", "05-15 09:00", decided()),
        of_case("A", "05-15 10:00", json!({"caseCompleted": {}})),
    ]
}

/// Two breaches found true on 05-18: for that of A somebody answers, for that of B nobody.
fn breaches() -> Vec<Told> {
    let alleged = json!({"noticeBreachAlleged": {"allegationId": "X", "kind": "NOTICE_BREACH_KIND_UNCLEAR"}});
    let found = json!({"noticeBreachFound": {"allegationId": "X", "finding": "FINDING_SUBSTANTIATED", "kind": "NOTICE_BREACH_KIND_UNCLEAR"}});
    let mut told: Vec<Told> = Vec::new();
    for id in ["A", "B"] {
        told.push(of_case(id, "05-15 11:00", alleged.clone()));
        told.push(of_case(id, "05-18 09:00", found.clone()));
    }
    let cause = told[1].event.event_id.clone();
    told.sort_by(|a, b| a.recorded.cmp(&b.recorded));
    let liable = json!({"staffHeldLiable": {"causeSubject": {"kind": "case", "system": "hall", "id": "A"},
        "causeEvent": {"system": "hall", "eventId": cause}, "measure": "admonished"}});
    told.push(self::told("staff", "1002", "06-01", liable));
    told
}

struct Lived {
    client: Client,
}

impl Lived {
    async fn tell(&mut self, told: impl IntoIterator<Item = Told>) {
        for Told { recorded, event } in told {
            self.client.tell(LOG, event, PostMode::Strict, Some(&recorded)).await.unwrap();
        }
    }

    /// Each line: known at the end of a day (empty: now), period, metric, `numerator/denominator`, unknown and excluded.
    async fn figures(&mut self, lines: &[(&str, (&str, &str), &str, &str)]) {
        for &(known, (from, to), metric, expected) in lines {
            let day = |day: &str| if day.is_empty() { String::new() } else { format!("2026-{day}") };
            let known_at = if known.is_empty() { String::new() } else { at(&format!("{known} 23:59")) };
            let period = (day(from), day(to));
            let asked = self.client.metric(LOG, metric, (&period.0, &period.1), &known_at);
            let value = tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap();
            let mut found = format!("{}/{}", value.numerator, value.denominator);
            for (mark, count) in [("u", value.unknown), ("x", value.excluded)] {
                if count > 0 {
                    found += &format!(" {mark}{count}");
                }
            }
            assert_eq!(found, expected, "{metric} {from}..{to} as known {known:?}: {value:?}");
        }
    }

    async fn members(&mut self, metric: &str, (from, to): (&str, &str)) -> Vec<ExplainMetricResponse> {
        let scope = Some(scope(LOG, (&format!("2026-{from}"), &format!("2026-{to}")), ""));
        let request = ExplainMetricRequest { metric_id: metric.into(), scope };
        let mut answers = self.client.audit.explain_metric(request).await.unwrap().into_inner();
        let mut members = Vec::new();
        while let Some(member) = answers.message().await.unwrap() {
            members.push(member);
        }
        members
    }

    /// The state of a case on a day, as known at the end of another.
    async fn state(&mut self, id: &str, day: &str, known: &str) -> StateView {
        let time: jiff::Timestamp = at(&format!("{known} 23:59")).parse().unwrap();
        let request = GetStateRequest {
            log: LOG.into(),
            subject: Some(case(id)),
            known_at: Some(KnownAt { bound: Some(Bound::Time(time.into())) }),
            valid_on: format!("2026-{day}"),
            ..GetStateRequest::default()
        };
        self.client.audit.get_state(request).await.unwrap().into_inner().state.unwrap()
    }
}

const APRIL: (&str, &str) = ("04-01", "04-30");
const MAY: (&str, &str) = ("05-01", "05-31");

async fn one_window(life: &mut Lived) {
    life.figures(&[
        ("", APRIL, "one_window_rate", "1/2"),
        ("", APRIL, "first_check_rate", "1/1"),
        ("", APRIL, "handover_gap", "1/1"),
        ("", ("04-30", "04-30"), "window_training_by_deadline", "1/2"),
        ("", ("", "04-30"), "training_coverage", "1/2"),
        ("", ("03-01", "03-31"), "posting_selected", "1/2"),
    ])
    .await;
    let gap = life.members("handover_gap", APRIL).await;
    assert_eq!(gap.iter().map(|member| member.value).collect::<Vec<_>>(), [Some(2.0)], "04-28 and 04-29");
    let request = ListWindowsRequest { log: LOG.into(), on: "2026-04-20".into(), item_code: ITEM.into(), ..Default::default() };
    let windows = life.client.catalogue.list_windows(request).await.unwrap().into_inner().windows;
    let set: Vec<_> =
        windows.iter().map(|it| (&*it.window_id, it.configured.as_ref().unwrap().kind().as_str_name(), &*it.from)).collect();
    assert_eq!(set, [("G", "WINDOW_KIND_GENERAL", "2026-03-02"), ("S", "WINDOW_KIND_SPECIAL", "2026-03-02")]);
}

/// It is known late that `G` was a special window from 04-20 on: then no general window took the item.
async fn a_window_set_up_late(life: &mut Lived) {
    let late = Told { recorded: at("06-02"), ..told("window", "G", "04-20 07:00", configured("SPECIAL")) };
    life.tell([late]).await;
    life.figures(&[
        ("06-01", APRIL, "one_window_rate", "1/2"),
        ("", APRIL, "one_window_rate", "0/0"),
        ("", APRIL, "first_check_rate", "0/0"),
        ("", ("03-01", "03-31"), "posting_selected", "1/2"),
    ])
    .await;
}

/// The lead unit held A for nine working days and answers for the three of the unit it was sent to wrongly; the limit did not move.
async fn hands(life: &mut Lived) {
    let held = life.members("holding_wd", MAY).await;
    let mut shares: Vec<(&str, Option<f64>)> = held.iter().map(|member| (member.why.as_str(), member.value)).collect();
    shares.sort_by(|a, b| a.0.cmp(b.0));
    assert_eq!(shares, [("held", Some(9.0)), ("referred_wrongly", Some(3.0))]);
    life.figures(&[("", ("05-11", "05-11"), "on_time_rate_promised", "0/1"), ("", ("", "05-12"), "backlog_promised", "1/1")]).await;
}

async fn liability(life: &mut Lived) {
    // Twenty working days after 05-18 are over on 06-15.
    life.figures(&[
        ("", MAY, "breach_finding_wd", "2/2"),
        ("", ("06-15", "06-15"), "breach_liability_rate", "1/2"),
        ("05-29", ("06-15", "06-15"), "breach_liability_rate", "0/0"),
    ])
    .await;
    let members = life.members("breach_liability_rate", ("06-15", "06-15")).await;
    let mut said: Vec<_> =
        members.iter().map(|it| (it.subject.as_ref().unwrap().id.clone(), it.why.clone(), it.positions.len())).collect();
    said.sort();
    assert_eq!(said, [("A".into(), "held_liable".into(), 3), ("B".into(), "nobody_liable".into(), 2)]);
}

/// What was posted of A is corrected after the close, which needs an authority.
async fn correction(life: &mut Lived) {
    let check = event(&case("A"), &at("04-20 09:20"), text("firstCheckDone", "windowId", "G"));
    let voided = |authority: &str| {
        let target = json!({"system": "hall", "eventId": check.event_id});
        told("case", "A", "06-16", json!({"eventVoided": {"target": target, "reason": "wrong_window", "authority": authority}}))
    };
    let refused = life.client.tell(LOG, voided("").event, PostMode::Strict, Some(&at("06-16"))).await.unwrap_err();
    assert_eq!(xiaoer_tests::refusal_of(&refused).0, "XE-VOID-AUTHORITY");
    life.tell([voided("approver")]).await;
    life.figures(&[("06-15", ("06-01", "06-30"), "corrections", "0/0"), ("", ("06-01", "06-30"), "corrections", "1/1")]).await;
    let members = life.members("corrections", ("06-01", "06-30")).await;
    assert!(members[0].dimensions.iter().any(|it| it.name == "kind" && it.value == "after_close"), "{members:?}");
}

/// A licence until 07-31, its renewal asked for on 06-17: nobody decided, so it is renewed on 08-01. Then it is known that it had been
/// decided on 07-01.
async fn renewal(life: &mut Lived) {
    let mut receipt = received("S");
    receipt["caseReceived"]["renewsUntil"] = json!("2026-07-31");
    life.tell([of_case("R", "06-17", receipt), of_case("R", "06-18", json!({"caseAccepted": {}}))]).await;
    // The log goes on.
    life.tell([of_case("C", "08-03", json!({"caseReceived": {"channel": "CHANNEL_ONLINE"}}))]).await;
    for (day, state, renewed) in [("07-31", "Accepted", ""), ("08-01", "Renewed", "2026-08-01")] {
        let view = life.state("R", day, "08-03").await;
        assert_eq!((view.state.as_str(), view.case.unwrap().renewed_on.as_str()), (state, renewed), "{day}");
        assert_eq!(view.flags.contains(&"renewed_by_law".to_owned()), !renewed.is_empty(), "{day}");
    }
    // Accepted on 06-18: eight working days without the Dragon Boat days (06-19 to 06-21) are over on 07-01.
    life.figures(&[("", ("07-01", "07-01"), "on_time_rate_promised", "0/1"), ("", ("", "07-31"), "backlog_promised", "1/1")]).await;
    let request = ExplainDeadlineRequest { log: LOG.into(), subject: Some(case("R")), ..ExplainDeadlineRequest::default() };
    let told = life.client.audit.explain_deadline(request).await.unwrap().into_inner();
    let last = told.days.last().unwrap();
    assert_eq!((last.day.as_str(), last.events[0].what.as_ref().unwrap().code.as_str()), ("2026-08-01", "renewed"));

    life.tell([Told { recorded: at("08-04"), ..of_case("R", "07-01", decided()) }]).await;
    assert_eq!(life.state("R", "08-01", "08-03").await.state, "Renewed");
    assert_eq!(life.state("R", "08-01", "08-04").await.state, "Decided");
    life.figures(&[
        ("08-03", ("07-01", "07-01"), "on_time_rate_promised", "0/1"),
        ("", ("07-01", "07-01"), "on_time_rate_promised", "1/1"),
        ("", ("", "07-31"), "backlog_promised", "0/0"),
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    for lab in [Lab::new(), Lab::on(&postgres::database("").await)] {
        let server = lab.serve("off").await;
        let mut life = Lived { client: server.client() };
        life.client.open(LOG, true).await;
        for event in registry(&at("01-05")) {
            life.client.tell(LOG, event, PostMode::Strict, Some(&at("01-05"))).await.unwrap();
        }
        life.tell(windows().into_iter().chain(cases()).chain(breaches())).await;
        life.tell([of_case("C0", "06-01 17:00", json!({"caseReceived": {"channel": "CHANNEL_ONLINE"}}))]).await;
        one_window(&mut life).await;
        hands(&mut life).await;
        a_window_set_up_late(&mut life).await;
        life.tell([of_case("C1", "06-15 17:00", json!({"caseReceived": {"channel": "CHANNEL_ONLINE"}}))]).await;
        liability(&mut life).await;
        correction(&mut life).await;
        renewal(&mut life).await;
        assert!(server.stop().await.success());
    }
}
