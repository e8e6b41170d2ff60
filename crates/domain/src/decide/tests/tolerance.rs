//! Tolerance (容缺) at the gate: what may be granted, and what a grant asks of what follows (domain.md S21, 3.5).

use super::{PostMode, answer, check};
use crate::event::{
    CaseReceived, Channel, Decision, Fact, ItemVersion, Limit, LimitUnit, Material, ToleranceExtended, ToleranceGranted,
    ToleranceOutcome,
};
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{
    ITEM, accepted, day, event_of, granted, item_version, knowledge, notice, publish, recorded, subject, tolerance_list, wd,
};
use jiff::civil::Time;

/// Version 2 promises 10 working days; the lease may follow within 5, the photo within any number; version 3 is 即办; version 4 has a
/// mark in the guide and no list.
fn known() -> Knowledge {
    let mut known = knowledge(&[]);
    let material = |code: &str, required, tolerance_ok| Material { code: code.into(), required, tolerance_ok };
    let materials = vec![material("form", true, false), material("lease", true, true), material("photo", false, false)];
    let version = |version, promised| ItemVersion { promised, materials: materials.clone(), ..item_version(version) };
    publish(&mut known, version("2", wd(10)));
    publish(&mut known, version("3", Some(Limit { n: 0, unit: LimitUnit::Immediate })));
    publish(&mut known, version("4", wd(10)));
    for (number, version) in [(2_002, "2"), (2_003, "3")] {
        let list = tolerance_list(version, &[("lease", 5), ("photo", 0)]);
        let event = event_of(&subject(kind::ITEM), u128::from(number), day("04-01"), Time::midnight(), list);
        known.apply(&recorded(number, event));
    }
    known
}

fn received(version: &str, materials: &[&str]) -> Fact {
    let materials = materials.iter().map(|code| (*code).into()).collect();
    let (item_code, item_version, channel) = (ITEM.into(), version.into(), Channel::Window);
    Fact::CaseReceived(CaseReceived { item_code, item_version, channel, window: "".into(), materials, renews_until: None })
}

fn good(code: &str) -> Fact {
    Fact::DeficiencyMadeGood(code.into())
}

fn extended(new_on: &str) -> Fact {
    Fact::ToleranceExtended(ToleranceExtended { new_on: day(new_on) })
}

#[test]
fn what_may_be_granted() {
    let of = |version: &str, materials: &[&str]| vec![("04-20", received(version, materials))];
    let untold = Fact::ToleranceGranted(ToleranceGranted { missing: vec!["lease".into()], promised_on: day("04-27"), told: false });
    let noticed = vec![("04-20", received("2", &["form"])), ("04-21", notice("n"))];
    let decided = vec![("04-20", received("2", &["form"])), ("04-20", accepted()), ("04-21", Fact::CaseDecided(Decision::Pass))];
    let table: Vec<(&str, Vec<(&str, Fact)>, (&str, Fact), &str)> = vec![
        ("within the list's days", of("2", &["form"]), ("04-20", granted(&["lease"], "04-27")), "ok"),
        ("one day over them", of("2", &["form"]), ("04-20", granted(&["lease"], "04-28")), "XE-TOLERANCE-LIMIT"),
        // Ten working days from 04-20 end on 05-07.
        ("until the case is due", of("2", &["form", "lease"]), ("04-20", granted(&["photo"], "05-07")), "ok"),
        ("longer than the case", of("2", &["form", "lease"]), ("04-20", granted(&["photo"], "05-08")), "XE-TOLERANCE-LIMIT"),
        ("a day that is over", of("2", &["form"]), ("04-20", granted(&["lease"], "04-19")), "XE-TOLERANCE-LIMIT"),
        ("off the list", of("2", &["lease"]), ("04-20", granted(&["form"], "04-24")), "XE-TOLERANCE-UNLISTED"),
        ("one of two off the list", of("2", &[]), ("04-20", granted(&["lease", "form"], "04-24")), "XE-TOLERANCE-UNLISTED"),
        ("no version of the item", of("9", &["form"]), ("04-20", granted(&["lease"], "04-24")), "XE-TOLERANCE-UNLISTED"),
        ("the main material is missing too", of("2", &["photo"]), ("04-20", granted(&["lease"], "04-24")), "XE-TOLERANCE-MAIN"),
        ("nobody says what was handed in", of("2", &[]), ("04-20", granted(&["lease"], "04-24")), "ok"),
        ("即办", of("3", &["form"]), ("04-20", granted(&["lease"], "04-20")), "XE-TOLERANCE-IMMEDIATE"),
        ("the guide's mark, where there is no list", of("4", &["form"]), ("04-20", granted(&["lease"], "05-07")), "ok"),
        (
            "no mark, where there is no list",
            of("4", &["form", "lease"]),
            ("04-20", granted(&["photo"], "05-07")),
            "XE-TOLERANCE-UNLISTED",
        ),
        (
            "before the list was published",
            vec![("03-30", received("2", &["form"]))],
            ("03-30", granted(&["photo"], "04-01")),
            "XE-TOLERANCE-UNLISTED",
        ),
        ("without handing the list over", of("2", &["form"]), ("04-20", untold), "tolerance_untold"),
        ("while a correction is asked", noticed, ("04-21", granted(&["lease"], "04-24")), "XE-CORRECTION-PENDING"),
        ("decided", decided, ("04-22", granted(&["lease"], "04-24")), "XE-CASE-DECIDED"),
        ("no case", vec![], ("04-22", granted(&["lease"], "04-24")), "XE-CASE-UNKNOWN"),
    ];
    for (name, given, came, expected) in table {
        assert_eq!(answer(kind::CASE, &given, &known(), came, PostMode::Strict), expected, "{name}");
    }
}

#[test]
fn what_a_grant_asks_of_what_follows() {
    let known = known();
    let none = [("04-20", received("2", &["form"])), ("04-20", accepted())];
    let open = [("04-20", received("2", &["form"])), ("04-20", granted(&["lease"], "04-27")), ("04-20", accepted())];
    let made_good: Vec<_> = open.iter().cloned().chain([("04-22", good("lease"))]).collect();
    let closed = |outcome| -> Vec<_> { open.iter().cloned().chain([("04-22", Fact::ToleranceClosed(outcome))]).collect() };
    let (fulfilled, withdrawn) = (closed(ToleranceOutcome::Fulfilled), closed(ToleranceOutcome::Withdrawn));
    let ended: Vec<_> = open.iter().cloned().chain([("04-22", Fact::CaseWithdrawn)]).collect();
    let close = || Fact::ToleranceClosed(ToleranceOutcome::Withdrawn);
    let passed = || Fact::CaseDecided(Decision::Pass);
    let with_tolerance = || Fact::CaseDecided(Decision::PassWithTolerance);
    check(
        kind::CASE,
        &known,
        &[
            ("a second grant", &open, ("04-21", granted(&["photo"], "04-27")), "XE-TOLERANCE-EXISTS"),
            ("made good", &open, ("04-21", good("lease")), "ok"),
            ("another material", &open, ("04-21", good("photo")), "XE-TOLERANCE-UNKNOWN"),
            ("arrived, no grant", &none, ("04-21", Fact::DeficiencyFiled("lease".into())), "XE-TOLERANCE-UNKNOWN"),
            ("closed, no grant", &none, ("04-21", close()), "XE-TOLERANCE-UNKNOWN"),
            ("extended, no grant", &none, ("04-21", extended("04-29")), "XE-TOLERANCE-UNKNOWN"),
            ("extended in time", &open, ("04-27", extended("05-20")), "ok"),
            ("extended late", &open, ("04-28", extended("05-20")), "tolerance_extension_void"),
            ("shortened", &open, ("04-22", extended("04-27")), "XE-TOLERANCE-LIMIT"),
            ("after the close", &fulfilled, ("04-23", good("lease")), "XE-TOLERANCE-CLOSED"),
            ("closed twice", &fulfilled, ("04-23", close()), "XE-TOLERANCE-CLOSED"),
            ("closed after the case ended", &ended, ("04-23", close()), "ok"),
            ("arrived after the case ended", &ended, ("04-23", Fact::DeficiencyFiled("lease".into())), "XE-CASE-ENDED"),
            ("a pass while something is missing", &open, ("04-21", passed()), "XE-TOLERANCE-OPEN"),
            ("a pass after a close that accepted nothing", &fulfilled, ("04-23", passed()), "XE-TOLERANCE-OPEN"),
            ("a pass once all is accepted", &made_good, ("04-23", passed()), "ok"),
            ("a pass once nothing is owed", &withdrawn, ("04-23", passed()), "ok"),
            ("a pass by tolerance", &open, ("04-21", with_tolerance()), "ok"),
            ("a pass by a tolerance that nobody granted", &none, ("04-21", with_tolerance()), "tolerance_unrecorded"),
            ("a refusal", &open, ("04-21", Fact::CaseDecided(Decision::Refused)), "ok"),
        ],
    );
    // What was granted against the list in record mode is there, and flagged.
    let came = ("04-20", granted(&["form"], "06-30"));
    let said = answer(kind::CASE, &none[..1], &known, came, PostMode::Record);
    assert_eq!(said, "irregular record_mode_unlisted");
}

#[test]
fn lists() {
    let published = vec![("04-01", Fact::ItemVersionPublished(Box::new(item_version("1"))))];
    let list = |version: &str, materials: &[(&str, u32)]| ("04-02", tolerance_list(version, materials));
    check(
        kind::ITEM,
        &known(),
        &[
            ("of no version", &published, list("9", &[]), "XE-ITEM-UNKNOWN"),
            ("of a material that the version lacks", &published, list("2", &[("lease", 5), ("map", 5)]), "XE-MATERIAL-UNKNOWN"),
            ("of none", &published, list("1", &[]), "ok"),
        ],
    );
}
