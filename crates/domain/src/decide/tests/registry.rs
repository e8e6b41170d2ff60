//! What changes an answer: wrong values are refused in both modes, what is not there yet in strict mode alone.

use super::{PostMode, answer};
use crate::event::{
    CalendarPublished, Fact, FigureKind, FlowCategory, FlowsConsolidated, ItemPosted, ItemVersion, Limit, LimitChanged, LimitUnit,
    LogOpened, PeerFigure, RuleValue, UnitHead, UnitRegistered,
};
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{day, item_version, knowledge, rule, voided, wd, zone};
use jiff::civil::date;

/// On 04-20, after what stands on 04-01; strict, then record mode.
fn check(kind: &str, known: &Knowledge, given: &[Fact], table: &[(&str, Fact, &str, &str)]) {
    let given: Vec<_> = given.iter().map(|fact| ("04-01", fact.clone())).collect();
    for (name, fact, strict, record) in table {
        for (mode, expected) in [(PostMode::Strict, strict), (PostMode::Record, record)] {
            assert_eq!(answer(kind, &given, known, ("04-20", fact.clone()), mode), *expected, "{name}, {mode:?}");
        }
    }
}

fn year(year: i16, version: u32, days: &[jiff::civil::Date]) -> Fact {
    Fact::CalendarPublished(CalendarPublished { year, version, days: days.iter().map(|day| (*day, false)).collect() })
}

#[test]
fn the_log() {
    let opened = Fact::LogOpened(LogOpened {
        name: "370306".into(),
        suite: "s".into(),
        time_zone: "Asia/Shanghai".into(),
        contract: 1,
        synthetic: false,
    });
    let (first, second) = (date(2027, 1, 1), date(2027, 1, 2));
    let (number, codes) = (RuleValue::Number, |code: &str| RuleValue::Codes(vec![code.into()]));
    check(
        kind::LOG,
        &knowledge(&[]),
        &[opened.clone(), year(2027, 2, &[first]), Fact::LogRecovered],
        &[
            ("a second genesis", opened, "XE-GENESIS", "XE-GENESIS"),
            ("the genesis voided", voided(1), "XE-VOID-TARGET", "XE-VOID-TARGET"),
            ("a recovery", Fact::LogRecovered, "XE-LOG-RECOVERED", "XE-LOG-RECOVERED"),
            ("a recovery voided", voided(3), "XE-VOID-TARGET", "XE-VOID-TARGET"),
            ("a calendar voided", voided(2), "ok", "ok"),
            ("a rule", rule("consult_wd", number(3)), "ok", "ok"),
            ("no such rule", rule("consult_days", number(3)), "XE-RULE-UNKNOWN", "XE-RULE-UNKNOWN"),
            ("a value of another kind", rule("consult_wd", RuleValue::Flag(true)), "XE-RULE-VALUE", "XE-RULE-VALUE"),
            ("a number below 0", rule("consult_wd", number(-1)), "XE-RULE-VALUE", "XE-RULE-VALUE"),
            ("a code it knows", rule("zero_backlog_parts", codes("delivery")), "ok", "ok"),
            ("a code it does not know", rule("zero_backlog_parts", codes("late")), "XE-RULE-VALUE", "XE-RULE-VALUE"),
            ("another year", year(2028, 1, &[]), "ok", "ok"),
            ("the year before the first", year(2025, 1, &[]), "ok", "ok"),
            ("a year that leaves a hole", year(2029, 1, &[]), "XE-CALENDAR-HOLE", "irregular record_mode_unlisted"),
            ("one before", year(2024, 1, &[]), "XE-CALENDAR-HOLE", "irregular record_mode_unlisted"),
            ("a higher version", year(2027, 3, &[first, second]), "ok", "ok"),
            ("the same version", year(2027, 2, &[first]), "XE-CALENDAR-VERSION", "XE-CALENDAR-VERSION"),
            ("a lower version", year(2027, 1, &[first]), "XE-CALENDAR-VERSION", "XE-CALENDAR-VERSION"),
            ("a day of another year", year(2028, 1, &[first]), "XE-CALENDAR", "XE-CALENDAR"),
            ("a day given twice", year(2027, 3, &[second, second]), "XE-CALENDAR", "XE-CALENDAR"),
        ],
    );
}

#[test]
fn the_first_year_of_a_log_may_be_any() {
    let none = Knowledge::new(zone(), false);
    check(kind::LOG, &none, &[], &[("the first", year(2029, 1, &[]), "ok", "ok")]);
    let two = [year(2018, 1, &[]), year(2019, 1, &[])];
    let after = [("the next", year(2020, 1, &[]), "ok", "ok"), ("again", year(2018, 2, &[]), "ok", "ok")];
    check(kind::LOG, &none, &two, &after);
}

/// A version of the item, in force from 05-01 where nothing else is said.
fn published(version: ItemVersion) -> Fact {
    let in_force_from = version.in_force_from.max(day("05-01"));
    Fact::ItemVersionPublished(Box::new(ItemVersion { in_force_from, ..version }))
}

#[test]
fn items() {
    let limits = |promised, statutory| published(ItemVersion { promised, statutory, ..item_version("9") });
    let months = |n| Some(Limit { n, unit: LimitUnit::Month });
    let posted = |version: &str| Fact::ItemPosted(ItemPosted { version: version.into(), channel: "portal".into() });
    let irregular = "irregular record_mode_unlisted";
    let from = |version, on| Fact::ItemVersionPublished(Box::new(ItemVersion { in_force_from: day(on), ..item_version(version) }));
    // The catalogue knows version 1 already, the stream version 2 as well.
    check(
        kind::ITEM,
        &knowledge(&[]),
        &[published(item_version("2"))],
        &[
            ("a new version", published(item_version("3")), "ok", "ok"),
            ("a version of the stream", published(item_version("2")), "XE-ITEM-VERSION-EXISTS", "XE-ITEM-VERSION-EXISTS"),
            ("a version of the catalogue", published(item_version("1")), "XE-ITEM-VERSION-EXISTS", "XE-ITEM-VERSION-EXISTS"),
            ("promised as the statute", limits(wd(20), wd(20)), "ok", "ok"),
            ("promised longer", limits(wd(21), wd(20)), "XE-ITEM-LIMITS", "XE-ITEM-LIMITS"),
            ("in different units", limits(wd(21), months(1)), "ok", "ok"),
            ("no statutory limit", limits(wd(21), None), "ok", "ok"),
            ("posted", posted("2"), "ok", "ok"),
            ("a version posted that is not there", posted("4"), "XE-ITEM-UNKNOWN", irregular),
            ("withdrawn", Fact::ItemWithdrawn, "ok", "ok"),
            ("in force from the day itself", from("3", "04-20"), "ok", "ok"),
            ("in force before it was published", from("3", "04-19"), "XE-ITEM-VERSION-BACKDATED", irregular),
        ],
    );
    check(
        kind::ITEM,
        &Knowledge::new(zone(), false),
        &[],
        &[
            ("withdrawn, never there", Fact::ItemWithdrawn, "XE-ITEM-UNKNOWN", irregular),
            ("posted, never there", posted("1"), "XE-ITEM-UNKNOWN", irregular),
        ],
    );
}

#[test]
fn what_becomes_of_an_item() {
    use Fact::{ItemCancelled, ItemDelegated, ItemTakenOver, ItemWithdrawn};
    let irregular = "irregular record_mode_unlisted";
    let (known, version) = (knowledge(&[]), || published(item_version("3")));
    let was = Fact::ItemVersionPublished(Box::new(item_version("2")));
    for (given, cancelled, next) in [
        (vec![], "XE-ITEM-UNKNOWN", "ok"),
        (vec![ItemTakenOver], "ok", "ok"),
        (vec![was.clone()], "ok", "ok"),
        (vec![was.clone(), ItemWithdrawn], "ok", "ok"),
        (vec![was.clone(), ItemCancelled], "XE-ITEM-ENDED", "XE-ITEM-ENDED"),
        (vec![was.clone(), ItemDelegated], "XE-ITEM-ENDED", "XE-ITEM-ENDED"),
        (vec![was.clone(), ItemDelegated, ItemTakenOver], "ok", "ok"),
        (vec![was, ItemCancelled, voided(2)], "ok", "ok"),
    ] {
        let recorded = |strict| if strict == "ok" { "ok" } else { irregular };
        let table = [
            ("taken over", ItemTakenOver, "ok", "ok"),
            ("cancelled", ItemCancelled, cancelled, recorded(cancelled)),
            ("handed down", ItemDelegated, cancelled, recorded(cancelled)),
            ("a new version", version(), next, recorded(next)),
        ];
        check(kind::ITEM, &known, &given, &table);
    }
}

#[test]
fn what_is_said_of_a_limit_agrees_with_its_version() {
    let irregular = "irregular record_mode_unlisted";
    let said = |version: &str, old, new: u32, from| {
        let new = wd(new).unwrap();
        Fact::ItemLimitChanged(LimitChanged { version: version.into(), old, new, in_force_from: day(from) })
    };
    let version = |name: &str, promised| published(ItemVersion { promised, ..item_version(name) });
    let was = || Fact::ItemVersionPublished(Box::new(item_version("1")));
    let known = Knowledge::new(zone(), false);
    let differs = "XE-ITEM-LIMIT-DIFFERS";
    check(kind::ITEM, &known, &[], &[("of no item", said("2", wd(8), 5, "05-01"), "XE-ITEM-UNKNOWN", irregular)]);
    check(
        kind::ITEM,
        &known,
        &[was()],
        &[
            ("before the version", said("2", wd(8), 5, "05-01"), "ok", "ok"),
            ("it was another limit", said("2", wd(9), 5, "05-01"), differs, irregular),
            ("there was one", said("2", None, 5, "05-01"), differs, irregular),
            ("shorter", version("2", wd(5)), "ok", "ok"),
            ("as long", version("2", wd(8)), "ok", "ok"),
            ("longer, nothing said", version("2", wd(9)), "limit_lengthened", "limit_lengthened"),
            ("in other units", version("2", Some(Limit { n: 1, unit: LimitUnit::Month })), "ok", "ok"),
        ],
    );
    check(
        kind::ITEM,
        &known,
        &[was(), said("2", wd(8), 10, "05-01")],
        &[
            ("as said", version("2", wd(10)), "ok", "ok"),
            ("longer than said", version("2", wd(11)), differs, irregular),
            ("another version", version("3", wd(11)), "limit_lengthened", "limit_lengthened"),
            ("said again", said("2", wd(8), 11, "05-01"), "ok", "ok"),
        ],
    );
    check(
        kind::ITEM,
        &known,
        &[was(), version("2", wd(10))],
        &[
            ("after the version", said("2", wd(8), 10, "05-01"), "ok", "ok"),
            ("not what the version says", said("2", wd(8), 9, "05-01"), differs, irregular),
            ("from another day", said("2", wd(8), 10, "05-02"), differs, irregular),
        ],
    );
    let other_day = [was(), said("2", wd(8), 10, "05-02")];
    check(kind::ITEM, &known, &other_day, &[("from another day", version("2", wd(10)), differs, irregular)]);
}

#[test]
fn editions() {
    let flows = |categories: &[(&str, &[&str])]| {
        let category = |(code, items): &(&str, &[&str])| FlowCategory {
            code: (*code).into(),
            items: items.iter().map(|item| (*item).into()).collect(),
        };
        Fact::ItemFlowsConsolidated(FlowsConsolidated { categories: categories.iter().map(category).collect() })
    };
    let known = knowledge(&[]);
    check(
        kind::EDITION,
        &known,
        &[flows(&[("a", &["x"])])],
        &[
            ("another category", flows(&[("b", &["permit"])]), "ok", "ok"),
            ("a category told before", flows(&[("a", &["permit"])]), "XE-EDITION", "XE-EDITION"),
            ("a category given twice", flows(&[("b", &["permit"]), ("b", &[])]), "XE-EDITION", "XE-EDITION"),
            ("an item told before", flows(&[("b", &["x"])]), "XE-EDITION", "XE-EDITION"),
            ("an item in two categories", flows(&[("b", &["permit"]), ("c", &["permit"])]), "XE-EDITION", "XE-EDITION"),
            ("an item nobody knows", flows(&[("b", &["y"])]), "XE-ITEM-UNKNOWN", "irregular record_mode_unlisted"),
        ],
    );
    let anew = [flows(&[("a", &["permit"])]), voided(1)];
    check(kind::EDITION, &known, &anew, &[("once more after a void", flows(&[("a", &["permit"])]), "ok", "ok")]);
}

#[test]
fn figures_of_other_districts() {
    let figure = |on| Fact::PeerFigurePublished(PeerFigure { figure: FigureKind::Items, hundredths: 1, valid_on: day(on) });
    let table = [
        ("of an earlier day", figure("03-31"), "ok", "ok"),
        ("of the day", figure("04-20"), "ok", "ok"),
        ("of a day to come", figure("04-21"), "XE-TIME-AHEAD", "XE-TIME-AHEAD"),
    ];
    check(kind::DISTRICT, &knowledge(&[]), &[], &table);
}

#[test]
fn units() {
    let head = || UnitHead { person_id: "p".into(), from: None };
    let registered = || Fact::UnitRegistered(UnitRegistered { from: None });
    let irregular = "irregular record_mode_unlisted";
    let known = knowledge(&[]);
    check(
        kind::UNIT,
        &known,
        &[],
        &[
            ("registered", registered(), "ok", "ok"),
            ("a head of nothing", Fact::UnitHeadAppointed(head()), "XE-UNIT-UNKNOWN", irregular),
            ("relieved of nothing", Fact::UnitHeadRelieved(head()), "XE-UNIT-UNKNOWN", irregular),
        ],
    );
    check(
        kind::UNIT,
        &known,
        &[registered()],
        &[
            ("registered again, with a new first day", registered(), "ok", "ok"),
            ("a head", Fact::UnitHeadAppointed(head()), "ok", "ok"),
        ],
    );
}
