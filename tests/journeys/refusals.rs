//! Aim: every wrong request is refused with its code, status, field, rule and remedy, the same on every way in, and changes nothing.
//!
//! Method: a log with a case in each state is prepared. Then every line of a table is given to `Check`, to `Post` and to one
//! `PostStream`; after each the head of the log, its leaf hash and the state of the thing are as they were. Questions have a table
//! of their own. Every code has a line, so that a new one is not forgotten.

use bytes::Bytes;
use futures::{StreamExt, stream};
use prost::Message;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tonic::{Code as Grpc, Status};
use tonic_types::StatusExt;
use xiaoer_domain::Code;
use xiaoer_tests::{Client, Lab, UNIT, case, event, on, raw, refused, root, scope};
use xiaoer_wire::{
    time::Timestamp,
    v1::{
        CheckResponse, Event, ExplainMetricRequest, GetMetricRequest, GetSeriesRequest, GetStateRequest, KnownAt, ListCasesRequest,
        LogPosition, MetricScope, OpenLogRequest, Period, PostMode, PostRequest, PostResponse, PostStreamResponse, Refusal,
        ReplayRequest, SeriesStep, StateView, Subject, SubscribeRequest, check_response, event::Fact, known_at::Bound,
        post_stream_response::Outcome,
    },
};

const LOG: &str = "refusals";
const SYNTHETIC: &str = "refusals-synthetic";
/// The codes of a world that is away, which no wrong request meets. `posting.rs` has the full queue and the stop.
const OF_THE_WORLD: [Code; 6] =
    [Code::QueueFull, Code::ProjectionBehind, Code::ProjectionStopped, Code::Stopping, Code::Unavailable, Code::Internal];
/// A unit that nobody registers; its code passes its check.
const UNIT_UNREGISTERED: &str = "11370306XXXX00027E";

/// A wrong request to post, and what must be said of it.
struct Line {
    name: &'static str,
    request: Bytes,
    /// The thing it is about.
    log: &'static str,
    subject: Subject,
    expected: Expected,
}

/// Code, status, field and rule of a refusal.
type Expected = (&'static str, Grpc, &'static str, &'static str);

/// `HH:MM` of one past day; everything here happened on it.
fn at(time: &str) -> String {
    format!("2026-04-21T{time}:00+08:00")
}

fn post(events: Vec<Event>) -> PostRequest {
    PostRequest { log: LOG.into(), events, ..PostRequest::default() }
}

/// A request that nothing is wrong with but what a line changes.
fn good() -> PostRequest {
    post(vec![event(&case("received"), &at("17:00"), json!({"caseNoteRecorded": {"code": "seen"}}))])
}

fn line(name: &'static str, request: PostRequest, expected: Expected) -> Line {
    let subject = request.events.first().and_then(|event| event.subject.clone()).unwrap_or_else(|| case("received"));
    Line { name, log: LOG, subject, expected, request: request.encode_to_vec().into() }
}

/// A line whose request is the good one but for a change.
fn request(name: &'static str, change: impl FnOnce(&mut PostRequest), expected: Expected) -> Line {
    let mut request = good();
    change(&mut request);
    line(name, request, expected)
}

/// A line whose only event is the good one but for a change; its form is wrong.
fn form(name: &'static str, change: impl FnOnce(&mut Event), code: &'static str, field: &'static str) -> Line {
    request(name, |request| change(&mut request.events[0]), (code, Grpc::InvalidArgument, field, ""))
}

/// A line of another fact on another subject.
fn fact(name: &'static str, subject: &Subject, fact: Value, expected: Expected) -> Line {
    line(name, post(vec![event(subject, &at("17:00"), fact)]), expected)
}

/// A line of a fact that the state of a thing does not allow; the rule is `<kind>:<state>:<fact>`.
fn state(subject: &Subject, told: Value, code: &'static str, rule: &'static str) -> Line {
    fact(rule, subject, told, (code, Grpc::FailedPrecondition, "events[0].fact", rule))
}

fn received() -> Value {
    json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}})
}

fn accepted() -> Value {
    json!({"caseAccepted": {}})
}

fn decided() -> Value {
    json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})
}

fn notice() -> Value {
    json!({"noticeGiven": {"noticeId": "n"}})
}

fn alleged() -> Value {
    json!({"noticeBreachAlleged": {"allegationId": "a", "kind": "NOTICE_BREACH_KIND_LATE"}})
}

fn procedure() -> Value {
    json!({"specialProcedureStarted": {"procId": "p", "kind": "SPECIAL_PROCEDURE_KIND_HEARING"}})
}

fn visited() -> Value {
    json!({"applicantVisited": {"caseNos": [{"system": "hall", "no": "received"}]}})
}

fn item_version(promised: u32) -> Value {
    let limit = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    json!({"itemVersionPublished": {"version": "1", "name": "permit", "itemType": "ITEM_TYPE_PERMIT", "leadUsci": UNIT,
        "statutoryLimit": limit(20), "promisedLimit": limit(promised), "inForceFrom": "2026-01-01"}})
}

fn rule(id: &str, value: Value) -> Value {
    json!({"ruleSet": {"ruleId": id, "value": value, "inForceFrom": "2026-01-01"}})
}

fn calendar(version: u32, day: &str) -> Value {
    json!({"calendarPublished": {"year": 2026, "version": version, "days": [{"date": day, "kind": "DAY_KIND_OFF"}]}})
}

/// What stands before the table: things in each state, named after it.
fn standing() -> Vec<(Subject, Vec<Value>)> {
    let completed = || json!({"caseCompleted": {}});
    vec![
        (case("received"), vec![received()]),
        (case("noticed"), vec![received(), notice(), alleged()]),
        (case("accepted"), vec![received(), accepted()]),
        (case("procedure"), vec![received(), accepted(), procedure()]),
        (case("decided"), vec![received(), accepted(), decided()]),
        (case("completed"), vec![received(), accepted(), decided(), completed()]),
        (case("withdrawn"), vec![received(), json!({"caseWithdrawn": {}})]),
        (on("contact", "received"), vec![json!({"firstAskReceived": {}})]),
        (on("visit", "visited"), vec![visited()]),
        (on("item", "published"), vec![item_version(8)]),
    ]
}

/// The events of a thing that stands, a minute apart.
fn told(subject: &Subject, facts: Vec<Value>) -> Vec<Event> {
    facts.into_iter().enumerate().map(|(minute, fact)| event(subject, &at(&format!("09:{minute:02}")), fact)).collect()
}

/// The one event of the case `received`, recorded already.
fn recorded() -> Event {
    told(&case("received"), vec![received()]).remove(0)
}

fn of_requests() -> Vec<Line> {
    use Grpc::{FailedPrecondition, InvalidArgument, NotFound};
    let soon = |minutes: i64| Some((jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes)).into());
    let another = |request: &mut PostRequest, subject: &Subject| {
        request.events.push(event(subject, &at("17:01"), json!({"caseNoteRecorded": {"code": "more"}})));
    };
    vec![
        request("unknown log", |r| r.log = "nowhere".into(), ("XE-LOG-UNKNOWN", NotFound, "log", "")),
        request("no log", |r| r.log.clear(), ("XE-FIELD-MISSING", InvalidArgument, "log", "")),
        request("bad log name", |r| r.log = "No_Log".into(), ("XE-LOG-NAME", InvalidArgument, "log", "")),
        request("no event", |r| r.events.clear(), ("XE-LIST-EMPTY", InvalidArgument, "events", "")),
        request(
            "1,001 events",
            |r| r.events = vec![r.events[0].clone(); 1_001],
            ("XE-LIST-TOO-LONG", InvalidArgument, "events", ""),
        ),
        request("unknown mode", |r| r.mode = 9, ("XE-ENUM-UNKNOWN", InvalidArgument, "mode", "")),
        request("two subjects", |r| another(r, &case("accepted")), ("XE-LIST-STREAMS", InvalidArgument, "events[1].subject", "")),
        request(
            "the same event twice",
            |r| r.events.push(r.events[0].clone()),
            ("XE-LIST-MIXED", FailedPrecondition, "events[1].event_id", ""),
        ),
        request(
            "a recorded and a new one",
            |r| r.events.insert(0, recorded()),
            ("XE-LIST-MIXED", FailedPrecondition, "events[1].event_id", "identity"),
        ),
        request(
            "the second of a list",
            |r| {
                another(r, &case("received"));
                r.events[1].subject.as_mut().unwrap().id.clear();
            },
            ("XE-FIELD-MISSING", InvalidArgument, "events[1].subject.id", ""),
        ),
        request(
            "other content",
            |r| {
                r.events = vec![recorded()];
                r.events[0].source.as_mut().unwrap().staff_id = "1002".into();
            },
            ("XE-IDENTITY-REUSED", Grpc::AlreadyExists, "events[0].event_id", "identity"),
        ),
        request("ten minutes ahead", |r| r.events[0].occurred_at = soon(10), {
            ("XE-TIME-AHEAD", InvalidArgument, "events[0].occurred_at", "clock_skew_min")
        }),
        request(
            "revision too low",
            |r| r.expected_revision = Some(0),
            ("XE-REVISION", FailedPrecondition, "expected_revision", "expected_revision"),
        ),
        request(
            "revision too high",
            |r| r.expected_revision = Some(2),
            ("XE-REVISION", FailedPrecondition, "expected_revision", "expected_revision"),
        ),
        line(
            "revision of a new stream",
            PostRequest { expected_revision: Some(1), ..post(vec![event(&case("new"), &at("09:00"), received())]) },
            ("XE-REVISION", FailedPrecondition, "expected_revision", "expected_revision"),
        ),
        request(
            "simulated time of a real log",
            |r| r.simulated_recorded_at = soon(0),
            ("XE-SIMULATED-TIME", InvalidArgument, "simulated_recorded_at", ""),
        ),
        Line {
            log: SYNTHETIC,
            ..request(
                "simulated time that goes backwards",
                |r| {
                    r.log = SYNTHETIC.into();
                    r.simulated_recorded_at = Some(Timestamp { seconds: 1_776_700_000, nanos: 0 });
                },
                ("XE-SIMULATED-TIME", InvalidArgument, "simulated_recorded_at", ""),
            )
        },
    ]
}

fn of_form() -> Vec<Line> {
    let long = || "号".repeat(129);
    let too_large = || {
        let item = || json!({"materialCode": "m".repeat(128), "defect": "d".repeat(128), "remedy": "r".repeat(128)});
        let items: Vec<_> = (0..200).map(|_| item()).collect();
        json!({"noticeGiven": {"noticeId": "large", "items": items}})
    };
    let legal = |usci: &str| json!({"caseReceived": {"applicant": {"kind": "APPLICANT_KIND_LEGAL_PERSON", "usci": usci}}});
    let wrong = Grpc::InvalidArgument;
    vec![
        form("no id", |e| e.event_id.clear(), "XE-EVENT-ID", "events[0].event_id"),
        form("no UUID", |e| e.event_id = "1".into(), "XE-EVENT-ID", "events[0].event_id"),
        form("upper case", |e| e.event_id = e.event_id.to_uppercase(), "XE-EVENT-ID", "events[0].event_id"),
        form("no hyphens", |e| e.event_id = e.event_id.replace('-', ""), "XE-EVENT-ID", "events[0].event_id"),
        form("no subject", |e| e.subject = None, "XE-FIELD-MISSING", "events[0].subject"),
        form("no time", |e| e.occurred_at = None, "XE-FIELD-MISSING", "events[0].occurred_at"),
        form("no source", |e| e.source = None, "XE-FIELD-MISSING", "events[0].source"),
        form("no fact", |e| e.fact = None, "XE-FACT-MISSING", "events[0].fact"),
        form("a nanosecond", |e| e.occurred_at.as_mut().unwrap().nanos = 1, "XE-TIME-TOO-FINE", "events[0].occurred_at"),
        form("no such nanosecond", |e| e.occurred_at.as_mut().unwrap().nanos = -1, "XE-FIELD-INVALID", "events[0].occurred_at"),
        form("no such day", |e| e.legal_date = Some("2026-02-30".into()), "XE-FIELD-INVALID", "events[0].legal_date"),
        form(
            "control character",
            |e| e.source.as_mut().unwrap().staff_id = "10\u{7}01".into(),
            "XE-FIELD-INVALID",
            "events[0].source.staff_id",
        ),
        form(
            "no unit's code",
            |e| e.source.as_mut().unwrap().unit_usci = "1137".into(),
            "XE-FIELD-INVALID",
            "events[0].source.unit_usci",
        ),
        form("too long", |e| e.source.as_mut().unwrap().window_id = long(), "XE-FIELD-TOO-LONG", "events[0].source.window_id"),
        form("wrong kind", |e| e.subject = Some(on("contact", "received")), "XE-SUBJECT-KIND", "events[0].subject.kind"),
        form(
            "unknown number of an enum",
            |e| e.fact = Some(Fact::CaseDecided(xiaoer_wire::v1::CaseDecided { result: 99, ..Default::default() })),
            "XE-ENUM-UNKNOWN",
            "events[0].case_decided.result",
        ),
        fact("over 64 KiB", &case("received"), too_large(), ("XE-EVENT-TOO-LARGE", wrong, "events[0]", "")),
        fact("a code of a legal person", &case("new"), legal("91370306XXXX000191"), {
            ("XE-USCI", wrong, "events[0].case_received.applicant.usci", "")
        }),
    ]
}

/// What a generated client cannot say.
fn of_bytes() -> Vec<Line> {
    /// A message as field 2 of the one around it, which in a request is an event, and in an event its subject.
    fn inner(message: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x12];
        prost::encoding::encode_varint(message.len() as u64, &mut bytes);
        bytes.extend(message);
        bytes
    }
    /// Field 127, the number 1.
    const UNKNOWN: [u8; 3] = [0xf8, 0x07, 0x01];
    let event = good().events.remove(0);
    let top = [good().encode_to_vec(), UNKNOWN.to_vec()].concat();
    let around = PostRequest { events: Vec::new(), ..good() }.encode_to_vec();
    let in_event = [around.clone(), inner(&[event.encode_to_vec(), UNKNOWN.to_vec()].concat())].concat();
    let subject = [event.subject.clone().unwrap().encode_to_vec(), UNKNOWN.to_vec()].concat();
    let whole_but_subject = Event { subject: None, ..event }.encode_to_vec();
    let in_subject = [around, inner(&[whole_but_subject, inner(&subject)].concat())].concat();
    let lines = [
        ("unknown field", top, "#127"),
        ("of an event", in_event, "events[0].#127"),
        ("of a subject", in_subject, "events[0].subject.#127"),
    ];
    lines
        .map(|(name, bytes, field)| Line {
            request: bytes.into(),
            ..request(name, |_| (), ("XE-FIELD-UNKNOWN", Grpc::InvalidArgument, field, ""))
        })
        .into()
}

fn of_states() -> Vec<Line> {
    let (fresh, contact) = (case("new"), on("contact", "received"));
    let found = json!({"noticeBreachFound": {"allegationId": "other", "finding": "FINDING_SUBSTANTIATED", "kind": "NOTICE_BREACH_KIND_LATE"}});
    let cause = json!({"visitCauseDecided": {"decider": "VISIT_DECIDER_WINDOW"}});
    vec![
        state(&fresh, accepted(), "XE-CASE-UNKNOWN", "case:None:CaseAccepted"),
        state(&case("received"), received(), "XE-CASE-EXISTS", "case:Received:CaseReceived"),
        state(&case("withdrawn"), json!({"firstCheckDone": {}}), "XE-CASE-ENDED", "case:WithdrawnEarly:FirstCheckDone"),
        state(&case("accepted"), accepted(), "XE-CASE-ACCEPTED", "case:Accepted:CaseAccepted"),
        state(&case("received"), decided(), "XE-CASE-NOT-ACCEPTED", "case:Received:CaseDecided"),
        state(&case("decided"), decided(), "XE-CASE-DECIDED", "case:Decided:CaseDecided"),
        state(&case("accepted"), json!({"caseCompleted": {}}), "XE-CASE-NOT-DECIDED", "case:Accepted:CaseCompleted"),
        state(&case("decided"), json!({"resultIssued": {}}), "XE-CASE-NOT-COMPLETED", "case:Decided:ResultIssued"),
        state(&case("completed"), json!({"caseCompleted": {}}), "XE-CASE-COMPLETED", "case:Completed:CaseCompleted"),
        state(&case("accepted"), json!({"decisionRevoked": {}}), "XE-CASE-NOT-REVOCABLE", "case:Accepted:DecisionRevoked"),
        state(&case("noticed"), accepted(), "XE-CORRECTION-PENDING", "case:CorrectionPending:CaseAccepted"),
        state(
            &case("received"),
            json!({"correctionSubmitted": {}}),
            "XE-CORRECTION-NOT-ASKED",
            "case:Received:CorrectionSubmitted",
        ),
        state(&case("noticed"), notice(), "XE-NOTICE-EXISTS", "case:CorrectionPending:NoticeGiven"),
        state(&case("procedure"), procedure(), "XE-PROCEDURE-EXISTS", "case:SpecialProcedure:SpecialProcedureStarted"),
        state(
            &case("accepted"),
            json!({"specialProcedureEnded": {"procId": "p"}}),
            "XE-PROCEDURE-UNKNOWN",
            "case:Accepted:SpecialProcedureEnded",
        ),
        state(&case("procedure"), decided(), "XE-PROCEDURE-OPEN", "case:SpecialProcedure:CaseDecided"),
        state(&case("noticed"), alleged(), "XE-ALLEGATION-EXISTS", "case:CorrectionPending:NoticeBreachAlleged"),
        state(&case("noticed"), found, "XE-ALLEGATION-UNKNOWN", "case:CorrectionPending:NoticeBreachFound"),
        state(&on("contact", "new"), json!({"firstAskAnswered": {}}), "XE-CONTACT-UNKNOWN", "contact:None:FirstAskAnswered"),
        state(&contact, json!({"firstAskReceived": {}}), "XE-CONTACT-EXISTS", "contact:Received:FirstAskReceived"),
        state(&contact, json!({"firstAskAccepted": {"byStaff": "2"}}), "XE-HANDOVER-MISSING", "contact:Received:FirstAskAccepted"),
        state(&on("visit", "new"), cause, "XE-VISIT-UNKNOWN", "visit:None:VisitCauseDecided"),
        state(&on("visit", "visited"), visited(), "XE-VISIT-EXISTS", "visit:Visited:ApplicantVisited"),
        state(&on("item", "new"), json!({"itemWithdrawn": {}}), "XE-ITEM-UNKNOWN", "item:None:ItemWithdrawn"),
        state(
            &on("unit", UNIT_UNREGISTERED),
            json!({"unitHeadAppointed": {"personId": "1", "from": "2026-01-01"}}),
            "XE-UNIT-UNKNOWN",
            "unit:None:UnitHeadAppointed",
        ),
    ]
}

/// What is wrong of corrections and of what changes an answer.
fn of_registry() -> Vec<Line> {
    use Grpc::{FailedPrecondition, InvalidArgument};
    let log = on("log", LOG);
    let opened = json!({"logOpened": {"name": LOG, "suite": "sha256", "timeZone": "Asia/Shanghai", "contract": 1}});
    let void = |target: &Event| json!({"eventVoided": {"target": {"system": "hall", "eventId": target.event_id}}});
    let completion = told(&case("completed"), vec![received(), accepted(), decided(), json!({"caseCompleted": {}})]).remove(3);
    vec![
        fact("a genesis", &log, opened, ("XE-GENESIS", FailedPrecondition, "events[0].log_opened", "")),
        fact("no such rule", &log, rule("no_rule", json!({"number": "1"})), {
            ("XE-RULE-UNKNOWN", InvalidArgument, "events[0].rule_set.rule_id", "3.10")
        }),
        fact("a rule's value", &log, rule("clock_skew_min", json!({"flag": true})), {
            ("XE-RULE-VALUE", InvalidArgument, "events[0].rule_set.value", "clock_skew_min")
        }),
        fact("a day of another year", &log, calendar(9, "2027-01-01"), {
            ("XE-CALENDAR", InvalidArgument, "events[0].calendar_published.days[0].date", "calendar")
        }),
        fact("a version that stands", &log, calendar(1, "2026-01-02"), {
            ("XE-CALENDAR-VERSION", FailedPrecondition, "events[0].calendar_published.version", "calendar")
        }),
        fact("a promise over the law's limit", &on("item", "new"), item_version(21), {
            ("XE-ITEM-LIMITS", InvalidArgument, "events[0].item_version_published.promised_limit", "C3")
        }),
        fact("a version again", &on("item", "published"), item_version(7), {
            ("XE-ITEM-VERSION-EXISTS", FailedPrecondition, "events[0].item_version_published.version", "C3")
        }),
        fact("a void of nothing", &case("received"), void(&completion), {
            ("XE-VOID-TARGET", FailedPrecondition, "events[0].event_voided.target", "void")
        }),
        fact("a void of a closed case", &case("completed"), void(&completion), {
            ("XE-VOID-AUTHORITY", FailedPrecondition, "events[0].event_voided.authority", "case:Completed:EventVoided")
        }),
    ]
}

/// The whole table.
fn lines() -> Vec<Line> {
    [of_requests(), of_form(), of_bytes(), of_states(), of_registry()].into_iter().flatten().collect()
}

/// The refusal that a status carries; its details agree with each other.
fn refusal_in(status: &Status) -> Refusal {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("a status without details: {status:?}"));
    let said = |key: &str| info.metadata.get(key).cloned().unwrap_or_default();
    assert_eq!(info.domain, "xiaoer.v1");
    let violation = details.bad_request().map(|bad| bad.field_violations[0].field.clone());
    assert!(violation.is_none_or(|field| field == said("field")), "{status:?}");
    let precondition = details.precondition_failure().map(|failure| failure.violations[0].clone());
    assert!(precondition.is_none_or(|it| (it.subject, it.r#type) == (said("field"), said("rule"))), "{status:?}");
    Refusal {
        code: info.reason.clone(),
        grpc_status: status.code() as i32,
        message: status.message().into(),
        field: said("field"),
        rule: said("rule"),
        remedy: said("remedy"),
        event_index: said("event_index").parse().expect("an index"),
    }
}

/// Holds a refusal against what is expected; it says what to do, and has its page.
fn check(name: &str, way: &str, found: &Refusal, expected: Expected) {
    let (code, status, field, rule) = expected;
    let said = (found.code.as_str(), Grpc::from_i32(found.grpc_status), found.field.as_str(), found.rule.as_str());
    assert_eq!(said, (code, status, field, rule), "{name}, {way}: {found:?}");
    assert!(found.remedy.ends_with('.') && !found.message.is_empty(), "{name}, {way}: {found:?}");
    let index = field.strip_prefix("events[").map_or("0", |rest| &rest[..1]);
    assert_eq!(found.event_index.to_string(), index, "{name}, {way}");
    let mut parts = rule.split(':');
    if let (Some(_), Some(state), Some(fact)) = (parts.next(), parts.next(), parts.next())
        && field.ends_with(".fact")
    {
        assert!(found.message.contains(state) && found.message.contains(fact), "{name}, {way}: {found:?}");
    }
    let page = std::fs::read_to_string(root().join(format!("docs/errors/{code}.md"))).expect("its page");
    assert!(page.starts_with(&format!("# {code}")), "{name}");
}

/// What must not change: position and leaf of the head, and the state of a thing.
async fn standing_of(client: &mut Client, log: &str, subject: &Subject) -> (u64, Vec<u8>, Option<StateView>) {
    let head = client.log(log).await;
    let request =
        GetStateRequest { log: log.into(), subject: Some(subject.clone()), at_least: head.position, ..Default::default() };
    let state = match client.audit.get_state(request).await {
        Ok(state) => state.into_inner().state,
        Err(status) if status.code() == Grpc::NotFound => None,
        Err(status) => panic!("{subject:?}: {status:?}"),
    };
    (head.position, head.leaf_hash, state)
}

/// Opens both logs and posts what stands.
async fn prepare(client: &mut Client) {
    client.open(LOG, false).await;
    client.open(SYNTHETIC, true).await;
    for (subject, facts) in standing() {
        client.post(LOG, told(&subject, facts)).await.unwrap_or_else(|status| panic!("{subject:?}: {status}"));
    }
    let first = client.tell(SYNTHETIC, recorded(), PostMode::Strict, Some("2026-04-21T12:00:00+08:00")).await;
    assert_eq!(first.unwrap().recorded_at.unwrap().seconds, 1_776_744_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_post_is_refused_and_changes_nothing() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let channel = client.channel.clone();
    for Line { name, request, log, subject, expected } in lines() {
        let before = standing_of(&mut client, log, &subject).await;
        let checked: CheckResponse = raw::call(&channel, "Check", request.clone()).await.expect("Check answers");
        let Some(check_response::Outcome::WouldRefuse(would)) = checked.outcome else { panic!("{name}, Check: {checked:?}") };
        check(name, "Check", &would, expected);
        let posted: Result<PostResponse, Status> = raw::call(&channel, "Post", request).await;
        let status = posted.expect_err(name);
        let refusal = refusal_in(&status);
        check(name, "Post", &refusal, expected);
        assert!(status.message().contains(&would.remedy), "{name}: {}", status.message());
        assert_eq!((refusal.remedy, refusal.event_index), (would.remedy, would.event_index), "{name}");
        assert_eq!(standing_of(&mut client, log, &subject).await, before, "{name}: something changed");
    }
    // The same on one stream, between posts that are accepted: a refusal stops nothing behind it.
    let head = client.log(LOG).await.position;
    let requests: Vec<Bytes> = lines().into_iter().map(|line| line.request).chain([good().encode_to_vec().into()]).collect();
    let answers: Vec<PostStreamResponse> = raw::stream(&channel, "PostStream", stream::iter(requests))
        .await
        .expect("a stream")
        .map(|answer| answer.expect("an answer"))
        .collect()
        .await;
    let (last, refused) = answers.split_last().expect("answers");
    assert_eq!(refused.len(), lines().len());
    for (line, (answer, index)) in lines().into_iter().zip(refused.iter().zip(0..)) {
        let Some(Outcome::Refused(refusal)) = &answer.outcome else { panic!("{}: {answer:?}", line.name) };
        assert_eq!(answer.index, index);
        check(line.name, "PostStream", refusal, line.expected);
    }
    let Some(Outcome::Accepted(PostResponse { receipts })) = &last.outcome else { panic!("{last:?}") };
    assert_eq!((receipts[0].position, receipts[0].revision), (head + 1, 2), "the refused ones took no place");
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_doubtful_is_recorded_with_a_flag() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let note = |id: &str| {
        let mut event = event(&case("received"), &at("17:00"), json!({"caseNoteRecorded": {"code": id}}));
        event.source.as_mut().unwrap().unit_usci.clear();
        event
    };
    let mut bad_unit = note("unit");
    bad_unit.source.as_mut().unwrap().unit_usci = "11370306XXXX000190".into();
    let mut nil = note("nil");
    nil.event_id = uuid::Uuid::nil().to_string();
    let individual = event(&case("individual"), &at("09:00"), json!({"caseReceived": {"itemCode": "nothing", "itemVersion": "1"}}));
    let lines = [
        ("a unit's code that fails its check", bad_unit, PostMode::Strict, vec!["bad_unit_usci"]),
        ("an item that nobody published", individual, PostMode::Strict, vec!["item_unknown"]),
        // The contract asks for a UUID, and that it is.
        ("the nil UUID", nil, PostMode::Strict, vec![]),
        (
            "a decision before the acceptance",
            event(&case("received"), &at("17:02"), decided()),
            PostMode::Record,
            vec!["irregular", "record_mode_unlisted"],
        ),
    ];
    for (name, event, mode, expected) in lines {
        let request = PostRequest { mode: mode.into(), ..post(vec![event.clone()]) };
        let would = client.posting.check(request).await.unwrap().into_inner().outcome;
        let Some(check_response::Outcome::WouldAccept(would)) = would else { panic!("{name}: {would:?}") };
        let receipt = client.tell(LOG, event, mode, None).await.unwrap_or_else(|status| panic!("{name}: {status}"));
        let flags: Vec<_> = receipt.flags.iter().map(String::as_str).filter(|&flag| flag != "late_posted").collect();
        assert_eq!(flags, expected, "{name}");
        assert_eq!((would.receipts[0].position, &would.receipts[0].flags), (receipt.position, &receipt.flags), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_attempt_is_kept_without_what_it_said() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let mut other = recorded();
    other.source.as_mut().unwrap().staff_id = "secret".into();
    client.posting.check(post(vec![other.clone()])).await.unwrap();
    assert_eq!(refused(&lab.data(), LOG).await, [], "a Check is no attempt");
    for _ in 0..2 {
        client.post(LOG, vec![other.clone()]).await.unwrap_err();
    }
    client.post(LOG, vec![event(&case("received"), &at("17:00"), decided())]).await.unwrap_err();
    let kept = refused(&lab.data(), LOG).await;
    let codes: Vec<_> = kept.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["XE-IDENTITY-REUSED", "XE-IDENTITY-REUSED", "XE-CASE-NOT-ACCEPTED"]);
    assert!(kept.iter().all(|(_, digest)| digest.len() == 32) && kept[0].1 == kept[1].1 && kept[1].1 != kept[2].1);
    let first = client.post(LOG, vec![recorded()]).await.unwrap().receipts.remove(0);
    assert!(first.duplicate, "what stands is not touched");
    assert!(server.stop().await.success());
    for entry in std::fs::read_dir(lab.data().join("journal")).unwrap() {
        let path = entry.unwrap().path();
        let holds = std::fs::read(&path).unwrap().windows(6).any(|bytes| bytes == b"secret");
        assert!(!holds, "{} holds what was refused", path.display());
    }
}

/// A scope of the log over a month, changed.
fn asked(change: impl FnOnce(&mut MetricScope)) -> Option<MetricScope> {
    let mut scope = scope(LOG, ("2026-04-01", "2026-04-30"), "");
    change(&mut scope);
    Some(scope)
}

fn known_at(position: u64) -> Option<KnownAt> {
    Some(KnownAt { bound: Some(Bound::Position(position)) })
}

/// A question that is refused: its name, what came, and what must be said of it.
type Refused = (&'static str, Option<Status>, Expected);

async fn of_scopes(client: &mut Client, far: u64) -> Vec<Refused> {
    use Grpc::{InvalidArgument, NotFound, OutOfRange};
    let names: Vec<String> = (0..101).map(|n| format!("log-{n}")).collect();
    let ahead = LogPosition { log: LOG.into(), position: far };
    let of = |name: &str| xiaoer_wire::v1::Dimension { name: name.into(), value: "1".into() };
    let lines = [
        ("unknown dimension", asked(|s| s.r#where = vec![of("weather")]), ("XE-DIMENSION", InvalidArgument, "scope.where[0].name")),
        (
            "a period that ends before it begins",
            asked(|s| s.period = Some(Period { from: "2026-04-30".into(), to: "2026-04-01".into() })),
            ("XE-SCOPE", InvalidArgument, "scope.period"),
        ),
        (
            "no such day",
            asked(|s| s.period = Some(Period { from: "2026-4-1".into(), to: String::new() })),
            ("XE-FIELD-INVALID", InvalidArgument, "scope.period.from"),
        ),
        ("no log", asked(|s| s.logs.clear()), ("XE-SCOPE", InvalidArgument, "scope.logs")),
        ("101 logs", asked(|s| s.logs = names), ("XE-SCOPE", InvalidArgument, "scope.logs")),
        ("a log twice", asked(|s| s.logs.push(LOG.into())), ("XE-SCOPE", InvalidArgument, "scope.logs[1]")),
        ("unknown log", asked(|s| s.logs.push("nowhere".into())), ("XE-LOG-UNKNOWN", NotFound, "scope.logs[1]")),
        (
            "a position of two logs",
            asked(|s| {
                s.logs.push(SYNTHETIC.into());
                s.known_at = known_at(1);
            }),
            ("XE-SCOPE", InvalidArgument, "scope.known_at.position"),
        ),
        ("a position ahead", asked(|s| s.known_at = known_at(far)), ("XE-POSITION-AHEAD", OutOfRange, "scope.known_at")),
        ("at least ahead", asked(|s| s.at_least = vec![ahead]), ("XE-POSITION-AHEAD", OutOfRange, "scope.at_least")),
        ("a day ahead", asked(|s| s.valid_on = "2199-01-01".into()), ("XE-VALID-ON-AHEAD", OutOfRange, "scope.valid_on")),
    ];
    let mut refused = Vec::new();
    for (name, scope, (code, status, field)) in lines {
        // Figure, members and series read a scope alike.
        let metric = || "backlog_promised".to_owned();
        let figure = client.metrics.get_metric(GetMetricRequest { metric_id: metric(), scope: scope.clone() }).await.err();
        let members = client.audit.explain_metric(ExplainMetricRequest { metric_id: metric(), scope: scope.clone() }).await.err();
        refused.extend([(name, figure, (code, status, field, "")), (name, members, (code, status, field, ""))]);
        if field != "scope.period.from" {
            let series = GetSeriesRequest { metric_id: metric(), scope, ..GetSeriesRequest::default() };
            refused.push((name, client.metrics.get_series(series).await.err(), (code, status, field, "")));
        }
    }
    refused
}

async fn of_questions(client: &mut Client, far: u64) -> Vec<Refused> {
    use Grpc::{InvalidArgument, NotFound, OutOfRange};
    let state = || GetStateRequest { log: LOG.into(), subject: Some(case("received")), ..GetStateRequest::default() };
    let cases = || ListCasesRequest { log: LOG.into(), ..ListCasesRequest::default() };
    let metric = GetMetricRequest { metric_id: "weather".into(), scope: asked(|_| ()) };
    let series = |by: &str, from: &str| GetSeriesRequest {
        metric_id: "backlog_promised".into(),
        scope: asked(|scope| scope.period.as_mut().unwrap().from = from.into()),
        step: SeriesStep::Day.into(),
        by: by.into(),
    };
    let token = client.audit.list_cases(ListCasesRequest { page_size: 1, ..cases() }).await.unwrap().into_inner().next_page_token;
    let (position, rest) = token.split_once('.').expect("a token of parts");
    let day_cut = format!("{position}.{}", rest.split_once('.').map(|(day, rest)| format!("{}.{rest}", &day[2..])).unwrap());
    let with_token = |token: &str| ListCasesRequest { page_token: token.into(), ..cases() };
    let unknown = GetStateRequest { subject: Some(case("nobody")), ..state() };
    let replay = ReplayRequest { log: LOG.into(), subject: Some(case("nobody")), ..ReplayRequest::default() };
    let early = GetStateRequest { known_at: known_at(1), ..state() };
    let part = GetStateRequest { subject: Some(Subject { id: String::new(), ..case("received") }), ..state() };
    let follow =
        |after_leaf_hash| SubscribeRequest { log: LOG.into(), after_position: far, after_leaf_hash, ..SubscribeRequest::default() };
    let nowhere = || "nowhere".to_owned();
    let open =
        |log: &str, time_zone: &str| OpenLogRequest { log: log.into(), time_zone: time_zone.into(), ..OpenLogRequest::default() };
    let (audit, metrics, admin) = (&mut client.audit, &mut client.metrics, &mut client.admin);
    type Asked = (&'static str, Option<Status>, (&'static str, Grpc, &'static str));
    let lines: Vec<Asked> = vec![
        ("unknown metric", metrics.get_metric(metric).await.err(), ("XE-METRIC-UNKNOWN", NotFound, "metric_id")),
        (
            "a series of days",
            metrics.get_series(series("", "1999-01-01")).await.err(),
            ("XE-SERIES-TOO-LONG", InvalidArgument, "scope.period"),
        ),
        (
            "a series without a begin",
            metrics.get_series(series("", "")).await.err(),
            ("XE-FIELD-MISSING", InvalidArgument, "scope.period"),
        ),
        (
            "a series by nothing",
            metrics.get_series(series("weather", "2026-04-01")).await.err(),
            ("XE-DIMENSION", InvalidArgument, "by"),
        ),
        (
            "unknown log",
            audit.get_state(GetStateRequest { log: nowhere(), ..state() }).await.err(),
            ("XE-LOG-UNKNOWN", NotFound, "log"),
        ),
        ("unknown subject", audit.get_state(unknown).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        ("unknown history", audit.replay(replay).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        ("a subject before it was known", audit.get_state(early).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        (
            "no subject",
            audit.get_state(GetStateRequest { subject: None, ..state() }).await.err(),
            ("XE-FIELD-MISSING", InvalidArgument, "subject"),
        ),
        ("half a subject", audit.get_state(part).await.err(), ("XE-FIELD-MISSING", InvalidArgument, "subject.id")),
        (
            "a position ahead",
            audit.get_state(GetStateRequest { known_at: known_at(far), ..state() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "known_at"),
        ),
        (
            "at least ahead",
            audit.get_state(GetStateRequest { at_least: far, ..state() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "at_least"),
        ),
        (
            "cases at least ahead",
            audit.list_cases(ListCasesRequest { at_least: far, ..cases() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "at_least"),
        ),
        (
            "a day ahead",
            audit.get_state(GetStateRequest { valid_on: "2199-01-01".into(), ..state() }).await.err(),
            ("XE-VALID-ON-AHEAD", OutOfRange, "valid_on"),
        ),
        ("no token", audit.list_cases(with_token("token")).await.err(), ("XE-PAGE-TOKEN", InvalidArgument, "page_token")),
        ("half a token", audit.list_cases(with_token(position)).await.err(), ("XE-PAGE-TOKEN", InvalidArgument, "page_token")),
        (
            "a token that was changed",
            audit.list_cases(with_token(&day_cut)).await.err(),
            ("XE-PAGE-TOKEN", InvalidArgument, "page_token"),
        ),
        (
            "further than there is",
            audit.subscribe(follow(Vec::new())).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "after_position"),
        ),
        (
            "another log's end",
            audit.subscribe(follow(vec![1; 32])).await.err(),
            ("XE-LOG-REWOUND", Grpc::DataLoss, "after_position"),
        ),
        (
            "a log in another zone",
            admin.open_log(open(LOG, "Asia/Urumqi")).await.err(),
            ("XE-LOG-DIFFERS", Grpc::AlreadyExists, "log"),
        ),
        (
            "no zone",
            admin.open_log(open("elsewhere", "Moon/Tycho")).await.err(),
            ("XE-FIELD-INVALID", InvalidArgument, "time_zone"),
        ),
        ("no name", admin.open_log(open("No_Log", "")).await.err(), ("XE-LOG-NAME", InvalidArgument, "log")),
    ];
    lines.into_iter().map(|(name, status, (code, grpc, field))| (name, status, (code, grpc, field, ""))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_question_is_refused_and_every_code_has_its_line() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    prepare(&mut client).await;
    let before = standing_of(&mut client, LOG, &case("received")).await;
    let far = before.0 + 1_000_000;
    let mut questions = of_scopes(&mut client, far).await;
    questions.extend(of_questions(&mut client, far).await);
    let mut codes: BTreeSet<&str> = lines().iter().map(|line| line.expected.0).collect();
    for (name, status, expected) in questions {
        let status = status.unwrap_or_else(|| panic!("{name} is answered"));
        check(name, "asked", &refusal_in(&status), expected);
        codes.insert(expected.0);
    }
    assert_eq!(standing_of(&mut client, LOG, &case("received")).await, before);
    let status = client.admin.get_status(xiaoer_wire::v1::GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.logs.len(), 2, "no log was opened");
    let every: BTreeSet<&str> = Code::ALL.iter().filter(|code| !OF_THE_WORLD.contains(code)).map(|code| code.as_str()).collect();
    assert_eq!(codes, every, "every code has a line, here or in `posting.rs`");
    tokio::time::timeout(Duration::from_secs(60), server.stop()).await.expect("it stops");
}
