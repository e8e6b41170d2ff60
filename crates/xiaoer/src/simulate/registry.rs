//! The district's units, items and rules.

use super::{By, Scene};
use jiff::civil::{Date, DateTime};
use xiaoer_wire::v1::{
    ItemChannel, ItemMaterial, ItemPosted, ItemStep, ItemType, ItemVersionPublished, Limit, LimitUnit, RuleSet, RuleValue,
    UnitHeadAppointed, UnitKind, UnitRegistered, event::Fact, rule_value,
};

/// Departments: synthetic codes (domain.md section 4) and public names.
pub(super) const UNITS: [(&str, &str); 5] = [
    ("11370306XXXX00019K", "自然资源和规划局"),
    ("11370306XXXX00027E", "住房和城乡建设局"),
    ("11370306XXXX000359", "市场监督管理局"),
    ("11370306XXXX000434", "卫生健康局"),
    ("11370306XXXX00051Y", "政务服务中心"),
];

/// Items of the district.
pub(super) const ITEMS: u64 = 40;
/// Who runs the catalogue.
const OFFICE: By<'static> = By { system: "catalogue", unit: "11370306XXXX00051Y", staff: "", window: "" };

/// An item, the same wherever it is asked for.
pub(super) struct Item {
    pub code: String,
    pub unit: &'static str,
    pub promised: u64,
    pub permit: bool,
    pub visits: u32,
}

/// The n-th item: its unit, limits and visits follow from its number.
pub(super) fn item(n: u64) -> Item {
    let unit = UNITS[usize::try_from(n % 4).unwrap_or(0)].0;
    let promised = [1, 3, 5, 8, 10, 15, 20][usize::try_from(n % 7).unwrap_or(0)];
    let visits = [0, 1, 1, 0, 2][usize::try_from(n % 5).unwrap_or(0)];
    Item { code: format!("370306-{n:04}"), unit, promised, permit: n % 3 != 2, visits }
}

/// Materials of an item.
pub(super) fn materials(code: &str) -> [String; 4] {
    ["form", "identity", "site", "drawing"].map(|name| format!("{code}-{name}"))
}

pub(super) fn play(scene: &mut Scene) {
    let day = scene.district.from.saturating_sub(jiff::Span::new().days(10));
    let at = |hour: i8, minute: u64| morning(day, hour, minute);
    for (n, (usci, name)) in (0..).zip(UNITS) {
        let registered = UnitRegistered {
            name: name.into(),
            kind: UnitKind::Department as i32,
            level: 4,
            town: String::new(),
            from: day.to_string(),
        };
        scene.post(("unit", "registry", usci), OFFICE, at(8, n), Fact::UnitRegistered(registered));
        let head = UnitHeadAppointed { person_id: format!("head-{n}"), from: day.to_string() };
        scene.post(("unit", "registry", usci), OFFICE, at(8, 10 + n), Fact::UnitHeadAppointed(head));
    }
    let rule = RuleSet {
        rule_id: "first_ask_max_wd".into(),
        value: Some(RuleValue { kind: Some(rule_value::Kind::Number(5)) }),
        in_force_from: day.to_string(),
        authority: "district-office-1".into(),
    };
    let log = scene.log.clone();
    scene.post(("log", "xiaoer", &log), OFFICE, at(8, 30), Fact::RuleSet(rule));
    for n in 0..ITEMS {
        publish(scene, n, day, at(9, n));
    }
}

fn publish(scene: &mut Scene, n: u64, day: Date, at: DateTime) {
    let item = item(n);
    let limit = |n: u64| Limit { n: u32::try_from(n).unwrap_or(1), unit: LimitUnit::WorkingDay as i32 };
    let material = |code: String| ItemMaterial { code, standard_ref: String::new(), required: true, tolerance_ok: false };
    let version = ItemVersionPublished {
        version: "1".into(),
        name: format!("事项{n}"),
        item_type: if item.permit { ItemType::Permit as i32 } else { ItemType::PublicService as i32 },
        lead_usci: item.unit.into(),
        online: n.is_multiple_of(2),
        steps: vec![ItemStep { step: "accept".into(), materials: materials(&item.code).map(material).into() }],
        defects: vec!["missing".into(), "unsigned".into(), "illegible".into()],
        statutory_limit: Some(limit(20)),
        promised_limit: Some(limit(item.promised)),
        deemed_acceptance: item.permit,
        visit_limit: Some(item.visits),
        in_force_from: day.to_string(),
    };
    scene.post(("item", "catalogue", &item.code), OFFICE, at, Fact::ItemVersionPublished(version));
    for channel in [ItemChannel::Portal, ItemChannel::Print] {
        let posted = ItemPosted { version: "1".into(), channel: channel as i32 };
        scene.post(("item", "catalogue", &item.code), OFFICE, at, Fact::ItemPosted(posted));
    }
}

/// A minute of a morning.
pub(super) fn morning(day: Date, hour: i8, minutes: u64) -> DateTime {
    let minutes = i8::try_from(minutes % 60).unwrap_or(0);
    day.at(hour, minutes, 0, 0)
}
