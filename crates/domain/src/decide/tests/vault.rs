//! Persons and texts in the vault.

use super::check;
use crate::event::{Erased, Fact, Kept, RetentionClass, RuleValue};
use crate::ids::kind;
use crate::testing::{day, knowledge, voided};

fn placed(id: &str) -> Fact {
    Fact::LegalHoldPlaced(id.into())
}

fn lifted(id: &str) -> Fact {
    Fact::LegalHoldLifted(id.into())
}

fn erased(kept: &[(RetentionClass, &str)]) -> Fact {
    Fact::PersonErased(Erased { kept: kept.iter().map(|&(class, since)| Kept { class, since: day(since) }).collect() })
}

#[test]
fn holds() {
    let none = [];
    let held = [("04-20", placed("a"))];
    let twice = [("04-20", placed("a")), ("04-21", placed("b")), ("04-22", lifted("a"))];
    let free = [("04-20", placed("a")), ("04-22", lifted("a"))];
    // By a clock that was set back.
    let free_before = [("04-20", placed("a")), ("04-19", lifted("a"))];
    let gone = [("04-20", erased(&[]))];
    check(
        kind::PERSON,
        &knowledge(&[]),
        &[
            ("the first", &none, ("04-20", placed("a")), "ok"),
            ("placed twice", &held, ("04-21", placed("a")), "XE-HOLD-EXISTS"),
            ("a second", &held, ("04-21", placed("b")), "ok"),
            ("again under an old id", &free, ("04-23", placed("a")), "XE-HOLD-EXISTS"),
            ("lifted", &held, ("04-21", lifted("a")), "ok"),
            ("lifted twice", &free, ("04-23", lifted("a")), "XE-HOLD-UNKNOWN"),
            ("one that is not there", &held, ("04-21", lifted("b")), "XE-HOLD-UNKNOWN"),
            ("erased under a hold", &held, ("04-21", erased(&[])), "XE-LEGAL-HOLD"),
            ("erased, dated before the hold", &held, ("04-19", erased(&[])), "XE-LEGAL-HOLD"),
            ("erased while one of two stands", &twice, ("04-23", erased(&[])), "XE-LEGAL-HOLD"),
            ("erased after the lift", &free, ("04-23", erased(&[])), "ok"),
            ("erased after a lift that is dated before", &free_before, ("04-23", erased(&[])), "ok"),
            ("erased twice", &gone, ("04-21", erased(&[])), "XE-ERASED"),
            ("a hold on what is erased", &gone, ("04-21", placed("a")), "XE-ERASED"),
            ("a hold that is voided", &held, ("04-21", voided(1)), "XE-VOID-TARGET"),
            ("an erasure that is voided", &gone, ("04-21", voided(1)), "XE-VOID-TARGET"),
        ],
    );
    check(
        kind::VAULT,
        &knowledge(&[]),
        &[
            ("an epoch", &none, ("04-20", Fact::VaultEpochDestroyed), "ok"),
            ("voided", &[("04-20", Fact::VaultEpochDestroyed)], ("04-21", voided(1)), "XE-VOID-TARGET"),
        ],
    );
}

#[test]
fn keeping_periods() {
    use RetentionClass::{Long, None, Permanent, Short};
    let nothing = [];
    let erase = |kept: &[(RetentionClass, &str)], on: &'static str, expected: &'static str, rules: &[(&str, RuleValue)]| {
        check(kind::PERSON, &knowledge(rules), &[("", &nothing, (on, erased(kept)), expected)]);
    };
    for (kept, on, expected) in [
        (&[(None, "04-20")][..], "04-20", "ok"),
        (&[(Short, "2016-04-20")], "04-19", "XE-RETENTION"),
        (&[(Short, "2016-04-20")], "04-20", "ok"),
        (&[(Short, "2016-02-29")], "02-27", "XE-RETENTION"),
        (&[(Short, "2016-02-29")], "02-28", "ok"),
        (&[(Long, "1996-04-21")], "04-20", "XE-RETENTION"),
        (&[(Long, "1996-04-20")], "04-20", "ok"),
        (&[(Permanent, "1900-01-01")], "04-20", "XE-RETENTION"),
        (&[(None, "04-20"), (Short, "2016-04-20"), (Long, "1996-04-21")], "04-20", "XE-RETENTION"),
    ] {
        erase(kept, on, expected, &[]);
    }
    let years = |table: &[(&str, i64)]| {
        vec![("retention_years", RuleValue::Table(table.iter().map(|&(class, years)| (class.into(), years)).collect()))]
    };
    erase(&[(Short, "2016-04-20")], "04-20", "XE-RETENTION", &years(&[("short", 11), ("long", 30)]));
    erase(&[(Long, "2016-04-20")], "04-20", "XE-RETENTION", &years(&[("short", 1)]));
    erase(&[(Short, "2016-04-20")], "04-20", "XE-RETENTION", &years(&[("short", i64::MAX), ("long", 30)]));
}
