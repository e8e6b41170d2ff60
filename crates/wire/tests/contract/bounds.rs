//! Aim: no field of the contract, now or later, is without a bound.
//!
//! Method: every field of every full example is spoilt in turn, as the descriptors find it: a text made too long and given a
//! control character, an enum an unknown number, a list too many members, a time too fine, bytes too few. Each must be refused
//! under the path of that field.

use crate::examples;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value};
use xiaoer_wire::{descriptors, parse, v1};

/// Longer than any bound of a text.
const TOO_LONG: usize = 300;
/// More than any bound of a list.
const TOO_MANY: usize = 1_001;

#[test]
fn every_field_is_bounded_and_named() {
    let descriptor = descriptors::pool().get_message_by_name(&v1::Event::full_name()).unwrap();
    let mut spoilt_count = 0;
    for (kind, fact) in examples::all() {
        let bytes = examples::event(kind, fact).encode_to_vec();
        let good = DynamicMessage::decode(descriptor.clone(), bytes.as_slice()).unwrap();
        for (path, spoilt) in spoil(&good) {
            let event = v1::Event::decode(spoilt.encode_to_vec().as_slice()).unwrap();
            let refusal = parse::event(&event, &examples::zone()).expect_err(&path);
            assert_eq!(refusal.field, path, "{refusal}");
            spoilt_count += 1;
        }
    }
    assert!(spoilt_count > 1_000, "{spoilt_count}");
}

fn is_time(message: &DynamicMessage) -> bool {
    message.descriptor().full_name() == "google.protobuf.Timestamp"
}

/// The message with one field spoilt, in every way, and the path of that field.
fn spoil(message: &DynamicMessage) -> Vec<(String, DynamicMessage)> {
    let fields: Vec<_> = message.fields().map(|(field, value)| (field, value.clone())).collect();
    let spoilt = fields.into_iter().flat_map(|(field, value)| {
        spoil_value(&field, &value).into_iter().map(move |(path, bad)| (field.clone(), format!("{}{path}", field.name()), bad))
    });
    spoilt
        .map(|(field, path, bad)| {
            let mut message = message.clone();
            message.set_field(&field, bad);
            (path, message)
        })
        .collect()
}

/// What the value of a field becomes, and what comes after the field's name in the path.
fn spoil_value(field: &FieldDescriptor, value: &Value) -> Vec<(String, Value)> {
    let whole = |bad: Value| (String::new(), bad);
    match value {
        Value::String(_) => spoil_text().map(whole).into(),
        Value::EnumNumber(_) => vec![whole(Value::EnumNumber(99))],
        Value::Bytes(_) => vec![whole(Value::Bytes(vec![1].into()))],
        Value::Message(time) if is_time(time) => {
            let mut bad = time.clone();
            bad.set_field_by_name("nanos", Value::I32(1));
            vec![whole(Value::Message(bad))]
        }
        Value::Message(inner) => spoil(inner).into_iter().map(|(path, bad)| (format!(".{path}"), Value::Message(bad))).collect(),
        Value::List(items) => {
            let many = whole(Value::List(vec![items[0].clone(); TOO_MANY]));
            let member = |(path, bad)| (format!("[0]{path}"), Value::List(vec![bad]));
            std::iter::once(many).chain(spoil_value(field, &items[0]).into_iter().map(member)).collect()
        }
        Value::Map(_) => {
            let entries = (0..TOO_MANY).map(|n| (MapKey::String(n.to_string()), Value::I64(0))).collect();
            vec![whole(Value::Map(entries))]
        }
        // Numbers and flags: those with a bound stand in `refusals`.
        Value::Bool(_) | Value::I32(_) | Value::I64(_) | Value::U32(_) | Value::U64(_) | Value::F32(_) | Value::F64(_) => {
            assert!(!matches!(field.kind(), Kind::String | Kind::Enum(_)), "{}", field.full_name());
            vec![]
        }
    }
}

fn spoil_text() -> [Value; 2] {
    [Value::String("长".repeat(TOO_LONG)), Value::String("a\u{7f}".into())]
}
