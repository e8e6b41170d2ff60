//! The fold: events in the order they count become a case on a day.
//!
//! Promises: total; an event has the same effect whether or not it was regular, so that a late post that makes its neighbours
//! regular again changes only the flags. What must come first and is missing leaves the later event its meaning: a decision
//! before acceptance decides, a completion before a decision completes, and what sorts before the receipt is read right after
//! it. An ended case takes no further outcome.
//! Left to others: reading the clocks ([`super::clocks`]), and the table itself ([`super::state`]).

use super::check::check;
use super::clocks::read_clocks;
use super::state::group;
use super::{
    Asked, CaseOnDay, ExtensionOnDay, Group, Moment, Notice, Outcome, OutcomeKind, Pending, Phase, Procedure, RECEIPT_WD, Receipt,
    Round, Stamp, State, Window,
};
use crate::clock::Clock;
use crate::event::{CaseReceived, Event, Fact, ItemVersion, NoticeGiven, Recorded};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::sync::Arc;

/// The case on a day, by what is known; none before its receipt.
pub fn case_on(history: &History, knowledge: &Knowledge, valid_on: Date) -> Option<CaseOnDay> {
    fold(&own(history, history.counting_on(valid_on)), knowledge, valid_on)
}

/// The case an event finds at its own place: the events that sort before it, and what time alone has done by its day.
pub fn case_before(history: &History, knowledge: &Knowledge, event: &Event) -> Option<CaseOnDay> {
    fold(&before(history, event), knowledge, event.day)
}

/// The case as an event leaves it at its own place, on its day.
pub(crate) fn case_with(history: &History, knowledge: &Knowledge, event: &Event) -> Option<CaseOnDay> {
    let recorded =
        Recorded { position: 0, revision: 0, recorded_at: event.occurred_at, record_mode: false, event: Arc::new(event.clone()) };
    let mut events = before(history, event);
    events.push(&recorded);
    fold(&events, knowledge, event.day)
}

/// The events of a case that sort before this one.
pub(crate) fn before<'a>(history: &'a History, event: &Event) -> Vec<&'a Recorded> {
    own(history, history.counting().take_while(|recorded| recorded.event.order() < event.order()))
}

/// Without the visits that name the case.
fn own<'a>(history: &History, events: impl Iterator<Item = &'a Recorded>) -> Vec<&'a Recorded> {
    events.filter(|recorded| recorded.event.subject == *history.subject()).collect()
}

fn fold(events: &[&Recorded], knowledge: &Knowledge, until: Date) -> Option<CaseOnDay> {
    let receipt = events.iter().position(|recorded| matches!(recorded.event.fact, Fact::CaseReceived(_)))?;
    let Fact::CaseReceived(received) = &events[receipt].event.fact else { return None };
    let mut case = received_case(events[receipt], received, knowledge, until);
    for (index, recorded) in events.iter().enumerate().filter(|(index, _)| *index != receipt) {
        if index > receipt {
            case.time_passes(recorded.event.day, &events[index + 1..], knowledge);
            if check(Some(&case), &events[..index], &recorded.event, knowledge).is_err() {
                case.irregular.push(recorded.position);
            }
        } else if group(&recorded.event.fact) != Some(Group::Any) {
            case.irregular.push(recorded.position);
        }
        case.apply(recorded, knowledge);
    }
    case.time_passes(until, &[], knowledge);
    read_clocks(&mut case, knowledge);
    Some(case)
}

fn received_case(recorded: &Recorded, received: &CaseReceived, knowledge: &Knowledge, until: Date) -> CaseOnDay {
    let event = &*recorded.event;
    let version = named_version(received, knowledge, event.day);
    let lead = version.map(|version| &version.lead_unit).filter(|unit| !unit.is_empty());
    CaseOnDay {
        valid_on: until,
        state: State::Received,
        received: Receipt {
            day: event.day,
            position: recorded.position,
            at: event.occurred_at,
            item_code: received.item_code.clone(),
            item_version: received.item_version.clone(),
            channel: received.channel,
            window: if received.window.is_empty() { event.window.clone() } else { received.window.clone() },
            unit: event.unit.clone(),
            staff: event.staff.clone(),
        },
        unit: lead.unwrap_or(&event.unit).clone(),
        version: version.cloned(),
        window: open_window(recorded, knowledge),
        pending: None,
        deemed: None,
        lapsed: None,
        notices: Vec::new(),
        corrections: Vec::new(),
        rounds: vec![Round::open(stamp(recorded), until)],
        irregular: Vec::new(),
        flags: Vec::new(),
    }
}

/// Version the materials are pinned to: the one named, or where none is named the one in force on the day of receipt (C12).
pub(crate) fn named_version<'a>(received: &CaseReceived, knowledge: &'a Knowledge, day: Date) -> Option<&'a Arc<ItemVersion>> {
    let (catalogue, code) = (&knowledge.catalogue, &received.item_code);
    match &*received.item_version {
        "" => catalogue.item_in_force(code, day),
        version => catalogue.item_version(code, version),
    }
}

/// The window that a receipt or an asked correction opens.
fn open_window(recorded: &Recorded, knowledge: &Knowledge) -> Window {
    let calendar = &knowledge.calendar;
    let from = day_0(recorded.event.day, knowledge);
    let last = calendar.nth(from, RECEIPT_WD);
    Window {
        from,
        at: recorded.event.occurred_at,
        position: recorded.position,
        last,
        over_from: calendar.nth(from, RECEIPT_WD + 1),
        unknown_from: calendar.first_provisional(from, last),
        answered: None,
    }
}

/// The day from which a filing or an acceptance counts; the day itself unless `day0_shift` says otherwise.
fn day_0(day: Date, knowledge: &Knowledge) -> Date {
    let working = knowledge.calendar.next_working(day);
    if working != day && knowledge.rules.flag("day0_shift", day) { working } else { day }
}

fn stamp(recorded: &Recorded) -> Stamp {
    Stamp { day: recorded.event.day, position: recorded.position }
}

impl Round {
    fn open(opened: Stamp, valid_on: Date) -> Self {
        Self {
            opened,
            accepted: None,
            confirmed: None,
            version: None,
            promised: Clock::not_started(valid_on),
            statutory: Clock::not_started(valid_on),
            outcome: None,
            procedures: Vec::new(),
            asked: Vec::new(),
            joint: None,
            trips: Vec::new(),
            extensions: Vec::new(),
            by_tolerance: false,
            tolerance: None,
            confirmed_end: None,
            completed: None,
            issued: None,
            mailed: None,
            delivered: None,
            revoked: None,
            delivery: None,
            delivery_over_from: None,
        }
    }

    fn procedure_is_open(&self) -> bool {
        self.procedures.iter().any(|procedure| procedure.ended.is_none())
    }
}

impl CaseOnDay {
    pub(super) fn round_mut(&mut self) -> &mut Round {
        let last = self.rounds.len() - 1;
        &mut self.rounds[last]
    }

    /// What time alone has done by a day (C6, `correction_wd`, `on_lapse`), the earlier first. An event dated in time undoes it, also
    /// where it sorts later.
    fn time_passes(&mut self, day: Date, later: &[&Recorded], knowledge: &Knowledge) {
        let waits_till = match self.state {
            State::Received => Some(self.window.last),
            State::CorrectionPending => self.pending.as_ref().and_then(|pending| pending.last),
            _ => None,
        };
        if waits_till.is_some_and(|last| self.ends_by_lapse_after().is_some_and(|lapse| lapse < last)) {
            self.lapse_terminates(day, later);
        }
        match self.state {
            State::Received if day > self.window.last => self.deem_accepted(later, knowledge),
            State::CorrectionPending => self.lapse(day, later),
            _ => {}
        }
        self.lapse_terminates(day, later);
    }

    fn deem_accepted(&mut self, later: &[&Recorded], knowledge: &Knowledge) {
        let Window { from, at, position, last, unknown_from, .. } = self.window;
        let applies = unknown_from.is_none() && self.version.as_ref().is_some_and(|version| version.deemed_acceptance);
        let answers = |recorded: &&Recorded| {
            let fact = &recorded.event.fact;
            recorded.event.day <= last && matches!(group(fact), Some(Group::Notice | Group::Accept | Group::Withdraw))
        };
        if applies && !later.iter().any(answers) {
            self.deemed = last.tomorrow().ok();
            self.accept(Moment { day: from, position, deemed: true, at }, knowledge);
        }
    }

    fn lapse(&mut self, day: Date, later: &[&Recorded]) {
        let Some(last) = self.pending.as_ref().and_then(|pending| pending.last).filter(|last| day > *last) else {
            return;
        };
        let corrects = |r: &&Recorded| r.event.day <= last && matches!(r.event.fact, Fact::CorrectionSubmitted(_));
        if !later.iter().any(corrects) {
            self.pending = None;
            self.lapsed = last.tomorrow().ok();
            self.state = State::Lapsed;
        }
    }

    fn accept(&mut self, moment: Moment, knowledge: &Knowledge) {
        let in_force = knowledge.catalogue.item_in_force(&self.received.item_code, moment.day);
        let version = in_force.or(self.version.as_ref()).cloned();
        if matches!(self.state, State::Received | State::CorrectionPending) {
            self.state = State::Accepted;
            self.pending = None;
        }
        let round = self.round_mut();
        // A reopened case keeps its limits: a new one binds cases accepted from its first day on (S23).
        round.version = round.version.take().or(version);
        round.accepted = Some(moment);
    }

    fn apply(&mut self, recorded: &Recorded, knowledge: &Knowledge) {
        let here = stamp(recorded);
        let phase = self.state.phase();
        match &recorded.event.fact {
            Fact::NoticeGiven(notice) => self.notice(notice, here, knowledge),
            Fact::CorrectionSubmitted(_) => {
                self.corrections.push(here);
                self.round_mut().asked.iter_mut().for_each(|asked| {
                    asked.handed_in.get_or_insert(here);
                });
                if self.pending.take().is_some() {
                    self.state = State::Received;
                    self.window = open_window(recorded, knowledge);
                }
            }
            Fact::ToleranceGranted(_)
            | Fact::DeficiencyFiled(_)
            | Fact::DeficiencyMadeGood(_)
            | Fact::ToleranceExtended(_)
            | Fact::ToleranceClosed(_) => self.tolerance(recorded, knowledge),
            Fact::JointCaseOpened(_)
            | Fact::SubOpinionGiven(_)
            | Fact::RectificationListIssued
            | Fact::RectificationAccepted
            | Fact::JointConcluded(_) => self.joint(recorded),
            Fact::SiteInspectionScheduled(_) | Fact::SiteInspectionDone(_) | Fact::InspectionAbsence(_) => self.inspect(recorded),
            Fact::CaseAccepted(_) => self.accepted(recorded, knowledge),
            Fact::CaseTerminated if self.round().is_ended_by_lapse() => {
                self.round_mut().confirmed_end.get_or_insert(here);
            }
            Fact::CaseTransferred(transferred) => self.unit = transferred.to.clone(),
            Fact::ReviewStepDone | Fact::CaseRoutedToDept(_) | Fact::DeptTookCase(_) => {
                self.joint(recorded);
                if phase == Phase::InHand {
                    self.state = State::UnderReview;
                }
            }
            Fact::ExtensionApproved(extension) => {
                let (wd, told) = (extension.days, extension.told);
                self.round_mut().extensions.push(ExtensionOnDay { approved: here, wd, told, void: false });
                if phase == Phase::InHand {
                    self.state = State::UnderReview;
                }
            }
            Fact::SpecialProcedureStarted(_) | Fact::SpecialProcedureEnded(_) => self.procedure(recorded),
            Fact::NotAccepted(_) | Fact::CaseDecided(_) | Fact::CaseWithdrawn | Fact::CaseTerminated => self.outcome(recorded),
            Fact::CaseCompleted | Fact::ResultIssued | Fact::ResultMailed | Fact::ResultDelivered => self.result(recorded),
            Fact::DecisionRevoked if matches!(phase, Phase::Decided | Phase::Completed | Phase::Delivered) => {
                self.round_mut().revoked = Some(here);
                self.state = State::Revoked;
            }
            Fact::CaseReopened if self.round().outcome.is_some() => {
                let (day, at) = (day_0(here.day, knowledge), recorded.event.occurred_at);
                let version = self.round().version.clone();
                self.rounds.push(Round { version, ..Round::open(here, self.valid_on) });
                self.accept(Moment { day, position: here.position, deemed: false, at }, knowledge);
                self.state = State::UnderReview;
            }
            _ => {}
        }
    }

    fn notice(&mut self, notice: &NoticeGiven, here: Stamp, knowledge: &Knowledge) {
        let post_acceptance = self.round().accepted.is_some();
        let in_time = here.day <= self.window.last && !post_acceptance;
        self.notices.push(Notice {
            day: here.day,
            position: here.position,
            notice_id: notice.notice_id.clone(),
            window_from: self.window.from,
            wd: knowledge.calendar.working_days(self.window.from, here.day),
            in_time,
            post_acceptance,
        });
        if post_acceptance {
            self.round_mut().asked.push(Asked { notice: here, handed_in: None });
        }
        if !matches!(self.state, State::Received | State::CorrectionPending) {
            return;
        }
        let limit = knowledge.rules.count("correction_wd", here.day);
        let last = (limit > 0).then(|| knowledge.calendar.nth(here.day, limit));
        let last = last.filter(|last| knowledge.calendar.first_provisional(here.day, *last).is_none());
        // The first notice of a window decides whether the applicant was told in time.
        let in_time = self.pending.as_ref().map_or(in_time, |pending| pending.in_time);
        self.window.answered.get_or_insert(here);
        self.pending = Some(Pending { notice: here, in_time, last });
        self.state = State::CorrectionPending;
    }

    fn accepted(&mut self, recorded: &Recorded, knowledge: &Knowledge) {
        let here = stamp(recorded);
        if self.state.phase() == Phase::Ended {
            return;
        }
        self.window.answered.get_or_insert(here);
        self.round_mut().by_tolerance |= matches!(&recorded.event.fact, Fact::CaseAccepted(accepted) if accepted.tolerance);
        match &self.round().accepted {
            None => {
                let day = day_0(here.day, knowledge);
                self.accept(Moment { day, position: here.position, deemed: false, at: recorded.event.occurred_at }, knowledge);
            }
            Some(moment) if moment.deemed => {
                self.round_mut().confirmed.get_or_insert(here);
            }
            Some(_) => {}
        }
    }

    fn procedure(&mut self, recorded: &Recorded) {
        let here = stamp(recorded);
        let procedures = self.procedures_of(&recorded.event.fact);
        match &recorded.event.fact {
            Fact::SpecialProcedureStarted(begun) if !procedures.iter().any(|p| p.proc_id == begun.proc_id) => {
                let (proc_id, kind, told) = (begun.proc_id.clone(), begun.kind, begun.told);
                procedures.push(Procedure { proc_id, kind, told, started: here, ended: None });
            }
            Fact::SpecialProcedureEnded(ended) => {
                let open = procedures.iter_mut().find(|p| p.proc_id == ended.proc_id && p.ended.is_none());
                if let Some(procedure) = open {
                    procedure.ended = Some(here);
                }
            }
            _ => {}
        }
        self.state = match (self.state.phase(), self.round().procedure_is_open()) {
            (Phase::InHand, true) => State::SpecialProcedure,
            (Phase::SpecialProcedure, false) => State::UnderReview,
            _ => self.state,
        };
    }

    /// The first outcome of a round holds.
    fn outcome(&mut self, recorded: &Recorded) {
        if self.round().outcome.is_some() || self.state.phase() == Phase::Ended {
            return;
        }
        let here = stamp(recorded);
        let accepted = self.round().accepted.is_some();
        let (kind, state) = match &recorded.event.fact {
            Fact::NotAccepted(refused) if &*refused.ground == "not_required" => (OutcomeKind::NotAccepted, State::NotRequired),
            Fact::NotAccepted(_) => (OutcomeKind::NotAccepted, State::NotAccepted),
            Fact::CaseDecided(decision) => (OutcomeKind::Decided(*decision), self.state.max(State::Decided)),
            Fact::CaseWithdrawn if accepted => (OutcomeKind::Withdrawn, State::Withdrawn),
            Fact::CaseWithdrawn => (OutcomeKind::Withdrawn, State::WithdrawnEarly),
            Fact::CaseTerminated => (OutcomeKind::Terminated, State::Terminated),
            _ => return,
        };
        self.state = state;
        self.pending = None;
        self.window.answered.get_or_insert(here);
        let Event { unit, staff, occurred_at, .. } = &*recorded.event;
        let (unit, staff) = (unit.clone(), staff.clone());
        self.round_mut().outcome = Some(Outcome { day: here.day, position: here.position, at: *occurred_at, kind, unit, staff });
    }

    /// The first of each kind holds.
    fn result(&mut self, recorded: &Recorded) {
        if matches!(self.state.phase(), Phase::Ended | Phase::Revoked) {
            return;
        }
        let here = stamp(recorded);
        let round = self.round_mut();
        let (slot, reached) = match recorded.event.fact {
            Fact::CaseCompleted => (&mut round.completed, State::Completed),
            Fact::ResultIssued => (&mut round.issued, State::ResultIssued),
            Fact::ResultMailed => (&mut round.mailed, State::Completed),
            _ => (&mut round.delivered, State::Delivered),
        };
        slot.get_or_insert(here);
        self.state = self.state.max(reached);
        self.pending = None;
    }
}
