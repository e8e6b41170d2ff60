//! Where a case stands: backlogs, on-time rates, delivery, how it came in, and an application refused on an unlisted ground
//! (domain.md S22, 3.1, 3.2).
//!
//! Promises: an accepted case stands in each on-time rate exactly once from its due date on (or as unknown in the period of its
//! receipt), so that the buckets add up to all accepted cases; a reopened case adds a round of its own.
//! Leaves notices, tolerances, joint handling and visits to `case_notice`, `case_tolerance`, `case_joint` and `case_visit`.

use super::case_joint;
use super::case_notice::{self, Noticed};
use super::case_tolerance;
use super::case_visit::{Completed, Visits};
use super::timeline::{DimsRef, Draft, Timeline, day_after, earliest_after, first_over, pieces};
use super::{Metric, Place};
use crate::case::{CaseOnDay, OutcomeKind, Round, State, Which, case_on, stopped_by_rule};
use crate::clock::{Clock, Due, Why};
use crate::contact::certain_until;
use crate::event::{Channel, Fact};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// A case, with its standings in no order.
pub(super) fn seen(history: &History, knowledge: &Knowledge) -> super::Seen {
    let view = |day| case_on(history, knowledge, day);
    let pieces = pieces(history, view, |case, from| earliest_after(marks(case, knowledge), from));
    let visits = Visits::of(history, knowledge);
    let noticed = Noticed::of(history);
    let mut timeline = Timeline::default();
    for (from, case) in &pieces {
        let seen = Seen { case, history, knowledge, from: *from };
        let mut drafts = seen.drafts();
        drafts.extend(case_notice::drafts(case, &noticed, knowledge, seen.dims()));
        drafts.extend(seen.completed().into_iter().flat_map(|completed| visits.drafts(completed, *from)));
        drafts.extend(case_tolerance::Seen { case, history, knowledge, from: *from, dims: seen.dims() }.drafts());
        drafts.extend(case_joint::Seen { case, knowledge, from: *from, dims: seen.dims() }.drafts());
        timeline.piece(*from, drafts);
    }
    super::Seen { standings: timeline.finish(), case: pieces }
}

/// The days on which time alone changes where a case stands: those of the case, the due dates of clocks that have stopped (on
/// them a case decided early becomes a member), and the first nights that are not certain.
fn marks(case: &CaseOnDay, knowledge: &Knowledge) -> Vec<Date> {
    let mut marks = case.marks();
    for clock in case.rounds.iter().flat_map(Round::decision_clocks) {
        marks.extend(clock.due.day());
        marks.extend(certain(clock, knowledge).map(day_after));
    }
    let counts = case.rounds.iter().filter_map(undelivered).chain([(case.window.from, case.window.over_from)]);
    marks.extend(counts.map(|(since, over_from)| first_over(&knowledge.calendar, since, over_from).0));
    marks
}

/// Last night that is certainly not past a provisional due date.
pub(super) fn certain(clock: &Clock, knowledge: &Knowledge) -> Option<Date> {
    match (clock.due, clock.unknown_from) {
        (Due::On { day, provisional: true }, Some(unknown_from)) => Some(certain_until(&knowledge.calendar, unknown_from, day)),
        _ => None,
    }
}

/// Of a round whose result is still owed (art. 44): the day of the decision to pass, and the first night of the backlog.
fn undelivered(round: &Round) -> Option<(Date, Date)> {
    let clock = round.delivery.as_ref().filter(|clock| clock.stop.is_none())?;
    clock.start.zip(round.delivery_over_from)
}

/// What a clock of decision was read from.
pub(super) fn evidence(round: &Round, which: Which, knowledge: &Knowledge) -> Vec<u64> {
    let procedures = round.procedures.iter().filter(|procedure| procedure.kind.stops_the_clock());
    let ends = procedures.flat_map(|procedure| [Some(procedure.started), procedure.ended]).flatten();
    let extended = round.extensions.iter().filter(|extension| !extension.void).map(|extension| extension.approved);
    let accepted = round.accepted.iter().map(|accepted| accepted.position);
    let outcome = round.outcome.iter().map(|outcome| outcome.position);
    let by_rule = stopped_by_rule(round, which, knowledge).into_iter().flat_map(|stopped| stopped.events);
    accepted.chain(ends.chain(extended).map(|stamp| stamp.position)).chain(by_rule).chain(outcome).collect()
}

/// A case on the days from one on.
struct Seen<'a> {
    case: &'a CaseOnDay,
    history: &'a History,
    knowledge: &'a Knowledge,
    from: Date,
}

impl<'a> Seen<'a> {
    fn drafts(&self) -> Vec<Draft<'a>> {
        let mut drafts: Vec<Draft<'a>> = self.receipt().into_iter().chain(self.refused()).collect();
        drafts.push(self.online());
        for round in &self.case.rounds {
            drafts.extend(self.backlog(Metric::BacklogPromised, round, Which::Promised));
            drafts.extend(self.backlog(Metric::BacklogStatutory, round, Which::Statutory));
            drafts.extend(self.on_time(Metric::OnTimeRatePromised, round, Which::Promised));
            drafts.extend(self.on_time(Metric::OnTimeRateStatutory, round, Which::Statutory));
            drafts.extend(self.closed(round));
            drafts.extend(self.delivery(round));
        }
        drafts
    }

    /// Charged to the unit the case stands with, and to who received it.
    fn dims(&self) -> DimsRef<'a> {
        let case = self.case;
        DimsRef {
            unit: &case.unit,
            item: &case.received.item_code,
            staff: &case.received.staff,
            window: &case.received.window,
            channel: case.received.channel.code(),
            kind: "",
        }
    }

    /// The same, charged to who decided, once somebody has.
    fn dims_of_decision(&self, round: &'a Round) -> DimsRef<'a> {
        let staff = round.outcome.as_ref().map_or(&self.case.received.staff, |outcome| &outcome.staff);
        DimsRef { staff, ..self.dims() }
    }

    fn evidence(&self, round: &Round, which: Which) -> Vec<u64> {
        evidence(round, which, self.knowledge)
    }

    /// 3.1: accepted, not stopped, not in a pause that began in time, and the night is after the due date.
    fn backlog(&self, metric: Metric, round: &'a Round, which: Which) -> Option<Draft<'a>> {
        if round.accepted.is_none() || round.outcome.is_some() {
            return None;
        }
        let clock = round.clock(which)?;
        let night = |place, why| Some(Draft::night(metric, place, why, self.dims(), &self.evidence(round, which)));
        match clock.due {
            Due::On { day, provisional: false } if self.from > day => night(Place::Numerator, "past_due"),
            Due::On { provisional: true, .. } if certain(clock, self.knowledge).is_some_and(|last| self.from > last) => {
                night(Place::Unknown, "no_calendar")
            }
            Due::Unknown(why @ (Why::NoItemVersion | Why::NoLimit)) => night(Place::Unknown, why.code()),
            _ => None,
        }
    }

    /// 3.1: of the cases whose final due date has come, those decided by it.
    fn on_time(&self, metric: Metric, round: &'a Round, which: Which) -> Option<Draft<'a>> {
        round.accepted.as_ref()?;
        let clock = round.clock(which)?;
        let dims = self.dims_of_decision(round);
        let draft = |place, why, day| Some(Draft::new(metric, place, why, day, dims, &self.evidence(round, which)));
        let unknown = |why| draft(Place::Unknown, why, round.opened.day);
        let due = match clock.due {
            Due::On { day, provisional: false } => day,
            Due::On { provisional: true, .. } => return unknown("no_calendar"),
            Due::Paused => return unknown("open_pause"),
            Due::Unknown(why) => return unknown(why.code()),
        };
        if self.from < due {
            return None;
        }
        let Some(outcome) = &round.outcome else { return draft(Place::Denominator, "open_past_due", due) };
        let in_time = outcome.day <= due;
        let (place, why) = match (outcome.kind, in_time) {
            (OutcomeKind::Decided(_) | OutcomeKind::NotAccepted, true) => (Place::Numerator, "decided_in_time"),
            (OutcomeKind::Decided(_) | OutcomeKind::NotAccepted, false) => (Place::Denominator, "decided_late"),
            (OutcomeKind::Withdrawn | OutcomeKind::Terminated, true) => (Place::Excluded, "stopped_in_time"),
            (OutcomeKind::Withdrawn | OutcomeKind::Terminated, false) => (Place::Denominator, "stopped_late"),
        };
        draft(place, why, due)
    }

    /// `closed_on_time`: the working figure, by day of decision.
    fn closed(&self, round: &'a Round) -> Option<Draft<'a>> {
        round.accepted.as_ref()?;
        let outcome = round.outcome.as_ref().filter(|outcome| matches!(outcome.kind, OutcomeKind::Decided(_)))?;
        let (place, why) = match round.promised.due {
            Due::On { day, provisional: false } if outcome.day <= day => (Place::Numerator, "decided_in_time"),
            Due::On { provisional: false, .. } => (Place::Denominator, "decided_late"),
            Due::On { provisional: true, .. } => (Place::Unknown, "no_calendar"),
            Due::Paused => (Place::Unknown, "open_pause"),
            Due::Unknown(why) => (Place::Unknown, why.code()),
        };
        let dims = self.dims_of_decision(round);
        Some(Draft::new(Metric::ClosedOnTime, place, why, outcome.day, dims, &self.evidence(round, Which::Promised)))
    }

    /// 3.1: received, no outcome, no correction pending after a notice given in time, and the window is over; also deemed accepted.
    fn receipt(&self) -> Option<Draft<'a>> {
        let case = self.case;
        let waits = match case.state {
            State::Received => true,
            State::CorrectionPending => case.pending.as_ref().is_some_and(|pending| !pending.in_time),
            // Deemed accepted and never confirmed: nobody has said anything to the applicant yet.
            State::Accepted | State::UnderReview | State::SpecialProcedure => {
                let round = case.round();
                case.rounds.len() == 1
                    && round.accepted.as_ref().is_some_and(|accepted| accepted.deemed)
                    && round.confirmed.is_none()
            }
            _ => false,
        };
        let (over_from, certain) = first_over(&self.knowledge.calendar, case.window.from, case.window.over_from);
        if !waits || self.from < over_from {
            return None;
        }
        let notice = case.pending.as_ref().map_or(0, |pending| pending.notice.position);
        let (place, why) = if certain { (Place::Numerator, "window_passed") } else { (Place::Unknown, "no_calendar") };
        Some(Draft::night(Metric::BacklogReceipt, place, why, self.dims(), &[case.window.position, notice]))
    }

    /// C4: decided to pass, not delivered, and more than ten working days since.
    fn delivery(&self, round: &'a Round) -> Option<Draft<'a>> {
        let (decided, over_from) = undelivered(round)?;
        let (over_from, certain) = first_over(&self.knowledge.calendar, decided, over_from);
        if self.from < over_from {
            return None;
        }
        let (place, why) = if certain { (Place::Numerator, "not_delivered") } else { (Place::Unknown, "no_calendar") };
        let evidence = [round.outcome.as_ref()?.position];
        Some(Draft::night(Metric::BacklogDelivery, place, why, self.dims(), &evidence))
    }

    /// S33: an application that was not accepted on a ground outside the list.
    fn refused(&self) -> Option<Draft<'a>> {
        let round = self.case.rounds.first()?;
        let outcome = round.outcome.as_ref().filter(|outcome| outcome.kind == OutcomeKind::NotAccepted)?;
        let recorded = self.history.counting().find(|recorded| recorded.position == outcome.position)?;
        let Fact::NotAccepted(fact) = &recorded.event.fact else { return None };
        if self.knowledge.rules.lists("not_accepted_grounds", outcome.day, &fact.ground) {
            return None;
        }
        let dims = DimsRef { kind: &fact.ground, ..self.dims() };
        let evidence = [outcome.position];
        Some(Draft::new(Metric::FirstAskRefused, Place::Numerator, "not_accepted_unlisted", outcome.day, dims, &evidence))
    }

    /// S22: how it came in.
    fn online(&self) -> Draft<'a> {
        let received = &self.case.received;
        let (place, why) = match received.channel {
            Channel::Online => (Place::Numerator, "online"),
            Channel::Unknown => (Place::Unknown, "no_channel"),
            _ => (Place::Denominator, "not_online"),
        };
        Draft::new(Metric::OnlineRate, place, why, received.day, self.dims(), &[received.position])
    }

    /// The last completion of the case, for the figures of visits.
    fn completed(&self) -> Option<Completed<'a>> {
        let round = self.case.rounds.iter().rev().find(|round| round.completed.is_some())?;
        let completed = round.completed?;
        Some(Completed {
            day: completed.day,
            position: completed.position,
            delivered: round.delivered.map(|stamp| (stamp.day, stamp.position)),
            dims: self.dims(),
        })
    }
}
