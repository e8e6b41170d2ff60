//! Joint handling: parts, their own units, and procedures of parts.

use super::{PostMode, answer};
use crate::ids::kind;
use crate::testing::{UNIT, accepted, ended, joined, knowledge, opinion, part_started, received, started};

#[test]
fn parts_and_their_units() {
    let base = [
        ("04-20", received()),
        ("04-20", accepted()),
        ("04-20", joined(&[(UNIT, "own", 5), ("other", "b", 5)])),
        ("04-21", part_started("p", "own")),
    ];
    let table = [
        ("its own opinion", opinion("own"), "ok"),
        ("the opinion of another", opinion("b"), "XE-JOINT-MEMBER"),
        ("of nobody", opinion("c"), "XE-JOINT-MEMBER"),
        ("a procedure of no part", part_started("q", "c"), "XE-JOINT-MEMBER"),
        ("the same id in another part", part_started("p", "b"), "XE-PROCEDURE-EXISTS"),
        ("the same kind in another part", part_started("q", "b"), "ok"),
        ("the same kind in the same part", part_started("q", "own"), "XE-PROCEDURE-EXISTS"),
        ("the id of a part for the whole", started("p", true), "XE-PROCEDURE-EXISTS"),
        ("the end of it", ended("p"), "ok"),
        ("the end of another", ended("q"), "XE-PROCEDURE-UNKNOWN"),
    ];
    for (name, fact, expected) in table {
        assert_eq!(answer(kind::CASE, &base, &knowledge(&[]), ("04-22", fact), PostMode::Strict), expected, "{name}");
    }
}
