//! Rule values by day, and `docs/rules.md` against the table.

use super::{BuiltIn, RULES, RuleDef, Rules, def};
use crate::event::{RuleSet, RuleValue};
use crate::testing::day;
use jiff::civil::Date;
use std::fmt::Write;
use std::path::Path;

const PAGE: &str = include_str!("../../../../docs/rules.md");

fn set(rules: &mut Rules, rule_id: &str, from: &str, value: RuleValue) {
    rules.set(&RuleSet { rule_id: rule_id.into(), value, in_force_from: day(from), authority: "a".into() });
}

#[test]
fn the_value_in_force_on_a_day() {
    let mut rules = Rules::default();
    set(&mut rules, "consult_wd", "07-01", RuleValue::Number(4));
    set(&mut rules, "consult_wd", "04-01", RuleValue::Number(3));
    set(&mut rules, "consult_wd", "09-01", RuleValue::Number(5));
    set(&mut rules, "consult_wd", "09-01", RuleValue::Number(6));
    let table = [
        ("2018-01-01", 2, None),
        ("03-31", 2, None),
        ("04-01", 3, Some("04-01")),
        ("06-30", 3, Some("04-01")),
        ("07-01", 4, Some("07-01")),
        ("12-31", 6, Some("09-01")),
    ];
    for (on, number, from) in table {
        let in_force = rules.value("consult_wd", day(on)).unwrap();
        assert_eq!((in_force.value, in_force.in_force_from), (RuleValue::Number(number), from.map(day)), "{on}");
        assert_eq!(rules.number("consult_wd", day(on)), number, "{on}");
    }
    assert_eq!(rules.value("no_such_rule", Date::MAX), None);
    assert_eq!(rules.number("complaint_wd", day("12-31")), 15, "another rule keeps its default");
}

#[test]
fn readers_of_each_kind() {
    let (mut rules, on) = (Rules::default(), day("06-01"));
    assert!(rules.flag("unproven_pause", on) && !rules.flag("day0_shift", on));
    assert!(rules.lists("refusal_grounds_ok", on, "unlawful") && !rules.lists("refusal_grounds_ok", on, "busy"));
    assert_eq!(
        rules.codes("zero_backlog_parts", on).iter().map(|code| &**code).collect::<Vec<_>>(),
        ["promised", "statutory", "receipt"]
    );
    set(&mut rules, "unproven_pause", "01-01", RuleValue::Flag(false));
    set(&mut rules, "refusal_grounds_ok", "01-01", RuleValue::Codes(vec!["busy".into()]));
    set(&mut rules, "correction_wd", "01-01", RuleValue::Number(-3));
    assert!(!rules.flag("unproven_pause", on));
    assert!(!rules.lists("refusal_grounds_ok", on, "unlawful") && rules.lists("refusal_grounds_ok", on, "busy"));
    assert_eq!((rules.number("correction_wd", on), rules.count("correction_wd", on)), (-3, 0));
    assert_eq!(rules.day("milestones", "flows", on), Some(day("2018-03-31")));
    for (number, named) in [(20_260_228, Some(day("02-28"))), (20_260_229, None), (0, None), (i64::MAX, None), (-1, None)] {
        set(&mut rules, "milestones", "01-01", RuleValue::Table([("flows".into(), number)].into()));
        assert_eq!(rules.day("milestones", "flows", on), named, "{number}");
    }
    set(&mut rules, "milestones", "2018-01-01", RuleValue::Table([("other".into(), 20_260_228)].into()));
    assert_eq!(rules.first_days("milestones").collect::<Vec<_>>(), [day("2018-01-01"), day("01-01")]);
    assert_eq!(rules.day("milestones", "flows", day("2025-12-31")), None, "the key has no default of its own");
    // A reader of the wrong kind reads nothing.
    assert_eq!((rules.day("consult_wd", "flows", on), rules.first_days("consult_wd").next()), (None, None));
    assert_eq!((rules.number("day0_shift", on), rules.flag("consult_wd", on), rules.codes("consult_wd", on)), (0, false, vec![]));
}

#[test]
fn what_a_rule_accepts() {
    let codes = |codes: &[&str]| RuleValue::Codes(codes.iter().map(|code| (*code).into()).collect());
    let table_of = |key: &str, number| RuleValue::Table([(key.into(), number)].into());
    let table = [
        ("consult_wd", RuleValue::Number(0), true),
        ("consult_wd", RuleValue::Number(-1), false),
        ("consult_wd", RuleValue::Code("2".into()), false),
        ("day0_shift", RuleValue::Flag(true), true),
        ("day0_shift", RuleValue::Number(1), false),
        ("forum_rhythm", RuleValue::Code("month".into()), true),
        ("forum_rhythm", RuleValue::Code("week".into()), false),
        ("record_mode_sources", codes(&["any", "source"]), true),
        ("item_channels", codes(&["portal"]), true),
        ("item_channels", codes(&["portal", "radio"]), false),
        ("callback_sample", table_of("size", 10), true),
        ("callback_sample", table_of("size", -1), false),
        ("callback_sample", table_of("visit", 1), false),
    ];
    for (rule_id, value, accepts) in table {
        assert_eq!(def(rule_id).unwrap().accepts(&value), accepts, "{rule_id} {value:?}");
    }
}

#[test]
fn the_table_is_sorted_and_takes_its_own_defaults() {
    assert!(RULES.is_sorted_by(|a, b| a.id < b.id));
    for rule in RULES {
        assert_eq!(def(rule.id), Some(rule));
        assert!(rule.accepts(&rule.default.value()), "{}", rule.id);
        assert!(rule.meaning.ends_with('.') || rule.meaning.ends_with("推托."), "{}", rule.id);
    }
}

/// Whether a source file of the rules or the projections, tests apart, reads the rule.
#[allow(clippy::disallowed_methods)] // Tests may read.
fn is_read(rule_id: &str, dir: &Path) -> bool {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("test") || name == "rules" || name == "rules.rs" {
            return false;
        }
        if path.is_dir() {
            is_read(rule_id, &path)
        } else {
            std::fs::read_to_string(&path).unwrap().contains(&format!("\"{rule_id}\""))
        }
    })
}

fn default(built_in: BuiltIn) -> String {
    let listed = |codes: Vec<String>| if codes.is_empty() { "none".to_owned() } else { codes.join(", ") };
    match built_in {
        BuiltIn::Number(number) => number.to_string(),
        BuiltIn::Flag(flag) => if flag { "yes" } else { "no" }.to_owned(),
        BuiltIn::Code(code) => format!("`{code}`"),
        BuiltIn::Codes(codes) => listed(codes.iter().map(|code| format!("`{code}`")).collect()),
        BuiltIn::Table(table) => listed(table.iter().map(|(key, number)| format!("`{key}` {number}")).collect()),
    }
}

fn row(rule: &RuleDef) -> String {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let read = ["domain/src", "projections/src"].iter().any(|dir| is_read(rule.id, &crates.join(dir)));
    let choices = rule.choices.iter().map(|choice| format!("`{choice}`")).collect::<Vec<_>>().join(", ");
    let (kind, mark) = (rule.default.kind(), if read { "●" } else { "○" });
    format!("| `{}` | {mark} | {kind} | {} | {choices} | {} | {} |", rule.id, default(rule.default), rule.meaning, rule.source)
}

#[test]
fn the_page_shows_the_table() {
    let page: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    let table: Vec<String> = RULES.iter().map(row).collect();
    let right = table.iter().fold(String::new(), |mut text, row| {
        let _ = writeln!(text, "{row}");
        text
    });
    assert!(page == table, "docs/rules.md does not show the table; its rows must be:\n{right}");
}
