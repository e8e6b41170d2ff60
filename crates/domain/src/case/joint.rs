//! 联办 of a case: its members' parts with a clock each, and what their pauses do to the clocks of the whole (domain.md S20, 3.6, C14).
//!
//! Promises: a member's clock runs from the day its part was sent to it, beside the others'; a pause of a member is one answer by the
//! union rule (any member paused) and one by the strict rule (every open member paused), and both are kept; that silence agrees is
//! derived and stored nowhere.
//! Left to others: the arithmetic ([`crate::clock`]), and the clocks of the whole ([`super::clocks`]).

use super::clocks::{ByRule, Stopped};
use super::{CaseOnDay, Outcome, Procedure, Stamp};
use crate::clock::{Clock, Course, Pause, Why};
use crate::event::{CodeText, Event, Fact, JointOpened, JointResult, Limit, ProcedureStarted, Recorded, SubOpinion};
use crate::ids::Subject;
use crate::knowledge::Knowledge;
use crate::refusal::Code;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::ops::Bound;

/// 联办.
#[derive(Debug, Clone, PartialEq)]
pub struct Joint {
    /// The opening.
    pub opened: Stamp,
    /// Instant of it.
    pub at: Timestamp,
    /// The project it is for.
    pub project: Option<Subject>,
    /// Code of the stage.
    pub stage: CodeText,
    /// The lead.
    pub lead: CodeText,
    /// The members' parts, as the opening lists them.
    pub members: Vec<Member>,
    /// 整改清单, in the order they count, each with whether the one before was still open.
    pub lists: Vec<(Stamp, bool)>,
    /// What stood on the last list was put right.
    pub rectified: Option<Stamp>,
    /// The lead's conclusion.
    pub concluded: Option<(Stamp, JointResult)>,
    /// The promised clock of the whole by the official rule of `joint_clock`; the round's own is by the internal one.
    pub promised_official: Clock,
    /// The statutory clock of the whole by the internal rule; the round's own is by the official one.
    pub statutory_internal: Clock,
}

/// A member's part.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The member.
    pub unit: CodeText,
    /// Its number of the part.
    pub sub_case: Subject,
    /// Item of the part; empty where it is that of the joint case.
    pub item: CodeText,
    /// Its limit.
    pub limit: Option<Limit>,
    /// Sent to the department, after the opening.
    pub sent: Option<(Stamp, Timestamp)>,
    /// Its opinion.
    pub opinion: Option<(Stamp, JointResult)>,
    /// Procedures that stop its clock.
    pub procedures: Vec<Procedure>,
    /// First day on which its silence had agreed (`sub_silence`).
    pub agreed: Option<Date>,
    /// Its clock.
    pub clock: Clock,
}

/// When a member's pause stops the clock of the whole (C14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JointRule {
    /// While any member is paused.
    Union,
    /// While every open member is.
    Strict,
}

/// Whose reading of a clock it is: `joint_clock` names a rule for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Official,
    Internal,
}

impl JointRule {
    /// The code of `joint_clock`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Union => "union",
            Self::Strict => "strict",
        }
    }

    /// The rule of a reading on a day. Where the rule names one code it is that of both.
    pub(super) fn of(reading: Reading, on: Date, knowledge: &Knowledge) -> Self {
        let codes = knowledge.rules.codes("joint_clock", on);
        let code = match reading {
            Reading::Official => codes.first(),
            Reading::Internal => codes.last(),
        };
        if code.is_some_and(|code| **code == *Self::Strict.code()) { Self::Strict } else { Self::Union }
    }
}

impl Joint {
    fn open(opened: &JointOpened, recorded: &Recorded, valid_on: Date) -> Self {
        let member = |of: &crate::event::JointMember| Member {
            unit: of.unit.clone(),
            sub_case: of.sub_case.clone(),
            item: of.item.clone(),
            limit: of.limit,
            sent: None,
            opinion: None,
            procedures: Vec::new(),
            agreed: None,
            clock: Clock::not_started(valid_on),
        };
        Self {
            opened: Stamp { day: recorded.event.day, position: recorded.position },
            at: recorded.event.occurred_at,
            project: opened.project.clone(),
            stage: opened.stage.clone(),
            lead: opened.lead.clone(),
            members: opened.members.iter().map(member).collect(),
            lists: Vec::new(),
            rectified: None,
            concluded: None,
            promised_official: Clock::not_started(valid_on),
            statutory_internal: Clock::not_started(valid_on),
        }
    }

    /// A member's part by its number.
    pub fn member(&self, sub_case: &Subject) -> Option<&Member> {
        self.members.iter().find(|member| member.sub_case == *sub_case)
    }

    /// Whose procedure this is.
    fn owner(&self, proc_id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.procedures.iter().any(|procedure| *procedure.proc_id == *proc_id))
    }

    /// Reads the members' clocks. What stops the whole case stops each of them too.
    pub(super) fn read(&mut self, whole: &[Pause], outcome: Option<&Outcome>, read: &Reader<'_>) {
        let ended = [outcome.map(|outcome| outcome.day), self.concluded.map(|(stamp, _)| stamp.day)].into_iter().flatten().min();
        for member in &mut self.members {
            let start = member.sent.map_or((self.opened.day, self.at), |(stamp, at)| (stamp.day, at));
            let pauses: Vec<Pause> = whole.iter().copied().chain(member.procedures.iter().filter_map(Procedure::pause)).collect();
            let stop = [member.opinion.map(|(stamp, _)| stamp.day), ended].into_iter().flatten().min();
            let course = Course {
                limit: member.limit.ok_or(Why::NoLimit),
                start: Some(start),
                stop,
                pauses: &pauses,
                unproven_counts: read.unproven_counts,
                extensions: &[],
                valid_on: read.valid_on,
            };
            member.clock = read.clock(&course);
            let item = if member.item.is_empty() { read.item } else { &member.item };
            let agrees = read.knowledge.rules.entry("sub_silence", item, self.opened.day) > 0;
            let due = member.clock.due.day().filter(|due| agrees && stop.unwrap_or(read.valid_on) > *due);
            if let Some(due) = due {
                member.agreed = due.tomorrow().ok();
                member.clock = read.clock(&Course { stop: Some(due), ..course });
            }
        }
    }

    /// What members' pauses take out of the clock of the whole, by a rule.
    pub(super) fn pauses(&self, rule: JointRule) -> Vec<Stopped> {
        match rule {
            JointRule::Union => self.members.iter().flat_map(Member::pauses).collect(),
            JointRule::Strict => self.strict(),
        }
    }

    /// The times in which every open member is paused. Between two neighbours of the days on which a member's pause or part begins or
    /// ends nothing changes.
    fn strict(&self) -> Vec<Stopped> {
        let members: Vec<(&Member, Vec<Stopped>)> = self.members.iter().map(|member| (member, member.pauses())).collect();
        let turns = members.iter().flat_map(|(_, pauses)| pauses).flat_map(|of| [Some(of.pause.start), of.pause.end]).flatten();
        let days: BTreeSet<Date> = turns.chain(self.members.iter().filter_map(|member| member.clock.stop)).collect();
        let mut found: Vec<Stopped> = Vec::new();
        for &from in &days {
            let till = days.range((Bound::Excluded(from), Bound::Unbounded)).next().copied();
            let open = members.iter().filter(|(member, _)| member.clock.stop.is_none_or(|stop| stop > from));
            let covers = |of: &&Stopped| of.pause.start <= from && of.pause.end.is_none_or(|end| end > from);
            // One of each open member; of several, one that the applicant was told of.
            let covering: Option<Vec<&Stopped>> =
                open.map(|(_, pauses)| pauses.iter().filter(covers).max_by_key(|of| of.pause.proven)).collect();
            let Some(covering) = covering.filter(|covering| !covering.is_empty()) else { continue };
            let begins = covering.iter().find(|of| of.pause.start == from).map_or(0, |of| of.events[0]);
            let ends = covering.iter().find(|of| of.pause.end == till).map_or(0, |of| of.events[1]);
            let pause = Pause { start: from, end: till, proven: covering.iter().all(|of| of.pause.proven) };
            match found.last_mut() {
                Some(last) if last.pause.end == Some(from) && last.pause.proven == pause.proven => {
                    last.pause.end = till;
                    last.events[1] = ends;
                }
                _ => found.push(Stopped { pause, why: ByRule::Member, events: [begins, ends] }),
            }
        }
        found
    }

    /// Concluded while a member owed an opinion.
    pub(super) fn is_concluded_open(&self) -> bool {
        let Some((concluded, _)) = self.concluded else { return false };
        let owes = |member: &Member| {
            let given = member.opinion.is_some_and(|(opinion, _)| opinion.day <= concluded.day);
            !given && member.agreed.is_none_or(|day| day > concluded.day)
        };
        self.members.iter().any(owes)
    }

    /// Units charged with a joint case that is late: members late on their own clock, else the lead (3.6).
    pub fn charged(&self) -> Vec<&CodeText> {
        let mut units: Vec<&CodeText> = self.members.iter().filter(|member| member.is_late()).map(|member| &member.unit).collect();
        units.sort_unstable();
        units.dedup();
        if units.is_empty() { vec![&self.lead] } else { units }
    }
}

/// What clocks are read by.
pub(super) struct Reader<'a> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) item: &'a str,
    pub(super) unproven_counts: bool,
    pub(super) valid_on: Date,
}

impl Reader<'_> {
    fn clock(&self, course: &Course<'_>) -> Clock {
        Clock::read(course, &self.knowledge.calendar, &self.knowledge.zone)
    }
}

impl Member {
    /// Late on its own clock; silence that agreed gave no opinion in time.
    pub fn is_late(&self) -> bool {
        self.agreed.is_some() || self.clock.overdue_on(self.clock.valid_on)
    }

    /// Its pauses, up to the end of its part.
    fn pauses(&self) -> Vec<Stopped> {
        let of = |procedure: &Procedure| {
            let pause = procedure.pause()?;
            let end = [pause.end, self.clock.stop].into_iter().flatten().min();
            let events = [procedure.started.position, procedure.ended.map_or(0, |ended| ended.position)];
            let is_some = end.is_none_or(|end| end > pause.start);
            is_some.then_some(Stopped { pause: Pause { end, ..pause }, why: ByRule::Member, events })
        };
        self.procedures.iter().filter_map(of).collect()
    }
}

impl CaseOnDay {
    /// What a fact of S20 does; the first opening of a round holds.
    pub(super) fn joint(&mut self, recorded: &Recorded) {
        let here = Stamp { day: recorded.event.day, position: recorded.position };
        let valid_on = self.valid_on;
        if let Fact::JointCaseOpened(opened) = &recorded.event.fact {
            self.round_mut().joint.get_or_insert_with(|| Box::new(Joint::open(opened, recorded, valid_on)));
            return;
        }
        let Some(joint) = &mut self.round_mut().joint else { return };
        match &recorded.event.fact {
            Fact::CaseRoutedToDept(routed) => {
                let parts = joint.members.iter_mut().filter(|member| member.unit == routed.unit);
                parts.for_each(|member| {
                    member.sent.get_or_insert((here, recorded.event.occurred_at));
                });
            }
            Fact::SubOpinionGiven(SubOpinion { sub_case, opinion }) if joint.concluded.is_none() => {
                if let Some(member) = joint.members.iter_mut().find(|member| member.sub_case == *sub_case) {
                    member.opinion.get_or_insert((here, *opinion));
                }
            }
            Fact::RectificationListIssued => {
                let again = joint.lists.last().is_some_and(|(last, _)| joint.rectified.is_none_or(|done| done.day < last.day));
                joint.lists.push((here, again));
            }
            Fact::RectificationAccepted => joint.rectified = Some(here),
            Fact::JointConcluded(result) => {
                joint.concluded.get_or_insert((here, *result));
            }
            _ => {}
        }
    }

    /// The procedures among which a fact of a special procedure belongs: those of a member's part, or those of the whole case.
    pub(super) fn procedures_of(&mut self, fact: &Fact) -> &mut Vec<Procedure> {
        let part = self.part_of(fact).map(|member| member.sub_case.clone());
        let round = self.round_mut();
        let member =
            round.joint.as_mut().and_then(|joint| joint.members.iter_mut().find(|member| Some(&member.sub_case) == part.as_ref()));
        match member {
            Some(member) => &mut member.procedures,
            None => &mut round.procedures,
        }
    }

    /// The member whose part a special procedure stops.
    pub(super) fn part_of(&self, fact: &Fact) -> Option<&Member> {
        let joint = self.round().joint.as_ref()?;
        match fact {
            Fact::SpecialProcedureStarted(ProcedureStarted { sub_case: Some(sub_case), .. }) => joint.member(sub_case),
            Fact::SpecialProcedureEnded(ended) => joint.owner(&ended.proc_id),
            _ => None,
        }
    }
}

/// Whether a fact of S20 may find this case; most specific first.
pub(super) fn check(case: &CaseOnDay, event: &Event) -> Option<Code> {
    let joint = case.round().joint.as_deref();
    let names_no_part = |sub_case: &Subject| joint.is_none_or(|joint| joint.member(sub_case).is_none());
    let concluded = joint.is_some_and(|joint| joint.concluded.is_some());
    match &event.fact {
        Fact::JointCaseOpened(_) => joint.map(|_| Code::JointExists),
        Fact::SpecialProcedureStarted(ProcedureStarted { sub_case: Some(part), .. }) if names_no_part(part) => {
            Some(Code::JointMember)
        }
        Fact::SubOpinionGiven(_) | Fact::JointConcluded(_) | Fact::RectificationListIssued | Fact::RectificationAccepted
            if joint.is_none() =>
        {
            Some(Code::JointUnknown)
        }
        Fact::SubOpinionGiven(opinion) if names_no_part(&opinion.sub_case) => Some(Code::JointMember),
        Fact::SubOpinionGiven(_) | Fact::JointConcluded(_) | Fact::RectificationListIssued if concluded => {
            Some(Code::JointConcluded)
        }
        Fact::SubOpinionGiven(opinion) => {
            let member = joint.and_then(|joint| joint.member(&opinion.sub_case))?;
            let strange = !event.unit.is_empty() && event.unit != member.unit;
            let table = [(Code::JointMember, strange), (Code::OpinionExists, member.opinion.is_some())];
            table.into_iter().find_map(|(code, wrong)| wrong.then_some(code))
        }
        _ => None,
    }
}
