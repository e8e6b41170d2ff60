//! Aim: what `xiaoer bench` measures is what it says: each call is an event of the log or none, a rate is kept, and a raw limit copies
//! every row and leaves nothing behind. Figures are not looked at here.

use crate::lines;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};
use std::{fs, path::Path};
use xiaoer_tests::{Lab, Server, command, postgres, root};

const LOG: &str = "bench";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let head = posted(&server).await;
    let folder = lab.data().join("journal");
    raw(&server, folder.join("bench.db").to_str().unwrap(), head);
    raw_relay(&server, folder.to_str().unwrap(), &lab.data(), head);
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("raw")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    let url = postgres::database("").await;
    let lab = Lab::on(&url);
    let server = lab.serve("off").await;
    let head = posted(&server).await;
    // Beside the log stands that of who read it.
    let read = server.client().log(&format!("{LOG}-access")).await.position;
    raw(&server, &url, head + read);
    raw_relay(&server, &url, &lab.data(), head);
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let copies = sqlx::query_scalar("SELECT COUNT(*) FROM information_schema.tables WHERE table_name IN ('copy', 'head')");
    let copies: i64 = copies.fetch_one(&mut connection).await.unwrap();
    assert_eq!(copies, 0);
}

/// Posts in each way; gives the head after it.
async fn posted(server: &Server) -> u64 {
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut head = client.log(LOG).await.position;
    // Seven events of each of 172 cases; the four streams take as many cases each.
    let found = bench(server, &["stream", "--events", "1204", "--case-events", "7", "--reads", "20"]);
    assert_eq!(counts(&found), [("post_stream", 1_204), ("get_state", 20), ("get_metric", 1)]);
    head += 1_204;
    assert_eq!(client.log(LOG).await.position, head);

    let found = bench(server, &["unary", "--calls", "100", "--in-flight", "8"]);
    assert_eq!(counts(&found), [("noop_unary", 100), ("post_unary", 100)]);
    head += 100;
    assert_eq!(client.log(LOG).await.position, head, "the calls that do nothing do nothing");

    let found = bench(server, &["unary", "--calls", "100", "--rate", "200"]);
    assert_eq!(counts(&found), [("post_unary", 100)]);
    let rate = found[0]["per_second"].as_f64().unwrap();
    assert!(rate < 210.0, "{rate} a second");
    assert_eq!(counts(&bench(server, &["fresh", "--times", "3"])), [("receipt_to_metric", 3)]);
    let read = bench(server, &["replay", "--cases", "2", "--calls", "21", "--in-flight", "4"]);
    assert_eq!(counts(&read), [("replay", 20)]);
    head += 20;
    let found = bench(server, &["clocks", "--cases", "2000"]);
    assert_eq!(counts(&found), [("clocks", 2_000), ("calendar_counts", 2_000)], "they touch no log");
    head += 103;
    assert_eq!(client.log(LOG).await.position, head);
    head
}

fn raw(server: &Server, at: &str, head: u64) {
    for batch in ["1000", "1"] {
        assert_eq!(counts(&bench(server, &["raw", at, "--batch", batch])), [("raw_rows", head)]);
    }
    assert_eq!(counts(&bench(server, &["raw", at, "--rows", "7"])), [("raw_rows", 7)]);
}

/// Whole batches only.
fn raw_relay(server: &Server, at: &str, data: &Path, head: u64) {
    let (store, tools) = (data.join("raw-nats"), root().join(".tools"));
    let found = bench(server, &["raw-relay", at, "--store", store.to_str().unwrap(), "--tools", tools.to_str().unwrap()]);
    assert_eq!(counts(&found), [("raw_batches", head / 1_000 * 1_000)]);
    assert!(!store.exists());
}

fn bench(server: &Server, args: &[&str]) -> Vec<Value> {
    lines(command(server).args(["--json", "--log", LOG, "bench"]).args(args))
}

fn counts(found: &[Value]) -> Vec<(&str, u64)> {
    found.iter().map(|line| (line["what"].as_str().unwrap(), line["count"].as_u64().unwrap())).collect()
}
