//! Windows and hands of a case: was it received and first checked at one window, how long did departments wait, who held it how long
//! (domain.md S15, 3.9).
//!
//! Promises: what a window was for is that of the day of receipt, whenever it was recorded; the days of a case are shared out without a
//! rest. Where no window is set up on that day, the district has no one-window acceptance yet, and nobody is a member.

use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::case::{CaseOnDay, Routing};
use crate::catalogue::Catalogue;
use crate::event::{Channel, WindowKind};
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Where a case was received.
enum At {
    /// At a window that is set up on that day.
    Window(WindowKind),
    /// In a hall, at a window of which nothing is known.
    Unknown(&'static str),
    /// Not in a hall.
    Elsewhere,
}

/// What a case adds to the figures of windows and hands.
pub(super) fn drafts<'a>(case: &'a CaseOnDay, knowledge: &'a Knowledge, dims: DimsRef<'a>) -> Vec<Draft<'a>> {
    let seen = Seen { case, knowledge, dims };
    let windows = if knowledge.catalogue.has_windows(case.received.day) { seen.windows() } else { [None, None] };
    windows.into_iter().flatten().chain(seen.gaps()).chain(seen.held()).collect()
}

struct Seen<'a> {
    case: &'a CaseOnDay,
    knowledge: &'a Knowledge,
    dims: DimsRef<'a>,
}

impl<'a> Seen<'a> {
    fn windows(&self) -> [Option<Draft<'a>>; 2] {
        let at = received_at(self.case, &self.knowledge.catalogue);
        [self.one_window(&at), self.first_check(&at)]
    }

    /// `one_window_rate`: of the items that a general window takes.
    fn one_window(&self, at: &At) -> Option<Draft<'a>> {
        let received = &self.case.received;
        if !self.knowledge.catalogue.is_of_general_windows(&received.item_code, received.day) {
            return None;
        }
        let (place, why) = match at {
            At::Window(WindowKind::General) => (Place::Numerator, "general_window"),
            At::Window(WindowKind::Special) => (Place::Denominator, "special_window"),
            At::Unknown(why) => (Place::Unknown, *why),
            At::Elsewhere => return None,
        };
        Some(Draft::new(Metric::OneWindowRate, place, why, received.day, self.dims, &[received.position]))
    }

    /// `first_check_rate`: whatever the item, at the window that received it.
    fn first_check(&self, at: &At) -> Option<Draft<'a>> {
        let received = &self.case.received;
        let check = self.case.first_check.as_ref();
        let (place, why) = match (at, check) {
            (At::Elsewhere | At::Window(WindowKind::Special), _) => return None,
            (At::Unknown(why), _) => (Place::Unknown, *why),
            (At::Window(WindowKind::General), None) => (Place::Denominator, "not_checked"),
            (_, Some(check)) if check.window == received.window => (Place::Numerator, "checked_there"),
            (_, Some(check)) if check.window.is_empty() => (Place::Unknown, "no_window"),
            (_, Some(_)) => (Place::Denominator, "checked_elsewhere"),
        };
        let evidence = [received.position, check.map_or(0, |check| check.on.position)];
        Some(Draft::new(Metric::FirstCheckRate, place, why, received.day, self.dims, &evidence))
    }

    /// `handover_gap`, of every routing; charged to the department.
    fn gaps(&self) -> impl Iterator<Item = Draft<'a>> {
        self.case.routings.iter().map(|routing| self.gap(routing))
    }

    fn gap(&self, routing: &'a Routing) -> Draft<'a> {
        let dims = DimsRef { unit: &routing.unit, ..self.dims };
        let routed = routing.routed;
        let draft =
            |place, why, day: Date, taken| Draft::new(Metric::HandoverGap, place, why, day, dims, &[routed.position, taken]);
        let Some(taken) = routing.taken else { return draft(Place::Unknown, "not_taken", routed.day, 0) };
        let calendar = &self.knowledge.calendar;
        if calendar.first_provisional(routed.day, taken.day).is_some() {
            return draft(Place::Unknown, "no_calendar", taken.day, taken.position);
        }
        let wd = calendar.working_days(routed.day, taken.day);
        draft(Place::Numerator, "taken", taken.day, taken.position).with_value(f64::from(wd))
    }

    /// `holding_wd`, of every unit that answers for days of a round that has its outcome.
    fn held(&self) -> Vec<Draft<'a>> {
        let calendar = &self.knowledge.calendar;
        let of_round = |round: &'a crate::case::Round| {
            let ends = round.accepted.as_ref().zip(round.outcome.as_ref());
            let ends = ends.map(|(accepted, outcome)| (accepted.day, outcome.day, [accepted.position, outcome.position]));
            ends.into_iter().flat_map(move |(from, to, ends)| {
                let certain = calendar.first_provisional(from, to).is_none();
                self.case.held(round, calendar).into_iter().map(move |held| {
                    let (place, why) = match (certain, held.is_referred) {
                        (false, _) => (Place::Unknown, "no_calendar"),
                        (true, false) => (Place::Numerator, "held"),
                        (true, true) => (Place::Numerator, "referred_wrongly"),
                    };
                    let evidence: Vec<u64> = ends.into_iter().chain(held.events).collect();
                    let dims = DimsRef { unit: held.unit, ..self.dims };
                    let draft = Draft::new(Metric::HoldingWd, place, why, to, dims, &evidence);
                    if certain { draft.with_value(f64::from(held.wd)) } else { draft }
                })
            })
        };
        self.case.rounds.iter().flat_map(of_round).collect()
    }
}

/// A hall is a place with windows; who says neither how it came in nor at which window may have been in one.
fn received_at(case: &CaseOnDay, catalogue: &Catalogue) -> At {
    let received = &case.received;
    match (received.channel, received.window.is_empty()) {
        (Channel::Unknown, true) => At::Unknown("no_channel"),
        (Channel::Window, true) => At::Unknown("no_window"),
        (Channel::Unknown | Channel::Window, false) => {
            let set = catalogue.window(&received.window).and_then(|window| window.on(received.day));
            set.map_or(At::Unknown("window_not_set_up"), |set| At::Window(set.kind))
        }
        _ => At::Elsewhere,
    }
}
