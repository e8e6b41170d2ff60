//! Projects and zones.

use super::{PostMode, answer, check};
use crate::event::{DrawingConclusion, Fact, SubjectKind, SubjectRegistered};
use crate::ids::{Subject, kind};
use crate::knowledge::Knowledge;
use crate::testing::{
    applied, approved, concluded, day, demanded, event_of, knowledge, opened, points, project, recorded, remote_opinion, session,
    submitted, voided,
};
use jiff::civil::Time;

/// The zone `1` may use `w1` from March to June.
fn known() -> Knowledge {
    let mut known = knowledge(&[]);
    let zone = Subject::new(kind::ZONE, "s", "1");
    let fact = approved("w1", "water", "2026-03-01", Some("2026-06-30"));
    known.apply(&recorded(50, event_of(&zone, 50, day("02-10"), Time::midnight(), fact)));
    known
}

#[test]
fn assessments() {
    let enterprise = Fact::SubjectRegistered(SubjectRegistered {
        kind: SubjectKind::Enterprise,
        new_from: None,
        zone_id: "1".into(),
        linked: Vec::new(),
    });
    let (none, registered, firm) = ([], [("04-01", project(None, &[]))], [("04-01", enterprise)]);
    let elsewhere = [("04-01", project(None, &[])), ("04-02", voided(1))];
    check(
        kind::SUBJECT,
        &known(),
        &[
            ("registered", &none, ("04-01", project(None, &[])), "ok"),
            ("again", &registered, ("04-02", project(None, &[])), "ok"),
            ("of nothing", &none, ("04-02", applied("w1")), "XE-PROJECT-UNKNOWN"),
            ("of an enterprise", &firm, ("04-02", applied("w1")), "XE-PROJECT-UNKNOWN"),
            ("of one that was voided", &elsewhere, ("04-03", applied("w1")), "XE-PROJECT-UNKNOWN"),
            ("registered after it", &registered, ("03-31", applied("w1")), "ok"),
            ("on its last day", &registered, ("06-30", applied("w1")), "ok"),
            ("after its last day", &registered, ("07-01", applied("w1")), "XE-ASSESSMENT-UNKNOWN"),
            ("before its first", &registered, ("02-27", applied("w1")), "XE-ASSESSMENT-UNKNOWN"),
            ("one the zone has not", &registered, ("04-02", applied("w2")), "XE-ASSESSMENT-UNKNOWN"),
            ("one's own", &registered, ("04-02", demanded("water", "")), "ok"),
        ],
    );
    let (given, came) =
        ([("04-01", approved("w2", "water", "2026-04-01", None))], |id| ("04-02", approved(id, "soil", "2026-04-01", None)));
    for mode in [PostMode::Strict, PostMode::Record] {
        for (id, expected) in [("w1", "XE-ASSESSMENT-EXISTS"), ("w2", "XE-ASSESSMENT-EXISTS"), ("w3", "ok")] {
            assert_eq!(answer(kind::ZONE, &given, &known(), came(id), mode), expected, "{id}, {mode:?}");
        }
    }
}

#[test]
fn sessions() {
    let held = [("04-01", project(None, &[])), ("04-10", session("a", true, &["u", "v"]))];
    check(
        kind::SUBJECT,
        &known(),
        &[
            ("another", &held, ("04-11", session("b", false, &["u"])), "ok"),
            ("the same again", &held, ("04-09", session("a", true, &["u"])), "XE-SESSION-EXISTS"),
            ("an opinion", &held, ("04-11", remote_opinion("a", "v")), "ok"),
            ("before the session", &held, ("04-09", remote_opinion("a", "v")), "XE-SESSION-UNKNOWN"),
            ("on no session", &held, ("04-11", remote_opinion("b", "v")), "XE-SESSION-UNKNOWN"),
            ("of who was not invited", &held, ("04-11", remote_opinion("a", "w")), "XE-NOT-INVITED"),
        ],
    );
    assert_eq!(
        answer(kind::SUBJECT, &held, &known(), ("04-11", remote_opinion("a", "w")), PostMode::Record),
        "irregular record_mode_unlisted"
    );
}

#[test]
fn drawings() {
    use DrawingConclusion::{Fail, Pass, Revise};
    let registered = ("04-01", project(None, &[]));
    let one = [registered.clone(), ("04-02", submitted("1", &[]))];
    let two = [registered.clone(), ("04-02", submitted("1", &[])), ("04-03", opened("1"))];
    let ended =
        |result| [registered.clone(), ("04-02", submitted("1", &[])), ("04-03", opened("1")), ("04-09", concluded("1", result))];
    let (revised, over) = (ended(Revise), ended(Fail));
    check(
        kind::SUBJECT,
        &known(),
        &[
            ("the same version", &one, ("04-02", submitted("1", &["A"])), "XE-DRAWING-EXISTS"),
            ("opened", &one, ("04-03", opened("1")), "ok"),
            ("opened before it came", &one, ("04-01", opened("1")), "XE-DRAWING-UNKNOWN"),
            ("opened, never submitted", &one, ("04-03", opened("2")), "XE-DRAWING-UNKNOWN"),
            ("opened twice", &two, ("04-04", opened("1")), "XE-DRAWING-EXISTS"),
            ("opened twice, dated before", &two, ("04-02", opened("1")), "XE-DRAWING-EXISTS"),
            ("an opinion before the review", &one, ("04-03", points("1", "fire", &[])), "XE-DRAWING-UNKNOWN"),
            ("an opinion", &two, ("04-04", points("1", "fire", &[])), "ok"),
            ("of who was not asked", &two, ("04-04", points("1", "water", &[])), "XE-NOT-INVITED"),
            ("concluded before the review", &one, ("04-03", concluded("1", Pass)), "XE-DRAWING-UNKNOWN"),
            ("concluded", &two, ("04-09", concluded("1", Pass)), "ok"),
            ("concluded twice", &revised, ("04-10", concluded("1", Pass)), "XE-DRAWING-CONCLUDED"),
            ("an opinion after it", &revised, ("04-10", points("1", "fire", &[])), "XE-DRAWING-CONCLUDED"),
            ("an opinion posted late", &revised, ("04-08", points("1", "fire", &[])), "ok"),
            ("the next version", &revised, ("04-10", submitted("2", &["A"])), "ok"),
            ("a version after the review", &over, ("04-10", submitted("2", &["A"])), "XE-DRAWING-CONCLUDED"),
        ],
    );
}
