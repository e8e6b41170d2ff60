//! The gate as scenarios: what is recorded, what comes, and the answer: `ok`, flags, or the code of the refusal.

mod case;
mod complaint;
mod joint;
mod others;
mod project;
mod registry;
mod states;
mod tolerance;
mod vault;

use super::{PostMode, decide};
use crate::event::Fact;
use crate::knowledge::Knowledge;
use crate::testing::{day, event_of, history, subject};
use jiff::civil::time;

/// Number of an event that is not recorded yet.
const NEW: u128 = 900;

/// Decides a fact that comes at noon of its day and is recorded at once.
fn answer<D: AsRef<str>>(kind: &str, given: &[(D, Fact)], known: &Knowledge, (on, fact): (&str, Fact), mode: PostMode) -> String {
    let event = event_of(&subject(kind), NEW, day(on), time(12, 0, 0, 0), fact);
    said(decide(&history(kind, given), known, &event, mode, event.occurred_at))
}

fn said(decided: Result<Vec<crate::flag::Flag>, crate::refusal::Refusal>) -> String {
    match decided {
        Err(refusal) => refusal.code.as_str().to_owned(),
        Ok(flags) if flags.is_empty() => "ok".to_owned(),
        Ok(flags) => flags.iter().map(|flag| flag.code()).collect::<Vec<_>>().join(" "),
    }
}

/// Checks strict answers of one kind of stream.
fn check(kind: &str, known: &Knowledge, table: &[(&str, &[(&str, Fact)], (&str, Fact), &str)]) {
    for (name, given, came, expected) in table {
        assert_eq!(answer(kind, given, known, came.clone(), PostMode::Strict), *expected, "{name}");
    }
}
