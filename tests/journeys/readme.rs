//! Aim: the five minutes of the README are true.
//!
//! Method: its shell blocks are run as they stand, on a server of the test's own. What differs is the port and the profile of the build.

use crate::said;
use std::{fs, process::Command};
use xiaoer_tests::{Lab, binary, root};

/// The shell blocks of a section.
fn blocks(text: &str, section: &str) -> String {
    let after = text.split_once(section).unwrap_or_else(|| panic!("no section {section}")).1;
    let section = after.split("\n## ").next().unwrap();
    let blocks: Vec<&str> = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty(), "the section has commands");
    blocks.concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_event_and_the_first_figure() {
    for (file, section) in [("README.md", "## A first event and a first figure"), ("README.zh-CN.md", "## 第一个事件，第一个指标")]
    {
        let lab = Lab::new();
        let server = lab.serve("off").await;
        let text = fs::read_to_string(root().join(file)).unwrap();
        let script = blocks(&text, section)
            .replace("$PWD/target/release", binary().parent().unwrap().to_str().unwrap())
            .replace("http://127.0.0.1:50051", &server.url());
        let mut bash = Command::new("bash");
        bash.args(["-euo", "pipefail", "-c", &script]).current_dir(root()).env("XIAOER_SERVER", server.url());
        let (status, text) = said(&mut bash);
        assert_eq!(status, 0, "{file}: {text}");
        for expected in
            ["\"duplicate\": true", "late_posted", "1/1", "decided_in_time", "on_time_rate_promised of April 2025: 100% (1/1)"]
        {
            assert!(text.contains(expected), "{file}: no {expected} in {text}");
        }
    }
}
