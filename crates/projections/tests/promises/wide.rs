//! P6: an event that touches many things is applied in bounded steps, and answers keep the position before it until all are done.

use crate::{
    oracle::{ALWAYS, Oracle, of_rows, whole},
    site::{LATER, Site, known, project, question, step_to_head},
    story::FIRST,
    tables::on_both,
    telling::{LOG, post, posts},
};
use jiff::ToSpan;
use serde_json::{Value, json};
use xiaoer_domain::metric::Metric;
use xiaoer_projections::{KnownAt, Limits, State, Worker};

on_both! {
    a_wide_event_goes_in_bounded_steps_behind_the_old_position
    an_answer_of_now_does_not_wait_for_ever_behind_a_wide_event
    a_change_of_one_item_reaches_its_cases_only
    a_new_edition_reaches_the_items_only
    an_assessment_of_a_zone_reaches_its_projects_only
    a_case_of_two_items_is_reached_by_both
    an_item_is_reached_whatever_system_publishes_it
    what_touches_nothing_costs_no_step
    a_wide_event_survives_restarts
}

/// Cases received in September, before the calendar of the year is known.
async fn waiting_cases(cases: u64) -> Site {
    let mut site = Site::new().await;
    let received = |item: &str| json!({ "itemCode": item });
    let item = |n: u64| if n.is_multiple_of(3) { "quick" } else { "slow" };
    let posts: Vec<_> = (0..cases)
        .map(|n| post(100 + n, "case", &format!("A{n}"), "2026-09-02T09:00:00", "caseReceived", &received(item(n))))
        .collect();
    site.append(&posts).await;
    site
}

fn calendar() -> Value {
    json!({ "year": 2026, "version": 1, "days": [] })
}

async fn a_wide_event_goes_in_bounded_steps_behind_the_old_position() {
    let mut site = waiting_cases(23).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    let limits = Limits { events: 100, things: 5, batches: 1, mark: 20 };
    project(&projection, limits).await;
    let before = projection.cursor().position;
    site.append(&[post(2, "log", LOG, "2026-10-20T09:00:00", "calendarPublished", &calendar())]).await;
    site.append(&[post(3, "case", "A0", "2026-10-21T09:00:00", "caseAccepted", &json!({}))]).await;

    let day = FIRST + 40.days();
    let asked = |known| question(Metric::BacklogReceipt, known, day, ALWAYS);
    let waiting = asked(known(&projection, before).await);
    let old = whole(&projection, &knowing, &waiting).await;
    assert_eq!((old.tally.numerator, old.tally.unknown), (0, 23), "without a calendar nobody knows");

    let mut worker = Worker::new(projection.clone(), limits);
    let mut steps = 0;
    while projection.cursor().position == before {
        worker.step().await.unwrap();
        steps += 1;
        assert!(steps < 100, "it never gets there");
        if projection.cursor().position == before {
            assert_eq!(projection.state(before + 2), State::Widening);
            assert_eq!(projection.cursor().wide_position, before + 1);
            // Rows of the new position stand beside the old ones; no question reaches them.
            let settled = known(&projection, before).await;
            assert_eq!(whole(&projection, &knowing, &asked(settled)).await, old, "after step {steps}");
            Oracle::at(&site.log, &knowing, settled).await.check(&projection, &knowing, &asked(settled), "widening").await;
        }
    }
    // One step takes the event in, four are full and the last one finds less than it may take.
    assert_eq!(steps, 6, "23 cases, 5 a step");
    assert_eq!(projection.cursor().position, before + 1, "the next event waits for the wide one");
    let new = whole(&projection, &knowing, &asked(known(&projection, before + 1).await)).await;
    assert_eq!((new.tally.numerator, new.tally.unknown), (23, 0));
    assert_eq!(whole(&projection, &knowing, &waiting).await, old, "as known then");
    assert!(step_to_head(&projection, &mut worker, 3).await);
    assert_eq!(projection.state(before + 2), State::Running);
}

async fn an_answer_of_now_does_not_wait_for_ever_behind_a_wide_event() {
    let mut site = waiting_cases(12).await;
    let projection = site.projection("rows").await;
    let limits = Limits { events: 100, things: 5, batches: 1, mark: 20 };
    project(&projection, limits).await;
    let before = projection.cursor().position;
    site.append(&[post(2, "log", LOG, "2026-10-20T09:00:00", "calendarPublished", &calendar())]).await;
    let mut worker = Worker::new(projection.clone(), limits);
    worker.step().await.unwrap();
    worker.step().await.unwrap();
    // It answers as of where it stands, and says so; who must not get that names the position needed.
    let settled = projection.settle(KnownAt::Now, 0, LATER.parse().unwrap()).await.unwrap();
    assert_eq!(settled.position, before);
    assert!(step_to_head(&projection, &mut worker, 10).await);
    assert_eq!(projection.settle(KnownAt::Now, 0, LATER.parse().unwrap()).await.unwrap().position, before + 1);
}

async fn a_change_of_one_item_reaches_its_cases_only() {
    let mut site = waiting_cases(21).await;
    let projection = site.projection("rows").await;
    let limits = Limits { events: 100, things: 3, batches: 1, mark: 20 };
    project(&projection, limits).await;
    let before = projection.cursor().position;
    let version = json!({ "version": "1", "inForceFrom": "2026-01-01", "deemedAcceptance": true });
    site.append(&[post(2, "item", "quick", "2026-10-20T09:00:00", "itemVersionPublished", &version)]).await;
    let mut worker = Worker::new(projection.clone(), limits);
    let mut steps = 0;
    while projection.cursor().position == before {
        worker.step().await.unwrap();
        steps += 1;
        assert!(steps < 100, "it never gets there");
    }
    assert_eq!(steps, 4, "7 of 21 cases and the item, 3 a step, and one step to take it in");
}

async fn a_new_edition_reaches_the_items_only() {
    let mut site = waiting_cases(21).await;
    let version = json!({ "version": "1", "inForceFrom": "2026-01-01" });
    let items = (50..57).map(|n| post(n, "item", &format!("i{n}"), "2026-09-03T09:00:00", "itemVersionPublished", &version));
    site.append(&items.collect::<Vec<_>>()).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    let limits = Limits { events: 100, things: 3, batches: 1, ..Limits::default() };
    let flows = |items: &[&str]| json!({ "categories": [{ "code": "c", "itemCodes": items }] });
    for (number, edition, items, at) in [(2, "1", &["i50", "i51"][..], "10-20"), (3, "2", &["i51", "i52", "i53"], "10-21")] {
        project(&projection, limits).await;
        let before = projection.cursor().position;
        let at = format!("2026-{at}T09:00:00");
        site.append(&[post(number, "edition", edition, &at, "itemFlowsConsolidated", &flows(items))]).await;
        let mut worker = Worker::new(projection.clone(), limits);
        let mut steps = 0;
        while projection.cursor().position == before {
            worker.step().await.unwrap();
            steps += 1;
            assert!(steps < 100, "it never gets there");
        }
        assert_eq!(steps, 4, "7 items, 3 a step, and one step to take it in");
        let known = known(&projection, before + 1).await;
        let asked = question(Metric::FlowsConsolidated, known, known.last_day, ALWAYS);
        let oracle = Oracle::at(&site.log, &knowing, known).await;
        oracle.check(&projection, &knowing, &asked, edition).await;
        assert_eq!(whole(&projection, &knowing, &asked).await.tally.numerator, items.len() as u64);
    }
}

async fn an_assessment_of_a_zone_reaches_its_projects_only() {
    let mut site = Site::new().await;
    let zone = |n: u64| ["east", "west", ""][usize::try_from(n % 3).unwrap()];
    let in_zone = |n: u64| json!({ "subjectKind": "SUBJECT_KIND_PROJECT", "zoneId": zone(n) });
    let posts: Vec<_> = (10..31)
        .map(|n| post(n, "subject", &format!("P{n}"), "2026-09-01T09:00:00", "subjectRegistered", &in_zone(n)))
        .chain([post(40, "case", "A1", "2026-09-01T09:00:00", "caseReceived", &json!({ "itemCode": "east" }))])
        .collect();
    site.append(&posts).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    let limits = Limits { events: 100, things: 3, batches: 1, ..Limits::default() };
    project(&projection, limits).await;
    let before = projection.cursor().position;
    let approved = json!({ "assessmentId": "w1", "kind": "water", "validFrom": "2026-09-01" });
    site.append(&[post(50, "zone", "east", "2026-10-20T09:00:00", "zoneAssessmentApproved", &approved)]).await;
    let mut worker = Worker::new(projection.clone(), limits);
    let mut steps = 0;
    while projection.cursor().position == before {
        worker.step().await.unwrap();
        steps += 1;
        assert!(steps < 100, "it never gets there");
    }
    assert_eq!(steps, 4, "7 of 21 projects, 3 a step, and one step to take it in; the item of that name has a case");
    let night = FIRST + 60.days();
    let asked = question(Metric::ZoneReuse, known(&projection, before + 1).await, night, ALWAYS);
    assert_eq!(whole(&projection, &knowing, &asked).await.tally.denominator_only, 7);
}

/// A case that was received twice is of the one item on some days and of the other on later ones: a change of either reaches it.
async fn a_case_of_two_items_is_reached_by_both() {
    let mut site = Site::new().await;
    let mut first = post(10, "case", "A1", "2026-09-01T09:00:00", "caseReceived", &json!({ "itemCode": "later" }));
    first.event.legal_date = Some("2026-09-10".into());
    let second = post(11, "case", "A1", "2026-09-02T09:00:00", "caseReceived", &json!({ "itemCode": "sooner" }));
    let accepted = post(12, "case", "A1", "2026-09-03T09:00:00", "caseAccepted", &json!({}));
    site.append(&[first, second, accepted]).await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    for (number, item) in [(20, "later"), (21, "sooner")] {
        let limit = json!({ "n": 2, "unit": "LIMIT_UNIT_WORKING_DAY" });
        let version = json!({ "version": "1", "inForceFrom": "2026-01-01", "promisedLimit": limit });
        site.append(&[post(number, "item", item, "2026-10-20T09:00:00", "itemVersionPublished", &version)]).await;
        project(&projection, Limits::default()).await;
        let known = known(&projection, projection.cursor().position).await;
        let oracle = Oracle::at(&site.log, &knowing, known).await;
        for (metric, day) in of_rows().flat_map(|metric| [3, 8, 12, 30].map(|day| (metric, FIRST + day.days()))) {
            oracle.check(&projection, &knowing, &question(metric, known, day, ALWAYS), item).await;
        }
    }
}

/// A version of one system ends that of another, and a rule reaches both, also where all of it goes in one transaction.
async fn an_item_is_reached_whatever_system_publishes_it() {
    let version = |version: &str, from: &str| json!({ "version": version, "inForceFrom": from, "online": true });
    let posted = |channel: &str| json!({ "version": "1", "channel": channel });
    let rule = |id: &str, value: Value| json!({ "ruleId": id, "value": value, "inForceFrom": "2026-09-04" });
    let channels = rule("item_channels", json!({ "codes": { "codes": ["portal", "print"] } }));
    let deadline = rule("milestones", json!({ "table": { "numbers": { "flows": "20260908" } } }));
    let mut other = post(6, "item", "quick", "2026-09-05T09:00:00", "itemVersionPublished", &version("2", "2026-09-11"));
    other.event.subject.as_mut().unwrap().system = "portal".into();
    let all = [
        post(2, "item", "quick", "2026-09-01T09:00:00", "itemVersionPublished", &version("1", "2026-09-01")),
        post(3, "item", "quick", "2026-09-02T09:00:00", "itemPosted", &posted("ITEM_CHANNEL_PORTAL")),
        post(4, "item", "quick", "2026-09-07T09:00:00", "itemPosted", &posted("ITEM_CHANNEL_PRINT")),
        post(5, "log", LOG, "2026-09-07T10:00:00", "ruleSet", &channels),
        other,
        post(7, "log", LOG, "2026-09-12T09:00:00", "ruleSet", &deadline),
    ];
    for events in [100, 1] {
        let mut site = Site::new().await;
        site.append(&all).await;
        let (projection, knowing) = (site.projection("rows").await, site.knowing());
        project(&projection, Limits { events, things: 10, batches: 1, mark: 20 }).await;
        for position in [4, 6, 7, projection.cursor().position] {
            let known = known(&projection, position).await;
            let oracle = Oracle::at(&site.log, &knowing, known).await;
            for (metric, day) in of_rows().flat_map(|metric| [0, 3, 6, 7, 10, 11].map(|day| (metric, FIRST + day.days()))) {
                let day = day.min(known.last_day);
                oracle.check(&projection, &knowing, &question(metric, known, day, ALWAYS), "quick").await;
            }
        }
    }
}

/// What stands at the begin of a log touches nothing, so that it goes with the rest.
async fn what_touches_nothing_costs_no_step() {
    let mut site = Site::new().await;
    let version = json!({ "version": "1", "inForceFrom": "2026-01-01" });
    let rule = json!({ "ruleId": "warn_wd", "value": { "number": "2" }, "inForceFrom": "2026-01-01" });
    let mut all = vec![post(2, "log", LOG, "2026-09-01T08:00:00", "calendarPublished", &calendar())];
    all.extend((10..60).map(|n| post(n, "log", LOG, "2026-09-01T08:10:00", "ruleSet", &rule)));
    all.extend((60..90).map(|n| post(n, "item", &format!("i{n}"), "2026-09-01T08:20:00", "itemVersionPublished", &version)));
    all.extend(
        (90..99).map(|n| post(n, "case", &format!("A{n}"), "2026-09-01T09:00:00", "caseReceived", &json!({ "itemCode": "i60" }))),
    );
    site.append(&all).await;
    let projection = site.projection("rows").await;
    let mut worker = Worker::new(projection.clone(), Limits::default());
    worker.step().await.unwrap();
    assert_eq!(projection.cursor().position, 91);
}

/// While a wide event is under way the process ends, again and again: the scan of the log agrees in the end.
async fn a_wide_event_survives_restarts() {
    let seed = 31;
    let mut site = Site::of(&posts(seed, 20)).await;
    let limits = Limits { events: 1_000, things: 4, batches: 1, mark: 20 };
    project(&site.projection("rows").await, limits).await;
    let year = json!({ "year": 2026, "version": 9, "days": [{ "date": "2026-09-07", "kind": "DAY_KIND_OFF" }] });
    site.append(&[post(900_000, "log", LOG, "2027-06-01T09:00:00", "calendarPublished", &year)]).await;
    let head = site.log.head().await.unwrap().position;
    let mut restarts = 0;
    while site.projection("rows").await.cursor().position < head {
        Worker::new(site.projection("rows").await, limits).step().await.unwrap();
        restarts += 1;
        assert!(restarts < 100, "it never gets there");
    }
    assert!(restarts > 5, "only {restarts} restarts");
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    for position in [head - 1, head] {
        let known = known(&projection, position).await;
        let oracle = Oracle::at(&site.log, &knowing, known).await;
        for metric in of_rows() {
            let asked = question(metric, known, known.last_day, ALWAYS);
            oracle.check(&projection, &knowing, &asked, &format!("seed {seed}, after {restarts} restarts")).await;
        }
    }
}
