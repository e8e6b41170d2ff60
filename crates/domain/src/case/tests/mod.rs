//! Cases as scenarios: facts by day, then the day of the question and what the case shows. Dates of 2026, worked out on paper.

mod acceptance;
mod correction;
mod example_a;
mod explain;
mod joint;
mod life;
mod properties;
mod tolerance;

use super::{CaseOnDay, case_on};
use crate::clock::{Clock, Due, Why};
use crate::event::Fact;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use crate::testing::{day, history};

/// The case on a day, as these facts tell it.
fn case<D: AsRef<str>>(facts: &[(D, Fact)], knowledge: &Knowledge, valid_on: &str) -> CaseOnDay {
    case_on(&history(kind::CASE, facts), knowledge, day(valid_on)).expect("received by then")
}

/// State, promised and statutory due date of the current round; `-` is not begun, `!` overdue on the day, `?` provisional.
fn shows(case: &CaseOnDay) -> String {
    let round = case.round();
    format!("{} {} {}", case.state.name(), due(&round.promised), due(&round.statutory))
}

fn due(clock: &Clock) -> String {
    match clock.due {
        Due::On { day, provisional: true } => format!("{}?", day.strftime("%m-%d")),
        Due::On { day, .. } if clock.overdue_on(clock.valid_on) => format!("{}!", day.strftime("%m-%d")),
        Due::On { day, .. } => day.strftime("%m-%d").to_string(),
        Due::Paused => "paused".into(),
        Due::Unknown(Why::NotStarted) => "-".into(),
        Due::Unknown(why) => why.code().into(),
    }
}

/// Checks what a case shows on days.
fn check<D: AsRef<str>>(name: &str, facts: &[(D, Fact)], knowledge: &Knowledge, days: &[(&str, &str)]) {
    for (valid_on, expected) in days {
        assert_eq!(shows(&case(facts, knowledge, valid_on)), *expected, "{name}, on {valid_on}");
    }
}
