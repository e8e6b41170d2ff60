//! A full example of every fact: each field of the contract has a value, so that a forgotten one is noticed.

use jiff::civil::date;
use jiff::tz::TimeZone;
use xiaoer_wire::v1::{self, event::Fact};

pub(crate) fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

/// A local time of the log.
pub(crate) fn at(day: jiff::civil::Date, hour: i8, minute: i8) -> xiaoer_wire::time::Timestamp {
    zone().to_timestamp(day.at(hour, minute, 0, 0)).unwrap().into()
}

/// The fact on a subject of its first kind, with everything around it filled in.
pub(crate) fn event(kind: &str, fact: Fact) -> v1::Event {
    let (system, id) = match kind {
        "log" => ("xiaoer", "370306"),
        "unit" => ("registry", "11370306XXXX00019K"),
        _ => ("hall", "37030620260420-0001"),
    };
    v1::Event {
        event_id: "01890a5d-ac96-774b-bcce-b302099a8057".into(),
        subject: Some(v1::Subject { kind: kind.into(), system: system.into(), id: id.into() }),
        occurred_at: Some(xiaoer_wire::time::Timestamp { nanos: 120_345_000, ..at(date(2026, 4, 20), 10, 12) }),
        legal_date: Some("2026-04-19".into()),
        source: Some(v1::Source {
            system: "hall.zhoucun".into(),
            unit_usci: "11370306XXXX00019K".into(),
            staff_id: "G0017".into(),
            window_id: "W03".into(),
        }),
        source_seq: Some(7),
        fact: Some(fact),
    }
}

pub(crate) fn text_ref() -> Option<v1::TextRef> {
    Some(v1::TextRef { r#ref: "vault/7f3a".into(), commitment: (0..32).collect() })
}

pub(crate) fn event_ref() -> v1::EventRef {
    v1::EventRef { system: "hall.zhoucun".into(), event_id: "01890a5d-ac96-774b-bcce-b302099a8058".into() }
}

pub(crate) fn case_received() -> v1::CaseReceived {
    v1::CaseReceived {
        item_code: "11370306XXXX00019K4370119023000".into(),
        item_version: "2026-1".into(),
        applicant: Some(v1::Applicant {
            r#ref: "vault/p/91".into(),
            kind: v1::ApplicantKind::LegalPerson.into(),
            usci: "91370306XXXX01011R".into(),
        }),
        channel: v1::Channel::Online.into(),
        window_id: "W03".into(),
        consult_id: "Q-88".into(),
        materials: vec!["M1".into(), "M2".into()],
        renews_until: "2026-06-30".into(),
    }
}

pub(crate) fn item_version() -> v1::ItemVersionPublished {
    let material = v1::ItemMaterial { code: "M1".into(), standard_ref: "GB/T 1".into(), required: true, tolerance_ok: true };
    v1::ItemVersionPublished {
        version: "2026-1".into(),
        name: "食品经营许可".into(),
        item_type: v1::ItemType::Permit.into(),
        lead_usci: "11370306XXXX00019K".into(),
        online: true,
        steps: vec![v1::ItemStep { step: "S1".into(), materials: vec![material] }],
        defects: vec!["D1".into()],
        statutory_limit: Some(v1::Limit { n: 20, unit: v1::LimitUnit::WorkingDay.into() }),
        promised_limit: Some(v1::Limit { n: 8, unit: v1::LimitUnit::WorkingDay.into() }),
        deemed_acceptance: true,
        visit_limit: Some(1),
        in_force_from: "2026-01-01".into(),
    }
}

/// Every fact of the contract, by the kind of subject it stands on.
pub(crate) fn all() -> Vec<(&'static str, Fact)> {
    let (case, contact, visit, log) = ("case", "contact", "visit", "log");
    let facts = cases().into_iter().chain(tolerances()).chain(procedures()).chain(joint());
    let mut all: Vec<_> = facts.map(|fact| (case, fact)).collect();
    all.extend(contacts().map(|fact| (contact, fact)));
    all.extend(visits().map(|fact| (visit, fact)));
    all.extend(corrections().map(|fact| (case, fact)));
    all.extend(log_facts().map(|fact| (log, fact)));
    all.extend(registries());
    all.extend(kept_catalogue());
    all.extend(windows());
    all.extend(projects());
    all.extend(vault());
    all.extend(complaints());
    all.push(("access", Fact::AccessRecorded(access_recorded())));
    all
}

fn complaints() -> [(&'static str, Fact); 13] {
    let date = |day: &str| format!("2026-{day}");
    let figure = v1::FigureTold {
        metric_id: "complaint_on_time".into(),
        version: 1,
        unit_usci: "11370306XXXX00027E".into(),
        numerator: 17,
        denominator: 18,
    };
    [
        (
            "unit",
            Fact::HotlineStaffDesignated(v1::HotlineStaffDesignated {
                staff_id: "H0003".into(),
                from: date("01-01"),
                to: date("12-31"),
            }),
        ),
        ("complaint", Fact::ComplaintReceived(complaint_received())),
        ("complaint", Fact::ComplaintAccepted(v1::ComplaintAccepted { due_on: date("05-11") })),
        ("complaint", Fact::ComplaintVerificationStarted(v1::ComplaintVerificationStarted { verifier: "V0001".into() })),
        ("complaint", Fact::ComplaintVerified(v1::ComplaintVerified { finding: v1::Finding::Substantiated.into() })),
        (
            "complaint",
            Fact::ComplaintTransferred(v1::ComplaintTransferred {
                to_unit: "11370306XXXX00027E".into(),
                redacted_ref: text_ref(),
                due_on: date("05-08"),
            }),
        ),
        ("complaint", Fact::ComplaintReplied(v1::ComplaintReplied { reply_ref: text_ref() })),
        ("complaint", Fact::ComplainantCalledBack(v1::ComplainantCalledBack { satisfied: true })),
        ("complaint", Fact::ComplaintReworkOrdered(v1::ComplaintReworkOrdered { due_on: date("05-09") })),
        ("complaint", Fact::ComplaintExtended(v1::ComplaintExtended { due_on: date("05-20"), reason: "witnesses".into() })),
        ("complaint", Fact::ComplaintClosed(v1::ComplaintClosed { outcome: v1::ComplaintOutcome::Handled.into() })),
        ("record", Fact::RecordRefIssued(v1::RecordRefIssued { complaint_id: "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5f".into() })),
        (
            "report",
            Fact::ComplaintDigestCompiled(v1::ComplaintDigestCompiled {
                period: Some(v1::Period { from: date("04-01"), to: date("04-30") }),
                known_at_position: 812,
                valid_on: date("04-30"),
                figures: vec![figure],
            }),
        ),
    ]
}

pub(crate) fn complaint_received() -> v1::ComplaintReceived {
    v1::ComplaintReceived {
        kind: v1::ComplaintKind::Complaint.into(),
        category: v1::ComplaintCategory::Delay.into(),
        complainant_kind: v1::ComplainantKind::Enterprise.into(),
        channel: v1::Channel::Hotline.into(),
        anonymous: true,
        subject_unit: "11370306XXXX00027E".into(),
        subject_staff: "G0017".into(),
        case: Some(v1::CaseRef { system: "hall".into(), no: "37030620260420-0001".into() }),
        text_ref: text_ref(),
        repeat_of: "0b9f3f0e-6a0e-4f3c-9f1a-5d2c7b8e9f10".into(),
    }
}

pub(crate) fn access_recorded() -> v1::AccessRecorded {
    v1::AccessRecorded {
        log: "370306-sealed".into(),
        call: "AuditService/Replay".into(),
        subject: Some(v1::Subject { kind: "case".into(), system: "hall".into(), id: "37030620260420-0001".into() }),
        r#ref: "vault/7f3a".into(),
        metric_id: "backlog_promised".into(),
        after_position: Some(10_000),
        refusal: "XE-FORBIDDEN".into(),
    }
}

fn vault() -> [(&'static str, Fact); 4] {
    let (hold_id, authority, reason) = (|| "H-1".to_owned(), || "鲁检〔2026〕7号".to_owned(), || "evidence".to_owned());
    let placed = v1::LegalHoldPlaced { hold_id: hold_id(), authority: authority(), reason: reason() };
    let lifted = v1::LegalHoldLifted { hold_id: hold_id(), authority: authority(), reason: reason() };
    [
        ("person", Fact::LegalHoldPlaced(placed)),
        ("person", Fact::LegalHoldLifted(lifted)),
        ("person", Fact::PersonErased(person_erased())),
        ("vault", Fact::VaultEpochDestroyed(v1::VaultEpochDestroyed { completed: 3 })),
    ]
}

pub(crate) fn person_erased() -> v1::PersonErased {
    let kept = v1::RetainedContent { retention_class: v1::RetentionClass::Short.into(), since: "2016-04-19".into() };
    v1::PersonErased {
        kind: v1::VaultKind::Person.into(),
        authority: "W-3".into(),
        reason: "asked".into(),
        kept: vec![kept],
        first_epoch: 1,
        last_epoch: 2,
    }
}

fn case_ref(no: &str) -> v1::CaseRef {
    v1::CaseRef { system: "hall".into(), no: no.into() }
}

fn joint() -> [Fact; 8] {
    let unit = || "11370306XXXX00019K".to_owned();
    let points = || vec![v1::JointPoint { code: "P1".into(), text_ref: text_ref() }];
    let member = v1::JointMember {
        usci: unit(),
        sub_case: Some(case_ref("C-7")),
        sub_limit: Some(v1::Limit { n: 7, unit: v1::LimitUnit::WorkingDay.into() }),
        item_code: "11370306XXXX00019K4370119023000".into(),
    };
    [
        Fact::JointCaseOpened(v1::JointCaseOpened {
            project: Some(v1::SubjectRef { system: "registry".into(), id: "2017-370306-01".into() }),
            stage: "acceptance".into(),
            lead_usci: unit(),
            members: vec![member],
        }),
        Fact::SubOpinionGiven(v1::SubOpinionGiven {
            sub_case: Some(case_ref("C-7")),
            opinion: v1::JointResult::Conditional.into(),
            items: points(),
        }),
        Fact::RectificationListIssued(v1::RectificationListIssued { items: points() }),
        Fact::RectificationAccepted(v1::RectificationAccepted {}),
        Fact::JointConcluded(v1::JointConcluded { result: v1::JointResult::Pass.into() }),
        Fact::SiteInspectionScheduled(v1::SiteInspectionScheduled {
            visit_id: "I1".into(),
            cases: vec![case_ref("C-8")],
            units: vec![unit()],
            on: "2026-05-06".into(),
        }),
        Fact::SiteInspectionDone(v1::SiteInspectionDone { visit_id: "I1".into(), present: vec![unit()], findings: points() }),
        Fact::InspectionAbsence(v1::InspectionAbsence { visit_id: "I1".into(), usci: unit(), excuse: "flood".into() }),
    ]
}

fn windows() -> [(&'static str, Fact); 6] {
    let staff = "staff";
    let liable = v1::StaffHeldLiable {
        cause_subject: Some(v1::Subject { kind: "case".into(), system: "hall".into(), id: "37030620260420-0001".into() }),
        cause: Some(v1::staff_held_liable::Cause::CauseEvent(event_ref())),
        measure: "admonished".into(),
    };
    let configured = v1::WindowConfigured {
        centre: v1::WindowCentre::Branch.into(),
        site: "hall-2".into(),
        cluster: "enterprise".into(),
        kind: v1::WindowKind::Special.into(),
        item_codes: vec!["11370306XXXX00019K4370119023000".into()],
    };
    let selection_basis = vec![v1::SelectionBasis::Skill.into()];
    let training = Some(v1::TrainingRef { system: "centre".into(), id: "T-2026-1".into() });
    [
        (staff, Fact::StaffHeldLiable(liable)),
        ("window", Fact::WindowConfigured(configured)),
        (staff, Fact::StaffPosted(v1::StaffPosted { window_id: "W03".into(), from: "2026-04-20".into(), selection_basis })),
        (staff, Fact::StaffUnposted(v1::StaffUnposted { window_id: "W03".into() })),
        ("training", Fact::TrainingHeld(v1::TrainingHeld { topic: "one_time_notice".into(), hours: 4 })),
        (staff, Fact::TrainingAttended(v1::TrainingAttended { training, passed: true })),
    ]
}

fn tolerances() -> [Fact; 5] {
    [
        Fact::ToleranceGranted(v1::ToleranceGranted {
            missing: vec!["M2".into()],
            promised_on: "2026-05-06".into(),
            undertaking_ref: text_ref(),
            list_ref: text_ref(),
        }),
        Fact::DeficiencyFiled(v1::DeficiencyFiled { material_code: "M2".into() }),
        Fact::DeficiencyMadeGood(v1::DeficiencyMadeGood { material_code: "M2".into() }),
        Fact::ToleranceExtended(v1::ToleranceExtended { new_on: "2026-05-08".into(), reason: "force_majeure".into() }),
        Fact::ToleranceClosed(v1::ToleranceClosed { outcome: v1::ToleranceOutcome::Late.into() }),
    ]
}

fn cases() -> [Fact; 18] {
    let item = v1::NoticeItem {
        material_code: "M1".into(),
        defect: "D1".into(),
        remedy: "R1".into(),
        cause: v1::NoticeCause::NewDocument.into(),
    };
    [
        Fact::CaseReceived(case_received()),
        Fact::NoticeGiven(v1::NoticeGiven {
            notice_id: "N1".into(),
            form: v1::NoticeForm::Written.into(),
            items: vec![item],
            receipt_ref: "GZS-1".into(),
        }),
        Fact::CorrectionSubmitted(v1::CorrectionSubmitted { notice_id: "N1".into(), material_codes: vec!["M1".into()] }),
        Fact::NotAccepted(v1::NotAccepted { ground: "not_required".into(), text_ref: text_ref() }),
        Fact::CaseAccepted(v1::CaseAccepted { mode: v1::AcceptanceMode::Tolerance.into(), promised_due: "2026-05-11".into() }),
        Fact::CaseRoutedToDept(v1::CaseRoutedToDept { to_usci: "11370306XXXX00027E".into() }),
        Fact::DeptTookCase(v1::DeptTookCase { usci: "11370306XXXX00027E".into() }),
        Fact::CaseTransferred(v1::CaseTransferred {
            from_usci: "11370306XXXX00019K".into(),
            to_usci: "11370306XXXX00027E".into(),
            reason: "remit".into(),
        }),
        Fact::CaseDecided(v1::CaseDecided {
            result: v1::DecisionResult::Pass.into(),
            doc_no: "周审〔2026〕1号".into(),
            reasons: vec!["complete".into()],
            text_ref: text_ref(),
        }),
        Fact::CaseCompleted(v1::CaseCompleted {}),
        Fact::ResultIssued(v1::ResultIssued { cert_no: "C-1".into() }),
        Fact::ResultMailed(v1::ResultMailed { waybill_ref: text_ref() }),
        Fact::ResultDelivered(v1::ResultDelivered { how: v1::DeliveryMeans::Mail.into() }),
        Fact::CaseWithdrawn(v1::CaseWithdrawn { by: v1::WithdrawnBy::Proxy.into() }),
        Fact::CaseTerminated(v1::CaseTerminated { ground: "applicant_gone".into() }),
        Fact::DecisionRevoked(v1::DecisionRevoked { ground: "unlawful".into(), by: "court".into() }),
        Fact::CaseReopened(v1::CaseReopened { ground: v1::ReopenGround::Review.into() }),
        Fact::CaseNoteRecorded(v1::CaseNoteRecorded { code: "printed".into(), text_ref: text_ref() }),
    ]
}

fn procedures() -> [Fact; 12] {
    let told = Some(at(date(2026, 5, 7), 9, 0));
    [
        Fact::FirstCheckDone(v1::FirstCheckDone { window_id: "W03".into(), result: "complete".into() }),
        Fact::ReviewStepDone(v1::ReviewStepDone { step: "S1".into() }),
        Fact::SpecialProcedureStarted(v1::SpecialProcedureStarted {
            proc_id: "P1".into(),
            kind: v1::SpecialProcedureKind::ExpertReview.into(),
            expected_wd: 5,
            told_applicant_at: told,
            sub_case: Some(case_ref("C-7")),
        }),
        Fact::SpecialProcedureEnded(v1::SpecialProcedureEnded { proc_id: "P1".into(), result: "pass".into() }),
        Fact::ExtensionApproved(v1::ExtensionApproved {
            days: 10,
            approver: "head".into(),
            reason: "complex".into(),
            told_applicant_at: told,
        }),
        Fact::HearingRightTold(v1::HearingRightTold {}),
        Fact::HearingRequested(v1::HearingRequested {}),
        Fact::SupervisionAlertRaised(v1::SupervisionAlertRaised {
            rule_id: "warn_wd".into(),
            colour: v1::AlertColour::Yellow.into(),
        }),
        Fact::SupervisionAlertCleared(v1::SupervisionAlertCleared { rule_id: "warn_wd".into() }),
        Fact::ApplicationSubmittedOnline(v1::ApplicationSubmittedOnline {}),
        Fact::NoticeBreachAlleged(v1::NoticeBreachAlleged {
            allegation_id: "A1".into(),
            notice_id: "N1".into(),
            kind: v1::NoticeBreachKind::Incomplete.into(),
            basis: Some(v1::notice_breach_alleged::Basis::RecordRef("sealed-1".into())),
        }),
        Fact::NoticeBreachFound(v1::NoticeBreachFound {
            allegation_id: "A1".into(),
            finding: v1::Finding::Substantiated.into(),
            kind: v1::NoticeBreachKind::OffList.into(),
            verifier: "G0099".into(),
        }),
    ]
}

fn contacts() -> impl Iterator<Item = Fact> {
    [
        Fact::FirstAskReceived(v1::FirstAskReceived {
            channel: v1::Channel::Desk.into(),
            matter_code: "T1".into(),
            text_ref: text_ref(),
            promised_reply_on: "2026-04-22".into(),
        }),
        Fact::FirstAskAnswered(v1::FirstAskAnswered { answer_ref: text_ref() }),
        Fact::FirstAskHandedOver(v1::FirstAskHandedOver { to_unit: "11370306XXXX00027E".into(), to_staff: "G0018".into() }),
        Fact::FirstAskAccepted(v1::FirstAskAccepted { by_staff: "G0018".into() }),
        Fact::FirstAskReplied(v1::FirstAskReplied {}),
        Fact::FirstAskRefused(v1::FirstAskRefused { ground: "out_of_remit".into(), explained: true }),
        Fact::FirstAskBreachAlleged(v1::FirstAskBreachAlleged {
            allegation_id: "A2".into(),
            kind: v1::FirstAskBreachKind::Bounced.into(),
            basis: Some(v1::first_ask_breach_alleged::Basis::SourceEvent(event_ref())),
        }),
        Fact::FirstAskBreachFound(v1::FirstAskBreachFound {
            allegation_id: "A2".into(),
            finding: v1::Finding::Unverifiable.into(),
            verifier: "G0099".into(),
        }),
    ]
    .into_iter()
}

fn visits() -> impl Iterator<Item = Fact> {
    [
        Fact::ApplicantVisited(v1::ApplicantVisited {
            case_nos: vec![v1::CaseRef { system: "hall".into(), no: "37030620260420-0001".into() }],
            place: "hall-1".into(),
            who: v1::VisitWho::Proxy.into(),
            purpose: v1::VisitPurpose::Correct.into(),
            required: true,
            cause: v1::VisitCause::NoticeBreach.into(),
        }),
        Fact::VisitCauseDecided(v1::VisitCauseDecided {
            cause: v1::VisitCause::WrongGuide.into(),
            decider: v1::VisitDecider::Reviewer.into(),
            basis: Some(v1::visit_cause_decided::Basis::SourceEvent(event_ref())),
        }),
    ]
    .into_iter()
}

fn corrections() -> impl Iterator<Item = Fact> {
    let by_event = v1::EventRef { event_id: "01890a5d-ac96-774b-bcce-b302099a8059".into(), ..event_ref() };
    let (target, reason, authority) = (Some(event_ref()), String::from("typo"), String::from("centre-office"));
    [
        Fact::EventVoided(v1::EventVoided { target: target.clone(), reason: reason.clone(), authority: authority.clone() }),
        Fact::EventReplaced(v1::EventReplaced { target, by_event: Some(by_event), reason, authority }),
    ]
    .into_iter()
}

/// A rule with this value.
pub(crate) fn rule(kind: v1::rule_value::Kind) -> v1::RuleSet {
    v1::RuleSet {
        rule_id: "inspection_cap".into(),
        value: Some(v1::RuleValue { kind: Some(kind) }),
        in_force_from: "2026-01-01".into(),
        authority: "周发〔2018〕6号".into(),
    }
}

fn log_facts() -> impl Iterator<Item = Fact> {
    use v1::rule_value::Kind;
    let table = v1::RuleTable { numbers: [("permit".into(), 3), ("other".into(), -1)].into() };
    [
        Fact::LogOpened(v1::LogOpened {
            name: "370306".into(),
            suite: "sha256".into(),
            time_zone: "Asia/Shanghai".into(),
            contract: 1,
            synthetic: true,
        }),
        Fact::RuleSet(rule(Kind::Table(table))),
        Fact::CalendarPublished(v1::CalendarPublished {
            year: 2026,
            version: 1,
            days: vec![v1::CalendarDay { date: "2026-09-20".into(), kind: v1::DayKind::Work.into() }],
            notice_no: "国办发明电〔2025〕7号".into(),
            issued_on: "2025-11-04".into(),
            r#final: true,
        }),
        Fact::LogRecovered(log_recovered()),
    ]
    .into_iter()
}

pub(crate) fn log_recovered() -> v1::LogRecovered {
    v1::LogRecovered {
        incarnation: 2,
        kept_position: 1_041,
        lost_from: 1_042,
        lost_to: 1_050,
        lost_leaf_hash: (0..32).collect(),
        reason: "backup-restored".into(),
    }
}

pub(crate) fn subject_registered() -> v1::SubjectRegistered {
    v1::SubjectRegistered {
        subject_kind: v1::SubjectKind::Project.into(),
        usci: "91370306XXXX01011R".into(),
        project_code: "2026-370306-41-03-012345".into(),
        new_from: "2026-04-01".into(),
        town: "370306001".into(),
        zone_id: "Z-1".into(),
        above_scale: true,
        key: true,
        linked_kinds: vec![v1::LinkedProcedure::Zone.into(), v1::LinkedProcedure::Acceptance.into()],
    }
}

pub(crate) fn zone_assessment_approved() -> v1::ZoneAssessmentApproved {
    v1::ZoneAssessmentApproved {
        assessment_id: "ZA-1".into(),
        kind: "water".into(),
        valid_from: "2026-01-01".into(),
        valid_to: "2028-12-31".into(),
    }
}

pub(crate) fn linked_session_held() -> v1::LinkedSessionHeld {
    v1::LinkedSessionHeld {
        session_id: "LS-1".into(),
        units: vec!["11370306XXXX00019K".into(), "11370306XXXX00027E".into()],
        remote: true,
        from: Some(at(date(2026, 4, 20), 9, 0)),
        to: Some(at(date(2026, 4, 20), 10, 0)),
        minutes_ref: text_ref(),
    }
}

fn projects() -> [(&'static str, Fact); 10] {
    let (set_id, set_version) = (String::from("main"), String::from("v2"));
    let point = v1::DrawingPoint { sheet: "A-01".into(), point_code: "exit_width".into(), text_ref: text_ref() };
    [
        ("subject", Fact::SubjectRegistered(subject_registered())),
        ("zone", Fact::ZoneAssessmentApproved(zone_assessment_approved())),
        ("subject", Fact::ZoneAssessmentApplied(v1::ZoneAssessmentApplied { zone_id: "Z-1".into(), assessment_id: "ZA-1".into() })),
        (
            "subject",
            Fact::SeparateAssessmentDemanded(v1::SeparateAssessmentDemanded { kind: "soil".into(), reason: "hazard".into() }),
        ),
        ("subject", Fact::LinkedSessionHeld(linked_session_held())),
        (
            "subject",
            Fact::RemoteOpinionGiven(v1::RemoteOpinionGiven {
                session_id: "LS-1".into(),
                unit_usci: "11370306XXXX00027E".into(),
                opinion: v1::RemoteOpinion::Conditional.into(),
                opinion_ref: text_ref(),
            }),
        ),
        (
            "subject",
            Fact::DrawingSubmitted(v1::DrawingSubmitted {
                set_id: set_id.clone(),
                set_version: set_version.clone(),
                changed_sheets: vec!["A-01".into()],
                sm3: (0..32).collect(),
            }),
        ),
        (
            "subject",
            Fact::DrawingReviewOpened(v1::DrawingReviewOpened {
                set_id: set_id.clone(),
                set_version: set_version.clone(),
                specialties: vec!["fire".into(), "civil_defence".into()],
            }),
        ),
        (
            "subject",
            Fact::DrawingOpinionGiven(v1::DrawingOpinionGiven {
                set_id: set_id.clone(),
                set_version: set_version.clone(),
                specialty: "fire".into(),
                result: v1::DrawingOpinionResult::Revise.into(),
                points: vec![point],
            }),
        ),
        (
            "subject",
            Fact::DrawingConclusionIssued(v1::DrawingConclusionIssued {
                set_id,
                set_version,
                result: v1::DrawingConclusionResult::Revise.into(),
            }),
        ),
    ]
}

fn registries() -> [(&'static str, Fact); 7] {
    [
        (
            "unit",
            Fact::UnitRegistered(v1::UnitRegistered {
                name: "周村区行政审批服务局".into(),
                kind: v1::UnitKind::Department.into(),
                level: 4,
                town: "370306001".into(),
                from: "2019-01-01".into(),
            }),
        ),
        ("unit", Fact::UnitHeadAppointed(v1::UnitHeadAppointed { person_id: "H1".into(), from: "2025-03-01".into() })),
        ("unit", Fact::UnitHeadRelieved(v1::UnitHeadRelieved { person_id: "H1".into() })),
        ("item", Fact::ItemVersionPublished(item_version())),
        ("item", Fact::ItemPosted(v1::ItemPosted { version: "2026-1".into(), channel: v1::ItemChannel::ReadingArea.into() })),
        (
            "item",
            Fact::ToleranceListPublished(v1::ToleranceListPublished {
                version: "2026-1".into(),
                materials: vec![v1::ToleratedMaterial { code: "M2".into(), max_wd: 5 }],
            }),
        ),
        ("item", Fact::ItemWithdrawn(v1::ItemWithdrawn { authority_ref: "W-1".into() })),
    ]
}

fn kept_catalogue() -> [(&'static str, Fact); 6] {
    let categories =
        vec![v1::FlowCategory { code: "construction".into(), item_codes: vec!["11370306XXXX00019K43701".into(), "P-2".into()] }];
    let limit = |n: u32| Some(v1::Limit { n, unit: v1::LimitUnit::WorkingDay.into() });
    [
        ("edition", Fact::ItemFlowsConsolidated(v1::ItemFlowsConsolidated { categories })),
        ("item", Fact::ItemTakenOver(v1::ItemTakenOver { authority_ref: "鲁政发〔2026〕3号".into() })),
        ("item", Fact::ItemCancelled(v1::ItemCancelled { authority_ref: "国发〔2026〕9号".into() })),
        ("item", Fact::ItemDelegated(v1::ItemDelegated { authority_ref: "周政办发〔2026〕5号".into() })),
        (
            "item",
            Fact::ItemLimitChanged(v1::ItemLimitChanged {
                version: "2026-2".into(),
                promised_old: limit(8),
                promised_new: limit(5),
                in_force_from: "2026-06-01".into(),
            }),
        ),
        (
            "district",
            Fact::PeerFigurePublished(v1::PeerFigurePublished {
                figure: v1::PeerFigure::Materials.into(),
                value_hundredths: 435,
                valid_on: "2026-03-31".into(),
                source_ref: "portal-2026-q1".into(),
            }),
        ),
    ]
}
