//! Whose hands a case went through: the window that checked it first, the departments it was sent to, the units that handed it over
//! (domain.md S15, 3.9).
//!
//! Promises: nothing here moves a clock. The applicant's runs on, whoever holds the case.

use super::{CaseOnDay, Round, Stamp};
use crate::calendar::Calendar;
use crate::event::{CaseTransferred, CodeText, Fact, FirstCheck, Recorded};
use jiff::civil::Date;

/// Reason of a transfer by which a unit says that the case had been sent to it wrongly.
const WRONG_REFERRAL: &str = "wrong_referral";

/// 移交.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// When.
    pub on: Stamp,
    /// To this unit.
    pub to: CodeText,
    /// The unit that gave it away had been sent it wrongly.
    pub was_wrong: bool,
}

/// 转部门办理.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// When it was sent.
    pub routed: Stamp,
    /// To this department.
    pub unit: CodeText,
    /// When the department took it.
    pub taken: Option<Stamp>,
}

/// 初审.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// When.
    pub on: Stamp,
    /// At this window; empty where unknown.
    pub window: CodeText,
}

/// Days for which a unit answers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held<'a> {
    /// The unit.
    pub(crate) unit: &'a CodeText,
    /// Another held the case, to which this unit had sent it wrongly.
    pub(crate) is_referred: bool,
    /// Working days.
    pub(crate) wd: u32,
    /// The transfers that bound it.
    pub(crate) events: Vec<u64>,
}

impl CaseOnDay {
    pub(super) fn transfer(&mut self, transferred: &CaseTransferred, on: Stamp) {
        self.unit = transferred.to.clone();
        let was_wrong = *transferred.reason == *WRONG_REFERRAL;
        self.transfers.push(Transfer { on, to: transferred.to.clone(), was_wrong });
    }

    pub(super) fn check_first(&mut self, check: &FirstCheck, recorded: &Recorded) {
        let event = &recorded.event;
        let window = if check.window.is_empty() { &event.window } else { &check.window };
        let on = Stamp { day: event.day, position: recorded.position };
        self.first_check.get_or_insert(Checked { on, window: window.clone() });
    }

    /// A department takes what was sent to it first.
    pub(super) fn route(&mut self, fact: &Fact, here: Stamp) {
        match fact {
            Fact::CaseRoutedToDept(routed) => {
                self.routings.push(Routing { routed: here, unit: routed.unit.clone(), taken: None });
            }
            Fact::DeptTookCase(took) => {
                let open = |routing: &&mut Routing| routing.unit == took.unit && routing.taken.is_none();
                if let Some(routing) = self.routings.iter_mut().find(open) {
                    routing.taken = Some(here);
                }
            }
            _ => {}
        }
    }

    /// The working days of a round from its acceptance to its outcome, by who answers for them: the unit that held the case, or where it
    /// had been sent there wrongly, the one that sent it. They add up to all working days between the two.
    pub(crate) fn held<'a>(&'a self, round: &Round, calendar: &Calendar) -> Vec<Held<'a>> {
        let Some((from, to)) = round.accepted.as_ref().zip(round.outcome.as_ref()).map(|(a, o)| (a.day, o.day)) else {
            return Vec::new();
        };
        let mut all: Vec<Held<'a>> = Vec::new();
        // Who sent the case to the one that holds it: at first the window that received it.
        let (mut sender, mut holder) = (&self.received.unit, &self.first_unit);
        let (mut since, mut came) = (Date::MIN, 0);
        let ends = self.transfers.iter().map(|transfer| (transfer.on, Some(transfer)));
        for (end, transfer) in ends.chain([(Stamp { day: Date::MAX, position: 0 }, None)]) {
            let is_referred = transfer.is_some_and(|transfer| transfer.was_wrong);
            let unit = if is_referred { sender } else { holder };
            let wd = calendar.working_days(since.max(from), end.day.min(to));
            add(&mut all, unit, is_referred, wd, [came, end.position]);
            if let Some(transfer) = transfer {
                (sender, holder) = (holder, &transfer.to);
            }
            (since, came) = (end.day, end.position);
        }
        all
    }
}

fn add<'a>(all: &mut Vec<Held<'a>>, unit: &'a CodeText, is_referred: bool, wd: u32, events: [u64; 2]) {
    if wd == 0 {
        return;
    }
    match all.iter_mut().find(|held| held.unit == unit && held.is_referred == is_referred) {
        Some(held) => {
            held.wd += wd;
            held.events.extend(events);
        }
        None => all.push(Held { unit, is_referred, wd, events: events.into() }),
    }
}
