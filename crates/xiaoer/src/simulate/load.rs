//! Cases for the load generator: ten events of about 500 stored bytes each.

use uuid::Uuid;
use xiaoer_wire::{
    time::Timestamp,
    v1::{self, event::Fact},
};

/// Microseconds between two events of a case.
const STEP: i64 = 60_000_000;

/// The ten events of the n-th case of a run. `run` is microseconds of UTC, so that ids are in the order of time, as UUIDv7 are.
pub fn bench_case(run: u64, n: u64) -> Vec<v1::Event> {
    let unit = "11370306XXXX00019K".to_owned();
    let no = format!("1137030600000000{run:016}{n:012}");
    let code = |name: &str| format!("{name}-{run:016}-{n:08}-as-a-department-writes-it-in-full-length");
    let facts = [
        Fact::CaseReceived(v1::CaseReceived {
            item_code: "370306-0001".into(),
            item_version: "1".into(),
            applicant: Some(v1::Applicant {
                r#ref: code("applicant"),
                kind: v1::ApplicantKind::LegalPerson as i32,
                usci: "91370306XXXX01011R".into(),
            }),
            channel: v1::Channel::Online as i32,
            ..v1::CaseReceived::default()
        }),
        Fact::NoticeGiven(v1::NoticeGiven {
            notice_id: "n1".into(),
            form: v1::NoticeForm::Electronic as i32,
            items: Vec::new(),
            receipt_ref: code("receipt"),
        }),
        Fact::CorrectionSubmitted(v1::CorrectionSubmitted { notice_id: "n1".into(), material_codes: vec![code("material")] }),
        Fact::CaseAccepted(v1::CaseAccepted { mode: v1::AcceptanceMode::Normal as i32, promised_due: String::new() }),
        Fact::CaseRoutedToDept(v1::CaseRoutedToDept { to_usci: unit.clone() }),
        Fact::DeptTookCase(v1::DeptTookCase { usci: unit.clone() }),
        Fact::ReviewStepDone(v1::ReviewStepDone { step: code("review") }),
        Fact::CaseDecided(v1::CaseDecided {
            result: v1::DecisionResult::Pass as i32,
            doc_no: code("doc"),
            reasons: Vec::new(),
            text_ref: None,
        }),
        Fact::CaseCompleted(v1::CaseCompleted {}),
        Fact::ResultIssued(v1::ResultIssued { cert_no: code("cert") }),
    ];
    // Ten minutes long, and over when the run began: nothing lies ahead of the server's clock.
    let begin = i64::try_from(run).unwrap_or(0) - 20 * STEP;
    let event = |(step, fact)| v1::Event {
        event_id: ordered_id(run, n * 10 + step).to_string(),
        subject: Some(v1::Subject { kind: "case".into(), system: "approval-system-of-the-department".into(), id: no.clone() }),
        occurred_at: Some(Timestamp::from_micros(begin + i64::try_from(step).unwrap_or(0) * STEP)),
        source: Some(v1::Source {
            system: "approval-system-of-the-department".into(),
            unit_usci: unit.clone(),
            staff_id: "w-0001".into(),
            window_id: "window-0001".into(),
        }),
        fact: Some(fact),
        ..v1::Event::default()
    };
    (0..).zip(facts).map(event).collect()
}

/// A UUID of version 7 whose random part is the number.
fn ordered_id(run: u64, number: u64) -> Uuid {
    let millis = run / 1_000 + number / 1_000;
    uuid::Builder::from_unix_timestamp_millis(millis, &counter(run, number)).into_uuid()
}

fn counter(run: u64, number: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[..2].copy_from_slice(&u16::try_from(run % 1_000).unwrap_or(0).to_be_bytes());
    bytes[2..].copy_from_slice(&number.to_be_bytes());
    bytes
}
