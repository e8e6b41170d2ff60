//! What holds of every life, however it went: lives are drawn at random, regular or not.

use super::life::{
    alleges_notice, asked, asks, asks_two, brings, extended, finds_notice, first_check, handed, not_accepted, passed, received,
    refused, renews, routed, sent_on, taken, took, transferred, visits,
};
use super::{Life, assert_sound, days, told};
use crate::event::{DrawingConclusion, Fact, Finding, LinkedProcedure, NoticeBreach, NoticeCause, NoticeForm, VisitCause};
use crate::ids::kind::{CASE, CONTACT, STAFF, SUBJECT};
use crate::metric::{Metric, Place, Standing, standings};
use crate::testing::{
    accepted, applied, approved, concluded, day, demanded, ended, inspected, inspection_planned, joint_for_project, opened, points,
    project, remote_opinion, session, started, submitted, voided,
};
use jiff::civil::Date;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;

const DAYS: [&str; 14] =
    ["03-02", "03-03", "03-04", "03-06", "03-09", "03-10", "03-12", "03-13", "03-16", "03-25", "03-30", "04-07", "04-20", "12-30"];

fn case_facts() -> Vec<Fact> {
    let second = asks(NoticeForm::Oral, &[("m3", "missing", NoticeCause::NewDocument)]);
    let found = finds_notice("a", NoticeBreach::Missing, Finding::Substantiated);
    let visit = visits("hall", VisitCause::WrongGuide);
    let mut facts = vec![received("permit"), asks_two(), second, brings(&["m1"]), accepted(), started("p", true), ended("p")];
    facts.extend([passed(), refused(), not_accepted("too_busy"), extended(5, true), found, visit]);
    let (alleged, liable) = (alleges_notice("a", NoticeBreach::Missing), super::breach::liable(CASE, 2));
    facts.extend([alleged, liable, first_check("w1"), routed("a"), taken("a"), transferred("b"), sent_on("c")]);
    facts.extend([Fact::CaseCompleted, Fact::ResultDelivered, Fact::CaseWithdrawn, Fact::DecisionRevoked, Fact::CaseReopened]);
    facts
}

fn contact_facts() -> Vec<Fact> {
    let mut facts = vec![asked(None), asked(Some("03-06")), handed("b", "s2"), handed("reception", ""), took("s2")];
    facts.extend([super::life::sent_away("unlawful", true), super::life::sent_away("too_busy", false), Fact::FirstAskReplied]);
    facts
}

fn staff_facts() -> Vec<Fact> {
    use super::staff::{attended, posted, unposted};
    let postings = [posted("g", "03-10", true), posted("h", "03-04", false), unposted("g"), unposted("h")];
    [attended(true), attended(false)].into_iter().chain(postings).collect()
}

fn project_facts() -> Vec<Fact> {
    use LinkedProcedure::{Acceptance, Drawing, Inspection, Remote, Zone};
    let linked = [Zone, Remote, Drawing, Inspection, Acceptance];
    let mut facts = vec![project(Some("2026-03-09"), &linked), project(None, &linked[1..]), applied("w1"), applied("w2")];
    facts.extend([approved("w1", "water", "2026-03-04", Some("2026-03-16")), approved("w2", "water", "2026-03-12", None)]);
    facts.extend([demanded("water", "hazard"), demanded("soil", ""), approved("s1", "soil", "2026-03-10", None)]);
    facts.extend([
        session("a", true, &["u", "v"]),
        session("b", false, &["u"]),
        remote_opinion("a", "u"),
        remote_opinion("a", "v"),
    ]);
    facts.extend([
        submitted("1", &[]),
        opened("1"),
        submitted("2", &["A-01"]),
        opened("2"),
        concluded("2", DrawingConclusion::Pass),
    ]);
    facts.extend([joint_for_project("acceptance"), inspection_planned("v", "03-12", &["u"]), inspected("v", &["u"])]);
    facts.extend([points("1", "fire", &[("A-01", "exit")]), points("2", "fire", &[("A-01", "exit"), ("A-02", "exit")])]);
    facts
}

/// A beginning, and up to nine facts on any days, in the order recorded.
fn life(begin: Fact, facts: Vec<Fact>) -> impl Strategy<Value = Life> {
    let fact = (prop::sample::select(&DAYS[..]), prop::sample::select(facts));
    prop::collection::vec(fact, 0..10).prop_map(move |rest| [("03-02", begin.clone())].into_iter().chain(rest).collect())
}

fn any_life() -> impl Strategy<Value = (&'static str, Life)> {
    let case = life(received("permit"), case_facts()).prop_map(|life| (CASE, life));
    let renewal = life(renews("04-01"), case_facts()).prop_map(|life| (CASE, life));
    let staff = life(super::staff::posted("g", "03-02", true), staff_facts()).prop_map(|life| (STAFF, life));
    let contact = life(asked(Some("03-20")), contact_facts()).prop_map(|life| (CONTACT, life));
    let project = life(project(None, &[LinkedProcedure::Drawing]), project_facts()).prop_map(|life| (SUBJECT, life));
    prop_oneof![3 => case, 1 => renewal, 1 => staff, 1 => contact, 1 => project]
}

/// What holds on a day, without the days on which else it does.
fn on(all: &[Standing], valid_on: Date) -> Vec<Standing> {
    let mut held: Vec<Standing> = all.iter().filter(|s| s.valid.contains(valid_on)).cloned().collect();
    for standing in &mut held {
        standing.counts_on = if standing.metric.def().shape.is_of_a_night() { valid_on } else { standing.counts_on };
        standing.valid = super::super::Days { from: valid_on, until: Date::MAX };
    }
    super::super::standing::sort(&mut held);
    held
}

/// An event of each day that changes nothing: a void of what is not there.
static EACH_DAY: LazyLock<Vec<String>> = LazyLock::new(|| days("02-25", "06-30").map(|day| day.to_string()).collect());

/// The days around which something may change, and those on which it does.
fn interesting(all: &[Standing]) -> Vec<Date> {
    let changes = all.iter().flat_map(|s| [s.valid.from, s.valid.until]).filter(|day| *day < Date::MAX);
    let near = changes.chain(DAYS.map(day)).flat_map(|day| [day.yesterday(), Ok(day), day.tomorrow()]);
    let days: BTreeSet<Date> = near.flatten().collect();
    days.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 500, ..ProptestConfig::default() })]

    /// A standing of a day rests on facts of that day and before: leaving the later ones out gives the same.
    #[test]
    fn facts_dated_later_have_no_part((kind, life) in any_life()) {
        let (history, knowledge) = told(kind, life.iter().enumerate());
        let all = standings(&history, &knowledge);
        all.iter().for_each(assert_sound);
        for valid_on in interesting(&all) {
            let until_then = life.iter().enumerate().filter(|(_, (when, _))| day(when) <= valid_on);
            let (cut, knowledge) = told(kind, until_then);
            prop_assert_eq!(on(&all, valid_on), on(&standings(&cut, &knowledge), valid_on), "on {}", valid_on);
        }
    }

    /// Time alone changes what stands only on the days that were looked at: looking at each day gives the same.
    #[test]
    fn no_day_is_overlooked((kind, life) in any_life()) {
        let (history, knowledge) = told(kind, life.iter().enumerate());
        let nothing: Life = EACH_DAY.iter().map(|day| (day.as_str(), voided(9999))).collect();
        let (on_each_day, _) = told(kind, life.iter().chain(&nothing).enumerate());
        prop_assert_eq!(standings(&history, &knowledge), standings(&on_each_day, &knowledge));
    }

    /// The order of arrival changes nothing, neighbours that say the same are one, and nothing is said twice.
    #[test]
    fn equal_sets_compare_equal((kind, life) in any_life()) {
        let told_backwards = told(kind, life.iter().enumerate().rev());
        let (history, knowledge) = told(kind, life.iter().enumerate());
        let all = standings(&history, &knowledge);
        prop_assert_eq!(&all, &standings(&told_backwards.0, &told_backwards.1));
        for one in &all {
            let said = |other: &&Standing| {
                let counts = one.metric.def().shape.is_of_a_night() || one.counts_on == other.counts_on;
                counts && one.metric == other.metric && one.place == other.place && one.why == other.why
                    && one.value == other.value && one.dims == other.dims && one.evidence == other.evidence
            };
            let touching = all.iter().filter(said).filter(|o| o.valid.from <= one.valid.until && one.valid.from <= o.valid.until);
            prop_assert_eq!(touching.count(), 1, "{:?}", one);
        }
    }

    /// The buckets of a rate over cases add up to the accepted rounds that are due or unknown; a round is in one of them.
    #[test]
    fn a_round_stands_in_one_bucket(life in prop_oneof![life(received("permit"), case_facts()), life(renews("04-01"), case_facts())]) {
        let (history, knowledge) = told(CASE, life.iter().enumerate());
        let all = standings(&history, &knowledge);
        for valid_on in interesting(&all) {
            let case = crate::case::case_on(&history, &knowledge, valid_on);
            let rounds = case.iter().flat_map(|case| &case.rounds).filter(|round| round.accepted.is_some());
            let stand = |round: &crate::case::Round| round.promised.due.day().is_none_or(|due| due <= valid_on);
            let expected = rounds.filter(|round| stand(round)).count();
            let held = all.iter().filter(|s| s.metric == Metric::OnTimeRatePromised && s.valid.contains(valid_on));
            prop_assert_eq!(held.count(), expected, "on {}", valid_on);
            let unknown_past = all.iter().any(|s| {
                s.metric == Metric::BacklogPromised && s.place == Place::Unknown && s.valid.contains(valid_on)
            });
            prop_assert!(!unknown_past || valid_on >= day("12-30"), "only the calendar is unknown here, on {}", valid_on);
        }
    }
}
