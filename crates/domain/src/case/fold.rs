//! The fold: from the events of a case to where it stands on a day.
//!
//! Events are taken in the order they count. Before each, time is let pass up to its day, so that a deemed acceptance or a lapse
//! stands where the law puts it. An event the table forbids is flagged and takes what effect still makes sense: it never undoes
//! an outcome.

use super::{
    CaseOnDay, ExtensionOnDay, Moment, Notice, Outcome, OutcomeKind, Pending, Procedure, RECEIPT_WD, Receipt, Round, Stamp, State, Window,
    clocks, state,
};
use crate::event::{CaseReceived, Event, Fact, ItemVersion, NoticeGiven, Recorded};
use crate::flag::Flag;
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::sync::Arc;

/// The case as known, on a day; facts dated later are cut. Nothing before its receipt.
pub fn case_on(history: &History, knowledge: &Knowledge, valid_on: Date) -> Option<CaseOnDay> {
    fold(history, history.counting_on(valid_on), knowledge, valid_on)
}

/// The case as an event finds it: everything that counts before it, on its own day.
pub fn case_before(history: &History, knowledge: &Knowledge, event: &Event) -> Option<CaseOnDay> {
    let key = event.order();
    fold(history, history.counting().take_while(|recorded| recorded.event.order() < key), knowledge, event.day)
}

fn fold<'a>(
    history: &History,
    events: impl Iterator<Item = &'a Recorded>,
    knowledge: &Knowledge,
    valid_on: Date,
) -> Option<CaseOnDay> {
    let mut early: Vec<u64> = Vec::new();
    let mut case: Option<CaseOnDay> = None;
    for recorded in events.filter(|recorded| recorded.event.subject == *history.subject()) {
        match (&mut case, &recorded.event.fact) {
            (None, Fact::CaseReceived(received)) => case = Some(begin(recorded, received, knowledge, valid_on)),
            (None, fact) if state::allowed(None, fact).is_err() => early.push(recorded.position),
            (None, _) => {}
            (Some(case), _) => case.take(recorded, knowledge),
        }
    }
    let mut case = case?;
    case.let_pass(valid_on, knowledge);
    case.irregular.splice(0..0, early);
    for round in &mut case.rounds {
        clocks::read(round, knowledge, valid_on);
    }
    case.flags = flags(&case);
    Some(case)
}

fn begin(recorded: &Recorded, received: &CaseReceived, knowledge: &Knowledge, valid_on: Date) -> CaseOnDay {
    let event = &recorded.event;
    let stamp = Stamp { day: event.day, position: recorded.position };
    let version = pinned(knowledge, received, event.day);
    let lead = version.as_ref().map(|version| &version.lead_unit).filter(|unit| !unit.is_empty());
    CaseOnDay {
        valid_on,
        state: State::Received,
        unit: lead.unwrap_or(&event.unit).clone(),
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
        version,
        window: window(recorded, knowledge),
        pending: None,
        deemed: None,
        lapsed: None,
        notices: Vec::new(),
        corrections: Vec::new(),
        rounds: vec![round(stamp, valid_on)],
        irregular: Vec::new(),
        flags: Vec::new(),
    }
}

/// Version the materials are pinned to: the one named, or where none is named the one in force on the day of receipt (C12).
fn pinned(knowledge: &Knowledge, received: &CaseReceived, day: Date) -> Option<Arc<ItemVersion>> {
    let catalogue = &knowledge.catalogue;
    if received.item_version.is_empty() {
        return catalogue.item_in_force(&received.item_code, day).cloned();
    }
    catalogue.item_version(&received.item_code, &received.item_version).cloned()
}

fn window(opened: &Recorded, knowledge: &Knowledge) -> Window {
    let from = opened.event.day;
    let last = knowledge.calendar.nth(from, RECEIPT_WD);
    Window {
        from,
        at: opened.event.occurred_at,
        position: opened.position,
        last,
        over_from: knowledge.calendar.nth(from, RECEIPT_WD + 1),
        unknown_from: knowledge.calendar.first_provisional(from, last),
        answered: None,
    }
}

fn round(opened: Stamp, valid_on: Date) -> Round {
    Round {
        opened,
        accepted: None,
        confirmed: None,
        version: None,
        promised: clocks::not_started(valid_on),
        statutory: clocks::not_started(valid_on),
        outcome: None,
        procedures: Vec::new(),
        extensions: Vec::new(),
        completed: None,
        issued: None,
        mailed: None,
        delivered: None,
        revoked: None,
        delivery: None,
        delivery_over_from: None,
    }
}

impl CaseOnDay {
    /// Lets time alone do what it does up to the end of a day: acceptance by art. 32(1)(4), a lapse for want of corrections.
    fn let_pass(&mut self, day: Date, knowledge: &Knowledge) {
        let deems = self.version.as_ref().is_some_and(|version| version.deemed_acceptance);
        let certain = self.window.unknown_from.is_none();
        if self.state == State::Received && deems && certain && self.window.last < day {
            self.deemed = self.window.last.tomorrow().ok();
            let (day, position, at) = (self.window.from, self.window.position, self.window.at);
            self.accept(Moment { day, position, deemed: true, at }, knowledge);
            self.state = State::Accepted;
        }
        let lapses = self.pending.as_ref().and_then(|pending| pending.last).filter(|last| *last < day);
        if let (State::CorrectionPending, Some(last)) = (self.state, lapses) {
            self.lapsed = last.tomorrow().ok();
            self.state = State::Lapsed;
        }
    }

    /// Takes an event in.
    fn take(&mut self, recorded: &Recorded, knowledge: &Knowledge) {
        let event = &recorded.event;
        self.let_pass(event.day, knowledge);
        let stamp = Stamp { day: event.day, position: recorded.position };
        let confirms = self.confirms(&event.fact);
        if state::allowed(Some(self.state), &event.fact).is_err() && !confirms {
            self.irregular.push(recorded.position);
        }
        match &event.fact {
            Fact::NoticeGiven(notice) => self.notice(stamp, notice, knowledge),
            Fact::CorrectionSubmitted(_) => self.correction(recorded, knowledge),
            Fact::CaseAccepted(_) if confirms => self.current().confirmed = Some(stamp),
            Fact::CaseAccepted(_) if !self.is_over() && self.round().accepted.is_none() => {
                self.answer(stamp);
                self.accept(Moment { day: stamp.day, position: stamp.position, deemed: false, at: event.occurred_at }, knowledge);
                self.state = State::Accepted;
            }
            Fact::NotAccepted(fact) => {
                let state = if *fact.ground == *"not_required" { State::NotRequired } else { State::NotAccepted };
                self.end(event, stamp, OutcomeKind::NotAccepted, state);
            }
            Fact::CaseTransferred(transfer) => self.unit = transfer.to.clone(),
            Fact::CaseDecided(decision) => self.end(event, stamp, OutcomeKind::Decided(*decision), State::Decided),
            Fact::CaseWithdrawn => {
                let early = self.round().accepted.is_none();
                self.end(event, stamp, OutcomeKind::Withdrawn, if early { State::WithdrawnEarly } else { State::Withdrawn });
            }
            Fact::CaseTerminated => self.end(event, stamp, OutcomeKind::Terminated, State::Terminated),
            fact => self.take_on_the_way(fact, stamp, event),
        }
    }

    /// What happens while a case is handled, and after its decision.
    fn take_on_the_way(&mut self, fact: &Fact, stamp: Stamp, event: &Event) {
        let handled = matches!(self.state, State::Accepted | State::UnderReview);
        match fact {
            Fact::ReviewStepDone | Fact::CaseRoutedToDept(_) | Fact::DeptTookCase(_) if handled => self.state = State::UnderReview,
            Fact::SpecialProcedureStarted(started) if !self.is_over() => {
                let (proc_id, kind, told) = (started.proc_id.clone(), started.kind, started.told);
                self.current().procedures.push(Procedure { proc_id, kind, told, started: stamp, ended: None });
                if self.round().accepted.is_some() {
                    self.state = State::SpecialProcedure;
                }
            }
            Fact::SpecialProcedureEnded(ended) => self.end_procedure(&ended.proc_id, stamp),
            Fact::ExtensionApproved(extension) if !self.is_over() => {
                let (wd, told) = (extension.days, extension.told);
                self.current().extensions.push(ExtensionOnDay { approved: stamp, wd, told, void: true });
                if handled {
                    self.state = State::UnderReview;
                }
            }
            Fact::CaseCompleted if self.round().completed.is_none() => {
                self.current().completed = Some(stamp);
                self.move_to(State::Completed, &[State::Decided]);
            }
            Fact::ResultIssued if self.round().issued.is_none() => {
                self.current().issued = Some(stamp);
                self.move_to(State::ResultIssued, &[State::Completed]);
            }
            Fact::ResultMailed => self.current().mailed = self.round().mailed.or(Some(stamp)),
            Fact::ResultDelivered if self.round().delivered.is_none() => {
                self.current().delivered = Some(stamp);
                self.move_to(State::Delivered, &[State::Completed, State::ResultIssued]);
            }
            Fact::DecisionRevoked if self.round().outcome.is_some() && self.round().revoked.is_none() => {
                self.current().revoked = Some(stamp);
                self.state = State::Revoked;
            }
            Fact::CaseReopened if self.round().outcome.is_some() => {
                // C: a new clock and a new cohort entry; its day 0 is the reopening.
                let mut reopened = round(stamp, self.valid_on);
                let at = event.occurred_at;
                reopened.accepted = Some(Moment { day: stamp.day, position: stamp.position, deemed: false, at });
                reopened.version = self.round().version.clone().or_else(|| self.version.clone());
                self.rounds.push(reopened);
                self.state = State::UnderReview;
            }
            _ => {}
        }
    }

    fn notice(&mut self, stamp: Stamp, notice: &NoticeGiven, knowledge: &Knowledge) {
        let before = matches!(self.state, State::Received | State::CorrectionPending);
        let in_time = before && stamp.day <= self.window.last;
        self.notices.push(Notice {
            day: stamp.day,
            position: stamp.position,
            notice_id: notice.notice_id.clone(),
            window_from: self.window.from,
            wd: knowledge.calendar.working_days(self.window.from, stamp.day),
            in_time,
            post_acceptance: self.round().accepted.is_some(),
        });
        if before {
            self.answer(stamp);
            let limit = knowledge.rules.count("correction_wd", stamp.day);
            let last = (limit > 0).then(|| knowledge.calendar.nth(stamp.day, limit));
            // The first notice of a window decides whether the applicant was told in time.
            let in_time = self.pending.as_ref().map_or(in_time, |pending| pending.in_time);
            self.pending = Some(Pending { notice: stamp, in_time, last });
            self.state = State::CorrectionPending;
        }
    }

    fn correction(&mut self, recorded: &Recorded, knowledge: &Knowledge) {
        self.corrections.push(Stamp { day: recorded.event.day, position: recorded.position });
        if self.state == State::CorrectionPending {
            self.pending = None;
            self.window = window(recorded, knowledge);
            self.state = State::Received;
        }
    }

    fn accept(&mut self, moment: Moment, knowledge: &Knowledge) {
        let in_force = knowledge.catalogue.item_in_force(&self.received.item_code, moment.day).cloned();
        let version = in_force.or_else(|| self.version.clone());
        self.pending = None;
        let round = self.current();
        round.version = version;
        round.accepted = Some(moment);
    }

    /// `CaseAccepted` after a deemed acceptance, once: it only confirms (C6).
    fn confirms(&self, fact: &Fact) -> bool {
        let round = self.round();
        let deemed = round.accepted.as_ref().is_some_and(|accepted| accepted.deemed);
        matches!(fact, Fact::CaseAccepted(_)) && deemed && round.confirmed.is_none() && round.outcome.is_none()
    }

    fn end(&mut self, event: &Event, stamp: Stamp, kind: OutcomeKind, state: State) {
        if self.is_over() {
            return;
        }
        self.answer(stamp);
        self.pending = None;
        let (unit, staff) = (event.unit.clone(), event.staff.clone());
        self.current().outcome =
            Some(Outcome { day: stamp.day, position: stamp.position, at: event.occurred_at, kind, unit, staff });
        self.state = state;
    }

    fn end_procedure(&mut self, proc_id: &str, stamp: Stamp) {
        let round = self.current();
        let open = round.procedures.iter_mut().find(|procedure| *procedure.proc_id == *proc_id && procedure.ended.is_none());
        if let Some(procedure) = open {
            procedure.ended = Some(stamp);
        }
        let any_open = round.procedures.iter().any(|procedure| procedure.ended.is_none());
        if !any_open {
            self.move_to(State::UnderReview, &[State::SpecialProcedure]);
        }
    }

    /// An outcome stands, or the case lapsed.
    fn is_over(&self) -> bool {
        self.round().outcome.is_some() || self.state == State::Lapsed
    }

    fn answer(&mut self, stamp: Stamp) {
        self.window.answered = self.window.answered.or(Some(stamp));
    }

    fn move_to(&mut self, state: State, from: &[State]) {
        if from.contains(&self.state) {
            self.state = state;
        }
    }

    fn current(&mut self) -> &mut Round {
        let last = self.rounds.len() - 1;
        &mut self.rounds[last]
    }
}

/// The remarks that hold.
fn flags(case: &CaseOnDay) -> Vec<Flag> {
    let rounds = || case.rounds.iter();
    let clocks = || rounds().flat_map(|round| [&round.promised, &round.statutory]);
    let extended = |round: &&Round| round.statutory.extension.is_some() && round.promised.extension.is_none();
    let provisional = |clock: &crate::clock::Clock| matches!(clock.due, crate::clock::Due::On { provisional: true, .. });
    let table = [
        (Flag::Irregular, !case.irregular.is_empty()),
        (Flag::ItemUnknown, case.version.is_none()),
        (Flag::DeemedAccepted, case.deemed.is_some()),
        (Flag::PostAcceptance, case.notices.iter().any(|notice| notice.post_acceptance)),
        (Flag::ExtensionVoid, rounds().any(|round| round.extensions.iter().any(|extension| extension.void))),
        (Flag::LegallyExtended, rounds().any(|round| extended(&round))),
        (Flag::PauseUnproven, clocks().any(|clock| clock.proven_only.is_some())),
        (Flag::Provisional, clocks().any(provisional)),
    ];
    let mut flags: Vec<Flag> = table.into_iter().filter_map(|(flag, holds)| holds.then_some(flag)).collect();
    flags.sort_unstable();
    flags
}
