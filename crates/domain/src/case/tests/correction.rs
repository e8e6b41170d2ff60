//! Corrections asked for after acceptance (C9): they stop nothing, or the promised clock by the rule for the item's type.

use super::{check, explain::week};
use crate::case::Which;
use crate::event::{Fact, ItemType, ItemVersion, RuleValue};
use crate::knowledge::Knowledge;
use crate::testing::{accepted, corrected, day, ended, item_version, knowledge, notice, publish, received, started};

/// Promised 8 of 20 working days, for an item of this type; corrections stop the clock of permits.
fn known(item_type: ItemType) -> Knowledge {
    let mut known = knowledge(&[("correction_pause", RuleValue::Table([("permit".into(), 1), ("benefit".into(), 0)].into()))]);
    publish(&mut known, ItemVersion { item_type, in_force_from: day("01-01"), ..item_version("2") });
    known
}

/// Received on 04-20, accepted on 04-27: due 05-11 and 05-27.
fn and(more: &[(&'static str, Fact)]) -> Vec<(&'static str, Fact)> {
    [("04-20", received()), ("04-27", accepted())].into_iter().chain(more.iter().cloned()).collect()
}

#[test]
fn by_type_of_the_item() {
    let asked = and(&[("05-07", notice("n")), ("05-12", corrected("n"))]);
    for item_type in [ItemType::Benefit, ItemType::PublicService, ItemType::Unknown] {
        check(
            "no rule for it",
            &asked,
            &known(item_type),
            &[("05-11", "Accepted 05-11 05-27"), ("05-12", "Accepted 05-11! 05-27")],
        );
    }
    // 05-08, 05-09, 05-11 and 05-12 are out; the law's clock runs.
    let days = [("05-07", "Accepted paused 05-27"), ("05-11", "Accepted paused 05-27"), ("05-12", "Accepted 05-15 05-27")];
    check("a permit", &asked, &known(ItemType::Permit), &days);
}

#[test]
fn what_a_correction_does_not_stop() {
    let known = known(ItemType::Permit);
    let table: &[(&str, Vec<(&str, Fact)>, &str)] = &[
        ("asked for on the due date", and(&[("05-11", notice("n"))]), "Accepted 05-11! 05-27"),
        ("handed in on the same day", and(&[("05-07", notice("n")), ("05-07", corrected("n"))]), "Accepted 05-11! 05-27"),
        (
            "asked for before acceptance",
            vec![("04-20", received()), ("04-22", notice("n")), ("04-23", corrected("n")), ("04-27", accepted())],
            "Accepted 05-11! 05-27",
        ),
        (
            "one correction for two notices",
            and(&[("05-06", notice("n")), ("05-07", notice("m")), ("05-08", corrected("m"))]),
            "Accepted 05-13 05-27",
        ),
        // 05-07 to 05-09 and, with the review, 05-11: once each. The review alone stops the law's clock, by 05-09 and 05-11.
        (
            "within a review",
            and(&[("05-06", notice("n")), ("05-08", started("p", true)), ("05-09", corrected("n")), ("05-11", ended("p"))]),
            "UnderReview 05-15 05-29",
        ),
    ];
    for (name, facts, expected) in table {
        check(name, facts, &known, &[("05-12", expected)]);
    }
}

#[test]
fn told_day_by_day() {
    let facts = and(&[("05-07", notice("n")), ("05-12", corrected("n"))]);
    let expected = [
        "05-07 counted 5+0 3:correction_stops",
        "05-08 correction_paused 5+0",
        "05-09 correction_paused 5+0",
        "05-10 day_off 5+0",
        "05-11 correction_paused 5+0",
        "05-12 correction_paused 5+0 4:corrected",
        "05-13 counted 6+0",
    ];
    assert_eq!(week(&facts, &known(ItemType::Permit), Which::Promised, "05-07"), expected);
    assert_eq!(week(&facts, &known(ItemType::Benefit), Which::Promised, "05-07")[0], "05-07 counted 5+0 3:correction_asked");
}
