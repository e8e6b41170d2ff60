//! Whole-system tests: few and strong, each lives through what a promise of the design says.

#![allow(clippy::print_stdout)] // Seeds and counts, shown where a test fails.

mod abuse;
mod accesses;
mod audit;
mod bench;
mod catalogue;
mod cluster;
mod districts;
mod earlier;
mod edges;
mod example_a;
mod example_b;
mod example_c;
mod import;
mod kept_catalogue;
mod kill;
mod known;
mod life;
mod load;
mod nats;
mod nats_config;
mod permits;
mod posting;
mod project;
mod project_linked;
mod readme;
mod rebuild;
mod refusals;
mod rewound;
mod sealed;
mod standard;
mod supply;
mod two_writers;
mod vault;
mod web;
mod windows;

use std::process::Command;

/// Exit status of a command, and all that it said.
fn said(command: &mut Command) -> (i32, String) {
    let output = command.output().expect("it starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().expect("it ends by itself"), text)
}

/// The lines of JSON of a command that does its work.
fn lines(command: &mut Command) -> Vec<serde_json::Value> {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}
