//! The table of wrong posts, and what stands before it.

use super::{Expected, LOG, SYNTHETIC, at, sealed};
use bytes::Bytes;
use prost::Message;
use serde_json::{Value, json};
use tonic::Code as Grpc;
use xiaoer_tests::{UNIT, case, event, on};
use xiaoer_wire::{
    time::Timestamp,
    v1::{Event, PostRequest, Subject, event::Fact},
};

/// A unit that nobody registers; its code passes its check.
const UNIT_UNREGISTERED: &str = "11370306XXXX00027E";

/// A wrong request to post, and what must be said of it.
pub(super) struct Line {
    pub name: &'static str,
    pub request: Bytes,
    /// The thing it is about.
    pub log: &'static str,
    pub subject: Subject,
    pub expected: Expected,
}

pub(super) fn post(events: Vec<Event>) -> PostRequest {
    PostRequest { log: LOG.into(), events, ..PostRequest::default() }
}

/// A request that nothing is wrong with but what a line changes.
pub(super) fn good() -> PostRequest {
    post(vec![event(&case("received"), &at("17:00"), json!({"caseNoteRecorded": {"code": "seen"}}))])
}

fn line(name: &'static str, request: PostRequest, expected: Expected) -> Line {
    other(name, LOG, request, expected)
}

/// A line of another log than the first.
pub(super) fn other(name: &'static str, log: &'static str, request: PostRequest, expected: Expected) -> Line {
    let subject = request.events.first().and_then(|event| event.subject.clone()).unwrap_or_else(|| case("received"));
    Line { name, log, subject, expected, request: request.encode_to_vec().into() }
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

pub(super) fn decided() -> Value {
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
        "statutoryLimit": limit(20), "promisedLimit": limit(promised), "inForceFrom": "2026-04-21"}})
}

/// Another version of an item of [`item_version`].
fn next_version(promised: u32, from: &str) -> Value {
    let mut next = item_version(promised);
    next["itemVersionPublished"]["version"] = "2".into();
    next["itemVersionPublished"]["inForceFrom"] = format!("2026-{from}").into();
    next
}

fn limit_changed(version: &str, old: u32, new: u32) -> Value {
    let limit = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    json!({"itemLimitChanged": {"version": version, "promisedOld": limit(old), "promisedNew": limit(new), "inForceFrom": "2026-05-01"}})
}

fn edition(items: &[&str]) -> Value {
    json!({"itemFlowsConsolidated": {"categories": [{"code": items[0], "itemCodes": items}]}})
}

/// A version promised 8 working days, of which the lease may follow, and one that is decided at once.
fn tolerant() -> Vec<Value> {
    let material = |code: &str, ok: bool| json!({"code": code, "required": true, "toleranceOk": ok});
    let version = |version: &str, promised: Value| {
        json!({"itemVersionPublished": {"version": version, "name": "permit", "promisedLimit": promised, "inForceFrom": "2026-04-21",
            "steps": [{"step": "S", "materials": [material("form", false), material("lease", true)]}]}})
    };
    vec![version("1", json!({"n": 8, "unit": "LIMIT_UNIT_WORKING_DAY"})), version("2", json!({"unit": "LIMIT_UNIT_IMMEDIATE"}))]
}

/// A receipt of a version of [`tolerant`] with the form.
fn of_tolerant(version: &str) -> Value {
    json!({"caseReceived": {"itemCode": "tolerant", "itemVersion": version, "materials": ["form"]}})
}

fn granted(missing: &str, promised_on: &str) -> Value {
    let undertaking = json!({"ref": "undertaking", "commitment": "A".repeat(43) + "="});
    json!({"toleranceGranted": {"missing": [missing], "promisedOn": promised_on, "undertakingRef": undertaking}})
}

/// A joint case of one part.
fn joined() -> Vec<Value> {
    let member = json!({"usci": UNIT, "subCase": {"system": "dept", "no": "1"}});
    vec![received(), accepted(), json!({"jointCaseOpened": {"stage": "acceptance", "leadUsci": UNIT, "members": [member]}})]
}

fn opinion(no: &str) -> Value {
    json!({"subOpinionGiven": {"subCase": {"system": "dept", "no": no}, "opinion": "JOINT_RESULT_PASS"}})
}

fn inspected() -> Value {
    json!({"siteInspectionDone": {"visitId": "v", "present": [UNIT]}})
}

fn made_good(code: &str) -> Value {
    json!({"deficiencyMadeGood": {"materialCode": code}})
}

fn project() -> Value {
    json!({"subjectRegistered": {"subjectKind": "SUBJECT_KIND_PROJECT", "zoneId": "zone"}})
}

fn assessment(id: &str, last: &str) -> Value {
    json!({"zoneAssessmentApproved": {"assessmentId": id, "kind": "water", "validFrom": "2026-01-01", "validTo": last}})
}

fn applied(id: &str) -> Value {
    json!({"zoneAssessmentApplied": {"zoneId": "zone", "assessmentId": id}})
}

fn session() -> Value {
    json!({"linkedSessionHeld": {"sessionId": "s", "units": [UNIT], "remote": true}})
}

fn remote_opinion(session: &str, unit: &str) -> Value {
    json!({"remoteOpinionGiven": {"sessionId": session, "unitUsci": unit, "opinion": "REMOTE_OPINION_AGREE"}})
}

/// A fact of a version of the only set of drawings.
fn drawing(name: &str, version: &str, mut with: Value) -> Value {
    with["setVersion"] = version.into();
    json!({ name: with })
}

fn submitted(version: &str) -> Value {
    drawing("drawingSubmitted", version, json!({}))
}

fn review(version: &str) -> Value {
    drawing("drawingReviewOpened", version, json!({"specialties": ["fire"]}))
}

fn concluded(version: &str) -> Value {
    drawing("drawingConclusionIssued", version, json!({"result": "DRAWING_CONCLUSION_RESULT_PASS"}))
}

fn rule(id: &str, value: Value) -> Value {
    json!({"ruleSet": {"ruleId": id, "value": value, "inForceFrom": "2026-01-01"}})
}

fn calendar(version: u32, day: &str) -> Value {
    json!({"calendarPublished": {"year": 2026, "version": version, "days": [{"date": day, "kind": "DAY_KIND_OFF"}]}})
}

/// What stands before the table: things in each state, named after it.
pub(super) fn standing() -> Vec<(Subject, Vec<Value>)> {
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
        (on("item", "cancelled"), vec![item_version(8), json!({"itemCancelled": {}})]),
        (on("item", "announced"), vec![item_version(8), limit_changed("2", 8, 5)]),
        (on("edition", "1"), vec![edition(&["published"])]),
        (on("item", "tolerant"), tolerant()),
        (case("joined"), [joined(), vec![opinion("1"), inspected()]].concat()),
        (case("concluded"), [joined(), vec![json!({"jointConcluded": {"result": "JOINT_RESULT_PASS"}})]].concat()),
        (on("zone", "zone"), vec![assessment("w1", "")]),
        (on("subject", "project"), vec![project(), session(), submitted("1")]),
        (on("subject", "reviewed"), vec![project(), submitted("1"), review("1"), concluded("1")]),
        (case("tolerable"), vec![of_tolerant("1")]),
        (case("main"), vec![json!({"caseReceived": {"itemCode": "tolerant", "itemVersion": "1", "materials": ["photo"]}})]),
        (case("immediate"), vec![of_tolerant("2")]),
        (case("tolerated"), vec![of_tolerant("1"), granted("lease", "2026-04-24"), accepted()]),
        (
            case("closed"),
            vec![
                of_tolerant("1"),
                granted("lease", "2026-04-24"),
                json!({"toleranceClosed": {"outcome": "TOLERANCE_OUTCOME_LATE"}}),
            ],
        ),
    ]
}

/// The events of a thing that stands, a minute apart.
pub(super) fn told(subject: &Subject, facts: Vec<Value>) -> Vec<Event> {
    facts.into_iter().enumerate().map(|(minute, fact)| event(subject, &at(&format!("09:{minute:02}")), fact)).collect()
}

/// The one event of the case `received`, recorded already.
pub(super) fn recorded() -> Event {
    told(&case("received"), vec![received()]).remove(0)
}

fn of_requests() -> Vec<Line> {
    use Grpc::{FailedPrecondition, InvalidArgument, NotFound};
    let soon = |minutes: i64| Some((jiff::Timestamp::now() + jiff::SignedDuration::from_mins(minutes)).into());
    let in_two_days =
        (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48)).to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
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
        request("a document of the day after tomorrow", |r| r.events[0].legal_date = Some(in_two_days.to_string()), {
            ("XE-TIME-AHEAD", InvalidArgument, "events[0].legal_date", "clock_skew_min")
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
        form("the nil UUID", |e| e.event_id = uuid::Uuid::nil().to_string(), "XE-EVENT-ID", "events[0].event_id"),
        form("the max UUID", |e| e.event_id = uuid::Uuid::max().to_string(), "XE-EVENT-ID", "events[0].event_id"),
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
    /// Field 2047, the number 1: far from the numbers of facts.
    const UNKNOWN: [u8; 3] = [0xf8, 0x7f, 0x01];
    let event = good().events.remove(0);
    let top = [good().encode_to_vec(), UNKNOWN.to_vec()].concat();
    let around = PostRequest { events: Vec::new(), ..good() }.encode_to_vec();
    let in_event = [around.clone(), inner(&[event.encode_to_vec(), UNKNOWN.to_vec()].concat())].concat();
    let subject = [event.subject.clone().unwrap().encode_to_vec(), UNKNOWN.to_vec()].concat();
    let whole_but_subject = Event { subject: None, ..event }.encode_to_vec();
    let in_subject = [around, inner(&[whole_but_subject, inner(&subject)].concat())].concat();
    let lines = [
        ("unknown field", top, "#2047"),
        ("of an event", in_event, "events[0].#2047"),
        ("of a subject", in_subject, "events[0].subject.#2047"),
    ];
    lines
        .map(|(name, bytes, field)| Line {
            request: bytes.into(),
            ..request(name, |_| (), ("XE-FIELD-UNKNOWN", Grpc::InvalidArgument, field, ""))
        })
        .into()
}

fn of_states() -> Vec<Line> {
    let (fresh, contact, project) = (case("new"), on("contact", "received"), on("subject", "project"));
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
        state(&case("joined"), joined().remove(2), "XE-JOINT-EXISTS", "case:Accepted:JointCaseOpened"),
        state(&case("accepted"), opinion("1"), "XE-JOINT-UNKNOWN", "case:Accepted:SubOpinionGiven"),
        state(&case("joined"), opinion("2"), "XE-JOINT-MEMBER", "case:Accepted:SubOpinionGiven"),
        state(&case("joined"), opinion("1"), "XE-OPINION-EXISTS", "case:Accepted:SubOpinionGiven"),
        state(&case("concluded"), opinion("1"), "XE-JOINT-CONCLUDED", "case:Accepted:SubOpinionGiven"),
        state(&case("joined"), inspected(), "XE-INSPECTION-EXISTS", "case:Accepted:SiteInspectionDone"),
        state(
            &case("joined"),
            json!({"inspectionAbsence": {"visitId": "w", "usci": UNIT}}),
            "XE-INSPECTION-UNKNOWN",
            "case:Accepted:InspectionAbsence",
        ),
        state(&case("tolerated"), granted("lease", "2026-04-24"), "XE-TOLERANCE-EXISTS", "case:Accepted:ToleranceGranted"),
        state(&case("tolerated"), made_good("form"), "XE-TOLERANCE-UNKNOWN", "case:Accepted:DeficiencyMadeGood"),
        state(&case("closed"), made_good("lease"), "XE-TOLERANCE-CLOSED", "case:Received:DeficiencyMadeGood"),
        state(&case("tolerable"), granted("form", "2026-04-24"), "XE-TOLERANCE-UNLISTED", "case:Received:ToleranceGranted"),
        state(&case("main"), granted("lease", "2026-04-24"), "XE-TOLERANCE-MAIN", "case:Received:ToleranceGranted"),
        state(&case("immediate"), granted("lease", "2026-04-24"), "XE-TOLERANCE-IMMEDIATE", "case:Received:ToleranceGranted"),
        state(&case("tolerable"), granted("lease", "2026-06-30"), "XE-TOLERANCE-LIMIT", "case:Received:ToleranceGranted"),
        state(&case("tolerated"), decided(), "XE-TOLERANCE-OPEN", "case:Accepted:CaseDecided"),
        state(&case("noticed"), alleged(), "XE-ALLEGATION-EXISTS", "case:CorrectionPending:NoticeBreachAlleged"),
        state(&case("noticed"), found, "XE-ALLEGATION-UNKNOWN", "case:CorrectionPending:NoticeBreachFound"),
        state(&on("contact", "new"), json!({"firstAskAnswered": {}}), "XE-CONTACT-UNKNOWN", "contact:None:FirstAskAnswered"),
        state(&contact, json!({"firstAskReceived": {}}), "XE-CONTACT-EXISTS", "contact:Received:FirstAskReceived"),
        state(&contact, json!({"firstAskAccepted": {"byStaff": "2"}}), "XE-HANDOVER-MISSING", "contact:Received:FirstAskAccepted"),
        state(&on("visit", "new"), cause, "XE-VISIT-UNKNOWN", "visit:None:VisitCauseDecided"),
        state(&on("visit", "visited"), visited(), "XE-VISIT-EXISTS", "visit:Visited:ApplicantVisited"),
        state(&on("subject", "new"), session(), "XE-PROJECT-UNKNOWN", "subject:Unregistered:LinkedSessionHeld"),
        state(&project, applied("w2"), "XE-ASSESSMENT-UNKNOWN", "subject:DrawingReview:ZoneAssessmentApplied"),
        state(&project, session(), "XE-SESSION-EXISTS", "subject:DrawingReview:LinkedSessionHeld"),
        state(&project, remote_opinion("t", UNIT), "XE-SESSION-UNKNOWN", "subject:DrawingReview:RemoteOpinionGiven"),
        state(&project, remote_opinion("s", UNIT_UNREGISTERED), "XE-NOT-INVITED", "subject:DrawingReview:RemoteOpinionGiven"),
        state(&project, submitted("1"), "XE-DRAWING-EXISTS", "subject:DrawingReview:DrawingSubmitted"),
        state(&project, concluded("1"), "XE-DRAWING-UNKNOWN", "subject:DrawingReview:DrawingConclusionIssued"),
        state(&on("subject", "reviewed"), submitted("2"), "XE-DRAWING-CONCLUDED", "subject:DrawingsConcluded:DrawingSubmitted"),
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
    let recovered = json!({"logRecovered": {
        "incarnation": 2, "keptPosition": "1", "lostFrom": "2", "lostTo": "2", "lostLeafHash": "A".repeat(43) + "=", "reason": "x",
    }});
    let void = |target: &Event| json!({"eventVoided": {"target": {"system": "hall", "eventId": target.event_id}}});
    let completion = told(&case("completed"), vec![received(), accepted(), decided(), json!({"caseCompleted": {}})]).remove(3);
    vec![
        fact("a genesis", &log, opened, ("XE-GENESIS", FailedPrecondition, "events[0].log_opened", "")),
        fact("a recovery", &log, recovered, ("XE-LOG-RECOVERED", FailedPrecondition, "events[0].log_recovered", "")),
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
        fact("a year that leaves a hole", &log, json!({"calendarPublished": {"year": 2029, "version": 1}}), {
            ("XE-CALENDAR-HOLE", FailedPrecondition, "events[0].calendar_published.year", "calendar")
        }),
        fact("a version in force before it was published", &on("item", "published"), next_version(7, "04-20"), {
            ("XE-ITEM-VERSION-BACKDATED", FailedPrecondition, "events[0].item_version_published.in_force_from", "S23")
        }),
        fact("a version of an item that was cancelled", &on("item", "cancelled"), next_version(7, "05-01"), {
            ("XE-ITEM-ENDED", FailedPrecondition, "events[0].item_version_published.in_force_from", "S23")
        }),
        fact("another limit than was announced", &on("item", "announced"), next_version(6, "05-01"), {
            ("XE-ITEM-LIMIT-DIFFERS", FailedPrecondition, "events[0].item_version_published.promised_limit", "S23")
        }),
        fact("a limit there never was", &on("item", "published"), limit_changed("2", 9, 5), {
            ("XE-ITEM-LIMIT-DIFFERS", FailedPrecondition, "events[0].item_limit_changed.promised_old", "S23")
        }),
        fact("an edition of what nobody published", &on("edition", "2"), edition(&["nothing"]), {
            ("XE-ITEM-UNKNOWN", FailedPrecondition, "events[0].fact", "edition:None:ItemFlowsConsolidated")
        }),
        fact(
            "an item in an edition twice",
            &on("edition", "1"),
            json!({"itemFlowsConsolidated": {
            "categories": [{"code": "more", "itemCodes": ["tolerant", "published"]}]}}),
            ("XE-EDITION", InvalidArgument, "events[0].item_flows_consolidated.categories[0].item_codes[1]", "S14"),
        ),
        fact(
            "a figure of a day to come",
            &on("district", "370302"),
            json!({"peerFigurePublished": {
            "figure": "PEER_FIGURE_ITEMS", "validOn": "2026-04-22"}}),
            ("XE-TIME-AHEAD", InvalidArgument, "events[0].peer_figure_published.valid_on", "S23"),
        ),
        fact("an assessment again", &on("zone", "zone"), assessment("w1", "2027-12-31"), {
            ("XE-ASSESSMENT-EXISTS", FailedPrecondition, "events[0].zone_assessment_approved.assessment_id", "S16")
        }),
        fact("an assessment that ends before it begins", &on("zone", "zone"), assessment("w2", "2025-12-31"), {
            ("XE-FIELD-INVALID", InvalidArgument, "events[0].zone_assessment_approved.valid_to", "")
        }),
        fact(
            "a list of a material that the version lacks",
            &on("item", "tolerant"),
            json!({"toleranceListPublished": {"version": "1", "materials": [{"code": "map"}]}}),
            ("XE-MATERIAL-UNKNOWN", InvalidArgument, "events[0].tolerance_list_published.materials[0].code", "S21"),
        ),
        fact("a void of nothing", &case("received"), void(&completion), {
            ("XE-VOID-TARGET", FailedPrecondition, "events[0].event_voided.target", "void")
        }),
        fact("a void of a closed case", &case("completed"), void(&completion), {
            ("XE-VOID-AUTHORITY", FailedPrecondition, "events[0].event_voided.authority", "case:Completed:EventVoided")
        }),
    ]
}

/// Facts that the vault alone states, and what belongs there and not into an event.
fn of_the_vault() -> Vec<Line> {
    let only = ("XE-VAULT-ONLY", Grpc::FailedPrecondition, "events[0].fact", "vault");
    let hold = json!({"holdId": "h", "authority": "a", "reason": "r"});
    let erased = json!({"kind": "VAULT_KIND_PERSON", "authority": "a", "reason": "r", "firstEpoch": 1, "lastEpoch": 1});
    let vault = |fact: &str, what: Value| json!({fact: what});
    let personal = "XE-PERSONAL-DATA";
    vec![
        fact("a hold that is posted", &on("person", "p"), vault("legalHoldPlaced", hold.clone()), only),
        fact("a lift that is posted", &on("person", "p"), vault("legalHoldLifted", hold), only),
        fact("an erasure that is posted", &on("person", "p"), vault("personErased", erased), only),
        fact("a record of who read what", &on("access", "a"), json!({"accessRecorded": {"log": LOG, "call": "c"}}), {
            ("XE-ACCESS-LOG", Grpc::FailedPrecondition, "events[0].fact", "access")
        }),
        fact("an epoch that is posted", &on("vault", "1"), vault("vaultEpochDestroyed", json!({"completed": "1"})), only),
        form(
            "an identity number",
            |e| e.subject.as_mut().unwrap().id = "11010519491231002X".into(),
            personal,
            "events[0].subject.id",
        ),
        form("a telephone", |e| e.source.as_mut().unwrap().staff_id = "13812345678".into(), personal, "events[0].source.staff_id"),
        form(
            "a telephone in a text",
            |e| e.fact = serde_json::from_value::<Event>(json!({"caseNoteRecorded": {"code": "tel 13812345678"}})).unwrap().fact,
            personal,
            "events[0].case_note_recorded.code",
        ),
    ]
}

/// The whole table.
pub(super) fn lines() -> Vec<Line> {
    [of_requests(), of_form(), of_bytes(), of_states(), of_registry(), of_the_vault(), sealed::lines()]
        .into_iter()
        .flatten()
        .collect()
}
