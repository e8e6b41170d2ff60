//! The clocks of a case's rounds, and the remarks that follow from them (C3–C6, C10–C12, C14).
//!
//! Left to others: the arithmetic ([`crate::clock`]).

use super::joint::{JointRule, Reader, Reading};
use super::{CaseOnDay, DELIVERY_WD, OutcomeKind, Procedure, Round, Tolerance, Which};
use crate::clock::{Clock, Course, Due, Extended, Pause, Why};
use crate::event::{Decision, ItemVersion, Limit};
use crate::flag::Flag;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Reads every clock, marks the extensions that are void, and gathers the remarks.
pub(super) fn read_clocks(case: &mut CaseOnDay, knowledge: &Knowledge) {
    let valid_on = case.valid_on;
    let item = case.received.item_code.clone();
    let opened: Vec<Date> = case.rounds.iter().map(|round| round.opened.day).collect();
    for (index, round) in case.rounds.iter_mut().enumerate() {
        round.read_lapse(valid_on);
        read_decision_clocks(round, &item, knowledge, valid_on);
        read_delivery(round, opened.get(index + 1).copied(), knowledge, valid_on);
    }
    case.flags = flags(case);
}

/// Statutory first: an extension is in time or late by that clock, and the promised one follows it only by rule (C5).
fn read_decision_clocks(round: &mut Round, item: &str, knowledge: &Knowledge, valid_on: Date) {
    let start = round.accepted.as_ref().map(|moment| (moment.day, moment.at));
    let pinned_on = start.map_or(valid_on, |(day, _)| day);
    let limit = |of: fn(&ItemVersion) -> Option<Limit>| match &round.version {
        Some(version) => of(version).ok_or(Why::NoLimit),
        None => Err(Why::NoItemVersion),
    };
    let whole: Vec<Pause> = round.procedures.iter().filter_map(Procedure::pause).collect();
    let extensions: Vec<Extended> =
        round.extensions.iter().map(|e| Extended { on: e.approved.day, wd: e.wd, told: e.told }).collect();
    let unproven_counts = knowledge.rules.flag("unproven_pause", pinned_on);
    let (statutory, promised) = (limit(|version| version.statutory), limit(|version| version.promised));
    if let Some(mut joint) = round.joint.take() {
        joint.read(&whole, round.outcome.as_ref(), &Reader { knowledge, item, unproven_counts, valid_on });
        round.joint = Some(joint);
    }
    let course = Course {
        limit: statutory,
        start,
        stop: round.outcome.as_ref().map(|outcome| outcome.day),
        pauses: &[],
        unproven_counts,
        extensions: &extensions,
        valid_on,
    };
    let read = |course: &Course<'_>, moved: &[Stopped]| {
        let pauses: Vec<Pause> = whole.iter().copied().chain(moved.iter().map(|stopped| stopped.pause)).collect();
        Clock::read(&Course { pauses: &pauses, ..*course }, &knowledge.calendar, &knowledge.zone)
    };
    round.statutory = read(&course, &moved(round, Limited::Statutory, Reading::Official, knowledge));
    let valid = round.statutory.extension;
    let moves_promised = |_: &usize| knowledge.rules.flag("extension_moves_promised", pinned_on);
    let moving: Vec<Extended> = valid.filter(moves_promised).map(|index| extensions[index]).into_iter().collect();
    let promised = Course { limit: promised, extensions: &moving, ..course };
    round.promised = read(&promised, &moved(round, Limited::Promised, Reading::Internal, knowledge));
    if round.joint.is_some() {
        let official = read(&promised, &moved(round, Limited::Promised, Reading::Official, knowledge));
        let internal = read(&course, &moved(round, Limited::Statutory, Reading::Internal, knowledge));
        if let Some(joint) = &mut round.joint {
            (joint.promised_official, joint.statutory_internal) = (official, internal);
        }
    }
    for (index, extension) in round.extensions.iter_mut().enumerate() {
        extension.void = valid != Some(index);
    }
}

/// A time that something besides a procedure of the whole case takes out of a clock of decision.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stopped {
    pub(crate) pause: Pause,
    pub(crate) why: ByRule,
    /// Positions of what began and what ended it; 0 where there is none.
    pub(crate) events: [u64; 2],
}

/// The rule that stops a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByRule {
    /// A tolerance lapsed (`on_lapse`, 3.5).
    Lapse,
    /// A correction was asked for after acceptance (`correction_pause`, C9).
    Correction,
    /// Members of a joint case are in a procedure (`joint_clock`, C14).
    Member,
}

/// What may be taken out of a clock of decision besides procedures of the whole case: pauses of members by the rule of the reading,
/// and of the promised clock what rules of the district's own stop. Nothing in the law stops a clock for those.
fn moved(round: &Round, limit: Limited, reading: Reading, knowledge: &Knowledge) -> Vec<Stopped> {
    let on = round.accepted.as_ref().map(|accepted| accepted.day);
    let members = round.joint.as_ref().zip(on).map(|(joint, on)| joint.pauses(JointRule::of(reading, on, knowledge)));
    let members = members.into_iter().flatten();
    match limit {
        Limited::Statutory => members.collect(),
        Limited::Promised => members.chain(by_rule(round, knowledge)).collect(),
    }
}

/// What rules of the district's own may take out of the promised clock of a round, in the order of the rules.
fn by_rule(round: &Round, knowledge: &Knowledge) -> Vec<Stopped> {
    let lapse = round.tolerance.as_ref().and_then(|tolerance| {
        let pause = tolerance.pause()?;
        let good = tolerance.gaps.iter().filter_map(|gap| gap.made_good);
        let end = good.chain(tolerance.closed.map(|(stamp, _)| stamp)).find(|stamp| Some(stamp.day) == pause.end);
        let events = [tolerance.granted.position, end.map_or(0, |stamp| stamp.position)];
        Some(Stopped { pause, why: ByRule::Lapse, events })
    });
    let asked = round.asked.iter().filter(|_| corrections_stop(round, knowledge)).map(|asked| {
        let pause = Pause { start: asked.notice.day, end: asked.handed_in.map(|stamp| stamp.day), proven: true };
        let events = [asked.notice.position, asked.handed_in.map_or(0, |stamp| stamp.position)];
        Stopped { pause, why: ByRule::Correction, events }
    });
    lapse.into_iter().chain(asked).collect()
}

/// The rule for the type of the item, on the day of acceptance.
fn corrections_stop(round: &Round, knowledge: &Knowledge) -> bool {
    let (Some(accepted), Some(version)) = (&round.accepted, &round.version) else { return false };
    knowledge.rules.entry("correction_pause", version.item_type.code(), accepted.day) > 0
}

/// What was taken out of this clock of a round, besides procedures of the whole case.
pub(crate) fn stopped_by_rule(round: &Round, which: Which, knowledge: &Knowledge) -> Vec<Stopped> {
    let Some((limit, reading)) = reading(which) else { return Vec::new() };
    let pauses = round.clock(which).map_or(&[][..], |clock| &clock.pauses);
    let holds = |pause: &Pause| pauses.iter().any(|&(from, to)| from <= pause.start && to.is_none_or(|to| pause.start < to));
    moved(round, limit, reading, knowledge).into_iter().filter(|stopped| holds(&stopped.pause)).collect()
}

/// The limits of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limited {
    Promised,
    Statutory,
}

/// Of which limit a clock is, and by whose reading. The promised one is for assessing the units, the statutory one for the law (C3).
const fn reading(which: Which) -> Option<(Limited, Reading)> {
    match which {
        Which::Promised => Some((Limited::Promised, Reading::Internal)),
        Which::PromisedOfficial => Some((Limited::Promised, Reading::Official)),
        Which::Statutory => Some((Limited::Statutory, Reading::Official)),
        Which::StatutoryInternal => Some((Limited::Statutory, Reading::Internal)),
        Which::Receipt | Which::Delivery => None,
    }
}

impl Round {
    /// A clock of it; none where it has none of that name. The receipt window is none of a round's.
    pub fn clock(&self, which: Which) -> Option<&Clock> {
        let joint = self.joint.as_deref();
        match which {
            Which::Promised => Some(&self.promised),
            Which::Statutory => Some(&self.statutory),
            Which::Delivery => self.delivery.as_ref(),
            Which::PromisedOfficial => joint.map(|joint| &joint.promised_official),
            Which::StatutoryInternal => joint.map(|joint| &joint.statutory_internal),
            Which::Receipt => None,
        }
    }
}

/// Issue and delivery within ten working days of a decision to pass (art. 44). A revocation or a reopening ends the duty.
fn read_delivery(round: &mut Round, reopened: Option<Date>, knowledge: &Knowledge, valid_on: Date) {
    let Some(decided) = round.outcome.as_ref().filter(|outcome| outcome.kind.is_pass()) else { return };
    let stops = [round.delivered.map(|s| s.day), round.revoked.map(|s| s.day), reopened];
    let course =
        Course::unmoved(Limit::working_days(DELIVERY_WD), (decided.day, decided.at), stops.into_iter().flatten().min(), valid_on);
    let over_from = Some(knowledge.calendar.nth(decided.day, DELIVERY_WD + 1));
    round.delivery = Some(Clock::read(&course, &knowledge.calendar, &knowledge.zone));
    round.delivery_over_from = over_from;
}

fn flags(case: &CaseOnDay) -> Vec<Flag> {
    let any = |test: &dyn Fn(&Round) -> bool| case.rounds.iter().any(test);
    let clock = |test: fn(&Clock) -> bool| {
        any(&|round| test(&round.promised) || test(&round.statutory) || round.delivery.as_ref().is_some_and(test))
    };
    let tolerance =
        |test: &dyn Fn(&Tolerance, &Round) -> bool| any(&|round| round.tolerance.as_ref().is_some_and(|it| test(it, round)));
    let extended = |round: &Round| round.extensions.iter().any(|extension| !extension.void);
    let table = [
        (Flag::Irregular, !case.irregular.is_empty()),
        (Flag::ItemUnknown, case.version.is_none() && !case.received.item_code.is_empty()),
        (Flag::DeemedAccepted, case.deemed.is_some()),
        (Flag::PostAcceptance, case.notices.iter().any(|notice| notice.post_acceptance)),
        (Flag::ExtensionVoid, any(&|round| round.extensions.iter().any(|extension| extension.void))),
        (Flag::LegallyExtended, any(&|round| extended(round) && round.promised.extended_wd == 0)),
        (Flag::PauseUnproven, clock(|clock| clock.proven_only.is_some())),
        (Flag::JointOpinionMissing, any(&|round| round.joint.as_ref().is_some_and(|joint| joint.is_concluded_open()))),
        (
            Flag::JointListRepeated,
            any(&|round| round.joint.as_ref().is_some_and(|joint| joint.lists.iter().any(|(_, again)| *again))),
        ),
        (Flag::ToleranceLapsed, tolerance(&|tolerance, _| tolerance.lapsed.is_some())),
        (Flag::ToleranceUntold, tolerance(&|tolerance, _| !tolerance.told)),
        (Flag::ToleranceExtensionVoid, tolerance(&|tolerance, _| tolerance.extensions.iter().any(|(_, void)| *void))),
        (Flag::ToleranceDecidedOpen, tolerance(&decided_open)),
        (Flag::ToleranceUnrecorded, any(&by_tolerance_unrecorded)),
        (Flag::Provisional, clock(|clock| matches!(clock.due, Due::On { provisional: true, .. }))),
    ];
    let mut flags: Vec<Flag> = table.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)).collect();
    flags.sort_unstable();
    flags
}

/// Decided by a plain pass while something was still missing (3.5).
fn decided_open(tolerance: &Tolerance, round: &Round) -> bool {
    round.outcome.as_ref().is_some_and(|outcome| {
        outcome.kind == OutcomeKind::Decided(Decision::Pass)
            && tolerance.released(None).is_none()
            && tolerance.made_good_on().is_none_or(|day| day > outcome.day)
    })
}

/// Accepted or decided by tolerance, and no grant is recorded.
fn by_tolerance_unrecorded(round: &Round) -> bool {
    let decided = |outcome: &super::Outcome| outcome.kind == OutcomeKind::Decided(Decision::PassWithTolerance);
    round.tolerance.is_none() && (round.by_tolerance || round.outcome.as_ref().is_some_and(decided))
}
