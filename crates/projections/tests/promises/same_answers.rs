//! P3: stored rows answer as the scan of the log does, whatever is known and whatever day is asked about.
//!
//! Known times are drawn, and taken before and after each event that changes many things. Days end with the last one that may be
//! asked about, since a row that had not come to hold by then is no longer there.

use crate::{
    oracle::{ALWAYS, Oracle, all_members, of_rows, tally, whole},
    site::{Site, known, project, question},
    story::FIRST,
    tables::on_both,
    telling::{Random, posts},
};
use jiff::{ToSpan, civil::Date};
use std::collections::{BTreeMap, BTreeSet};
use xiaoer_domain::{
    Fact, Scope, Subject,
    case::case_on,
    history::History,
    metric::{Metric, denominator},
};
use xiaoer_projections::{Known, Limits, Projection, cases::Filter};

on_both! {
    rows_answer_as_the_scan_does_in_a_first_log
    rows_answer_as_the_scan_does_in_a_second_log
    rows_answer_as_the_scan_does_in_a_third_log
    members_add_up
}

/// The last day that may be asked about, the one before it, and two others.
fn days(random: &mut Random, known: &Known) -> BTreeSet<Date> {
    let earlier = |random: &mut Random| (FIRST + random.days(150).days()).min(known.last_day);
    [known.last_day, known.last_day - 1.day(), earlier(random), earlier(random)].into()
}

fn periods(random: &mut Random) -> [(Date, Date); 3] {
    let (a, b) = (FIRST + random.days(140).days(), random.days(40).days());
    [ALWAYS, (a, a + b), (Date::MIN, FIRST + random.days(140).days())]
}

/// Positions worth asking about: the first and last ones, some drawn, and those around a few wide events.
async fn positions(site: &Site, random: &mut Random, head: u64) -> BTreeSet<u64> {
    let mut positions: BTreeSet<u64> = (0..4).map(|_| 1 + random.below(head)).chain([1, head]).collect();
    let mut wide = site.log.of_kind(&Scope::Everything, "log", head).await.unwrap();
    wide.extend(site.log.of_kind(&Scope::Everything, "item", head).await.unwrap());
    wide.extend(site.log.of_kind(&Scope::Everything, "edition", head).await.unwrap());
    let of_zones = site.log.of_kind(&Scope::Everything, "zone", head).await.unwrap();
    let drawn: Vec<u64> = (0..3).map(|_| random.pick(&wide).position).collect();
    for at in drawn.into_iter().chain(of_zones.last().map(|row| row.position)) {
        positions.extend([at.max(2) - 1, at]);
    }
    positions
}

async fn check(seed: u64) {
    let site = Site::of(&posts(seed, 36)).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    project(&projection, Limits { events: 50, things: 11, batches: 1, mark: 20 }).await;
    let head = projection.cursor().position;
    let mut random = Random::new(seed);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for position in positions(&site, &mut random, head).await {
        let known = known(&projection, position).await;
        let oracle = Oracle::at(&site.log, &knowing, known).await;
        for valid_on in days(&mut random, &known) {
            check_cases(&site, &projection, &known, valid_on, seed).await;
            for metric in of_rows() {
                let mut asked = question(metric, known, valid_on, *random.pick(&periods(&mut Random::new(position))));
                let members = oracle.check(&projection, &knowing, &asked, &format!("seed {seed}")).await;
                *seen.entry(metric.id()).or_default() += members;
                // The same of one unit, one kind or one item only.
                if let Some(member) = all_members(&projection, &knowing, &asked).await.pop() {
                    asked.of.unit = member.dims.unit.to_string();
                    asked.of.kind = member.dims.kind.to_string();
                    asked.of.staff = member.dims.staff.to_string();
                    oracle.check(&projection, &knowing, &asked, &format!("seed {seed}, {:?}", asked.of)).await;
                }
            }
        }
    }
    for metric in of_rows() {
        assert!(seen.get(metric.id()).is_some_and(|members| *members > 0), "seed {seed}: the log says nothing of {}", metric.id());
    }
}

async fn rows_answer_as_the_scan_does_in_a_first_log() {
    check(5).await;
}

async fn rows_answer_as_the_scan_does_in_a_second_log() {
    check(2).await;
}

async fn rows_answer_as_the_scan_does_in_a_third_log() {
    check(12).await;
}

/// The list of cases gives each in the state it has with every fact known, and with what time has brought since the last of them.
async fn check_cases(site: &Site, projection: &Projection, known: &Known, valid_on: Date, seed: u64) {
    let listed = projection.cases(known, valid_on, &Filter::default(), ("", ""), 1_000).await.unwrap();
    let knowledge = site.knowing().at(known.position).await.unwrap();
    let mut expected = Vec::new();
    for n in 0..40 {
        let subject = Subject::new("case", "hall", &format!("A{n}"));
        let mut history = History::new(subject.clone());
        for row in site.log.stream(&Scope::Everything, &subject, known.position).await.unwrap() {
            history.insert(row.recorded(&knowledge.zone).unwrap());
        }
        let facts = history.counting().filter(|recorded| !matches!(recorded.event.fact, Fact::CaseNoteRecorded(_)));
        let Some(last) = facts.map(|recorded| recorded.event.day).max() else { continue };
        if let Some(case) = case_on(&history, &knowledge, last.max(valid_on)) {
            expected.push((
                subject.id.to_string(),
                case.state.name().to_owned(),
                case.unit.to_string(),
                case.received.item_code.to_string(),
            ));
        }
    }
    expected.sort_unstable();
    let listed: Vec<_> = listed.into_iter().map(|case| (case.id, case.state, case.unit, case.item)).collect();
    assert_eq!(listed, expected, "seed {seed}: cases at {} on {valid_on}", known.position);
}

/// The members of a figure are its numerator, denominator, unknown and excluded, of every metric there is; each is shown by events
/// that were known.
async fn members_add_up() {
    let seed = 4;
    let site = Site::of(&posts(seed, 36)).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    project(&projection, Limits::default()).await;
    let mut random = Random::new(seed);
    let mut buckets = [0; 4];
    for position in [projection.cursor().position, projection.cursor().position / 2] {
        let known = known(&projection, position).await;
        for (metric, period) in Metric::ALL.iter().flat_map(|metric| periods(&mut random).map(|period| (*metric, period))) {
            let asked = question(metric, known, known.last_day, period);
            let figure = whole(&projection, &knowing, &asked).await;
            let members = all_members(&projection, &knowing, &asked).await;
            assert_eq!(tally(&members), figure.tally, "seed {seed}: {} in {period:?}", metric.id());
            assert_eq!(figure.denominator(metric.def().shape), denominator(metric.def().shape, &figure.tally));
            for member in &members {
                // A day, a district and one that says nothing are shown by themselves.
                let is_itself = &*member.subject.kind == "day" || ["own", "no_own_figure", "no_figure"].contains(&&*member.why);
                assert!(is_itself != member.positions.iter().any(|at| (1..=position).contains(at)), "{}: {member:?}", metric.id());
                assert!(member.positions.is_sorted() && member.positions.last() <= Some(&position), "{}: {member:?}", metric.id());
            }
            let t = figure.tally;
            [t.numerator, t.denominator_only, t.unknown, t.excluded].iter().zip(&mut buckets).for_each(|(n, sum)| *sum += n);
        }
    }
    assert!(buckets.iter().all(|sum| *sum > 0), "seed {seed}: a bucket that is always empty proves nothing: {buckets:?}");
}
