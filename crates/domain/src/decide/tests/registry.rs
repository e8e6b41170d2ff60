//! What changes an answer: wrong values are refused in both modes, what is not there yet in strict mode alone.

use super::{PostMode, answer};
use crate::event::{
    CalendarPublished, Fact, ItemPosted, ItemVersion, Limit, LimitUnit, LogOpened, RuleValue, UnitHead, UnitRegistered,
};
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{item_version, knowledge, rule, voided, wd, zone};
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
            ("a higher version", year(2027, 3, &[first, second]), "ok", "ok"),
            ("the same version", year(2027, 2, &[first]), "XE-CALENDAR-VERSION", "XE-CALENDAR-VERSION"),
            ("a lower version", year(2027, 1, &[first]), "XE-CALENDAR-VERSION", "XE-CALENDAR-VERSION"),
            ("a day of another year", year(2028, 1, &[first]), "XE-CALENDAR", "XE-CALENDAR"),
            ("a day given twice", year(2027, 3, &[second, second]), "XE-CALENDAR", "XE-CALENDAR"),
        ],
    );
}

#[test]
fn items() {
    let published = |version: ItemVersion| Fact::ItemVersionPublished(Box::new(version));
    let limits = |promised, statutory| published(ItemVersion { promised, statutory, ..item_version("9") });
    let months = |n| Some(Limit { n, unit: LimitUnit::Month });
    let posted = |version: &str| Fact::ItemPosted(ItemPosted { version: version.into(), channel: "portal".into() });
    let irregular = "irregular record_mode_unlisted";
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
