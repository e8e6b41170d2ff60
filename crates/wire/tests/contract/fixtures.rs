//! Stored bytes are for ever: what was written once must be read, and written again to the byte.
//!
//! `fixtures/v1/<Fact>.json` holds the stored bytes of each example. `XIAOER_BLESS=1` writes files that are missing and never
//! touches one that is there; a changed meaning gets a new folder and an upcast in `parse::stored`.

use crate::examples;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};
use std::{collections::BTreeSet, fs, path::PathBuf};
use xiaoer_domain::event::FACT_NAMES;
use xiaoer_wire::{descriptors, parse, v1};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/v1")
}

fn check(name: &str, event: &v1::Event) {
    let body = parse::body(event).unwrap();
    let path = folder().join(format!("{name}.json"));
    if !path.exists() && std::env::var_os("XIAOER_BLESS").is_some() {
        fs::write(&path, &body).unwrap();
    }
    let fixture = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; XIAOER_BLESS=1 writes it", path.display()));
    assert_eq!(String::from_utf8_lossy(&body), String::from_utf8_lossy(&fixture), "{name} is not written as it was");
    assert_eq!(parse::stored(&fixture).unwrap(), *event, "{name} is not read as it was");
}

#[test]
fn every_fact_is_written_and_read_as_ever() {
    let mut names = BTreeSet::new();
    for (kind, fact) in examples::all() {
        let event = examples::event(kind, fact);
        let parsed = parse::event(&event, &examples::zone()).unwrap();
        check(parsed.fact.name(), &event);
        assert!(names.insert(parsed.fact.name()), "{} stands twice", parsed.fact.name());
    }
    assert_eq!(names, FACT_NAMES.iter().copied().collect(), "a fact has no example");
    let files: BTreeSet<_> = fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(files, names.iter().map(|name| format!("{name}.json")).collect(), "a fixture has no example");
}

#[test]
fn every_fact_of_the_contract_is_one_of_the_domain() {
    let event = descriptors::pool().get_message_by_name(&v1::Event::full_name()).unwrap();
    let fact = event.oneofs().find(|oneof| oneof.name() == "fact").unwrap();
    let names: BTreeSet<_> = fact.fields().map(|field| field.kind().as_message().unwrap().name().to_owned()).collect();
    assert_eq!(names, FACT_NAMES.iter().map(|name| (*name).to_owned()).collect());
}

/// Aim: an example that leaves a field out would let that field change its form unseen.
#[test]
fn every_example_is_full() {
    let descriptor = descriptors::pool().get_message_by_name(&v1::Event::full_name()).unwrap();
    for (kind, fact) in examples::all() {
        let bytes = examples::event(kind, fact).encode_to_vec();
        assert_full(&DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap());
    }
}

fn assert_full(message: &DynamicMessage) {
    for field in message.descriptor().fields() {
        let choice = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
        let set = choice.map_or(message.has_field(&field), |oneof| oneof.fields().any(|member| message.has_field(&member)));
        assert!(set, "{} of the example is not set", field.full_name());
        if !message.has_field(&field) || !matches!(field.kind(), Kind::Message(_)) {
            continue;
        }
        let is_time = |inner: &DynamicMessage| inner.descriptor().full_name() == "google.protobuf.Timestamp";
        match message.get_field(&field).as_ref() {
            Value::Message(inner) if !is_time(inner) => assert_full(inner),
            Value::List(items) => items.iter().filter_map(Value::as_message).for_each(assert_full),
            _ => {}
        }
    }
}

#[test]
fn stored_bytes_that_lost_their_form_are_no_event() {
    for json in ["", "{", "[]", r#"{"eventId":7}"#, r#"{"unknown":1}"#, r#"{"caseReceived":{"channel":"CHANNEL_X"}}"#] {
        assert!(parse::stored(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn an_unknown_enum_has_no_stored_form() {
    let fact = v1::event::Fact::CaseWithdrawn(v1::CaseWithdrawn { by: 77 });
    assert!(parse::body(&examples::event("case", fact)).is_err());
}
