//! UmaDB: an event is appended unless its case got another one since the position that the sender knows of it.

use crate::load::{CASE_EVENTS, Times, case_name, measure, payload};
use std::{sync::Arc, time::Instant};
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbEventStoreAsync as _, DcbQuery, DcbQueryItem};
use uuid::Uuid;

const STREAMS: usize = 4;
const BATCH_EVENTS: u64 = 100;

/// Measures `calls` appends of one event each, for each number in flight, and `events` events in batches.
pub async fn run(url: &str, calls: u64, events: u64) -> anyhow::Result<()> {
    let client = Arc::new(connect(url).await?);
    for in_flight in [64, 256] {
        let client = Arc::clone(&client);
        let case = move |_, times| a_case(Arc::clone(&client), times);
        measure(&format!("umadb_append_{in_flight}"), in_flight, calls / CASE_EVENTS, CASE_EVENTS, case).await?;
    }
    let mut clients = Vec::new();
    for _ in 0..STREAMS {
        clients.push(Arc::new(connect(url).await?));
    }
    let batch = move |worker: usize, times| a_batch(Arc::clone(&clients[worker]), times);
    measure("umadb_batches", STREAMS, events / BATCH_EVENTS, BATCH_EVENTS, batch).await
}

async fn connect(url: &str) -> anyhow::Result<AsyncUmaDbClient> {
    Ok(UmaDbClient::new(url.to_owned()).connect_async().await?)
}

fn event(tag: &str, step: u64) -> DcbEvent {
    DcbEvent::new().event_type("CaseStepDone").tags([tag]).data(payload(step)).uuid(Uuid::now_v7())
}

async fn a_case(client: Arc<AsyncUmaDbClient>, mut times: Times) -> anyhow::Result<Times> {
    let (tag, mut last) = (format!("case:{}", case_name()), None);
    for step in 0..CASE_EVENTS {
        let of_case = DcbQuery::new().item(DcbQueryItem::new().tags([&*tag]));
        let unless_another = DcbAppendCondition::new(of_case).after(last);
        let event = event(&tag, step);
        let sent = Instant::now();
        last = Some(client.append(vec![event], Some(unless_another), None).await?);
        times.record(sent);
    }
    Ok(times)
}

async fn a_batch(client: Arc<AsyncUmaDbClient>, mut times: Times) -> anyhow::Result<Times> {
    let mut events = Vec::new();
    while (events.len() as u64) < BATCH_EVENTS {
        let tag = format!("case:{}", case_name());
        events.extend((0..CASE_EVENTS).map(|step| event(&tag, step)));
    }
    let sent = Instant::now();
    client.append(events, None, None).await?;
    times.record(sent);
    Ok(times)
}
