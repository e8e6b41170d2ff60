//! The writer against a plain account of what it must do: one request after the other.

use super::*;
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};
use tempfile::TempDir;
use uuid::Uuid;
use xiaoer_domain::{LogName, Scope, permit::Caller};
use xiaoer_journal::Journal;
use xiaoer_wire::{
    parse,
    strict::Strict,
    v1::{Event, PostMode, PostRequest},
};

const LOG: &str = "370306";

/// A clock that stands, so that two runs record at the same time.
fn clock() -> Clock {
    Arc::new(|| "2026-06-01T00:00:00Z".parse().unwrap())
}

async fn open(folder: &Path) -> Log {
    let journal = Journal::open(folder).await.unwrap();
    if let Some(log) = journal.log(&LogName::new(LOG).unwrap()) {
        return log;
    }
    let opened = json!({ "name": LOG, "suite": "sha256", "timeZone": "Asia/Shanghai", "contract": 1, "synthetic": false });
    let genesis = event(u128::MAX >> 1, "log", "xiaoer", LOG, "logOpened", &opened);
    let parsed = parse::event(&genesis, &jiff::tz::TimeZone::UTC).unwrap();
    journal.create(parsed, parse::body(&genesis).unwrap().into()).await.unwrap().0
}

fn event(id: u128, kind: &str, system: &str, subject: &str, fact: &str, what: &Value) -> Event {
    let told = json!({
        "eventId": Uuid::from_u128(id + 1).to_string(),
        "subject": { "kind": kind, "system": system, "id": subject },
        "occurredAt": "2026-05-12T01:00:00Z",
        "source": { "system": "hall", "unitUsci": "11370306XXXX00019K", "staffId": "1001" },
        (fact): what,
    });
    serde_json::from_value(told).unwrap()
}

/// A few numbers that look like chance.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// Requests on a few cases, many of which must be refused or are repeats, and whether each asks only.
fn requests(count: u64, record: bool) -> Vec<(PostRequest, bool)> {
    const FACTS: [&str; 6] = ["caseReceived", "caseAccepted", "reviewStepDone", "caseDecided", "caseCompleted", "caseWithdrawn"];
    let mut dice = Dice(7);
    let mut made: Vec<(PostRequest, bool)> = Vec::new();
    for n in 0..count {
        if n > 0 && dice.below(8) == 0 {
            let again = made[usize::try_from(dice.below(n)).unwrap()].clone();
            made.push(again);
            continue;
        }
        let case = dice.below(count / 12).to_string();
        let id = |dice: &mut Dice| u128::from(if dice.below(6) == 0 { dice.below(n + 1) } else { n }) * 10;
        let first = id(&mut dice);
        let lists = 1 + u128::from(dice.below(3));
        let events = (0..lists).map(|k| {
            let fact = FACTS[usize::try_from(dice.below(6)).unwrap()];
            let what = if fact == "caseDecided" { json!({ "result": "DECISION_RESULT_PASS" }) } else { json!({}) };
            event(first + k, "case", "hall", &case, fact, &what)
        });
        let events = events.collect();
        let mode = if record && dice.below(4) == 0 { PostMode::Record } else { PostMode::Strict };
        let expected_revision = (dice.below(8) == 0).then(|| dice.below(3));
        let request = PostRequest { log: LOG.into(), events, mode: mode.into(), expected_revision, ..PostRequest::default() };
        made.push((request, dice.below(7) == 0));
    }
    made
}

fn prepared(log: &Log, request: &PostRequest, dry_run: bool) -> Result<Prepared, Refusal> {
    let strict = Strict { message: request.clone(), unknown_field: None };
    prepare(strict, log.genesis(), Caller::local().into(), dry_run)
}

/// Enters all requests, in order, without waiting for an answer, and gives the answers. The head is held until all have entered, so
/// that batches are full and decided ahead.
async fn post_at_once(intake: &Intake, log: &Log, requests: &[(PostRequest, bool)]) -> Vec<Answer> {
    let mut entered = Vec::new();
    let held = log.lock().await.unwrap();
    for (request, dry_run) in requests {
        entered.push(match prepared(log, request, *dry_run) {
            Ok(prepared) => Ok(intake.post(prepared).await.unwrap()),
            Err(refusal) => Err(refusal),
        });
    }
    drop(held);
    let mut answers = Vec::new();
    for entered in entered {
        answers.push(match entered {
            Ok(receiver) => answered(receiver).await,
            Err(refusal) => Err(refusal),
        });
    }
    answers
}

/// With record mode a repeat that is taken for new meets the database's own index; in strict mode nothing but the answer shows it.
#[tokio::test(flavor = "multi_thread")]
async fn batches_decided_ahead_give_what_one_after_the_other_gives() {
    for record in [false, true] {
        ahead_and_one_after_the_other(&requests(3_000, record)).await;
    }
}

async fn ahead_and_one_after_the_other(requests: &[(PostRequest, bool)]) {
    let mut found = Vec::new();
    for at_once in [1, usize::MAX] {
        let folder = TempDir::new().unwrap();
        let log = open(folder.path()).await;
        let closing = CancellationToken::new();
        let (intake, writer) = Intake::start(log.clone(), clock(), closing.clone()).await.unwrap();
        let writer = tokio::spawn(writer);
        let mut answers = Vec::new();
        for chunk in requests.chunks(at_once.min(requests.len())) {
            answers.extend(post_at_once(&intake, &log, chunk).await);
        }
        closing.cancel();
        writer.await.unwrap();
        let mut rows = Vec::new();
        while let page = log.read(&Scope::Everything, rows.len() as u64, 1_000).await.unwrap()
            && !page.is_empty()
        {
            rows.extend(page);
        }
        found.push((answers, rows));
    }
    let [(expected, rows), (answers, other_rows)] = found.try_into().unwrap();
    for (n, (expected, answer)) in expected.iter().zip(&answers).enumerate() {
        assert_eq!(answer, expected, "request {n}: {:?}", requests[n]);
    }
    assert_eq!(rows, other_rows);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for answer in &answers {
        let kind = match answer {
            Ok(response) if response.receipts[0].duplicate => "duplicate".to_owned(),
            Ok(_) => "accepted".to_owned(),
            Err(refusal) => refusal.code.as_str().to_owned(),
        };
        *kinds.entry(kind).or_default() += 1;
    }
    assert!(kinds.len() >= 8 && kinds["accepted"] > 100 && kinds["duplicate"] > 20, "requests of many kinds: {kinds:?}");
}

/// The head is held from before the writer runs: the first batch is full and cannot be written, and the second is decided meanwhile.
/// Taken for new, each of its repeats would be refused, and no index would notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_of_what_is_being_written_gets_the_first_receipts() {
    const NEW: u128 = 2_000;
    let folder = TempDir::new().unwrap();
    let log = open(folder.path()).await;
    let closing = CancellationToken::new();
    let (intake, writer) = Intake::start(log.clone(), clock(), closing.clone()).await.unwrap();
    let held = log.lock().await.unwrap();
    let mut entered = Vec::new();
    for n in (0..NEW).chain(0..NEW / 2) {
        let events = vec![event(n, "case", "hall", &n.to_string(), "caseReceived", &json!({}))];
        let request = PostRequest { log: LOG.into(), events, ..PostRequest::default() };
        entered.push(intake.post(prepared(&log, &request, false).unwrap()).await.unwrap());
    }
    let writer = tokio::spawn(writer);
    // Until the second batch has left the queue; what is read for it then is read in a moment.
    while intake.queue.capacity() < QUEUE_REQUESTS_MAX {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    drop(held);
    let mut receipts = Vec::new();
    for entered in entered {
        receipts.extend(answered(entered).await.unwrap().receipts);
    }
    let (first, repeats) = receipts.split_at(usize::try_from(NEW).unwrap());
    for (first, repeat) in first.iter().zip(repeats) {
        assert_eq!((repeat.position, first.duplicate, repeat.duplicate), (first.position, false, true));
    }
    closing.cancel();
    writer.await.unwrap();
}

/// Two processes on one log, as two journals on one file: each decides ahead and finds that the other was first, again and again.
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_of_one_log_neither_lose_nor_double() {
    let folder = TempDir::new().unwrap();
    let mut sites = Vec::new();
    let closing = CancellationToken::new();
    for _ in 0..2 {
        let log = open(folder.path()).await;
        let (intake, writer) = Intake::start(log.clone(), clock(), closing.clone()).await.unwrap();
        sites.push((log, intake, tokio::spawn(writer)));
    }
    // Of every second 600, each tells of cases of its own: nothing but the head shows that the other was first. Of the rest they
    // tell of the same cases, and every third event is told to both.
    let told = |site: u128, n: u128| {
        let own = (n / 600).is_multiple_of(2);
        let id = if !own && n.is_multiple_of(3) { n } else { n + site * 1_000_000 };
        let case = if own { format!("{site}-{}", n % 40) } else { (n % 40).to_string() };
        event(id * 10, "case", "hall", &case, "caseNoteRecorded", &json!({ "code": "note" }))
    };
    let post = |site: u128, (log, intake): (Log, Intake)| async move {
        let mut receipts = Vec::new();
        for chunk in (0..2_400).collect::<Vec<u128>>().chunks(600) {
            let requests: Vec<_> = chunk
                .iter()
                .map(|&n| {
                    let events = vec![told(site, n)];
                    (PostRequest { log: LOG.into(), events, mode: PostMode::Record.into(), ..PostRequest::default() }, false)
                })
                .collect();
            let answers = post_at_once(&intake, &log, &requests).await;
            receipts.extend(answers.into_iter().flat_map(|answer| answer.unwrap().receipts));
        }
        receipts
    };
    let first = tokio::spawn(post(0, (sites[0].0.clone(), sites[0].1.clone())));
    let second = tokio::spawn(post(1, (sites[1].0.clone(), sites[1].1.clone())));
    let receipts: Vec<_> = [first.await.unwrap(), second.await.unwrap()].concat();
    closing.cancel();
    let log = sites[0].0.clone();
    for (_, _, writer) in sites {
        writer.await.unwrap();
    }
    let unique: BTreeMap<&str, u64> = receipts.iter().map(|receipt| (receipt.event_id.as_str(), receipt.position)).collect();
    assert_eq!((receipts.len(), unique.len()), (4_800, 4_400));
    assert_eq!(log.head().await.unwrap().position, 1 + 4_400);
    for receipt in &receipts {
        assert_eq!(unique[receipt.event_id.as_str()], receipt.position, "an event has one position, whoever is told");
    }
    for row in log.read(&Scope::Everything, 1, 10_000).await.unwrap() {
        assert_eq!(unique.get(row.identity.event_id.to_string().as_str()), Some(&row.position));
    }
}
