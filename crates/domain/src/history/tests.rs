//! Which events count: the scenario is a list of facts; events are numbered from 1 and recorded in that order.

use super::History;
use crate::event::{Fact, Recorded};
use crate::ids::kind;
use crate::testing::{accepted, day, history, identity, notice, received, replaced, stream, subject, voided};
use proptest::prelude::*;
use std::sync::Arc;

fn numbers<'a>(events: impl Iterator<Item = &'a Recorded>) -> Vec<u64> {
    events.map(|recorded| recorded.position).collect()
}

#[test]
fn voids_and_replacements() {
    let completed = || Fact::CaseCompleted;
    let table: &[(&str, Vec<(&str, Fact)>, &[u64])] = &[
        ("nothing is voided", vec![("04-20", received()), ("04-21", accepted())], &[1, 2]),
        ("a void takes its target", vec![("04-20", received()), ("04-21", accepted()), ("04-22", voided(2))], &[1, 3]),
        (
            "a voided void restores its target",
            vec![("04-20", received()), ("04-21", accepted()), ("04-22", voided(2)), ("04-23", voided(3))],
            &[1, 2, 4],
        ),
        (
            "a void of the void of the void takes it again",
            vec![("04-20", received()), ("04-21", accepted()), ("04-22", voided(2)), ("04-23", voided(3)), ("04-24", voided(4))],
            &[1, 3, 5],
        ),
        (
            "two voids: one of them alone is enough",
            vec![("04-20", received()), ("04-21", accepted()), ("04-22", voided(2)), ("04-23", voided(2)), ("04-24", voided(3))],
            &[1, 4, 5],
        ),
        (
            "a replacement takes its target, and what holds instead counts by itself",
            vec![("04-20", received()), ("04-21", accepted()), ("04-22", accepted()), ("04-22", replaced(2, 3))],
            &[1, 3, 4],
        ),
        (
            "a voided replacement restores its target, and does not take the other away",
            vec![
                ("04-20", received()),
                ("04-21", accepted()),
                ("04-22", accepted()),
                ("04-22", replaced(2, 3)),
                ("04-23", voided(4)),
            ],
            &[1, 2, 3, 5],
        ),
        (
            "a void dated before its target acts all the same",
            vec![("04-20", received()), ("05-21", completed()), ("04-21", voided(2))],
            &[1, 3],
        ),
        ("a void of what is not known changes nothing", vec![("04-20", received()), ("04-22", voided(9))], &[1, 2]),
    ];
    for (name, facts, counting) in table {
        let mut known = history(kind::CASE, facts);
        assert_eq!(numbers(known.counting()), *counting, "{name}");
        for earlier in (0..facts.len()).rev() {
            let position = earlier as u64;
            assert_eq!(known.forget_after(position), 1, "{name}, back to {position}");
            assert_eq!(known.entries(), history(kind::CASE, &facts[..earlier]).entries(), "{name}, back to {position}");
        }
    }
}

#[test]
fn a_void_has_no_valid_time() {
    let history = history(kind::CASE, &[("04-20", received()), ("04-21", accepted()), ("06-01", voided(2))]);
    assert_eq!(numbers(history.counting_on(day("04-21"))), [1]);
    assert_eq!(numbers(history.counting_on(day("06-01"))), [1, 3]);
}

#[test]
fn of_one_time_the_number_of_the_sender_comes_first_then_the_rank() {
    let mut events =
        stream(kind::CASE, &[("04-20", accepted()), ("04-20", notice("n")), ("04-20", received()), ("04-20", Fact::CaseCompleted)]);
    let at = events[0].event.occurred_at;
    for event in &mut events {
        Arc::make_mut(&mut event.event).occurred_at = at;
    }
    Arc::make_mut(&mut events[3].event).source_seq = Some(7);
    let mut history = History::new(subject(kind::CASE));
    for event in events {
        history.insert(event);
    }
    assert_eq!(numbers(history.counting()), [4, 3, 2, 1]);
}

#[test]
fn an_event_that_is_there_already_changes_nothing() {
    let facts = [("04-20", received()), ("04-21", accepted()), ("04-22", voided(2))];
    let mut twice = history(kind::CASE, &facts);
    for recorded in stream(kind::CASE, &facts) {
        twice.insert(recorded);
    }
    assert_eq!(twice, history(kind::CASE, &facts));
    assert_eq!((twice.len(), twice.is_empty()), (3, false));
    assert!(twice.find(&identity(2)).is_some_and(|entry| !entry.counts));
    assert!(twice.find(&identity(9)).is_none());
}

proptest! {
    /// Targets are drawn below the void's own number, as the gate demands; the reference resolves by recursion.
    #[test]
    fn the_order_of_insertion_changes_nothing(
        (targets, order) in prop::collection::vec(prop::option::of(0usize..100), 1..24)
            .prop_flat_map(|targets| {
                let order: Vec<usize> = (0..targets.len()).collect();
                (Just(targets), Just(order).prop_shuffle())
            })
    ) {
        let target = |index: usize| targets[index].filter(|_| index > 0).map(|drawn| drawn % index);
        let facts: Vec<(&str, Fact)> = (0..targets.len())
            .map(|index| ("04-20", target(index).map_or(Fact::CaseCompleted, |target| voided(target as u128 + 1))))
            .collect();
        let events = stream(kind::CASE, &facts);
        let mut shuffled = History::new(subject(kind::CASE));
        for index in order {
            shuffled.insert(events[index].clone());
        }
        prop_assert_eq!(&shuffled, &history(kind::CASE, &facts));

        fn counts(index: usize, n: usize, target: &dyn Fn(usize) -> Option<usize>) -> bool {
            !(index + 1..n).any(|later| target(later) == Some(index) && counts(later, n, target))
        }
        let expected: Vec<u64> = (0..targets.len()).filter(|i| counts(*i, targets.len(), &target)).map(|i| i as u64 + 1).collect();
        prop_assert_eq!(numbers(shuffled.counting()), expected);
    }
}
