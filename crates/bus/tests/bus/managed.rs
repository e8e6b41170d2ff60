//! The supervised server: one on a folder, started again where it dies, and nobody else's process harmed.

use crate::lab::{Lab, Memory, PATIENCE, binary, start};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::time::sleep;
use xiaoer_bus::{
    Managed, find_binary,
    managed::{Error, Options},
};

/// None while a starting server has not written it yet.
fn pid(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("nats-server.pid")).ok()?.trim().parse().ok()
}

fn is_alive(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|command| !command.is_empty())
}

async fn wait(what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_is_started_again_and_loses_nothing() {
    let lab = Lab::open().await;
    let source = Memory::new("kill");
    let mut relay = lab.relay(&source);
    for round in 0..3 {
        let before = pid(lab.folder.path()).unwrap();
        source.grow(20_000, 1);
        let started = round * 20_000;
        relay.until("under way", |status| status.relayed.is_some_and(|at| at > started)).await;
        assert!(Command::new("kill").args(["-9", &before.to_string()]).status().unwrap().success());
        wait("another process", || pid(lab.folder.path()).is_some_and(|pid| pid != before)).await;
    }
    relay.until_at(source.head()).await;
    lab.compare(&source, 1).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_with_its_owner_and_takes_its_folder_alone() {
    let binary = binary();
    let folder = TempDir::new().unwrap();
    let options = Options { binary: binary.clone(), folder: folder.path().to_owned(), port: None };
    let server = Managed::start(options.clone()).await.unwrap();
    let first = pid(folder.path()).unwrap();
    assert!(matches!(Managed::start(options.clone()).await, Err(Error::InUse(_))), "one owner a folder");
    assert!(is_alive(first), "the owner's server is left alone");
    server.stop().await;
    assert!(!is_alive(first));
    // Dropped without a word, it is killed.
    let server = Managed::start(options.clone()).await.unwrap();
    let second = pid(folder.path()).unwrap();
    drop(server);
    wait("killed", || !is_alive(second)).await;
    wait("the lock is given back", || fs::File::open(folder.path().join("lock")).unwrap().try_lock().is_ok()).await;
    // A port that is taken, and a server that does not start.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = Some(taken.local_addr().unwrap().port());
    assert!(matches!(Managed::start(Options { port, ..options.clone() }).await, Err(Error::Ended { .. })));
    assert!(matches!(Managed::start(Options { binary: folder.path().join("none"), ..options }).await, Err(Error::Io(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_left_behind_is_stopped_and_no_other_process_is() {
    let binary = binary();
    let folder = TempDir::new().unwrap();
    start(&binary, folder.path(), None).await.stop().await;

    // Left behind: the same program with the same configuration, and nobody holds the lock.
    let config = folder.path().canonicalize().unwrap().join("nats-server.conf");
    let mut orphan = Command::new(&binary).arg("--config").arg(config).stderr(Stdio::null()).spawn().unwrap();
    wait("the orphan runs", || pid(folder.path()) == Some(orphan.id())).await;
    let server = start(&binary, folder.path(), None).await;
    assert!(orphan.try_wait().unwrap().is_some(), "the orphan has ended");
    server.stop().await;

    // Another process that has come to its number.
    let mut other = Command::new("sleep").arg("60").spawn().unwrap();
    fs::write(folder.path().join("nats-server.pid"), other.id().to_string()).unwrap();
    start(&binary, folder.path(), None).await.stop().await;
    assert!(other.try_wait().unwrap().is_none(), "it is left alone");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[test]
fn the_highest_version_in_the_folder_is_taken() {
    let table: [(&[&str], &str); 4] = [
        (&["nats-server-2.9.10", "nats-server-2.15.1", "nats-server-2.12.0"], "nats-server-2.15.1"),
        (&["nats-server"], "nats-server"),
        (&["buf-1.75.0", "nats-server-2.15.1", "nats-server"], "nats-server-2.15.1"),
        (&["buf-1.75.0", "nats-2.0"], ""),
    ];
    for (files, expected) in table {
        let folder = TempDir::new().unwrap();
        files.iter().for_each(|file| fs::write(folder.path().join(file), "").unwrap());
        let found = find_binary(folder.path()).filter(|path| path.starts_with(folder.path()));
        assert_eq!(found, (!expected.is_empty()).then(|| folder.path().join(expected)), "{files:?}");
    }
}
