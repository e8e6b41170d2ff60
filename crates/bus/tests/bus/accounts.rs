//! A nats-server with the accounts of `accounts`: the relay publishes, a reader reads its own logs, and nobody does more.

use crate::lab::{Lab, Memory, PATIENCE, binary};
use async_nats::{Request, jetstream::stream::Config};
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};
use xiaoer_bus::{
    Feed, Login, Nats, Source as _,
    accounts::{Accounts, Reads, new_key},
    message,
    relay::Options,
};
use xiaoer_domain::LogName;

/// How long a request may go unanswered: a forbidden one is never answered.
const UNANSWERED: Duration = Duration::from_millis(700);

/// A server with these accounts; it ends with this value.
struct Guarded {
    server: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Guarded {
    /// With a relay, and readers of these logs (all where none is named here).
    fn start(readers: &[(&str, &[&str])]) -> Self {
        let folder = TempDir::new().unwrap();
        let key = |name: &str| {
            let (seed, public) = new_key().unwrap();
            fs::write(folder.path().join(format!("{name}.seed")), seed).unwrap();
            public
        };
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let reads = |logs: &[&str]| match logs {
            [] => Reads::All,
            logs => Reads::Logs(logs.iter().map(|log| LogName::new(log).unwrap()).collect()),
        };
        let accounts = Accounts {
            listen: format!("127.0.0.1:{port}"),
            store: folder.path().join("store"),
            tls: None,
            relay: key("relay"),
            readers: readers.iter().map(|(name, of)| (key(name), reads(of))).collect(),
        };
        let config = folder.path().join("nats-server.conf");
        fs::write(&config, accounts.to_string()).unwrap();
        let mut command = Command::new(binary());
        command.arg("--config").arg(&config).arg("--log").arg(folder.path().join("log")).stdin(Stdio::null());
        Self { server: command.spawn().unwrap(), url: format!("nats://127.0.0.1:{port}"), folder }
    }

    fn seed(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.seed"))
    }

    async fn connect(&self, seed: Option<&Path>) -> Nats {
        let login = Login { seed: seed.map(Path::to_owned), roots: None };
        Nats::connect(&self.url, &login).await.unwrap()
    }

    /// Connected, as the holder of a seed.
    async fn login(&self, name: &str) -> Nats {
        let nats = self.connect(Some(&self.seed(name))).await;
        let connected = async {
            while !nats.is_connected() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, connected).await.unwrap_or_else(|_| panic!("{name}: {}", self.said()));
        nats
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Whether a request is answered at all.
async fn answered(nats: &Nats, subject: &str, payload: &str) -> bool {
    let request = Request::new().payload(payload.to_owned().into()).timeout(Some(UNANSWERED));
    nats.client().send_request(subject.to_owned(), request).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_relay_publishes_and_readers_read_their_own() {
    let server = Guarded::start(&[("auditor", &[]), ("district", &["370306"])]);
    let lab = Lab::over(server.login("relay").await);
    let sources = ["370306", "370307"].map(|log| Memory::with(log, 25));
    for source in &sources {
        let mut relay = lab.relay_with(source, Options::default());
        relay.until_at(25).await;
        relay.stop().await;
        lab.compare(source, 1).await;
    }

    let reads = async |nats: &Nats, source: &Memory| {
        let feed = async {
            let mut feed = Feed::open(nats, source.log(), None, None).await.ok()?;
            let mut read = 0;
            // They come in as many pieces as they are delivered in.
            while read < 25 {
                read += feed.next(None).await.ok()?.len();
            }
            Some(read)
        };
        timeout(UNANSWERED * 4, feed).await.ok().flatten()
    };
    let (auditor, district) = (server.login("auditor").await, server.login("district").await);
    assert_eq!(reads(&auditor, &sources[0]).await, Some(25));
    assert_eq!(reads(&auditor, &sources[1]).await, Some(25));
    assert_eq!(reads(&district, &sources[0]).await, Some(25));
    assert_eq!(reads(&district, &sources[1]).await, None, "another log");

    // Nobody but the relay changes a stream, nor listens at another's inbox.
    let name = message::stream_name(sources[0].log());
    for reader in [&auditor, &district] {
        for (subject, payload) in [
            (format!("$JS.API.STREAM.PURGE.{name}"), ""),
            (format!("$JS.API.STREAM.DELETE.{name}"), ""),
            (format!("$JS.API.STREAM.MSG.DELETE.{name}"), r#"{"seq":3}"#),
            (format!("$JS.API.STREAM.UPDATE.{name}"), r#"{"name":"XIAOER-370306","subjects":["x"]}"#),
            ("$JS.API.STREAM.CREATE.OTHER".into(), r#"{"name":"OTHER","subjects":["other"]}"#),
            ("xiaoer.370306.event.case.CaseReceived".into(), "made up"),
        ] {
            assert!(!answered(reader, &subject, payload).await, "{subject}");
        }
        assert!(answered(reader, &format!("$JS.API.STREAM.INFO.{name}"), "").await, "what is allowed is answered");
    }
    lab.compare(&sources[0], 1).await;
    let said = server.said();
    assert!(said.contains("Publish Violation"), "{said}");

    // The relay can take its stream away, as `recover` must.
    let stream = lab.nats.jetstream().get_stream(&name).await.unwrap();
    assert!(stream.cached_info().config.deny_delete && stream.cached_info().config.deny_purge);
    lab.nats.jetstream().delete_stream(&name).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_without_a_key_gets_in() {
    let server = Guarded::start(&[("auditor", &["370306"])]);
    let relay = server.login("relay").await;
    relay
        .jetstream()
        .create_stream(Config { name: "X".into(), subjects: vec!["xiaoer.x".into()], ..Config::default() })
        .await
        .unwrap();
    let (seed, _) = new_key().unwrap();
    let stranger = server.folder.path().join("stranger.seed");
    fs::write(&stranger, seed).unwrap();
    for seed in [None, Some(&*stranger)] {
        let nats = server.connect(seed).await;
        sleep(UNANSWERED).await;
        assert!(!nats.is_connected(), "{seed:?}");
    }
    fs::write(&stranger, "SUXX").unwrap();
    let wrong = Nats::connect(&server.url, &Login { seed: Some(stranger.clone()), roots: None }).await.unwrap_err().to_string();
    assert!(wrong.contains("stranger.seed") && !wrong.contains("SUXX"), "{wrong}");
}
