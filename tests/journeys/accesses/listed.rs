//! Whoever audits finds who read what: by log, caller, thing, reference and time, page by page; and nobody else does.

use super::{ACCESS, LOG, SEALED, code, drained, received, records, replay_of, state_of};
use crate::lines;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::time::Duration;
use xiaoer_tests::{Client, Keys, Lab, UNIT, case, command, refusal_of};
use xiaoer_wire::v1::{Access, GetRequest, ListAccessesRequest, ListAccessesResponse, ListCasesRequest, ReplayRequest};

const OTHER: &str = "11370306XXXX00027E";

fn all() -> ListAccessesRequest {
    ListAccessesRequest { log: LOG.into(), ..ListAccessesRequest::default() }
}

/// All pages of a list, of a size.
async fn listed(client: &mut Client, request: ListAccessesRequest, page_size: u32) -> Vec<Access> {
    let (mut request, mut found) = (ListAccessesRequest { page_size, ..request }, Vec::new());
    loop {
        let page: ListAccessesResponse = client.audit.list_accesses(request.clone()).await.expect("a page").into_inner();
        assert!(page.accesses.len() <= page_size as usize);
        found.extend(page.accesses);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

/// A read in a line.
fn shown(Access { caller, read, .. }: &Access) -> String {
    let read = read.clone().expect("what was read");
    let subject = read.subject.map(|subject| subject.id).unwrap_or_default();
    let call = read.call.split('/').next_back().unwrap_or_default().to_owned();
    [caller.as_str(), &call, &read.log, &subject, &read.refusal]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ")
}

fn local(at: Timestamp) -> DateTime {
    TimeZone::get("Asia/Shanghai").expect("a zone").to_datetime(at)
}

/// Now, as a clock on the wall shows it, to the microsecond.
fn local_now() -> String {
    local(Timestamp::from_microsecond(Timestamp::now().as_microsecond()).expect("a time")).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_who_audits() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    let client = |claims: &[&str]| keys.bearer(&server, &keys.token(claims));
    let by = |name: &str, role: &str, unit: &str| {
        client(&["--name", name, "--role", role, "--system", "hall", "--unit", unit, "--logs", LOG])
    };
    let mut opener = client(&["--name", "opener", "--role", "system_admin"]);
    opener.open(LOG, false).await;
    opener.open(SEALED, false).await;
    let mut hall = by("hall", "hall", "");
    for (id, unit) in [("A", UNIT), ("B", OTHER)] {
        hall.post(LOG, vec![received(id, unit)]).await.expect("a receipt");
    }

    // The unit's first look at its case comes after those of others.
    let (mut watcher, mut unit) = (by("watcher", "supervision", ""), by("unit", "department", UNIT));
    let mut keeper = by("keeper", "operator", "");
    watcher.audit.get_state(state_of(LOG, "A")).await.expect("a state");
    assert!(drained(watcher.audit.replay(replay_of(SEALED, "A")).await).await.1.is_some());
    tokio::time::sleep(Duration::from_millis(20)).await;
    let between = local_now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    unit.audit.get_state(state_of(LOG, "A")).await.expect("its own");
    unit.audit.get_state(state_of(LOG, "B")).await.expect_err("another's");
    assert_eq!(code(&keeper.audit.get_state(state_of(LOG, "A")).await.unwrap_err()), "XE-FORBIDDEN");
    let list = ListCasesRequest { log: LOG.into(), ..ListCasesRequest::default() };
    watcher.audit.list_cases(list).await.expect("a list");
    let reference = "v".repeat(26);
    let text = GetRequest { log: LOG.into(), r#ref: reference.clone(), ..GetRequest::default() };
    watcher.person.get(text).await.expect_err("there is no such text");
    // Of a log elsewhere nothing is recorded here, and of an own one that is asked for by nobody known nothing at all.
    watcher.audit.get_state(state_of("370399", "A")).await.expect_err("elsewhere");
    keys.bearer(&server, "no.such.token").audit.get_state(state_of(LOG, "A")).await.expect_err("nobody");

    let reads = [
        "watcher GetState 370306 A",
        "watcher Replay 370306-sealed A XE-SUBJECT-UNKNOWN",
        "unit GetState 370306 A",
        "unit GetState 370306 B XE-SUBJECT-UNKNOWN",
        "keeper GetState 370306 A XE-FORBIDDEN",
        "watcher ListCases 370306",
        "watcher Get 370306 XE-REF-UNKNOWN",
    ];
    let some = |indexes: &[usize]| indexes.iter().map(|&n| reads[n].to_owned()).collect::<Vec<_>>();
    let mut auditor = by("auditor", "audit_admin", "");
    // In small pages, whose own records are not among what is listed.
    assert_eq!(listed(&mut auditor, all(), 2).await.iter().map(shown).collect::<Vec<_>>(), some(&[0, 1, 2, 3, 4, 5, 6]));
    let until = local_now();
    let table = [
        (ListAccessesRequest { caller: "watcher".into(), ..all() }, some(&[0, 1, 5, 6])),
        (ListAccessesRequest { of_log: SEALED.into(), ..all() }, some(&[1])),
        (ListAccessesRequest { subject: Some(case("A")), ..all() }, some(&[0, 1, 2, 4])),
        (ListAccessesRequest { subject: Some(case("A")), of_log: LOG.into(), ..all() }, some(&[0, 2, 4])),
        (ListAccessesRequest { subject: Some(case("A")), caller: "watcher".into(), of_log: LOG.into(), ..all() }, some(&[0])),
        (ListAccessesRequest { r#ref: reference.clone(), ..all() }, some(&[6])),
        (ListAccessesRequest { r#ref: reference.clone(), caller: "unit".into(), ..all() }, some(&[])),
        (ListAccessesRequest { from: between.clone(), to: until.clone(), caller: "watcher".into(), ..all() }, some(&[5, 6])),
        (ListAccessesRequest { to: between.clone(), ..all() }, some(&[0, 1])),
        (ListAccessesRequest { to: "2020-01-01".into(), ..all() }, some(&[])),
        (ListAccessesRequest { from: "2099-01-01".into(), ..all() }, some(&[])),
        (
            ListAccessesRequest { to: until.clone(), from: between.clone(), of_log: LOG.into(), subject: Some(case("B")), ..all() },
            some(&[3]),
        ),
        (ListAccessesRequest { caller: "wat\u{0}cher".into(), ..all() }, some(&[])),
        // By any name of the jurisdiction.
        (ListAccessesRequest { log: SEALED.into(), of_log: SEALED.into(), ..all() }, some(&[1])),
        (ListAccessesRequest { log: ACCESS.into(), of_log: SEALED.into(), ..all() }, some(&[1])),
    ];
    for (request, expected) in table {
        // What is asked for is recorded too, and so its asking for a thing is found with that thing.
        for size in [1, 100] {
            let mut found = listed(&mut auditor, request.clone(), size).await;
            found.retain(|access| access.caller != "auditor");
            assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), expected, "{request:?} by {size}");
        }
    }
    // From a complaint's receipt to the unit's first look: the first read of the case by somebody of the unit.
    let of_a = listed(&mut auditor, ListAccessesRequest { subject: Some(case("A")), to: until, ..all() }, 100).await;
    let first = of_a.iter().find(|access| access.actor.contains(&format!("unit={UNIT}"))).expect("it has looked");
    assert_eq!(shown(first), reads[2]);
    assert!(local(first.at.expect("a time").to_jiff().expect("a time")) > between.parse().unwrap());
    assert!(of_a.is_sorted_by_key(|access| access.position));

    // Who may not is refused, and that he asked is recorded; what is no question is refused.
    for mut other in [watcher, unit, hall, opener] {
        assert_eq!(code(&other.audit.list_accesses(all()).await.unwrap_err()), "XE-FORBIDDEN");
    }
    let last = records(&lab.data()).await.pop().expect("a record");
    assert_eq!((&*last.1.log, &*last.1.call, &*last.1.refusal), (ACCESS, "AuditService/ListAccesses", "XE-FORBIDDEN"));
    let wrong = [
        (ListAccessesRequest { log: "370399".into(), ..all() }, "XE-FORBIDDEN"),
        (ListAccessesRequest { log: "".into(), ..all() }, "XE-FIELD-MISSING"),
        (ListAccessesRequest { from: "yesterday".into(), ..all() }, "XE-FIELD-INVALID"),
        (ListAccessesRequest { to: "2026-05-12T09:00:00Z".into(), ..all() }, "XE-FIELD-INVALID"),
        (ListAccessesRequest { page_token: "61.62".into(), ..all() }, "XE-PAGE-TOKEN"),
        (ListAccessesRequest { page_token: "31".into(), ..all() }, "XE-PAGE-TOKEN"),
        (ListAccessesRequest { subject: Some(Default::default()), ..all() }, "XE-FIELD-MISSING"),
    ];
    for (request, expected) in wrong {
        let refused = auditor.audit.list_accesses(request.clone()).await.unwrap_err();
        assert_eq!(refusal_of(&refused).0, expected, "{request:?}");
    }
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_command_line() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("A", UNIT)]).await.expect("a receipt");
    drained(client.audit.replay(ReplayRequest { ..replay_of(LOG, "A") }).await).await;
    client.audit.get_state(state_of(LOG, "none")).await.expect_err("nothing is known of it");
    let run = |arguments: &[&str]| {
        let mut command = command(&server);
        command.args(["accesses", "--log", LOG]).args(arguments);
        command
    };
    let found = lines(&mut run(&["--json", "--subject", "case", "hall", "A"]));
    assert_eq!((found.len(), &found[0]["read"]["call"]), (1, &"AuditService/Replay".into()), "{found:?}");
    assert_eq!(lines(&mut run(&["--json", "--caller", "local", "--of-log", LOG])).len(), 2);
    let (status, text) = crate::said(&mut run(&[]));
    assert!(status == 0 && text.contains("local") && text.contains("case hall none refused: XE-SUBJECT-UNKNOWN"), "{text}");
    assert!(server.stop().await.success());
}
