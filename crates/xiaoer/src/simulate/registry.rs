//! What stands before the first case, and how it changes: units with their heads, items with their channels and the edition of their
//! flows, rules, other districts.

use super::units::{By, usci};
use super::{Post, catalogue::CENTRE, catalogue::Fate, catalogue::UNITS, random::Random, stream::Stream, world::World};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, ItemChannel, PeerFigure, event::Fact, rule_value};

/// Kind of the registry's chance.
const REGISTRY: u64 = 1;
/// System that numbers the catalogue.
const SYSTEM: &str = "catalogue";

/// All posts of the registry, not yet in order of time.
pub(super) fn posts(world: &World) -> Vec<Post> {
    let units = (0..UNITS.len()).map(|unit| self::unit(world, unit));
    let items = (0..world.items.len()).map(|item| self::item(world, item));
    let mut posts = rule_posts(world);
    posts.extend(units.chain(items).flatten());
    posts.extend(edition(world));
    posts.extend(PEERS.iter().enumerate().flat_map(|(index, peer)| self::peer(world, index, peer)));
    posts
}

fn stream<'w>(world: &'w World, number: usize, kind: &str, system: &str, id: &str) -> Stream<'w> {
    let random = Random::of(world.seed, REGISTRY, number as u64);
    let subject = v1::Subject { kind: kind.to_owned(), system: system.to_owned(), id: id.to_owned() };
    Stream::new(world, random, subject, world.from.at(6, 0, 0, 0)).never_late()
}

/// The rules the district sets itself; all others keep their defaults.
fn rules() -> Vec<(&'static str, rule_value::Kind)> {
    let grounds = ["not_required", "not_our_authority", "duplicate_application"].map(str::to_owned).to_vec();
    vec![
        ("correction_wd", rule_value::Kind::Number(30)),
        ("warn_wd", rule_value::Kind::Number(2)),
        ("not_accepted_grounds", rule_value::Kind::Codes(v1::RuleCodes { codes: grounds })),
        ("record_mode_sources", rule_value::Kind::Codes(v1::RuleCodes { codes: vec!["legacy".to_owned()] })),
    ]
}

fn rule_posts(world: &World) -> Vec<Post> {
    let subject = v1::Subject { kind: kind::LOG.to_owned(), system: "xiaoer".to_owned(), id: world.log.clone() };
    let random = Random::of(world.seed, REGISTRY, 0);
    let mut stream = Stream::new(world, random, subject, world.from.at(5, 0, 0, 0)).never_late();
    for (rule_id, kind) in rules() {
        let fact = v1::RuleSet {
            rule_id: rule_id.to_owned(),
            value: Some(v1::RuleValue { kind: Some(kind) }),
            in_force_from: world.from.to_string(),
            authority: "synthetic-2018-6".to_owned(),
        };
        stream.say(By::Unit(CENTRE), Fact::RuleSet(fact));
        stream.minutes(1, 2);
    }
    stream.into_posts()
}

fn unit(world: &World, unit: usize) -> Vec<Post> {
    let mut stream = stream(world, 100 + unit, kind::UNIT, SYSTEM, &usci(unit));
    let long_before = world.items[0].versions[0].0.to_string();
    let registered = v1::UnitRegistered {
        name: UNITS[unit].name.to_owned(),
        kind: UNITS[unit].kind.into(),
        level: 4,
        town: String::new(),
        from: long_before.clone(),
    };
    stream.say(By::Unit(CENTRE), Fact::UnitRegistered(registered));
    stream.minutes(1, 3);
    let head = |n: u32, from: String| v1::UnitHeadAppointed { person_id: format!("head-{unit:02}-{n}"), from };
    stream.say(By::Unit(CENTRE), Fact::UnitHeadAppointed(head(1, long_before)));
    // One in four has a new head in the period.
    if unit % 4 == 1 {
        stream.days(30 + u32::try_from(unit).unwrap_or(0) * 3);
        stream.say(By::Unit(CENTRE), Fact::UnitHeadRelieved(v1::UnitHeadRelieved { person_id: format!("head-{unit:02}-1") }));
        stream.minutes(5, 20);
        let from = stream.now.date().to_string();
        stream.say(By::Unit(CENTRE), Fact::UnitHeadAppointed(head(2, from)));
    }
    stream.into_posts()
}

fn item(world: &World, index: usize) -> Vec<Post> {
    let item = &world.items[index];
    let mut stream = stream(world, 200 + index, kind::ITEM, SYSTEM, &item.code);
    for (number, (from, version)) in item.versions.iter().enumerate() {
        if number > 0 {
            // A change is published ten working days before it comes into force.
            let wait = world.calendar.working_days(stream.now.date(), *from).saturating_sub(10);
            stream.days(wait);
        } else {
            stream.minutes(5, 30);
        }
        stream.say(By::Unit(item.unit), Fact::ItemVersionPublished(version.clone()));
        if *from < stream.now.date() {
            // Published long before, and only recorded when the district began.
            stream.dated(*from);
        }
        let channels = [ItemChannel::Portal, ItemChannel::Print, ItemChannel::ReadingArea, ItemChannel::Kiosk];
        let posted = if is_everywhere(index) { channels.len() } else { 2 };
        for channel in channels.into_iter().take(posted) {
            stream.minutes(1, 3);
            let fact = v1::ItemPosted { version: version.version.clone(), channel: channel.into() };
            stream.say(By::Unit(CENTRE), Fact::ItemPosted(fact));
        }
    }
    // What came to the district later stands last, so that what was there keeps its ids.
    for list in item.versions.iter().filter_map(|(_, version)| item.tolerance_list(version)) {
        stream.minutes(1, 3);
        stream.say(By::Unit(item.unit), Fact::ToleranceListPublished(list));
    }
    if let Some(change) = item.limit_change() {
        stream.minutes(1, 3);
        stream.say(By::Unit(item.unit), Fact::ItemLimitChanged(change));
    }
    let authority_ref = || format!("synthetic-{index}");
    match item.fate {
        Fate::Stays => {}
        Fate::GoesAndComes => {
            stream.days(40);
            stream.say(By::Unit(CENTRE), Fact::ItemDelegated(v1::ItemDelegated { authority_ref: authority_ref() }));
            stream.days(15);
            stream.say(By::Unit(CENTRE), Fact::ItemTakenOver(v1::ItemTakenOver { authority_ref: authority_ref() }));
        }
        Fate::Ends => {
            stream.days(60);
            stream.say(By::Unit(CENTRE), Fact::ItemCancelled(v1::ItemCancelled { authority_ref: authority_ref() }));
        }
    }
    stream.into_posts()
}

/// The flows that stand on every channel, put together by department on the day after.
fn edition(world: &World) -> Vec<Post> {
    let mut stream = stream(world, 300, kind::EDITION, SYSTEM, "2018-1");
    stream.days(1);
    let published = || world.items.iter().enumerate().filter(|(index, _)| is_everywhere(*index)).map(|(_, item)| item);
    let category = |unit: usize| v1::FlowCategory {
        code: format!("department-{unit:02}"),
        item_codes: published().filter(|item| item.unit == unit).map(|item| item.code.clone()).collect(),
    };
    let categories = (0..UNITS.len()).map(category).filter(|category| !category.item_codes.is_empty()).collect();
    stream.say(By::Unit(CENTRE), Fact::ItemFlowsConsolidated(v1::ItemFlowsConsolidated { categories }));
    stream.into_posts()
}

/// Other districts with what they publish: items, materials, steps, days of an item, in hundredths. Invented.
const PEERS: &[(&str, [u32; 4])] = &[
    ("370302", [4_200, 690, 210, 810]),
    ("370303", [3_800, 610, 190, 760]),
    ("370304", [4_500, 720, 200, 900]),
    ("370305", [3_900, 660, 220, 680]),
    ("370321", [4_100, 640, 190, 700]),
    ("370322", [4_600, 580, 180, 640]),
    ("370323", [4_000, 700, 230, 750]),
];

fn peer(world: &World, index: usize, (district, figures): &(&str, [u32; 4])) -> Vec<Post> {
    let mut stream = stream(world, 310 + index, kind::DISTRICT, SYSTEM, district);
    stream.days(1);
    let kinds = [PeerFigure::Items, PeerFigure::Materials, PeerFigure::Steps, PeerFigure::Days];
    for (kind, hundredths) in kinds.into_iter().zip(figures) {
        let fact = v1::PeerFigurePublished {
            figure: kind.into(),
            value_hundredths: *hundredths,
            valid_on: world.from.to_string(),
            source_ref: "synthetic-city".to_owned(),
        };
        stream.say(By::Unit(CENTRE), Fact::PeerFigurePublished(fact));
        stream.minutes(1, 2);
    }
    stream.into_posts()
}

/// A few items are not yet on every channel.
fn is_everywhere(index: usize) -> bool {
    index % 9 != 7
}
