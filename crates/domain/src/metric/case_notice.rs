//! One-time notification (一次性告知) of a case: was everything asked in one go, in time and in writing (domain.md S13, 3.4), and
//! was only asked what the list names (S14).
//!
//! Promises: a breach follows from the events (materials, defects, causes, forms, the pinned list), or from a finding that is
//! substantiated; a claimed cause that the record contradicts excuses nothing. The first breach gives the kind.

use super::timeline::{DimsRef, Draft, first_over};
use super::{Metric, Place};
use crate::case::{CaseOnDay, Notice, RECEIPT_WD};
use crate::event::{CodeText, Fact, Finding, NoticeBreach, NoticeCause, NoticeForm, NoticeGiven, NoticeItem};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// What the fold leaves to this file: what notices asked, what corrections brought, what was found of allegations; each in the
/// order they count.
#[derive(Debug, Default)]
pub(super) struct Noticed<'a> {
    /// Place in the order, position, content.
    asked: Vec<(usize, u64, &'a NoticeGiven)>,
    /// Place in the order, position, materials.
    brought: Vec<(usize, u64, &'a [CodeText])>,
    /// Day, position, kind.
    found: Vec<(Date, u64, NoticeBreach)>,
}

impl<'a> Noticed<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut noticed = Self::default();
        for (nth, recorded) in history.counting().enumerate() {
            match &recorded.event.fact {
                Fact::NoticeGiven(notice) => noticed.asked.push((nth, recorded.position, notice)),
                Fact::CorrectionSubmitted(correction) => noticed.brought.push((nth, recorded.position, &correction.materials)),
                Fact::NoticeBreachFound(found) if found.finding == Finding::Substantiated => {
                    noticed.found.push((recorded.event.day, recorded.position, found.kind));
                }
                _ => {}
            }
        }
        noticed
    }
}

/// What a case adds to the figures of notification, as of the day it is seen on.
pub(super) fn drafts<'a>(case: &'a CaseOnDay, noticed: &Noticed<'a>, knowledge: &Knowledge, dims: DimsRef<'a>) -> Vec<Draft<'a>> {
    let of = |seen: &'a Notice| {
        let (nth, _, given) = *noticed.asked.iter().find(|(_, position, _)| *position == seen.position)?;
        Some(Asked { seen, nth, given })
    };
    let is_known = |position: u64| case.corrections.iter().any(|stamp| stamp.position == position);
    let brought = noticed.brought.iter().filter(|(_, position, _)| is_known(*position));
    let found = noticed.found.iter().find(|(day, ..)| *day <= case.valid_on);
    let seen = Seen {
        case,
        knowledge,
        dims,
        asked: case.notices.iter().filter_map(of).collect(),
        brought: brought.map(|(nth, _, materials)| (*nth, *materials)).collect(),
        found: found.map(|(_, position, kind)| (*kind, *position)),
    };
    seen.in_time().into_iter().chain(seen.one_time()).chain(seen.demands()).collect()
}

/// A breach, and the event that shows it.
type Breach = (NoticeBreach, u64);

/// A notice, its place in the order, and what it asked.
struct Asked<'a> {
    seen: &'a Notice,
    nth: usize,
    given: &'a NoticeGiven,
}

impl Asked<'_> {
    fn names(&self, item: &NoticeItem) -> bool {
        self.given.items.iter().any(|own| own.material == item.material && own.defect == item.defect)
    }
}

/// The law or the request changed. Believed: no event could contradict it.
fn changed(item: &NoticeItem) -> bool {
    matches!(item.cause, NoticeCause::LawChanged | NoticeCause::RequestChanged)
}

/// The notices and corrections of a case up to a day.
struct Seen<'s, 'a> {
    case: &'a CaseOnDay,
    knowledge: &'s Knowledge,
    dims: DimsRef<'a>,
    asked: Vec<Asked<'a>>,
    /// Place in the order, materials.
    brought: Vec<(usize, &'a [CodeText])>,
    /// The first substantiated finding.
    found: Option<Breach>,
}

impl<'a> Seen<'_, 'a> {
    /// `notice_in_time`, of the first notice.
    fn in_time(&self) -> Option<Draft<'a>> {
        let first = &self.asked.first()?.seen;
        let (place, why) = match self.is_within(self.case.received.day, first.day) {
            Some(true) => (Place::Numerator, "in_time"),
            Some(false) => (Place::Denominator, "late"),
            None => (Place::Unknown, "no_calendar"),
        };
        let evidence = [self.case.received.position, first.position];
        Some(Draft::new(Metric::NoticeInTime, place, why, first.day, self.dims, &evidence))
    }

    /// `one_time_rate`, once the correction phase has ended.
    fn one_time(&self) -> Option<Draft<'a>> {
        let ended = self.ended()?;
        let breach = (0..self.asked.len()).find_map(|index| self.breach_of(index)).or(self.found);
        let notices = self.asked.iter().map(|asked| asked.seen.position);
        let evidence: Vec<u64> = notices.chain(breach.map(|(_, position)| position)).collect();
        let (place, why) = match breach {
            Some((kind, _)) => (Place::Denominator, kind.code()),
            None => self.unknown().map_or((Place::Numerator, "no_breach"), |why| (Place::Unknown, why)),
        };
        let kind = breach.map_or("", |(kind, _)| kind.code());
        Some(Draft::new(Metric::OneTimeRate, place, why, ended, DimsRef { kind, ..self.dims }, &evidence))
    }

    /// `off_list_demand`, of every notice.
    fn demands(&self) -> impl Iterator<Item = Draft<'a>> {
        self.asked.iter().map(|asked| {
            let (place, why) = match self.is_off_list(asked) {
                Some(true) => (Place::Numerator, "off_list"),
                Some(false) => (Place::Denominator, "on_list"),
                None => (Place::Unknown, "no_item_version"),
            };
            let evidence = [self.case.received.position, asked.seen.position];
            Draft::new(Metric::OffListDemand, place, why, asked.seen.day, self.dims, &evidence)
        })
    }

    /// The first outcome after the last notice, of whatever round; of a case with a breach and no notice its first outcome.
    fn ended(&self) -> Option<Date> {
        let case = self.case;
        let last = self.asked.last().map(|asked| asked.seen);
        if last.is_none() && self.found.is_none() {
            return None;
        }
        let first = &case.rounds[0];
        let accepted = first.accepted.as_ref().filter(|_| last.is_none_or(|last| !last.post_acceptance));
        let accepted = accepted.and_then(|accepted| if accepted.deemed { case.deemed } else { Some(accepted.day) });
        let confirmed = first.confirmed.map(|stamp| stamp.day);
        let outcomes = case.rounds.iter().filter_map(|round| Some(round.outcome.as_ref()?.day));
        let ends = outcomes.chain(accepted).chain(confirmed).chain(case.lapsed);
        ends.filter(|day| last.is_none_or(|last| *day >= last.day)).min()
    }

    fn breach_of(&self, index: usize) -> Option<Breach> {
        let asked = &self.asked[index];
        let any = |is: &dyn Fn(&NoticeItem) -> bool| asked.given.items.iter().any(is);
        let table = [
            (NoticeBreach::Late, self.is_late(index) == Some(true)),
            (NoticeBreach::Incomplete, index > 0 && any(&|item| !self.is_excused(index, item))),
            (NoticeBreach::OffList, self.is_off_list(asked) == Some(true)),
            (NoticeBreach::OralOnly, self.is_oral_only(index)),
            (NoticeBreach::PostAcceptance, asked.seen.post_acceptance && !asked.given.items.iter().all(changed)),
        ];
        table.into_iter().find_map(|(kind, is)| is.then_some((kind, asked.seen.position)))
    }

    /// Given when the window had passed unanswered, unless all it asks was asked in that window before, or changed since.
    fn is_late(&self, index: usize) -> Option<bool> {
        let asked = &self.asked[index];
        let earlier = || self.asked[..index].iter().filter(|earlier| self.is_one_window(earlier, asked));
        let asks_anew = asked.given.items.iter().any(|item| !changed(item) && !earlier().any(|earlier| earlier.names(item)));
        let is_first = earlier().next().is_none() && asked.given.items.is_empty();
        if !(asks_anew || is_first) || self.was_answered(asked.seen) {
            return Some(false);
        }
        self.is_within(asked.seen.window_from, asked.seen.day).map(|within| !within)
    }

    /// Acceptance by the agency, or an outcome, came before the notice. A deemed acceptance answers nobody.
    fn was_answered(&self, notice: &Notice) -> bool {
        let by_agency = |accepted: &crate::case::Moment| notice.post_acceptance && !accepted.deemed;
        let first = &self.case.rounds[0];
        let outcomes = self.case.rounds.iter().filter_map(|round| Some(round.outcome.as_ref()?.day));
        let ends = outcomes.chain(first.confirmed.map(|stamp| stamp.day));
        first.accepted.as_ref().is_some_and(by_agency) || ends.into_iter().any(|day| day < notice.day)
    }

    /// Whether `W(from, to]` is at most that of the receipt window; none where that rests on days without a calendar.
    fn is_within(&self, from: Date, to: Date) -> Option<bool> {
        let calendar = &self.knowledge.calendar;
        let (over_from, certain) = first_over(calendar, from, calendar.nth(from, RECEIPT_WD + 1));
        if to < over_from { Some(true) } else { certain.then_some(false) }
    }

    /// A later notice may ask again for what was not fixed, or for what is wrong in a document filed since. The record decides;
    /// only that a correction without a list of materials brought a new one is believed.
    fn is_excused(&self, index: usize, item: &NoticeItem) -> bool {
        let [first, this] = [&self.asked[0], &self.asked[index]];
        let repeated = self.asked[..index].iter().any(|earlier| earlier.names(item));
        let filed = |is: &dyn Fn(&[CodeText]) -> bool| self.brought_between(first, this).any(is);
        let is_new = filed(&|materials| materials.contains(&item.material));
        match item.cause {
            NoticeCause::First => repeated || is_new,
            NoticeCause::Unfixed => repeated,
            NoticeCause::NewDocument => is_new || filed(&<[_]>::is_empty),
            NoticeCause::LawChanged | NoticeCause::RequestChanged => true,
        }
    }

    /// Whether it asks for a material that the pinned version lacks, and neither the law nor the request changed; unknown where
    /// it asks for one and no version is known.
    fn is_off_list(&self, asked: &Asked<'a>) -> Option<bool> {
        let mut named = asked.given.items.iter().filter(|item| !item.material.is_empty() && !changed(item));
        match &self.case.version {
            Some(version) => Some(named.any(|item| version.materials.iter().all(|material| material.code != item.material))),
            None => named.next().is_none().then_some(false),
        }
    }

    /// No other notice of the same window was given in writing.
    fn is_oral_only(&self, index: usize) -> bool {
        let this = &self.asked[index];
        let in_writing = |form| matches!(form, NoticeForm::Written | NoticeForm::Electronic);
        let mut of_window = self.asked.iter().filter(|other| self.is_one_window(other, this));
        this.given.form == NoticeForm::Oral && !of_window.any(|other| in_writing(other.given.form))
    }

    /// No correction lies between two notices.
    fn is_one_window(&self, one: &Asked<'a>, other: &Asked<'a>) -> bool {
        self.brought_between(one, other).next().is_none()
    }

    fn brought_between(&self, one: &Asked<'a>, other: &Asked<'a>) -> impl Iterator<Item = &'a [CodeText]> {
        let between = one.nth.min(other.nth)..one.nth.max(other.nth);
        self.brought.iter().filter(move |(nth, _)| between.contains(nth)).map(|(_, materials)| *materials)
    }

    /// Why a case without a known breach may have one all the same.
    fn unknown(&self) -> Option<&'static str> {
        let no_calendar = (0..self.asked.len()).any(|index| self.is_late(index).is_none());
        let no_list = self.asked.iter().any(|asked| self.is_off_list(asked).is_none());
        let table = [("no_calendar", no_calendar), ("no_item_version", no_list)];
        table.into_iter().find_map(|(why, is)| is.then_some(why))
    }
}
