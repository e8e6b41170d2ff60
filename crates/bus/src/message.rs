//! An event of the journal as a NATS message, and back: CloudEvents in binary form, the stored bytes untouched.
//!
//! To add a header: a constant, and a line in [`headers`]; [`row`] refuses messages without it, so it has to be left out where it
//! says nothing that older messages did not.

use async_nats::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use std::{borrow::Cow, fmt::Write as _};
use xiaoer_domain::{Actor, Code, LogName, Refusal};
use xiaoer_journal::{Carried, Row};

/// Position in the log; equals the message's sequence.
pub const POSITION: HeaderName = HeaderName::from_static("Xiaoer-Position");
/// Revision in the subject's stream.
pub const REVISION: HeaderName = HeaderName::from_static("Xiaoer-Revision");
/// When it was recorded, microseconds of UTC.
pub const RECORDED_AT: HeaderName = HeaderName::from_static("Xiaoer-Recorded-At");
/// Leaf hash, 64 hexadecimal digits.
pub const LEAF_HASH: HeaderName = HeaderName::from_static("Xiaoer-Leaf-Hash");
/// Who posted it.
pub const ACTOR: HeaderName = HeaderName::from_static("Xiaoer-Actor");
/// `strict` or `record`.
pub const MODE: HeaderName = HeaderName::from_static("Xiaoer-Mode");
/// Flags as of posting, with commas between; absent where there are none.
pub const FLAGS: HeaderName = HeaderName::from_static("Xiaoer-Flags");

const CE_SPECVERSION: HeaderName = HeaderName::from_static("ce-specversion");
const CE_ID: HeaderName = HeaderName::from_static("ce-id");
const CE_SOURCE: HeaderName = HeaderName::from_static("ce-source");
const CE_TYPE: HeaderName = HeaderName::from_static("ce-type");
const CE_SUBJECT: HeaderName = HeaderName::from_static("ce-subject");
const CE_TIME: HeaderName = HeaderName::from_static("ce-time");
const CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");

/// Name of a log's stream.
pub fn stream_name(log: &LogName) -> String {
    format!("XIAOER-{log}")
}

/// The subjects a log's stream is bound to, and nothing else is.
pub fn stream_subjects(log: &LogName) -> String {
    format!("xiaoer.{log}.event.>")
}

/// The log that a stream of this name, or a message on this subject, is of.
pub(crate) fn log_of(name: &str) -> Option<LogName> {
    let log = name.strip_prefix("XIAOER-").or_else(|| name.strip_prefix("xiaoer.")?.split('.').next());
    LogName::new(log?)
}

/// The subject of an event's message.
pub fn subject(log: &LogName, row: &Row) -> String {
    let token = |text| encoded(text, |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    format!("xiaoer.{log}.event.{}.{}", token(&row.subject.kind), token(&row.fact))
}

/// The headers of an event's message.
///
/// # Errors
/// The stored bytes hold no time of occurrence, which the gate lets nobody post.
pub fn headers(log: &LogName, row: &Row) -> Result<HeaderMap, serde_json::Error> {
    let occurred_at = occurred_at(&row.body)?;
    let mut headers = HeaderMap::new();
    headers.insert(CE_SPECVERSION, "1.0");
    headers.insert(CE_ID, &*value(&row.identity.to_string()));
    headers.insert(CE_SOURCE, format!("urn:xiaoer:{log}"));
    headers.insert(CE_TYPE, format!("xiaoer.v1.{}", row.fact));
    headers.insert(CE_SUBJECT, &*value(&row.subject.to_string()));
    headers.insert(CE_TIME, &*value(&occurred_at));
    headers.insert(CONTENT_TYPE, "application/json");
    headers.insert(POSITION, HeaderValue::from(row.position));
    headers.insert(REVISION, HeaderValue::from(row.revision));
    headers.insert(RECORDED_AT, HeaderValue::from(row.recorded_at));
    headers.insert(LEAF_HASH, hex(&row.leaf_hash));
    headers.insert(ACTOR, &*value(row.actor.as_str()));
    headers.insert(MODE, mode(row.mode));
    if !row.flags.is_empty() {
        headers.insert(FLAGS, &*value(&row.flags.join(",")));
    }
    Ok(headers)
}

/// The row that a message carries, to the byte as the log holds it: its leaf hash fits what the message says and the stored bytes,
/// and every header and the subject are as [`headers`] and [`subject`] write them. (Headers of NATS itself may stand beside them.)
///
/// # Errors
/// `XE-FEED-FOREIGN` where it is no event of this log, or was changed on the way.
pub fn row(log: &LogName, subject: &str, headers: &HeaderMap, body: Bytes) -> Result<Row, Refusal> {
    let foreign =
        |what: String| Refusal::new(Code::FeedForeign, format!("a message on {subject} is no event of log {log}: {what}"));
    let carried = carried(headers, body).ok_or_else(|| foreign("the headers of an event are missing, or of no form".into()))?;
    let row = carried.row(log).map_err(|error| foreign(error.to_string()))?;
    let written = self::headers(log, &row).map_err(|error| foreign(error.to_string()))?;
    let other = written.iter().find(|(name, values)| headers.get_all((*name).clone()).ne(values.iter()));
    if let Some((name, _)) = other {
        return Err(foreign(format!("header {name} at position {} is not as the event says", row.position)));
    }
    if subject != self::subject(log, &row) {
        return Err(foreign(format!("the subject at position {} is another one", row.position)));
    }
    Ok(row)
}

fn carried(headers: &HeaderMap, body: Bytes) -> Option<Carried> {
    let (position, leaf_hash) = position_and_leaf(headers)?;
    let text = |name| headers.get(name).map(HeaderValue::as_str);
    let flags = decoded(text(FLAGS).unwrap_or_default())?;
    Some(Carried {
        position,
        recorded_at: text(RECORDED_AT)?.parse().ok()?,
        revision: text(REVISION)?.parse().ok()?,
        actor: Actor::named(&decoded(text(ACTOR)?)?),
        mode: (1..=2).find(|&number| mode(number) == text(MODE).unwrap_or_default())?,
        flags: flags.split(',').filter(|flag| !flag.is_empty()).map(str::to_owned).collect(),
        body,
        leaf_hash,
    })
}

/// Position and leaf hash of a message, where it is one of the relay's.
pub fn position_and_leaf(headers: &HeaderMap) -> Option<(u64, [u8; 32])> {
    let position = headers.get(POSITION)?.as_str().parse().ok()?;
    Some((position, unhex(headers.get(LEAF_HASH)?.as_str())?))
}

fn mode(mode: u8) -> &'static str {
    match mode {
        1 => "strict",
        2 => "record",
        _ => "unspecified",
    }
}

/// `occurredAt` of the stored JSON, as it stands there.
fn occurred_at(body: &[u8]) -> Result<Cow<'_, str>, serde_json::Error> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct When<'a> {
        #[serde(borrow)]
        occurred_at: Cow<'a, str>,
    }
    serde_json::from_slice::<When<'_>>(body).map(|when| when.occurred_at)
}

/// A header value as the CloudEvents bindings encode it: everything but printable ASCII, and the space, `"` and `%`, as `%XX` of UTF-8.
fn value(text: &str) -> Cow<'_, str> {
    encoded(text, |c| c.is_ascii_graphic() && !matches!(c, '"' | '%'))
}

fn encoded(text: &str, plain: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&plain) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() * 3);
    for c in text.chars() {
        if plain(c) {
            out.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out.into()
}

/// What [`encoded`] wrote; none where nothing is written so.
fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, plain) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(plain.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn hex(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (digits.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

#[cfg(test)]
mod tests;
