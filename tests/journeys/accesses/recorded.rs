//! What was answered stands in the access log, whatever happens next, and says nothing of the answer.

use super::{ACCESS, LIST, LOG, SEALED, code, drained, events_of, fill, note, received, records, replay_of, state_of, texts};
use futures::future::join_all;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tonic::Status;
use xiaoer::splitmix::SplitMix;
use xiaoer_tests::{Client, Lab, UNIT, case, event, on, refusal_of, registry, scope};
use xiaoer_wire::v1::{
    AccessRecorded, Event, ExplainDeadlineRequest, ExplainMetricRequest, GetRequest, GetStateRequest, ListCasesRequest,
    OpenLogRequest, PutRequest, ReplayRequest, RetentionClass, Subject, SubscribeRequest, VaultKind, event::Fact,
};

/// Reads at a time.
const READERS: u64 = 4;
const KILLS: u64 = 5;

/// Reads until the server is gone; gives each thing that was asked about with the code that it was answered with.
async fn read_on(mut client: Client, reader: u64, run: u64, answered: &AtomicU64) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for n in 0.. {
        // Every other one is there; each is asked about once in the whole test.
        let id = if n % 2 == 0 { "A".to_owned() } else { format!("none-{run}-{reader}-{n}") };
        let outcome: Result<(), Status> = if n % 4 < 2 {
            client.audit.get_state(state_of(LOG, &id)).await.map(drop)
        } else {
            let (steps, ended) = drained(client.audit.replay(replay_of(LOG, &id)).await).await;
            // A message that has come is an answer, whatever became of the rest.
            if steps.is_empty() { ended.map_or(Ok(()), Err) } else { Ok(()) }
        };
        match outcome.map_err(|status| code(&status)) {
            Ok(()) => told.push((id, String::new())),
            Err(code) if code == "XE-SUBJECT-UNKNOWN" => told.push((id, code)),
            Err(_) => return told,
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    told
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_right_after_answers() {
    let lab = Lab::new();
    let mut server = lab.serve("off").await;
    server.client().open(LOG, false).await;
    server.client().post(LOG, vec![received("A", UNIT)]).await.expect("a receipt");
    let seed = jiff::Timestamp::now().as_microsecond() as u64;
    println!("seed {seed}");
    let (mut random, mut told) = (SplitMix::new(seed), Vec::new());
    for run in 0..KILLS {
        let answered = AtomicU64::new(0);
        let readers = join_all((0..READERS).map(|reader| read_on(server.client(), reader, run, &answered)));
        let enough = 20 + random.below(200);
        let killing = async {
            while answered.load(Ordering::Relaxed) < enough {
                tokio::time::sleep(Duration::from_micros(random.below(500))).await;
            }
            server.kill();
        };
        let (of_readers, ()) = tokio::join!(readers, killing);
        told.extend(of_readers.into_iter().flatten());
        server = lab.serve("off").await;
    }
    let recorded = records(&lab.data()).await;
    let found = |id: &str, refusal: &str| {
        let is = |read: &AccessRecorded| read.subject == Some(case(id)) && read.refusal == refusal;
        recorded.iter().filter(|(_, read)| is(read)).count()
    };
    let (answers, of_a) = (told.len(), told.iter().filter(|(id, _)| id == "A").count());
    println!("{answers} answers, {} records", recorded.len());
    assert!(answers as u64 >= 20 * KILLS, "{answers}");
    for (id, refusal) in told.iter().filter(|(id, _)| id != "A") {
        assert_eq!(found(id, refusal), 1, "{id}");
    }
    // What was recorded and not answered any more is at most what was under way.
    let of_a_recorded = found("A", "");
    assert!((of_a..=of_a + (READERS * KILLS) as usize).contains(&of_a_recorded), "{of_a} {of_a_recorded}");
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_at_open_and_every_ten_thousand() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    fill(&mut client, LOG, "C", 25_000 / LIST).await;
    let head = client.log(LOG).await.position;
    let of = async |request: SubscribeRequest| {
        let before = records(&lab.data()).await.len();
        let ended = events_of(&mut server.client(), request).await;
        let after = records(&lab.data()).await;
        let of_it: Vec<_> = after[before..].iter().map(|(_, read)| (read.after_position, read.refusal.clone())).collect();
        (ended.0, of_it)
    };
    let from = |after_position| SubscribeRequest { log: LOG.into(), after_position, history_only: true, ..Default::default() };
    let at = |positions: &[u64]| positions.iter().map(|&position| (Some(position), String::new())).collect::<Vec<_>>();
    assert_eq!(of(from(0)).await, (head, at(&[0, 10_000, 20_000])));
    assert_eq!(of(from(14_999)).await, (head - 14_999, at(&[14_999, 24_999])));
    assert_eq!(of(from(head)).await, (0, at(&[head])));
    // What is passed over counts as what is told: the reader learns that nothing of his filter was there.
    let kinds = vec!["staff".to_owned()];
    assert_eq!(of(SubscribeRequest { kinds, ..from(0) }).await, (0, at(&[0, 10_000, 20_000])));
    let refused = of(from(head + 1)).await;
    assert_eq!(refused, (0, vec![(Some(head + 1), "XE-POSITION-AHEAD".into())]));
    assert!(server.stop().await.success());
}

/// What cannot stand in an event is left out, and the read is recorded all the same; a request that is no question is one, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_asked() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let number = "11010519491231002X";
    let subject = |kind: &str, system: &str, id: &str| Some(Subject { kind: kind.into(), system: system.into(), id: id.into() });
    // What is asked about, and whether the record names it.
    let table = [
        (subject("case", "hall", "2026-0001"), true),
        (subject("staff", "hall", "13812345678"), false),
        (subject("case", "hall", number), false),
        (subject("case", "hall", &"长".repeat(300)), false),
        (subject("case", "hall", "a\u{0}b"), false),
        (subject("case", "hall", ""), false),
        (subject("Case", "hall", "1"), false),
        (None, false),
    ];
    for (subject, is_named) in table {
        let request = GetStateRequest { log: LOG.into(), subject: subject.clone(), ..Default::default() };
        let refusal = refusal_of(&client.audit.get_state(request).await.unwrap_err()).0;
        let (row, read) = records(&lab.data()).await.pop().expect("a record");
        assert_eq!((&*read.call, read.refusal), ("AuditService/GetState", refusal), "{subject:?}");
        assert_eq!(read.subject, subject.filter(|_| is_named));
        assert_eq!(row.actor.as_str(), "local");
    }
    let members = |metric: &str| ExplainMetricRequest { metric_id: metric.into(), scope: Some(scope(LOG, ("", ""), "")) };
    for (metric, named) in [("backlog_receipt", "backlog_receipt"), (number, "")] {
        let _ = drained(client.audit.explain_metric(members(metric)).await).await;
        assert_eq!(records(&lab.data()).await.pop().expect("a record").1.metric_id, named);
    }
    for reference in ["v".repeat(26), number.to_owned(), "长".repeat(300)] {
        let request = GetRequest { log: LOG.into(), r#ref: reference.clone(), ..Default::default() };
        client.person.get(request).await.expect_err("there is nothing");
        let kept = if reference.starts_with('v') { reference } else { String::new() };
        assert_eq!(records(&lab.data()).await.pop().expect("a record").1.r#ref, kept);
    }
    assert_eq!(records(&lab.data()).await.len(), 8 + 2 + 3, "one record each");
    // Of a name that has no log nobody can be told who asked; and no name at all is none.
    for log in ["370399", "", "No name!"] {
        client.audit.get_state(state_of(log, "A")).await.expect_err("there is no such log");
    }
    assert_eq!(records(&lab.data()).await.len(), 13);
    let bytes = std::fs::read(lab.data().join("journal/370306-access.db")).unwrap();
    assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()), "it stands nowhere on the disk");
    assert!(server.stop().await.success());
}

fn complaint() -> Subject {
    on("complaint", "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5f")
}

/// A complaint, and who handles it.
fn complained() -> [Event; 3] {
    let at = |hour: u32| format!("2026-05-12T{hour:02}:00:00+08:00");
    let designated = json!({"hotlineStaffDesignated": {"staffId": "1001", "from": "2026-01-01"}});
    let came = json!({"complaintReceived": {"kind": "COMPLAINT_KIND_COMPLAINT", "category": "COMPLAINT_CATEGORY_INTEGRITY",
        "subjectUnit": UNIT, "subjectStaff": "秘密的人"}});
    [
        event(&on("unit", "11370306XXXX000359"), &at(8), designated),
        event(&complaint(), &at(9), came),
        event(&complaint(), &at(10), json!({"complaintAccepted": {"dueOn": "2026-05-30"}})),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_content() {
    let lab = Lab::new();
    let server = lab.serve("managed").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.open(SEALED, false).await;
    for fact in registry("2026-05-11T09:00:00+08:00") {
        client.post(LOG, vec![fact]).await.expect("a receipt");
    }
    client.post(LOG, vec![received("A", UNIT), note("A", 1, "秘密的步骤")]).await.expect("a receipt");
    for event in complained() {
        client.post(SEALED, vec![event]).await.expect("a receipt");
    }
    for log in [LOG, SEALED] {
        client.projected(log).await;
    }
    let put = PutRequest {
        log: LOG.into(),
        request_id: uuid::Uuid::from_u128(7).to_string(),
        kind: VaultKind::Text.into(),
        content: "一句不该让人看见的话".into(),
        retention_class: RetentionClass::Short.into(),
        subject: Some(case("A")),
        field: "text".into(),
        ..PutRequest::default()
    };
    let reference = client.person.put(put).await.expect("it is put").into_inner().r#ref.expect("a reference").r#ref;
    let told = answers(&mut client, &reference).await;
    let recorded = records(&lab.data()).await;
    assert_eq!(recorded.len(), told.len(), "one record for each answer");

    let mut content = Vec::new();
    told.iter().for_each(|answer| texts(answer, &mut content));
    content.push("一句不该让人看见的话".into());
    // What was asked, and words of the contract that say nothing.
    let complaint = complaint();
    let asked: BTreeSet<&str> = [
        "case",
        "hall",
        "A",
        LOG,
        SEALED,
        "local",
        &*reference,
        "xiaoer",
        "backlog_receipt",
        "complaint_accepted",
        "complaint",
        &*complaint.id,
        "kind",
    ]
    .into();
    content.retain(|text| text.len() > 3 && !asked.contains(&**text));
    for secret in ["秘密的步骤", "秘密的人"] {
        assert!(content.iter().any(|text| text == secret) && content.len() > 100, "{content:?}");
    }
    for (row, read) in &recorded {
        let body = String::from_utf8(row.body.to_vec()).unwrap();
        let found: Vec<_> = content.iter().filter(|text| body.contains(&format!("\"{text}\""))).collect();
        assert!(found.is_empty(), "{} holds {found:?}: {body}", read.call);
        assert_eq!((read.refusal.as_str(), row.actor.as_str()), ("", "local"), "{body}");
    }

    // It is published nowhere; and nobody opens it or posts to it, nor a record to another log.
    let relayed = client.relayed(LOG).await;
    let status = client.log(ACCESS).await;
    assert!(relayed > 1 && status.relayed.is_none() && status.relay_error.is_empty() && !status.synthetic, "{status:?}");
    assert_eq!((status.calendar_warning.as_str(), status.time_zone.as_str()), ("", "Asia/Shanghai"));
    let jetstream = async_nats::jetstream::new(async_nats::connect(server.nats_url()).await.unwrap());
    assert!(jetstream.get_stream(format!("XIAOER-{ACCESS}")).await.is_err(), "it has no stream");
    for log in [ACCESS, "370399-access"] {
        let open = client.admin.open_log(OpenLogRequest { log: log.into(), ..Default::default() }).await;
        assert_eq!(code(&open.unwrap_err()), "XE-ACCESS-LOG", "{log}");
    }
    let read: Event = recorded[0].0.event().unwrap();
    assert!(matches!(read.fact, Some(Fact::AccessRecorded(_))));
    for log in [LOG, SEALED, ACCESS] {
        assert_eq!(code(&client.post(log, vec![read.clone()]).await.unwrap_err()), "XE-ACCESS-LOG", "{log}");
    }
    assert_eq!(code(&client.post(ACCESS, vec![received("B", UNIT)]).await.unwrap_err()), "XE-ACCESS-LOG");
    assert_eq!(client.log(ACCESS).await.position, 1 + recorded.len() as u64);
    assert!(server.stop().await.success());
}

/// What each protected call tells, as JSON.
async fn answers(client: &mut Client, reference: &str) -> Vec<Value> {
    let mut told = Vec::new();
    let deadline =
        ExplainDeadlineRequest { log: LOG.into(), subject: Some(case("A")), clock: "receipt".into(), ..Default::default() };
    told.push(json!(client.audit.explain_deadline(deadline).await.unwrap().into_inner()));
    for (log, subject, metric) in [(LOG, case("A"), "backlog_receipt"), (SEALED, complaint(), "complaint_accepted")] {
        let subject = Some(subject);
        let replay = ReplayRequest { subject: subject.clone(), ..replay_of(log, "") };
        told.push(json!(drained(client.audit.replay(replay).await).await.0));
        let state = GetStateRequest { subject, ..state_of(log, "") };
        told.push(json!(client.audit.get_state(state).await.unwrap().into_inner()));
        let list = ListCasesRequest { log: log.into(), ..Default::default() };
        told.push(json!(client.audit.list_cases(list).await.unwrap().into_inner()));
        let members = ExplainMetricRequest { metric_id: metric.into(), scope: Some(scope(log, ("", ""), "")) };
        told.push(json!(drained(client.audit.explain_metric(members).await).await.0));
        let subscribe = SubscribeRequest { log: log.into(), history_only: true, ..Default::default() };
        told.push(json!(drained(client.audit.subscribe(subscribe).await).await.0));
    }
    let get = GetRequest { log: LOG.into(), r#ref: reference.into(), ..Default::default() };
    told.push(json!(client.person.get(get).await.unwrap().into_inner()));
    told.push(json!(client.metric(SEALED, "complaint_accepted", ("", ""), "").await.unwrap()));
    // Of the open log a number is no secret.
    client.metric(LOG, "backlog_receipt", ("", ""), "").await.unwrap();
    told
}
