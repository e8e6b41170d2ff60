//! 容缺 of a case: what was missing at acceptance, until when it may follow, and what a lapse does (domain.md S21, 3.5).
//!
//! Promises: a material is made good on the day it was accepted, not when it arrived; an extension counts only where it was given on
//! or before the last day; a lapse is derived from the days and stored nowhere, and what it does is the rule on the day of the grant.
//! Left to others: the reading of the clock that a lapse may pause ([`super::clocks`]).

use super::{CaseOnDay, Outcome, OutcomeKind, Phase, Round, Stamp, State};
use crate::calendar::Calendar;
use crate::clock::{Clock, Course, Pause};
use crate::event::{CodeText, Decision, Event, Fact, ItemVersion, LimitUnit, Recorded, ToleranceGranted, ToleranceOutcome};
use crate::knowledge::Knowledge;
use crate::refusal::Code;
use jiff::civil::Date;

/// 容缺.
#[derive(Debug, Clone, PartialEq)]
pub struct Tolerance {
    /// The grant.
    pub granted: Stamp,
    /// Who granted it: unit, and work number.
    pub by: (CodeText, CodeText),
    /// What was missing.
    pub gaps: Vec<Gap>,
    /// The list was handed over in one go.
    pub told: bool,
    /// All that was missing stood on the item's list.
    pub listed: bool,
    /// Last day, as extended in time.
    pub promised_on: Date,
    /// Extensions, in the order they count, each with whether it is void.
    pub extensions: Vec<(Stamp, bool)>,
    /// 终结, and what the sender says came of it.
    pub closed: Option<(Stamp, ToleranceOutcome)>,
    /// What a lapse does, pinned on the day of the grant.
    pub on_lapse: OnLapse,
    /// `on_lapse_grace_wd` of that day.
    pub grace_wd: u32,
    /// Last day of the grace.
    pub grace_till: Date,
    /// First day on which it had lapsed.
    pub lapsed: Option<Date>,
}

/// A material that was missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Its code.
    pub material: CodeText,
    /// It arrived, the last time.
    pub filed: Option<Stamp>,
    /// It was accepted.
    pub made_good: Option<Stamp>,
}

/// What a lapse does (rule `on_lapse`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnLapse {
    /// Nothing: the clocks run.
    Continue,
    /// The promised clock stands until the gap is closed, or the grace is over where there is one.
    Pause,
    /// The case ends when the grace is over.
    Terminate,
}

impl OnLapse {
    /// The code of the rule.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Pause => "pause",
            Self::Terminate => "terminate",
        }
    }
}

impl Tolerance {
    fn of(granted: &ToleranceGranted, case: &CaseOnDay, recorded: &Recorded, knowledge: &Knowledge) -> Self {
        let event = &*recorded.event;
        let gap = |material: &CodeText| Gap { material: material.clone(), filed: None, made_good: None };
        let on_lapse = [OnLapse::Pause, OnLapse::Terminate]
            .into_iter()
            .find(|policy| knowledge.rules.is("on_lapse", event.day, policy.code()))
            .unwrap_or(OnLapse::Continue);
        let listed = granted.missing.iter().all(|material| tolerated(case, material, event.day, knowledge).is_some());
        let mut tolerance = Self {
            granted: Stamp { day: event.day, position: recorded.position },
            by: (event.unit.clone(), event.staff.clone()),
            gaps: granted.missing.iter().map(gap).collect(),
            told: granted.told,
            listed,
            promised_on: granted.promised_on,
            extensions: Vec::new(),
            closed: None,
            on_lapse,
            grace_wd: knowledge.rules.count("on_lapse_grace_wd", event.day),
            grace_till: granted.promised_on,
            lapsed: None,
        };
        tolerance.promise(granted.promised_on, &knowledge.calendar);
        tolerance
    }

    fn promise(&mut self, last: Date, calendar: &Calendar) {
        self.promised_on = last;
        // A day that was over when it was granted cannot be waited for.
        let last = last.max(self.granted.day);
        self.grace_till = if self.grace_wd == 0 { last } else { calendar.nth(last, self.grace_wd) };
    }

    /// Day on which the last of what was missing was accepted; none while something is.
    pub fn made_good_on(&self) -> Option<Date> {
        let days: Option<Vec<Date>> = self.gaps.iter().map(|gap| gap.made_good.map(|stamp| stamp.day)).collect();
        days.and_then(|days| days.into_iter().max())
    }

    /// Something is still missing, and owed.
    pub fn is_open(&self) -> bool {
        let withdrawn = matches!(self.closed, Some((_, ToleranceOutcome::Withdrawn)));
        self.made_good_on().is_none() && !withdrawn
    }

    /// Day from which nothing was owed any more although something was missing: it was withdrawn, or the case ended without a pass.
    pub fn released(&self, outcome: Option<&Outcome>) -> Option<Date> {
        let ended = outcome.filter(|outcome| !outcome.kind.is_pass()).map(|outcome| outcome.day);
        let withdrawn = self.closed.filter(|(_, how)| *how == ToleranceOutcome::Withdrawn).map(|(stamp, _)| stamp.day);
        [ended, withdrawn].into_iter().flatten().min().filter(|day| self.made_good_on().is_none_or(|good| good > *day))
    }

    /// What a lapse takes out of the promised clock: from the last day to the day on which the gap was closed, or given up.
    pub fn pause(&self) -> Option<Pause> {
        self.lapsed.filter(|_| self.on_lapse == OnLapse::Pause)?;
        let grace = (self.grace_wd > 0).then_some(self.grace_till);
        let end = [self.made_good_on(), self.closed.map(|(stamp, _)| stamp.day), grace].into_iter().flatten().min();
        Some(Pause { start: self.promised_on.max(self.granted.day), end, proven: true })
    }

    /// Days on which time alone changes something: the last day, the one after it, and the one after the grace.
    pub fn marks(&self) -> impl Iterator<Item = Date> {
        let after = |day: Date| day.tomorrow().ok();
        [Some(self.promised_on), after(self.promised_on), after(self.grace_till)].into_iter().flatten()
    }
}

impl CaseOnDay {
    /// What a fact of S21 does; the first grant of a round holds.
    pub(super) fn tolerance(&mut self, recorded: &Recorded, knowledge: &Knowledge) {
        let here = Stamp { day: recorded.event.day, position: recorded.position };
        if let Fact::ToleranceGranted(granted) = &recorded.event.fact {
            let tolerance = Tolerance::of(granted, self, recorded, knowledge);
            self.round_mut().tolerance.get_or_insert(tolerance);
            return;
        }
        let Some(tolerance) = &mut self.round_mut().tolerance else { return };
        match &recorded.event.fact {
            Fact::DeficiencyFiled(code) => {
                tolerance.gaps.iter_mut().filter(|gap| gap.material == *code).for_each(|gap| gap.filed = Some(here));
            }
            Fact::DeficiencyMadeGood(code) => {
                tolerance.gaps.iter_mut().filter(|gap| gap.material == *code).for_each(|gap| {
                    gap.made_good.get_or_insert(here);
                });
            }
            Fact::ToleranceExtended(extended) => {
                let void = here.day > tolerance.promised_on || tolerance.closed.is_some();
                tolerance.extensions.push((here, void));
                if !void {
                    tolerance.promise(extended.new_on, &knowledge.calendar);
                }
            }
            Fact::ToleranceClosed(outcome) => {
                tolerance.closed.get_or_insert((here, *outcome));
            }
            _ => {}
        }
    }

    /// The day after which the case ends by itself: the last of the grace under `terminate`, while something is owed.
    pub(super) fn ends_by_lapse_after(&self) -> Option<Date> {
        let round = self.round();
        let ended = round.outcome.is_some() || self.state.phase() == Phase::Ended;
        let tolerance =
            round.tolerance.as_ref().filter(|tolerance| tolerance.on_lapse == OnLapse::Terminate && tolerance.is_open())?;
        (!ended).then_some(tolerance.grace_till)
    }

    /// Under `terminate` the case ends by itself when the grace is over, unless an event dated in time undoes it.
    pub(super) fn lapse_terminates(&mut self, day: Date, later: &[&Recorded]) {
        let (Some(last), Some(tolerance)) = (self.ends_by_lapse_after(), &self.round().tolerance) else { return };
        let undoes = |recorded: &&Recorded| {
            use Fact::{
                CaseDecided, CaseTerminated, CaseWithdrawn, DeficiencyMadeGood, NotAccepted, ToleranceClosed, ToleranceExtended,
            };
            let fact = &recorded.event.fact;
            recorded.event.day <= last
                && matches!(
                    fact,
                    DeficiencyMadeGood(_)
                        | ToleranceExtended(_)
                        | ToleranceClosed(_)
                        | CaseDecided(_)
                        | NotAccepted(_)
                        | CaseWithdrawn
                        | CaseTerminated
                )
        };
        if day <= last || later.iter().any(undoes) {
            return;
        }
        let (unit, staff) = tolerance.by.clone();
        let position = tolerance.granted.position;
        let Some(day) = last.tomorrow().ok() else { return };
        let at = self.received.at;
        self.state = State::Terminated;
        self.pending = None;
        self.round_mut().outcome = Some(Outcome { day, position, at, kind: OutcomeKind::Terminated, unit, staff });
    }
}

impl Round {
    /// The case ended by a lapse alone, without an event.
    pub(super) fn is_ended_by_lapse(&self) -> bool {
        let granted = self.tolerance.as_ref().map(|tolerance| tolerance.granted.position);
        self.outcome.as_ref().is_some_and(|outcome| Some(outcome.position) == granted)
    }

    /// Works out whether it had lapsed by a day.
    pub(super) fn read_lapse(&mut self, valid_on: Date) {
        let outcome = self.outcome.as_ref();
        let Some(tolerance) = &mut self.tolerance else { return };
        let last = tolerance.promised_on;
        let in_time = tolerance.made_good_on().is_some_and(|day| day <= last);
        let released = tolerance.released(outcome).is_some_and(|day| day <= last);
        tolerance.lapsed = last.tomorrow().ok().filter(|day| *day <= valid_on && !in_time && !released);
    }
}

/// Whether a material of the pinned version may be missing on a day, and the most working days until it follows (0: any number). By the
/// list, where one was published for the version; else by the marks of the guide.
pub(crate) fn tolerated(case: &CaseOnDay, material: &str, on: Date, knowledge: &Knowledge) -> Option<u32> {
    let version = case.version.as_ref()?;
    let item = knowledge.catalogue.item(&case.received.item_code)?;
    match item.tolerance_list(&version.version, on) {
        Some(listed) => listed.list.materials.iter().find(|(code, _)| **code == *material).map(|(_, max_wd)| *max_wd),
        None => version.materials.iter().any(|own| *own.code == *material && own.tolerance_ok).then_some(0),
    }
}

/// Codes of the materials handed in by some events of a case.
pub(crate) fn handed_in<'a>(events: impl IntoIterator<Item = &'a Fact>) -> Vec<&'a CodeText> {
    let of = |fact: &'a Fact| match fact {
        Fact::CaseReceived(received) => received.materials.as_slice(),
        Fact::CorrectionSubmitted(correction) => &correction.materials,
        _ => &[],
    };
    events.into_iter().flat_map(of).collect()
}

/// Whether a fact of S21 may find this case, and these events before it; most specific first.
pub(super) fn check(case: &CaseOnDay, earlier: &[&Recorded], event: &Event, knowledge: &Knowledge) -> Option<Code> {
    let tolerance = case.round().tolerance.as_ref();
    let known = |code: &CodeText| tolerance.is_some_and(|tolerance| tolerance.gaps.iter().any(|gap| gap.material == *code));
    let closed = tolerance.is_some_and(|tolerance| tolerance.closed.is_some());
    match &event.fact {
        Fact::ToleranceGranted(_) if tolerance.is_some() => Some(Code::ToleranceExists),
        Fact::ToleranceGranted(granted) => check_grant(case, earlier, event.day, granted, knowledge),
        Fact::DeficiencyFiled(code) | Fact::DeficiencyMadeGood(code) if !known(code) => Some(Code::ToleranceUnknown),
        Fact::ToleranceExtended(_) | Fact::ToleranceClosed(_) if tolerance.is_none() => Some(Code::ToleranceUnknown),
        Fact::DeficiencyFiled(_) | Fact::DeficiencyMadeGood(_) | Fact::ToleranceExtended(_) | Fact::ToleranceClosed(_)
            if closed =>
        {
            Some(Code::ToleranceClosed)
        }
        Fact::ToleranceExtended(extended) if tolerance.is_some_and(|tolerance| extended.new_on <= tolerance.promised_on) => {
            Some(Code::ToleranceLimit)
        }
        // 3.5: no document of approval before the gap is closed, unless it says so itself (code 12).
        Fact::CaseDecided(Decision::Pass) if tolerance.is_some_and(Tolerance::is_open) => Some(Code::ToleranceOpen),
        _ => None,
    }
}

fn check_grant(
    case: &CaseOnDay,
    earlier: &[&Recorded],
    day: Date,
    granted: &ToleranceGranted,
    knowledge: &Knowledge,
) -> Option<Code> {
    let Some(version) = &case.version else { return Some(Code::ToleranceUnlisted) };
    let immediate = [version.promised, version.statutory].into_iter().flatten().any(|limit| limit.unit == LimitUnit::Immediate);
    let limits: Option<Vec<u32>> = granted.missing.iter().map(|material| tolerated(case, material, day, knowledge)).collect();
    let handed_in = handed_in(earlier.iter().map(|recorded| &recorded.event.fact));
    // Where the source does not say what was handed in, nobody can tell.
    let main = |version: &ItemVersion| {
        let there = |code: &CodeText| handed_in.contains(&code) || granted.missing.contains(code);
        !handed_in.is_empty() && version.materials.iter().any(|material| material.required && !there(&material.code))
    };
    let wd = knowledge.calendar.working_days(day, granted.promised_on);
    let too_long = |limits: &[u32]| limits.iter().any(|&max_wd| max_wd > 0 && wd > max_wd);
    let table = [
        (Code::ToleranceImmediate, immediate),
        (Code::ToleranceUnlisted, limits.is_none()),
        (Code::ToleranceMain, main(version)),
        (Code::ToleranceLimit, granted.promised_on < day || limits.as_deref().is_some_and(too_long)),
        (Code::ToleranceLimit, case_limit(case, day, knowledge).is_some_and(|last| granted.promised_on > last)),
    ];
    table.into_iter().find_map(|(code, wrong)| wrong.then_some(code))
}

/// The promised due date of a case that is accepted, or of one that would be on this day.
fn case_limit(case: &CaseOnDay, day: Date, knowledge: &Knowledge) -> Option<Date> {
    let accepted = case.round().accepted.as_ref().map(|moment| (moment.day, moment.at));
    let version = case.round().version.as_ref().or(case.version.as_ref())?;
    let start = accepted.unwrap_or((day, case.received.at));
    let course = Course::unmoved(version.promised?, start, None, day);
    Clock::read(&course, &knowledge.calendar, &knowledge.zone).due.day()
}
