//! Aim: what may depend on what stays as docs/architecture.md says; the lock file names no mirror; links of the documents resolve.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use xiaoer_tests::root;

/// Crate, those of ours it may use, and what else it may use. A new line is a decision.
const MAY_USE: [(&str, &[&str], &[&str]); 7] = [
    ("xiaoer-domain", &[], &["jiff", "serde", "thiserror", "uuid"]),
    (
        "xiaoer-wire",
        &["xiaoer-domain"],
        &["bytes", "jiff", "pbjson", "prost", "prost-reflect", "serde", "serde_json", "sha2", "tonic", "tonic-prost", "uuid"],
    ),
    (
        "xiaoer-journal",
        &["xiaoer-domain", "xiaoer-wire"],
        &[
            "aes",
            "aes-gcm-siv",
            "bytes",
            "getrandom",
            "jiff",
            "libsqlite3-sys",
            "serde",
            "serde_json",
            "sha2",
            "sqlx",
            "thiserror",
            "tokio",
            "uuid",
            "zeroize",
        ],
    ),
    (
        "xiaoer-projections",
        &["xiaoer-domain", "xiaoer-wire", "xiaoer-journal"],
        &["futures", "jiff", "lru", "serde", "serde_json", "sqlx", "thiserror", "tokio", "tokio-util", "tracing", "uuid"],
    ),
    (
        "xiaoer-bus",
        &["xiaoer-domain", "xiaoer-wire", "xiaoer-journal"],
        &["async-nats", "bytes", "futures", "nkeys", "serde", "serde_json", "thiserror", "tokio", "tokio-util", "tracing", "uuid"],
    ),
    (
        "xiaoer-server",
        &["xiaoer-domain", "xiaoer-wire", "xiaoer-journal", "xiaoer-projections", "xiaoer-bus"],
        &[
            "bytes",
            "futures",
            "http",
            "http-body",
            "http-body-util",
            "hyper-rustls",
            "hyper-util",
            "jiff",
            "jsonwebtoken",
            "lru",
            "prost",
            "ring",
            "rustls",
            "rustls-webpki",
            "serde",
            "serde_json",
            "sha2",
            "signature",
            "thiserror",
            "tokio",
            "tokio-rustls",
            "tokio-stream",
            "tokio-util",
            "tonic",
            "tonic-health",
            "tonic-reflection",
            "tonic-types",
            "toml",
            "tonic-web",
            "tower",
            "tower-http",
            "tracing",
            "uuid",
        ],
    ),
    (
        "xiaoer",
        &["xiaoer-domain", "xiaoer-wire", "xiaoer-journal", "xiaoer-projections", "xiaoer-bus", "xiaoer-server"],
        &[
            "anyhow",
            "base64",
            "clap",
            "flate2",
            "hdrhistogram",
            "indicatif",
            "jiff",
            "mimalloc",
            "quick-xml",
            "rcgen",
            "ring",
            "serde",
            "serde_json",
            "sqlx",
            "thiserror",
            "tokio",
            "tokio-stream",
            "tokio-util",
            "toml",
            "tonic",
            "tonic-types",
            "tracing",
            "tracing-subscriber",
            "uuid",
        ],
    ),
];

/// The crates of the workspace, as cargo knows them.
pub(crate) fn metadata() -> Vec<serde_json::Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

#[test]
fn crates_use_only_what_they_may() {
    let packages = metadata();
    let names: BTreeSet<_> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let known: BTreeSet<_> = MAY_USE.iter().map(|(name, ..)| *name).chain(["xiaoer-tests"]).collect();
    assert_eq!(names, known, "the crates are those of the map");
    for (name, ours, others) in MAY_USE {
        let package = packages.iter().find(|package| package["name"] == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"].is_null()) {
            let used = dependency["name"].as_str().unwrap();
            assert!(ours.contains(&used) || others.contains(&used), "{name} may not use {used}");
        }
    }
}

#[test]
fn the_lock_file_names_no_mirror() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let sources: BTreeSet<_> = lock.lines().filter(|line| line.starts_with("source = ")).collect();
    let expected = BTreeSet::from(["source = \"registry+https://github.com/rust-lang/crates.io-index\""]);
    assert_eq!(sources, expected);
}

#[test]
fn links_of_the_documents_resolve() {
    let mut files = ["README.md", "README.zh-CN.md", "SECURITY.md"].map(|file| root().join(file)).to_vec();
    let mut folders = vec![root().join("docs"), root().join("examples"), root().join("seeds")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "md") {
                files.push(entry);
            }
        }
    }
    assert!(files.len() > 70, "a page for each refusal, and the rest");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap();
            let target: PathBuf = file.parent().unwrap_or(Path::new("")).join(path);
            assert!(path.is_empty() || path.contains("://") || target.exists(), "{}: {link}", file.display());
        }
    }
}
