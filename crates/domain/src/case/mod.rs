//! A case (办件) on a day, as known (domain.md section 2).
//!
//! Goes in: the history of the case, what is known besides, and the day the question is about. Comes out: [`CaseOnDay`].
//! Promises: total (no history makes it fail; what does not fit is flagged and folded as best makes sense), and the same for
//! the same events in whatever order they were posted. Deemed acceptance and lapses are derived here and stored nowhere.
//! Left to others: refusing ([`crate::decide`]), and what a figure makes of it ([`crate::metric`]).

mod check;
mod clocks;
mod explain;
mod fold;
mod inspection;
mod joint;
mod state;
mod tolerance;

pub(crate) use check::check;
pub(crate) use clocks::stopped_by_rule;
pub use explain::{DAYS_MAX, DayTold, Explained, REASONS, Reason, Which, explain, explain_part};
pub(crate) use fold::{before, case_with, named_version};
pub use fold::{case_before, case_on};
pub use inspection::Trip;
pub use joint::{Joint, JointRule, Member};
pub use state::{Group, Phase, State, TABLE, allowed};
pub use tolerance::{Gap, OnLapse, Tolerance};
pub(crate) use tolerance::{handed_in, tolerated};

use crate::clock::{Clock, Pause};
use crate::event::{Channel, CodeText, Decision, ItemVersion, ProcedureKind};
use crate::flag::Flag;
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::Arc;

/// Working days of the receipt window (行政许可法 art. 32(1)(4), C6).
pub const RECEIPT_WD: u32 = 5;
/// Working days from a decision to delivery (行政许可法 art. 44, C4).
pub const DELIVERY_WD: u32 = 10;

/// When an event counts, and which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Its day.
    pub day: Date,
    /// Its position in the log.
    pub position: u64,
}

/// A case on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseOnDay {
    /// The day.
    pub valid_on: Date,
    /// Where it stands.
    pub state: State,
    /// 收件.
    pub received: Receipt,
    /// The unit it stands with: target of the last transfer, else the lead unit of the item version, else the receiving unit.
    pub unit: CodeText,
    /// Version its materials are pinned to at receipt (C12): the one named, or where none is named the one in force.
    pub version: Option<Arc<ItemVersion>>,
    /// The last receipt window.
    pub window: Window,
    /// Correction asked for and not handed in yet.
    pub pending: Option<Pending>,
    /// First day on which the receipt was deemed accepted (C6). Day 0 of the clock is [`Window::from`].
    pub deemed: Option<Date>,
    /// First day on which the case had lapsed for want of corrections (`correction_wd`).
    pub lapsed: Option<Date>,
    /// Notices, in the order they count.
    pub notices: Vec<Notice>,
    /// Corrections, in the order they count.
    pub corrections: Vec<Stamp>,
    /// One, and one more for each reopening. The last is the current one.
    pub rounds: Vec<Round>,
    /// Positions of events that do not fit the state they found, in the order they count.
    pub irregular: Vec<u64>,
    /// Remarks that hold on this day, each once, ascending.
    pub flags: Vec<Flag>,
}

/// 收件.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Its day.
    pub day: Date,
    /// Its position.
    pub position: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Item applied for; empty where the source has none.
    pub item_code: CodeText,
    /// Version named; empty where the source has none.
    pub item_version: CodeText,
    /// How it came in.
    pub channel: Channel,
    /// Receiving window.
    pub window: CodeText,
    /// Receiving unit.
    pub unit: CodeText,
    /// Who received it.
    pub staff: CodeText,
}

/// A receipt window: opened by the receipt or an asked correction (C6).
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Day it opened.
    pub from: Date,
    /// Instant it opened.
    pub at: Timestamp,
    /// Event that opened it.
    pub position: u64,
    /// Its last day, the fifth working day after `from`.
    pub last: Date,
    /// First day D with `W(from, D] > 5`: the first night of `backlog_receipt` (3.1). Later than the day after `last` where
    /// days off follow.
    pub over_from: Date,
    /// It rests on a year without a notice; nothing is deemed by it. First such day.
    pub unknown_from: Option<Date>,
    /// What ended it in whatever way but time: acceptance, refusal, a notice, the end of the case, a decision.
    pub answered: Option<Stamp>,
}

/// A correction asked for before acceptance.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The last notice.
    pub notice: Stamp,
    /// It was given within its receipt window.
    pub in_time: bool,
    /// Last day for the correction; none where `correction_wd` is none.
    pub last: Option<Date>,
}

/// 一次性告知.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Its day.
    pub day: Date,
    /// Its position.
    pub position: u64,
    /// The sender's id of it.
    pub notice_id: CodeText,
    /// Day its receipt window opened.
    pub window_from: Date,
    /// Working days used of that window.
    pub wd: u32,
    /// Given within it, and before acceptance.
    pub in_time: bool,
    /// Given after acceptance, deemed or not.
    pub post_acceptance: bool,
}

/// From an acceptance, or a reopening, to an outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// The receipt, or the reopening.
    pub opened: Stamp,
    /// Day 0. Of a reopened case the reopening itself.
    pub accepted: Option<Moment>,
    /// `CaseAccepted` after a deemed acceptance.
    pub confirmed: Option<Stamp>,
    /// Version its limits are pinned to at acceptance (C12).
    pub version: Option<Arc<ItemVersion>>,
    /// 承诺时限.
    pub promised: Clock,
    /// 法定时限.
    pub statutory: Clock,
    /// What stopped the clocks.
    pub outcome: Option<Outcome>,
    /// Special procedures, in the order they began.
    pub procedures: Vec<Procedure>,
    /// Corrections asked for after acceptance, in the order they count.
    pub asked: Vec<Asked>,
    /// Extensions, in the order they count.
    pub extensions: Vec<ExtensionOnDay>,
    /// 受理 was by tolerance, as the event says.
    pub by_tolerance: bool,
    /// 容缺, the first that was granted.
    pub tolerance: Option<Tolerance>,
    /// 联办, the first that was opened.
    pub joint: Option<Box<Joint>>,
    /// Visits to the site, in the order they were told of.
    pub trips: Vec<Trip>,
    /// `CaseTerminated` after a lapse that had ended the case.
    pub confirmed_end: Option<Stamp>,
    /// 办结.
    pub completed: Option<Stamp>,
    /// 出证, the first.
    pub issued: Option<Stamp>,
    /// 寄出, the first.
    pub mailed: Option<Stamp>,
    /// 送达, the first.
    pub delivered: Option<Stamp>,
    /// 撤销.
    pub revoked: Option<Stamp>,
    /// Clock of issue and delivery (art. 44), where it was decided to pass.
    pub delivery: Option<Clock>,
    /// First day D with `W(decision, D] > 10`: the first night of `backlog_delivery` (3.1).
    pub delivery_over_from: Option<Date>,
}

/// Acceptance.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Day 0.
    pub day: Date,
    /// The event; for a deemed one the event that opened the window.
    pub position: u64,
    /// By law alone (C6).
    pub deemed: bool,
    /// Instant of the event.
    pub at: Timestamp,
}

/// What stopped the clocks of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its day.
    pub day: Date,
    /// Its position.
    pub position: u64,
    /// Instant of the event.
    pub at: Timestamp,
    /// What it was.
    pub kind: OutcomeKind,
    /// The unit that acted.
    pub unit: CodeText,
    /// Who acted.
    pub staff: CodeText,
}

/// Kinds of outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeKind {
    /// 审批决定 (C10).
    Decided(Decision),
    /// 不受理 or 不予受理; after an acceptance like a refusal (C6).
    NotAccepted,
    /// 撤件 or 撤回 (C11).
    Withdrawn,
    /// 终止 (C11).
    Terminated,
}

impl OutcomeKind {
    /// Decided to pass, by tolerance or not.
    pub const fn is_pass(self) -> bool {
        matches!(self, Self::Decided(Decision::Pass | Decision::PassWithTolerance))
    }
}

/// 特别程序.
#[derive(Debug, Clone, PartialEq)]
pub struct Procedure {
    /// The sender's id of it.
    pub proc_id: CodeText,
    /// What is done.
    pub kind: ProcedureKind,
    /// The applicant was told in writing.
    pub told: bool,
    /// Its begin.
    pub started: Stamp,
    /// Its end.
    pub ended: Option<Stamp>,
}

/// A correction asked for after acceptance (C9).
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The notice.
    pub notice: Stamp,
    /// The correction that was handed in next.
    pub handed_in: Option<Stamp>,
}

/// 延长审批.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionOnDay {
    /// Day of approval, and the event.
    pub approved: Stamp,
    /// Working days added.
    pub wd: u32,
    /// The applicant was told.
    pub told: bool,
    /// It moves nothing: late, untold, or not the first.
    pub void: bool,
}

impl CaseOnDay {
    /// The current round.
    pub fn round(&self) -> &Round {
        &self.rounds[self.rounds.len() - 1]
    }

    /// Later days on which time alone changes something: a window or a limit for corrections ends, a clock falls due or is
    /// over, an answer begins to rest on a year without a notice. Between two neighbours of these and of the days of events
    /// nothing changes but counts of days.
    pub fn marks(&self) -> Vec<Date> {
        let after = |day: Date| day.tomorrow().ok();
        let window = &self.window;
        let mut marks = vec![after(window.last), Some(window.over_from), window.unknown_from];
        marks.push(self.pending.as_ref().and_then(|pending| pending.last).and_then(after));
        for round in &self.rounds {
            marks.push(round.delivery_over_from);
            marks.extend(round.tolerance.iter().flat_map(Tolerance::marks).map(Some));
            marks.extend(round.trips.iter().filter_map(|trip| trip.scheduled.as_ref()).map(|(_, on, _)| after(*on)));
            for clock in round.clocks() {
                marks.extend(clock.marks().map(Some));
                marks.extend(clock.proven_only.iter().flat_map(|proven| proven.marks()).map(Some));
            }
        }
        let mut days: Vec<Date> = marks.into_iter().flatten().filter(|day| *day > self.valid_on).collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}

impl Round {
    /// Every clock of it.
    pub(crate) fn clocks(&self) -> impl Iterator<Item = &Clock> {
        self.decision_clocks().chain(&self.delivery)
    }

    /// The clocks of its decision, and those of a joint handling.
    pub(crate) fn decision_clocks(&self) -> impl Iterator<Item = &Clock> {
        let joint = self.joint.iter().flat_map(|joint| {
            let members = joint.members.iter().map(|member| &member.clock);
            [&joint.promised_official, &joint.statutory_internal].into_iter().chain(members)
        });
        [&self.promised, &self.statutory].into_iter().chain(joint)
    }
}

impl Procedure {
    /// What it takes out of a clock; nothing where art. 45 does not know it (C7).
    pub(crate) fn pause(&self) -> Option<Pause> {
        let pause = Pause { start: self.started.day, end: self.ended.map(|ended| ended.day), proven: self.told };
        self.kind.stops_the_clock().then_some(pause)
    }
}

impl ProcedureKind {
    /// Whether art. 45 takes its time out (C7).
    pub const fn stops_the_clock(self) -> bool {
        !matches!(self, Self::SiteVisit | Self::Other)
    }
}

#[cfg(test)]
mod tests;
