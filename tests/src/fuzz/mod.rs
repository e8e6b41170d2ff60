//! Fuzzing: inputs that no sender would write, for every reader of something from outside, and what must hold of each.
//!
//! A *target* takes bytes, checks its properties with `assert!`, and gives an *outcome*, a few words on what became of the input
//! (`XE-FIELD-TOO-LONG case_received.item_code`). The harness mutates seeds by their form; an input with an outcome that was not
//! seen before becomes a seed itself, so that what lies behind a check is reached without instrumenting the program. Everything
//! follows from a seed number, so that a run can be repeated.
//!
//! `tests/fuzz.rs` runs a bounded number of inputs of each target on every `cargo test`; `scripts/fuzz` runs as many as it is told.
//! docs/fuzzing.md lists targets, properties, findings and executions.
//!
//! To add a target: a function in a file here, a line in [`TARGETS`], a
//! line in docs/fuzzing.md. What it finds becomes a file in `tests/found/<target>/`, which is read before anything else, or a test
//! beside the code that was mended.

mod bus;
mod callers;
mod contract;
mod import;
mod mutate;
mod rules;
mod seeds;
mod served;
mod texts;
mod wire;

pub use contract::REQUESTS;
pub use mutate::Form;

use crate::root;
use mutate::Mutator;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    time::{Duration, Instant},
};

/// Most inputs kept besides the seeds.
const KEPT_MAX: usize = 4_000;
/// Longest input.
const INPUT_BYTES_MAX: usize = 32 * 1_024;
/// Longest time for one input, far above what any takes also on a machine that is busy: beyond it a sender could hold a core.
const INPUT_TIME_MAX: Duration = Duration::from_secs(10);

/// Checks one input, and says what became of it.
pub type Check = Box<dyn Fn(&[u8]) -> String>;

/// A reader of something from outside.
#[derive(Debug)]
pub struct Target {
    /// Its name, as in docs/fuzzing.md.
    pub name: &'static str,
    /// How its inputs are mutated.
    form: Form,
    /// Inputs to begin with.
    seeds: fn() -> Vec<Vec<u8>>,
    /// What checks them.
    check: fn() -> Check,
    /// Inputs of the run that is part of every `cargo test`.
    pub short: u64,
    /// Outcomes that this run reaches at least; fewer mean that the mutations no longer get past the first check.
    pub outcomes: usize,
}

macro_rules! targets {
    ($($name:ident $form:ident $seeds:path, $check:expr, $short:literal $outcomes:literal;)*) => {
        /// Every target there is.
        pub const TARGETS: &[Target] = &[$(Target {
            name: stringify!($name),
            form: Form::$form,
            seeds: $seeds,
            check: $check,
            short: $short,
            outcomes: $outcomes,
        }),*];
    };
}

targets! {
    post_request Proto seeds::requests, || Box::new(contract::post_request), 20_000 150;
    requests Call contract::request_seeds, || Box::new(contract::request), 10_000 40;
    stored Json seeds::stored, || Box::new(contract::stored), 20_000 150;
    history Proto rules::seeds, || Box::new(rules::history), 4_000 100;
    served Call served::requests, served::target, 1_000 50;
    message Text bus::seeds, || Box::new(bus::message), 20_000 150;
    xes Text import::logs, || Box::new(import::log), 10_000 8;
    mapping Text import::mappings, || Box::new(import::mapping), 10_000 40;
    page_token Text texts::tokens, || Box::new(texts::token), 6_000 3;
    configuration Text texts::configurations, || Box::new(texts::configuration), 10_000 30;
    token Text callers::tokens, callers::token, 6_000 6;
    claims Json callers::all_claims, callers::claims, 6_000 15;
    token_keys Json callers::key_sets, || Box::new(callers::keys), 6_000 8;
    actors Text callers::lists, || Box::new(callers::actors), 6_000 12;
    certificate Text callers::certificates, || Box::new(callers::certificate), 10_000 4;
}

/// What a run did.
#[derive(Debug)]
pub struct Report {
    /// Inputs that were checked.
    pub executions: u64,
    /// How often each outcome was seen.
    pub outcomes: BTreeMap<String, u64>,
    /// What the slowest input took.
    pub slowest: Duration,
}

/// Checks what was found before, the seeds, and then `executions` mutations of them.
///
/// # Panics
/// Where a property does not hold; the input stands in `target/fuzz/` then.
pub fn run(target: &Target, executions: u64, seed: u64) -> Report {
    let (seeds, reader) = ((target.seeds)(), (target.check)());
    assert!(!seeds.is_empty(), "{} has no seed", target.name);
    let mut report = Report { executions: 0, outcomes: BTreeMap::new(), slowest: Duration::ZERO };
    let mut inputs = BTreeSet::new();
    for input in found(target).into_iter().chain(seeds) {
        check(target, &reader, &input, &mut report);
        inputs.insert(input);
    }
    let mut inputs: Vec<_> = inputs.into_iter().collect();
    let kept_max = inputs.len() + KEPT_MAX;
    let mut mutator = Mutator::new(seed, &inputs);
    for _ in 0..executions {
        let mut input = mutator.mutate(target.form, &inputs);
        input.truncate(INPUT_BYTES_MAX);
        if check(target, &reader, &input, &mut report) && inputs.len() < kept_max {
            inputs.push(input);
        }
    }
    report
}

/// Checks one input; gives whether its outcome is a new one.
fn check(target: &Target, reader: &Check, input: &[u8], report: &mut Report) -> bool {
    let since = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| reader(input))).unwrap_or_else(|panic| {
        eprintln_found(target, input);
        resume_unwind(panic)
    });
    let took = since.elapsed();
    if took > INPUT_TIME_MAX {
        eprintln_found(target, input);
        panic!("{}: one input took {took:?}", target.name);
    }
    report.slowest = report.slowest.max(took);
    report.executions += 1;
    let count = report.outcomes.entry(outcome).or_default();
    *count += 1;
    *count == 1
}

/// Keeps an input for which a property did not hold, and says where.
#[allow(clippy::print_stderr)] // Shown where a test fails.
fn eprintln_found(target: &Target, input: &[u8]) {
    let folder = root().join("target/fuzz").join(target.name);
    let name = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(format!("{name:016x}"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
    eprintln!("{}: {} bytes, kept in {} ({kept:?})", target.name, input.len(), path.display());
    eprintln!("{}", shown(input));
}

/// An input as a person can read it.
fn shown(input: &[u8]) -> String {
    let mut text = String::new();
    for &byte in input.iter().take(2_000) {
        match byte {
            b' '..=b'~' => text.push(char::from(byte)),
            _ => drop(write!(text, "\\x{byte:02x}")),
        }
    }
    text
}

/// What was found once, oldest name first.
pub fn found(target: &Target) -> Vec<Vec<u8>> {
    let Ok(folder) = fs::read_dir(root().join("tests/found").join(target.name)) else { return Vec::new() };
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a file")).collect()
}
