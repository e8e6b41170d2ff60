//! Whole-system tests: few and strong, each lives through what a promise of the design says.

#![allow(clippy::print_stdout)] // Seeds and counts, shown where a test fails.

mod example_a;
mod kill;
mod nats;
