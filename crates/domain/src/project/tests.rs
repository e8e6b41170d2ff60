//! The fold of a project: what does not fit, and the state it is in.

use super::project_on;
use crate::event::{DrawingConclusion, Event, Fact, JointOpened, JointResult, Recorded};
use crate::ids::Subject;
use crate::ids::kind::{CASE, SUBJECT};
use crate::testing::{
    concluded, day, history, joint_for_project, opened, points, project, remote_opinion, session, stream, submitted,
};

#[test]
fn states() {
    let told: Vec<(&str, Fact)> = vec![
        ("03-02", session("a", true, &["u"])),
        ("03-03", project(None, &[])),
        ("03-10", submitted("1", &[])),
        ("03-11", opened("1")),
        ("03-12", concluded("1", DrawingConclusion::Revise)),
        ("03-20", submitted("2", &["A-01"])),
        ("03-21", opened("2")),
        ("03-24", concluded("2", DrawingConclusion::Pass)),
    ];
    let table = [
        ("03-01", "Unregistered"),
        ("03-02", "Unregistered"),
        ("03-03", "Registered"),
        ("03-10", "DrawingReview"),
        ("03-12", "DrawingReview"),
        ("03-23", "DrawingReview"),
        ("03-24", "DrawingsConcluded"),
    ];
    for (on, state) in table {
        assert_eq!(project_on(&history(SUBJECT, &told), day(on)).state().0, state, "{on}");
    }
}

#[test]
fn what_does_not_fit_is_folded_as_best_makes_sense() {
    let told: Vec<(&str, Fact)> = vec![
        ("03-02", remote_opinion("a", "u")),
        ("03-03", session("a", true, &["u"])),
        ("03-04", remote_opinion("a", "u")),
        ("03-05", remote_opinion("a", "u")),
        ("03-06", remote_opinion("a", "stranger")),
        ("03-10", points("1", "fire", &[("A-01", "exit")])),
        ("03-11", concluded("1", DrawingConclusion::Pass)),
        ("03-12", concluded("1", DrawingConclusion::Fail)),
        ("03-13", submitted("1", &[])),
    ];
    let project = project_on(&history(SUBJECT, &told), day("03-31"));
    let session = project.session("a").unwrap();
    assert_eq!(session.opinion("u").map(|given| given.day), Some(day("03-04")), "after the session, the first");
    let (concluded, rounds) = project.set("").unwrap().final_conclusion().unwrap();
    assert_eq!((concluded.result, rounds), (DrawingConclusion::Pass, 1), "the first conclusion holds, opened or not");
    assert!(project.set("").unwrap().late_points().is_empty() && project.set("other").is_none());
}

/// An opening that named this project was replaced by one that names another: the events of the joint case are still at hand.
#[test]
fn a_joint_case_is_of_the_project_that_its_opening_names() {
    let Fact::JointCaseOpened(ours) = joint_for_project("acceptance") else { unreachable!() };
    let theirs = JointOpened { project: Some(Subject::new(SUBJECT, "s", "2")), ..ours.clone() };
    for (opening, expected) in [(ours, true), (theirs, false)] {
        let mut of_project = history(SUBJECT, &[("03-03", project(None, &[]))]);
        let case = [("04-01", Fact::JointCaseOpened(opening)), ("04-08", Fact::JointConcluded(JointResult::Pass))];
        stream(CASE, &case).into_iter().for_each(|recorded| of_project.insert(moved(recorded)));
        let joint = project_on(&of_project, day("04-30")).joint;
        assert_eq!(joint.iter().map(|joint| joint.is_of_stage("acceptance")).collect::<Vec<_>>(), [expected]);
    }
}

/// Another identity and position, since the helper numbers each stream from 1.
fn moved(recorded: Recorded) -> Recorded {
    let identity = crate::testing::identity(u128::from(recorded.position) + 100);
    let event = Event { identity, ..(*recorded.event).clone() };
    Recorded { position: recorded.position + 100, event: event.into(), ..recorded }
}
