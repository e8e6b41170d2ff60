//! Aim: what an auditor reads is whole, in order, and stays as it was.
//!
//! Method: a small synthetic district is posted by the program's own command; it is read while more is posted.

use crate::{lines, said};
use std::collections::HashSet;
use tokio::time::timeout;
use xiaoer_tests::{Client, ITEM, Lab, PATIENCE, Server, case, command, event, refusal_of};
use xiaoer_wire::v1::{
    CaseRow, ListCasesRequest, PostMode, RecordedEvent, SubscribeRequest, SubscribeResponse, subscribe_response::Step,
};

const LOG: &str = "demo";

fn simulated(server: &Server) {
    let summary = lines(command(server).args(["--log", LOG, "--json", "simulate", "--cases", "60"])).remove(0);
    assert_eq!(summary["refused"].as_u64(), Some(0), "{summary}");
    assert!(summary["recorded"].as_u64() > Some(500) && summary["repeated"].as_u64() > Some(0), "{summary}");
}

fn received(id: &str) -> xiaoer_wire::v1::Event {
    let fact = serde_json::json!({"caseReceived": {"itemCode": ITEM, "channel": "CHANNEL_ONLINE"}});
    event(&case(id), "2026-11-01T09:00:00+08:00", fact)
}

async fn tell(client: &mut Client, id: &str) -> u64 {
    client.tell(LOG, received(id), PostMode::Strict, Some("2026-11-01T09:00:00+08:00")).await.unwrap().position
}

async fn next(steps: &mut tonic::Streaming<SubscribeResponse>) -> Option<Step> {
    timeout(PATIENCE, steps.message()).await.expect("a step in time").expect("a step").and_then(|step| step.step)
}

/// Reads events until a position.
async fn until(steps: &mut tonic::Streaming<SubscribeResponse>, position: u64) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    loop {
        match next(steps).await.expect("it goes on") {
            Step::Event(event) => events.push(event),
            Step::Progress(_) => {}
        }
        if events.last().is_some_and(|event| event.position >= position) {
            return events;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_goes_through_history_into_live_without_a_hole() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    simulated(&server);
    let mut client = server.client();
    let head = client.log(LOG).await.position;
    let ask = |after: u64| SubscribeRequest { log: LOG.into(), after_position: after, ..SubscribeRequest::default() };
    let mut steps = client.audit.subscribe(ask(0)).await.unwrap().into_inner();
    let mut events = until(&mut steps, head).await;
    let mut last = 0;
    for n in 0..50 {
        last = tell(&mut client, &format!("live-{n}")).await;
    }
    events.extend(until(&mut steps, last).await);
    let positions: Vec<u64> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
    let recorded: Vec<_> = events.iter().map(|event| event.recorded_at.unwrap().to_jiff().unwrap()).collect();
    assert!(recorded.is_sorted(), "time and position agree");

    // A cursor of (position, leaf hash) goes on where it was; one that the log does not hold is refused.
    let at = events[usize::try_from(head).unwrap() - 1].clone();
    let mut cursor = ask(head);
    cursor.after_leaf_hash = at.leaf_hash.clone();
    let mut steps = client.audit.subscribe(cursor.clone()).await.unwrap().into_inner();
    assert_eq!(until(&mut steps, last).await.len() as u64, last - head);
    cursor.after_leaf_hash = events[0].leaf_hash.clone();
    let status = client.audit.subscribe(cursor).await.unwrap_err();
    assert_eq!(refusal_of(&status).0, "XE-LOG-REWOUND");

    // Filters leave out, and the progress says up to where.
    type Is = fn(&RecordedEvent) -> bool;
    let filters: [(&str, SubscribeRequest, Is); 3] = [
        ("kind", SubscribeRequest { kinds: vec!["contact".into()], ..ask(0) }, |event| subject_kind(event) == "contact"),
        ("type", SubscribeRequest { types: vec!["CaseReceived".into()], ..ask(0) }, |event| fact(event) == "CaseReceived"),
        ("subject", SubscribeRequest { subject: Some(case("live-7")), ..ask(0) }, |event| {
            event.event.as_ref().unwrap().subject == Some(case("live-7"))
        }),
    ];
    for (name, mut request, is) in filters {
        request.history_only = true;
        let mut steps = client.audit.subscribe(request).await.unwrap().into_inner();
        let (mut found, mut progress) = (Vec::new(), 0);
        while let Some(step) = next(&mut steps).await {
            match step {
                Step::Event(event) => found.push(event),
                Step::Progress(at) => progress = at.position,
            }
        }
        let expected: Vec<_> = events.iter().filter(|event| is(event)).cloned().collect();
        assert!(!expected.is_empty(), "{name}");
        assert_eq!((found, progress), (expected, last), "{name}");
    }

    // A live one ends with the server, and says so.
    let mut steps = client.audit.subscribe(ask(last)).await.unwrap().into_inner();
    assert!(matches!(next(&mut steps).await, Some(Step::Progress(_))), "it has come to the end");
    server.ask_to_stop();
    let ended = loop {
        if let Err(status) = timeout(PATIENCE, steps.message()).await.expect("an end in time") {
            break status;
        }
    };
    assert_eq!(refusal_of(&ended).0, "XE-STOPPING", "{ended:?}");
    assert!(server.stop().await.success());
}

fn subject_kind(event: &RecordedEvent) -> &str {
    &event.event.as_ref().unwrap().subject.as_ref().unwrap().kind
}

fn fact(event: &RecordedEvent) -> String {
    let json = serde_json::to_value(event.event.as_ref().unwrap()).unwrap();
    if json.get("caseReceived").is_some() { "CaseReceived".into() } else { String::new() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_cases_fit_each_other_while_more_come() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    simulated(&server);
    let mut client = server.client();
    client.projected(LOG).await;
    let ask = |page_size, page_token: &str| ListCasesRequest {
        log: LOG.into(),
        page_size,
        page_token: page_token.into(),
        ..ListCasesRequest::default()
    };
    let whole = client.audit.list_cases(ask(1_000, "")).await.unwrap().into_inner();
    assert!(whole.cases.len() > 50, "{}", whole.cases.len());
    assert_eq!((whole.next_page_token.as_str(), whole.synthetic), ("", true));
    let (mut pages, mut token) = (Vec::<CaseRow>::new(), String::new());
    for n in 0.. {
        let page = client.audit.list_cases(ask(7, &token)).await.unwrap().into_inner();
        assert!(page.cases.len() <= 7 && page.position == whole.position);
        pages.extend(page.cases);
        if page.next_page_token.is_empty() {
            break;
        }
        token = page.next_page_token;
        tell(&mut client, &format!("between-{n}")).await;
    }
    assert_eq!(pages, whole.cases, "a list is of one moment");
    let states: HashSet<_> = whole.cases.iter().map(|case| case.state.clone()).collect();
    assert!(states.len() > 3, "{states:?}");
    for state in states {
        let filtered =
            client.audit.list_cases(ListCasesRequest { state: state.clone(), ..ask(1_000, "") }).await.unwrap().into_inner();
        assert!(!filtered.cases.is_empty() && filtered.cases.iter().all(|case| case.state == state), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_show_it_to_people_and_say_how_they_ended() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    simulated(&server);
    server.client().projected(LOG).await;
    let cases =
        server.client().audit.list_cases(ListCasesRequest { log: LOG.into(), ..ListCasesRequest::default() }).await.unwrap();
    let subject = cases.into_inner().cases.remove(0).subject.unwrap();
    let table: [(&[&str], i32, &str); 17] = [
        (&["replay", &subject.system, &subject.id], 0, "CaseReceived"),
        (&["replay", &subject.system, &subject.id, "--lang", "zh"], 0, "收件"),
        (&["--json", "replay", &subject.system, &subject.id], 0, "\"countsOn\""),
        (&["metrics", "--from", "2026-01-01", "--to", "2026-06-30"], 0, "on_time_rate_promised"),
        (
            &[
                "metrics",
                "on_time_rate_promised",
                "--from",
                "2026-01-01",
                "--to",
                "2026-06-30",
                "--series",
                "month",
                "--by",
                "unit",
            ],
            0,
            "1137",
        ),
        (&["explain", "visit_rate_case", "--from", "2026-01-01", "--to", "2026-06-30"], 0, "case"),
        (&["explain", "deadline", &subject.system, &subject.id, "--clock", "receipt"], 0, "the first day is not counted"),
        (&["explain", "deadline", &subject.system, &subject.id, "--clock", "receipt", "--lang", "zh"], 0, "行政许可法"),
        (&["--json", "explain", "deadline", &subject.system, &subject.id, "--clock", "receipt"], 0, "\"day_zero\""),
        (&["explain", "deadline", &subject.system, &subject.id, "--clock", "tea"], 1, "XE-FIELD-INVALID"),
        (&["explain"], 2, "<ID>"),
        (&["status"], 0, LOG),
        (&["replay", "nobody", "0"], 1, "XE-SUBJECT-UNKNOWN"),
        (&["metrics", "no_such_metric"], 1, "XE-METRIC-UNKNOWN"),
        (&["metrics", "--known-at", "yesterday"], 2, "--known-at"),
        (&["nonsense"], 2, "nonsense"),
        (&["--server", "http://127.0.0.1:1", "status"], 3, "no server"),
    ];
    for (args, status, expected) in table {
        let (code, text) = said(command(&server).args(["--log", LOG]).args(args));
        assert_eq!(code, status, "{args:?}: {text}");
        assert!(text.contains(expected), "{args:?}: {text}");
    }
    // A second start finds everything again, and filling what is filled does nothing.
    let head = server.client().log(LOG).await;
    assert!(server.stop().await.success());
    let server = lab.serve("off").await;
    assert_eq!(said(command(&server).args(["--log", LOG, "simulate", "--if-empty"])).0, 0);
    let again = server.client().log(LOG).await;
    assert_eq!((again.position, again.leaf_hash), (head.position, head.leaf_hash));
}
