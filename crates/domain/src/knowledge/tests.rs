//! Registry events, and what a void of one leaves.

use super::{Knowledge, Touches};
use crate::event::{
    CalendarPublished, Fact, FigureKind, FlowCategory, FlowsConsolidated, ItemPosted, ItemVersion, LogOpened, PeerFigure,
    RuleValue, UnitHead, UnitRegistered,
};
use crate::ids::{Subject, kind};
use crate::testing::{
    ITEM, UNIT, approved, day, event_of, item_version, received, recorded, replaced, rule, subject, voided, wd, zone,
};
use jiff::civil::Time;

/// Takes facts in, numbered from 1, all on 2026-01-05.
fn known(facts: &[(&str, Fact)]) -> (Knowledge, Vec<Touches>) {
    let mut known = Knowledge::new(zone(), false);
    let touches = (1..).zip(facts).map(|(position, (kind, fact))| {
        let event = event_of(&subject(kind), u128::from(position), day("01-05"), Time::midnight(), fact.clone());
        known.apply(&recorded(position, event))
    });
    let touches = touches.collect();
    (known, touches)
}

fn consult(n: i64) -> (&'static str, Fact) {
    (kind::LOG, rule("consult_wd", RuleValue::Number(n)))
}

#[test]
fn rules_and_their_voids() {
    let void = |id| (kind::LOG, voided(id));
    let table: &[(&str, Vec<(&str, Fact)>, i64)] = &[
        ("default", vec![], 2),
        ("set", vec![consult(3)], 3),
        ("the last recorded of a day", vec![consult(3), consult(4)], 4),
        ("voided: the default", vec![consult(3), void(1)], 2),
        ("voided: the one before", vec![consult(3), consult(4), void(2)], 3),
        ("the one before voided", vec![consult(3), consult(4), void(1)], 4),
        ("the void voided", vec![consult(3), consult(4), void(2), void(3)], 4),
        ("set after the void", vec![consult(3), void(1), consult(5)], 5),
        ("replaced", vec![consult(3), consult(4), (kind::LOG, replaced(1, 2))], 4),
    ];
    for (name, facts, expected) in table {
        let (known, touches) = known(facts);
        assert_eq!(known.rules.number("consult_wd", day("06-01")), *expected, "{name}");
        assert!(touches.iter().all(|touched| *touched == Touches::Everything), "{name}");
    }
}

#[test]
fn the_assessments_of_a_zone() {
    let approved = |id, from, to| (kind::ZONE, approved(id, "water", from, to));
    let facts = [approved("a", "2025-01-01", Some("2026-06-30")), approved("b", "2026-03-01", None), (kind::ZONE, voided(1))];
    let valid = |known: &Knowledge, on| {
        let zone = known.catalogue.zone("1").unwrap().clone();
        zone.valid(day(on)).map(|valid| String::from(&*valid.id)).collect::<Vec<_>>()
    };
    let (both, touches) = known(&facts[..2]);
    assert_eq!(touches, [Touches::Zone("1".into()), Touches::Zone("1".into())]);
    // Approved on 01-05, so that it cannot be used before, whatever it says.
    for (on, ids) in
        [("01-04", vec![]), ("01-05", vec!["a"]), ("03-01", vec!["a", "b"]), ("06-30", vec!["a", "b"]), ("07-01", vec!["b"])]
    {
        assert_eq!(valid(&both, on), ids, "{on}");
    }
    let (one, _) = known(&facts);
    assert_eq!(valid(&one, "03-01"), ["b"]);
    assert!(one.catalogue.zone("2").is_none());
}

#[test]
fn a_calendar_and_its_void() {
    let year = |version, working| {
        let days = vec![(day("05-09"), working)];
        (kind::LOG, Fact::CalendarPublished(CalendarPublished { year: 2026, version, days }))
    };
    let table: &[(&str, Vec<(&str, Fact)>, bool, Option<u32>)] = &[
        ("none", vec![], false, None),
        ("published", vec![year(1, true)], true, Some(1)),
        ("revised", vec![year(1, true), year(2, false)], false, Some(2)),
        ("the revision voided", vec![year(1, true), year(2, false), (kind::LOG, voided(2))], true, Some(1)),
        ("all voided", vec![year(1, true), (kind::LOG, voided(1))], false, None),
    ];
    for (name, facts, working, version) in table {
        let (known, _) = known(facts);
        assert_eq!((known.calendar.is_working(day("05-09")), known.calendar.version(2026)), (*working, *version), "{name}");
    }
}

#[test]
fn items_and_units() {
    let version = |name: &str, from| {
        let version = ItemVersion { in_force_from: day(from), ..item_version(name) };
        (kind::ITEM, Fact::ItemVersionPublished(Box::new(version)))
    };
    let posted = (kind::ITEM, Fact::ItemPosted(ItemPosted { version: "1".into(), channel: "portal".into() }));
    let (known, touches) = known(&[
        version("1", "01-01"),
        version("2", "06-01"),
        posted,
        (kind::ITEM, voided(2)),
        (kind::UNIT, Fact::UnitRegistered(UnitRegistered { from: None })),
        (kind::UNIT, Fact::UnitHeadAppointed(UnitHead { person_id: "p".into(), from: Some(day("02-01")) })),
        (kind::UNIT, Fact::UnitHeadRelieved(UnitHead { person_id: "p".into(), from: Some(day("04-01")) })),
        (kind::UNIT, voided(7)),
        (kind::CASE, received()),
    ]);
    assert_eq!(known.catalogue.item_in_force(ITEM, day("07-01")).map(|version| &*version.version), Some("1"));
    assert_eq!(known.catalogue.item(ITEM).unwrap().channels("1", day("07-01")).count(), 1);
    assert_eq!(known.catalogue.unit(UNIT).unwrap().head(day("05-01")), Some("p"));
    assert_eq!((known.catalogue.items().count(), known.catalogue.units().count()), (1, 1));
    let expected = [vec![Touches::Item(ITEM.into()); 4], vec![Touches::Unit(UNIT.into()); 4], vec![Touches::None]].concat();
    assert_eq!(touches, expected);
}

#[test]
fn editions_and_figures_of_other_districts() {
    let flows = |code: &str| {
        let category = FlowCategory { code: code.into(), items: vec![ITEM.into()] };
        (kind::EDITION, Fact::ItemFlowsConsolidated(FlowsConsolidated { categories: vec![category] }))
    };
    let figure = |hundredths| {
        let figure = PeerFigure { figure: FigureKind::Steps, hundredths, valid_on: day("01-01") };
        (kind::DISTRICT, Fact::PeerFigurePublished(figure))
    };
    let facts = [flows("wrong"), (kind::EDITION, voided(1)), flows("right"), figure(200), figure(100), (kind::DISTRICT, voided(5))];
    let (known, touches) = known(&facts);
    let (id, edition) = known.catalogue.edition(day("06-01")).unwrap();
    assert_eq!((&**id, edition.told.len()), ("1", 1));
    let sorted = edition.sorted(ITEM, day("06-01")).unwrap();
    assert_eq!((&*sorted.category, sorted.position), ("right", 3));
    let peer = known.catalogue.peer("1").unwrap();
    let figure = peer.figure(FigureKind::Steps, day("06-01")).map(|(figure, position)| (figure.hundredths, *position));
    assert_eq!((&*peer.system, figure), ("s", Some((200, 4))));
    assert_eq!(touches, [vec![Touches::Items; 3], vec![Touches::None; 3]].concat());
}

#[test]
fn an_item_is_known_by_its_code_whichever_system_published_it() {
    let mut known = Knowledge::new(zone(), false);
    for (position, system, name) in [(1, "s", "1"), (2, "t", "2")] {
        let fact = Fact::ItemVersionPublished(Box::new(ItemVersion { promised: wd(5), ..item_version(name) }));
        let event = event_of(&Subject::new(kind::ITEM, system, ITEM), u128::from(position), day("01-05"), Time::midnight(), fact);
        known.apply(&recorded(position, event));
    }
    assert!(known.catalogue.item_version(ITEM, "1").is_some() && known.catalogue.item_version(ITEM, "2").is_some());
}

#[test]
fn a_clone_is_a_snapshot() {
    let (mut known, _) = known(&[consult(3)]);
    let before = known.clone();
    let event = event_of(&subject(kind::LOG), 2, day("01-06"), Time::midnight(), voided(1));
    known.apply(&recorded(2, event));
    assert_eq!(known.rules.number("consult_wd", day("06-01")), 2);
    assert_eq!(before.rules.number("consult_wd", day("06-01")), 3);
}

#[test]
fn the_genesis_names_zone_and_kind() {
    let opened = Fact::LogOpened(LogOpened {
        name: "370306".into(),
        suite: "s".into(),
        time_zone: "Asia/Urumqi".into(),
        contract: 1,
        synthetic: true,
    });
    let (known, _) = known(&[(kind::LOG, opened), consult(3), (kind::LOG, voided(2))]);
    assert_eq!((known.zone.iana_name(), known.synthetic), (Some("Asia/Urumqi"), true), "also after a void");
}
