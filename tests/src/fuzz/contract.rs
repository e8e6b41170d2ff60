//! Messages and JSON of the contract.

use super::mutate::CANARY;
use jiff::tz::TimeZone;
use prost::{Message, Name};
use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, Value};
use std::{fmt::Debug, sync::LazyLock};
use xiaoer_domain::{Refusal, refusal::Class};
use xiaoer_wire::{descriptors, parse, refuse::grpc_code, strict::Strict, v1};

/// Most events of an input that are looked at.
const EVENTS_MAX: usize = 50;

/// The zone of the log that everything is parsed for.
pub(super) static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Asia/Shanghai").expect("a zone"));

/// A request of `PostingService`: what the codec says of unknown fields is what the descriptors say; what was decoded is decoded
/// again as the same; and each event keeps to [`event`].
pub(super) fn post_request(bytes: &[u8]) -> String {
    let Ok(Strict { message, unknown_field }) = Strict::<v1::PostRequest>::decode(bytes) else { return "no message".into() };
    let known = message.encode_to_vec();
    let descriptor = descriptors::pool().get_message_by_name(&v1::PostRequest::full_name()).expect("a message of the contract");
    let dynamic = DynamicMessage::decode(descriptor, bytes).expect("what prost reads");
    assert_eq!(unknown_field.is_some(), is_unknown(&Value::Message(dynamic)), "{unknown_field:?}");
    let again = Strict::<v1::PostRequest>::decode(known.as_slice()).expect("what was encoded");
    assert_eq!(again, Strict { message: message.clone(), unknown_field: None });
    // A path may be known where the field at its end is not.
    let parts = unknown_field.as_deref().and_then(|path| path.rsplit_once('.')).map_or("", |(parts, _)| parts);
    assert!(is_path(&v1::PostRequest::full_name(), parts), "{unknown_field:?}");
    let outcomes: Vec<_> = message.events.iter().take(EVENTS_MAX).map(event).collect();
    let unknown = if unknown_field.is_some() { "unknown field, " } else { "" };
    outcomes.first().map_or_else(|| format!("{unknown}no event"), |first| format!("{unknown}{first}"))
}

/// Whether there is a field in it, at any depth, that the descriptors do not know.
fn is_unknown(value: &Value) -> bool {
    match value {
        Value::Message(message) => {
            message.unknown_fields().next().is_some() || message.fields().any(|(_, value)| is_unknown(value))
        }
        Value::List(items) => items.iter().any(is_unknown),
        Value::Map(entries) => entries.values().any(is_unknown),
        _ => false,
    }
}

/// An event. Where it is accepted it has a stored form, which reads back as the same event and is written again to the byte, and the
/// domain sees the same in both. Where it is refused there is a code of form, a path of the contract, and nothing of what the
/// sender wrote.
pub(super) fn event(event: &v1::Event) -> String {
    match parse::event(event, &ZONE) {
        Ok(parsed) => {
            let body = parse::body(event).expect("an event that is accepted has a stored form");
            let back = parse::stored(&body).expect("a stored form is read");
            assert_eq!(back, *event, "read back as another event");
            assert_eq!(parse::body(&back).expect("again"), body, "written again as other bytes");
            assert_eq!(parse::event(&back, &ZONE).expect("accepted again"), parsed);
            parsed.fact.name().to_owned()
        }
        Err(refusal) => {
            refused(&refusal);
            assert!(is_path(&v1::Event::full_name(), &refusal.field), "{refusal}: no path of the contract");
            let field: String = refusal.field.chars().filter(|c| !c.is_ascii_digit()).collect();
            format!("{} {field}", refusal.code.as_str())
        }
    }
}

/// A refusal of form says what is wrong and where, and repeats nothing.
pub(super) fn refused(refusal: &Refusal) {
    assert_eq!((refusal.code.class(), grpc_code(refusal.code)), (Class::Malformed, 3), "{refusal}");
    assert!(!refusal.message.is_empty() && !refusal.field.is_empty() && !refusal.remedy.is_empty(), "{refusal:?}");
    assert!(!format!("{refusal:?}").contains(CANARY), "the refusal repeats what the sender wrote: {refusal:?}");
    assert!(refusal.message.len() < 500, "{refusal}");
}

/// Whether a path leads from a message of the contract to a field of it, or to a oneof.
fn is_path(message: &str, path: &str) -> bool {
    let mut message = descriptors::pool().get_message_by_name(message);
    path.is_empty()
        || path.split('.').all(|part| {
            let Some(inside) = message.take() else { return false };
            let name = part.split('[').next().unwrap_or_default();
            if let Some(field) = inside.get_field_by_name(name) {
                message = field.kind().as_message().cloned();
                return true;
            }
            inside.oneofs().any(|oneof| oneof.name() == name)
        })
}

/// The stored bytes of an event, as a row or a message of another system might hold them: what is read has one stored form, which
/// reads back as the same, in JSON and as a message; and the event keeps to [`event`].
pub(super) fn stored(bytes: &[u8]) -> String {
    let Ok(read) = parse::stored(bytes) else { return "no JSON of an event".into() };
    let message = v1::Event::decode(read.encode_to_vec().as_slice()).expect("what was encoded");
    assert_eq!(message, read);
    match parse::body(&read) {
        Ok(body) => {
            let back = parse::stored(&body).expect("a stored form is read");
            assert_eq!(back, read, "read back as another event");
            assert_eq!(parse::body(&back).expect("again"), body);
        }
        Err(error) => assert!(parse::event(&read, &ZONE).is_err(), "accepted without a stored form: {error}"),
    }
    event(&read)
}

macro_rules! requests {
    ($($name:ident)*) => {
        /// The messages of all requests but those of `PostingService`, and what decodes each.
        pub const REQUESTS: &[(&str, fn(&[u8]) -> bool)] = &[$((stringify!($name), decoded::<v1::$name>)),*];
    };
}

requests! {
    DestroyEpochRequest EraseRequest ExplainDeadlineRequest ExplainMetricRequest GetCalendarRequest GetFirstAskRequest
    GetItemRequest GetMetricRequest GetOneVisitRequest GetRequest GetSeriesRequest GetStateRequest GetStatusRequest GetUnitRequest
    GetZeroBacklogRequest LiftHoldRequest ListAccessesRequest ListCasesRequest ListItemsRequest ListMetricsRequest
    ListProjectionsRequest ListRulesRequest ListTransferredRequest ListUnitsRequest ListWindowsRequest OpenLogRequest
    PlaceHoldRequest PutRequest RebuildRequest ReplayRequest RotateRequest SubscribeRequest
}

/// Whether the bytes are a message; one that is decoded is decoded again as the same.
fn decoded<T: Message + Name + Default + PartialEq + Debug>(bytes: &[u8]) -> bool {
    let Ok(message) = T::decode(bytes) else { return false };
    assert_eq!(T::decode(message.encode_to_vec().as_slice()).expect("what was encoded"), message);
    true
}

/// A request of the other services: the first byte chooses which.
pub(super) fn request(bytes: &[u8]) -> String {
    let Some((&call, message)) = bytes.split_first() else { return "nothing".into() };
    let (name, decode) = REQUESTS[usize::from(call) % REQUESTS.len()];
    format!("{name} {}", if decode(message) { "read" } else { "not read" })
}

/// A full request of each kind.
pub(super) fn request_seeds() -> Vec<Vec<u8>> {
    let seed = |(call, (name, _)): (usize, &(&str, _))| {
        let call = u8::try_from(call).expect("few requests");
        std::iter::once(call).chain(full_request(name).expect("one of them")).collect()
    };
    REQUESTS.iter().enumerate().map(seed).collect()
}

/// A request with every field set, where it is one of [`REQUESTS`].
pub(super) fn full_request(name: &str) -> Option<Vec<u8>> {
    request_of(name, &|field| Some(text(field)))
}

/// A request with the fields set that there is a text for, where it is one of [`REQUESTS`].
pub(super) fn request_of<'a>(name: &str, text: &dyn Fn(&str) -> Option<&'a str>) -> Option<Vec<u8>> {
    REQUESTS.iter().find(|(request, _)| *request == name)?;
    Some(filled(&descriptors::pool().get_message_by_name(&format!("xiaoer.v1.{name}"))?, text).encode_to_vec())
}

fn filled<'a>(descriptor: &MessageDescriptor, text: &dyn Fn(&str) -> Option<&'a str>) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let Some(given) = text(field.name()) else { continue };
        let one = match field.kind() {
            Kind::String => Value::String(given.into()),
            Kind::Bytes => Value::Bytes(vec![7; 32].into()),
            Kind::Bool => Value::Bool(true),
            Kind::Int32 => Value::I32(1),
            Kind::Int64 => Value::I64(1),
            Kind::Uint32 => Value::U32(1),
            Kind::Uint64 => Value::U64(1),
            Kind::Double => Value::F64(0.5),
            Kind::Enum(_) => Value::EnumNumber(1),
            Kind::Message(inner) => Value::Message(filled(&inner, text)),
            other => panic!("{}: {other:?}", field.full_name()),
        };
        let value = match one {
            one if field.is_list() => Value::List(vec![one]),
            Value::Message(entry) if field.is_map() => {
                let value = entry.get_field_by_name("value").expect("a map").into_owned();
                Value::Map([(MapKey::String("k".into()), value)].into())
            }
            one => one,
        };
        message.set_field(&field, value);
    }
    message
}

/// A text that fits a field of this name.
fn text(name: &str) -> &'static str {
    match name {
        "log" | "logs" => "370306",
        "kind" => "case",
        "system" => "hall",
        "valid_on" | "on" | "from" | "received_from" => "2026-01-01",
        "to" | "received_to" => "2026-06-30",
        "name" => "unit",
        "usci" | "unit_usci" | "lead_usci" => "11370306XXXX00019K",
        "metric_id" => "backlog_promised",
        "page_token" => "61",
        "time_zone" => "Asia/Shanghai",
        "clock" => "promised",
        _ => "1",
    }
}
