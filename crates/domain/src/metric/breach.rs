//! What is alleged of notices on the stream of a case, a contact or a consultation: how long it took to find out, and whether what was
//! found true brought liability (domain.md S13).
//!
//! Promises: the latest finding of an allegation holds; a breach is a member on the day by which somebody had to be held liable.
//! Liability stands on the stream of the person, which reaches the thing it names.

use super::timeline::{DimsRef, Draft, Timeline, earliest_after, pieces};
use super::{Metric, Place, Standing};
use crate::event::{Fact, Finding, NoticeBreach, Recorded, StaffHeldLiable};
use crate::history::History;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// When, and which event.
type Moment = (Date, u64);

/// Where a thing was when a breach is said to have happened, as the rule `notice_scope` calls it: `window`, `consult`, or another way in.
/// Empty where nobody knows.
pub(super) fn scope<'a>(channel: &'a str, window: &str) -> &'a str {
    if channel.is_empty() && !window.is_empty() { "window" } else { channel }
}

/// What was alleged, found and followed on one stream.
#[derive(Debug, Default)]
pub(super) struct Breaches<'a> {
    allegations: Vec<Alleged<'a>>,
}

#[derive(Debug)]
struct Alleged<'a> {
    id: &'a str,
    kind: NoticeBreach,
    at: Moment,
    found: Vec<(Moment, Finding, NoticeBreach)>,
    /// Somebody was held liable for it.
    liable: Vec<Moment>,
}

impl<'a> Breaches<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut allegations: Vec<Alleged<'a>> = Vec::new();
        let mut liable: Vec<(Moment, &StaffHeldLiable)> = Vec::new();
        for recorded in history.counting() {
            let at = (recorded.event.day, recorded.position);
            match &recorded.event.fact {
                Fact::NoticeBreachAlleged(alleged) => {
                    let id = &alleged.allegation_id;
                    allegations.push(Alleged { id, kind: alleged.kind, at, found: Vec::new(), liable: Vec::new() });
                }
                Fact::NoticeBreachFound(found) => {
                    let of = allegations.iter_mut().find(|alleged| *alleged.id == *found.allegation_id);
                    if let Some(alleged) = of {
                        alleged.found.push((at, found.finding, found.kind));
                    }
                }
                Fact::StaffHeldLiable(fact) if fact.cause_subject.as_ref() == Some(history.subject()) => liable.push((at, fact)),
                _ => {}
            }
        }
        for (at, fact) in liable {
            let of = allegations.iter_mut().filter(|alleged| is_cause(history, alleged.id, fact));
            of.for_each(|alleged| alleged.liable.push(at));
        }
        Self { allegations }
    }

    /// Days on which time alone changes something: those by which somebody must be held liable.
    pub(super) fn marks(&self, knowledge: &Knowledge) -> impl Iterator<Item = Date> {
        self.allegations.iter().flat_map(|alleged| &alleged.found).map(|((found, _), ..)| limit(*found, knowledge))
    }

    /// What the stream adds, as of a day, in a scope.
    pub(super) fn drafts(&self, scope: &str, knowledge: &Knowledge, dims: DimsRef<'a>, from: Date) -> Vec<Draft<'a>> {
        let known = self.allegations.iter().filter(|alleged| alleged.at.0 <= from);
        known
            .flat_map(|alleged| [alleged.finding(knowledge, dims, from), alleged.liability(scope, knowledge, dims, from)])
            .flatten()
            .collect()
    }
}

/// Whether somebody was held liable for this: by the allegation, by any finding of it, also one that was corrected since, or by the
/// sealed record it rests on.
fn is_cause(history: &History, allegation: &str, liable: &StaffHeldLiable) -> bool {
    let names = |recorded: &Recorded| match &recorded.event.fact {
        Fact::NoticeBreachAlleged(alleged) => *alleged.allegation_id == *allegation,
        Fact::NoticeBreachFound(found) => *found.allegation_id == *allegation,
        _ => false,
    };
    let by_event = liable.cause_event.as_ref().and_then(|event| history.find(event)).is_some_and(|entry| names(&entry.recorded));
    let rests = |recorded: &Recorded| matches!(&recorded.event.fact, Fact::NoticeBreachAlleged(alleged) if alleged.record == liable.record && *alleged.allegation_id == *allegation);
    by_event || !liable.record.is_empty() && history.counting().any(rests)
}

/// Last day for liability, by the rule of the day of the finding.
fn limit(found: Date, knowledge: &Knowledge) -> Date {
    knowledge.calendar.nth(found, knowledge.rules.count("liability_wd", found))
}

impl Alleged<'_> {
    /// `breach_finding_wd`: to the first finding, whatever it says.
    fn finding<'a>(&self, knowledge: &Knowledge, dims: DimsRef<'a>, from: Date) -> Option<Draft<'a>> {
        let dims = DimsRef { kind: self.kind.code(), ..dims };
        let (alleged, position) = self.at;
        let found = self.found.iter().map(|(found, ..)| *found).filter(|(day, _)| *day <= from).min_by_key(|(day, _)| *day);
        let draft = |place, why, day: Date, found| Draft::new(Metric::BreachFindingWd, place, why, day, dims, &[position, found]);
        let Some((day, found)) = found else { return Some(draft(Place::Unknown, "open", alleged, 0)) };
        if knowledge.calendar.first_provisional(alleged, day).is_some() {
            return Some(draft(Place::Unknown, "no_calendar", day, found));
        }
        let wd = knowledge.calendar.working_days(alleged, day);
        Some(draft(Place::Numerator, "found", day, found).with_value(f64::from(wd)))
    }

    /// `breach_liability_rate`, once the last day for liability has come.
    fn liability<'a>(&self, scope: &str, knowledge: &Knowledge, dims: DimsRef<'a>, from: Date) -> Option<Draft<'a>> {
        let latest = self.found.iter().rfind(|((day, _), ..)| *day <= from)?;
        let ((found, position), finding, breach) = *latest;
        if finding != Finding::Substantiated {
            return None;
        }
        let first = self.liable.iter().filter(|(day, _)| *day <= from).min_by_key(|(day, _)| *day);
        let evidence = [self.at.1, position, first.map_or(0, |(_, position)| *position)];
        let dims = DimsRef { kind: breach.code(), ..dims };
        let draft = |place, why, day| Draft::new(Metric::BreachLiabilityRate, place, why, day, dims, &evidence);
        let last = limit(found, knowledge);
        if knowledge.calendar.first_provisional(found, last).is_some() {
            return Some(draft(Place::Unknown, "no_calendar", found));
        }
        if from < last {
            return None;
        }
        Some(match first {
            _ if scope.is_empty() => draft(Place::Unknown, "no_channel", last),
            _ if !knowledge.rules.lists("notice_scope", found, scope) => draft(Place::Excluded, "out_of_scope", last),
            Some((day, _)) if *day <= last => draft(Place::Numerator, "held_liable", last),
            Some((day, _)) => draft(Place::Denominator, "held_liable_late", last)
                .with_value(f64::from(knowledge.calendar.working_days(last, *day))),
            None => draft(Place::Denominator, "nobody_liable", last),
        })
    }
}

/// Standings of a consultation, in no order: so far nothing but what is said of the notices given on it.
pub(super) fn of_consultation(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let breaches = Breaches::of(history);
    let given = history.counting().find(|recorded| matches!(recorded.event.fact, Fact::NoticeGiven(_)));
    let event = given.map(|recorded| &recorded.event);
    let dims = event.map_or(DimsRef::default(), |event| DimsRef {
        unit: &event.unit,
        staff: &event.staff,
        window: &event.window,
        ..DimsRef::default()
    });
    let pieces = pieces(history, Some, |_, from| earliest_after(breaches.marks(knowledge), from));
    let mut timeline = Timeline::default();
    for (from, day) in pieces {
        // Who gave the notice is known once it is given.
        let known = event.is_some_and(|event| event.day <= day);
        let dims = if known { dims } else { DimsRef::default() };
        timeline.piece(from, breaches.drafts(kind::CONSULT, knowledge, dims, from));
    }
    timeline.finish()
}
