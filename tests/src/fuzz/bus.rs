//! Messages of NATS: a subject, headers, stored bytes.
//!
//! An input is text as on the wire: the subject, a line for each header, an empty line, the body.

use super::{contract::ZONE, seeds};
use async_nats::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use std::str::FromStr;
use xiaoer_bus::message::{self, ACTOR, FLAGS, LEAF_HASH, MODE, POSITION, RECORDED_AT, REVISION};
use xiaoer_domain::Code;
use xiaoer_journal::Row;
use xiaoer_wire::{
    leaf::{LeafInput, leaf_hash},
    parse,
};

/// A message as received, where the bytes are one.
struct Received {
    subject: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Received {
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
        let (subject, lines) = head.split_once("\r\n")?;
        let mut headers = HeaderMap::new();
        for (name, value) in lines.split("\r\n").filter_map(|line| line.split_once(": ")) {
            if let (Ok(name), Ok(value)) = (HeaderName::from_str(name), HeaderValue::from_str(value)) {
                headers.append(name, value);
            }
        }
        Some(Self { subject: subject.to_owned(), headers, body: Bytes::copy_from_slice(&bytes[end + 4..]) })
    }

    fn row(&self) -> Result<Row, xiaoer_domain::Refusal> {
        message::row(&seeds::log(), &self.subject, &self.headers, self.body.clone())
    }

    /// The same with the leaf hash that fits, as somebody would send it who knows how one is made.
    fn fitting(mut self) -> Option<Self> {
        let text = |name| self.headers.get(name).map(|value: &HeaderValue| value.as_str().to_owned());
        let event = parse::event(&parse::stored(&self.body).ok()?, &ZONE).ok()?;
        let flags = decoded(&text(FLAGS).unwrap_or_default())?;
        let hash = leaf_hash(&LeafInput {
            log: seeds::log().as_str(),
            position: text(POSITION)?.parse().ok()?,
            recorded_at_micros: text(RECORDED_AT)?.parse().ok()?,
            subject: &event.subject,
            revision: text(REVISION)?.parse().ok()?,
            actor: &decoded(&text(ACTOR)?)?,
            mode: if text(MODE)? == "record" { 2 } else { 1 },
            flags: &flags.split(',').filter(|flag| !flag.is_empty()).collect::<Vec<_>>(),
            body: &self.body,
        });
        self.headers.insert(LEAF_HASH, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
        Some(self)
    }
}

/// Percent-encoding undone.
fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend(piece.as_bytes().get(2..)?);
    }
    String::from_utf8(bytes).ok()
}

/// Once as it came, and once with the leaf hash that fits. What is taken for a row says in every header what the row holds, is the
/// row again when it is sent again, and can be read; what is not is foreign.
pub(super) fn message(bytes: &[u8]) -> String {
    let Some(received) = Received::read(bytes) else { return "no message".into() };
    let as_it_came = taken(&received);
    match received.fitting() {
        None => format!("{as_it_came}, no leaf"),
        Some(fitting) => format!("{as_it_came}, with a leaf that fits {}", taken(&fitting)),
    }
}

fn taken(received: &Received) -> String {
    let row = match received.row() {
        Ok(row) => row,
        Err(refusal) => {
            assert_eq!(refusal.code, Code::FeedForeign, "{refusal}");
            let after = refusal.message.rsplit(": ").next().unwrap_or_default();
            return if after.starts_with("header ") {
                after.chars().filter(char::is_ascii_alphabetic).collect()
            } else {
                "foreign".into()
            };
        }
    };
    assert_eq!(row.body, received.body);
    let sent = Received {
        subject: message::subject(&seeds::log(), &row),
        headers: message::headers(&seeds::log(), &row).expect("it was written so"),
        body: row.body.clone(),
    };
    assert_eq!(sent.subject, received.subject);
    for (name, values) in sent.headers.iter() {
        assert!(received.headers.get_all(name.clone()).eq(values.iter()), "{name}");
    }
    assert_eq!(sent.row().as_ref(), Ok(&row), "sent again it is another row");
    assert_eq!(message::position_and_leaf(&received.headers), Some((row.position, row.leaf_hash)));
    row.recorded(&ZONE).map_or_else(|error| panic!("a row that cannot be read: {error}"), |_| row.fact.into_owned())
}

/// A message of each event, by the relay.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let event = |(number, body): (usize, Vec<u8>)| {
        let parsed = parse::event(&parse::stored(&body).expect("a fixture"), &ZONE).expect("a fixture");
        let position = number as u64 + 1;
        let mut row = Row {
            position,
            recorded_at: 1_776_651_120_000_001,
            subject: parsed.subject,
            revision: 1 + position / 3,
            identity: parsed.identity,
            fact: parsed.fact.name().into(),
            actor: xiaoer_domain::Actor::named(if number % 5 == 0 { "局 1" } else { "local" }),
            mode: if number % 2 == 0 { 1 } else { 2 },
            flags: ["irregular", "late_posted"].iter().take(number % 3).map(|&flag| flag.to_owned()).collect(),
            body: body.into(),
            leaf_hash: [0; 32],
        };
        let flags: Vec<_> = row.flags.iter().map(String::as_str).collect();
        row.leaf_hash = leaf_hash(&LeafInput {
            log: seeds::log().as_str(),
            position,
            recorded_at_micros: row.recorded_at,
            subject: &row.subject,
            revision: row.revision,
            actor: row.actor.as_str(),
            mode: row.mode,
            flags: &flags,
            body: &row.body,
        });
        written(&row)
    };
    seeds::stored().into_iter().enumerate().map(event).collect()
}

fn written(row: &Row) -> Vec<u8> {
    let mut lines: Vec<String> = message::headers(&seeds::log(), row)
        .expect("a time of occurrence")
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| format!("{name}: {}\r\n", value.as_str())))
        .collect();
    // A map has them in another order each time, and a run must be one that can be repeated.
    lines.sort();
    let head = format!("{}\r\n{}\r\n", message::subject(&seeds::log(), row), lines.concat());
    [head.as_bytes(), &row.body].concat()
}
