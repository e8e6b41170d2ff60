//! Aim: nothing comes in from others without a reason that someone wrote down; docs/dependencies.md has each direct dependency and
//! each tool once, and nothing that is there no more.
//!
//! What may come in at all is deny.toml's, which `scripts/check-supply` holds.

use crate::edges::metadata;
use std::{collections::BTreeSet, fs};
use xiaoer_tests::root;

/// The rows of the table under a heading, as their cells. Each has as many as the table's head, and none is empty.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let after = text.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no section {heading}")).1;
    let section = after.split("\n## ").next().unwrap();
    let mut rows = section
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>());
    let head = rows.next().expect("a table");
    let rows: Vec<_> = rows.skip(1).collect();
    for row in &rows {
        assert!(row.len() == head.len() && row.iter().all(|cell| !cell.is_empty()), "a reason is missing: {row:?}");
    }
    rows
}

/// `dependency of crate`, with the kind of dependency where it is not the usual one.
fn used() -> BTreeSet<String> {
    let packages = metadata();
    let all = packages.iter().flat_map(|package| {
        let name = package["name"].as_str().unwrap();
        package["dependencies"].as_array().unwrap().iter().map(move |dependency| (name, dependency))
    });
    all.filter(|(_, dependency)| dependency["path"].is_null())
        .map(|(name, dependency)| {
            let kind = dependency["kind"].as_str().map(|kind| format!(" ({kind})")).unwrap_or_default();
            format!("{} of {}{kind}", dependency["name"].as_str().unwrap(), name.trim_start_matches("xiaoer-"))
        })
        .collect()
}

#[test]
fn every_dependency_has_its_reason() {
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let rows = table(&text, "Crates");
    let names: Vec<_> = rows.iter().map(|row| &row[0]).collect();
    assert!(names.is_sorted_by(|a, b| a < b), "each once, in the order of the alphabet");
    let told: BTreeSet<_> =
        rows.iter().flat_map(|row| row[1].split(", ").map(move |user| format!("{} of {user}", row[0]))).collect();
    let used = used();
    let unexplained: Vec<_> = used.difference(&told).collect();
    let gone: Vec<_> = told.difference(&used).collect();
    assert!(unexplained.is_empty(), "docs/dependencies.md does not say what for: {unexplained:?}");
    assert!(gone.is_empty(), "docs/dependencies.md tells of what is there no more: {gone:?}");
}

#[test]
fn every_tool_has_its_reason() {
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let told: BTreeSet<_> = table(&text, "Tools").iter().map(|row| row[0].clone()).collect();
    let pinned = fs::read_to_string(root().join("scripts/tools.txt")).unwrap();
    let tools = pinned.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let mut names = BTreeSet::new();
    for tool in tools {
        assert!(tool[3].len() == 64 && tool[3].bytes().all(|b| b.is_ascii_hexdigit()), "{} is pinned by a hash", tool[0]);
        names.insert(tool[0].to_owned());
    }
    assert_eq!(told, names);
}

/// Whoever builds without `make check` meets the rules of deny.toml at least where they matter most.
#[test]
fn no_second_provider_of_cryptography_stands_in_the_lock_file() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let has = |name: &str| lock.contains(&format!("\nname = \"{name}\"\n"));
    assert!(has("ring"), "the lock file is read");
    for banned in ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys", "rsa", "rusqlite"] {
        assert!(!has(banned), "{banned} stands in Cargo.lock");
    }
    for single in ["rustls", "libsqlite3-sys", "ring"] {
        assert_eq!(lock.matches(&format!("\nname = \"{single}\"\n")).count(), 1, "{single} in one version");
    }
}
