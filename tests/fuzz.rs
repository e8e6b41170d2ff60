//! Aim: nothing that comes from outside stops a reader, gets past it unseen, or is told to others by a refusal.
//!
//! Method: each target of `xiaoer_tests::fuzz` reads what was found before, its seeds, and a number of mutations of them that is the
//! same in every run. `scripts/fuzz` sets `XIAOER_FUZZ_EXECUTIONS` and `XIAOER_FUZZ_SEED` for longer ones.

#![allow(clippy::print_stdout)] // Executions and outcomes, shown by `scripts/fuzz` and where a test fails.

use std::{collections::BTreeSet, fs};
use xiaoer_tests::{
    fuzz::{REQUESTS, TARGETS, Target, found, run},
    root,
};
use xiaoer_wire::descriptors;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

fn fuzz(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let long = number("XIAOER_FUZZ_EXECUTIONS");
    let report = run(target, long.unwrap_or(target.short), number("XIAOER_FUZZ_SEED").unwrap_or(1));
    println!("{name}: {} executions, {} outcomes, slowest {:?}", report.executions, report.outcomes.len(), report.slowest);
    let mut outcomes: Vec<_> = report.outcomes.iter().collect();
    outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (outcome, count) in outcomes {
        println!("  {count:>8}  {outcome}");
    }
    assert!(long.is_some() || report.outcomes.len() >= target.outcomes, "the mutations do not reach far any more");
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test] fn $name() { fuzz(stringify!($name)); })*

        #[test]
        fn every_target_is_run() {
            let run = BTreeSet::from([$(stringify!($name)),*]);
            assert_eq!(run, TARGETS.iter().map(|target| target.name).collect());
        }
    };
}

targets! { post_request requests stored history served message xes mapping page_token configuration token claims token_keys actors certificate }

#[test]
fn every_request_of_the_contract_is_one_of_the_target() {
    let methods = descriptors::pool().services().flat_map(|service| service.methods().collect::<Vec<_>>());
    let inputs: BTreeSet<_> = methods.map(|method| method.input().name().to_owned()).filter(|name| name != "PostRequest").collect();
    assert_eq!(inputs, REQUESTS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

#[test]
fn the_document_has_every_target() {
    let text = fs::read_to_string(root().join("docs/fuzzing.md")).unwrap();
    let told: BTreeSet<_> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(told, TARGETS.iter().map(|target| target.name).collect());
    // What was found stays found: a folder without its target is read by nobody.
    for folder in fs::read_dir(root().join("tests/found")).into_iter().flatten() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let target: Option<&Target> = TARGETS.iter().find(|target| target.name == name);
        assert!(target.is_some_and(|target| !found(target).is_empty()), "{name}");
    }
}
