//! Clients that do their worst, so that what others notice of it can be measured beside them. Each goes on until it is stopped; what the
//! server refuses or cuts is begun anew, since whoever means it would do so.

use crate::{
    cli::{To, bench::Abuse},
    client::{Failure, connect, say, say_json},
};
use anyhow::Context;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};
use xiaoer_server::Connection;
use xiaoer_wire::v1::{
    Event, GetStateRequest, PostRequest, Subject, SubscribeRequest, audit_service_client::AuditServiceClient,
    posting_service_client::PostingServiceClient,
};

/// Connections on which nothing is called.
const IDLE: usize = 5_000;
/// Connections that are made at once.
const AT_ONCE: usize = 50;
/// Readers that read nothing, and over how many connections.
const SLOW: [usize; 2] = [200, 4];
/// Bytes of a round of requests, and of one of them: just below the largest message that is taken.
const FLOOD_BYTES: [usize; 2] = [100_000_000, (8 << 20) - 1_024];
/// Connections that never say what they want.
const LORIS: usize = 500;
/// The beginning of a handshake that says it has 512 bytes.
const HELLO: [u8; 9] = [22, 3, 1, 2, 0, 1, 0, 1, 252];
/// Between two calls that are cancelled.
const CANCEL_EVERY: Duration = Duration::from_millis(1);

#[derive(Serialize)]
struct Begun {
    what: &'static str,
}

/// Says that it has begun, so that whoever measures may begin.
fn begun(to: &To) -> Result<(), Failure> {
    if to.json {
        return say_json(&Begun { what: "begun" });
    }
    say("begun");
    Ok(())
}

/// Does its worst for ever.
pub(super) async fn run(to: &To, how: Abuse) -> Result<(), Failure> {
    match how {
        Abuse::Idle => idle(to).await,
        Abuse::Slow => slow(to).await,
        Abuse::Flood => flood(to).await,
        Abuse::Loris => loris(to).await,
        Abuse::Cancel => cancel(to).await,
    }
}

async fn idle(to: &To) -> Result<(), Failure> {
    let mut made = JoinSet::new();
    for first in 0..AT_ONCE {
        let to = to.clone();
        made.spawn(async move {
            let mut held: Vec<Connection> = Vec::new();
            for _ in (first..IDLE).step_by(AT_ONCE) {
                held.push(connect(&to).await?);
            }
            Ok::<_, Failure>(held)
        });
    }
    let mut held = Vec::new();
    while let Some(some) = made.join_next().await {
        held.extend(some.map_err(anyhow::Error::from)??);
    }
    begun(to)?;
    std::future::pending::<()>().await;
    drop(held);
    Ok(())
}

async fn slow(to: &To) -> Result<(), Failure> {
    let [readers, over] = SLOW;
    let mut connections = Vec::new();
    for _ in 0..over {
        connections.push(connect(to).await?);
    }
    let mut said = false;
    loop {
        let mut held = Vec::new();
        for n in 0..readers {
            let mut client = AuditServiceClient::new(connections[n % connections.len()].clone());
            let request = SubscribeRequest { log: to.log.clone(), ..SubscribeRequest::default() };
            held.push(client.subscribe(request).await?);
        }
        if !std::mem::replace(&mut said, true) {
            begun(to)?;
        }
        // About when the server ends them.
        sleep(Duration::from_secs(30)).await;
    }
}

async fn flood(to: &To) -> Result<(), Failure> {
    let [all, one] = FLOOD_BYTES;
    let mut client = PostingServiceClient::new(connect(to).await?);
    let event = Event { subject: Some(Subject { id: "a".repeat(4_000), ..Subject::default() }), ..Event::default() };
    let events = vec![event; one / 4_010];
    begun(to)?;
    loop {
        for _ in 0..all.div_ceil(one) {
            // It is refused: that is what is asked for.
            let _ = client.post(PostRequest { log: to.log.clone(), events: events.clone(), ..PostRequest::default() }).await;
        }
    }
}

async fn loris(to: &To) -> Result<(), Failure> {
    let (_, address) = to.server.split_once("://").context("a URL")?;
    let mut all = JoinSet::new();
    for _ in 0..LORIS {
        let address = address.to_owned();
        all.spawn(async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(&address).await else {
                    sleep(Duration::from_secs(1)).await;
                    continue;
                };
                for byte in HELLO.iter().chain(std::iter::repeat(&0)) {
                    let cut = timeout(Duration::from_secs(1), stream.read_u8()).await.is_ok();
                    if cut || stream.write_all(&[*byte]).await.is_err() {
                        break;
                    }
                }
            }
        });
    }
    begun(to)?;
    while all.join_next().await.is_some() {}
    Ok(())
}

async fn cancel(to: &To) -> Result<(), Failure> {
    let client = AuditServiceClient::new(connect(to).await?);
    // As many as were begun and not yet dropped: a client that makes more than it can is no better at it.
    let room = Arc::new(Semaphore::new(1_000));
    let mut every = interval(CANCEL_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Burst);
    begun(to)?;
    for number in 0_u64.. {
        every.tick().await;
        let permit = Arc::clone(&room).acquire_owned().await.map_err(anyhow::Error::from)?;
        let (mut client, log) = (client.clone(), to.log.clone());
        tokio::spawn(async move {
            let subject = Some(Subject { kind: "case".into(), system: "bench".into(), id: number.to_string() });
            let request = GetStateRequest { log, subject, ..GetStateRequest::default() };
            let _ = timeout(Duration::from_millis(number % 3), client.get_state(request)).await;
            drop(permit);
        });
    }
    Ok(())
}
