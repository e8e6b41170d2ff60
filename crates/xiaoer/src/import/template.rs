//! A fact of the contract whose fields are constants or come from the log.
//!
//! The contract is the only definition: the fields of a mapping are the proto3 JSON of the fact's message, and the generated
//! reader of that JSON checks them. A text may be one placeholder, `{key}`, of an event's attribute, `{trace:key}` of its
//! trace's, or `{seq}`, the event's number in its case. With `|date` an attribute becomes a local date, with `|time` a time.
//! A field whose placeholder finds nothing is left out.

use super::{Error, mapping::Values, xes::Attributes};
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Map, Value};
use xiaoer_wire::{descriptors, v1};

/// A fact to be filled in.
#[derive(Debug)]
pub(super) struct Template {
    /// JSON name of the fact in `Event`.
    key: String,
    fields: Value,
    /// The fact, where nothing of it comes from the log.
    constant: Option<v1::event::Fact>,
}

/// What placeholders may name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) trace: &'a Attributes,
    pub(super) event: &'a Attributes,
    pub(super) seq: u32,
    pub(super) values: &'a Values,
    pub(super) zone: &'a TimeZone,
}

impl Template {
    /// A template of the fact with this message name, as in `Event.fact`.
    pub(super) fn new(fact: &str, fields: &toml::Table) -> Result<Self, Error> {
        let wrong = |what: String| Error::Mapping(format!("{fact}: {what}"));
        let message = descriptors::pool()
            .get_message_by_name(&format!("xiaoer.v1.{fact}"))
            .ok_or_else(|| wrong("no such fact in the contract".to_owned()))?;
        if let Some(field) = fields.keys().find(|key| message.get_field_by_name(key).is_none()) {
            return Err(wrong(format!("has no field {field}")));
        }
        let key = json_name(fact);
        let fields = serde_json::to_value(fields).map_err(|error| wrong(error.to_string()))?;
        let constant = fact_of(&key, constants(&fields)).map_err(wrong)?;
        let constant = Some(constant).filter(|_| is_constant(&fields));
        Ok(Self { key, fields, constant })
    }

    /// The fact with its placeholders filled in.
    pub(super) fn fill(&self, scope: &Scope<'_>) -> Result<v1::event::Fact, String> {
        if let Some(constant) = &self.constant {
            return Ok(constant.clone());
        }
        fact_of(&self.key, mapped(&self.fields, &|name| lookup(name, scope))?.unwrap_or_default())
    }
}

fn fact_of(key: &str, fields: Value) -> Result<v1::event::Fact, String> {
    let event = Value::Object(Map::from_iter([(key.to_owned(), fields)]));
    let event: v1::Event = serde_json::from_value(event).map_err(|error| error.to_string())?;
    event.fact.ok_or_else(|| "is no fact of an event".to_owned())
}

/// The contract names the field of a fact as its message, and JSON begins it with a small letter.
fn json_name(fact: &str) -> String {
    let (first, rest) = fact.split_at(fact.chars().next().map_or(0, char::len_utf8));
    first.to_lowercase() + rest
}

/// The placeholder a text is; none where it is a constant.
fn placeholder(text: &str) -> Option<&str> {
    text.strip_prefix('{')?.strip_suffix('}')
}

fn is_constant(fields: &Value) -> bool {
    match fields {
        Value::String(text) => placeholder(text).is_none(),
        Value::Array(items) => items.iter().all(is_constant),
        Value::Object(map) => map.values().all(is_constant),
        _ => true,
    }
}

/// The fields without those that come from the log.
fn constants(fields: &Value) -> Value {
    mapped(fields, &|_| Ok(None)).ok().flatten().unwrap_or_default()
}

/// The same value with every placeholder looked up; what is not found disappears.
fn mapped(value: &Value, find: &dyn Fn(&str) -> Result<Option<String>, String>) -> Result<Option<Value>, String> {
    Ok(match value {
        Value::String(text) => match placeholder(text) {
            Some(name) => find(name)?.map(Value::String),
            None => Some(value.clone()),
        },
        Value::Array(items) => {
            Some(Value::Array(items.iter().filter_map(|item| mapped(item, find).transpose()).collect::<Result<_, _>>()?))
        }
        Value::Object(map) => {
            let fields = map
                .iter()
                .filter_map(|(key, field)| mapped(field, find).map(|field| field.map(|field| (key.clone(), field))).transpose());
            Some(Value::Object(fields.collect::<Result<_, _>>()?))
        }
        _ => Some(value.clone()),
    })
}

fn lookup(placeholder: &str, scope: &Scope<'_>) -> Result<Option<String>, String> {
    let (name, form) = placeholder.split_once('|').unwrap_or((placeholder, ""));
    if name == "seq" {
        return Ok(Some(scope.seq.to_string()));
    }
    let found = match name.strip_prefix("trace:") {
        Some(key) => scope.trace.get(key),
        None => scope.event.get(name),
    };
    let Some(found) = found else { return Ok(None) };
    match form {
        "" => Ok(coded(name, found, scope.values)),
        "date" => time(found, scope.zone).map(|at| Some(scope.zone.to_datetime(at).date().to_string())),
        "time" => time(found, scope.zone).map(|at| Some(microseconds(at).to_string())),
        other => Err(format!("no form `{other}`; there are `date` and `time`")),
    }
}

fn coded(name: &str, found: &str, values: &Values) -> Option<String> {
    match values.get(name) {
        Some(table) => table.get(found).or_else(|| table.get("*")).cloned(),
        None => Some(found.to_owned()),
    }
}

/// A time of the log: with an offset, or local in the mapping's time zone.
pub(super) fn time(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    let instant = text.parse::<Timestamp>().or_else(|_| text.parse::<civil::DateTime>().and_then(|local| zone.to_timestamp(local)));
    instant.map(microseconds).map_err(|error| format!("`{text}` is no time: {error}"))
}

/// The contract keeps microseconds; what is finer is cut.
fn microseconds(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
