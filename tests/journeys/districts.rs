//! Aim: a province: 120 logs over two databases, served by two servers. Whichever server a log was opened on, both serve it, each log
//! lies in the database that its name belongs to, and one question over a hundred of them gets one answer.

use sqlx::Connection as _;
use std::{collections::BTreeMap, fs, process::Command};
use tonic::Code as Grpc;
use xiaoer::simulate::bench_case;
use xiaoer_tests::{Lab, Server, postgres, refusal_of, scope, until};
use xiaoer_wire::v1::{GetMetricRequest, GetStatusRequest, OpenLogRequest};

const LOGS: usize = 120;
const EVENTS: u64 = 10;
/// Each question may name this many.
const ASKED: usize = 100;

fn name(n: usize) -> String {
    let district = if n.is_multiple_of(2) { 3703 } else { 3706 };
    format!("{district}{n:03}")
}

/// A server with the two databases in its configuration; the URL of the second stands in a file.
async fn serve(lab: &Lab, urls: &[String; 2]) -> Server {
    fs::create_dir_all(lab.data()).unwrap();
    fs::write(lab.data().join("second.url"), format!("{}\n", urls[1])).unwrap();
    let config = lab.data().join("xiaoer.toml");
    let text = format!(
        "[[database]]\nurl = \"{}\"\nlogs = [\"3703*\", \"twice\"]\n[[database]]\nurl_file = \"second.url\"\nlogs = [\"3706*\", \"t*\"]\n",
        urls[0]
    );
    fs::write(&config, text).unwrap();
    lab.serve_with("off", |command: &mut Command| _ = command.arg("--config").arg(&config)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_of_two_databases_on_two_servers() {
    let urls = [postgres::database("").await, postgres::database("").await];
    let labs = [Lab::new(), Lab::new()];
    let servers = [serve(&labs[0], &urls).await, serve(&labs[1], &urls).await];
    for n in 0..LOGS {
        let request = OpenLogRequest { log: name(n), without_seed: true, ..OpenLogRequest::default() };
        servers[n % 3 % 2].client().admin.open_log(request).await.expect("it opens");
    }
    for (log, places) in [("4403", "0"), ("twice", "2")] {
        let refused = servers[0].client().admin.open_log(OpenLogRequest { log: log.into(), ..OpenLogRequest::default() }).await;
        let refused = refused.unwrap_err();
        assert_eq!(refusal_of(&refused), ("XE-LOG-UNPLACED".into(), "log".into(), Grpc::FailedPrecondition), "{log}");
        assert!(refused.message().contains(places), "{log}: {refused}");
    }
    for server in &servers {
        until("both serve every log", async || {
            let status = server.client().admin.get_status(GetStatusRequest {}).await.expect("a status").into_inner();
            // Each with the log of who reads it.
            (status.logs.len() == 2 * LOGS).then_some(())
        })
        .await;
    }
    // What is counted must have happened in the period.
    let run = jiff::Timestamp::now().as_microsecond().unsigned_abs();
    // Each log is written through the server that did not open it.
    for n in 0..LOGS {
        let events = bench_case(run, n as u64).collect();
        let posted = servers[1 - n % 3 % 2].client().post(&name(n), events).await.expect("receipts");
        assert_eq!(posted.receipts.last().unwrap().position, 1 + EVENTS);
    }
    for server in &servers {
        for n in 0..ASKED {
            server.client().projected(&name(n)).await;
        }
        let mut asked = scope("", ("2020-01-01", "2030-12-31"), "");
        asked.logs = (0..ASKED).map(name).collect();
        let request = GetMetricRequest { metric_id: "on_time_rate_promised".into(), scope: Some(asked) };
        let value = server.client().metrics.get_metric(request).await.expect("a figure").into_inner();
        let positions: BTreeMap<_, _> = value.positions.iter().map(|at| (at.log.clone(), at.position)).collect();
        assert_eq!(positions, (0..ASKED).map(|n| (name(n), 1 + EVENTS)).collect(), "a position for each log");
        let members = value.numerator + value.denominator + value.unknown + value.excluded;
        assert!(members >= ASKED as u64, "a case of each log: {value:?}");
    }
    for (n, url) in urls.iter().enumerate() {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        let names: Vec<String> = sqlx::query_scalar("SELECT name FROM log ORDER BY name").fetch_all(&mut connection).await.unwrap();
        let expected = (0..LOGS).filter(|log| log % 2 == n).map(name).flat_map(|log| [log.clone(), format!("{log}-access")]);
        assert_eq!(names, expected.collect::<Vec<_>>());
    }
    for server in servers {
        assert!(server.stop().await.success());
    }
}
