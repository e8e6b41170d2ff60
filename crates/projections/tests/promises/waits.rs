//! P2: every answer carries the position it reflects, and who names a position gets no older one.

use crate::{
    site::{LATER, Site, known, project},
    tables::on_both,
    telling::{post, posts},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{Code, Refusal};
use xiaoer_projections::{Error, KnownAt, Limits, Projection, Worker};

on_both! {
    a_reader_of_its_own_writes_waits_for_them
    a_projection_that_does_not_come_there_says_so
    what_has_not_come_is_refused
}

async fn refused(projection: &Projection, known_at: KnownAt, at_least: u64) -> Refusal {
    match projection.settle(known_at, at_least, LATER.parse().unwrap()).await.unwrap_err() {
        Error::Refused(refusal) => refusal,
        other => panic!("{other}"),
    }
}

async fn a_reader_of_its_own_writes_waits_for_them() {
    let mut site = Site::of(&posts(51, 4)).await;
    let projection = site.projection("rows").await;
    let own = post(900_000, "case", "mine", "2027-06-01T09:00:00", "caseReceived", &json!({ "itemCode": "quick" }));
    site.append(&[own]).await;
    let written = site.log.head().await.unwrap().position;
    let waiting = {
        let projection = projection.clone();
        tokio::spawn(async move { projection.settle(KnownAt::Now, written, LATER.parse().unwrap()).await.unwrap() })
    };
    // Whatever the reader is given meanwhile, it is not an answer.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!waiting.is_finished(), "it answered before anything was applied");
    let stop = CancellationToken::new();
    let running = tokio::spawn(projection.clone().run(stop.clone()));
    let settled = waiting.await.unwrap();
    assert_eq!(settled.position, written);
    let cases = projection.cases(&settled, settled.day, &Default::default(), ("", ""), 1_000).await.unwrap();
    assert!(cases.iter().any(|case| case.id == "mine"));
    stop.cancel();
    running.await.unwrap();
}

async fn a_projection_that_does_not_come_there_says_so() {
    let site = Site::of(&posts(52, 4)).await;
    let projection = site.projection("rows").await;
    let head = site.log.head().await.unwrap().position;
    let mut worker = Worker::new(projection.clone(), Limits { events: 10, things: 500, batches: 1, mark: 20 });
    worker.step().await.unwrap();
    let reached = projection.cursor().position;
    let (now, named, at_least) = tokio::join!(
        projection.settle(KnownAt::Now, 0, LATER.parse().unwrap()),
        refused(&projection, KnownAt::Position(head), 0),
        refused(&projection, KnownAt::Now, head),
    );
    assert_eq!(now.unwrap().position, reached, "an answer of now is as of where it stands");
    assert_eq!((named.code, at_least.code), (Code::ProjectionBehind, Code::ProjectionBehind));
}

async fn what_has_not_come_is_refused() {
    let site = Site::of(&posts(53, 4)).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits::default()).await;
    let head = projection.cursor().position;
    assert_eq!(refused(&projection, KnownAt::Position(head + 1), 0).await.code, Code::PositionAhead);
    assert_eq!(refused(&projection, KnownAt::Now, head + 1).await.code, Code::PositionAhead);
    let later: jiff::Timestamp = LATER.parse().unwrap();
    assert_eq!(refused(&projection, KnownAt::Time(later + jiff::SignedDuration::from_secs(1)), 0).await.code, Code::PositionAhead);
    let settled = known(&projection, head / 2).await;
    let next = settled.last_day.tomorrow().unwrap();
    assert_eq!(settled.valid_on(Some(next), None).unwrap_err().code, Code::ValidOnAhead);
    assert_eq!(settled.valid_on(Some(settled.last_day), None), Ok(settled.last_day));
    assert_eq!(settled.valid_on(None, None), Ok(settled.day), "the default is the known day");
    let earlier = settled.day.yesterday().unwrap();
    assert_eq!(settled.valid_on(None, Some(earlier)), Ok(earlier), "or the end of the period");
}
