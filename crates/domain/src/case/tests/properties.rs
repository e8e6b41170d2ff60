//! What must hold of any history of a case, drawn at random, sensible or not.

use crate::case::{CaseOnDay, Round, Which, case_on, explain, explain_part};
use crate::event::{
    CaseTransferred, Decision, Extension, Fact, JointResult, NotAccepted, ProcedureKind, ProcedureStarted, RuleSet, RuleValue,
    ToleranceExtended, ToleranceGranted, ToleranceOutcome,
};
use crate::history::History;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{
    accepted, corrected, day, ended, event_of, history, joined, knowledge, notice, opinion, part, part_started, received, recorded,
    replaced, routed, stream, subject, voided,
};
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use proptest::prelude::*;
use std::sync::LazyLock;

/// A correction stops the promised clock, and the silence of a member agrees. A tolerance that lapses does too; one granted from 05-11 on ends the case.
static KNOWN: LazyLock<Knowledge> = LazyLock::new(|| {
    let on_lapse = |code: &str| RuleValue::Code(code.into());
    let corrections = RuleValue::Table([("permit".into(), 1)].into());
    let rules = [
        ("correction_wd", RuleValue::Number(7)),
        ("correction_pause", corrections),
        ("on_lapse", on_lapse("pause")),
        ("sub_silence", RuleValue::Table([("permit".into(), 1)].into())),
    ];
    let mut known = knowledge(&rules);
    let (rule_id, authority) = ("on_lapse".into(), "".into());
    let terminate = Fact::RuleSet(RuleSet { rule_id, value: on_lapse("terminate"), in_force_from: day("05-11"), authority });
    known.apply(&recorded(9_000, event_of(&subject(kind::LOG), 9_000, day("04-01"), Time::midnight(), terminate)));
    known
});

fn any_fact() -> impl Strategy<Value = Fact> {
    let id = || prop::sample::select(vec!["a", "b"]);
    let kind = prop::sample::select(vec![ProcedureKind::Hearing, ProcedureKind::Testing, ProcedureKind::SiteVisit]);
    let decision = prop::sample::select(vec![Decision::Pass, Decision::PassWithTolerance, Decision::Refused]);
    let ground = prop::sample::select(vec!["not_required", "not_our_authority"]);
    prop_oneof![
        3 => Just(accepted()),
        2 => id().prop_map(notice),
        2 => id().prop_map(corrected),
        1 => ground.prop_map(|ground| Fact::NotAccepted(NotAccepted { ground: ground.into() })),
        2 => (id(), kind, any::<bool>()).prop_map(|(proc_id, kind, told)| {
            Fact::SpecialProcedureStarted(ProcedureStarted { proc_id: proc_id.into(), kind, told, sub_case: None })
        }),
        2 => id().prop_map(ended),
        2 => (1u32..9, 1u32..9).prop_map(|(a, b)| joined(&[("a", "a", a), ("b", "b", b)])),
        2 => (id(), id()).prop_map(|(proc_id, no)| part_started(proc_id, no)),
        2 => id().prop_map(opinion),
        1 => id().prop_map(routed),
        1 => (1u32..12, any::<bool>()).prop_map(|(days, told)| Fact::ExtensionApproved(Extension { days, told })),
        1 => id().prop_map(|to| Fact::CaseTransferred(CaseTransferred { from: "".into(), to: to.into() })),
        2 => decision.prop_map(Fact::CaseDecided),
        1 => (id(), -2i32..20).prop_map(|(missing, after)| {
            Fact::ToleranceGranted(ToleranceGranted { missing: vec![missing.into()], promised_on: day("04-27") + after.days(), told: true })
        }),
        1 => (-2i32..30).prop_map(|after| Fact::ToleranceExtended(ToleranceExtended { new_on: day("04-27") + after.days() })),
        1 => id().prop_map(|code| Fact::DeficiencyMadeGood(code.into())),
        6 => prop::sample::select(vec![
            Fact::ReviewStepDone,
            Fact::CaseCompleted,
            Fact::ResultIssued,
            Fact::ResultMailed,
            Fact::ResultDelivered,
            Fact::CaseWithdrawn,
            Fact::CaseTerminated,
            Fact::DecisionRevoked,
            Fact::CaseReopened,
            Fact::HearingRequested,
            Fact::JointConcluded(JointResult::Pass),
            Fact::ToleranceClosed(ToleranceOutcome::Late),
            Fact::ToleranceClosed(ToleranceOutcome::Withdrawn),
            received(),
        ]),
    ]
}

/// A receipt on 04-20 and up to nine other facts about it, some before it, some across the end of the calendar.
fn any_facts() -> impl Strategy<Value = Vec<(String, Fact)>> {
    let later = prop::collection::vec((-3i32..50, any_fact()), 0..10);
    (prop::sample::select(vec!["04-20", "12-10"]), later).prop_map(|(first, later)| {
        let facts = later.into_iter().map(|(after, fact)| ((day(first) + after.days()).to_string(), fact));
        [(first.to_owned(), received())].into_iter().chain(facts).collect()
    })
}

/// All that may not change but on a mark: everything except the day itself and counts of days.
fn outline(case: &CaseOnDay) -> impl PartialEq + std::fmt::Debug {
    let on = case.valid_on;
    let clocks: Vec<_> = case
        .rounds
        .iter()
        .flat_map(Round::clocks)
        .map(|clock| (clock.due, clock.overdue_on(on), clock.state(), clock.pauses.clone(), clock.stop))
        .collect();
    let over = (case.window.over_from <= on, case.round().delivery_over_from.is_some_and(|from| from <= on));
    (case.state, case.flags.clone(), case.irregular.clone(), case.deemed, case.lapsed, case.unit.clone(), clocks, over)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_explained_is_what_was_counted(facts in any_facts(), after in 0i32..90) {
        let Some(case) = case_on(&history(kind::CASE, &facts), &KNOWN, day(&facts[0].0) + after.days()) else { return Ok(()) };
        let clocks = Which::ALL.into_iter().map(|which| (which.name(), explain(&case, which, &KNOWN)));
        let parts = ["a", "b"].map(|no| ("member", explain_part(&case, &part(no), &KNOWN)));
        for (which, told) in clocks.chain(parts) {
            let Some(told) = told else { continue };
            let clock = &told.clock;
            let till = clock.stop.unwrap_or(clock.valid_on).min(clock.valid_on);
            if clock.start.is_some_and(|start| till < start) {
                // It stopped before it began.
                prop_assert!(told.days.is_empty(), "{:?}", which);
                continue;
            }
            let at_till = told.days.iter().find(|told| told.day == till);
            prop_assert_eq!(at_till.map(|told| told.counted + told.over), Some(clock.used_wd), "{:?}", which);
            prop_assert_eq!(at_till.map(|told| told.over), Some(clock.overdue_wd), "{:?}", which);
            if let Some(last) = told.days.iter().find(|told| told.is_last) {
                prop_assert_eq!(last.counted, clock.limit.map_or(0, |limit| limit.n) + clock.extended_wd, "{:?}", which);
            }
        }
    }

    #[test]
    fn the_order_of_posting_changes_nothing(
        (facts, order) in any_facts().prop_flat_map(|facts| {
            let order: Vec<usize> = (0..facts.len()).collect();
            (Just(facts), Just(order).prop_shuffle())
        }),
        after in 0i32..90,
    ) {
        let events = stream(kind::CASE, &facts);
        let mut shuffled = History::new(subject(kind::CASE));
        for index in order {
            shuffled.insert(events[index].clone());
        }
        let valid_on = day(&facts[0].0) + after.days();
        prop_assert_eq!(case_on(&shuffled, &KNOWN, valid_on), case_on(&history(kind::CASE, &facts), &KNOWN, valid_on));
    }

    /// A wrong event, and its replacement by the right one or its void, is as if only the right one had ever been posted.
    #[test]
    fn replaced_is_as_if_it_had_never_been_wrong(facts in any_facts(), wrong in any_fact(), on in 0i32..50, index in 0usize..10) {
        let right = history(kind::CASE, &facts);
        let target = u128::try_from(facts.len()).unwrap() + 1;
        let by = u128::try_from(index % facts.len()).unwrap() + 1;
        let on = (day(&facts[0].0) + on.days()).to_string();
        for correction in [replaced(target, by), voided(target)] {
            let all: Vec<_> = facts.iter().cloned().chain([(on.clone(), wrong.clone()), (on.clone(), correction)]).collect();
            let corrected = history(kind::CASE, &all);
            for after in [0, 7, 30, 90] {
                let valid_on = day(&facts[0].0) + after.days();
                prop_assert_eq!(case_on(&corrected, &KNOWN, valid_on), case_on(&right, &KNOWN, valid_on));
            }
        }
    }

    /// Nothing but counts of days changes between the days of events and the marks of the case.
    #[test]
    fn time_alone_acts_on_marks_only(facts in any_facts()) {
        let history = history(kind::CASE, &facts);
        let first = day(&facts[0].0);
        let mut before = case_on(&history, &KNOWN, first);
        for valid_on in first.series(1.day()).skip(1).take(120) {
            let case = case_on(&history, &KNOWN, valid_on);
            let of_event = facts.iter().any(|(on, _)| day(on) == valid_on);
            if let (Some(before), Some(case), false) = (&before, &case, of_event) {
                let changed = outline(before) != outline(case);
                prop_assert!(!changed || before.marks().contains(&valid_on), "{valid_on}: {:?} to {:?}", outline(before), outline(case));
            }
            before = case;
        }
    }

    /// Whatever is asked of a case on any day has an answer, also at the ends of time.
    #[test]
    fn the_fold_is_total(facts in any_facts(), any_day in any::<u16>()) {
        let history = history(kind::CASE, &facts);
        for valid_on in [Date::MIN, day("04-20") + i32::from(any_day % 2_000).days(), Date::MAX] {
            if let Some(case) = case_on(&history, &KNOWN, valid_on) {
                let reopened = facts.iter().filter(|(_, fact)| *fact == Fact::CaseReopened).count();
                prop_assert!(case.rounds.len() <= 1 + reopened);
            }
        }
    }
}
