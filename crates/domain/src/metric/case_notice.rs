//! One-time notification (一次性告知) of a case: was everything asked in one go, in time and in writing (domain.md S13, 3.4).
//!
//! Promises: a breach follows from the events (materials, defects, causes, forms, the pinned list), or from a finding that is
//! substantiated; a claimed cause that the record contradicts is a breach. The first breach gives the kind.

use super::timeline::{DimsRef, Draft};
use super::{Metric, Place};
use crate::case::{CaseOnDay, Notice, RECEIPT_WD};
use crate::event::{CodeText, Fact, Finding, NoticeBreach, NoticeCause, NoticeForm, NoticeGiven, NoticeItem};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::collections::HashMap;

/// What the fold leaves to this file: what notices asked, what corrections brought, what was found of allegations.
pub(super) struct Noticed<'a> {
    asked: HashMap<u64, &'a NoticeGiven>,
    /// By the order they count: position, day, materials.
    brought: Vec<(u64, Date, &'a [CodeText])>,
    /// By the order they count: day, position, kind.
    found: Vec<(Date, u64, NoticeBreach)>,
}

impl<'a> Noticed<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut noticed = Self { asked: HashMap::new(), brought: Vec::new(), found: Vec::new() };
        for recorded in history.counting() {
            match &recorded.event.fact {
                Fact::NoticeGiven(notice) => drop(noticed.asked.insert(recorded.position, notice)),
                Fact::CorrectionSubmitted(correction) => {
                    noticed.brought.push((recorded.position, recorded.event.day, &correction.materials));
                }
                Fact::NoticeBreachFound(found) if found.finding == Finding::Substantiated => {
                    noticed.found.push((recorded.event.day, recorded.position, found.kind));
                }
                _ => {}
            }
        }
        noticed
    }
}

/// A breach, and the event that shows it.
type Breach = (NoticeBreach, u64);

/// What a case adds to the figures of notification, as of the day it is seen on.
pub(super) fn drafts<'a>(case: &'a CaseOnDay, noticed: &Noticed<'a>, knowledge: &Knowledge, dims: DimsRef<'a>) -> Vec<Draft<'a>> {
    let seen = Seen { case, noticed, knowledge, dims };
    seen.in_time().into_iter().chain(seen.one_time()).collect()
}

struct Seen<'s, 'a> {
    case: &'a CaseOnDay,
    noticed: &'s Noticed<'a>,
    knowledge: &'s Knowledge,
    dims: DimsRef<'a>,
}

impl<'a> Seen<'_, 'a> {
    /// `notice_in_time`, of the first notice.
    fn in_time(&self) -> Option<Draft<'a>> {
        let first = self.case.notices.first()?;
        let (place, why) = match first.wd <= RECEIPT_WD {
            true => (Place::Numerator, "in_time"),
            false if self.is_uncertain(first) => (Place::Unknown, "no_calendar"),
            false => (Place::Denominator, "late"),
        };
        let evidence = [self.case.received.position, first.position];
        Some(Draft::new(Metric::NoticeInTime, place, why, first.day, self.dims, &evidence))
    }

    /// `one_time_rate`, once the correction phase has ended.
    fn one_time(&self) -> Option<Draft<'a>> {
        let ended = self.ended()?;
        let breach = self.breach();
        let notices = self.case.notices.iter().map(|notice| notice.position);
        let evidence: Vec<u64> = notices.chain(breach.map(|(_, position)| position)).collect();
        let (place, why) = match breach {
            Some((kind, _)) => (Place::Denominator, kind.code()),
            None => self.unknown().map_or((Place::Numerator, "no_breach"), |why| (Place::Unknown, why)),
        };
        let kind = breach.map_or("", |(kind, _)| kind.code());
        Some(Draft::new(Metric::OneTimeRate, place, why, ended, DimsRef { kind, ..self.dims }, &evidence))
    }

    /// The first outcome after the last notice; of a breach without a notice the day it was found.
    fn ended(&self) -> Option<Date> {
        let case = self.case;
        let Some(last) = case.notices.last() else { return self.found().next().map(|(day, ..)| day) };
        let round = case.rounds.first()?;
        let accepted = round.accepted.as_ref().filter(|_| !last.post_acceptance);
        let accepted = accepted.and_then(|accepted| if accepted.deemed { case.deemed } else { Some(accepted.day) });
        let outcome = case.rounds.iter().filter_map(|round| Some(round.outcome.as_ref()?.day)).find(|day| *day >= last.day);
        accepted.into_iter().chain(outcome).chain(case.lapsed).filter(|day| *day >= last.day).min()
    }

    /// The first breach: of the notices in order, else of a finding.
    fn breach(&self) -> Option<Breach> {
        let of_notices = (0..self.case.notices.len()).find_map(|index| self.breach_of(index));
        of_notices.or_else(|| self.found().next().map(|(_, position, kind)| (kind, position)))
    }

    fn breach_of(&self, index: usize) -> Option<Breach> {
        let notice = &self.case.notices[index];
        let asked = self.noticed.asked.get(&notice.position)?;
        let deemed = self.case.deemed.is_some() && notice.post_acceptance;
        let excused = |item: &NoticeItem| matches!(item.cause, NoticeCause::LawChanged | NoticeCause::RequestChanged);
        let late = notice.wd > RECEIPT_WD && (!notice.post_acceptance || deemed) && !self.is_uncertain(notice);
        let table = [
            (NoticeBreach::Late, late),
            (NoticeBreach::Incomplete, asked.items.iter().any(|item| self.was_visible(index, item))),
            (NoticeBreach::OffList, asked.items.iter().any(|item| self.is_off_list(item) == Some(true))),
            (NoticeBreach::OralOnly, asked.form == NoticeForm::Oral),
            (NoticeBreach::PostAcceptance, notice.post_acceptance && !asked.items.iter().all(excused)),
        ];
        table.into_iter().find_map(|(kind, is)| is.then_some((kind, notice.position)))
    }

    /// A later round names what the first one could have seen.
    fn was_visible(&self, index: usize, item: &NoticeItem) -> bool {
        let Some(first) = self.case.notices.first().filter(|_| index > 0) else { return false };
        let notice = &self.case.notices[index];
        let earlier = || self.case.notices[..index].iter().filter_map(|earlier| self.noticed.asked.get(&earlier.position));
        let repeated = earlier().flat_map(|asked| &asked.items).any(|other| other.material == item.material && other.defect == item.defect);
        let is_between = |position: u64, day: Date| {
            self.case.corrections.iter().any(|stamp| stamp.position == position) && day >= first.day && day <= notice.day
        };
        let filed_since = self.noticed.brought.iter().any(|(position, day, materials)| {
            is_between(*position, *day) && materials.contains(&item.material)
        });
        match item.cause {
            NoticeCause::LawChanged | NoticeCause::RequestChanged => false,
            NoticeCause::Unfixed => !repeated,
            NoticeCause::NewDocument => !filed_since,
            NoticeCause::First => !repeated && !filed_since,
        }
    }

    /// Whether the pinned version lacks the material; unknown where no version is known.
    fn is_off_list(&self, item: &NoticeItem) -> Option<bool> {
        let version = self.case.version.as_ref()?;
        Some(!item.material.is_empty() && !version.materials.iter().any(|material| material.code == item.material))
    }

    /// Why a case without a known breach may have one all the same.
    fn unknown(&self) -> Option<&'static str> {
        let asked = || self.case.notices.iter().filter_map(|notice| self.noticed.asked.get(&notice.position));
        let no_list = self.case.version.is_none() && asked().any(|asked| asked.items.iter().any(|item| !item.material.is_empty()));
        let no_calendar = self.case.notices.iter().any(|notice| notice.wd > RECEIPT_WD && self.is_uncertain(notice));
        let table = [("no_calendar", no_calendar), ("no_item_version", no_list)];
        table.into_iter().find_map(|(why, is)| is.then_some(why))
    }

    /// More than five working days only by days without a calendar.
    fn is_uncertain(&self, notice: &Notice) -> bool {
        self.knowledge.calendar.first_provisional(notice.window_from, notice.day).is_some()
    }

    /// Substantiated findings up to the day the case is seen on.
    fn found(&self) -> impl Iterator<Item = (Date, u64, NoticeBreach)> {
        let valid_on = self.case.valid_on;
        self.noticed.found.iter().copied().filter(move |(day, ..)| *day <= valid_on)
    }
}
