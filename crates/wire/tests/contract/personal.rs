//! Aim: what looks like a person's number is refused in every field that must not hold one, and in no other; the refusal names the
//! field and repeats nothing.
//!
//! Method: each text of a good event is replaced in turn by a number, as the descriptors find it.

use crate::examples::{self, case_received};
use jiff::civil::date;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, ReflectMessage, Value};
use xiaoer_domain::Code;
use xiaoer_wire::{
    descriptors, parse, personal,
    v1::{self, event::Fact},
};

const IDENTITY: &str = "11010519491231002X";
const PHONE: &str = "13812345678";

fn refused(event: &v1::Event) -> Option<String> {
    let refusal = personal::refuse(event, &parse::body(event).unwrap(), date(2026, 4, 20)).err()?;
    assert_eq!(refusal.code, Code::PersonalData);
    assert!(!refusal.to_string().contains(IDENTITY) && !refusal.to_string().contains(PHONE), "{refusal}");
    Some(refusal.field)
}

/// The event with each of its texts replaced, and the path of that.
fn replaced(message: &DynamicMessage, text: &str) -> Vec<(String, DynamicMessage)> {
    let mut all = Vec::new();
    for (field, value) in message.fields() {
        let of = |path: String, value: Value| {
            let mut message = message.clone();
            message.set_field(&field, value);
            (path, message)
        };
        match value {
            Value::String(_) => all.push(of(field.name().into(), Value::String(text.into()))),
            Value::Message(inner) if inner.descriptor().full_name() != "google.protobuf.Timestamp" => {
                let inner = replaced(inner, text).into_iter();
                all.extend(inner.map(|(path, value)| of(format!("{}.{path}", field.name()), Value::Message(value))));
            }
            Value::List(items) if matches!(items.first(), Some(Value::String(_))) => {
                all.push(of(format!("{}[0]", field.name()), Value::List(vec![Value::String(text.into())])));
            }
            _ => {}
        }
    }
    all
}

#[test]
fn no_example_is_refused() {
    for (kind, fact) in examples::all() {
        let event = examples::event(kind, fact);
        assert_eq!(refused(&event), None, "{event:?}");
    }
}

#[test]
fn every_field_is_asked() {
    let descriptor = descriptors::pool().get_message_by_name(&v1::Event::full_name()).unwrap();
    let mut asked = 0;
    for (kind, fact) in examples::all() {
        let bytes = examples::event(kind, fact).encode_to_vec();
        let good = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
        for (path, event) in replaced(&good, IDENTITY) {
            let event = v1::Event::decode(event.encode_to_vec().as_slice()).unwrap();
            assert_eq!(refused(&event), Some(path), "an adult's identity number stands nowhere");
            asked += 1;
        }
    }
    assert!(asked > 500, "{asked}");
}

#[test]
fn what_may_look_so() {
    let received = |change: fn(&mut v1::CaseReceived)| {
        let mut m = case_received();
        change(&mut m);
        examples::event("case", Fact::CaseReceived(m))
    };
    let on = |kind: &str, id: &str| {
        let mut event = examples::event("case", Fact::CaseCompleted(v1::CaseCompleted {}));
        let subject = event.subject.as_mut().unwrap();
        (subject.kind, subject.id) = (kind.into(), id.into());
        event
    };
    let by = |staff: &str| {
        let mut event = on("case", "1");
        event.source.as_mut().unwrap().staff_id = staff.into();
        event
    };
    let read_of = |kind: &str, id: &str| {
        let subject = Some(v1::Subject { kind: kind.into(), system: "hall".into(), id: id.into() });
        examples::event("access", Fact::AccessRecorded(v1::AccessRecorded { subject, ..examples::access_recorded() }))
    };
    let keyed = || {
        let numbers = [(PHONE.to_owned(), 1)].into();
        let rule = examples::rule(v1::rule_value::Kind::Table(v1::RuleTable { numbers }));
        examples::event("log", Fact::RuleSet(rule))
    };
    let table = [
        (on("case", PHONE), None),
        (on("case", "37030620260420001"), None),
        (on("case", "3703062026042000011234567890"), None),
        (on("case", IDENTITY), Some("subject.id")),
        (on("staff", PHONE), Some("subject.id")),
        (by(PHONE), Some("source.staff_id")),
        (read_of("case", PHONE), None),
        (read_of("case", IDENTITY), Some("access_recorded.subject.id")),
        (read_of("staff", PHONE), Some("access_recorded.subject.id")),
        (received(|m| m.consult_id = PHONE.into()), None),
        (received(|m| m.window_id = "tel 13812345678".into()), None),
        (received(|m| m.item_code = "12441500196720244T3442199806003".into()), None),
        (received(|m| m.applicant.as_mut().unwrap().r#ref = PHONE.into()), Some("case_received.applicant.ref")),
        (received(|m| m.materials[1] = PHONE.into()), Some("case_received.materials[1]")),
        (keyed(), Some("rule_set.value.table.numbers")),
    ];
    for (event, expected) in table {
        assert_eq!(refused(&event).as_deref(), expected, "{event:?}");
    }
}
