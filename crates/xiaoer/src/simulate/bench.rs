//! Cases for the load generator: ten events each, of about 500 bytes as stored.

use jiff::Timestamp;
use uuid::Uuid;
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, DecisionResult, NoticeCause, NoticeForm, event::Fact};

/// Events of a bench case.
pub const BENCH_CASE_EVENTS: usize = 10;
const UNIT: &str = "11370306XXXX00027E";
const CENTRE: &str = "11370306XXXX00019K";
const MATERIALS: [&str; 10] = [
    "application_form",
    "identity_document",
    "business_licence",
    "site_proof",
    "site_plan",
    "qualification",
    "health_certificate",
    "safety_assessment",
    "survey_map",
    "environment_report",
];

/// The events of a whole case, in order, each acceptable in strict mode after the one before it.
///
/// `run` is the time the run began, in microseconds since 1970; it and `case` make the case number and the event ids unique. The
/// ids are UUIDs of version 7 in the order of the cases, and everything happened in the seconds before `run`.
pub fn bench_case(run: u64, case: u64) -> impl Iterator<Item = v1::Event> {
    (0u64..).zip(facts(case)).map(move |(step, fact)| event(run, case, step, fact))
}

fn event(run: u64, case: u64, step: u64, fact: Fact) -> v1::Event {
    let micros = i64::try_from(run.saturating_add(step * 1_000)).unwrap_or(i64::MAX).saturating_sub(10_000_000);
    let at_hall = step < 5;
    v1::Event {
        event_id: event_id(run, case, step).to_string(),
        subject: Some(v1::Subject {
            kind: kind::CASE.to_owned(),
            system: "bench".to_owned(),
            id: format!("{UNIT}43701{run:016}{case:010}"),
        }),
        occurred_at: Timestamp::from_microsecond(micros).ok().map(Into::into),
        source: Some(v1::Source {
            system: if at_hall { "bench-hall" } else { "bench-approval" }.to_owned(),
            unit_usci: if at_hall { CENTRE } else { UNIT }.to_owned(),
            staff_id: format!("ZC{:04}", case % 200),
            window_id: if at_hall { format!("A{:02}", case % 40) } else { String::new() },
        }),
        source_seq: u32::try_from(step).ok(),
        fact: Some(fact),
        ..v1::Event::default()
    }
}

fn facts(case: u64) -> [Fact; BENCH_CASE_EVENTS] {
    let notice_id = || format!("notice-{case:010}-1");
    let materials = || MATERIALS.map(str::to_owned).to_vec();
    let item = |material: &str| v1::NoticeItem {
        material_code: material.to_owned(),
        defect: "not_signed".to_owned(),
        remedy: "sign_and_submit_again".to_owned(),
        cause: NoticeCause::First.into(),
    };
    let text_ref = |what: &str| Some(v1::TextRef { r#ref: format!("{what}-{case:010}"), commitment: vec![0x5a; 32] });
    [
        Fact::CaseReceived(v1::CaseReceived {
            applicant: Some(v1::Applicant {
                r#ref: format!("applicant-{case:010}"),
                kind: v1::ApplicantKind::NaturalPerson.into(),
                usci: String::new(),
            }),
            channel: v1::Channel::Window.into(),
            window_id: format!("A{:02}", case % 40),
            materials: materials(),
            ..v1::CaseReceived::default()
        }),
        Fact::NoticeGiven(v1::NoticeGiven {
            notice_id: notice_id(),
            form: NoticeForm::Written.into(),
            items: MATERIALS[..5].iter().map(|material| item(material)).collect(),
            receipt_ref: format!("receipt-{case:010}"),
        }),
        Fact::CorrectionSubmitted(v1::CorrectionSubmitted { notice_id: notice_id(), material_codes: materials() }),
        Fact::CaseAccepted(v1::CaseAccepted { mode: v1::AcceptanceMode::Normal.into(), promised_due: String::new() }),
        Fact::CaseRoutedToDept(v1::CaseRoutedToDept { to_usci: UNIT.to_owned() }),
        Fact::DeptTookCase(v1::DeptTookCase { usci: UNIT.to_owned() }),
        Fact::ReviewStepDone(v1::ReviewStepDone { step: "review_of_substance".to_owned() }),
        Fact::CaseDecided(v1::CaseDecided {
            result: DecisionResult::Pass.into(),
            doc_no: format!("ZC-2026-{case:010}"),
            reasons: ["conditions_met", "site_inspected", "no_objection"].map(str::to_owned).to_vec(),
            text_ref: text_ref("decision"),
        }),
        Fact::CaseCompleted(v1::CaseCompleted {}),
        Fact::ResultIssued(v1::ResultIssued { cert_no: format!("ZC-2026-{case:010}-certificate") }),
    ]
}

/// Version 7: 48 bits of milliseconds, which also count the cases so that ids ascend; the rest tells run, case and step apart.
fn event_id(run: u64, case: u64, step: u64) -> Uuid {
    let millis = (run / 1_000).wrapping_add(case / 100) & 0xffff_ffff_ffff;
    let low = (case.wrapping_mul(16) + step) & 0xff_ffff_ffff;
    let high = ((case % 100) * 16 + step) & 0xfff;
    let run = run & 0x3f_ffff;
    Uuid::from_u128(
        u128::from(millis) << 80 | 0x7 << 76 | u128::from(high) << 64 | 0b10 << 62 | u128::from(run) << 40 | u128::from(low),
    )
}
