//! Figures from the cells (`tally`) are those of the members: at every position, on days before, at and after it, by unit and of one,
//! over whole months and parts of them, however often a mark is put and wherever the work was cut.

use crate::{
    oracle::{ALWAYS, Oracle, of_rows},
    site::{Site, known, question},
    story::FIRST,
    tables::{Tables, on_both},
    telling::{LOG, Posted, Random, post, posts},
};
use jiff::{ToSpan, civil::Date};
use serde_json::json;
use xiaoer_projections::{Knowing, Known, Limits, Projection, Worker};

on_both! {
    every_position_is_exact
    a_wide_event_is_exact_between_its_steps
    what_went_before_its_first_day_is_counted_by_nobody
    cells_in_which_nothing_is_go
    a_worker_that_is_new_goes_on_where_one_was
}

/// Periods: all of the time, one month, parts of several, an end that is open, one day.
fn periods(random: &mut Random) -> [(Date, Date); 6] {
    let day = |random: &mut Random| FIRST + random.days(120).days();
    let (month, from, one) = (day(random).first_of_month(), day(random), day(random));
    [
        ALWAYS,
        (month, month.last_of_month()),
        (from, from + (20 + random.days(70)).days()),
        (Date::MIN, day(random)),
        (day(random), Date::MAX),
        (one, one),
    ]
}

/// Of the metrics only each so many-eth is asked at one position, others at the next: they share the cells, and there are many.
const TURN: usize = 4;

/// One question of each metric whose turn it is, on a day, of everything, by unit, and of one of the units.
async fn check(projection: &Projection, knowing: &Knowing, known: Known, days: &[Date], random: &mut Random, why: &str) {
    let oracle = Oracle::at(projection.log(), knowing, known).await;
    let turn = usize::try_from(known.position).unwrap() % TURN;
    for metric in of_rows().skip(turn).step_by(TURN) {
        for &day in days {
            let periods = periods(random);
            let mut asked = question(metric, known, day.min(known.last_day), *random.pick(&periods));
            oracle.figures(projection, knowing, &asked, "", why).await;
            if metric.def().dimensions.contains(&"unit") {
                for unit in oracle.figures(projection, knowing, &asked, "unit", why).await.into_iter().take(1) {
                    asked.of.unit = unit;
                    oracle.figures(projection, knowing, &asked, "", why).await;
                    oracle.figures(projection, knowing, &asked, "unit", why).await;
                }
            }
        }
    }
}

async fn every_position_is_exact() {
    // Marks at every batch, at few of them, and at none.
    for (seed, mark) in [(81, 1), (82, 9), (84, 100_000)] {
        let site = Site::of(&posts(seed, 6)).await;
        let (projection, knowing) = (site.projection("rows").await, site.knowing());
        let mut random = Random::new(seed);
        let head = site.log.head().await.unwrap().position;
        let limits = Limits { events: 4, things: 5, batches: 2, mark };
        let mut worker = Worker::new(projection.clone(), limits);
        while projection.cursor().position < head {
            worker.step().await.unwrap();
        }
        for position in 1..=head {
            let known = known(&projection, position).await;
            let days = [known.last_day, known.day - 1.day(), known.day - random.days(60).days()];
            let days = &days[..if position % 4 == 0 { 3 } else { 1 }];
            check(&projection, &knowing, known, days, &mut random, &format!("seed {seed}, mark {mark}")).await;
        }
    }
}

/// At the positions before it, and at those of the block before that, after every one of its steps; and afterwards.
async fn a_wide_event_is_exact_between_its_steps() {
    let seed = 85;
    let mut site = Site::of(&posts(seed, 10)).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    let limits = Limits { events: 7, things: 4, batches: 1, mark: 30 };
    let mut worker = Worker::new(projection.clone(), limits);
    let before = site.log.head().await.unwrap().position;
    while projection.cursor().position < before {
        worker.step().await.unwrap();
    }
    let year = json!({ "year": 2026, "version": 9, "days": [{ "date": "2026-09-07", "kind": "DAY_KIND_OFF" }] });
    site.append(&[post(900_000, "log", LOG, "2027-06-01T09:00:00", "calendarPublished", &year)]).await;
    let mut random = Random::new(seed);
    let mut steps = 0;
    while projection.cursor().position == before {
        worker.step().await.unwrap();
        steps += 1;
        for position in [before, before - 1, before - 10] {
            let known = known(&projection, position).await;
            let why = format!("seed {seed}, after step {steps}");
            check(&projection, &knowing, known, &[known.last_day, known.day - 40.days()], &mut random, &why).await;
        }
    }
    assert!(steps > 3, "only {steps} steps");
    for position in [before, before + 1] {
        let known = known(&projection, position).await;
        check(&projection, &knowing, known, &[known.last_day], &mut random, &format!("seed {seed}, widened")).await;
    }
    // Nobody who asks what was known before it takes back what it moved.
    let marks = site.tables("rows").await.lines("SELECT CAST(position AS TEXT) FROM tally_mark").await;
    assert!(marks.contains(&before.to_string()), "{marks:?}");
}

fn of_one_case() -> Vec<Posted> {
    let limit = |n: u32| json!({ "n": n, "unit": "LIMIT_UNIT_WORKING_DAY" });
    let version = json!({ "version": "1", "inForceFrom": "2026-01-01", "promisedLimit": limit(5), "statutoryLimit": limit(9) });
    let mut all = vec![
        post(2, "log", LOG, "2026-09-01T08:00:00", "calendarPublished", &json!({ "year": 2026, "version": 1 })),
        post(3, "item", "quick", "2026-09-01T08:10:00", "itemVersionPublished", &version),
        post(4, "case", "A1", "2026-09-02T09:00:00", "caseReceived", &json!({ "itemCode": "quick" })),
        post(5, "case", "A1", "2026-09-03T09:00:00", "caseAccepted", &json!({})),
    ];
    // Time in which only others are recorded, so that marks lie between the begin and the end of what never came to be.
    all.extend(
        (10..20).map(|n| post(n, "case", &format!("B{n}"), "2026-09-04T09:00:00", "caseReceived", &json!({ "itemCode": "quick" }))),
    );
    all.push(post(30, "case", "A1", "2026-09-05T09:00:00", "caseDecided", &json!({ "result": "DECISION_RESULT_PASS" })));
    all.push(post(31, "case", "C1", "2026-11-05T09:00:00", "caseReceived", &json!({ "itemCode": "quick" })));
    all
}

/// The case would be overdue from the tenth of September on, and is decided before: rows that say so live across marks and are
/// deleted; on later days, as known after the decision, nothing is overdue, and as known before it nobody may ask.
async fn what_went_before_its_first_day_is_counted_by_nobody() {
    for mark in [1, 4, 100_000] {
        let site = Site::of(&of_one_case()).await;
        let (projection, knowing) = (site.projection("rows").await, site.knowing());
        crate::site::project(&projection, Limits { events: 1, things: 50, batches: 1, mark }).await;
        let mut random = Random::new(mark);
        for position in 1..=projection.cursor().position {
            let known = known(&projection, position).await;
            let days = [known.last_day, known.last_day - 20.days(), known.last_day - 40.days(), known.day];
            check(&projection, &knowing, known, &days, &mut random, &format!("mark {mark}")).await;
        }
    }
}

async fn count(tables: &Tables, of: &str) -> u64 {
    tables.lines(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {of}")).await.remove(0).parse().unwrap()
}

async fn cells_in_which_nothing_is_go() {
    let site = Site::of(&posts(86, 12)).await;
    let limits = Limits { events: 5, things: 50, batches: 1, mark: 1 };
    let projection = site.projection("rows").await;
    crate::site::project(&projection, limits).await;
    let tables = site.tables("rows").await;
    // Those of the last batch at most; a worker that begins takes those too.
    let before = count(&tables, "tally").await;
    Worker::new(projection, Limits { mark: 100_000, ..limits }).step().await.unwrap();
    assert_eq!(count(&tables, "tally WHERE n = 0 AND total = 0").await, 0);
    assert!(before - count(&tables, "tally").await < before / 8, "nothing went at the marks");
}

/// The process ends after every step, with marks that lie otherwise each time.
async fn a_worker_that_is_new_goes_on_where_one_was() {
    let seed = 87;
    let site = Site::of(&posts(seed, 6)).await;
    let mut random = Random::new(seed);
    let head = site.log.head().await.unwrap().position;
    let mut projection = site.projection("rows").await;
    while projection.cursor().position < head {
        projection = site.projection("rows").await;
        let events = 1 + usize::try_from(random.below(12)).unwrap();
        let limits = Limits { events, things: 3, batches: 1 + events % 3, mark: 1 + random.below(40) };
        Worker::new(projection.clone(), limits).step().await.unwrap();
        let position = 1 + random.below(projection.cursor().position.max(1));
        let known = known(&projection, position.min(projection.cursor().position)).await;
        check(&projection, &site.knowing(), known, &[known.last_day], &mut random, &format!("seed {seed}")).await;
    }
}
