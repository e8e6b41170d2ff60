//! Aim: a real log of a municipality, imported through the port, has the figures that other programs worked out from the same file;
//! importing it again, or shuffled and with a server that is killed in the middle, changes none of them.

use crate::lines;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use xiaoer_tests::{Client, Lab, Server, command, reference, root, scope};
use xiaoer_wire::v1::{ExplainMetricRequest, GetMetricRequest, GetSeriesRequest, SeriesStep, Standing};

const LOG: &str = "receipt";
/// Where the log is killed: after the first part of its 11,340 events.
const SOME: u64 = 2_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_log_once_and_again() {
    let (Some(log), Some(days)) = (reference("receipt/receipt.xes.gz"), reference("receipt/figures.backlog.csv")) else { return };
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let first = import(&server, &log, &[]);
    assert_eq!((first["recorded"].as_u64(), first["refused"].as_u64()), (Some(11_340), Some(0)));
    let mut client = server.client();
    let head = client.projected(LOG).await;
    figures(&mut client, &days).await;
    clocks_are_unknown(&mut client).await;

    let again = import(&server, &log, &[]);
    assert_eq!((again["recorded"].as_u64(), again["repeated"].as_u64()), (Some(0), Some(11_340)), "nothing is recorded twice");
    assert_eq!(client.projected(LOG).await, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shuffled_and_killed_in_the_middle() {
    let (Some(log), Some(days)) = (reference("receipt/receipt.xes.gz"), reference("receipt/figures.backlog.csv")) else { return };
    let lab = Lab::new();
    let mut server = lab.serve("off").await;
    let mut importing = importer(&server, &log, &["--shuffle", "7"]).spawn().unwrap();
    let mut client = server.client();
    client.opened(LOG).await;
    while client.log(LOG).await.position < SOME {
        assert!(importing.try_wait().unwrap().is_none(), "it is not through yet");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    server = lab.serve("off").await;
    // The same command goes on by itself: what had no answer is posted again.
    assert!(importing.wait().unwrap().success());
    let mut client = server.client();
    assert_eq!(client.projected(LOG).await, 11_341);
    figures(&mut client, &days).await;
    clocks_are_unknown(&mut client).await;
}

fn importer(server: &Server, log: &PathBuf, more: &[&str]) -> std::process::Command {
    let mut import = command(server);
    import.args(["--log", LOG, "--json", "import", "xes"]).arg(log).args(["--open", "UTC", "--mapping"]);
    import.arg(root().join("examples/mappings/receipt.toml")).args(more);
    import
}

fn import(server: &Server, log: &PathBuf, more: &[&str]) -> serde_json::Value {
    lines(&mut importer(server, log, more)).remove(0)
}

/// Cases, events, and the cases open at the end of every day of the reference.
async fn figures(client: &mut Client, days: &PathBuf) {
    for (metric, expected) in [("diag_cases", 1_434.0), ("diag_source_events", 8_577.0)] {
        let value = client.metric(LOG, metric, ("", ""), "").await.unwrap();
        assert_eq!(value.value, Some(expected), "{metric}");
    }
    let text = std::fs::read_to_string(days).unwrap();
    let expected: BTreeMap<String, f64> =
        text.lines().skip(1).map(|line| (line[..10].to_owned(), line.rsplit(',').next().unwrap().parse().unwrap())).collect();
    let (first, last) = (expected.keys().next().unwrap(), expected.keys().next_back().unwrap());
    let request = GetSeriesRequest {
        metric_id: "diag_open_cases".into(),
        scope: Some(scope(LOG, (first, last), "")),
        step: SeriesStep::Day.into(),
        by: String::new(),
    };
    let points = client.metrics.get_series(request).await.unwrap().into_inner().points;
    let found: BTreeMap<String, f64> =
        points.into_iter().map(|point| (point.period.unwrap().to, point.value.unwrap().value.unwrap())).collect();
    assert_eq!(found, expected, "open cases by day");
}

/// The log has no item limits: no legal clock is known, and the unknown buckets hold every accepted case.
async fn clocks_are_unknown(client: &mut Client) {
    let mut with = scope(LOG, ("", ""), "");
    with.r#where.push(xiaoer_wire::v1::Dimension { name: "kind".into(), value: "CaseAccepted".into() });
    let request = GetMetricRequest { metric_id: "diag_cases_with".into(), scope: Some(with) };
    let accepted = client.metrics.get_metric(request).await.unwrap().into_inner().numerator;
    assert!(accepted > 1_000, "most cases are accepted: {accepted}");
    let value = client.metric(LOG, "on_time_rate_statutory", ("", ""), "").await.unwrap();
    assert_eq!((value.value, value.numerator, value.denominator, value.excluded), (None, 0, 0, 0), "{value:?}");
    assert_eq!(value.unknown, accepted);
    let request = ExplainMetricRequest { metric_id: "on_time_rate_statutory".into(), scope: Some(scope(LOG, ("", ""), "")) };
    let mut members = client.audit.explain_metric(request).await.unwrap().into_inner();
    let mut seen = 0;
    while let Some(member) = members.message().await.unwrap() {
        assert_eq!((member.standing(), member.why.as_str()), (Standing::Unknown, "no_item_version"));
        seen += 1;
    }
    assert_eq!(seen, accepted, "behind the figure stand its members");
}
