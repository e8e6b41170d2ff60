//! After acceptance: pauses, extensions, outcomes, delivery, reopening, and what does not fit.

use super::{case, check};
use crate::case::{OutcomeKind, State};
use crate::event::{CaseTransferred, Decision, Extension, Fact, ItemVersion, ProcedureKind, ProcedureStarted, RuleValue};
use crate::flag::Flag;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{
    UNIT, accepted, day, ended, history, item_version, knowledge, publish, received, started, stream, subject, voided, wd,
};

/// Received on 04-20, accepted on 04-27: due 05-11 and 05-27.
fn accepted_and(more: &[(&'static str, Fact)]) -> Vec<(&'static str, Fact)> {
    [("04-20", received()), ("04-27", accepted())].into_iter().chain(more.iter().cloned()).collect()
}

fn extension(days: u32, told: bool) -> Fact {
    Fact::ExtensionApproved(Extension { days, told })
}

fn decided(decision: Decision) -> Fact {
    Fact::CaseDecided(decision)
}

#[test]
fn what_stops_and_what_moves_the_clocks() {
    let known = knowledge(&[]);
    let site_visit = Fact::SpecialProcedureStarted(ProcedureStarted {
        proc_id: "p".into(),
        kind: ProcedureKind::SiteVisit,
        told: true,
        sub_case: None,
    });
    let table: &[(&str, Vec<(&str, Fact)>, &[(&str, &str)])] = &[
        ("a refusal", vec![("05-13", decided(Decision::Refused))], &[("06-30", "Decided 05-11! 05-27")]),
        ("withdrawn in time", vec![("05-08", Fact::CaseWithdrawn)], &[("06-30", "Withdrawn 05-11 05-27")]),
        ("withdrawn late stays late", vec![("05-12", Fact::CaseWithdrawn)], &[("06-30", "Withdrawn 05-11! 05-27")]),
        ("terminated", vec![("05-08", Fact::CaseTerminated)], &[("06-30", "Terminated 05-11 05-27")]),
        ("a site visit is not in art. 45", vec![("05-07", site_visit)], &[("05-12", "SpecialProcedure 05-11! 05-27")]),
        (
            "each clock by itself: late for the promised, in time for the statutory",
            vec![("05-12", started("p", true))],
            &[("05-13", "SpecialProcedure 05-11! paused")],
        ),
        (
            "two procedures, until the last one ends",
            vec![
                ("05-06", started("p", true)),
                (
                    "05-07",
                    Fact::SpecialProcedureStarted(ProcedureStarted {
                        proc_id: "q".into(),
                        kind: ProcedureKind::Hearing,
                        told: true,
                        sub_case: None,
                    }),
                ),
                ("05-08", ended("p")),
                ("05-12", ended("q")),
            ],
            // 05-07, 05-08, 05-09, 05-11, 05-12.
            &[("05-08", "SpecialProcedure paused paused"), ("05-12", "UnderReview 05-18 06-03")],
        ),
        ("an extension moves the statutory one", vec![("05-20", extension(10, true))], &[("05-20", "UnderReview 05-11! 06-10")]),
        ("a late extension moves nothing", vec![("05-28", extension(10, true))], &[("05-28", "UnderReview 05-11! 05-27!")]),
    ];
    for (name, more, days) in table {
        check(name, &accepted_and(more), &known, days);
    }
}

#[test]
fn rules_of_the_clocks() {
    let moves = knowledge(&[("extension_moves_promised", RuleValue::Flag(true))]);
    let strict = knowledge(&[("unproven_pause", RuleValue::Flag(false))]);
    let extended = accepted_and(&[("05-08", extension(10, true))]);
    let unproven = accepted_and(&[("05-07", started("p", false)), ("05-13", ended("p"))]);
    let table: &[(&str, &[(&str, Fact)], &Knowledge, &str, &[Flag])] = &[
        ("extension", &extended, &knowledge(&[]), "UnderReview 05-11! 06-10", &[Flag::LegallyExtended]),
        ("extension, rule", &extended, &moves, "UnderReview 05-25 06-10", &[]),
        ("unproven pause", &unproven, &knowledge(&[]), "UnderReview 05-18 06-03", &[Flag::PauseUnproven]),
        ("unproven pause, rule", &unproven, &strict, "UnderReview 05-11! 05-27", &[]),
    ];
    for (name, facts, known, expected, flags) in table {
        check(name, facts, known, &[("05-14", expected)]);
        assert_eq!(case(facts, known, "05-14").flags, *flags, "{name}");
    }
    // Late for the statutory clock is void for the promised one too.
    let void = accepted_and(&[("05-28", extension(10, true))]);
    check("void", &void, &moves, &[("05-28", "UnderReview 05-11! 05-27!")]);
    assert_eq!(case(&void, &moves, "05-28").flags, [Flag::ExtensionVoid]);
    // The first holds, the second is void.
    let twice = case(&accepted_and(&[("05-08", extension(10, true)), ("05-12", extension(10, true))]), &knowledge(&[]), "05-13");
    assert_eq!(twice.round().extensions.iter().map(|extension| extension.void).collect::<Vec<_>>(), [false, true]);
    assert_eq!(twice.flags, [Flag::ExtensionVoid, Flag::LegallyExtended]);
}

#[test]
fn delivery() {
    // Decided on 05-15: the tenth working day is 05-29, the eleventh Monday 06-01.
    let table: &[(&str, Vec<(&str, Fact)>, Option<bool>, bool)] = &[
        ("in time", vec![("05-18", Fact::CaseCompleted), ("05-29", Fact::ResultDelivered)], Some(true), false),
        ("late", vec![("05-18", Fact::CaseCompleted), ("06-01", Fact::ResultDelivered)], Some(false), true),
        ("mailed is not delivered", vec![("05-18", Fact::CaseCompleted), ("05-19", Fact::ResultMailed)], None, true),
        ("a revocation ends the duty", vec![("05-18", Fact::DecisionRevoked)], Some(true), false),
        ("and so does a reopening", vec![("05-18", Fact::CaseReopened)], Some(true), false),
    ];
    for (name, more, kept, overdue) in table {
        let facts = accepted_and(&[("05-15", decided(Decision::Pass))]).into_iter().chain(more.clone()).collect::<Vec<_>>();
        let case = case(&facts, &knowledge(&[]), "06-30");
        let clock = case.rounds[0].delivery.as_ref().unwrap();
        assert_eq!(
            (clock.due.day(), clock.kept(), clock.overdue_on(day("06-30"))),
            (Some(day("05-29")), *kept, *overdue),
            "{name}"
        );
    }
    let refused = case(&accepted_and(&[("05-15", decided(Decision::Refused))]), &knowledge(&[]), "06-30");
    assert_eq!(refused.round().delivery, None, "a refusal is not delivered by art. 44");
}

#[test]
fn a_reopened_case_has_a_new_clock_and_the_old_one_stays_closed() {
    let facts =
        accepted_and(&[("05-08", decided(Decision::Refused)), ("06-01", Fact::CaseReopened), ("06-12", decided(Decision::Pass))]);
    let known = knowledge(&[]);
    // 06-01 and 8 working days: 06-11; 20: 06-30 (06-19 to 06-21 are off).
    check(
        "reopened",
        &facts,
        &known,
        &[("05-31", "Decided 05-11 05-27"), ("06-01", "UnderReview 06-11 06-30"), ("06-12", "Decided 06-11! 06-30")],
    );
    // A limit that is new by then binds new cases only (S23).
    let mut shorter = knowledge(&[]);
    publish(&mut shorter, ItemVersion { promised: wd(5), in_force_from: day("05-20"), ..item_version("2") });
    check("limits of the round before", &facts, &shorter, &[("06-01", "UnderReview 06-11 06-30")]);
    let case = case(&facts, &known, "06-30");
    let kept: Vec<_> = case.rounds.iter().map(|round| round.promised.kept()).collect();
    assert_eq!((kept.as_slice(), case.irregular.as_slice()), (&[Some(true), Some(false)][..], &[][..]));
}

#[test]
fn the_unit_of_a_case() {
    let transfer = Fact::CaseTransferred(CaseTransferred { from: UNIT.into(), to: "other".into() });
    let facts = accepted_and(&[("05-06", transfer)]);
    for (valid_on, unit) in [("05-05", UNIT), ("05-06", "other")] {
        let case = case(&facts, &knowledge(&[]), valid_on);
        assert_eq!(&*case.unit, unit);
        assert_eq!(case.round().promised.due.day(), Some(day("05-11")), "a transfer never restarts the clock");
    }
}

#[test]
fn what_does_not_fit_is_flagged_and_folded_as_best_makes_sense() {
    let pass = || decided(Decision::Pass);
    // Positions count from 1, in the order given here.
    let table: &[(&str, Vec<(&str, Fact)>, State, &[u64])] = &[
        ("decided before acceptance", vec![("04-20", received()), ("04-22", pass())], State::Decided, &[2]),
        ("decided twice", accepted_and(&[("05-08", pass()), ("05-09", decided(Decision::Refused))]), State::Decided, &[4]),
        ("received twice", accepted_and(&[("05-08", received())]), State::Accepted, &[3]),
        ("decided before its receipt", vec![("04-20", received()), ("04-19", pass())], State::Decided, &[2]),
        (
            "only noted before its receipt",
            vec![("04-20", received()), ("04-19", Fact::ApplicationSubmittedOnline)],
            State::Accepted,
            &[],
        ),
        ("after the end", accepted_and(&[("05-06", Fact::CaseWithdrawn), ("05-08", pass())]), State::Withdrawn, &[4]),
        ("ended what never began", accepted_and(&[("05-06", ended("p"))]), State::Accepted, &[3]),
        (
            "began twice",
            accepted_and(&[("05-06", started("p", true)), ("05-07", started("p", true))]),
            State::SpecialProcedure,
            &[4],
        ),
        ("completed before a decision", accepted_and(&[("05-06", Fact::CaseCompleted)]), State::Completed, &[3]),
        (
            "a late post makes a neighbour irregular",
            vec![("04-20", received()), ("04-27", accepted()), ("04-24", Fact::CaseWithdrawn)],
            State::WithdrawnEarly,
            &[2],
        ),
        (
            "and its void makes it regular again",
            vec![("04-20", received()), ("04-27", accepted()), ("04-24", Fact::CaseWithdrawn), ("04-28", voided(3))],
            State::Accepted,
            &[],
        ),
    ];
    for (name, facts, state, irregular) in table {
        let case = case(facts, &knowledge(&[]), "05-11");
        assert_eq!((case.state, case.irregular.as_slice()), (*state, *irregular), "{name}");
        assert_eq!(case.flags.contains(&Flag::Irregular), !irregular.is_empty(), "{name}");
    }
}

#[test]
fn the_first_outcome_of_a_round_holds() {
    for (second, state) in [(decided(Decision::Refused), State::Decided), (Fact::CaseWithdrawn, State::Decided)] {
        let case = case(&accepted_and(&[("05-08", decided(Decision::Pass)), ("05-12", second)]), &knowledge(&[]), "05-31");
        let outcome = case.round().outcome.as_ref().map(|outcome| (outcome.kind, outcome.day));
        assert_eq!(outcome, Some((OutcomeKind::Decided(Decision::Pass), day("05-08"))));
        assert_eq!((case.state, case.irregular.as_slice()), (state, &[4][..]));
    }
}

#[test]
fn nothing_is_known_before_the_receipt() {
    let known = knowledge(&[]);
    let received_late = history(kind::CASE, &[("04-20", received()), ("04-19", Fact::ApplicationSubmittedOnline)]);
    assert_eq!(crate::case::case_on(&received_late, &known, day("04-19")), None);
    assert!(crate::case::case_on(&received_late, &known, day("04-20")).is_some());
    let voided = history(kind::CASE, &[("04-20", received()), ("04-21", voided(1))]);
    assert_eq!(crate::case::case_on(&voided, &known, day("04-30")), None);
}

#[test]
fn visits_that_name_the_case_are_nothing_to_it() {
    let mut with_visit = history(kind::CASE, &accepted_and(&[]));
    let mut visit = stream(kind::VISIT, &[("05-06", decided(Decision::Pass))]).remove(0);
    std::sync::Arc::make_mut(&mut visit.event).identity = crate::testing::identity(99);
    with_visit.insert(visit);
    assert_eq!(with_visit.subject(), &subject(kind::CASE));
    let known = knowledge(&[]);
    let alone = history(kind::CASE, &accepted_and(&[]));
    assert_eq!(crate::case::case_on(&with_visit, &known, day("05-31")), crate::case::case_on(&alone, &known, day("05-31")));
}
