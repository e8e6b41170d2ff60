//! Tolerance (容缺) of a case: was it granted where it could be, was what was missing accepted in time (domain.md S21, 3.5).
//!
//! Promises: what arrived does not fulfil, only what was accepted does; a grant counts on its last day as extended in time.

use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::case::{CaseOnDay, Notice, Tolerance, handed_in, tolerated};
use crate::event::{Fact, LimitUnit, NoticeGiven, NoticeItem};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// A case on the days from one on.
pub(super) struct Seen<'s, 'a> {
    pub(super) case: &'a CaseOnDay,
    pub(super) history: &'a History,
    pub(super) knowledge: &'s Knowledge,
    pub(super) from: Date,
    pub(super) dims: DimsRef<'a>,
}

impl<'a> Seen<'_, 'a> {
    /// What a case adds to the figures of tolerance.
    pub(super) fn drafts(&self) -> Vec<Draft<'a>> {
        let of_rounds = self.case.rounds.iter().flat_map(|round| {
            let tolerance = round.tolerance.as_ref();
            let outcome = round.outcome.as_ref();
            tolerance.into_iter().flat_map(move |tolerance| {
                let released = tolerance.released(outcome);
                [self.fulfilment(tolerance, released), self.overdue(tolerance, released)].into_iter().flatten()
            })
        });
        of_rounds.chain(self.uptake()).collect()
    }

    fn evidence(tolerance: &Tolerance) -> Vec<u64> {
        let good = tolerance.gaps.iter().filter_map(|gap| gap.made_good).map(|stamp| stamp.position);
        let moved = tolerance.extensions.iter().filter(|(_, void)| !void).map(|(stamp, _)| stamp.position);
        std::iter::once(tolerance.granted.position).chain(good).chain(moved).collect()
    }

    /// `tolerance_fulfilment`, once the last day has come.
    fn fulfilment(&self, tolerance: &'a Tolerance, released: Option<Date>) -> Option<Draft<'a>> {
        let last = tolerance.promised_on;
        if self.from < last {
            return None;
        }
        let good_on = tolerance.made_good_on();
        let (place, why) = match good_on {
            Some(day) if day <= last => (Place::Numerator, "accepted_in_time"),
            _ if released.is_some_and(|day| day <= last) => (Place::Excluded, "nothing_owed"),
            Some(_) => (Place::Denominator, "accepted_late"),
            None => (Place::Denominator, "not_accepted"),
        };
        let draft = Draft::new(Metric::ToleranceFulfilment, place, why, last, self.dims, &Self::evidence(tolerance));
        let late = good_on.filter(|day| *day > last);
        Some(match late {
            Some(day) => draft.with_value(f64::from(self.knowledge.calendar.working_days(last, day))),
            None => draft,
        })
    }

    /// `promises_overdue`: something is still missing, and its last day has passed.
    fn overdue(&self, tolerance: &'a Tolerance, released: Option<Date>) -> Option<Draft<'a>> {
        let open = tolerance.is_open() && tolerance.closed.is_none() && released.is_none();
        let dims = DimsRef { kind: "tolerance", ..self.dims };
        (open && self.from > tolerance.promised_on)
            .then(|| Draft::night(Metric::PromisesOverdue, Place::Numerator, "open_past_due", dims, &Self::evidence(tolerance)))
    }

    /// `tolerance_uptake`: the cases with nothing but listed gaps, by whether they were granted.
    fn uptake(&self) -> Option<Draft<'a>> {
        let first = &self.case.rounds[0];
        let asked = self.asked();
        let draft =
            |place, why, day, evidence: &[u64]| Some(Draft::new(Metric::ToleranceUptake, place, why, day, self.dims, evidence));
        if let Some(tolerance) = &first.tolerance {
            let (place, why) = if tolerance.listed { (Place::Numerator, "granted") } else { (Place::Excluded, "unlisted_gap") };
            let granted = tolerance.granted;
            let day = asked.map_or(granted.day, |(notice, _)| notice.day.min(granted.day));
            return draft(place, why, day, &[granted.position]);
        }
        let (notice, place) = asked?;
        let why = if place == Place::Unknown { "materials_not_stated" } else { "asked_by_notice" };
        draft(place, why, notice.day, &[self.case.received.position, notice.position])
    }

    /// The first notice before acceptance, where all it asks for is missing and stood on the list; unknown where the source does not
    /// say what was handed in.
    fn asked(&self) -> Option<(&'a Notice, Place)> {
        let notice = self.case.notices.first().filter(|notice| !notice.post_acceptance)?;
        let version = self.case.version.as_ref()?;
        let of_notice = self.history.counting().find(|recorded| recorded.position == notice.position)?;
        let Fact::NoticeGiven(NoticeGiven { items, .. }) = &of_notice.event.fact else { return None };
        let listed = |item: &NoticeItem| tolerated(self.case, &item.material, notice.day, self.knowledge).is_some();
        let immediate = version.promised.is_some_and(|limit| limit.unit == LimitUnit::Immediate);
        if immediate || items.is_empty() || !items.iter().all(listed) {
            return None;
        }
        let before = self.history.counting().take_while(|recorded| recorded.position != notice.position);
        let handed_in = handed_in(before.map(|recorded| &recorded.event.fact));
        if items.iter().any(|item| handed_in.contains(&&item.material)) {
            return None;
        }
        Some((notice, if handed_in.is_empty() { Place::Unknown } else { Place::Denominator }))
    }
}
