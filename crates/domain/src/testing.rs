//! What tests are told with: days, events and histories in a few words.
//!
//! Only for tests. Days are of 2026 and local (Asia/Shanghai) where nothing else is said; the calendar is that of domain.md
//! section 6.

use crate::event::{
    CalendarPublished, CaseAccepted, CaseReceived, Channel, CorrectionSubmitted, Event, Fact, FirstCheck, ItemType, ItemVersion,
    JointMember, JointOpened, JointResult, Limit, LimitUnit, NoticeForm, NoticeGiven, ProcedureEnded, ProcedureKind,
    ProcedureStarted, Recorded, Replaced, Routed, RuleSet, RuleValue, SubOpinion, ToleranceGranted, ToleranceList, Voided,
};
use crate::event::{
    DrawingConclusion, DrawingConclusionIssued, DrawingOpinionGiven, DrawingPoint, DrawingReviewOpened, DrawingSubmitted,
    InspectionDone, InspectionScheduled, LinkedProcedure, LinkedSessionHeld, RemoteOpinionGiven, SeparateAssessmentDemanded,
    SetVersion, SubjectKind, SubjectRegistered, ZoneAssessmentApplied, ZoneAssessmentApproved,
};
use crate::history::History;
use crate::ids::{Identity, Subject, kind};
use crate::knowledge::Knowledge;
use jiff::Timestamp;
use jiff::civil::{Date, Time, date, time};
use jiff::tz::TimeZone;
use std::io::Write;
use uuid::Uuid;

/// The item of [`knowledge`].
pub const ITEM: &str = "permit";
/// A unit whose code passes its check.
pub const UNIT: &str = "11370306XXXX00019K";

/// `MM-DD` of 2026, or a whole date.
pub fn day(text: &str) -> Date {
    let whole = if text.len() == 5 { format!("2026-{text}") } else { text.to_owned() };
    whole.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// 2026 as published on 2025-11-04.
pub fn calendar_2026() -> CalendarPublished {
    let spans = [("01-01", 3), ("02-15", 9), ("04-04", 3), ("05-01", 5), ("06-19", 3), ("09-25", 3), ("10-01", 7)];
    let off = spans.into_iter().flat_map(|(first, n)| (0..n).map(move |i| day(first) + jiff::Span::new().days(i)));
    let work = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"].into_iter().map(day);
    let days = off.map(|day| (day, false)).chain(work.map(|day| (day, true))).collect();
    CalendarPublished { year: 2026, version: 1, days }
}

/// A limit in working days.
pub fn wd(n: u32) -> Option<Limit> {
    Some(Limit { n, unit: LimitUnit::WorkingDay })
}

/// A version of the item: promised 8, statutory 20 working days; silence accepts.
pub fn item_version(version: &str) -> ItemVersion {
    ItemVersion {
        version: version.into(),
        item_type: ItemType::Permit,
        lead_unit: UNIT.into(),
        online: false,
        steps: 0,
        materials: Vec::new(),
        statutory: wd(20),
        promised: wd(8),
        deemed_acceptance: true,
        visit_limit: Some(0),
        in_force_from: date(2025, 1, 1),
    }
}

/// An event of a subject, by the system `s`, at a local time of its day; `id` is its identity.
pub fn event_of(subject: &Subject, id: u128, day: Date, at: Time, fact: Fact) -> Event {
    let occurred_at = day.to_datetime(at).to_zoned_datetime(zone()).unwrap().timestamp();
    let (unit, staff, window) = (UNIT.into(), "w-1".into(), "".into());
    Event { identity: identity(id), subject: subject.clone(), occurred_at, day, source_seq: None, unit, staff, window, fact }
}

/// An event as the log holds it, at a position, recorded when it happened.
pub fn recorded(position: u64, event: Event) -> Recorded {
    Recorded { position, revision: position, recorded_at: event.occurred_at, record_mode: false, event: event.into() }
}

/// The subjects of the tests.
pub fn subject(kind: &str) -> Subject {
    let id = match kind {
        kind::ITEM => ITEM,
        kind::UNIT => UNIT,
        _ => "1",
    };
    Subject::new(kind, "s", id)
}

/// The identity of a number.
pub fn identity(id: u128) -> Identity {
    Identity { system: "s".into(), event_id: Uuid::from_u128(id) }
}

/// Asia/Shanghai.
pub fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// An instant of a day, local.
pub fn at(text: &str, hour: i8) -> Timestamp {
    day(text).to_datetime(time(hour, 0, 0, 0)).to_zoned_datetime(zone()).unwrap().timestamp()
}

/// A history of the events, numbered from 1, each at its day's 09:00 and later ones of a day a minute after.
pub fn history<D: AsRef<str>>(kind: &str, facts: &[(D, Fact)]) -> History {
    let mut history = History::new(subject(kind));
    for recorded in stream(kind, facts) {
        history.insert(recorded);
    }
    history
}

/// The events of [`history`], in the order given.
pub fn stream<D: AsRef<str>>(kind: &str, facts: &[(D, Fact)]) -> Vec<Recorded> {
    (1..)
        .zip(facts)
        .map(|(position, (on, fact))| {
            let minute = i8::try_from(position % 60).unwrap();
            let mut event = event_of(&subject(kind), u128::from(position), day(on.as_ref()), time(9, minute, 0, 0), fact.clone());
            if matches!(fact, Fact::SubOpinionGiven(_)) {
                // Of a member, whichever it is.
                event.unit = "".into();
            }
            recorded(position, event)
        })
        .collect()
}

/// The year 2026, one version `1` of the item, and these rules from 2018 on.
pub fn knowledge(rules: &[(&str, RuleValue)]) -> Knowledge {
    let mut known = Knowledge::new(zone(), false);
    let mut facts = vec![(kind::LOG, Fact::CalendarPublished(calendar_2026()))];
    facts.push((kind::ITEM, Fact::ItemVersionPublished(Box::new(item_version("1")))));
    facts.extend(rules.iter().map(|(id, value)| (kind::LOG, rule(id, value.clone()))));
    apply(&mut known, &facts);
    known
}

/// Takes registry facts in, all on 2025-11-05.
pub fn apply(known: &mut Knowledge, facts: &[(&str, Fact)]) {
    for (position, (kind, fact)) in (1..).zip(facts) {
        let event = event_of(&subject(kind), u128::from(position), date(2025, 11, 5), Time::midnight(), fact.clone());
        known.apply(&recorded(position, event));
    }
}

/// Publishes one more version of the item; versions are numbers.
pub fn publish(known: &mut Knowledge, version: ItemVersion) {
    let number: u64 = version.version.parse().unwrap();
    let fact = Fact::ItemVersionPublished(Box::new(version));
    let event = event_of(&subject(kind::ITEM), u128::from(1_000 + number), date(2025, 11, 5), Time::midnight(), fact);
    known.apply(&recorded(1_000 + number, event));
}

/// A rule value in force from 2018 on.
pub fn rule(rule_id: &str, value: RuleValue) -> Fact {
    Fact::RuleSet(RuleSet { rule_id: rule_id.into(), value, in_force_from: date(2018, 1, 1), authority: "".into() })
}

/// `CaseReceived` of version 1 of the item.
pub fn received() -> Fact {
    let (item_code, item_version) = (ITEM.into(), "1".into());
    let (channel, window, materials) = (Channel::Online, "".into(), Vec::new());
    Fact::CaseReceived(CaseReceived { item_code, item_version, channel, window, materials, renews_until: None })
}

/// The same, to renew a licence whose last day this is.
pub fn renewal(until: &str) -> Fact {
    let Fact::CaseReceived(received) = received() else { unreachable!() };
    Fact::CaseReceived(CaseReceived { renews_until: Some(day(until)), ..received })
}

/// `NoticeGiven`.
pub fn notice(id: &str) -> Fact {
    Fact::NoticeGiven(NoticeGiven { notice_id: id.into(), form: NoticeForm::Written, items: Vec::new() })
}

/// `FirstCheckDone`, at the window of the event.
pub fn checked() -> Fact {
    Fact::FirstCheckDone(FirstCheck { window: "".into() })
}

/// `CorrectionSubmitted`.
pub fn corrected(notice: &str) -> Fact {
    Fact::CorrectionSubmitted(CorrectionSubmitted { notice_id: notice.into(), materials: Vec::new() })
}

/// `CaseAccepted`, with no promised date.
pub fn accepted() -> Fact {
    Fact::CaseAccepted(CaseAccepted { tolerance: false, promised_due: None })
}

/// `ToleranceGranted`, with the list handed over.
pub fn granted(missing: &[&str], promised_on: &str) -> Fact {
    let missing = missing.iter().map(|code| (*code).into()).collect();
    Fact::ToleranceGranted(ToleranceGranted { missing, promised_on: day(promised_on), told: true })
}

/// `ToleranceListPublished` of a version.
pub fn tolerance_list(version: &str, materials: &[(&str, u32)]) -> Fact {
    let materials = materials.iter().map(|(code, max_wd)| ((*code).into(), *max_wd)).collect();
    Fact::ToleranceListPublished(ToleranceList { version: version.into(), materials })
}

/// `SubjectRegistered` of a project in the zone `1`, to which these procedures apply.
pub fn project(new_from: Option<&str>, linked: &[LinkedProcedure]) -> Fact {
    let (kind, zone_id, linked) = (SubjectKind::Project, "1".into(), linked.into());
    Fact::SubjectRegistered(SubjectRegistered { kind, new_from: new_from.map(day), zone_id, linked })
}

/// `ZoneAssessmentApproved`, from a day to another, or without end.
pub fn approved(id: &str, kind: &str, from: &str, to: Option<&str>) -> Fact {
    let (assessment_id, kind, valid_from, valid_to) = (id.into(), kind.into(), day(from), to.map(day));
    Fact::ZoneAssessmentApproved(ZoneAssessmentApproved { assessment_id, kind, valid_from, valid_to })
}

/// `ZoneAssessmentApplied`, of the zone `1`.
pub fn applied(id: &str) -> Fact {
    Fact::ZoneAssessmentApplied(ZoneAssessmentApplied { zone_id: "1".into(), assessment_id: id.into() })
}

/// `SeparateAssessmentDemanded`.
pub fn demanded(kind: &str, reason: &str) -> Fact {
    Fact::SeparateAssessmentDemanded(SeparateAssessmentDemanded { kind: kind.into(), reason: reason.into() })
}

/// `LinkedSessionHeld`, by video or not.
pub fn session(id: &str, remote: bool, units: &[&str]) -> Fact {
    let (session_id, units) = (id.into(), units.iter().map(|unit| (*unit).into()).collect());
    Fact::LinkedSessionHeld(LinkedSessionHeld { session_id, units, remote })
}

/// `RemoteOpinionGiven`.
pub fn remote_opinion(session: &str, unit: &str) -> Fact {
    Fact::RemoteOpinionGiven(RemoteOpinionGiven { session_id: session.into(), unit: unit.into() })
}

/// A version of a project's only set of drawings.
fn version_of(version: &str) -> SetVersion {
    SetVersion { set_id: "".into(), version: version.into() }
}

/// `DrawingSubmitted`, with the sheets that changed.
pub fn submitted(version: &str, changed: &[&str]) -> Fact {
    let changed_sheets = changed.iter().map(|sheet| (*sheet).into()).collect();
    Fact::DrawingSubmitted(DrawingSubmitted { of: version_of(version), changed_sheets })
}

/// `DrawingReviewOpened`, for the specialties `fire` and `lightning`.
pub fn opened(version: &str) -> Fact {
    let specialties = ["fire", "lightning"].map(Into::into).into();
    Fact::DrawingReviewOpened(DrawingReviewOpened { of: version_of(version), specialties })
}

/// `DrawingOpinionGiven`; each point is a sheet and a code.
pub fn points(version: &str, specialty: &str, points: &[(&str, &str)]) -> Fact {
    let point = |(sheet, code): &(&str, &str)| DrawingPoint { sheet: (*sheet).into(), code: (*code).into() };
    let (of, specialty, points) = (version_of(version), specialty.into(), points.iter().map(point).collect());
    Fact::DrawingOpinionGiven(DrawingOpinionGiven { of, specialty, points })
}

/// `DrawingConclusionIssued`.
pub fn concluded(version: &str, result: DrawingConclusion) -> Fact {
    Fact::DrawingConclusionIssued(DrawingConclusionIssued { of: version_of(version), result })
}

/// `JointCaseOpened` of a stage for the project `1`, with one member.
pub fn joint_for_project(stage: &str) -> Fact {
    let member = JointMember { unit: UNIT.into(), sub_case: part("a"), limit: wd(7), item: "".into() };
    let (project, members) = (Some(subject(kind::SUBJECT)), vec![member]);
    Fact::JointCaseOpened(JointOpened { project, stage: stage.into(), lead: UNIT.into(), members })
}

/// `SiteInspectionScheduled`.
pub fn inspection_planned(visit: &str, on: &str, units: &[&str]) -> Fact {
    let units = units.iter().map(|unit| (*unit).into()).collect();
    Fact::SiteInspectionScheduled(InspectionScheduled { visit_id: visit.into(), units, on: day(on) })
}

/// `SiteInspectionDone`.
pub fn inspected(visit: &str, present: &[&str]) -> Fact {
    let present = present.iter().map(|unit| (*unit).into()).collect();
    Fact::SiteInspectionDone(InspectionDone { visit_id: visit.into(), present })
}

/// `SpecialProcedureStarted` of an expert review.
pub fn started(id: &str, told: bool) -> Fact {
    Fact::SpecialProcedureStarted(ProcedureStarted {
        proc_id: id.into(),
        kind: ProcedureKind::ExpertReview,
        told_at: told_at(told),
        sub_case: None,
    })
}

/// When the applicant was told in writing, where somebody told: long before.
pub fn told_at(told: bool) -> Option<Timestamp> {
    told.then(|| at("01-05", 9))
}

/// `JointCaseOpened` of members: unit, number of the part, limit in working days. The lead is [`UNIT`].
pub fn joined(members: &[(&str, &str, u32)]) -> Fact {
    let member = |(unit, no, n): &(&str, &str, u32)| JointMember {
        unit: (*unit).into(),
        sub_case: part(no),
        limit: wd(*n),
        item: "".into(),
    };
    let members = members.iter().map(member).collect();
    Fact::JointCaseOpened(JointOpened { project: None, stage: "acceptance".into(), lead: UNIT.into(), members })
}

/// The part of a joint case with this number.
pub fn part(no: &str) -> Subject {
    Subject::new(kind::CASE, "s", no)
}

/// `CaseRoutedToDept`.
pub fn routed(unit: &str) -> Fact {
    Fact::CaseRoutedToDept(Routed { unit: unit.into() })
}

/// `SubOpinionGiven` on a part: it passes.
pub fn opinion(no: &str) -> Fact {
    Fact::SubOpinionGiven(SubOpinion { sub_case: part(no), opinion: JointResult::Pass })
}

/// `SpecialProcedureStarted` of a part, a test that the applicant was told of.
pub fn part_started(id: &str, no: &str) -> Fact {
    let (proc_id, kind) = (id.into(), ProcedureKind::Testing);
    Fact::SpecialProcedureStarted(ProcedureStarted { proc_id, kind, told_at: told_at(true), sub_case: Some(part(no)) })
}

/// `SpecialProcedureEnded`.
pub fn ended(id: &str) -> Fact {
    Fact::SpecialProcedureEnded(ProcedureEnded { proc_id: id.into() })
}

/// `EventVoided` of the event with this number.
pub fn voided(id: u128) -> Fact {
    Fact::EventVoided(Voided { target: identity(id), authority: "".into() })
}

/// `EventReplaced` of one event by another.
pub fn replaced(id: u128, by: u128) -> Fact {
    Fact::EventReplaced(Replaced { target: identity(id), by_event: identity(by), authority: "".into() })
}

/// The calendars that come with the program, 2004 to 2026: a test of `wire` holds them against the reference data.
#[allow(clippy::disallowed_methods)] // Tests may read.
pub fn seeded_years() -> Vec<CalendarPublished> {
    let year = |year: i16| {
        let path = format!("{}/../../seeds/calendar/cn/{year}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let days = json["days"].as_array().unwrap().iter();
        let days = days.map(|it| (day(it["date"].as_str().unwrap()), it["kind"] == "DAY_KIND_WORK")).collect();
        CalendarPublished { year, version: 1, days }
    };
    (2004..=2026).map(year).collect()
}

/// A file of the reference data beside the repository. Where the folder is not there the test says so and ends; it goes around
/// the capture of output, so that nobody takes the silence for success.
#[allow(clippy::disallowed_methods)] // Tests may read.
pub fn reference(path: &str) -> Option<String> {
    let whole = format!("{}/../../../shared/data/{path}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&whole).ok();
    if text.is_none() {
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr(), "DID NOT RUN: {name}: no {whole}");
    }
    text
}
