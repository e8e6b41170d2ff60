//! Refuses an event that holds what looks like a person's number, on the one path that all events take in.
//!
//! Promise: a look at the stored bytes settles it for nearly every event; only where something is found is the event taken apart, to
//! find the field. The refusal names the field, and never what stands in it.
//! Left to others: what looks like one, and how strictly ([`xiaoer_domain::personal`]). Stored events are not asked: what stands must
//! stay readable.

use crate::{descriptors, v1};
use jiff::civil::Date;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Value};
use xiaoer_domain::{
    Code, Refusal,
    ids::{kind, usci_is_valid},
    personal::{Field, Looks, held},
};

/// Names of fields that end so are of numbers that a system gives to its things, but for [`OF_PERSONS`].
const NUMBERS: [&str; 4] = ["_id", "_no", "_code", "_codes"];
/// So are these.
const NUMBERS_WHOLE: [&str; 2] = ["id", "no"];
/// The work number of a person is given to a person, and a telephone number is easily taken for one.
const OF_PERSONS: [&str; 2] = ["staff_id", "person_id"];

/// Refuses an event of a day, whose stored bytes these are, where a field holds what it must not.
pub fn refuse(event: &v1::Event, body: &[u8], day: Date) -> Result<(), Refusal> {
    if held(body, Field::Other, day).is_none() {
        return Ok(());
    }
    let message = descriptors::pool().get_message_by_name(&v1::Event::full_name());
    let message = message.and_then(|descriptor| DynamicMessage::decode(descriptor, event.encode_to_vec().as_slice()).ok());
    let Some(message) = message else {
        return Err(Refusal::new(Code::Internal, "an event that parses is not read by its own descriptor"));
    };
    let is_staff = |subject: Option<&v1::Subject>| subject.is_some_and(|subject| subject.kind == kind::STAFF);
    let read = match &event.fact {
        Some(v1::event::Fact::AccessRecorded(read)) => read.subject.as_ref(),
        _ => None,
    };
    let is_person = [("subject.id", is_staff(event.subject.as_ref())), ("access_recorded.subject.id", is_staff(read))];
    match find(&message, "", &Asked { day, is_person }) {
        None => Ok(()),
        Some((field, looks)) => Err(Refusal::new(Code::PersonalData, format!("it holds {}", looks.name())).at(field)),
    }
}

/// What is asked of every field.
struct Asked {
    day: Date,
    /// Numbers of streams, by their path, and whether it is a person's: then it is a work number.
    is_person: [(&'static str, bool); 2],
}

/// The first field that holds what it must not, by its path, and what that looks like.
fn find(message: &DynamicMessage, before: &str, asked: &Asked) -> Option<(String, Looks)> {
    message.fields().find_map(|(field, value)| {
        let path = if before.is_empty() { field.name().to_owned() } else { format!("{before}.{}", field.name()) };
        find_in(value, field.name(), path, asked)
    })
}

fn find_in(value: &Value, name: &str, path: String, asked: &Asked) -> Option<(String, Looks)> {
    match value {
        Value::String(text) => {
            let is_unit = (name.contains("usci") || name.contains("unit") || name == "id") && usci_is_valid(text);
            let looks = if is_unit { None } else { held(text.as_bytes(), kind_of(name, &path, asked), asked.day) };
            looks.map(|looks| (path, looks))
        }
        Value::Message(inner) => find(inner, &path, asked),
        Value::List(items) => items.iter().enumerate().find_map(|(n, item)| find_in(item, name, format!("{path}[{n}]"), asked)),
        Value::Map(entries) => entries.iter().find_map(|(key, value)| {
            let key = key.as_str().and_then(|key| held(key.as_bytes(), Field::Other, asked.day));
            key.map(|looks| (path.clone(), looks)).or_else(|| find_in(value, name, path.clone(), asked))
        }),
        _ => None,
    }
}

fn kind_of(name: &str, path: &str, asked: &Asked) -> Field {
    let is_number = NUMBERS_WHOLE.contains(&name) || NUMBERS.iter().any(|end| name.ends_with(end));
    let is_persons = OF_PERSONS.contains(&name) || asked.is_person.contains(&(path, true));
    if is_number && !is_persons { Field::Number } else { Field::Other }
}
