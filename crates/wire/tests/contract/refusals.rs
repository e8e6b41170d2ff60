//! What is refused at the gate, with its code and the path of the field.

use crate::examples::{self, case_received, event, event_ref, item_version, rule, text_ref};
use xiaoer_domain::{
    Code::{self, *},
    Subject,
};
use xiaoer_wire::{
    parse,
    time::Timestamp,
    v1::{self, event::Fact, rule_value::Kind},
};

#[track_caller]
fn refused(event: &v1::Event, code: Code, field: &str) {
    let refusal = parse::event(event, &examples::zone()).expect_err(field);
    assert_eq!((refusal.code, refusal.field.as_str()), (code, field), "{refusal}");
}

type Change<T> = fn(&mut T);

/// Each change to a good event, and what is said of it.
fn check<T: Clone>(good: &T, wrap: impl Fn(T) -> v1::Event, table: &[(Change<T>, Code, &str)]) {
    parse::event(&wrap(good.clone()), &examples::zone()).unwrap();
    for (change, code, field) in table {
        let mut bad = good.clone();
        change(&mut bad);
        refused(&wrap(bad), *code, field);
    }
}

fn long(len: usize) -> String {
    "长".repeat(len)
}

#[test]
fn the_envelope() {
    let good = event("case", Fact::CaseReceived(case_received()));
    let table: &[(Change<v1::Event>, Code, &str)] = &[
        (|e| e.event_id.clear(), InvalidEventId, "event_id"),
        (|e| e.event_id = e.event_id.to_uppercase(), InvalidEventId, "event_id"),
        (|e| e.event_id = e.event_id.replace('-', ""), InvalidEventId, "event_id"),
        (|e| e.event_id = format!("{{{}}}", e.event_id), InvalidEventId, "event_id"),
        (|e| e.subject = None, MissingField, "subject"),
        (|e| e.occurred_at = None, MissingField, "occurred_at"),
        (|e| e.occurred_at = Some(Timestamp { seconds: 0, nanos: 1 }), TimeTooFine, "occurred_at"),
        (|e| e.occurred_at = Some(Timestamp { seconds: 0, nanos: -1 }), InvalidField, "occurred_at"),
        (|e| e.occurred_at = Some(Timestamp { seconds: i64::MAX, nanos: 0 }), InvalidField, "occurred_at"),
        (|e| e.occurred_at = Some(Timestamp { seconds: -3_000_000_000, nanos: 0 }), InvalidField, "occurred_at"),
        (|e| e.legal_date = Some(String::new()), MissingField, "legal_date"),
        (|e| e.legal_date = Some("2026-02-29".into()), InvalidField, "legal_date"),
        (|e| e.legal_date = Some("20260420".into()), InvalidField, "legal_date"),
        (|e| e.legal_date = Some("2026-04-20T10:00".into()), InvalidField, "legal_date"),
        (|e| e.legal_date = Some("1899-12-31".into()), InvalidField, "legal_date"),
        (|e| e.legal_date = Some("2201-01-01".into()), InvalidField, "legal_date"),
        (|e| e.source = None, MissingField, "source"),
        (|e| e.fact = None, MissingFact, "fact"),
    ];
    check(&good, |event| event, table);
}

#[test]
fn the_subject() {
    let good = v1::Subject { kind: "case".into(), system: "hall".into(), id: "1".into() };
    let wrap = |subject| v1::Event { subject: Some(subject), ..event("case", Fact::CaseCompleted(v1::CaseCompleted {})) };
    let table: &[(Change<v1::Subject>, Code, &str)] = &[
        (|s| s.kind.clear(), MissingField, "subject.kind"),
        (|s| s.kind = "Case".into(), InvalidField, "subject.kind"),
        (|s| s.kind = "c".repeat(33), FieldTooLong, "subject.kind"),
        (|s| s.kind = "visit".into(), WrongSubject, "subject.kind"),
        (|s| s.system.clear(), MissingField, "subject.system"),
        (|s| s.system = long(65), FieldTooLong, "subject.system"),
        (|s| s.id.clear(), MissingField, "subject.id"),
        (|s| s.id = long(129), FieldTooLong, "subject.id"),
        (|s| s.id = "1\n2".into(), InvalidField, "subject.id"),
        (|s| s.id = "1\u{85}".into(), InvalidField, "subject.id"),
    ];
    check(&good, wrap, table);
    let on = |kind: &str, system: &str, id: &str, fact| v1::Event {
        subject: Some(v1::Subject { kind: kind.into(), system: system.into(), id: id.into() }),
        ..event(kind, fact)
    };
    let unit = || Fact::UnitHeadRelieved(v1::UnitHeadRelieved { person_id: "H1".into() });
    refused(&on("unit", "registry", "11370306", unit()), InvalidField, "subject.id");
    refused(&on("unit", "registry", "11370306xxxx00019k", unit()), InvalidField, "subject.id");
    // The trap of domain.md section 4: a unit is trusted as registered, whatever its check character.
    parse::event(&on("unit", "registry", "11370306XXXX000190", unit()), &examples::zone()).unwrap();
    let log = || Fact::RuleSet(rule(Kind::Flag(true)));
    refused(&on("log", "hall", "370306", log()), InvalidField, "subject.system");
    refused(&on("log", "xiaoer", "370306.x", log()), InvalidLogName, "subject.id");
}

#[test]
fn the_source() {
    let good = event("case", Fact::CaseCompleted(v1::CaseCompleted {})).source.unwrap();
    let wrap = |source| v1::Event { source: Some(source), ..event("case", Fact::CaseCompleted(v1::CaseCompleted {})) };
    let table: &[(Change<v1::Source>, Code, &str)] = &[
        (|s| s.system.clear(), MissingField, "source.system"),
        (|s| s.system = "Hall".into(), InvalidField, "source.system"),
        (|s| s.system = "a b".into(), InvalidField, "source.system"),
        (|s| s.system = "a".repeat(65), FieldTooLong, "source.system"),
        (|s| s.unit_usci = "11370306".into(), InvalidField, "source.unit_usci"),
        (|s| s.unit_usci = "1".repeat(19), FieldTooLong, "source.unit_usci"),
        (|s| s.staff_id = long(129), FieldTooLong, "source.staff_id"),
        (|s| s.window_id = "\0".into(), InvalidField, "source.window_id"),
    ];
    check(&good, wrap, table);
}

#[test]
fn an_application() {
    let table: &[(Change<v1::CaseReceived>, Code, &str)] = &[
        (|m| m.item_code = long(65), FieldTooLong, "case_received.item_code"),
        (|m| m.item_version = long(33), FieldTooLong, "case_received.item_version"),
        (|m| m.applicant.as_mut().unwrap().r#ref = long(129), FieldTooLong, "case_received.applicant.ref"),
        (|m| m.applicant.as_mut().unwrap().kind = 9, UnknownEnum, "case_received.applicant.kind"),
        (|m| m.applicant.as_mut().unwrap().kind = 1, InvalidUsci, "case_received.applicant.usci"),
        (|m| m.applicant.as_mut().unwrap().kind = 3, InvalidUsci, "case_received.applicant.usci"),
        (|m| m.applicant.as_mut().unwrap().usci = "91370306XXXX01011A".into(), InvalidUsci, "case_received.applicant.usci"),
        (|m| m.applicant.as_mut().unwrap().usci = "1".repeat(19), FieldTooLong, "case_received.applicant.usci"),
        (|m| m.channel = -1, UnknownEnum, "case_received.channel"),
        (|m| m.window_id = long(129), FieldTooLong, "case_received.window_id"),
        (|m| m.consult_id = long(129), FieldTooLong, "case_received.consult_id"),
        (|m| m.materials = vec!["M".into(); 201], FieldTooLong, "case_received.materials"),
        (|m| m.materials[1].clear(), MissingField, "case_received.materials[1]"),
        (|m| m.renews_until = "30.06.2026".into(), InvalidField, "case_received.renews_until"),
    ];
    check(&case_received(), |m| event("case", Fact::CaseReceived(m)), table);
}

#[test]
fn the_life_of_a_case() {
    let table = [
        (
            Fact::NoticeGiven(v1::NoticeGiven { notice_id: String::new(), ..Default::default() }),
            MissingField,
            "notice_given.notice_id",
        ),
        (
            Fact::NoticeGiven(v1::NoticeGiven {
                notice_id: "N".into(),
                items: vec![v1::NoticeItem::default(), v1::NoticeItem { cause: 6, ..Default::default() }],
                ..Default::default()
            }),
            UnknownEnum,
            "notice_given.items[1].cause",
        ),
        (
            Fact::NotAccepted(v1::NotAccepted {
                text_ref: text_ref().map(|r| v1::TextRef { commitment: vec![0; 31], ..r }),
                ..Default::default()
            }),
            InvalidField,
            "not_accepted.text_ref.commitment",
        ),
        (
            Fact::NotAccepted(v1::NotAccepted {
                text_ref: text_ref().map(|r| v1::TextRef { r#ref: String::new(), ..r }),
                ..Default::default()
            }),
            MissingField,
            "not_accepted.text_ref.ref",
        ),
        (Fact::CaseAccepted(v1::CaseAccepted { mode: 3, ..Default::default() }), UnknownEnum, "case_accepted.mode"),
        (
            Fact::CaseAccepted(v1::CaseAccepted { promised_due: "11.05.2026".into(), ..Default::default() }),
            InvalidField,
            "case_accepted.promised_due",
        ),
        (Fact::CaseRoutedToDept(v1::CaseRoutedToDept::default()), MissingField, "case_routed_to_dept.to_usci"),
        (Fact::DeptTookCase(v1::DeptTookCase { usci: "1".into() }), InvalidField, "dept_took_case.usci"),
        (
            Fact::SpecialProcedureStarted(v1::SpecialProcedureStarted { proc_id: "P".into(), ..Default::default() }),
            MissingField,
            "special_procedure_started.kind",
        ),
        (
            Fact::SpecialProcedureStarted(v1::SpecialProcedureStarted {
                proc_id: "P".into(),
                kind: 1,
                expected_wd: 5,
                told_applicant_at: Some(Timestamp { seconds: 0, nanos: 999 }),
                sub_case: None,
            }),
            TimeTooFine,
            "special_procedure_started.told_applicant_at",
        ),
        (Fact::ExtensionApproved(v1::ExtensionApproved::default()), MissingField, "extension_approved.days"),
        (
            Fact::ExtensionApproved(v1::ExtensionApproved { days: 10_001, ..Default::default() }),
            InvalidField,
            "extension_approved.days",
        ),
        (Fact::CaseDecided(v1::CaseDecided::default()), MissingField, "case_decided.result"),
        (Fact::CaseDecided(v1::CaseDecided { result: 11, ..Default::default() }), UnknownEnum, "case_decided.result"),
        (Fact::ResultDelivered(v1::ResultDelivered { how: 6 }), UnknownEnum, "result_delivered.how"),
        (Fact::CaseWithdrawn(v1::CaseWithdrawn { by: 3 }), UnknownEnum, "case_withdrawn.by"),
        (Fact::CaseReopened(v1::CaseReopened::default()), MissingField, "case_reopened.ground"),
        (Fact::ToleranceGranted(v1::ToleranceGranted::default()), MissingField, "tolerance_granted.missing"),
        (
            Fact::ToleranceGranted(v1::ToleranceGranted {
                missing: vec!["M1".into()],
                promised_on: "2026-05-06".into(),
                ..Default::default()
            }),
            MissingField,
            "tolerance_granted.undertaking_ref",
        ),
        (Fact::ToleranceExtended(v1::ToleranceExtended::default()), MissingField, "tolerance_extended.new_on"),
        (Fact::ToleranceClosed(v1::ToleranceClosed::default()), MissingField, "tolerance_closed.outcome"),
        (Fact::CaseTransferred(v1::CaseTransferred::default()), MissingField, "case_transferred.to_usci"),
        (Fact::SupervisionAlertRaised(v1::SupervisionAlertRaised::default()), MissingField, "supervision_alert_raised.colour"),
        (Fact::CaseNoteRecorded(v1::CaseNoteRecorded::default()), MissingField, "case_note_recorded.code"),
        (Fact::NoticeBreachAlleged(v1::NoticeBreachAlleged::default()), MissingField, "notice_breach_alleged.allegation_id"),
        (
            Fact::NoticeBreachFound(v1::NoticeBreachFound { allegation_id: "A".into(), kind: 1, ..Default::default() }),
            MissingField,
            "notice_breach_found.finding",
        ),
    ];
    for (fact, code, field) in table {
        refused(&event("case", fact), code, field);
    }
}

#[test]
fn joint_handling() {
    let unit = || "11370306XXXX00019K".to_owned();
    let part = || Some(v1::CaseRef { system: "hall".into(), no: "1".into() });
    let member = |limit| v1::JointMember { usci: unit(), sub_case: part(), sub_limit: limit, item_code: String::new() };
    let opened = |members| v1::JointCaseOpened { project: None, stage: "acceptance".into(), lead_usci: unit(), members };
    let visit =
        || v1::SiteInspectionScheduled { visit_id: "I".into(), units: vec![unit()], on: "2026-05-06".into(), cases: vec![] };
    parse::event(&event("case", Fact::JointCaseOpened(opened(vec![member(None)]))), &examples::zone()).unwrap();
    let table = [
        (Fact::JointCaseOpened(v1::JointCaseOpened::default()), MissingField, "joint_case_opened.stage"),
        (Fact::JointCaseOpened(opened(vec![])), MissingField, "joint_case_opened.members"),
        (
            Fact::JointCaseOpened(opened(vec![v1::JointMember { sub_case: None, ..member(None) }])),
            MissingField,
            "joint_case_opened.members[0].sub_case",
        ),
        (
            Fact::JointCaseOpened(opened(vec![member(Some(v1::Limit { n: 0, unit: 1 }))])),
            MissingField,
            "joint_case_opened.members[0].sub_limit.n",
        ),
        (Fact::JointCaseOpened(opened(vec![member(None), member(None)])), InvalidField, "joint_case_opened.members[1].sub_case"),
        (
            Fact::JointCaseOpened(v1::JointCaseOpened { project: Some(v1::SubjectRef::default()), ..opened(vec![member(None)]) }),
            MissingField,
            "joint_case_opened.project.system",
        ),
        (
            Fact::SubOpinionGiven(v1::SubOpinionGiven { sub_case: part(), ..Default::default() }),
            MissingField,
            "sub_opinion_given.opinion",
        ),
        (Fact::RectificationListIssued(v1::RectificationListIssued::default()), MissingField, "rectification_list_issued.items"),
        (Fact::JointConcluded(v1::JointConcluded::default()), MissingField, "joint_concluded.result"),
        (
            Fact::SiteInspectionScheduled(v1::SiteInspectionScheduled { units: vec![], ..visit() }),
            MissingField,
            "site_inspection_scheduled.units",
        ),
        (
            Fact::SiteInspectionScheduled(v1::SiteInspectionScheduled { on: String::new(), ..visit() }),
            MissingField,
            "site_inspection_scheduled.on",
        ),
        (
            Fact::SiteInspectionDone(v1::SiteInspectionDone { visit_id: "I".into(), present: vec!["1".into()], findings: vec![] }),
            InvalidField,
            "site_inspection_done.present[0]",
        ),
        (
            Fact::InspectionAbsence(v1::InspectionAbsence { visit_id: "I".into(), ..Default::default() }),
            MissingField,
            "inspection_absence.usci",
        ),
    ];
    for (fact, code, field) in table {
        refused(&event("case", fact), code, field);
    }
}

#[test]
fn contacts_visits_and_corrections() {
    let visit =
        v1::ApplicantVisited { case_nos: vec![v1::CaseRef { system: "hall".into(), no: "1".into() }], ..Default::default() };
    parse::event(&event("visit", Fact::ApplicantVisited(visit.clone())), &examples::zone()).unwrap();
    let table = [
        (
            "contact",
            Fact::FirstAskReceived(v1::FirstAskReceived { channel: 9, ..Default::default() }),
            UnknownEnum,
            "first_ask_received.channel",
        ),
        ("contact", Fact::FirstAskAccepted(v1::FirstAskAccepted::default()), MissingField, "first_ask_accepted.by_staff"),
        (
            "contact",
            Fact::FirstAskBreachAlleged(v1::FirstAskBreachAlleged {
                allegation_id: "A".into(),
                kind: 1,
                basis: Some(v1::first_ask_breach_alleged::Basis::SourceEvent(v1::EventRef { event_id: "x".into(), ..event_ref() })),
            }),
            InvalidEventId,
            "first_ask_breach_alleged.source_event.event_id",
        ),
        (
            "staff",
            Fact::FirstAskBreachAlleged(v1::FirstAskBreachAlleged {
                allegation_id: "A".into(),
                kind: 1,
                basis: Some(v1::first_ask_breach_alleged::Basis::RecordRef(String::new())),
            }),
            MissingField,
            "first_ask_breach_alleged.record_ref",
        ),
        ("visit", Fact::ApplicantVisited(v1::ApplicantVisited::default()), MissingField, "applicant_visited.case_nos"),
        (
            "visit",
            Fact::ApplicantVisited(v1::ApplicantVisited { case_nos: vec![v1::CaseRef::default(); 201], ..visit.clone() }),
            FieldTooLong,
            "applicant_visited.case_nos",
        ),
        (
            "visit",
            Fact::ApplicantVisited(v1::ApplicantVisited { case_nos: vec![v1::CaseRef::default()], ..visit.clone() }),
            MissingField,
            "applicant_visited.case_nos[0].system",
        ),
        ("visit", Fact::ApplicantVisited(v1::ApplicantVisited { who: 4, ..visit.clone() }), UnknownEnum, "applicant_visited.who"),
        (
            "visit",
            Fact::ApplicantVisited(v1::ApplicantVisited { purpose: 8, ..visit.clone() }),
            UnknownEnum,
            "applicant_visited.purpose",
        ),
        ("visit", Fact::ApplicantVisited(v1::ApplicantVisited { cause: 13, ..visit }), UnknownEnum, "applicant_visited.cause"),
        ("visit", Fact::VisitCauseDecided(v1::VisitCauseDecided::default()), MissingField, "visit_cause_decided.decider"),
        ("case", Fact::EventVoided(v1::EventVoided::default()), MissingField, "event_voided.target"),
        (
            "case",
            Fact::EventReplaced(v1::EventReplaced { target: Some(event_ref()), ..Default::default() }),
            MissingField,
            "event_replaced.by_event",
        ),
    ];
    for (kind, fact, code, field) in table {
        refused(&event(kind, fact), code, field);
    }
}

#[test]
fn an_item_version() {
    let table: &[(Change<v1::ItemVersionPublished>, Code, &str)] = &[
        (|m| m.version.clear(), MissingField, "item_version_published.version"),
        (|m| m.version = long(33), FieldTooLong, "item_version_published.version"),
        (|m| m.name = long(257), FieldTooLong, "item_version_published.name"),
        (|m| m.item_type = 12, UnknownEnum, "item_version_published.item_type"),
        (|m| m.lead_usci = "局".repeat(18), InvalidField, "item_version_published.lead_usci"),
        (|m| m.steps = vec![v1::ItemStep::default(); 101], FieldTooLong, "item_version_published.steps"),
        (|m| m.steps[0].materials[0].code.clear(), MissingField, "item_version_published.steps[0].materials[0].code"),
        (|m| m.defects = vec!["D".into(); 201], FieldTooLong, "item_version_published.defects"),
        (|m| m.statutory_limit.as_mut().unwrap().n = 0, MissingField, "item_version_published.statutory_limit.n"),
        (|m| m.statutory_limit.as_mut().unwrap().unit = 0, MissingField, "item_version_published.statutory_limit.unit"),
        (|m| m.promised_limit.as_mut().unwrap().unit = 5, InvalidField, "item_version_published.promised_limit.n"),
        (|m| m.promised_limit.as_mut().unwrap().n = 10_001, InvalidField, "item_version_published.promised_limit.n"),
        (|m| m.in_force_from.clear(), MissingField, "item_version_published.in_force_from"),
    ];
    check(&item_version(), |m| event("item", Fact::ItemVersionPublished(m)), table);
}

#[test]
fn registries() {
    let log_opened = |change: Change<v1::LogOpened>| {
        let mut m =
            v1::LogOpened { name: "a".into(), suite: "sha256".into(), time_zone: "UTC".into(), contract: 1, synthetic: false };
        change(&mut m);
        Fact::LogOpened(m)
    };
    let calendar = |change: Change<v1::CalendarPublished>| {
        let mut m = v1::CalendarPublished { year: 2026, version: 1, ..Default::default() };
        change(&mut m);
        Fact::CalendarPublished(m)
    };
    let recovered = |change: Change<v1::LogRecovered>| {
        let mut m = examples::log_recovered();
        change(&mut m);
        Fact::LogRecovered(m)
    };
    let no_value = v1::RuleSet { value: None, ..rule(Kind::Flag(true)) };
    let empty_value = v1::RuleSet { value: Some(v1::RuleValue::default()), ..no_value.clone() };
    let table = v1::RuleTable { numbers: (0..201).map(|n| (n.to_string(), n)).collect() };
    let table = [
        ("log", log_opened(|m| m.name = "A".into()), InvalidLogName, "log_opened.name"),
        ("log", log_opened(|m| m.suite = "md5".into()), InvalidField, "log_opened.suite"),
        ("log", log_opened(|m| m.time_zone = "Asia/Zhoucun".into()), InvalidField, "log_opened.time_zone"),
        ("log", recovered(|m| m.incarnation = 1), InvalidField, "log_recovered.incarnation"),
        ("log", recovered(|m| (m.kept_position, m.lost_from) = (0, 1)), InvalidField, "log_recovered.kept_position"),
        ("log", recovered(|m| m.kept_position -= 1), InvalidField, "log_recovered.lost_from"),
        ("log", recovered(|m| m.lost_from = 0), InvalidField, "log_recovered.lost_from"),
        ("log", recovered(|m| m.lost_to = 1_041), InvalidField, "log_recovered.lost_to"),
        ("log", recovered(|m| m.reason.clear()), MissingField, "log_recovered.reason"),
        ("log", Fact::RuleSet(no_value), MissingField, "rule_set.value"),
        ("log", Fact::RuleSet(empty_value), MissingField, "rule_set.value"),
        ("log", Fact::RuleSet(rule(Kind::Code(long(129)))), FieldTooLong, "rule_set.value.code"),
        (
            "log",
            Fact::RuleSet(rule(Kind::Codes(v1::RuleCodes { codes: vec![String::new()] }))),
            MissingField,
            "rule_set.value.codes.codes[0]",
        ),
        ("log", Fact::RuleSet(rule(Kind::Table(table))), FieldTooLong, "rule_set.value.table.numbers"),
        ("log", calendar(|m| m.year = 1989), InvalidField, "calendar_published.year"),
        ("log", calendar(|m| m.year = 67_562), InvalidField, "calendar_published.year"),
        ("log", calendar(|m| m.version = 0), MissingField, "calendar_published.version"),
        ("log", calendar(|m| m.days = vec![v1::CalendarDay::default(); 121]), FieldTooLong, "calendar_published.days"),
        ("log", calendar(|m| m.days = vec![v1::CalendarDay::default()]), MissingField, "calendar_published.days[0].date"),
        (
            "log",
            calendar(|m| m.days = vec![v1::CalendarDay { date: "2026-01-01".into(), kind: 0 }]),
            MissingField,
            "calendar_published.days[0].kind",
        ),
        ("log", calendar(|m| m.issued_on = "?".into()), InvalidField, "calendar_published.issued_on"),
        ("unit", Fact::UnitRegistered(v1::UnitRegistered { kind: 7, ..Default::default() }), UnknownEnum, "unit_registered.kind"),
        ("unit", Fact::UnitHeadAppointed(v1::UnitHeadAppointed::default()), MissingField, "unit_head_appointed.person_id"),
        ("item", Fact::ItemPosted(v1::ItemPosted { version: "1".into(), channel: 0 }), MissingField, "item_posted.channel"),
        ("item", Fact::ItemPosted(v1::ItemPosted { version: "1".into(), channel: 5 }), UnknownEnum, "item_posted.channel"),
    ];
    for (kind, fact, code, field) in table {
        refused(&event(kind, fact), code, field);
    }
}

#[test]
fn windows_and_their_people() {
    let on = |kind: &'static str| move |fact: Fact| event(kind, fact);
    let subject = |kind: &str| Some(v1::Subject { kind: kind.into(), system: "hall".into(), id: "1".into() });
    let liable = v1::StaffHeldLiable {
        cause_subject: subject("contact"),
        cause: Some(v1::staff_held_liable::Cause::RecordRef("sealed-1".into())),
        measure: "admonished".into(),
    };
    check(
        &liable,
        |m| on("staff")(Fact::StaffHeldLiable(m)),
        &[
            (|m| m.cause = None, MissingField, "staff_held_liable.cause_event"),
            (|m| m.measure.clear(), MissingField, "staff_held_liable.measure"),
            (|m| m.cause_subject.as_mut().unwrap().kind = "item".into(), InvalidField, "staff_held_liable.cause_subject.kind"),
            (|m| m.cause_subject.as_mut().unwrap().id.clear(), MissingField, "staff_held_liable.cause_subject.id"),
            (
                |m| m.cause = Some(v1::staff_held_liable::Cause::CauseEvent(v1::EventRef::default())),
                MissingField,
                "staff_held_liable.cause_event.system",
            ),
        ],
    );
    let configured = v1::WindowConfigured { centre: 1, kind: 1, item_codes: vec!["permit".into()], ..Default::default() };
    check(
        &configured,
        |m| on("window")(Fact::WindowConfigured(m)),
        &[
            (|m| m.centre = 0, MissingField, "window_configured.centre"),
            (|m| m.kind = 0, MissingField, "window_configured.kind"),
            (|m| m.item_codes[0].clear(), MissingField, "window_configured.item_codes[0]"),
            (|m| m.item_codes[0] = long(65), FieldTooLong, "window_configured.item_codes[0]"),
        ],
    );
    let posted = v1::StaffPosted { window_id: "W03".into(), from: "2026-04-20".into(), selection_basis: vec![1] };
    check(
        &posted,
        |m| on("staff")(Fact::StaffPosted(m)),
        &[
            (|m| m.window_id.clear(), MissingField, "staff_posted.window_id"),
            (|m| m.from.clear(), MissingField, "staff_posted.from"),
            (|m| m.selection_basis = vec![0], MissingField, "staff_posted.selection_basis[0]"),
        ],
    );
    let attended =
        v1::TrainingAttended { training: Some(v1::TrainingRef { system: "centre".into(), id: "T".into() }), passed: false };
    check(
        &attended,
        |m| on("staff")(Fact::TrainingAttended(m)),
        &[
            (|m| m.training = None, MissingField, "training_attended.training"),
            (|m| m.training.as_mut().unwrap().id.clear(), MissingField, "training_attended.training.id"),
        ],
    );
    refused(&on("training")(Fact::TrainingHeld(v1::TrainingHeld::default())), MissingField, "training_held.topic");
    let long_ago = v1::TrainingHeld { topic: "t".into(), hours: 10_001 };
    refused(&on("training")(Fact::TrainingHeld(long_ago)), InvalidField, "training_held.hours");
    refused(&on("staff")(Fact::StaffUnposted(v1::StaffUnposted::default())), MissingField, "staff_unposted.window_id");
}

#[test]
fn projects() {
    let registered = |m| event("subject", Fact::SubjectRegistered(m));
    let table: &[(Change<v1::SubjectRegistered>, Code, &str)] = &[
        (|m| m.subject_kind = 0, MissingField, "subject_registered.subject_kind"),
        (|m| m.usci = "91370306XXXX01011T".into(), InvalidUsci, "subject_registered.usci"),
        (|m| m.project_code = "1".repeat(25), FieldTooLong, "subject_registered.project_code"),
        (|m| m.linked_kinds.push(0), MissingField, "subject_registered.linked_kinds[2]"),
        (|m| m.linked_kinds.push(1), InvalidField, "subject_registered.linked_kinds"),
        (|m| m.subject_kind = 1, InvalidField, "subject_registered.linked_kinds"),
    ];
    check(&examples::subject_registered(), registered, table);
    let approved = |m| event("zone", Fact::ZoneAssessmentApproved(m));
    let table: &[(Change<v1::ZoneAssessmentApproved>, Code, &str)] = &[
        (|m| m.assessment_id.clear(), MissingField, "zone_assessment_approved.assessment_id"),
        (|m| m.kind.clear(), MissingField, "zone_assessment_approved.kind"),
        (|m| m.valid_from.clear(), MissingField, "zone_assessment_approved.valid_from"),
        (|m| m.valid_to = "2025-12-31".into(), InvalidField, "zone_assessment_approved.valid_to"),
    ];
    check(&examples::zone_assessment_approved(), approved, table);
    let held = |m| event("subject", Fact::LinkedSessionHeld(m));
    let table: &[(Change<v1::LinkedSessionHeld>, Code, &str)] = &[
        (|m| m.session_id.clear(), MissingField, "linked_session_held.session_id"),
        (|m| m.units.clear(), MissingField, "linked_session_held.units"),
        (|m| m.units = vec![String::new()], MissingField, "linked_session_held.units[0]"),
        (|m| m.to.as_mut().unwrap().seconds -= 7_200, InvalidField, "linked_session_held.to"),
    ];
    check(&examples::linked_session_held(), held, table);
    let opinion = v1::RemoteOpinionGiven { session_id: "a".into(), unit_usci: "11370306XXXX00019K".into(), ..Default::default() };
    let of = |set_version: &str| v1::DrawingReviewOpened { set_version: set_version.into(), ..Default::default() };
    let points = vec![v1::DrawingPoint::default()];
    let given =
        v1::DrawingOpinionGiven { set_version: "1".into(), specialty: "fire".into(), result: 1, points, ..Default::default() };
    let table = [
        (Fact::RemoteOpinionGiven(opinion), MissingField, "remote_opinion_given.opinion"),
        (Fact::DrawingReviewOpened(of("")), MissingField, "drawing_review_opened.set_version"),
        (Fact::DrawingReviewOpened(of("1")), MissingField, "drawing_review_opened.specialties"),
        (Fact::DrawingOpinionGiven(given.clone()), MissingField, "drawing_opinion_given.points[0].point_code"),
        (Fact::DrawingOpinionGiven(v1::DrawingOpinionGiven { result: 0, ..given }), MissingField, "drawing_opinion_given.result"),
    ];
    for (fact, code, field) in table {
        refused(&event("subject", fact), code, field);
    }
}

#[test]
fn a_refusal_repeats_nothing_the_sender_wrote() {
    let secret = "张三370306199001011234";
    let mut m = case_received();
    m.applicant.as_mut().unwrap().usci = secret.into();
    let refusal = parse::event(&event("case", Fact::CaseReceived(m)), &examples::zone()).unwrap_err();
    assert!(!refusal.to_string().contains("张三"), "{refusal}");
}

#[test]
fn a_day_is_the_documents_else_the_local_one() {
    let late = Timestamp { seconds: 1_776_702_600, nanos: 0 }; // 2026-04-21 00:30 in Shanghai, the 20th in UTC
    let mut event = event("case", Fact::CaseReceived(case_received()));
    event.occurred_at = Some(late);
    let day = |event: &v1::Event| parse::event(event, &examples::zone()).unwrap().day.to_string();
    assert_eq!(day(&event), "2026-04-19");
    event.legal_date = None;
    assert_eq!(day(&event), "2026-04-21");
}

#[test]
fn what_is_parsed_says_what_was_sent() {
    let parsed = parse::event(&event("case", Fact::CaseReceived(case_received())), &examples::zone()).unwrap();
    assert_eq!(parsed.subject, Subject::new("case", "hall", "37030620260420-0001"));
    assert_eq!(parsed.identity.to_string(), "hall.zhoucun/01890a5d-ac96-774b-bcce-b302099a8057");
    assert_eq!((&*parsed.unit, &*parsed.staff, &*parsed.window), ("11370306XXXX00019K", "G0017", "W03"));
    assert_eq!(parsed.occurred_at.to_string(), "2026-04-20T02:12:00.120345Z");
    assert_eq!(parsed.source_seq, Some(7));
    let xiaoer_domain::Fact::CaseReceived(received) = parsed.fact else { panic!("another fact") };
    assert_eq!((&*received.item_version, received.channel.code(), &*received.materials[1]), ("2026-1", "online", "M2"));
}

#[test]
fn how_the_catalogue_is_kept() {
    let category = |code: &str, items: &[&str]| v1::FlowCategory {
        code: code.into(),
        item_codes: items.iter().map(|&item| item.into()).collect(),
    };
    let flows = v1::ItemFlowsConsolidated { categories: vec![category("c", &["i"])] };
    let table: &[(Change<v1::ItemFlowsConsolidated>, Code, &str)] = &[
        (|m| m.categories.clear(), MissingField, "item_flows_consolidated.categories"),
        (|m| m.categories[0].code.clear(), MissingField, "item_flows_consolidated.categories[0].code"),
        (|m| m.categories[0].item_codes.clear(), MissingField, "item_flows_consolidated.categories[0].item_codes"),
    ];
    check(&flows, |m| event("edition", Fact::ItemFlowsConsolidated(m)), table);
    refused(&event("item", Fact::ItemFlowsConsolidated(flows)), WrongSubject, "subject.kind");
    let days = |n| Some(v1::Limit { n, unit: v1::LimitUnit::WorkingDay.into() });
    let changed =
        v1::ItemLimitChanged { version: "2".into(), promised_old: None, promised_new: days(5), in_force_from: "2026-06-01".into() };
    let table: &[(Change<v1::ItemLimitChanged>, Code, &str)] = &[
        (|m| m.version.clear(), MissingField, "item_limit_changed.version"),
        (|m| m.promised_new = None, MissingField, "item_limit_changed.promised_new"),
        (|m| m.promised_old = m.promised_new, InvalidField, "item_limit_changed.promised_new"),
        (|m| m.promised_old = Some(v1::Limit { n: 5, unit: 0 }), MissingField, "item_limit_changed.promised_old.unit"),
        (|m| m.in_force_from.clear(), MissingField, "item_limit_changed.in_force_from"),
    ];
    check(&changed, |m| event("item", Fact::ItemLimitChanged(m)), table);
    let figure = v1::PeerFigurePublished { figure: 1, valid_on: "2026-04-01".into(), ..Default::default() };
    let table: &[(Change<v1::PeerFigurePublished>, Code, &str)] = &[
        (|m| m.figure = 0, MissingField, "peer_figure_published.figure"),
        (|m| m.figure = 5, UnknownEnum, "peer_figure_published.figure"),
        (|m| m.value_hundredths = 100_000_001, InvalidField, "peer_figure_published.value_hundredths"),
        (|m| m.valid_on.clear(), MissingField, "peer_figure_published.valid_on"),
    ];
    check(&figure, |m| event("district", Fact::PeerFigurePublished(m)), table);
}

#[test]
fn what_the_vault_says() {
    let wrap = |m| event("person", Fact::PersonErased(m));
    let table: &[(Change<v1::PersonErased>, Code, &str)] = &[
        (|m| m.kind = 0, MissingField, "person_erased.kind"),
        (|m| m.authority.clear(), MissingField, "person_erased.authority"),
        (|m| m.reason.clear(), MissingField, "person_erased.reason"),
        (|m| m.kept = vec![m.kept[0].clone(); 5], FieldTooLong, "person_erased.kept"),
        (|m| m.kept[0].retention_class = 0, MissingField, "person_erased.kept[0].retention_class"),
        (|m| m.kept[0].since.clear(), MissingField, "person_erased.kept[0].since"),
        (|m| m.first_epoch = 0, MissingField, "person_erased.first_epoch"),
        (|m| m.first_epoch = 3, InvalidField, "person_erased.last_epoch"),
        (|m| m.last_epoch = 100_001, InvalidField, "person_erased.last_epoch"),
    ];
    check(&examples::person_erased(), wrap, table);
    refused(&event("case", Fact::PersonErased(examples::person_erased())), WrongSubject, "subject.kind");
    let placed = v1::LegalHoldPlaced { hold_id: "h".into(), authority: "a".into(), reason: "r".into() };
    let table: &[(Change<v1::LegalHoldPlaced>, Code, &str)] = &[
        (|m| m.hold_id.clear(), MissingField, "legal_hold_placed.hold_id"),
        (|m| m.authority.clear(), MissingField, "legal_hold_placed.authority"),
        (|m| m.reason.clear(), MissingField, "legal_hold_placed.reason"),
    ];
    check(&placed, |m| event("person", Fact::LegalHoldPlaced(m)), table);
}

#[test]
fn what_is_no_content() {
    let good = v1::PutRequest {
        log: "l".into(),
        request_id: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        kind: v1::VaultKind::Text.into(),
        person: "p".into(),
        content: vec![1],
        retention_class: v1::RetentionClass::None.into(),
        subject: event("case", Fact::CaseReceived(case_received())).subject,
        field: "f".into(),
    };
    assert!(parse::vault::put(good.clone()).is_ok());
    let table: &[(Change<v1::PutRequest>, Code, &str)] = &[
        (|m| m.request_id.clear(), InvalidEventId, "request_id"),
        (|m| m.kind = 0, MissingField, "kind"),
        (|m| m.kind = v1::VaultKind::Person.into(), InvalidField, "person"),
        (|m| m.person = long(129), FieldTooLong, "person"),
        (|m| m.content.clear(), MissingField, "content"),
        (|m| m.content = vec![1; parse::vault::CONTENT_BYTES_MAX + 1], FieldTooLong, "content"),
        (|m| m.retention_class = 0, MissingField, "retention_class"),
        (|m| m.retention_class = 9, UnknownEnum, "retention_class"),
        (|m| m.subject.as_mut().unwrap().kind.clear(), MissingField, "subject.kind"),
        (|m| m.field = "a\n".into(), InvalidField, "field"),
    ];
    for (change, code, field) in table {
        let mut bad = good.clone();
        change(&mut bad);
        let refusal = parse::vault::put(bad).err().expect(field);
        assert_eq!((refusal.code, refusal.field.as_str()), (*code, *field), "{refusal}");
    }
    assert!(!format!("{good:?}").contains("content: ["), "{good:?}");
}
