//! Aim: a server with authentication knows its callers by certificate and token, takes new keys and certificates without a restart,
//! stores who posted, and answers nobody else.

use serde_json::json;
use std::{fs, path::Path, process::Command};
use tonic::Code;
use xiaoer_tests::{Client, Keys, Lab, Server, binary, case, event, refusal_of, until};
use xiaoer_wire::v1::{self, Event};

const LOG: &str = "370306";

fn received(id: &str) -> Event {
    event(&case(id), "2026-05-12T09:00:00+08:00", json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}}))
}

/// The code that a caller's status is refused with, or nothing.
async fn refused(client: &mut Client) -> String {
    client.admin.get_status(v1::GetStatusRequest {}).await.err().map(|status| refusal_of(&status).0).unwrap_or_default()
}

/// A token of an operator.
fn operator(keys: &Keys) -> String {
    keys.token(&["--name", "op", "--role", "operator"])
}

async fn secured(lab: &Lab, keys: &Keys) -> Server {
    lab.serve_with("off", |command| keys.secure(command)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_known_and_stored() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = secured(&lab, &keys).await;
    let mut admin = keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"]));
    admin.open(LOG, false).await;
    keys.system(&server, "hall").post(LOG, vec![received("1")]).await.expect("by certificate");
    let person = keys.token(&["--name", "W12", "--system", "hall", "--staff", "W12", "--role", "hall", "--logs", LOG]);
    keys.bearer(&server, &person).post(LOG, vec![received("2")]).await.expect("by token");
    // A token goes before the certificate of the connection it comes over: a portal may speak for the person at it.
    let mut both = Client::over(keys.channel(&server, Some("portal")), Some(&person));
    both.post(LOG, vec![received("3")]).await.expect("by token over a certificate");

    let analyst = keys.token(&["--name", "job", "--role", "analyst"]);
    let events = keys.bearer(&server, &analyst).history(LOG, 0).await;
    let actors: Vec<_> = events.iter().filter(|it| it.event.as_ref().unwrap().source.as_ref().unwrap().system == "hall").collect();
    let actors: Vec<_> = actors.into_iter().map(|event| &*event.actor).collect();
    let by_person = "W12 system=hall staff=W12 roles=hall logs=370306";
    assert_eq!(actors, ["hall system=hall roles=hall logs=*", by_person, by_person]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_is_answered() {
    let (lab, keys, others) = (Lab::new(), Keys::new(), Keys::new());
    let server = secured(&lab, &keys).await;
    let claims = ["--name", "op", "--role", "operator"];
    let good = keys.token(&claims);
    assert_eq!(refused(&mut keys.bearer(&server, &good)).await, "");
    let (start, signature) = good.rsplit_once('.').unwrap();
    let (header, said) = start.split_once('.').unwrap();
    let expired = keys.token(&[&claims[..], &["--hours", "-1"]].concat());
    let altered = |from: &str, to: &str| {
        let bytes = base64(said);
        let text = String::from_utf8(bytes).unwrap().replace(from, to);
        format!("{header}.{}.{signature}", base64url(&text))
    };
    let none = format!("{}.{said}.", base64url(r#"{"alg":"none","typ":"JWT"}"#));
    let shared = format!("{}.{said}.{signature}", base64url(r#"{"alg":"HS256","typ":"JWT","kid":"1"}"#));
    let table = [
        ("another's key", others.token(&claims)),
        ("expired", expired),
        ("another role", altered("operator", "analyst")),
        ("no signature", format!("{start}.")),
        ("no algorithm", none),
        ("a shared secret", shared),
        ("no token", "x".into()),
        ("nothing", String::new()),
        ("too long", "a".repeat(9_000)),
    ];
    for (what, token) in table {
        let mut client = keys.bearer(&server, &token);
        // Also with a certificate: what is wrong is not looked past.
        assert_eq!(refused(&mut client).await, "XE-UNAUTHENTICATED", "{what}");
        let mut client = Client::over(keys.channel(&server, Some("node")), Some(&token));
        assert_eq!(refused(&mut client).await, "XE-UNAUTHENTICATED", "{what}, over a certificate");
    }
    // Neither certificate nor token; and a certificate of another root ends the handshake.
    let mut nobody = Client::over(keys.channel(&server, None), None);
    assert_eq!(refused(&mut nobody).await, "XE-UNAUTHENTICATED");
    let status = nobody.posting.post(v1::PostRequest::default()).await.unwrap_err();
    assert_eq!(refusal_of(&status).2, Code::Unauthenticated);
    let mut foreign = others.system(&server, "node");
    assert!(foreign.admin.get_status(v1::GetStatusRequest {}).await.is_err());
    // Plain text is no way around.
    assert!(server.client().admin.get_status(v1::GetStatusRequest {}).await.is_err());
    // The health is for anyone, the contract is not.
    let mut health = tonic_health::pb::health_client::HealthClient::new(keys.channel(&server, None));
    let asked = tonic_health::pb::HealthCheckRequest { service: String::new() };
    assert!(health.check(asked).await.is_ok());
    let said = server.said();
    assert!(said.contains("expired") || said.contains("ExpiredSignature"), "why is in the log: {said}");
    assert!(!said.contains(signature) && !said.contains(&good), "no token is in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_change_without_a_restart() {
    let (lab, keys, others) = (Lab::new(), Keys::new(), Keys::new());
    let server = secured(&lab, &keys).await;
    let take = |name: &str| fs::copy(others.file(name), keys.file(name)).expect("a copy");
    let old = operator(&keys);
    let mut before = keys.bearer(&server, &old);
    assert_eq!(refused(&mut before).await, "");
    let mut node = keys.system(&server, "node");
    assert_eq!(refused(&mut node).await, "");

    // Keys of tokens: the old are no good at once, also those that were verified before.
    let public = fs::read(keys.file("tokens.json")).expect("keys");
    take("tokens.json");
    until("the old key is gone", async || (refused(&mut before).await == "XE-UNAUTHENTICATED").then_some(())).await;
    assert_eq!(refused(&mut keys.bearer(&server, &others.token(&["--name", "op", "--role", "operator"]))).await, "");
    // What cannot be read leaves what was.
    fs::write(keys.file("tokens.json"), "{}").expect("a file");
    until("it is said", async || server.said().contains("stay in force").then_some(())).await;
    assert_eq!(refused(&mut before).await, "XE-UNAUTHENTICATED");
    fs::write(keys.file("tokens.json"), public).expect("a file");
    until("the old key is back", async || refused(&mut before).await.is_empty().then_some(())).await;

    // The list of actors: who is struck from it is not known any more, on the connection that stands.
    let actors = fs::read_to_string(keys.file("actors.toml")).expect("a list");
    fs::write(keys.file("actors.toml"), actors.replace("certificate = \"node\"", "certificate = \"nobody\"")).expect("a list");
    until("the node is struck", async || (refused(&mut node).await == "XE-UNAUTHENTICATED").then_some(())).await;

    // The certificate of the server, and the roots of clients.
    for name in ["server.pem", "server.key", "root.pem"] {
        take(name);
    }
    until("the new certificate", async || refused(&mut others.bearer(&server, &old)).await.is_empty().then_some(())).await;
    assert_eq!(refused(&mut before).await, "", "connections that stand go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_make_themselves_known() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = secured(&lab, &keys).await;
    let token = |role: &str| {
        let file = keys.file(&format!("{role}.token"));
        fs::write(&file, keys.token(&["--name", role, "--role", role])).expect("a file");
        file
    };
    let run = |arguments: &[&str], shows: &[(&str, &Path)]| {
        let mut command = Command::new(binary());
        command.args(arguments).args(["--server", &format!("https://localhost:{}", server.address.port())]);
        command.arg("--roots").arg(keys.file("root.pem"));
        for (option, file) in shows {
            command.arg(option).arg(file);
        }
        crate::said(&mut command)
    };
    let (admin, operator) = (token("system_admin"), token("operator"));
    assert_eq!(run(&["open-log"], &[("--token-file", &admin)]).0, 0);
    let (status, said) = run(&["open-log"], &[("--token-file", &operator)]);
    assert!(status == 1 && said.contains("XE-FORBIDDEN"), "{said}");
    let (status, said) = run(&["status"], &[]);
    assert!(status == 1 && said.contains("XE-UNAUTHENTICATED"), "{said}");
    let (certificate, key) = (keys.file("node.pem"), keys.file("node.key"));
    let (status, said) = run(&["status"], &[("--certificate", &certificate), ("--certificate-key", &key)]);
    assert!(status == 0 && said.contains(LOG), "{said}");
    // Keys are written once, and only for their owner.
    let folder = keys.file("");
    let (status, said) = crate::said(Command::new(binary()).arg("keys").arg(&folder));
    assert!(status == 1 && said.contains("never written over"), "{said}");
    use std::os::unix::fs::PermissionsExt;
    for name in ["root.key", "server.key", "tokens.key", "hall.key"] {
        assert_eq!(fs::metadata(keys.file(name)).expect("a key").permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn without_authentication_only_this_machine_is_served() {
    let keys = Keys::new();
    let plain = keys.file("plain.toml");
    fs::write(&plain, "[tokens]\nkeys = \"tokens.json\"\n").expect("a file");
    let no_roots = keys.file("no-roots.toml");
    fs::write(&no_roots, "actors = \"actors.toml\"\n[tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n").expect("a file");
    let table: [(&[&str], Option<&Path>, &str); 4] = [
        (&["--listen", "0.0.0.0:0"], None, "no authentication"),
        (&["--listen", "0.0.0.0:0"], Some(&plain), "no TLS"),
        (&["--listen", "127.0.0.1:0"], Some(&no_roots), "client_roots"),
        (&["--listen", "127.0.0.1:0"], Some(Path::new("nowhere.toml")), "nowhere.toml"),
    ];
    for (arguments, security, expected) in table {
        let lab = Lab::new();
        let mut command = lab.offline(&["serve", "--nats", "off"]);
        command.args(arguments);
        if let Some(file) = security {
            command.arg("--security").arg(file);
        }
        let (status, said) = crate::said(&mut command);
        assert!(status != 0 && said.contains(expected), "{arguments:?} {security:?}: {status} {said}");
    }
}

fn base64url(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(text)
}

fn base64(text: &str) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}
