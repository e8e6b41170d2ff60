//! Stored bytes are for ever: what was written once must be read, and written again to the byte.
//!
//! `fixtures/v1/<Fact>.json` holds the stored bytes of each example; a fact that got a field has its newer form in `fixtures/v2`,
//! and so on. `XIAOER_BLESS=2` writes the files of `v2` that are missing, only where the newest form there is differs from the
//! example, and never touches one that is there.

use crate::examples;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Kind, ReflectMessage, Value};
use std::{collections::BTreeSet, fs, path::PathBuf};
use xiaoer_domain::event::FACT_NAMES;
use xiaoer_wire::{descriptors, parse, v1};

/// Folders of the forms there have been, oldest first.
fn folders() -> Vec<PathBuf> {
    let all = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let versions = (1..).map(|version| all.join(format!("v{version}")));
    versions.take_while(|folder| folder.exists()).collect()
}

/// The newest form of a fact.
fn newest(name: &str) -> Option<Vec<u8>> {
    folders().iter().rev().find_map(|folder| fs::read(folder.join(format!("{name}.json"))).ok())
}

fn bless(name: &str, body: &[u8]) {
    let Some(version) = std::env::var_os("XIAOER_BLESS") else { return };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(format!("v{}", version.to_string_lossy()));
    let path = folder.join(format!("{name}.json"));
    if newest(name).is_none_or(|form| form != body) && !path.exists() {
        fs::create_dir_all(folder).unwrap();
        fs::write(path, body).unwrap();
    }
}

fn check(name: &str, event: &v1::Event) {
    let body = parse::body(event).unwrap();
    bless(name, &body);
    let form = newest(name).unwrap_or_else(|| panic!("{name} has no fixture; XIAOER_BLESS=1 writes it"));
    assert_eq!(String::from_utf8_lossy(&body), String::from_utf8_lossy(&form), "{name} is not written as it was");
    assert_eq!(parse::stored(&form).unwrap(), *event, "{name} is not read as it was");
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
}

#[test]
fn every_form_there_has_been_is_read_and_written_again() {
    let files = folders().into_iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path());
    let mut names = BTreeSet::new();
    for path in files {
        let form = fs::read(&path).unwrap();
        let event = parse::stored(&form).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let fact = parse::event(&event, &examples::zone()).unwrap_or_else(|refusal| panic!("{}: {refusal}", path.display())).fact;
        assert_eq!(path.file_stem().unwrap().to_str(), Some(fact.name()), "{}", path.display());
        assert_eq!(parse::body(&event).unwrap(), form, "{}", path.display());
        names.insert(fact.name());
    }
    assert_eq!(names, FACT_NAMES.iter().copied().collect(), "a fact has no fixture");
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

/// Aim: the same event always has the same bytes. A map that is written in the order of a hash would pass by luck with two keys.
#[test]
fn a_map_is_written_in_the_order_of_its_keys() {
    let numbers = (0..64).map(|n| (format!("key-{n:02}"), n)).collect();
    let rule = examples::rule(v1::rule_value::Kind::Table(v1::RuleTable { numbers }));
    let body = parse::body(&examples::event("log", v1::event::Fact::RuleSet(rule))).unwrap();
    let body = String::from_utf8(body).unwrap();
    let places: Vec<_> = (0..64).map(|n| body.find(&format!("key-{n:02}")).unwrap()).collect();
    assert!(places.is_sorted(), "{body}");
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
