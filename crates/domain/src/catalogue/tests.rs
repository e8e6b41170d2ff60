//! Items in force and heads of units, by day.

use super::{Catalogue, Edition, Item, Peer, Posted, Sorted, Turn, TurnKind, Unit};
use crate::event::{FigureKind, ItemVersion, PeerFigure};
use crate::testing::{day, item_version};
use std::sync::Arc;

fn item(versions: &[(&str, &str)], withdrawn_on: &str) -> Item {
    let version = |(version, from): &(&str, &str)| Arc::new(ItemVersion { in_force_from: day(from), ..item_version(version) });
    let withdrawn: &[_] = if withdrawn_on.is_empty() { &[] } else { &[(withdrawn_on, TurnKind::Withdrawn)] };
    Item { versions: versions.iter().map(version).collect(), ..turned(withdrawn) }
}

fn turned(turns: &[(&str, TurnKind)]) -> Item {
    let turns = turns.iter().map(|(on, what)| Turn { on: day(on), what: *what }).collect();
    Item { turns, ..Item::default() }
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
    let unit = Unit { registered: vec![Some(day("02-01"))], heads, ..Unit::default() };
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
    assert!(Unit { registered: vec![None], ..Unit::default() }.is_valid(day("2018-01-01")));
}

#[test]
fn what_becomes_of_an_item() {
    use TurnKind::{Cancelled, Delegated, TakenOver, Withdrawn};
    // Two versions, from 01-01 and from 06-01; the nights on which one is in force.
    let table: &[(&str, &[(&str, TurnKind)], &[(&str, Option<&str>)])] = &[
        ("nothing", &[], &[("05-31", Some("1")), ("06-01", Some("2"))]),
        (
            "withdrawn: the later version is in force",
            &[("03-01", Withdrawn)],
            &[("02-28", Some("1")), ("03-01", None), ("06-01", Some("2"))],
        ),
        ("cancelled: no version is", &[("03-01", Cancelled)], &[("02-28", Some("1")), ("03-01", None), ("06-01", None)]),
        ("handed down: no version is", &[("03-01", Delegated)], &[("02-28", Some("1")), ("03-01", None), ("06-01", None)]),
        (
            "taken over: the same version again",
            &[("03-01", Delegated), ("04-01", TakenOver)],
            &[("03-31", None), ("04-01", Some("1")), ("06-01", Some("2"))],
        ),
        ("a withdrawal is undone as well", &[("03-01", Withdrawn), ("04-01", TakenOver)], &[("03-31", None), ("04-01", Some("1"))]),
        ("on the same day, told after", &[("03-01", Cancelled), ("03-01", TakenOver)], &[("03-01", Some("1"))]),
        (
            "taken over and cancelled",
            &[("03-01", TakenOver), ("07-01", Cancelled)],
            &[("03-01", Some("1")), ("06-30", Some("2")), ("07-01", None)],
        ),
        ("cancelled, and withdrawn before the later version", &[("02-01", Cancelled), ("03-01", Withdrawn)], &[("06-01", None)]),
        (
            "withdrawn twice",
            &[("03-01", Withdrawn), ("07-01", Withdrawn)],
            &[("04-01", None), ("06-30", Some("2")), ("07-01", None)],
        ),
    ];
    for (name, turns, nights) in table {
        let item = Item { turns: turned(turns).turns, ..item(&[("1", "01-01"), ("2", "06-01")], "") };
        for (on, expected) in *nights {
            assert_eq!(item.in_force(day(on)).map(|version| &*version.version), *expected, "{name}, {on}");
        }
    }
    let handled: &[(&[(&str, TurnKind)], bool)] = &[
        (&[], true),
        (&[("03-01", Withdrawn)], true),
        (&[("03-01", Cancelled), ("04-01", Withdrawn)], false),
        (&[("03-01", Cancelled), ("04-01", TakenOver), ("05-01", Withdrawn)], true),
        (&[("07-01", Delegated)], true),
    ];
    for (turns, expected) in handled {
        assert_eq!(turned(turns).is_handled(day("06-01")), *expected, "{turns:?}");
    }
    let item = turned(&[("03-01", TakenOver), ("04-01", Cancelled), ("05-01", TakenOver)]);
    let taken = ["02-28", "04-30", "05-01"].map(|on| item.taken_over(day(on)));
    assert_eq!(taken, [None, Some(day("03-01")), Some(day("05-01"))]);
}

#[test]
fn the_latest_edition() {
    let edition = |told: &[(&str, u64)], items: &[(&str, &str)]| Edition {
        told: told.iter().map(|(on, position)| (day(on), *position)).collect(),
        items: items.iter().map(|(item, on)| ((*item).into(), Sorted { category: "c".into(), on: day(on), position: 1 })).collect(),
    };
    let mut catalogue = Catalogue::default();
    assert_eq!(catalogue.edition(day("12-31")), None);
    catalogue.put_edition("2018", edition(&[("03-01", 1), ("03-05", 2)], &[("a", "03-01"), ("b", "03-05")]));
    catalogue.put_edition("2019", edition(&[("06-01", 4)], &[("a", "06-01")]));
    catalogue.put_edition("2019-corrected", edition(&[("06-01", 5)], &[]));
    catalogue.put_edition("voided", edition(&[], &[]));
    let table = [("02-28", None), ("03-01", Some("2018")), ("05-31", Some("2018")), ("06-01", Some("2019-corrected"))];
    for (on, expected) in table {
        assert_eq!(catalogue.edition(day(on)).map(|(id, _)| &**id), expected, "{on}");
    }
    let (_, first) = catalogue.edition(day("03-31")).unwrap();
    let stands =
        [("a", "03-01"), ("b", "03-04"), ("b", "03-05"), ("c", "03-05")].map(|(item, on)| first.sorted(item, day(on)).is_some());
    assert_eq!(stands, [true, false, true, false]);
    assert_eq!(["02-28", "03-01", "03-05"].map(|on| first.last_told(day(on))), [0, 1, 2]);
}

#[test]
fn a_figure_holds_until_the_next() {
    let figure = |figure, hundredths, on| PeerFigure { figure, hundredths, valid_on: day(on) };
    let figures = [
        figure(FigureKind::Items, 100, "03-01"),
        figure(FigureKind::Items, 90, "06-01"),
        figure(FigureKind::Items, 80, "05-01"),
        figure(FigureKind::Items, 70, "06-01"),
        figure(FigureKind::Steps, 1, "01-01"),
    ];
    let peer = Peer { system: "s".into(), figures: figures.into_iter().zip(1..).collect() };
    let table = [("02-28", None), ("03-01", Some(100)), ("05-01", Some(80)), ("05-31", Some(80)), ("06-01", Some(70))];
    for (on, expected) in table {
        assert_eq!(peer.figure(FigureKind::Items, day(on)).map(|(figure, _)| figure.hundredths), expected, "{on}");
    }
}
