//! What the events of a district refer to: invented persons and texts, as the vault would be given them.
//!
//! Promises: the same reference stands for the same content; names, numbers and sentences are made up, and no identity number has a
//! region or a telephone a prefix that is given out.

use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;
use xiaoer_wire::v1;

/// Namespace of what a reference stands for; drawn once.
const NAMESPACE: Uuid = uuid::uuid!("7c1d2f0a-58a4-4a67-b1d3-0f6e2c9b8a41");

/// A person or text that an event refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What the district calls it.
    pub reference: String,
    /// A natural person; else a text.
    pub is_person: bool,
    /// The field that refers to it.
    pub field: String,
    /// What it says.
    pub content: String,
}

/// The persons and texts that an event refers to.
pub fn kept(event: &v1::Event) -> Vec<Kept> {
    let mut found = Vec::new();
    if let Ok(mut json) = serde_json::to_value(event) {
        walk(&mut json, "", &mut |field, object| found.extend(referred(field, object)));
    }
    found
}

/// The event, referring to what the vault gave for its references.
pub fn referring(event: v1::Event, to: &HashMap<String, v1::TextRef>) -> v1::Event {
    let Ok(mut json) = serde_json::to_value(&event) else { return event };
    walk(&mut json, "", &mut |field, object| {
        let Some(given) = referred(field, object).and_then(|kept| to.get(&kept.reference)) else { return };
        object.insert("ref".into(), given.r#ref.clone().into());
        if object.contains_key("commitment")
            && let Ok(Value::Object(text)) = serde_json::to_value(given)
        {
            object.extend(text);
        }
    });
    serde_json::from_value(json).unwrap_or(event)
}

/// Shows every object in a message with the name of its field.
fn walk(value: &mut Value, field: &str, see: &mut impl FnMut(&str, &mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            see(field, object);
            object.iter_mut().for_each(|(field, value)| walk(value, field, see));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, field, see)),
        _ => {}
    }
}

fn referred(field: &str, object: &Map<String, Value>) -> Option<Kept> {
    let reference = object.get("ref")?.as_str()?.to_owned();
    let is_person = object.get("kind").and_then(Value::as_str) == Some("APPLICANT_KIND_NATURAL_PERSON");
    if !is_person && !object.contains_key("commitment") {
        return None;
    }
    let drawn = Uuid::new_v5(&NAMESPACE, reference.as_bytes());
    let content = if is_person { person(drawn) } else { sentence(drawn) };
    Some(Kept { reference, is_person, field: field.to_owned(), content })
}

fn name(drawn: Uuid) -> String {
    let pick = |from: &str, byte: u8| from.chars().nth(usize::from(byte) % from.chars().count()).unwrap_or('某');
    let bytes = drawn.as_bytes();
    [pick("赵钱孙李周吴郑王冯陈褚卫", bytes[0]), pick("虚拟假设", bytes[1]), pick("甲乙丙丁戊己庚辛壬癸", bytes[2])]
        .iter()
        .collect()
}

fn person(drawn: Uuid) -> String {
    let number = drawn.as_u128();
    let telephone = format!("100{:08}", number % 100_000_000);
    let identity = format!("99{:016}", number / 100_000_000 % 10_000_000_000_000_000);
    serde_json::json!({"name": name(drawn), "telephone": telephone, "identity_number": identity}).to_string()
}

fn sentence(drawn: Uuid) -> String {
    format!("{}说：此事已记录在案，编号{:08x}", name(drawn), drawn.as_u128() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_refers_to_what_the_vault_gave() {
        let commitment = "A".repeat(43) + "=";
        let event = json!({"caseReceived": {"applicant": {"ref": "a-1", "kind": "APPLICANT_KIND_NATURAL_PERSON"}}});
        let point = json!({"ref": "t-1", "commitment": commitment});
        let text = json!({"rectificationListIssued": {"items": [{"code": "c", "textRef": point}]}});
        let firm = json!({"caseReceived": {"applicant": {"ref": "a-2", "kind": "APPLICANT_KIND_LEGAL_PERSON"}}});
        let to =
            |reference: &str| (reference.to_owned(), v1::TextRef { r#ref: format!("vault-{reference}"), commitment: vec![7; 32] });
        let to: HashMap<_, _> = [to("a-1"), to("t-1"), to("a-2")].into();
        for (event, refers) in [(event, Some("a-1")), (text, Some("t-1")), (firm, None)] {
            let event: v1::Event = serde_json::from_value(event).unwrap();
            let found = kept(&event);
            assert_eq!(found.first().map(|kept| kept.reference.as_str()), refers);
            let changed = serde_json::to_string(&referring(event, &to)).unwrap();
            assert_eq!(changed.contains("vault-"), refers.is_some(), "{changed}");
            assert!(found.is_empty() || kept(&serde_json::from_str(&changed).unwrap())[0].reference.starts_with("vault-"));
        }
    }
}
