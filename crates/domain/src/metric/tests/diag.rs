//! The figures without legal meaning.

use super::life::{asks_two, brings, passed, received};
use super::{Life, WINDOW_UNIT, figure, told};
use crate::event::{CaseNote, CaseReceived, Channel, Fact, Recorded};
use crate::history::History;
use crate::ids::kind::CASE;
use crate::metric::{Metric, diag_standings, is_source_event, standings};
use crate::testing::{day, voided};

fn note(code: &str) -> Fact {
    Fact::CaseNoteRecorded(CaseNote { code: code.into() })
}

fn answers(life: &Life, questions: &[&str]) {
    let (history, knowledge) = told(CASE, life.iter().enumerate());
    let all = diag_standings(&history, &knowledge);
    for question in questions {
        let (question, expected) = question.split_once(" = ").unwrap();
        assert_eq!(figure(&all, question), expected, "{question}");
    }
    assert!(standings(&history, &knowledge).iter().all(|s| !s.metric.def().diagnostic), "they are not stored");
}

#[test]
fn what_a_record_holds() {
    let life: Life = vec![
        ("03-02 09:00", received("permit")),
        ("03-03 09:00", asks_two()),
        ("03-03 10:00", asks_two()),
        ("03-04 09:00", brings(&[])),
        ("03-05 09:00", voided(6)),
        ("03-05 10:00", note("step")),
        ("03-06 09:00", note("trace.end")),
    ];
    // The void itself counts; what it takes away and the end of the trace do not.
    let questions = [
        "diag_cases 03-02..03-02 @03-01 = 1 case",
        "diag_source_events 03-02..03-02 @12-31 = 1 events",
        "diag_cases_with 03-03..03-03 @12-31 = 1 has_type(NoticeGiven)",
        "diag_cases_with 03-05..03-31 @12-31 = 1 has_type(EventVoided)",
        "diag_notices_answered 03-02..03-02 @12-31 = 1 answered",
        "diag_notices_unanswered 03-02..03-02 @12-31 = 1 unanswered",
        "diag_open_cases @03-01 = 0",
        "diag_open_cases @03-02 = 1 open",
        "diag_open_cases @03-04 = 1 open",
        "diag_open_cases @03-05 = 0",
    ];
    answers(&life, &questions);
    let (history, knowledge) = told(CASE, life.iter().enumerate());
    let all = diag_standings(&history, &knowledge);
    let value = |metric| all.iter().find(|s| s.metric == metric).and_then(|s| s.value);
    assert_eq!(value(Metric::DiagSourceEvents), Some(5.0));
    assert_eq!(value(Metric::DiagCorrectionSeconds), Some(24.0 * 3600.0), "the first notice is answered");
}

#[test]
fn midnight_belongs_to_the_night_before() {
    // First event ≤ instant < last event, at the instant that ends the date.
    let life: Life = vec![("03-03 00:00", received("permit")), ("03-05 00:00", passed())];
    let nights = [
        "diag_open_cases @03-01 = 0",
        "diag_open_cases @03-02 = 1 open",
        "diag_open_cases @03-03 = 1 open",
        "diag_open_cases @03-04 = 0",
    ];
    answers(&life, &nights);
}

#[test]
fn what_an_import_adds_is_no_source_event() {
    let begin = |item: &str, window: &str, source_seq| {
        let received = CaseReceived {
            item_code: item.into(),
            item_version: "".into(),
            channel: Channel::Unknown,
            window: window.into(),
            materials: Vec::new(),
            renews_until: None,
        };
        let mut event = super::happened(CASE, 0, "03-02", &Fact::CaseReceived(received)).event;
        std::sync::Arc::make_mut(&mut event).source_seq = source_seq;
        is_source_event(&event)
    };
    assert!(!begin("", "", Some(0)));
    assert!(begin("", "", Some(1)) && begin("", "", None) && begin("permit", "", Some(0)) && begin("", WINDOW_UNIT, Some(0)));
    let (history, knowledge) = told(CASE, [].into_iter());
    assert_eq!(diag_standings(&history, &knowledge), []);
    let only = |fact: Fact| -> History {
        let mut history = History::new(crate::testing::subject(CASE));
        let recorded: Recorded = super::happened(CASE, 0, "03-02", &fact);
        history.insert(recorded);
        history
    };
    assert_eq!(diag_standings(&only(note("trace.begin")), &knowledge), []);
    assert_eq!(diag_standings(&only(note("traced")), &knowledge)[0].counts_on, day("03-02"));
}
