//! Why a clock of a case reads as it does, day by day (domain.md C1–C11, C15).
//!
//! Promises: the days are told from the clock's own ledger, so that what counts here is what was counted there; every day and every
//! event has one reason of [`REASONS`], with the article or the rule it rests on.
//! Left to others: reading the clocks ([`super::clocks`], [`crate::clock`]).

use super::clocks::{ByRule, Stopped, stopped_by_rule};
use super::{Asked, CaseOnDay, Procedure, RECEIPT_WD, Round, Stamp};
use crate::clock::{Clock, Course, Due};
use crate::event::{Limit, LimitUnit};
use crate::ids::Subject;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Days told of one clock: ten years.
pub const DAYS_MAX: usize = 3_660;

/// The clocks of a case that are explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// 承诺时限, of the current round.
    Promised,
    /// 法定时限, of the current round.
    Statutory,
    /// The last receipt window (C6).
    Receipt,
    /// Issue and delivery (art. 44), of the current round.
    Delivery,
    /// The promised limit of a joint case by the official rule of `joint_clock` (C14).
    PromisedOfficial,
    /// The statutory limit of a joint case by the internal rule.
    StatutoryInternal,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Promised, Self::Statutory, Self::Receipt, Self::Delivery, Self::PromisedOfficial, Self::StatutoryInternal];

    /// The clock of a name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|which| which.name() == name)
    }

    /// As `ClockView.clock` of the contract names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Promised => "promised",
            Self::Statutory => "statutory",
            Self::Receipt => "receipt",
            Self::Delivery => "delivery",
            Self::PromisedOfficial => "promised_official",
            Self::StatutoryInternal => "statutory_internal",
        }
    }
}

/// A clock with its days.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The clock as read.
    pub clock: Clock,
    /// From day 0 to the stop; where it runs, to its last day or the day of the reading, whichever is later.
    pub days: Vec<DayTold>,
    /// There are more days than [`DAYS_MAX`].
    pub is_cut: bool,
    /// First day of the yellow warning, and of the red one (C16); none where the last day is not known.
    pub warns: Option<(Date, Date)>,
}

/// What a day does to a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTold {
    /// The day.
    pub day: Date,
    /// Why it counts or does not.
    pub why: Reason,
    /// Days counted against the limit up to and with this one: working days, or calendar days where the limit is one of those.
    pub counted: u32,
    /// Working days over, up to and with this one (C2).
    pub over: u32,
    /// The last day in time.
    pub is_last: bool,
    /// No notice covers its year.
    pub is_provisional: bool,
    /// What happened on it that starts, stops or moves the clock, or does not although one might think so: position, and reason.
    pub events: Vec<(u64, Reason)>,
}

/// Reasons, each with its code, what it says in Chinese and in English, and what it rests on.
macro_rules! reasons {
    ($($name:ident $code:literal $zh:literal $en:literal $source:literal;)+) => {
        /// Why a day counts or does not, and what an event does to a clock.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason { $(#[doc = $en] $name,)+ }

        /// All of them, in the order of `docs/deadlines.md`.
        pub const REASONS: &[Reason] = &[$(Reason::$name),+];

        impl Reason {
            const fn row(self) -> (&'static str, &'static str, &'static str, &'static str) {
                match self { $(Self::$name => ($code, $zh, $en, $source),)+ }
            }
        }
    };
}

reasons! {
    DayZero "day_zero" "起算之日不计入" "the first day is not counted" "民法典 201; C1";
    Counted "counted" "工作日，计入" "a working day, counted" "行政许可法 82; C1";
    Elapsed "elapsed" "按自然日、月或小时计入" "counted, as every day is by a limit in calendar days, months or hours" "C15";
    DayOff "day_off" "法定节假日或休息日，不计入" "a day off, not counted" "行政许可法 82; C1";
    Paused "paused" "特别程序期间，不计入" "time of a special procedure, not counted" "行政许可法 45; C7";
    PausedUntold "paused_untold" "特别程序期间，未书面告知所需时间，依规则不计入" "time of a special procedure of which the applicant was not told in writing, not counted by the rule unproven_pause" "行政许可法 45; C8";
    LapsePaused "lapse_paused" "容缺期满未补齐，依规则暂停计算" "what was missing was not made good by its last day: not counted by the rule on_lapse" "3.5; S21";
    CorrectionPaused "correction_paused" "受理后要求补正，等待补正期间依规则暂停计算" "waiting for corrections asked for after acceptance: not counted by the rule correction_pause" "C9";
    MemberPaused "member_paused" "联办成员特别程序期间，依规则不计入" "time of special procedures of members of a joint case, not counted by the rule joint_clock" "行政许可法 45; C14";
    Moved "moved" "期限最后一日为休息日，顺延至次一工作日" "the limit ends on a day off, so the next working day is the last" "民法典 203; C15";
    Over "over" "已超期的工作日" "a working day over the limit" "C2";
    Accepted "accepted" "受理，开始计算" "accepted: the clock begins" "行政许可法 42; C1";
    Deemed "deemed" "未在五日内一次告知，自收到之日起视为受理" "no notice within five working days: accepted by law as of this day" "行政许可法 32(1)(4); C6";
    Reopened "reopened" "重新办理，重新计算" "reopened: a new clock begins" "domain 2";
    Received "received" "收到材料，告知期限开始" "received: the time for telling all corrections begins" "行政许可法 32; C6";
    DeliveryBegins "delivery_begins" "作出准予决定，送达期限开始" "decided: the time for issue and delivery begins" "行政许可法 44; C4";
    PauseBegins "pause_begins" "特别程序开始，当日仍计入" "a special procedure begins; this day still counts" "行政许可法 45; C7";
    PauseEnds "pause_ends" "特别程序结束，次日起恢复计算" "the special procedure ends; counting goes on with the next day" "行政许可法 45; C7";
    PauseTooLate "pause_too_late" "期限届满之日或之后开始的特别程序，不影响期限" "a special procedure that begins on or after the last day moves nothing" "C8";
    PauseUntold "pause_untold" "未书面告知所需时间的特别程序，依规则照常计入" "a special procedure of which the applicant was not told in writing; it stops nothing by the rule unproven_pause" "C8";
    NoPause "no_pause" "现场勘验等不属第四十五条所列，不停止计算" "not in the list of article 45, a site visit for one: it stops nothing" "行政许可法 45; C7";
    MemberPauseBegins "member_pause_begins" "联办成员特别程序开始，依规则次日起暂停计算" "a special procedure of a member begins: by the rule joint_clock the clock stands from the next day on" "行政许可法 45; C14";
    MemberPauseRunsOn "member_pause_runs_on" "联办成员特别程序开始，其他成员仍在办理，依规则不停止计算" "a special procedure of a member begins: by the rule joint_clock the clock runs on, while another member works" "C14";
    Sent "sent" "分送成员单位，分项时限开始" "sent to the member: its time begins" "3.6; C14";
    OpinionGiven "opinion_given" "成员出具意见，分项时限终止" "the member gave its opinion: its clock stops" "3.6; C14";
    Lapsed "lapsed" "容缺期满未补齐，依规则暂停计算，当日仍计入" "the last day for what was missing: by the rule on_lapse the clock stands from the next day on" "3.5; S21";
    LapsedRunsOn "lapsed_runs_on" "容缺期满未补齐，不停止计算" "the last day for what was missing passed without it: it stops nothing" "3.5; S21";
    MadeGood "made_good" "容缺材料补齐，次日起恢复计算" "what was missing was accepted, or given up: counting goes on with the next day" "3.5; S21";
    Extended "extended" "经批准延长期限" "extended with approval, in time and told" "行政许可法 42; C5";
    ExtendedElsewhere "extended_elsewhere" "延长只及于法定期限，承诺期限不变" "the extension moves the statutory limit; the promised one stays, by the rule extension_moves_promised" "C5";
    ExtensionVoid "extension_void" "逾期、再次或未告知理由的延长，不影响期限" "an extension that is late, not the first, or was not told moves nothing" "行政许可法 42; C5";
    CorrectionAsked "correction_asked" "受理后要求补正，不停止计算" "corrections asked for after acceptance stop nothing" "C9";
    CorrectionStops "correction_stops" "受理后要求补正，依规则暂停计算，当日仍计入" "corrections asked for after acceptance: by the rule correction_pause the clock stands from the next day on" "C9";
    Corrected "corrected" "收到补正材料，次日起恢复计算" "the corrections were handed in: counting goes on with the next day" "C9";
    Answered "answered" "已告知、受理或不予受理，告知期限终止" "told, accepted, refused or ended: the time for telling stops" "行政许可法 32; C6";
    Stopped "stopped" "作出决定、撤回或终止，停止计算" "decided, withdrawn or terminated: the clock stops" "C10, C11";
    DeliveryEnds "delivery_ends" "已送达，或决定被撤销、案件重新办理" "delivered, or the decision was revoked or the case reopened" "行政许可法 44; C4";
}

impl Reason {
    /// Whether a day of this reason counts: against the limit, or over it.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Counted | Self::Elapsed | Self::Over)
    }

    /// Its code, for ever.
    pub const fn code(self) -> &'static str {
        self.row().0
    }

    /// What it says, in Chinese.
    pub const fn zh(self) -> &'static str {
        self.row().1
    }

    /// What it says, in English.
    pub const fn en(self) -> &'static str {
        self.row().2
    }

    /// The article, or the rule of domain.md.
    pub const fn source(self) -> &'static str {
        self.row().3
    }
}

/// A clock of a case with its days; none where it has not begun.
pub fn explain(case: &CaseOnDay, which: Which, knowledge: &Knowledge) -> Option<Explained> {
    let (clock, events) = match which {
        Which::Receipt => receipt(case, knowledge),
        Which::Delivery => delivery(case.round())?,
        _ => {
            let clock = case.round().clock(which)?;
            (clock.clone(), decision_events(case, which, clock, knowledge))
        }
    };
    told_by_day(clock, &events, &stopped_by_rule(case.round(), which, knowledge), knowledge)
}

/// The clock of a member's part of a joint case with its days; none where the case has no such part.
pub fn explain_part(case: &CaseOnDay, sub_case: &Subject, knowledge: &Knowledge) -> Option<Explained> {
    let joint = case.round().joint.as_ref()?;
    let member = joint.member(sub_case)?;
    let (clock, sent) = (&member.clock, member.sent.map_or(joint.opened, |(stamp, _)| stamp));
    let mut events: Vec<Happened> = vec![(sent.day, sent.position, Reason::Sent)];
    for procedure in case.round().procedures.iter().chain(&member.procedures) {
        events.extend(procedure_events(procedure, clock));
    }
    let ends =
        member.opinion.filter(|(opinion, _)| clock.stop == Some(opinion.day)).map(|(opinion, _)| (opinion, Reason::OpinionGiven));
    let whole =
        case.round().outcome.as_ref().map(|outcome| (Stamp { day: outcome.day, position: outcome.position }, Reason::Stopped));
    let ended = ends.or(joint
        .concluded
        .map(|(concluded, _)| (concluded, Reason::Stopped))
        .or(whole)
        .filter(|(stamp, _)| clock.stop == Some(stamp.day)));
    events.extend(ended.map(|(stamp, reason)| (stamp.day, stamp.position, reason)));
    events.sort_by_key(|&(day, position, _)| (day, position));
    told_by_day(clock.clone(), &events, &[], knowledge)
}

/// A clock day by day.
fn told_by_day(clock: Clock, events: &[Happened], stopped: &[Stopped], knowledge: &Knowledge) -> Option<Explained> {
    let start = clock.start?;
    let till = clock.stop.unwrap_or(clock.valid_on).min(clock.valid_on);
    let end = match clock.due {
        Due::On { day, .. } if clock.stop.is_none() => till.max(day),
        _ => till,
    };
    let mut days: Vec<DayTold> = Vec::new();
    let mut is_cut = false;
    let (mut counted, mut over) = (0, 0);
    for day in start.series(jiff::Span::new().days(1)).take_while(|day| *day <= end) {
        if days.len() == DAYS_MAX {
            is_cut = true;
            break;
        }
        let why = why(&clock, stopped, start, day, knowledge);
        counted += u32::from(matches!(why, Reason::Counted | Reason::Elapsed));
        over += u32::from(why == Reason::Over);
        days.push(DayTold {
            day,
            why,
            counted,
            over,
            is_last: matches!(clock.due, Due::On { day: due, .. } if due == day),
            is_provisional: knowledge.calendar.is_provisional(day),
            events: events.iter().filter(|(on, ..)| *on == day).map(|&(_, position, reason)| (position, reason)).collect(),
        });
    }
    let warns = clock.warns(knowledge.rules.count("warn_wd", start), &knowledge.calendar);
    Some(Explained { clock, days, is_cut, warns })
}

/// Why a day counts or does not.
fn why(clock: &Clock, stopped: &[Stopped], start: Date, day: Date, knowledge: &Knowledge) -> Reason {
    let calendar = &knowledge.calendar;
    let by_work = || if calendar.is_working(day) { Reason::Counted } else { Reason::DayOff };
    let in_pause = |pauses: &[(Date, Option<Date>)]| pauses.iter().any(|&(from, to)| from < day && to.is_none_or(|to| day <= to));
    let counts_work = clock.limit.is_none_or(|limit| limit.unit == LimitUnit::WorkingDay);
    if day == start {
        return Reason::DayZero;
    }
    // A provisional last day makes nothing overdue.
    if clock.due.day().is_some_and(|due| day > due) {
        return if calendar.is_working(day) { Reason::Over } else { Reason::DayOff };
    }
    // A day off is not counted for being one, also within a pause.
    if in_pause(&clock.pauses) && (!counts_work || calendar.is_working(day)) {
        match stopped.iter().find(|stopped| in_pause(&[(stopped.pause.start, stopped.pause.end)])).map(|stopped| stopped.why) {
            Some(ByRule::Lapse) => return Reason::LapsePaused,
            Some(ByRule::Correction) => return Reason::CorrectionPaused,
            Some(ByRule::Member) => return Reason::MemberPaused,
            None => {}
        }
        let is_told = clock.proven_only.as_ref().is_none_or(|proven| in_pause(&proven.pauses));
        return if is_told { Reason::Paused } else { Reason::PausedUntold };
    }
    match clock.nominal {
        _ if counts_work => by_work(),
        Some(nominal) if day > nominal => {
            if day <= calendar.next_working(nominal) {
                Reason::Moved
            } else {
                by_work()
            }
        }
        _ => Reason::Elapsed,
    }
}

/// A day, the position of an event, and what it does.
type Happened = (Date, u64, Reason);

/// What happened to a clock of decision.
fn decision_events(case: &CaseOnDay, which: Which, clock: &Clock, knowledge: &Knowledge) -> Vec<Happened> {
    let round = case.round();
    let mut events = Vec::new();
    if let (Some(accepted), Some(start)) = (&round.accepted, clock.start) {
        let reason = match accepted {
            accepted if accepted.deemed => Reason::Deemed,
            _ if case.rounds.len() > 1 => Reason::Reopened,
            _ => Reason::Accepted,
        };
        events.push((start, accepted.position, reason));
    }
    events.extend(round.procedures.iter().flat_map(|procedure| procedure_events(procedure, clock)));
    let stopped = stopped_by_rule(round, which, knowledge);
    events.extend(member_events(round, &stopped));
    events.extend(lapse_events(round, &stopped));
    events.extend(correction_events(round, &stopped));
    for extension in &round.extensions {
        let reason = match extension {
            extension if extension.void => Reason::ExtensionVoid,
            _ if clock.extended_wd == 0 => Reason::ExtendedElsewhere,
            _ => Reason::Extended,
        };
        events.push((extension.approved.day, extension.approved.position, reason));
    }
    events.extend(round.outcome.iter().map(|outcome| (outcome.day, outcome.position, Reason::Stopped)));
    events.sort_by_key(|&(day, position, _)| (day, position));
    events
}

/// What a tolerance that lapsed does to a clock.
fn lapse_events(round: &Round, stopped: &[Stopped]) -> Vec<Happened> {
    let Some(tolerance) = round.tolerance.as_ref().filter(|tolerance| tolerance.lapsed.is_some()) else { return Vec::new() };
    let last = tolerance.promised_on;
    match stopped.iter().find(|stopped| stopped.why == ByRule::Lapse) {
        None => vec![(last, tolerance.granted.position, Reason::LapsedRunsOn)],
        Some(lapse) => told(lapse, last, [Reason::Lapsed, Reason::MadeGood]),
    }
}

/// What corrections asked for after acceptance do to a clock.
fn correction_events(round: &Round, stopped: &[Stopped]) -> Vec<Happened> {
    let of = |asked: &Asked| {
        let notice = asked.notice;
        match stopped.iter().find(|stopped| stopped.events[0] == notice.position) {
            None => vec![(notice.day, notice.position, Reason::CorrectionAsked)],
            Some(stopped) => told(stopped, notice.day, [Reason::CorrectionStops, Reason::Corrected]),
        }
    };
    let mut events: Vec<Happened> = round.asked.iter().flat_map(of).collect();
    // One correction may answer several notices.
    events.sort_unstable_by_key(|&(day, position, _)| (day, position));
    events.dedup();
    events
}

/// The begin of a stop on a day, and its end where an event ended it.
fn told(stopped: &Stopped, on: Date, [begins, ends]: [Reason; 2]) -> Vec<Happened> {
    let [begin, end] = stopped.events;
    let end = stopped.pause.end.filter(|_| end > 0).map(|day| (day, end, ends));
    std::iter::once((on, begin, begins)).chain(end).collect()
}

/// What procedures of members do to a clock of the whole: each begins or ends a stop of it, or leaves it running.
fn member_events(round: &Round, stopped: &[Stopped]) -> Vec<Happened> {
    let by_members = || stopped.iter().filter(|stopped| stopped.why == ByRule::Member).flat_map(|stopped| stopped.events);
    let procedures = round.joint.iter().flat_map(|joint| &joint.members).flat_map(|member| &member.procedures);
    let reason = |position: u64, moves: Reason, not: Reason| if by_members().any(|of| of == position) { moves } else { not };
    let of = |procedure: &Procedure| {
        let begun = procedure.started;
        let begins = match procedure.pause() {
            None => Reason::NoPause,
            Some(_) => reason(begun.position, Reason::MemberPauseBegins, Reason::MemberPauseRunsOn),
        };
        let ended = procedure.ended.filter(|ended| by_members().any(|of| of == ended.position));
        std::iter::once((begun.day, begun.position, begins))
            .chain(ended.map(|ended| (ended.day, ended.position, Reason::PauseEnds)))
    };
    procedures.flat_map(of).collect()
}

/// The begin of a special procedure, and its end where it stopped the clock.
fn procedure_events(procedure: &Procedure, clock: &Clock) -> impl Iterator<Item = Happened> {
    let begins = procedure_begins(procedure, clock);
    let ended = procedure.ended.filter(|_| begins == Reason::PauseBegins);
    let begun = procedure.started;
    std::iter::once((begun.day, begun.position, begins)).chain(ended.map(|ended| (ended.day, ended.position, Reason::PauseEnds)))
}

/// What the begin of a special procedure does to a clock.
fn procedure_begins(procedure: &Procedure, clock: &Clock) -> Reason {
    let began = clock.start.map_or(procedure.started.day, |start| procedure.started.day.max(start));
    let is_held = clock.pauses.iter().any(|&(from, to)| from <= began && to.is_none_or(|to| began <= to));
    match clock.due {
        _ if !procedure.kind.stops_the_clock() => Reason::NoPause,
        _ if is_held => Reason::PauseBegins,
        Due::On { day, .. } if began >= day => Reason::PauseTooLate,
        // Begun and ended on one day: nothing of it lies after the day it began.
        _ if procedure.told => Reason::PauseBegins,
        _ => Reason::PauseUntold,
    }
}

/// The last receipt window as a clock.
fn receipt(case: &CaseOnDay, knowledge: &Knowledge) -> (Clock, Vec<Happened>) {
    let window = &case.window;
    let stop = window.answered.map(|answered| answered.day);
    let course = Course::unmoved(Limit::working_days(RECEIPT_WD), (window.from, window.at), stop, case.valid_on);
    let mut events = vec![(window.from, window.position, Reason::Received)];
    events.extend(window.answered.iter().map(|answered| (answered.day, answered.position, Reason::Answered)));
    (Clock::read(&course, &knowledge.calendar, &knowledge.zone), events)
}

/// The clock of issue and delivery; none where there was no decision to pass.
fn delivery(round: &Round) -> Option<(Clock, Vec<Happened>)> {
    let (clock, outcome) = (round.delivery.clone()?, round.outcome.as_ref()?);
    let mut events = vec![(outcome.day, outcome.position, Reason::DeliveryBegins)];
    let ends = [round.delivered, round.revoked].into_iter().flatten().min_by_key(|stamp| stamp.day);
    events.extend(ends.map(|stamp| (stamp.day, stamp.position, Reason::DeliveryEnds)));
    Some((clock, events))
}
