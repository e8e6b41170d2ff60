//! The figures of two real logs, worked out from the produced events alone and compared with those that other programs found.

use super::super::{CaseEvents, Mapping, events, is_source_event};
use jiff::civil::Date;
use std::{collections::BTreeMap, fs, fs::File, io::Write, path::PathBuf};
use xiaoer_wire::v1::{self, event::Fact};

/// A file of the reference data. Where it is not there the test says so and ends; it goes around the capture of output, so that
/// nobody takes the silence for success.
fn data(path: &str) -> Option<PathBuf> {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path);
    if !file.exists() {
        let _ = writeln!(std::io::stderr(), "DID NOT RUN: the reference data {path} is not there");
        return None;
    }
    Some(file)
}

fn cases(mapping: &str, log: &PathBuf) -> Vec<CaseEvents> {
    let mapping = fs::read_to_string(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/mappings")).join(mapping));
    let mapping = Mapping::parse(&mapping.unwrap()).unwrap();
    events(&mapping, File::open(log).unwrap()).unwrap().collect::<Result<_, _>>().unwrap()
}

fn micros(event: &v1::Event) -> i64 {
    event.occurred_at.unwrap().to_jiff().unwrap().as_microsecond()
}

fn with(cases: &[CaseEvents], is: impl Fn(&Fact) -> bool) -> usize {
    cases.iter().filter(|case| case.events.iter().any(|event| is(event.fact.as_ref().unwrap()))).count()
}

/// Days opened and closed on, by first and last event of the log: `day,opened,closed,open_at_end`, as the reference has it.
fn backlog(cases: &[CaseEvents]) -> String {
    let mut days: BTreeMap<Date, (i64, i64)> = BTreeMap::new();
    for case in cases {
        let times: Vec<i64> = case.events.iter().filter(|event| is_source_event(event)).map(micros).collect();
        let day = |at: i64| jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(at).unwrap()).date();
        days.entry(day(*times.iter().min().unwrap())).or_default().0 += 1;
        days.entry(day(*times.iter().max().unwrap())).or_default().1 += 1;
    }
    let (first, last) = (*days.keys().next().unwrap(), *days.keys().last().unwrap());
    let mut rows = String::from("day_utc,opened,closed,open_at_end\n");
    let (mut day, mut open) = (first, 0);
    while day <= last {
        let (opened, closed) = days.get(&day).copied().unwrap_or_default();
        open += opened - closed;
        rows += &format!("{day},{opened},{closed},{open}\n");
        day = day.tomorrow().unwrap();
    }
    rows
}

/// Notices answered and unanswered, and the microseconds between, paired as the reference does: each notice with the first
/// correction at or after it that no earlier notice took.
fn pairs(cases: &[CaseEvents]) -> (usize, usize, i64) {
    let (mut answered, mut unanswered, mut total) = (0, 0, 0);
    for case in cases {
        let times = |is: fn(&Fact) -> bool| {
            let mut times: Vec<i64> = case.events.iter().filter(|event| is(event.fact.as_ref().unwrap())).map(micros).collect();
            times.sort_unstable();
            times
        };
        let mut corrections = times(|fact| matches!(fact, Fact::CorrectionSubmitted(_)));
        for notice in times(|fact| matches!(fact, Fact::NoticeGiven(_))) {
            match corrections.iter().position(|&at| at >= notice) {
                Some(index) => {
                    answered += 1;
                    total += corrections.remove(index) - notice;
                }
                None => unanswered += 1,
            }
        }
    }
    (answered, unanswered, total)
}

/// Every event passes the form checks of the gate.
fn check_form(cases: &[CaseEvents]) {
    let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
    for event in cases.iter().flat_map(|case| &case.events) {
        if let Err(refusal) = xiaoer_wire::parse::event(event, &zone) {
            panic!("{refusal}: {event:?}");
        }
    }
}

fn check_counts(cases: &[CaseEvents], count: usize, source_events: u64) {
    assert_eq!(cases.len(), count);
    assert_eq!(cases.iter().map(|case| case.source_events).sum::<u64>(), source_events);
    let told = cases.iter().flat_map(|case| &case.events).filter(|event| is_source_event(event)).count();
    assert_eq!(told as u64, source_events, "a source event is told from the others");
    for case in cases {
        let seqs: Vec<u32> = case.events.iter().map(|event| event.source_seq.unwrap()).collect();
        assert!(seqs.iter().copied().eq(0..u32::try_from(seqs.len()).unwrap()), "numbered without a gap: {seqs:?}");
    }
}

#[test]
fn receipts() {
    let (Some(log), Some(reference)) = (data("receipt/receipt.xes.gz"), data("receipt/figures.backlog.csv")) else { return };
    let cases = cases("receipt.toml", &log);
    check_counts(&cases, 1_434, 8_577);
    check_form(&cases);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::CaseAccepted(_))), 1_434);
    let ends = |fact: &Fact| matches!(fact, Fact::CaseNoteRecorded(note) if note.code == "trace.end");
    assert_eq!(with(&cases, ends), 1_329, "105 traces have no enddate");
    let online = |fact: &Fact| matches!(fact, Fact::CaseReceived(received) if received.channel() == v1::Channel::Online);
    assert_eq!(with(&cases, online), 1_250);
    assert_eq!(backlog(&cases), fs::read_to_string(reference).unwrap().replace('\r', ""));
}

#[test]
fn permits() {
    let log = data("permits-office1/BPIC15_1.xes.gz");
    let (Some(log), Some(reference)) = (log, data("permits-office1/figures_1.backlog.csv")) else { return };
    let cases = cases("permits-office1.toml", &log);
    check_counts(&cases, 1_199, 52_217);
    check_form(&cases);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::NoticeGiven(_))), 288);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::ExtensionApproved(_))), 143);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::CaseDecided(_))), 915);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::ResultIssued(_))), 899);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::CaseWithdrawn(_))), 71);
    assert_eq!(with(&cases, |fact| matches!(fact, Fact::CaseTerminated(_))), 41);
    let (answered, unanswered, total) = pairs(&cases);
    assert_eq!((answered, unanswered), (241, 47));
    let days = total as f64 / 86_400e6;
    assert!((days - 10_832.929).abs() < 0.000_5, "{days} days");
    assert_eq!(backlog(&cases), fs::read_to_string(reference).unwrap().replace('\r', ""));
}
