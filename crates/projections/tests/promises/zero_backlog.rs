//! `zero_backlog_days`, the one figure that is put together of nights: looked at night by night, it is the same.

use crate::{
    oracle::{Oracle, all_members, tally, whole},
    site::{Site, known, project, question},
    story::FIRST,
    tables::on_both,
    telling::{LOG, Random, post, posts},
};
use jiff::{ToSpan, civil::Date};
use serde_json::json;
use xiaoer_domain::metric::{Metric, Tally};
use xiaoer_projections::{Knowing, Known, Limits, Member};

on_both! {
    the_days_are_those_of_the_nights
    a_night_of_which_something_is_unknown_is_an_unknown_day
    without_a_first_day_it_is_the_month
}

/// The working days of a stretch, and the backlogs that had to be empty on each.
async fn nights(knowing: &Knowing, known: &Known, (from, to): (Date, Date)) -> Vec<(Date, Vec<Metric>)> {
    let knowledge = knowing.at(known.position).await.unwrap();
    let days = from.series(1.day()).take_while(|day| *day <= to).filter(|day| knowledge.calendar.is_working(*day));
    let parts = |day| {
        knowledge
            .rules
            .codes("zero_backlog_parts", day)
            .iter()
            .map(|part| Metric::by_id(&format!("backlog_{part}")).unwrap())
            .collect()
    };
    days.map(|day| (day, parts(day))).collect()
}

async fn the_days_are_those_of_the_nights() {
    let mut places = Tally::default();
    for (seed, cases) in [(61, 20), (62, 2), (63, 2)] {
        days_as_nights(seed, cases).await.iter().for_each(|member| places.add(member.place));
    }
    assert!(places.numerator > 0 && places.denominator_only > 0, "{places:?}");
}

/// Where nothing is in backlog and of something it is not known, the day is neither good nor bad.
async fn a_night_of_which_something_is_unknown_is_an_unknown_day() {
    let site = Site::of(&[
        post(2, "log", LOG, "2026-09-01T08:00:00", "calendarPublished", &json!({ "year": 2026, "version": 1 })),
        post(3, "case", "A1", "2026-09-02T09:00:00", "caseReceived", &json!({ "itemCode": "never" })),
        post(4, "case", "A1", "2026-09-03T09:00:00", "caseAccepted", &json!({})),
    ])
    .await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    project(&projection, Limits::default()).await;
    let known = known(&projection, 4).await;
    // Two working days before the acceptance, twelve from it on: without a version nobody knows when it is due.
    let asked = question(Metric::ZeroBacklogDays, known, "2026-09-20".parse().unwrap(), (FIRST, FIRST + 29.days()));
    let expected = Tally { numerator: 2, unknown: 12, ..Tally::default() };
    assert_eq!(whole(&projection, &knowing, &asked).await.tally, expected);
    assert_eq!(tally(&all_members(&projection, &knowing, &asked).await), expected);
}

/// Asks for periods of one log at several positions, and gives the members behind the figures.
async fn days_as_nights(seed: u64, cases: u64) -> Vec<Member> {
    let site = Site::of(&posts(seed, cases)).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    project(&projection, Limits { events: 9, mark: 25, ..Limits::default() }).await;
    let head = projection.cursor().position;
    let mut random = Random::new(seed);
    let mut all = Vec::new();
    for position in [1, head / 4, head / 2, head] {
        let known = known(&projection, position).await;
        let oracle = Oracle::at(&site.log, &knowing, known).await;
        for _ in 0..4 {
            let from = FIRST - 15.days() + random.days(100).days();
            let (period, valid_on) = ((from, from + random.days(60).days()), known.last_day - random.days(30).days());
            let asked = question(Metric::ZeroBacklogDays, known, valid_on, period);
            let nights = nights(&knowing, &known, (from, period.1.min(valid_on))).await;
            let what = format!("seed {seed}: {period:?} on {valid_on} at {position}");
            let figure = whole(&projection, &knowing, &asked).await;
            assert_eq!(figure.tally, oracle.zero_backlog_days(&nights, ""), "{what}");
            for (unit, of_unit) in projection.figure(&knowing, &asked, "unit").await.unwrap() {
                assert_eq!(of_unit.tally, oracle.zero_backlog_days(&nights, &unit), "{what} of {unit}");
                let mut asked = asked.clone();
                asked.of.unit = unit;
                assert_eq!(whole(&projection, &knowing, &asked).await, of_unit, "{what}");
            }
            let members = all_members(&projection, &knowing, &asked).await;
            assert_eq!(tally(&members), figure.tally, "{what}");
            assert_eq!(
                members.iter().map(|m| m.counts_on).collect::<Vec<_>>(),
                nights.iter().map(|n| n.0).collect::<Vec<_>>(),
                "{what}"
            );
            all.extend(members);
        }
    }
    all
}

/// A period without a first day is the month of its last one: nobody looks at the nights before anything was recorded.
async fn without_a_first_day_it_is_the_month() {
    let site = Site::of(&posts(62, 10)).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    project(&projection, Limits::default()).await;
    let known = known(&projection, projection.cursor().position).await;
    let valid_on: Date = "2026-11-18".parse().unwrap();
    let month = (valid_on.first_of_month(), valid_on);
    for (period, month) in [
        ((Date::MIN, Date::MAX), month),
        ((Date::MIN, "2026-12-31".parse().unwrap()), month),
        ((Date::MIN, "2026-10-12".parse().unwrap()), ("2026-10-01".parse().unwrap(), "2026-10-12".parse().unwrap())),
    ] {
        let [open, closed] = [period, month].map(|period| question(Metric::ZeroBacklogDays, known, valid_on, period));
        let figure = whole(&projection, &knowing, &open).await;
        assert!(figure.denominator(Metric::ZeroBacklogDays.def().shape) > 0, "{period:?}");
        assert_eq!(figure, whole(&projection, &knowing, &closed).await, "{period:?}");
        assert_eq!(
            all_members(&projection, &knowing, &open).await,
            all_members(&projection, &knowing, &closed).await,
            "{period:?}"
        );
    }
}
