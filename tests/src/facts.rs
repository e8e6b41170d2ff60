//! Events in a few words: proto3 JSON as a sender would write it, and the registry that cases rest on.

use serde_json::{Value, json};
use uuid::Uuid;
use xiaoer_wire::v1::{Event, Subject};

/// A unit whose code passes its check.
pub const UNIT: &str = "11370306XXXX00019K";
/// The item of [`registry`].
pub const ITEM: &str = "permit";

/// A subject of the system `hall`.
pub fn on(kind: &str, id: &str) -> Subject {
    let system = if kind == "log" { "xiaoer" } else { "hall" };
    Subject { kind: kind.into(), system: system.into(), id: id.into() }
}

/// A subject of a case.
pub fn case(id: &str) -> Subject {
    on("case", id)
}

/// An event of the system `hall` by [`UNIT`]: what happened to a subject at a time (RFC 3339), as the fact's proto3 JSON. Its id is
/// made of all three, so that telling it again tells the same event.
pub fn event(subject: &Subject, at: &str, fact: Value) -> Event {
    let name = format!("{subject:?} {at} {fact}");
    let at: jiff::Timestamp = at.parse().unwrap_or_else(|error| panic!("{at}: {error}"));
    let mut event = json!({
        "eventId": Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes()).to_string(),
        "subject": {"kind": subject.kind, "system": subject.system, "id": subject.id},
        "occurredAt": at.to_string(),
        "source": {"system": "hall", "unitUsci": UNIT, "staffId": "1001"},
    });
    let (event_map, fact_map) = (event.as_object_mut().expect("an object"), fact.as_object().expect("one fact"));
    event_map.extend(fact_map.clone());
    serde_json::from_value(event).unwrap_or_else(|error| panic!("{fact}: {error}"))
}

/// The event, stated by another unit.
pub fn by_unit(unit: &str, mut event: Event) -> Event {
    if let Some(source) = &mut event.source {
        source.unit_usci = unit.into();
    }
    event
}

/// A unit and a version of the item: promised 8, statutory 20 working days, silence accepts; told at a time before its cases and
/// in force from that day on.
pub fn registry(at: &str) -> Vec<Event> {
    let instant: jiff::Timestamp = at.parse().expect("a time");
    let day = jiff::tz::TimeZone::fixed(jiff::tz::offset(8)).to_datetime(instant).date();
    let item = json!({"itemVersionPublished": {
        "version": "1", "name": "permit", "itemType": "ITEM_TYPE_PERMIT", "leadUsci": UNIT, "online": true,
        "statutoryLimit": {"n": 20, "unit": "LIMIT_UNIT_WORKING_DAY"},
        "promisedLimit": {"n": 8, "unit": "LIMIT_UNIT_WORKING_DAY"},
        "deemedAcceptance": true, "visitLimit": 1, "inForceFrom": day.to_string(),
        "steps": [{"step": "S1", "materials": [{"code": "M1", "required": true}, {"code": "M2", "required": true}]}],
    }});
    let unit = json!({"unitRegistered": {"name": "unit", "kind": "UNIT_KIND_DEPARTMENT", "level": 4, "from": "2019-01-01"}});
    vec![event(&on("unit", UNIT), at, unit), event(&on("item", ITEM), at, item)]
}
