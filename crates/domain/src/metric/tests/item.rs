//! Items: what the version in force promises and where it stands, night by night (domain.md S14, S22, S23, 3.3).

use super::{Life, Spans, check, nights, standings_known};
use crate::event::{Fact, ItemPosted, ItemType, ItemVersion, Limit, LimitUnit, Material, RuleSet, RuleValue};
use crate::ids::kind::ITEM;
use crate::metric::{Metric, Place, Sums, Tally, value};
use crate::testing::{day, item_version, rule, tolerance_list, voided, wd};
use Place::{Denominator, Numerator, Unknown};

fn of(version: ItemVersion) -> Fact {
    Fact::ItemVersionPublished(Box::new(version))
}

fn published(version: &str, from: &str) -> Fact {
    of(ItemVersion { in_force_from: day(from), ..item_version(version) })
}

fn posted(version: &str, channel: &str) -> Fact {
    Fact::ItemPosted(ItemPosted { version: version.into(), channel: channel.into() })
}

/// The rule as it is from a day on.
fn rule_from(rule_id: &str, from: &str, value: RuleValue) -> Fact {
    Fact::RuleSet(RuleSet { rule_id: rule_id.into(), value, in_force_from: day(from), authority: "".into() })
}

fn flows_by(number: i64) -> RuleValue {
    RuleValue::Table([("flows".into(), number)].into())
}

#[test]
fn one_visit_is_promised_or_not() {
    let visits = |version, from, visit_limit| of(ItemVersion { in_force_from: day(from), visit_limit, ..item_version(version) });
    let life: Life = vec![
        ("03-02", visits("1", "03-01", Some(2))),
        ("03-02", visits("2", "04-01", Some(1))),
        ("05-04", visits("3", "05-01", None)),
        ("06-01", Fact::ItemWithdrawn),
        ("07-01", visits("4", "08-01", Some(0))),
    ];
    let table: [(usize, [Spans; 3]); 5] = [
        (1, [&[], &["03-01..12-31"], &[]]),
        (2, [&["04-01..12-31"], &["03-01..03-31"], &[]]),
        (3, [&["04-01..04-30"], &["03-01..03-31"], &["05-01..12-31"]]),
        (4, [&["04-01..04-30"], &["03-01..03-31"], &["05-01..05-31"]]),
        (5, [&["04-01..04-30", "08-01..12-31"], &["03-01..03-31"], &["05-01..05-31"]]),
    ];
    for (known, expected) in table {
        let all = standings_known(ITEM, &life, known);
        let of = |place| nights(&all, Metric::VisitRateItem, place, "01-01", "12-31");
        assert_eq!([Numerator, Denominator, Unknown].map(of), expected, "{known} known");
    }
}

#[test]
fn the_version_in_force_stands_on_every_channel_or_not() {
    let two = RuleValue::Codes(vec!["portal".into(), "print".into()]);
    let life: Life = vec![
        ("03-02", published("1", "03-01")),
        ("03-05", posted("1", "portal")),
        ("03-06", posted("1", "print")),
        ("03-09", posted("1", "reading_area")),
        ("03-10", posted("1", "kiosk")),
        ("03-20", posted("1", "kiosk")),
        ("04-01", published("2", "05-01")),
        ("04-20", posted("2", "portal")),
        ("05-04", posted("2", "print")),
        ("05-08", posted("2", "reading_area")),
        ("05-11", posted("2", "kiosk")),
        ("05-20", rule_from("item_channels", "05-06", two)),
        ("07-01", Fact::ItemWithdrawn),
        ("07-02", voided(9)),
    ];
    let table: [(usize, [Spans; 2]); 8] = [
        (4, [&[], &["03-01..12-31"]]),
        (5, [&["03-10..12-31"], &["03-01..03-09"]]),
        (6, [&["03-10..12-31"], &["03-01..03-09"]]),
        // What stands of the old version does not help the new one.
        (7, [&["03-10..04-30"], &["03-01..03-09", "05-01..12-31"]]),
        (10, [&["03-10..04-30"], &["03-01..03-09", "05-01..12-31"]]),
        (11, [&["03-10..04-30", "05-11..12-31"], &["03-01..03-09", "05-01..05-10"]]),
        (12, [&["03-10..04-30", "05-06..12-31"], &["03-01..03-09", "05-01..05-05"]]),
        (13, [&["03-10..04-30", "05-06..06-30"], &["03-01..03-09", "05-01..05-05"]]),
    ];
    for (known, expected) in table {
        let all = standings_known(ITEM, &life, known);
        let of = |place| nights(&all, Metric::ItemPublished, place, "01-01", "12-31");
        assert_eq!([Numerator, Denominator].map(of), expected, "{known} known");
    }
    // The print is taken back: neither the four channels nor the two.
    let all = standings_known(ITEM, &life, life.len());
    let on_every_channel = nights(&all, Metric::ItemPublished, Numerator, "01-01", "12-31");
    assert_eq!(on_every_channel, ["03-10..04-30"]);
    let first = all.iter().find(|s| s.metric == Metric::ItemPublished && s.place == Numerator).unwrap();
    assert_eq!(first.evidence, [1, 2, 3, 4, 5], "the later post on the kiosk adds nothing");
}

#[test]
fn flows_stand_everywhere_by_the_deadline_or_not() {
    // Everywhere from 03-11 on.
    let told = |rules: &[(&'static str, Fact)], kiosk: &'static str| -> Life {
        let published = ("03-02", published("1", "03-01"));
        let posts = [("03-03", "portal"), ("03-03", "print"), ("03-04", "reading_area"), (kiosk, "kiosk")];
        let posts = posts.map(|(on, channel)| (on, posted("1", channel)));
        rules.iter().cloned().chain([published]).chain(posts).collect()
    };
    let milestones = |from, number| ("01-01", rule_from("milestones", from, flows_by(number)));
    let by_0310 = [milestones("01-01", 20_260_310)];
    let life = told(&by_0310, "03-11");
    let answers = [
        "flows_by_deadline 01-01..12-31 @03-09 = 0/0",
        "flows_by_deadline 03-10..03-10 @03-10 = 0/1 channel_missing(permit)",
        "flows_by_deadline 01-01..12-31 @12-31 = 0/1 channel_missing(permit)",
        "flows_by_deadline 01-01..03-09 @12-31 = 0/0",
        "flows_by_deadline 03-11..12-31 @12-31 = 0/0",
    ];
    check("a day late", ITEM, &life, &answers);
    let in_time = told(&by_0310, "03-10");
    check("on the day", ITEM, &in_time, &["flows_by_deadline 03-10..03-10 @03-10 = 1/1 on_every_channel(permit)"]);

    let withdrawn: Life = [in_time, vec![("03-09", Fact::ItemWithdrawn)]].concat();
    let moved = |from| told(&[milestones("01-01", 20_260_310), milestones(from, 20_260_401)], "03-11");
    let table = [
        ("withdrawn before", withdrawn, "0/0"),
        ("moved before it came", moved("03-05"), "1/1 on_every_channel(permit)"),
        ("moved on the day", moved("03-10"), "1/1 on_every_channel(permit)"),
        ("moved when it had passed", moved("03-11"), "1/2 channel_missing(permit) on_every_channel(permit)"),
        ("no day", told(&[milestones("01-01", 20_260_231)], "03-11"), "0/0"),
        ("none", told(&[("01-01", rule("milestones", RuleValue::Table([].into())))], "03-11"), "0/0"),
        ("the founding document's", told(&[], "03-11"), "0/0"),
    ];
    for (name, life, expected) in table {
        check(name, ITEM, &life, &[&format!("flows_by_deadline 01-01..12-31 @12-31 = {expected}")]);
    }
    let of_2018: Life = vec![("03-02", published("1", "2018-03-01"))];
    check("by default", ITEM, &of_2018, &["flows_by_deadline 2018-03-31..2018-03-31 @12-31 = 0/1 channel_missing(permit)"]);
}

#[test]
fn permits_and_public_services_are_online_or_not() {
    let table = [
        (ItemType::Permit, true, "1/1 online(permit)"),
        (ItemType::Permit, false, "0/1 not_online(permit)"),
        (ItemType::PublicService, true, "1/1 online(public_service)"),
        (ItemType::PublicService, false, "0/1 not_online(public_service)"),
        (ItemType::Confirmation, true, "0/0"),
        (ItemType::Unknown, true, "0/0 u1 no_item_type"),
    ];
    for (item_type, online, expected) in table {
        let version = ItemVersion { item_type, online, in_force_from: day("03-02"), ..item_version("1") };
        let life: Life = vec![("03-01", of(version))];
        check("online", ITEM, &life, &["item_online @03-01 = 0/0", &format!("item_online @03-02 = {expected}")]);
    }
}

/// The figure over these items on a night, and how many of them are unknown and excluded.
fn figure_of(metric: Metric, items: &[ItemVersion]) -> (Option<f64>, u64, u64) {
    let (mut tally, mut sums) = (Tally::default(), Sums::default());
    for item in items {
        let life: Life = vec![("03-01", of(item.clone()))];
        let all = standings_known(ITEM, &life, 1);
        for member in all.iter().filter(|s| s.metric == metric && s.valid.contains(day("03-02"))) {
            tally.add(member.place);
            sums.add(member.place, member.value.unwrap_or_default());
        }
    }
    (value(metric.def().shape, &tally, &sums, &[]), tally.unknown, tally.excluded)
}

#[test]
fn what_an_item_asks_for() {
    let item = |steps, materials: &[&str], promised, statutory| ItemVersion {
        steps,
        materials: materials.iter().map(|code| Material { code: (*code).into(), required: false, tolerance_ok: false }).collect(),
        promised,
        statutory,
        ..item_version("1")
    };
    let months = Some(Limit { n: 1, unit: LimitUnit::Month });
    let items = [
        item(2, &["m1", "m2", "m1"], wd(8), wd(20)),
        item(5, &["m1", "m2", "m3", "m4", "m5"], wd(5), wd(20)),
        item(1, &[], wd(9), months),
        item(0, &[], months, months),
        item(0, &[], Some(Limit { n: 0, unit: LimitUnit::Immediate }), wd(20)),
        item(0, &[], wd(8), None),
        item(0, &[], None, wd(20)),
    ];
    // Two, five and no materials; eight steps; 13 of 40 working days.
    let table = [
        (Metric::ItemCount, (Some(7.0), 0, 0)),
        (Metric::MeanMaterials, (Some(7.0 / 3.0), 4, 0)),
        (Metric::MeanSteps, (Some(8.0 / 3.0), 4, 0)),
        (Metric::Compression, (Some(1.0 - 13.0 / 40.0), 2, 3)),
    ];
    for (metric, expected) in table {
        assert_eq!(figure_of(metric, &items), expected, "{metric:?}");
    }
    for metric in [Metric::MeanMaterials, Metric::MeanSteps, Metric::Compression] {
        assert_eq!(figure_of(metric, &items[5..6]), (None, 1, 0), "{metric:?}");
    }
}

#[test]
fn a_permit_has_a_tolerance_list_or_not() {
    let of_type = |version, from, item_type| of(ItemVersion { in_force_from: day(from), item_type, ..item_version(version) });
    let life: Life = vec![
        ("03-02", of_type("1", "03-01", ItemType::Permit)),
        ("03-10", tolerance_list("1", &[])),
        ("03-20", tolerance_list("1", &[("m1", 5)])),
        ("04-20", of_type("2", "05-01", ItemType::Permit)),
        ("04-25", tolerance_list("2", &[("m1", 5)])),
        ("05-20", of_type("3", "06-01", ItemType::PublicService)),
        ("05-21", of_type("4", "07-01", ItemType::Unknown)),
    ];
    let table: [(usize, [Spans; 3]); 5] = [
        (2, [&[], &["03-01..12-31"], &[]]),
        (3, [&["03-20..12-31"], &["03-01..03-19"], &[]]),
        // The list of the old version is none of the new one.
        (4, [&["03-20..04-30"], &["03-01..03-19", "05-01..12-31"], &[]]),
        (5, [&["03-20..12-31"], &["03-01..03-19"], &[]]),
        (7, [&["03-20..05-31"], &["03-01..03-19"], &["07-01..12-31"]]),
    ];
    for (known, expected) in table {
        let all = standings_known(ITEM, &life, known);
        let of = |place| nights(&all, Metric::ToleranceListCoverage, place, "01-01", "12-31");
        assert_eq!([Numerator, Denominator, Unknown].map(of), expected, "{known} known");
    }
}
