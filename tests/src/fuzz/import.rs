//! Event logs of other systems, and the mappings that say what becomes of them.

use crate::root;
use std::{
    fs,
    io::{Cursor, Read},
    sync::LazyLock,
};
use xiaoer::import::{CaseEvents, Mapping, events};

/// Most cases of one input that are looked at.
const CASES_MAX: usize = 200;

static MAPPINGS: LazyLock<Vec<(String, Mapping)>> = LazyLock::new(|| {
    ["receipt.toml", "permits-office1.toml"]
        .map(|name| {
            let text = fs::read_to_string(root().join("examples/mappings").join(name)).expect("a mapping");
            let mapping = Mapping::parse(&text).expect("a mapping");
            (text, mapping)
        })
        .into()
});

/// The cases of a log, and what stopped its reader.
fn read(mapping: &Mapping, log: impl Read + Send + 'static) -> (Vec<CaseEvents>, Option<String>) {
    let mut cases = Vec::new();
    let all = match events(mapping, log) {
        Ok(all) => all,
        Err(error) => return (cases, Some(error.to_string())),
    };
    for case in all.take(CASES_MAX) {
        match case {
            Ok(case) => cases.push(case),
            Err(error) => return (cases, Some(error.to_string())),
        }
    }
    (cases, None)
}

/// Gives its bytes one by one.
struct Dripping(Cursor<Vec<u8>>);

impl Read for Dripping {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(1);
        self.0.read(&mut into[..len])
    }
}

/// Each case has its own subject, its events are numbered without a gap from the first, and have ids of their own.
fn check(cases: &[CaseEvents]) {
    for case in cases {
        let first = case.events.first().and_then(|event| event.source_seq).unwrap_or_default();
        for (event, seq) in case.events.iter().zip(first..) {
            assert_eq!((event.subject.as_ref(), event.source_seq), (Some(&case.subject), Some(seq)));
            assert!(event.occurred_at.is_some_and(|at| at.to_jiff().is_ok()) && event.fact.is_some(), "{event:?}");
        }
        let mut ids: Vec<_> = case.events.iter().map(|event| &event.event_id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), case.events.len());
        assert!(case.source_events <= case.events.len() as u64);
    }
}

/// A log, by the mappings of the examples: it gives the same whether its bytes come at once or one by one, and what stops the reader
/// stands at a byte of the log.
pub(super) fn log(bytes: &[u8]) -> String {
    let mut said = Vec::new();
    for (_, mapping) in MAPPINGS.iter() {
        let whole = read(mapping, Cursor::new(bytes.to_vec()));
        let dripping = read(mapping, Dripping(Cursor::new(bytes.to_vec())));
        // Where an archive is damaged, how far it is unpacked depends on the pieces; that it is noticed does not.
        let is_zipped = bytes.starts_with(&[0x1f, 0x8b]);
        if is_zipped && whole.1.is_some() {
            assert!(dripping.1.is_some(), "in pieces the damage is not noticed");
        } else {
            assert_eq!(format!("{whole:?}"), format!("{dripping:?}"), "in pieces it is another log");
        }
        let (cases, stopped) = whole;
        check(&cases);
        if let Some(stopped) = &stopped
            && !is_zipped
            && let Some(at) = stopped.strip_prefix("byte ").and_then(|rest| rest.split(':').next()?.parse::<usize>().ok())
        {
            assert!(at <= bytes.len(), "{stopped}");
        }
        let words = stopped.map_or("whole".into(), |stopped| words(&stopped));
        said.push(format!("{} cases, {words}", cases.len().min(3)));
    }
    said.dedup();
    said.join("; ")
}

/// The beginning of an error without what it names.
fn words(error: &str) -> String {
    let plain = error.split(": ").skip(1).map(|part| part.split(['`', '<', '"']).next().unwrap_or_default()).collect::<String>();
    plain.chars().filter(|c| c.is_ascii_alphabetic() || *c == ' ').take(40).collect()
}

/// A mapping: what is accepted makes of a log the same events each time, with the mapping's system on each.
pub(super) fn mapping(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return "no text".into() };
    let mapping = match Mapping::parse(text) {
        Ok(mapping) => mapping,
        Err(error) => return words(&error.to_string().lines().last().map_or(String::new(), |last| format!(": {last}"))),
    };
    let mut said = "accepted".to_owned();
    for log in logs() {
        let (cases, stopped) = read(&mapping, Cursor::new(log.clone()));
        let again = Mapping::parse(text).expect("it was one");
        assert_eq!(format!("{:?}", read(&again, Cursor::new(log))), format!("{:?}", (&cases, &stopped)));
        check(&cases);
        said = format!("accepted, {}", stopped.map_or("whole".into(), |stopped| words(&stopped)));
    }
    said
}

/// The mappings of the examples.
pub(super) fn mappings() -> Vec<Vec<u8>> {
    MAPPINGS.iter().map(|(text, _)| text.clone().into_bytes()).collect()
}

/// Logs with what the standard knows.
pub(super) fn logs() -> Vec<Vec<u8>> {
    let event = |name: &str, at: &str, more: &str| {
        format!("<event><string key='concept:name' value='{name}'/><date key='time:timestamp' value='{at}'/>{more}</event>")
    };
    let trace = |name: &str, events: &str| format!("<trace><string key='concept:name' value='{name}'/>{events}</trace>");
    let log = |traces: &str| format!("<?xml version='1.0' encoding='UTF-8'?><log xes.version='1.0'>{traces}</log>").into_bytes();
    let receipt = event("Confirmation of receipt", "2011-10-11T13:45:40.276+02:00", "<string key='org:resource' value='R1'/>")
        + &event("T02 Check confirmation of receipt", "2011-10-12T08:26:25Z", "<int key='n' value='1'/>")
        + &event("T10 Determine necessity to stop indication", "2011-11-24 15:36:51", "<boolean key='b' value='true'/>");
    let permit = event("01_HOOFD_010", "2010-10-15T00:00:00+02:00", "<string key='action_code' value='01_HOOFD_010'/>")
        + &event("01_HOOFD_490_2", "2010-12-01T00:00:00+01:00", "<string key='question' value='True'/>");
    let head = "<extension name='Time' prefix='time' uri='x'/><global scope='event'><string key='a' value='UNKNOWN'/></global>\
        <classifier name='c' keys='a'/><string key='meta' value='m'><int key='a' value='1'/></string><!-- <trace> -->";
    let nested = trace(
        "3",
        &event("a", "2020-01-01T00:00:00Z", "<list key='l'><values><string key='x' value='&lt;&#x5c0f;二'/></values></list>"),
    );
    let dates = "<date key='startdate' value='2011-10-11T13:45:40.276+02:00'/><date key='enddate' value='2011-10-12T00:00:00Z'/>\
        <string key='channel' value='Internet'/><string key='requestComplete' value='FALSE'/>";
    vec![
        log(&trace("case-10011", &format!("{dates}{receipt}"))),
        log(&format!("{head}{}{}", trace("1", &permit), trace("2", &receipt))),
        log(&format!("{nested}<trace/>")),
        b"<log/>".to_vec(),
        zipped(&log(&trace("9", &receipt))),
    ]
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).expect("memory");
    gz.finish().expect("memory")
}
