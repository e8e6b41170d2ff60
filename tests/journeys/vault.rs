//! Aim: what is in the vault stands nowhere in plain, is proved by its commitment, and is gone for ever once it is erased, while every
//! leaf stays what it was; and a stop at any moment of it is made good by the next start.
//!
//! Method: a person and texts are put over gRPC, events carry their references, and all files of the data folder are searched. Then
//! the life of an erasure: asked, recorded, pending, rotated, its epoch destroyed, complete. The stops are made by hand: a vault that
//! was asked and not answered, and one that was put back to before the erasure.

use crate::said;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, sync::Arc};
use tonic::Code as Grpc;
use uuid::Uuid;
use xiaoer_domain::{Actor, LogName};
use xiaoer_journal::vault::{Folder, Vault};
use xiaoer_tests::{Client, Lab, Server, case, command, event, files_with, on, postgres, refusal_of};
use xiaoer_wire::v1::{
    Committed, EraseRequest, Erasure, GetRequest, GetResponse, GetStateRequest, GetStatusRequest, PutRequest, RecordedEvent,
    RetentionClass, Subject, TextRef, VaultEpochStatus, VaultKind, event::Fact,
};

const LOG: &str = "vault";
const NAME: &str = "王小二 周村区丝绸路一百零七号";
const WORDS: &str = "材料都在外地，请宽限几日，谢谢诸位";
const FREE: &str = "无名氏留在引导台的一句话";

/// What the log says of a person: his stream.
fn stream(of: &TextRef) -> Subject {
    Subject { kind: "person".into(), system: "xiaoer".into(), id: of.r#ref.clone() }
}

async fn put(client: &mut Client, n: u128, kind: VaultKind, person: &str, content: &str) -> TextRef {
    let request = PutRequest {
        log: LOG.into(),
        request_id: Uuid::from_u128(n).to_string(),
        kind: kind.into(),
        person: person.into(),
        content: content.into(),
        retention_class: RetentionClass::None.into(),
        subject: Some(case("2026-0001")),
        field: "case_received".into(),
    };
    let first = client.person.put(request.clone()).await.unwrap().into_inner();
    let again = client.person.put(request).await.unwrap().into_inner();
    assert_eq!((first.existed, again.existed, &first.r#ref), (false, true, &again.r#ref));
    first.r#ref.unwrap()
}

async fn get(client: &mut Client, of: &TextRef) -> GetResponse {
    let request = GetRequest { log: LOG.into(), r#ref: of.r#ref.clone(), commitment: of.commitment.clone() };
    client.person.get(request).await.unwrap().into_inner()
}

async fn erase(client: &mut Client, of: &TextRef) -> Erasure {
    let request = EraseRequest { log: LOG.into(), r#ref: of.r#ref.clone(), authority: "W-1".into(), reason: "purpose_met".into() };
    client.person.erase(request).await.unwrap().into_inner().erasure.unwrap()
}

/// Position, identity and leaf of every event.
async fn leaves(client: &mut Client) -> Vec<(u64, String, Vec<u8>)> {
    let leaf = |event: RecordedEvent| (event.position, event.event.unwrap().event_id, event.leaf_hash);
    client.history(LOG, 0).await.into_iter().map(leaf).collect()
}

async fn epochs(client: &mut Client) -> Vec<(u32, String, u64, u64)> {
    let status = client.admin.get_status(GetStatusRequest {}).await.unwrap().into_inner();
    assert_eq!(status.vault_error, "");
    let shown = |it: VaultEpochStatus| (it.epoch, it.state, it.keys, it.pending_erasures);
    status.vault_epochs.into_iter().map(shown).collect()
}

/// A person, a text of his, a text of nobody; and the events that refer to them.
async fn begin(client: &mut Client) -> [TextRef; 3] {
    client.open(LOG, false).await;
    let person = put(client, 1, VaultKind::Person, "", NAME).await;
    let text = put(client, 2, VaultKind::Text, &person.r#ref, WORDS).await;
    let free = put(client, 3, VaultKind::Text, "", FREE).await;
    let of = |of: &TextRef| serde_json::to_value(of).unwrap();
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW", "applicant": {"ref": person.r#ref, "kind": "APPLICANT_KIND_NATURAL_PERSON"}}});
    let asked = json!({"firstAskReceived": {"channel": "CHANNEL_DESK", "matterCode": "m", "textRef": of(&text)}});
    let alleged = json!({"firstAskReceived": {"channel": "CHANNEL_PHONE", "matterCode": "m", "textRef": of(&free)}});
    client.post(LOG, vec![event(&case("2026-0001"), "2026-04-20T10:00:00+08:00", received)]).await.unwrap();
    client.post(LOG, vec![event(&on("contact", "1"), "2026-04-20T10:01:00+08:00", asked)]).await.unwrap();
    client.post(LOG, vec![event(&on("contact", "2"), "2026-04-20T10:02:00+08:00", alleged)]).await.unwrap();
    [person, text, free]
}

/// The life of an erasure.
async fn lives(server: &Server) {
    let mut client = server.client();
    let [person, text, free] = begin(&mut client).await;
    for (of, words, owner) in [(&person, NAME, ""), (&text, WORDS, &*person.r#ref), (&free, FREE, "")] {
        let held = get(&mut client, of).await;
        assert_eq!((held.content.as_slice(), held.committed(), &*held.person), (words.as_bytes(), Committed::Yes, owner));
        assert_eq!((held.subject, held.field.as_str(), held.erasure), (Some(case("2026-0001")), "case_received", None));
        let other = TextRef { commitment: vec![7; 32], ..of.clone() };
        assert_eq!(get(&mut client, &other).await.committed(), Committed::No, "another text than the event says");
    }
    let before = leaves(&mut client).await;
    assert_eq!(epochs(&mut client).await, [(1, "current".into(), 2, 0)]);

    let erasure = erase(&mut client, &person).await;
    assert_eq!((erasure.position, &*erasure.pending_epochs), (before.len() as u64 + 1, &[1][..]));
    assert_eq!(erase(&mut client, &person).await, erasure, "erased once");
    for of in [&person, &text] {
        let gone = get(&mut client, of).await;
        assert_eq!((gone.content.len(), gone.committed(), gone.erasure.as_ref()), (0, Committed::Unspecified, Some(&erasure)));
    }
    assert_eq!(get(&mut client, &free).await.content, FREE.as_bytes());
    let state = GetStateRequest { log: LOG.into(), subject: Some(stream(&person)), ..GetStateRequest::default() };
    assert_eq!(client.audit.get_state(state).await.unwrap().into_inner().state.unwrap().state, "Erased");
    assert_eq!(epochs(&mut client).await, [(1, "current".into(), 1, 1)]);
    let (status, shown) = said(command(server).arg("status"));
    assert!(status == 0 && shown.contains("vault epoch 1: current, wraps 1 keys, 1 erasures pending"), "{shown}");

    let (status, text_of) = said(command(server).args(["vault", "destroy-epoch", "1"]));
    assert!(status == 1 && text_of.contains("XE-EPOCH-IN-USE"), "{status}: {text_of}");
    let (status, text_of) = said(command(server).args(["vault", "rotate"]));
    assert!(status == 0 && text_of.contains("epoch 2"), "{status}: {text_of}");
    assert_eq!(epochs(&mut client).await, [(1, "past".into(), 0, 1), (2, "current".into(), 1, 0)]);
    let (status, text_of) = said(command(server).args(["vault", "destroy-epoch", "1"]));
    assert!(status == 0 && text_of.contains("1 erasures are complete"), "{status}: {text_of}");
    assert_eq!(epochs(&mut client).await, [(1, "destroyed".into(), 0, 0), (2, "current".into(), 1, 0)]);
    let complete = Erasure { position: erasure.position, pending_epochs: vec![] };
    assert_eq!(get(&mut client, &person).await.erasure, Some(complete));
    assert_eq!(get(&mut client, &free).await.content, FREE.as_bytes(), "it was wrapped anew");

    let after = leaves(&mut client).await;
    assert_eq!(after[..before.len()], before, "every proof holds");
    let history = client.history(LOG, before.len() as u64).await;
    let facts: Vec<_> = history.into_iter().map(|recorded| recorded.event.unwrap().fact.unwrap()).collect();
    let [Fact::PersonErased(erased), Fact::VaultEpochDestroyed(destroyed)] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((erased.first_epoch, erased.last_epoch, erased.kept.len(), destroyed.completed), (1, 1, 1, 1));
    // Whoever repeats it changes nothing.
    said(command(server).args(["vault", "destroy-epoch", "1"]));
    assert_eq!(leaves(&mut client).await, after);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_from_beginning_to_end() {
    let lab = Lab::new();
    let server = lab.serve("managed").await;
    lives(&server).await;
    server.client().relayed(LOG).await;
    server.client().projected(LOG).await;
    let url = server.nats_url();
    assert!(!url.is_empty());
    for words in [NAME, WORDS, FREE] {
        assert_eq!(files_with(&lab.data(), words), [] as [String; 0]);
        assert!(!server.said().contains(words));
    }
    // The search finds what is there.
    assert!(!files_with(&lab.data(), "caseReceived").is_empty());
    assert!(server.stop().await.success());
    for words in [NAME, WORDS, FREE] {
        assert_eq!(files_with(&lab.data(), words), [] as [String; 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_on_postgres() {
    let lab = Lab::on(&postgres::database("").await);
    let server = lab.serve("off").await;
    lives(&server).await;
    assert!(server.stop().await.success());
    let server = lab.serve("off").await;
    assert_eq!(epochs(&mut server.client()).await, [(1, "destroyed".into(), 0, 0), (2, "current".into(), 1, 0)]);
}

/// The vault of a lab, without its server.
async fn vault(lab: &Lab) -> Vault {
    let keys = Folder::open(&lab.data().join("vault-keys")).unwrap();
    Vault::open(&lab.data().join("vault.db"), Arc::new(keys)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_stop_left_undone_is_finished() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    let [person, text, free] = begin(&mut client).await;
    assert!(server.stop().await.success());
    let file = lab.data().join("vault.db");
    let backup = fs::read(&file).unwrap();

    // Stopped after the asking: the next start asks the log.
    let asked = vault(&lab).await;
    let fact = json!({"personErased": {"kind": "VAULT_KIND_TEXT", "authority": "W-2", "reason": "asked", "firstEpoch": 1, "lastEpoch": 1}});
    let mut said = event(&stream(&free), "2026-04-21T10:00:00+08:00", fact);
    said.source.as_mut().unwrap().system = "xiaoer".into();
    let body = serde_json::to_vec(&said).unwrap();
    asked.ask_erasure(&LogName::new(LOG).unwrap(), &free.r#ref, Actor::named("clerk"), |_| Ok(body)).await.unwrap();
    asked.close().await.unwrap();
    drop(asked);
    let server = lab.serve("off").await;
    let mut client = server.client();
    let gone = get(&mut client, &free).await;
    assert_eq!((gone.content.len(), gone.committed()), (0, Committed::Unspecified));
    let last = client.history(LOG, 0).await.pop().unwrap();
    assert_eq!((gone.erasure.unwrap().position, last.actor.as_str()), (last.position, "clerk"));

    // Put back to before both erasures: what the log says is erased is gone before anybody may ask.
    erase(&mut client, &person).await;
    let before = leaves(&mut client).await;
    assert!(server.stop().await.success());
    fs::write(&file, &backup).unwrap();
    let name = LogName::new(LOG).unwrap();
    let there = vault(&lab).await;
    assert!(there.get(&name, &person.r#ref).await.unwrap().unwrap().text.is_some(), "the backup has it");
    drop(there);
    let server = lab.serve("off").await;
    let mut client = server.client();
    for of in [&person, &text, &free] {
        assert_eq!((get(&mut client, of).await.content.len(), get(&mut client, of).await.erasure.is_some()), (0, true));
    }
    assert_eq!(leaves(&mut client).await, before, "nothing is said twice");

    // Killed while keys are wrapped anew: the next one goes on.
    for n in 0..500 {
        put(&mut client, 10_000 + n, VaultKind::Person, "", "x").await;
    }
    client.person.rotate(xiaoer_wire::v1::RotateRequest {}).await.unwrap();
    server.kill();
    let server = lab.serve("off").await;
    let mut client = server.client();
    let done = async || {
        let epochs = epochs(&mut server.client()).await;
        (epochs.last().unwrap().2 == 500).then_some(epochs)
    };
    let epochs = xiaoer_tests::until("the keys are wrapped anew", done).await;
    assert_eq!(epochs, [(1, "past".into(), 0, 2), (2, "current".into(), 500, 0)]);
    // A log goes on with its vault.
    put(&mut client, 20_000, VaultKind::Person, "", NAME).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_others_could_read_are_refused() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    let [person, ..] = begin(&mut client).await;
    let folder = lab.data().join("vault-keys");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&folder.join("vault-epoch-1.key"), 0o644);
    let request = GetRequest { log: LOG.into(), r#ref: person.r#ref.clone(), commitment: Vec::new() };
    let status = client.person.get(request).await.unwrap_err();
    assert_eq!(refusal_of(&status), ("XE-VAULT-KEYS".into(), String::new(), Grpc::Unavailable));
    assert!(server.said().contains("vault-epoch-1.key: others may read this key"), "{}", server.said());
    let shown = client.admin.get_status(GetStatusRequest {}).await.unwrap().into_inner();
    assert!(shown.vault_error.starts_with("XE-VAULT-KEYS"), "{}", shown.vault_error);
    // Events go on without the vault.
    let seen = json!({"caseNoteRecorded": {"code": "seen"}});
    client.post(LOG, vec![event(&case("2026-0001"), "2026-04-20T11:00:00+08:00", seen)]).await.unwrap();
    mode(&folder.join("vault-epoch-1.key"), 0o600);
    assert_eq!(get(&mut client, &person).await.content, NAME.as_bytes());
    assert!(server.stop().await.success());
    mode(&folder, 0o755);
    let (status, text) = said(&mut lab.command("off"));
    assert!(status == 1 && text.contains("vault-keys: others may look into this folder"), "{status}: {text}");
}
