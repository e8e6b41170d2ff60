//! How the catalogue is kept, night by night: editions, promised limits, what becomes of an item (domain.md S14, S23); and the rank in
//! the city.

use super::{Life, Spans, check, nights, standings_known};
use crate::event::{Fact, FigureKind, FlowCategory, FlowsConsolidated, ItemVersion, Limit, LimitChanged, LimitUnit, PeerFigure};
use crate::event::{RuleSet, RuleValue};
use crate::ids::{Subject, kind};
use crate::knowledge::Knowledge;
use crate::metric::city_rank::{FIGURES, compared, own_metric};
use crate::metric::{Metric, Place, Shape, Sums, Tally, denominator, standings, value};
use crate::testing::{day, event_of, item_version, knowledge, recorded, voided, wd};
use Place::{Denominator, Numerator, Unknown};
use jiff::civil::Time;
use proptest::prelude::*;

fn of(version: ItemVersion) -> Fact {
    Fact::ItemVersionPublished(Box::new(version))
}

fn promises(version: &str, from: &str, promised: Option<Limit>) -> Fact {
    of(ItemVersion { in_force_from: day(from), promised, ..item_version(version) })
}

fn flows(categories: &[(&str, &[&str])]) -> Fact {
    let category = |(code, items): &(&str, &[&str])| FlowCategory {
        code: (*code).into(),
        items: items.iter().map(|item| (*item).into()).collect(),
    };
    Fact::ItemFlowsConsolidated(FlowsConsolidated { categories: categories.iter().map(category).collect() })
}

fn said(version: &str, old: u32, new: u32, from: &str) -> Fact {
    let (old, new) = (wd(old), wd(new).unwrap());
    Fact::ItemLimitChanged(LimitChanged { version: version.into(), old, new, in_force_from: day(from) })
}

#[test]
fn an_item_stands_in_the_latest_edition_or_not() {
    // The item is `1`. The third word names the edition.
    let life: Life = vec![
        ("03-02", promises("1", "03-01", wd(8))),
        ("03-10 09:00 2026-1", flows(&[("build", &["1", "2"])])),
        ("04-10 09:00 2026-2", flows(&[("build", &["2"])])),
        ("04-20 09:00 2026-2", flows(&[("trade", &["1"])])),
        ("06-01", Fact::ItemWithdrawn),
        ("06-02", voided(5)),
        ("06-03", Fact::ItemCancelled),
    ];
    let table: [(usize, [Spans; 2]); 6] = [
        (1, [&[], &["03-01..12-31"]]),
        (2, [&["03-10..12-31"], &["03-01..03-09"]]),
        // The latest edition alone counts.
        (3, [&["03-10..04-09"], &["03-01..03-09", "04-10..12-31"]]),
        (4, [&["03-10..04-09", "04-20..12-31"], &["03-01..03-09", "04-10..04-19"]]),
        (5, [&["03-10..04-09", "04-20..05-31"], &["03-01..03-09", "04-10..04-19"]]),
        (7, [&["03-10..04-09", "04-20..06-02"], &["03-01..03-09", "04-10..04-19"]]),
    ];
    for (known, expected) in table {
        let all = standings_known(kind::ITEM, &life, known);
        let of = |place| nights(&all, Metric::FlowsConsolidated, place, "01-01", "12-31");
        assert_eq!([Numerator, Denominator].map(of), expected, "{known} known");
    }
    let all = standings_known(kind::ITEM, &life, 4);
    let told = |night: &str| {
        let here = |s: &&crate::metric::Standing| s.metric == Metric::FlowsConsolidated && s.valid.contains(day(night));
        all.iter().find(here).map(|s| (s.why, s.evidence.clone())).unwrap()
    };
    assert_eq!(told("03-09"), ("no_edition", vec![1]));
    assert_eq!(told("03-10"), ("in_edition", vec![1, 2]));
    assert_eq!(told("04-10"), ("not_in_edition", vec![1, 3]));
    assert_eq!(told("04-20"), ("in_edition", vec![1, 4]));
}

#[test]
fn an_item_that_was_handed_down_counts_again_when_it_is_taken_over() {
    let life: Life = vec![
        ("03-01", promises("1", "03-01", wd(8))),
        ("04-01", Fact::ItemDelegated),
        ("05-01", promises("2", "05-01", wd(5))),
        ("06-01", Fact::ItemTakenOver),
    ];
    let table: [(usize, Spans); 3] = [(1, &["03-01..12-31"]), (3, &["03-01..03-31"]), (4, &["03-01..03-31", "06-01..12-31"])];
    for (known, expected) in table {
        let all = standings_known(kind::ITEM, &life, known);
        assert_eq!(nights(&all, Metric::ItemCount, Numerator, "01-01", "12-31"), expected, "{known} known");
    }
}

#[test]
fn what_is_promised_in_working_days() {
    let month = Some(Limit { n: 1, unit: LimitUnit::Month });
    let immediate = Some(Limit { n: 0, unit: LimitUnit::Immediate });
    let table = [
        (wd(8), "1 promised(permit)", Some(8.0)),
        (immediate, "1 promised(permit)", Some(0.0)),
        (month, "0 x1 other_unit(permit)", None),
        (None, "0 u1 no_limit(permit)", None),
    ];
    for (promised, answer, days) in table {
        let life: Life = vec![("03-01", promises("1", "03-01", promised))];
        check("days", kind::ITEM, &life, &[&format!("mean_days @03-01 = {answer}")]);
        let all = standings_known(kind::ITEM, &life, 1);
        assert_eq!(all.iter().find(|s| s.metric == Metric::MeanDays).unwrap().value, days, "{promised:?}");
    }
}

#[test]
fn a_limit_is_lengthened_quietly_or_said_in_time() {
    let life = |then: &[(&'static str, Fact)]| -> Life { [&[("03-01", promises("1", "03-01", wd(8)))], then].concat() };
    let (to_10, month) = (promises("2", "06-01", wd(10)), Some(Limit { n: 1, unit: LimitUnit::Month }));
    let immediate = Some(Limit { n: 0, unit: LimitUnit::Immediate });
    let table: &[(&str, Life, &str)] = &[
        ("the first version", life(&[]), "0"),
        ("shorter", life(&[("05-01", promises("2", "06-01", wd(5)))]), "0"),
        ("as long", life(&[("05-01", promises("2", "06-01", wd(8)))]), "0"),
        ("immediate", life(&[("05-01", promises("2", "06-01", immediate))]), "0"),
        ("longer", life(&[("05-01", to_10.clone())]), "1 quietly(permit)"),
        ("said before", life(&[("04-01", said("2", 8, 10, "06-01")), ("05-01", to_10.clone())]), "0 x1 said_in_time(permit)"),
        ("said on the day", life(&[("05-01", to_10.clone()), ("06-01", said("2", 8, 10, "06-01"))]), "0 x1 said_in_time(permit)"),
        ("said later", life(&[("05-01", to_10.clone()), ("06-02", said("2", 8, 10, "06-01"))]), "1 said_late(permit)"),
        ("something else was said", life(&[("05-01", to_10.clone()), ("05-02", said("2", 8, 9, "06-01"))]), "1 quietly(permit)"),
        (
            "what was said is taken back",
            life(&[("04-01", said("2", 8, 10, "06-01")), ("05-01", to_10.clone()), ("05-02", voided(2))]),
            "1 quietly(permit)",
        ),
        ("in other units", life(&[("05-01", promises("2", "06-01", month))]), "0 u1 other_unit(permit)"),
        ("no limit any more", life(&[("05-01", promises("2", "06-01", None))]), "0 u1 no_limit(permit)"),
        ("superseded before it came", life(&[("05-01", to_10.clone()), ("05-02", promises("3", "06-01", wd(8)))]), "0"),
        ("withdrawn before it came", life(&[("05-01", to_10.clone()), ("06-01", Fact::ItemWithdrawn)]), "0"),
        (
            "in two steps",
            life(&[("05-01", promises("2", "05-01", wd(9))), ("05-01", promises("3", "06-01", wd(10)))]),
            "2 quietly(permit) quietly(permit)",
        ),
        ("after a withdrawal", life(&[("04-01", Fact::ItemWithdrawn), ("05-01", to_10)]), "1 quietly(permit)"),
    ];
    for (name, life, expected) in table {
        check(name, kind::ITEM, life, &[&format!("limit_lengthened 01-01..12-31 @12-31 = {expected}")]);
    }
    // What is said later was not known on the first day, and the first day has to come.
    let late = &table[7].1;
    let answers = [
        "limit_lengthened 06-01..06-30 @05-31 = 0",
        "limit_lengthened 06-01..06-30 @06-01 = 1 quietly(permit)",
        "limit_lengthened 06-01..06-30 @06-02 = 1 said_late(permit)",
    ];
    check("by the day", kind::ITEM, late, &answers);
}

/// What is known where the districts `a` and `b` are compared, and `c` from 07-01 on too.
fn three(published: &[(&str, FigureKind, u32, &str)]) -> Knowledge {
    let codes = |codes: &[&str]| RuleValue::Codes(codes.iter().map(|code| (*code).into()).collect());
    let mut known = knowledge(&[("peer_districts", codes(&["a", "b"]))]);
    let rule_id = "peer_districts".into();
    let wider = RuleSet { rule_id, value: codes(&["a", "b", "c"]), in_force_from: day("07-01"), authority: "".into() };
    let mut apply = |kind: &str, id: &str, position: u64, fact| {
        let event = event_of(&Subject::new(kind, "s", id), u128::from(position), day("08-01"), Time::midnight(), fact);
        known.apply(&recorded(position, event));
    };
    apply(kind::LOG, "1", 100, Fact::RuleSet(wider));
    for ((district, figure, hundredths, on), position) in published.iter().zip(101..) {
        let figure = PeerFigure { figure: *figure, hundredths: *hundredths, valid_on: day(on) };
        apply(kind::DISTRICT, district, position, Fact::PeerFigurePublished(figure));
    }
    known
}

#[test]
fn the_rank_in_the_city() {
    use FigureKind::{Days, Items};
    let both = [("a", Items, 4_000, "03-01"), ("b", Items, 4_200, "03-01")];
    let moved = [both[0], both[1], ("a", Items, 4_100, "05-01"), ("c", Items, 1, "01-01")];
    let means = [("a", Days, 233, "03-01"), ("b", Days, 234, "03-01")];
    let table: &[(&str, &[(&str, FigureKind, u32, &str)], FigureKind, Option<f64>, &str, Option<f64>)] = &[
        ("the least", &both, Items, Some(39.0), "03-01", Some(1.0)),
        ("as few as the best", &both, Items, Some(40.0), "03-01", Some(1.0)),
        ("between", &both, Items, Some(41.0), "03-01", Some(2.0)),
        ("the most", &both, Items, Some(43.0), "03-01", Some(3.0)),
        ("before there were figures", &both, Items, Some(41.0), "02-28", None),
        ("one is missing", &both[..1], Items, Some(41.0), "03-01", None),
        ("another figure", &both, Days, Some(1.0), "03-01", None),
        ("no items of its own", &both, Items, Some(0.0), "03-01", None),
        ("no figure of its own", &both, Items, None, "03-01", None),
        ("the old figure still holds", &moved, Items, Some(41.0), "04-30", Some(2.0)),
        ("the new one", &moved, Items, Some(41.0), "05-01", Some(1.0)),
        ("a third district is compared", &moved, Items, Some(41.0), "07-01", Some(2.0)),
        ("it was not compared before", &moved, Items, Some(41.0), "06-30", Some(1.0)),
        ("seven thirds are no more than 2.33", &means, Days, Some(7.0 / 3.0), "03-01", Some(1.0)),
        ("immediate at once", &means, Days, Some(0.0), "03-01", Some(1.0)),
    ];
    for (name, published, figure, own, night, expected) in table {
        let mut tally = Tally::default();
        let all = compared(&three(published), *figure, *own, day(night));
        all.iter().for_each(|compared| tally.add(compared.place));
        assert_eq!(value(Shape::Rank, &tally, &Sums::default(), &[]), *expected, "{name}");
        assert_eq!(all.len(), if *night < "07-01" { 3 } else { 4 }, "{name}: the district itself and its peers");
        assert!(expected.is_none() || denominator(Shape::Rank, &tally) + 1 == all.len() as u64, "{name}");
    }
    let all = compared(&three(&moved), Items, Some(41.0), day("05-01"));
    let shown: Vec<_> = all.iter().map(|it| (&*it.district, it.place, it.why, it.value, it.position)).collect();
    let expected = [
        ("", Place::Excluded, "own", Some(41.0), 0),
        ("a", Denominator, "not_better", Some(41.0), 103),
        ("b", Denominator, "not_better", Some(42.0), 102),
    ];
    assert_eq!(shown, expected);
    let missing = &compared(&three(&[]), Items, Some(41.0), day("05-01"))[1];
    assert_eq!((missing.place, missing.why, missing.value, missing.position), (Unknown, "no_figure", None, 0));
    for figure in FIGURES {
        assert!(own_metric(figure).def().shape.is_of_a_night(), "{figure:?}");
    }
}

/// Facts of the item, of editions and of another district.
fn any_life() -> impl Strategy<Value = Life> {
    const DAYS: [&str; 6] = ["03-02", "03-10", "04-01", "04-20", "05-04", "06-01"];
    let version = ("[1-4]", 0..DAYS.len(), 1u32..20).prop_map(|(name, from, n)| promises(&name, DAYS[from], wd(n)));
    let words = (0..DAYS.len(), "[1-4]", 1u32..20).prop_map(|(from, name, n)| said(&name, n + 1, n, DAYS[from]));
    let turns = prop::sample::select(vec![Fact::ItemTakenOver, Fact::ItemWithdrawn, Fact::ItemCancelled, Fact::ItemDelegated]);
    let voids = (1u128..12).prop_map(voided);
    let of_item = prop_oneof![3 => version, 2 => words, 3 => turns, 1 => voids];
    let of_item = (prop::sample::select(&DAYS[..]), of_item);
    let editions = prop::sample::select(vec!["03-10 09:00 a", "04-01 09:00 b", "04-20 09:00 a", "05-04 09:00 c"]);
    let of_edition = (editions, prop::sample::select(vec![flows(&[("x", &["1"])]), flows(&[("y", &["2"])])]));
    prop::collection::vec(prop_oneof![4 => of_item, 1 => of_edition], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// What is known of a catalogue does not depend on the order in which it was read, nor on how many events were read at a time:
    /// only on what was recorded at which place.
    #[test]
    fn the_order_of_arrival_changes_nothing(life in any_life()) {
        let (history, knowledge) = super::told(kind::ITEM, life.iter().enumerate());
        let all = standings(&history, &knowledge);
        all.iter().for_each(super::assert_sound);
        let backwards = super::told(kind::ITEM, life.iter().enumerate().rev());
        prop_assert_eq!(&standings(&backwards.0, &backwards.1), &all);
        // On each night an item is in force or it is not, and each figure of it says so once.
        for night in super::days("03-01", "06-30") {
            let on = |metric| all.iter().filter(|s| s.metric == metric && s.valid.contains(night)).count();
            let in_force = usize::from(knowledge.catalogue.item_in_force("1", night).is_some());
            for metric in [Metric::ItemCount, Metric::FlowsConsolidated, Metric::MeanDays, Metric::ItemPublished] {
                prop_assert_eq!(on(metric), in_force, "{:?} on {}", metric, night);
            }
        }
    }
}
