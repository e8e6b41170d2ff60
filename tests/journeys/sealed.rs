//! Aim: a complaint stays with those who handle it. The unit it is about gets the redacted text once it was transferred, and nothing else:
//! no history, no case, no day, no figure that tells of a few; nor does anybody find it from the open log.
//!
//! Method: a complaint about a case is lived through by the roles over gRPC, and everything that the unit and the open log can be asked
//! is searched for what it must not hold, as are all files of the data folder. Small counts are tried on a year of simulated complaints:
//! every question a unit may ask is asked, and no two answers differ by less than five.

use crate::said;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tonic::Status;
use uuid::Uuid;
use xiaoer::simulate::{District, Post, kept, posts, sealed_posts};
use xiaoer_tests::{Client, Keys, Lab, Server, UNIT, by_unit, case, command, event, files_of, files_with, on, refusal_of};
use xiaoer_wire::v1::{
    self, Event, GetRequest, GetStateRequest, ListTransferredRequest, MetricScope, MetricValue, PostMode, PostRequest, PutRequest,
    ReplayRequest, RetentionClass, Subject, TextRef, VaultKind,
};

const LOG: &str = "370306";
const SEALED: &str = "370306-sealed";
/// Another unit than the one that is complained about.
const OTHER: &str = "11370306XXXX00027E";
const LINE: &str = "11370306XXXX000359";
const TOLD: &str = "他姓王，五月八号在三号窗口说我的件丢了";
const REDACTED: &str = "窗口人员说材料丢失";
const ANSWER: &str = "材料已经找到并致歉";

fn complaint() -> Subject {
    on("complaint", "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5f")
}

fn record() -> Subject {
    on("record", "2b9e6f1c-4a3d-4b5c-9f7e-0a1b2c3d4e5f")
}

/// Everybody who has to do with it.
struct People {
    hotline: Client,
    supervision: Client,
    accused: Client,
    other: Client,
    centre: Client,
    leader: Client,
}

impl People {
    fn of(keys: &Keys, server: &Server) -> Self {
        let by = |role: &str, unit: &str| {
            let claims = ["--name", role, "--system", "hall", "--unit", unit, "--role", role, "--logs", LOG];
            keys.bearer(server, &keys.token(&claims))
        };
        Self {
            hotline: by("hotline", LINE),
            supervision: by("supervision", ""),
            accused: by("department", UNIT),
            other: by("department", OTHER),
            centre: by("centre", ""),
            leader: by("leader", ""),
        }
    }
}

/// An event by the hotline.
fn line(subject: &Subject, at: &str, fact: Value) -> Event {
    by_unit(LINE, event(subject, at, fact))
}

fn text(of: &TextRef) -> Value {
    serde_json::to_value(of).unwrap()
}

async fn put(client: &mut Client, n: u128, content: &str) -> TextRef {
    let request = PutRequest {
        log: SEALED.into(),
        request_id: Uuid::from_u128(n).to_string(),
        kind: VaultKind::Text.into(),
        content: content.into(),
        retention_class: RetentionClass::Short.into(),
        subject: Some(complaint()),
        field: "text".into(),
        ..PutRequest::default()
    };
    client.person.put(request).await.unwrap().into_inner().r#ref.unwrap()
}

async fn get(client: &mut Client, of: &TextRef) -> Result<Vec<u8>, String> {
    let request = GetRequest { log: SEALED.into(), r#ref: of.r#ref.clone(), commitment: of.commitment.clone() };
    client.person.get(request).await.map(|answer| answer.into_inner().content).map_err(|status| code(&status))
}

fn code(status: &Status) -> String {
    refusal_of(status).0
}

async fn listed(client: &mut Client) -> v1::ListTransferredResponse {
    let request = ListTransferredRequest { log: SEALED.into(), ..ListTransferredRequest::default() };
    client.complaints.list_transferred(request).await.unwrap().into_inner()
}

/// What a replay says of the events, or the code of its refusal.
async fn replayed(client: &mut Client, log: &str, subject: Subject) -> Result<Vec<v1::ReplayResponse>, String> {
    let request = ReplayRequest { log: log.into(), subject: Some(subject), ..ReplayRequest::default() };
    let mut answers = client.audit.replay(request).await.map_err(|status| code(&status))?.into_inner();
    let mut events = Vec::new();
    while let Some(answer) = answers.message().await.map_err(|status| code(&status))? {
        events.push(answer);
    }
    Ok(events)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_complaint_stays_with_those_who_handle_it() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("managed", |command| keys.secure(command)).await;
    let mut admin = keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"]));
    for log in [LOG, SEALED] {
        admin.open(log, false).await;
    }
    let mut people = People::of(&keys, &server);
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    let mut hall = keys.system(&server, "hall");
    hall.post(LOG, vec![by_unit(UNIT, event(&case("C-7"), "2026-05-08T09:00:00+08:00", received))]).await.unwrap();

    let (told, redacted) = (put(&mut people.hotline, 1, TOLD).await, put(&mut people.hotline, 2, REDACTED).await);
    let by_line = async |client: &mut Client, subject: &Subject, at: &str, fact: Value| {
        client.post(SEALED, vec![line(subject, &format!("2026-05-{at}:00+08:00"), fact)]).await.map(drop).map_err(|it| code(&it))
    };
    let hotline = &mut people.hotline;
    let designated = json!({"hotlineStaffDesignated": {"staffId": "1001", "from": "2026-01-01"}});
    by_line(hotline, &on("unit", LINE), "11T08:00", designated).await.unwrap();
    let came = json!({"complaintReceived": {
        "kind": "COMPLAINT_KIND_COMPLAINT", "category": "COMPLAINT_CATEGORY_ATTITUDE", "channel": "CHANNEL_HOTLINE", "anonymous": true,
        "subjectUnit": UNIT, "case": {"system": "hall", "no": "C-7"}, "textRef": text(&told),
    }});
    by_line(hotline, &complaint(), "11T10:11", came).await.unwrap();
    by_line(hotline, &complaint(), "11T11:00", json!({"complaintAccepted": {}})).await.unwrap();

    // Before the transfer there is nothing, to either unit.
    let replied = |unit: &str, at: &str, of: Option<&TextRef>| {
        let reply = of.map_or(json!({}), |of| json!({"replyRef": text(of)}));
        vec![by_unit(unit, event(&complaint(), at, json!({"complaintReplied": reply})))]
    };
    for (client, unit) in [(&mut people.accused, UNIT), (&mut people.other, OTHER)] {
        assert_eq!(listed(client).await.complaints, []);
        assert_eq!(get(client, &redacted).await, Err("XE-REF-UNKNOWN".into()));
        let answer = client.post(SEALED, replied(unit, "2026-05-12T09:00:00+08:00", None)).await;
        assert_eq!(answer.map_err(|status| code(&status)), Err("XE-COMPLAINT-UNKNOWN".into()));
    }
    let to = |of: &TextRef| json!({"complaintTransferred": {"toUnit": UNIT, "redactedRef": text(of), "dueOn": "2026-05-20"}});
    assert_eq!(by_line(hotline, &complaint(), "13T09:00", to(&told)).await, Err("XE-NOT-REDACTED".into()));
    by_line(hotline, &complaint(), "13T09:01", to(&redacted)).await.unwrap();
    admin.projected(SEALED).await;

    let by_position = ListTransferredRequest {
        log: SEALED.into(),
        known_at: Some(v1::KnownAt { bound: Some(v1::known_at::Bound::Position(1_000_000)) }),
        ..ListTransferredRequest::default()
    };
    let refused = people.accused.complaints.list_transferred(by_position).await.unwrap_err();
    assert_eq!(code(&refused), "XE-FIELD-INVALID", "the head of the log is not told: {refused:?}");

    // The unit gets the redacted text and answers; the other one still nothing.
    let seen = listed(&mut people.accused).await;
    let [one] = &seen.complaints[..] else { panic!("{seen:?}") };
    assert_eq!((one.subject.as_ref(), &*one.category, &*one.due_on), (Some(&complaint()), "attitude", "2026-05-20"));
    assert_eq!(one.redacted_ref.as_ref(), Some(&redacted));
    let whole = format!("{seen:?}");
    for secret in ["C-7", "05-11", "05-08", &told.r#ref, LINE, "position"] {
        assert!(!whole.contains(secret), "{secret} in {whole}");
    }
    assert_eq!(get(&mut people.accused, &redacted).await.as_deref(), Ok(REDACTED.as_bytes()));
    assert_eq!(get(&mut people.accused, &told).await, Err("XE-REF-UNKNOWN".into()));
    let answer = put(&mut people.accused, 3, ANSWER).await;
    people.accused.post(SEALED, replied(UNIT, "2026-05-14T09:00:00+08:00", Some(&answer))).await.unwrap();
    assert_eq!(listed(&mut people.other).await.complaints, []);
    for of in [&redacted, &told, &answer] {
        assert_eq!(get(&mut people.other, of).await, Err("XE-REF-UNKNOWN".into()));
    }
    let refused = people.other.post(SEALED, replied(OTHER, "2026-05-14T10:00:00+08:00", None)).await;
    assert_eq!(refused.map_err(|status| code(&status)), Err("XE-COMPLAINT-UNKNOWN".into()));
    for client in [&mut people.accused, &mut people.centre, &mut people.leader] {
        assert_eq!(replayed(client, SEALED, complaint()).await.unwrap_err(), "XE-FORBIDDEN");
    }

    // It is found true; what the open log says of it leads nowhere from there, and to it in the sealed log.
    let verifying = json!({"complaintVerificationStarted": {"verifier": "1001"}});
    by_line(hotline, &complaint(), "14T10:00", verifying).await.unwrap();
    by_line(hotline, &complaint(), "14T11:00", json!({"complaintVerified": {"finding": "FINDING_SUBSTANTIATED"}})).await.unwrap();
    by_line(hotline, &record(), "14T11:30", json!({"recordRefIssued": {"complaintId": complaint().id}})).await.unwrap();
    let alleged =
        json!({"firstAskBreachAlleged": {"allegationId": "A1", "kind": "FIRST_ASK_BREACH_KIND_RUDE", "recordRef": record().id}});
    hotline.post(LOG, vec![line(&on("staff", "1234"), "2026-05-15T16:00:00+08:00", alleged)]).await.unwrap();
    by_line(hotline, &complaint(), "18T09:00", json!({"complaintClosed": {"outcome": "COMPLAINT_OUTCOME_HANDLED"}})).await.unwrap();
    let resolved = replayed(&mut people.supervision, SEALED, record()).await.unwrap();
    let Some(v1::event::Fact::RecordRefIssued(issued)) = resolved[0].event.clone().unwrap().event.unwrap().fact else { panic!() };
    assert_eq!(issued.complaint_id, complaint().id);
    assert_eq!(replayed(&mut people.supervision, LOG, record()).await.unwrap_err(), "XE-SUBJECT-UNKNOWN");
    assert_eq!(replayed(&mut people.accused, SEALED, record()).await.unwrap_err(), "XE-FORBIDDEN");

    // Who handles it sees all of it.
    let request = GetStateRequest { log: SEALED.into(), subject: Some(complaint()), ..GetStateRequest::default() };
    let state = people.supervision.audit.get_state(request).await.unwrap().into_inner().state.unwrap();
    let view = state.complaint.unwrap();
    assert_eq!(
        (&*state.state, &*view.received_on, &*view.due_on, &*view.finding),
        ("Closed", "2026-05-11", "2026-06-01", "substantiated")
    );
    assert_eq!((view.transfers[0].replied_on.as_str(), view.outcome.as_str()), ("2026-05-14", "handled"));
    let states: Vec<_> = replayed(&mut people.hotline, SEALED, complaint()).await.unwrap();
    let states: Vec<_> = states.into_iter().map(|event| event.state.unwrap().state).collect();
    assert_eq!(states, ["Received", "Accepted", "Transferred", "Replied", "Replied", "Replied", "Closed"]);

    // The open log knows nothing of it, nor does anything on disk that is not sealed.
    let open = format!("{:?}", people.supervision.history(LOG, 0).await);
    for secret in [&*complaint().id, &told.r#ref, &redacted.r#ref] {
        assert!(!open.contains(secret), "{secret} in the open log");
    }
    assert_eq!(
        replayed(&mut people.accused, LOG, case("C-7")).await.unwrap().len(),
        1,
        "nothing appears on the stream of the case"
    );
    for log in [LOG, SEALED] {
        admin.relayed(log).await;
    }
    assert!(server.stop().await.success());
    for words in [TOLD, REDACTED, ANSWER] {
        assert_eq!(files_with(&lab.data(), words), [] as [String; 0], "{words} stands in plain");
    }
    let with_id = files_with(&lab.data(), &complaint().id);
    assert!(
        // Who read it is recorded, for the audit administrator alone.
        with_id.iter().all(|file| ["sealed", "projections.db", "vault", "370306-access.db"].iter().any(|part| file.contains(part))),
        "{with_id:?}"
    );
    assert!(with_id.iter().any(|file| file.contains("XIAOER-370306-sealed")), "its own stream: {with_id:?}");
}

/// Complaints received about a unit in each month of a year, and how many of them were closed late.
const MONTHS: [(u32, u32); 12] =
    [(12, 0), (4, 0), (9, 1), (20, 6), (5, 0), (0, 0), (6, 5), (11, 5), (3, 3), (7, 0), (10, 4), (30, 10)];

/// Months with more than five complaints due of which neither part is small: January, April, May, August, October, December.
const TOLD_MONTHS: [u32; 6] = [1, 4, 5, 8, 10, 12];

fn simulated(number: u32, month: u32, of_month: u32, late: u32) -> Vec<(String, Event)> {
    let id = format!("6f1c2b9e-3d4a-4c5b-8e7f-{number:012x}");
    let subject = on("complaint", &id);
    let unit = if number.is_multiple_of(2) { UNIT } else { OTHER };
    let (due, closed) = (15, if of_month < late { 20 } else { 12 });
    let at = |day: u32, minute: u32| format!("2025-{month:02}-{day:02}T10:{:02}:{:02}+08:00", minute, number % 60);
    let came = json!({"complaintReceived": {"kind": "COMPLAINT_KIND_COMPLAINT", "category": "COMPLAINT_CATEGORY_DELAY",
        "channel": "CHANNEL_HOTLINE", "subjectUnit": unit}});
    let accepted = json!({"complaintAccepted": {"dueOn": format!("2025-{month:02}-{due:02}")}});
    let ended = json!({"complaintClosed": {"outcome": "COMPLAINT_OUTCOME_HANDLED"}});
    [(at(8, 0), came), (at(8, 1), accepted), (at(closed, 2), ended)]
        .map(|(at, fact)| (at.clone(), line(&subject, &at, fact)))
        .into()
}

/// A question of a month.
fn month(month: u32) -> MetricScope {
    let from = jiff::civil::date(2025, i8::try_from(month).unwrap(), 1);
    let period = Some(v1::Period { from: from.to_string(), to: from.last_of_month().to_string() });
    MetricScope { logs: vec![SEALED.into()], period, ..MetricScope::default() }
}

async fn asked(client: &mut Client, metric: &str, scope: MetricScope) -> Result<MetricValue, String> {
    let request = v1::GetMetricRequest { metric_id: metric.into(), scope: Some(scope) };
    client.metrics.get_metric(request).await.map(tonic::Response::into_inner).map_err(|status| code(&status))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_answers_tell_of_a_few() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    let mut admin = keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"]));
    for log in [LOG, SEALED] {
        admin.open(log, true).await;
    }
    let mut people = People::of(&keys, &server);
    let start = "2025-01-02T08:00:00+08:00";
    let designated = json!({"hotlineStaffDesignated": {"staffId": "1001", "from": "2025-01-01"}});
    let mut events = vec![(start.to_owned(), line(&on("unit", LINE), start, designated))];
    // Each month twice as many as of one unit, half of them of the other.
    let mut number = 0;
    for (index, &(count, late)) in (1..).zip(&MONTHS) {
        for of_month in 0..count {
            for _ in 0..2 {
                events.extend(simulated(number, index, of_month, late));
                number += 1;
            }
        }
    }
    events.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (at, event) in events {
        people.hotline.tell(SEALED, event, PostMode::Strict, Some(&at)).await.unwrap();
    }
    admin.projected(SEALED).await;

    let mut told = BTreeSet::new();
    for (index, &(count, late)) in (1..).zip(&MONTHS) {
        let exact = asked(&mut people.supervision, "complaint_on_time", month(index)).await.unwrap();
        assert_eq!((exact.denominator, exact.numerator), (u64::from(2 * count), u64::from(2 * (count - late))), "{index}");
        assert!(!exact.suppressed && !exact.positions.is_empty());
        let own = asked(&mut people.accused, "complaint_on_time", month(index)).await.unwrap();
        let shown = (own.denominator, own.numerator, own.value.is_some());
        let whole = (u64::from(count), u64::from(count - late), true);
        assert_eq!(shown, if own.suppressed { (0, 0, false) } else { whole }, "{index}");
        assert_eq!(own.positions, [], "how long the sealed log is, is not told");
        if !own.suppressed {
            told.insert(index);
            let parts = [own.denominator, own.numerator];
            assert!(parts.iter().all(|part| *part >= 5) && (late == 0 || late >= 5), "{index}: {own:?}");
        }
        // Nobody but who handles them is told of a few in all, either.
        let all = asked(&mut people.leader, "complaint_on_time", month(index)).await.unwrap();
        assert_eq!(all.suppressed, 2 * (count - late) < 5 || (late > 0 && 2 * late < 5), "{index}: {all:?}");
    }
    assert_eq!(told, TOLD_MONTHS.into_iter().collect());

    // What could be subtracted is not answered.
    let with = |change: fn(&mut MetricScope)| {
        let mut scope = month(4);
        change(&mut scope);
        scope
    };
    let where_is = |name: &str, value: &str| vec![v1::Dimension { name: name.into(), value: value.into() }];
    let narrow = [
        with(|scope| scope.period.as_mut().unwrap().to = "2025-04-29".into()),
        with(|scope| scope.period.as_mut().unwrap().to = "2025-05-31".into()),
        with(|scope| scope.period = None),
        with(|scope| scope.valid_on = "2025-04-20".into()),
        with(|scope| scope.known_at = Some(v1::KnownAt { bound: Some(v1::known_at::Bound::Position(40)) })),
        with(|scope| scope.at_least = vec![v1::LogPosition { log: SEALED.into(), position: 3 }]),
        MetricScope { r#where: where_is("kind", "delay"), ..month(4) },
        MetricScope { r#where: where_is("channel", "hotline"), ..month(4) },
        MetricScope { logs: vec![LOG.into(), SEALED.into()], ..month(4) },
    ];
    for scope in narrow {
        for client in [&mut people.accused, &mut people.leader] {
            let refused = asked(client, "complaint_on_time", scope.clone()).await.unwrap_err();
            assert_eq!(refused, "XE-SMALL-COUNTS", "{scope:?}");
        }
    }
    let of_other = MetricScope { r#where: where_is("unit", OTHER), ..month(4) };
    assert_eq!(asked(&mut people.accused, "complaint_on_time", of_other.clone()).await.unwrap_err(), "XE-FORBIDDEN");
    assert_eq!(asked(&mut people.leader, "complaint_on_time", of_other).await.unwrap_err(), "XE-SMALL-COUNTS");
    assert_eq!(asked(&mut people.accused, "corrections", month(4)).await.unwrap_err(), "XE-SMALL-COUNTS");
    for client in [&mut people.accused, &mut people.leader] {
        let series = v1::GetSeriesRequest { metric_id: "complaint_on_time".into(), scope: Some(month(4)), ..Default::default() };
        assert_eq!(code(&client.metrics.get_series(series).await.unwrap_err()), "XE-SMALL-COUNTS");
        let members = v1::ExplainMetricRequest { metric_id: "complaint_on_time".into(), scope: Some(month(4)) };
        assert_eq!(code(&client.audit.explain_metric(members).await.unwrap_err()), "XE-FORBIDDEN");
    }

    // What is posted too late for a month does not change what was told of it.
    let before = asked(&mut people.accused, "complaint_on_time", month(4)).await.unwrap();
    for (_, event) in simulated(9_998, 4, 9, 0) {
        people.hotline.tell(SEALED, event, PostMode::Strict, Some("2026-01-05T10:00:00+08:00")).await.unwrap();
    }
    admin.projected(SEALED).await;
    assert_eq!(asked(&mut people.accused, "complaint_on_time", month(4)).await.unwrap(), before);
    let exact = asked(&mut people.supervision, "complaint_on_time", month(4)).await.unwrap();
    assert_eq!(exact.denominator, 41);
    // Nor does a rule that is set otherwise since, for the days before.
    let rule =
        json!({"ruleSet": {"ruleId": "small_count", "value": {"number": "1"}, "inForceFrom": "2025-01-01", "authority": "a"}});
    let rule = by_unit(LINE, event(&on("log", SEALED), "2026-01-05T11:00:00+08:00", rule));
    people.centre.tell(SEALED, rule, PostMode::Strict, Some("2026-01-05T11:00:00+08:00")).await.unwrap();
    admin.projected(SEALED).await;
    assert!(asked(&mut people.accused, "complaint_on_time", month(3)).await.unwrap().suppressed);
    // Two logs of posts of one list stay apart: a complaint is refused by the open one.
    let wrong = PostRequest { log: LOG.into(), events: vec![simulated(9_999, 4, 9, 0).remove(0).1], ..PostRequest::default() };
    assert_eq!(code(&people.hotline.posting.post(wrong).await.unwrap_err()), "XE-LOG-WRONG");
}

/// A district is lived through with its persons and texts in the vault; nothing of what they say is anywhere else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_stands_outside_the_vault() {
    let lab = Lab::new();
    let server = lab.serve("managed").await;
    // A log that was opened and not filled is filled; the one of who reads it beside it is no other district's.
    server.client().open("demo", true).await;
    let (status, told) = said(command(&server).args(["--log", "demo", "simulate", "--cases", "120", "--vault", "--if-empty"]));
    assert_eq!(status, 0, "{told}");
    let district = District { log: "demo".into(), seed: 1, cases: 120, from: jiff::civil::date(2026, 1, 5), months: 6 };
    let referred =
        |posts: Vec<Post>| posts.into_iter().flat_map(|post| post.events).flat_map(|event| kept(&event)).collect::<Vec<_>>();
    let contents = [referred(posts(&district).collect()), referred(sealed_posts(&district))].concat();
    let persons = contents.iter().filter(|kept| kept.is_person).count();
    assert!(persons > 20 && contents.len() - persons > 5, "{persons} persons of {}", contents.len());
    // Whole texts, and of persons each datum: what was cut in pieces on its way would not be found whole.
    let mut secrets: BTreeSet<String> = BTreeSet::new();
    for kept in contents {
        match serde_json::from_str::<serde_json::Map<String, Value>>(&kept.content) {
            Ok(data) => secrets
                .extend(data.into_iter().filter(|(field, _)| field != "name").map(|(_, datum)| datum.as_str().unwrap().into())),
            Err(_) => _ = secrets.insert(kept.content),
        }
    }
    let mut client = server.client();
    for log in ["demo", "demo-sealed"] {
        client.projected(log).await;
        client.relayed(log).await;
        let events = client.history(log, 0).await;
        assert!(events.len() > 20, "{log}");
        // What is read is recorded, and what is told is searched.
        let told = format!("{events:?}");
        assert!(secrets.iter().all(|secret| !told.contains(secret.as_str())), "{log}");
    }
    let lines = server.said();
    assert!(secrets.iter().all(|secret| !lines.contains(secret.as_str())), "what the server said");
    assert!(server.stop().await.success());
    for file in files_of(&lab.data()) {
        let content = std::fs::read(&file).unwrap();
        let content = String::from_utf8_lossy(&content);
        let plain: Vec<_> = secrets.iter().filter(|secret| content.contains(secret.as_str())).collect();
        assert!(plain.is_empty(), "{plain:?} in {}", file.display());
    }
    println!("{} data and texts were looked for", secrets.len());
}
