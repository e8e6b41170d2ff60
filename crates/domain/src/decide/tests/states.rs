//! `docs/states.md` against the gate: every fact of a case in every state, on a real history, and where it leads.

use super::{NEW, PostMode, answer};
use crate::case::{State, case_on};
use crate::event::{
    CaseNote, CaseTransferred, Decision, Extension, FACT_NAMES, Fact, Finding, FirstCheck, InspectionAbsence, InspectionDone,
    InspectionScheduled, JointResult, NotAccepted, NoticeBreach, NoticeBreachAlleged, NoticeBreachFound, ProcedureKind,
    ProcedureStarted, Replaced, Routed, RuleValue, ToleranceExtended, ToleranceOutcome, Voided,
};
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{
    UNIT, accepted, corrected, day, ended, event_of, granted, history, identity, joined, knowledge, notice, opinion, part,
    part_started, received, recorded, renewal, started, subject, told_at, tolerance_list,
};
use jiff::civil::time;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../../../docs/states.md");
/// Day of the fact that comes: no receipt window and no clock has run out by then.
const ON: &str = "05-08";
/// Facts of other streams.
const ELSEWHERE: &[&str] = &[
    "HotlineStaffDesignated",
    "ComplaintReceived",
    "ComplaintAccepted",
    "ComplaintVerificationStarted",
    "ComplaintVerified",
    "ComplaintTransferred",
    "ComplaintReplied",
    "ComplainantCalledBack",
    "ComplaintReworkOrdered",
    "ComplaintExtended",
    "ComplaintClosed",
    "RecordRefIssued",
    "ComplaintDigestCompiled",
    "LegalHoldPlaced",
    "LegalHoldLifted",
    "PersonErased",
    "VaultEpochDestroyed",
    "AccessRecorded",
    "StaffHeldLiable",
    "WindowConfigured",
    "StaffPosted",
    "StaffUnposted",
    "TrainingHeld",
    "TrainingAttended",
    "FirstAskReceived",
    "FirstAskAnswered",
    "FirstAskHandedOver",
    "FirstAskAccepted",
    "FirstAskReplied",
    "FirstAskRefused",
    "FirstAskBreachAlleged",
    "FirstAskBreachFound",
    "ApplicantVisited",
    "VisitCauseDecided",
    "LogOpened",
    "LogRecovered",
    "RuleSet",
    "CalendarPublished",
    "UnitRegistered",
    "UnitHeadAppointed",
    "UnitHeadRelieved",
    "ItemVersionPublished",
    "ItemPosted",
    "ItemWithdrawn",
    "ToleranceListPublished",
    "ItemFlowsConsolidated",
    "ItemTakenOver",
    "ItemCancelled",
    "ItemDelegated",
    "ItemLimitChanged",
    "PeerFigurePublished",
    "SubjectRegistered",
    "ZoneAssessmentApproved",
    "ZoneAssessmentApplied",
    "SeparateAssessmentDemanded",
    "LinkedSessionHeld",
    "RemoteOpinionGiven",
    "DrawingSubmitted",
    "DrawingReviewOpened",
    "DrawingOpinionGiven",
    "DrawingConclusionIssued",
];

/// An applicant has two days for corrections, so that a case can lapse before [`ON`]. The material `t` may be missing.
fn known() -> Knowledge {
    let mut known = knowledge(&[("correction_wd", RuleValue::Number(2))]);
    let list = event_of(&subject(kind::ITEM), 2_000, day("01-01"), time(0, 0, 0, 0), tolerance_list("1", &[("t", 0)]));
    known.apply(&recorded(2_000, list));
    known
}

/// A sensible fact of each name that a case may hold, by its name on the page.
fn facts() -> Vec<(&'static str, Fact)> {
    let hearing = ProcedureStarted { proc_id: "new".into(), kind: ProcedureKind::Hearing, told_at: told_at(true), sub_case: None };
    let routed = || Routed { unit: "u".into() };
    let refused = |ground: &str| Fact::NotAccepted(NotAccepted { ground: ground.into() });
    let (target, by_event, authority) = (identity(2), identity(NEW + 1), "approver");
    let plain = [
        received(),
        Fact::FirstCheckDone(FirstCheck { window: "w".into() }),
        notice("new"),
        corrected(""),
        refused("not_our_authority"),
        accepted(),
        Fact::CaseRoutedToDept(routed()),
        Fact::DeptTookCase(routed()),
        Fact::CaseTransferred(CaseTransferred { from: "u".into(), to: "v".into(), reason: "".into() }),
        Fact::ReviewStepDone,
        Fact::SpecialProcedureStarted(hearing),
        ended("p"),
        Fact::ExtensionApproved(Extension { days: 10, told: true }),
        Fact::CaseDecided(Decision::Pass),
        Fact::CaseCompleted,
        Fact::ResultIssued,
        Fact::ResultMailed,
        Fact::ResultDelivered,
        Fact::CaseWithdrawn,
        Fact::CaseTerminated,
        Fact::DecisionRevoked,
        Fact::CaseReopened,
        Fact::HearingRightTold,
        Fact::HearingRequested,
        Fact::SupervisionAlertRaised,
        Fact::SupervisionAlertCleared,
        joined(&[(UNIT, "s1", 5)]),
        opinion("s1"),
        Fact::RectificationListIssued,
        Fact::RectificationAccepted,
        Fact::JointConcluded(JointResult::Pass),
        Fact::SiteInspectionScheduled(InspectionScheduled { visit_id: "new".into(), units: vec![UNIT.into()], on: day("05-11") }),
        Fact::SiteInspectionDone(InspectionDone { visit_id: "new".into(), present: vec![UNIT.into()] }),
        Fact::InspectionAbsence(InspectionAbsence { visit_id: "v".into(), unit: UNIT.into() }),
        granted(&["t"], "05-12"),
        Fact::DeficiencyFiled("t".into()),
        Fact::DeficiencyMadeGood("t".into()),
        Fact::ToleranceExtended(ToleranceExtended { new_on: day("05-14") }),
        Fact::ToleranceClosed(ToleranceOutcome::Fulfilled),
        Fact::CaseNoteRecorded(CaseNote { code: "c".into() }),
        Fact::ApplicationSubmittedOnline,
        alleged("new"),
        Fact::NoticeBreachFound(NoticeBreachFound {
            allegation_id: "a".into(),
            finding: Finding::Substantiated,
            kind: NoticeBreach::Unclear,
        }),
        Fact::EventVoided(Voided { target: target.clone(), authority: authority.into() }),
        Fact::EventReplaced(Replaced { target, by_event, authority: authority.into() }),
    ];
    let named = plain.into_iter().map(|fact| (fact.name(), fact));
    let other = [
        ("NotAccepted(not_required)", refused("not_required")),
        ("SpecialProcedureStarted(sub_case)", part_started("new", "s1")),
        ("SpecialProcedureEnded(sub_case)", ended("part")),
    ];
    named.chain(other).collect()
}

fn alleged(id: &str) -> Fact {
    Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id: id.into(), kind: NoticeBreach::Unclear, record: "".into() })
}

/// The shortest way to a state; none is no receipt. An allegation stands on every case, for findings and voids to name.
fn way_to(state: Option<State>) -> Vec<(&'static str, Fact)> {
    let Some(state) = state else { return Vec::new() };
    let refused = |ground: &str| Fact::NotAccepted(NotAccepted { ground: ground.into() });
    let decided = || vec![accepted(), Fact::CaseDecided(Decision::Pass)];
    let after = |mut way: Vec<Fact>, more: &[Fact]| {
        way.extend_from_slice(more);
        way
    };
    let way = match state {
        State::Received => vec![],
        State::CorrectionPending => vec![notice("n")],
        State::Lapsed => vec![notice("n")],
        State::NotRequired => vec![refused("not_required")],
        State::NotAccepted => vec![refused("not_our_authority")],
        State::Accepted => vec![accepted()],
        State::UnderReview => vec![accepted(), Fact::ReviewStepDone],
        State::SpecialProcedure => vec![accepted(), started("p", true)],
        State::Renewed => vec![accepted()],
        State::Decided => decided(),
        State::Completed => after(decided(), &[Fact::CaseCompleted]),
        State::ResultIssued => after(decided(), &[Fact::CaseCompleted, Fact::ResultIssued]),
        State::Delivered => after(decided(), &[Fact::CaseCompleted, Fact::ResultIssued, Fact::ResultDelivered]),
        State::WithdrawnEarly => vec![Fact::CaseWithdrawn],
        State::Withdrawn => vec![accepted(), Fact::CaseWithdrawn],
        State::Terminated => vec![accepted(), Fact::CaseTerminated],
        State::Revoked => after(decided(), &[Fact::DecisionRevoked]),
    };
    let (on, receipt) = match state {
        State::Lapsed => ("04-20", received()),
        State::Renewed => ("04-07", renewal("05-07")),
        _ => ("05-07", received()),
    };
    [receipt, alleged("a")].into_iter().chain(way).map(|fact| (on, fact)).collect()
}

/// What goes on with a joint handling or a visit to the site.
fn is_of_joint(fact: &Fact) -> bool {
    match fact {
        Fact::SpecialProcedureStarted(begun) => begun.sub_case.is_some(),
        Fact::SpecialProcedureEnded(end) => *end.proc_id == *"part",
        Fact::SubOpinionGiven(_)
        | Fact::RectificationListIssued
        | Fact::RectificationAccepted
        | Fact::JointConcluded(_)
        | Fact::InspectionAbsence(_) => true,
        _ => false,
    }
}

/// A procedure of the part `s1`, of another kind than the one that comes.
fn started_testing(id: &str) -> Fact {
    let (proc_id, sub_case) = (id.into(), Some(part("s1")));
    Fact::SpecialProcedureStarted(ProcedureStarted { proc_id, kind: ProcedureKind::Inspection, told_at: told_at(true), sub_case })
}

/// The way to a state for a fact: what goes on with a tolerance or a joint handling finds one.
fn way_for(fact: &Fact, state: Option<State>) -> Vec<(&'static str, Fact)> {
    let mut way = way_to(state);
    let goes_on = matches!(
        fact,
        Fact::DeficiencyFiled(_) | Fact::DeficiencyMadeGood(_) | Fact::ToleranceExtended(_) | Fact::ToleranceClosed(_)
    );
    let Some((on, _)) = way.first().cloned() else { return way };
    if goes_on {
        way.splice(2..2, [(on, granted(&["t"], "05-12")), (on, Fact::DeficiencyMadeGood("t".into()))]);
    }
    if is_of_joint(fact) {
        let visit = InspectionScheduled { visit_id: "v".into(), units: vec![UNIT.into()], on: day("05-11") };
        let part = [joined(&[(UNIT, "s1", 5)]), started_testing("part"), Fact::SiteInspectionScheduled(visit)];
        way.splice(2..2, part.map(|fact| (on, fact)));
    }
    way
}

fn states() -> impl Iterator<Item = Option<State>> {
    [None].into_iter().chain(State::ALL.iter().copied().map(Some))
}

fn name(state: Option<State>) -> &'static str {
    state.map_or("none", State::name)
}

/// Rows of the table under a heading of the page, as cells without backticks; the first is the head.
fn table(heading: &str) -> Vec<Vec<String>> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect()).collect()
}

fn names(cell: &str) -> Vec<&str> {
    match cell {
        "Ended" => vec!["Lapsed", "NotRequired", "NotAccepted", "WithdrawnEarly", "Withdrawn", "Terminated"],
        cell => cell.split(", ").map(|name| name.split(" (").next().unwrap_or(name)).collect(),
    }
}

#[test]
fn the_page_names_every_state() {
    let rows = table("States");
    let page: Vec<(&str, &str)> = rows[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let code: Vec<(&str, &str)> = State::ALL.iter().map(|state| (state.name(), state.zh())).collect();
    assert_eq!(page, code);
}

#[test]
fn the_page_names_every_fact_of_a_case() {
    let page: BTreeSet<String> = table("What may find")[1..]
        .iter()
        .flat_map(|row| names(&row[0]).into_iter().map(String::from).collect::<Vec<_>>())
        .collect();
    let tried: BTreeSet<String> = facts().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(page, tried);
    for name in FACT_NAMES {
        assert!(tried.contains(*name) != ELSEWHERE.contains(name), "{name} stands on a case, or elsewhere");
    }
    for (name, fact) in facts() {
        assert!(fact.kinds().is_empty() || fact.kinds().contains(&kind::CASE), "{name}");
    }
}

#[test]
fn each_way_leads_to_its_state() {
    for state in states() {
        let case = case_on(&history(kind::CASE, &way_to(state)), &known(), day(ON));
        assert_eq!(case.as_ref().map(|case| case.state), state);
        assert!(case.is_none_or(|case| case.irregular.is_empty()), "{}", name(state));
    }
}

#[test]
fn every_fact_in_every_state() {
    let (rows, known) = (table("What may find"), known());
    let mut tried = 0;
    for state in states() {
        let column = rows[0].iter().position(|cell| names(cell).contains(&name(state))).unwrap();
        for (fact_name, fact) in facts() {
            let row = rows.iter().find(|row| names(&row[0]).contains(&fact_name)).unwrap();
            let refused = row[column] != "✓";
            let code = format!("XE-{}", row[column]);
            let way = way_for(&fact, state);
            let strict = answer(kind::CASE, &way, &known, (ON, fact.clone()), PostMode::Strict);
            let flagged = answer(kind::CASE, &way, &known, (ON, fact), PostMode::Record);
            let said = format!("{fact_name} in {}: {strict}, in record mode {flagged}", name(state));
            assert_eq!(strict == code, refused, "{said}");
            assert_eq!(strict.starts_with("XE-"), refused, "{said}");
            let is_form = code == "XE-VOID-TARGET";
            assert_eq!(flagged.starts_with("irregular record_mode_unlisted"), refused && !is_form, "{said}");
            assert_eq!(flagged == code, is_form, "{said}");
            tried += 1;
        }
    }
    assert_eq!(tried, 18 * 48);
}

#[test]
fn where_every_allowed_fact_leads() {
    let (rows, known) = (table("What leads where"), known());
    for state in states() {
        for (fact_name, fact) in facts() {
            let way = way_for(&fact, state);
            if answer(kind::CASE, &way, &known, (ON, fact.clone()), PostMode::Strict).starts_with("XE-") {
                continue;
            }
            let leads = rows.iter().find(|row| names(&row[0]).contains(&fact_name) && names(&row[1]).contains(&name(state)));
            let expected = leads.map_or(name(state), |row| &row[2]);
            let mut history = history(kind::CASE, &way);
            history.insert(recorded(NEW as u64, event_of(&subject(kind::CASE), NEW, day(ON), time(12, 0, 0, 0), fact)));
            let after = case_on(&history, &known, day(ON));
            assert_eq!(name(after.map(|case| case.state)), expected, "{fact_name} in {}", name(state));
        }
    }
}
