//! Items in force and heads of units, by day.

use super::{Item, Posted, Unit};
use crate::event::ItemVersion;
use crate::testing::{day, item_version};
use std::sync::Arc;

fn item(versions: &[(&str, &str)], withdrawn_on: &str) -> Item {
    let version = |(version, from): &(&str, &str)| Arc::new(ItemVersion { in_force_from: day(from), ..item_version(version) });
    let withdrawn_on = (!withdrawn_on.is_empty()).then(|| day(withdrawn_on));
    Item { versions: versions.iter().map(version).collect(), withdrawn_on, ..Item::default() }
}

#[test]
fn the_version_in_force() {
    let two = [("1", "01-01"), ("2", "06-01")];
    let table: &[(&str, Item, &str, Option<&str>)] = &[
        ("before any", item(&two, ""), "2025-12-31", None),
        ("its first day", item(&two, ""), "01-01", Some("1")),
        ("the day before the next", item(&two, ""), "05-31", Some("1")),
        ("the next", item(&two, ""), "06-01", Some("2")),
        ("posted in the other order", item(&[("2", "06-01"), ("1", "01-01")], ""), "06-01", Some("2")),
        ("of one first day the last recorded", item(&[("1", "01-01"), ("1b", "01-01")], ""), "01-01", Some("1b")),
        ("the day before it is withdrawn", item(&two, "07-01"), "06-30", Some("2")),
        ("withdrawn", item(&two, "07-01"), "07-01", None),
        ("before the day it was withdrawn, later asked", item(&two, "07-01"), "05-01", Some("1")),
        ("in force again by a later version", item(&[("1", "01-01"), ("2", "08-01")], "07-01"), "08-01", Some("2")),
        ("between the two", item(&[("1", "01-01"), ("2", "08-01")], "07-01"), "07-31", None),
        ("withdrawn before the version that is in force", item(&two, "03-01"), "06-01", Some("2")),
    ];
    for (name, item, on, expected) in table {
        assert_eq!(item.in_force(day(on)).map(|version| &*version.version), *expected, "{name}");
    }
}

#[test]
fn channels_of_a_version() {
    let posted = |version: &str, channel: &str, on| Posted { version: version.into(), channel: channel.into(), on: day(on) };
    let posted = vec![posted("1", "portal", "01-01"), posted("1", "print", "02-01"), posted("2", "kiosk", "01-01")];
    let item = Item { posted, ..item(&[("1", "01-01")], "") };
    for (on, expected) in [("2025-12-31", &[][..]), ("01-01", &["portal"]), ("02-01", &["portal", "print"])] {
        assert_eq!(item.channels("1", day(on)).map(|channel| &**channel).collect::<Vec<_>>(), expected, "{on}");
    }
}

#[test]
fn the_head_on_a_day() {
    let heads = [("01-01", true, "p"), ("03-01", true, "q"), ("03-01", false, "p"), ("05-01", false, "q"), ("06-01", false, "x")];
    let heads = heads.map(|(on, appointed, person)| (day(on), appointed, person.into())).to_vec();
    let unit = Unit { registered: vec![Some(day("02-01"))], heads };
    let table = [
        ("2025-12-31", None),
        ("01-01", Some("p")),
        ("02-28", Some("p")),
        ("03-01", Some("q")),
        ("04-30", Some("q")),
        ("05-01", None),
    ];
    for (on, head) in table {
        assert_eq!(unit.head(day(on)), head, "{on}");
    }
    assert!(!unit.is_valid(day("01-31")) && unit.is_valid(day("02-01")));
    assert!(Unit { registered: vec![None], heads: Vec::new() }.is_valid(day("2018-01-01")));
}
