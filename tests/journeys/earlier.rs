//! Aim: what an earlier program wrote opens, is brought to today's form and goes on; and who may write a log is said by its number.
//!
//! Method: `tests/fixtures/earlier` holds a log as a SQLite file, as rows of Postgres and as the messages of its stream, written by
//! the program of its README. Today's program reads each, appends, answers and relays; the number of the log is then moved under
//! the running server, to what it knows and beyond.

use crate::{nats::start, said};
use async_nats::{HeaderMap, jetstream};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, process::Command};
use tonic::Code as Grpc;
use xiaoer_domain::{Fact, event::FACT_NAMES};
use xiaoer_journal::CONTRACT;
use xiaoer_tests::{Client, Lab, Record, Server, case, compare_with_stream, event, on, postgres, refusal_of, root};
use xiaoer_wire::{parse, v1::Event};

const LOG: &str = "earlier";
const EVENTS: u64 = 91;
/// Number of a program newer than this one.
const NEWER: u32 = CONTRACT + 1;

fn fixture(name: &str) -> String {
    fs::read_to_string(root().join("tests/fixtures/earlier").join(name)).expect("a fixture")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_journal_and_its_stream_go_on() {
    let lab = Lab::new();
    fs::create_dir_all(lab.data().join("journal")).unwrap();
    fs::copy(root().join("tests/fixtures/earlier/journal.db"), lab.data().join("journal/earlier.db")).unwrap();
    let store = tempfile::TempDir::new().unwrap();
    let nats = start(store.path(), None).await;
    let leaves = publish(nats.url()).await;

    let server = lab.serve(nats.url()).await;
    goes_on(&server).await;
    numbers(&lab, &server).await;
    let head = server.client().relayed(LOG).await;
    assert!(head > EVENTS, "the relay went on behind what was there");
    let record = Record::read(&lab.data(), LOG).await;
    compare_with_stream(nats.url(), LOG, &record).await;
    let kept: Vec<String> = record.rows[..leaves.len()].iter().map(|row| hex(&row.leaf_hash)).collect();
    assert_eq!(kept, leaves, "what stood is what stands");
    does_not_start(&lab, server).await;
    nats.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_journal_goes_on() {
    let url = postgres::database("").await;
    postgres::run(&url, &fixture("postgres.sql")).await;
    let lab = Lab::on(&url);
    let server = lab.serve("off").await;
    goes_on(&server).await;
    numbers(&lab, &server).await;
    does_not_start(&lab, server).await;
}

/// Fills the log's stream with the messages of the fixture; gives their leaf hashes.
async fn publish(url: &str) -> Vec<String> {
    let jetstream = jetstream::new(async_nats::connect(url).await.unwrap());
    let (name, subjects) = (format!("XIAOER-{LOG}"), vec![format!("xiaoer.{LOG}.event.>")]);
    jetstream.create_stream(jetstream::stream::Config { name, subjects, ..Default::default() }).await.unwrap();
    let mut leaves = Vec::new();
    for line in fixture("stream.jsonl").lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        message["headers"].as_object().unwrap().iter().for_each(|(name, value)| headers.insert(name.as_str(), &*text(value)));
        leaves.push(text(&message["headers"]["Xiaoer-Leaf-Hash"]));
        let (subject, body) = (text(&message["subject"]), text(&message["body"]));
        let stored = jetstream.publish_with_headers(subject, headers, body.into()).await.unwrap().await.unwrap();
        assert_eq!(stored.sequence, leaves.len() as u64);
    }
    leaves
}

/// Every event is read, the figures are there, what is repeated is known, and what is new follows.
async fn goes_on(server: &Server) {
    let mut client = server.client();
    let history = client.history(LOG, 0).await;
    assert_eq!(history.len() as u64, EVENTS);
    assert_eq!(
        client.log(&format!("{LOG}-access")).await.position,
        2,
        "that it was read is recorded, in a log that came with the start"
    );
    let fact = |event: &Event| parse::event(event, &jiff::tz::TimeZone::UTC).unwrap().fact.name();
    let names: BTreeSet<_> = history.iter().map(|recorded| fact(recorded.event.as_ref().unwrap())).collect();
    assert_eq!(
        names,
        FACT_NAMES.iter().copied().filter(|name| Fact::contract_of(name) == 1).collect(),
        "every fact of its time is there"
    );
    assert_eq!(client.projected(LOG).await, EVENTS);
    let figure = client.metric(LOG, "on_time_rate_promised", ("2026-01-01", "2026-12-31"), "").await.unwrap();
    assert!(figure.denominator > 0, "{figure:?}");
    let last = history.last().unwrap();
    let repeat = client.post(LOG, vec![last.event.clone().unwrap()]).await.unwrap().receipts.remove(0);
    assert_eq!((repeat.duplicate, repeat.position), (true, EVENTS));
    assert_eq!(note(&mut client, 1).await.unwrap(), EVENTS + 1);
}

/// Posts an event of the first contract; gives its position.
async fn note(client: &mut Client, minute: u32) -> Result<u64, (String, String, Grpc)> {
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    let events = vec![event(&case(&format!("new-{minute}")), &format!("2026-04-21T09:{minute:02}:00+08:00"), received)];
    client.post(LOG, events).await.map(|mut response| response.receipts.remove(0).position).map_err(|status| refusal_of(&status))
}

/// An event of the second contract, which nobody may post at all: who refuses it says whether the log takes its form.
async fn newer(client: &mut Client) -> (String, String, Grpc) {
    let recovered = json!({"logRecovered": {"incarnation": 2, "keptPosition": "1", "lostFrom": "2", "lostTo": "2", "reason": "x",
                                            "lostLeafHash": "A".repeat(43) + "="}});
    let posted = client.post(LOG, vec![event(&on("log", LOG), "2026-04-21T09:00:00+08:00", recovered)]).await;
    refusal_of(&posted.unwrap_err())
}

async fn numbers(lab: &Lab, server: &Server) {
    let mut client = server.client();
    assert_eq!(client.log(LOG).await.contract, 1);
    let early = ("XE-CONTRACT-NOT-FINALIZED".into(), "events[0].fact".into(), Grpc::FailedPrecondition);
    assert_eq!(newer(&mut client).await, early);
    let shown = crate::lines(&mut lab.offline(&["upgrade", "--json"]));
    let of_readers = json!({"log": format!("{LOG}-access"), "contract": CONTRACT, "program": CONTRACT});
    assert_eq!(shown, [json!({"log": LOG, "contract": 1, "program": CONTRACT}), of_readers]);
    assert_eq!(newer(&mut client).await, early, "to look changes nothing");
    let (status, text) = said(&mut lab.offline(&["upgrade", "--finalize", "--log", "none"]));
    assert!(status == 1 && text.contains("XE-LOG-UNKNOWN"), "{status}: {text}");

    // By another process, beside the server.
    let (status, text) = said(&mut lab.offline(&["upgrade", "--finalize", "--log", LOG]));
    assert!(status == 0 && text.contains(&format!("contract {CONTRACT}")), "{status}: {text}");
    assert_eq!(newer(&mut client).await.0, "XE-LOG-RECOVERED", "it takes the form, and refuses the post");
    assert_eq!(client.log(LOG).await.contract, CONTRACT);
    client.open("new", false).await;
    assert_eq!(client.log("new").await.contract, CONTRACT, "a new log begins with the newest number");

    // A newer program than this one finalizes the log.
    let before = client.log(LOG).await.position;
    lab.sql(LOG, &format!("UPDATE log SET contract = {NEWER} WHERE name = '{LOG}'")).await;
    for minute in [2, 3] {
        assert_eq!(note(&mut client, minute).await.unwrap_err(), ("XE-CONTRACT-NEWER".into(), String::new(), Grpc::Unavailable));
    }
    too_old(&mut lab.offline(&["upgrade", "--finalize"]));
    lab.sql(LOG, &format!("UPDATE log SET contract = {CONTRACT} WHERE name = '{LOG}'")).await;
    assert_eq!(client.log(LOG).await.position, before, "nothing was written meanwhile");
    assert_eq!(note(&mut client, 2).await.unwrap(), before + 1, "and nothing in memory was spoilt");
}

/// A program that would start on a log of a newer one ends, and says which program is needed.
async fn does_not_start(lab: &Lab, server: Server) {
    assert!(server.stop().await.success());
    lab.sql(LOG, &format!("UPDATE log SET contract = {NEWER} WHERE name = '{LOG}'")).await;
    too_old(&mut lab.command("off"));
}

fn too_old(command: &mut Command) {
    let (status, text) = said(command);
    assert!(
        status == 1 && text.contains(&format!("XE-CONTRACT-NEWER: log earlier has contract number {NEWER}")),
        "{status}: {text}"
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
