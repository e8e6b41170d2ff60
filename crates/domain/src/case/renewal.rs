//! Renewal by law (行政许可法 art. 50, C13): who applied for the renewal of a licence in time and heard nothing by its last day has it
//! renewed.
//!
//! Promises: derived from the days and stored nowhere, so that an outcome dated in time and posted late undoes it.

use super::{CaseOnDay, Outcome, OutcomeKind, Phase, Round, State};
use crate::event::{Fact, Recorded};
use jiff::{ToSpan, civil::Date};

/// Days before the last day of the licence by which its renewal must be applied for. Days, not working days: art. 82 reckons in those
/// what the agency has to do.
const RENEWAL_DAYS: i32 = 30;

impl Round {
    /// First day on which the licence was renewed by law.
    pub fn renewed_on(&self) -> Option<Date> {
        self.outcome.as_ref().filter(|outcome| outcome.kind == OutcomeKind::Renewed).map(|outcome| outcome.day)
    }

    /// Day of the event that says what came of it: the outcome, or what confirms one that the law brought.
    pub fn outcome_stated_on(&self) -> Option<Date> {
        if self.renewed_on().is_some() {
            return self.confirmed_end.map(|stamp| stamp.day);
        }
        self.outcome.as_ref().map(|outcome| outcome.day)
    }
}

impl CaseOnDay {
    /// The application came too late for the law to renew anything.
    pub(super) fn is_late_renewal(&self) -> bool {
        let last = self.received.renews_until;
        last.is_some_and(|last| self.received.day.saturating_add(RENEWAL_DAYS.days()) > last)
    }

    /// The last day of the licence, while it may still be renewed by law.
    pub(super) fn renews_after(&self) -> Option<Date> {
        let waits =
            matches!(self.state.phase(), Phase::Received | Phase::CorrectionPending | Phase::InHand | Phase::SpecialProcedure);
        let round = self.round();
        self.received
            .renews_until
            .filter(|last| waits && round.outcome.is_none() && round.opened.day <= *last && !self.is_late_renewal())
    }

    /// Nothing was decided by the last day: renewed from the next. An outcome dated in time undoes it.
    pub(super) fn renew(&mut self, day: Date, later: &[&Recorded]) {
        let Some(last) = self.renews_after().filter(|last| day > *last) else { return };
        let decides = |recorded: &&Recorded| {
            use Fact::{CaseDecided, CaseTerminated, CaseWithdrawn, NotAccepted};
            let fact = &recorded.event.fact;
            recorded.event.day <= last && matches!(fact, CaseDecided(_) | NotAccepted(_) | CaseWithdrawn | CaseTerminated)
        };
        if later.iter().any(decides) {
            return;
        }
        let Some(day) = last.tomorrow().ok() else { return };
        let received = &self.received;
        let (position, at, unit, staff) = (received.position, received.at, self.unit.clone(), received.staff.clone());
        self.state = State::Renewed;
        self.pending = None;
        self.round_mut().outcome = Some(Outcome { day, position, at, kind: OutcomeKind::Renewed, unit, staff });
    }
}
