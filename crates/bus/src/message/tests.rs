use super::*;
use bytes::Bytes;
use uuid::Uuid;
use xiaoer_domain::{Actor, Identity, Subject};

fn row(subject: Subject, actor: &str, flags: &[&str]) -> Row {
    Row {
        position: 7,
        recorded_at: 1_776_651_120_000_001,
        subject,
        revision: 3,
        identity: Identity { system: "sp-370306".into(), event_id: Uuid::from_u128(0x0192_3e4b_0000_7000_8000_0000_0000_0001) },
        fact: "CaseReceived".into(),
        actor: Actor::named(actor),
        mode: 1,
        flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
        body: Bytes::from_static(br#"{"eventId":"x","occurredAt":"2026-04-20T02:12:00Z","caseReceived":{}}"#),
        leaf_hash: std::array::from_fn(|n| u8::try_from(n * 8).unwrap()),
    }
}

fn log() -> LogName {
    LogName::new("370306").unwrap()
}

#[test]
fn an_event_is_a_cloud_event_in_binary_form() {
    let row = row(Subject::new("case", "sp", "3703062026000001"), "local", &[]);
    assert_eq!(subject(&log(), &row), "xiaoer.370306.event.case.CaseReceived");
    let headers = headers(&log(), &row).unwrap();
    let table = [
        ("ce-specversion", "1.0"),
        ("ce-id", "sp-370306/01923e4b-0000-7000-8000-000000000001"),
        ("ce-source", "urn:xiaoer:370306"),
        ("ce-type", "xiaoer.v1.CaseReceived"),
        ("ce-subject", "case/sp/3703062026000001"),
        ("ce-time", "2026-04-20T02:12:00Z"),
        ("content-type", "application/json"),
        ("Xiaoer-Position", "7"),
        ("Xiaoer-Revision", "3"),
        ("Xiaoer-Recorded-At", "1776651120000001"),
        ("Xiaoer-Leaf-Hash", "0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8"),
        ("Xiaoer-Actor", "local"),
        ("Xiaoer-Mode", "strict"),
    ];
    for (name, value) in table {
        assert_eq!(headers.get(name).unwrap().as_str(), value, "{name}");
    }
    assert_eq!(headers.len(), table.len(), "and nothing else");
    assert_eq!(position_and_leaf(&headers), Some((7, row.leaf_hash)));
}

#[test]
fn what_is_not_plain_is_percent_encoded() {
    // CloudEvents: space, double quote, percent and all beyond U+0021 to U+007E, as UTF-8.
    let table = [
        ("plain-1/2", "plain-1/2"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("\"q\"", "%22q%22"),
        ("收件", "%E6%94%B6%E4%BB%B6"),
        ("a\r\nb", "a%0D%0Ab"),
    ];
    for (text, expected) in table {
        assert_eq!(value(text), expected, "{text:?}");
    }
    let row = row(Subject::new("a.b>*", "s", "甲 1"), "张\r\nX: 1", &["irregular", "late post"]);
    assert_eq!(subject(&log(), &row), "xiaoer.370306.event.a%2Eb%3E%2A.CaseReceived");
    let headers = headers(&log(), &row).unwrap();
    assert_eq!(headers.get("ce-subject").unwrap().as_str(), "a.b>*/s/%E7%94%B2%201");
    assert_eq!(headers.get("Xiaoer-Actor").unwrap().as_str(), "%E5%BC%A0%0D%0AX:%201");
    assert_eq!(headers.get("Xiaoer-Flags").unwrap().as_str(), "irregular,late%20post");
}

#[test]
fn a_foreign_message_has_no_position_and_leaf() {
    let leaf = "00".repeat(32);
    let table = [
        (Some("1"), Some(leaf.clone()), true),
        (Some("1"), Some("0".repeat(63)), false),
        (Some("1"), Some(format!("{}0g", "00".repeat(31))), false),
        (Some("1"), Some("é".repeat(64)), false),
        (Some("-1"), Some(leaf.clone()), false),
        (None, Some(leaf), false),
        (Some("1"), None, false),
    ];
    for (position, leaf, ours) in table {
        let mut headers = HeaderMap::new();
        position.into_iter().for_each(|position| headers.insert(POSITION, position));
        leaf.iter().for_each(|leaf| headers.insert(LEAF_HASH, leaf.as_str()));
        assert_eq!(position_and_leaf(&headers).is_some(), ours, "{position:?} {leaf:?}");
    }
}

#[test]
fn bytes_without_a_time_are_an_error() {
    for body in ["", "{}", "[]", r#"{"occurredAt":1}"#] {
        assert!(occurred_at(body.as_bytes()).is_err(), "{body}");
    }
}

/// A row with a real body and the leaf that fits it.
fn real(actor: &str, mode: u8, flags: &[&str]) -> Row {
    let body = include_bytes!("../../../wire/fixtures/v1/CaseReceived.json").trim_ascii_end();
    let event: serde_json::Value = serde_json::from_slice(body).unwrap();
    let text = |pointer| event.pointer(pointer).unwrap().as_str().unwrap();
    let mut row = row(Subject::new(text("/subject/kind"), text("/subject/system"), text("/subject/id")), actor, flags);
    row.identity = Identity { system: text("/source/system").into(), event_id: text("/eventId").parse().unwrap() };
    row.body = Bytes::from_static(body);
    row.mode = mode;
    row.leaf_hash = xiaoer_wire::leaf::leaf_hash(&xiaoer_wire::leaf::LeafInput {
        log: log().as_str(),
        position: row.position,
        recorded_at_micros: row.recorded_at,
        subject: &row.subject,
        revision: row.revision,
        actor,
        mode,
        flags,
        body,
    });
    row
}

#[test]
fn a_message_is_the_row_again() {
    for (actor, mode, flags) in [("local", 1, &[][..]), ("张\r\n%41 ,x", 2, &["irregular", "late_posted"])] {
        let sent = real(actor, mode, flags);
        let mut headers = headers(&log(), &sent).unwrap();
        headers.insert("Nats-Stream-Source", "beside them");
        let back = super::row(&log(), &subject(&log(), &sent), &headers, sent.body.clone());
        assert_eq!(back.unwrap(), sent);
    }
}

#[test]
fn a_message_that_says_anything_else_is_refused() {
    let sent = real("local", 2, &["irregular"]);
    let (sent_headers, sent_subject) = (headers(&log(), &sent).unwrap(), subject(&log(), &sent));
    let back = |log: &LogName, subject: &str, headers: &HeaderMap, body: &Bytes| {
        super::row(log, subject, headers, body.clone()).map_err(|refusal| refusal.code)
    };
    assert_eq!(back(&log(), &sent_subject, &sent_headers, &sent.body), Ok(sent.clone()));
    for (name, values) in sent_headers.iter() {
        let value = values[0].as_str();
        // Another value, one that is none, an other way to write it, twice, and missing.
        for other in [format!("{value}0"), String::new(), format!(" {value}"), format!("{value}%20"), format!("%{value}")] {
            let mut headers = sent_headers.clone();
            headers.insert(name.clone(), other.as_str());
            assert_eq!(back(&log(), &sent_subject, &headers, &sent.body), Err(Code::FeedForeign), "{name}: {other}");
        }
        let mut headers = sent_headers.clone();
        headers.append(name.clone(), "another");
        assert_eq!(back(&log(), &sent_subject, &headers, &sent.body), Err(Code::FeedForeign), "{name} twice");
        let without = sent_headers.iter().filter(|(other, _)| *other != name);
        let without: HeaderMap = without.map(|(name, values)| (name.clone(), values[0].clone())).collect();
        assert_eq!(back(&log(), &sent_subject, &without, &sent.body), Err(Code::FeedForeign), "without {name}");
    }
    let other = LogName::new("370305").unwrap();
    assert_eq!(back(&other, &sent_subject, &sent_headers, &sent.body), Err(Code::FeedForeign));
    assert_eq!(back(&log(), "xiaoer.370306.event.case.CaseAccepted", &sent_headers, &sent.body), Err(Code::FeedForeign));
    let spaced = [&sent.body[..], b" "].concat().into();
    assert_eq!(back(&log(), &sent_subject, &sent_headers, &spaced), Err(Code::FeedForeign));
    assert_eq!(back(&log(), &sent_subject, &HeaderMap::new(), &sent.body), Err(Code::FeedForeign));
}
