//! Where a first-ask contact stands, and the allegations against an official (domain.md S6, 3.2).
//!
//! Promises: each contact is in `first_ask_refused` once, on the day of its first qualifying act. Leaves applications refused to
//! the file of the case.

use super::breach::{self, Breaches};
use super::timeline::{DimsRef, Draft, Timeline, day_after, earliest_after, pieces};
use super::{Metric, Place, Standing};
use crate::contact::{Allegation, AskDue, ContactOnDay, Moment, Refused, contact_on};
use crate::event::{AskBreach, Finding};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Standings of a contact or of an official, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let view = |day| contact_on(history, knowledge, day);
    let breaches = Breaches::of(history);
    let marks = |contact: &ContactOnDay| marks(contact).into_iter().chain(breaches.marks(knowledge));
    let pieces = pieces(history, view, |contact, from| earliest_after(marks(contact), from));
    let mut timeline = Timeline::default();
    for (from, contact) in &pieces {
        let seen = Seen { contact, knowledge, from: *from };
        let mut drafts = seen.drafts();
        let scope = breach::scope(contact.channel.code(), &contact.window);
        drafts.extend(breaches.drafts(scope, knowledge, seen.dims(""), *from));
        timeline.piece(*from, drafts);
    }
    timeline.finish()
}

/// The days on which time alone changes where a contact stands.
fn marks(contact: &ContactOnDay) -> Vec<Date> {
    let (Some(received), Some(due)) = (contact.received, contact.due) else {
        return Vec::new();
    };
    let [first, last] = match due {
        AskDue::On(due) | AskDue::NotPromised(due) => [due, due],
        AskDue::Provisional { certain, longest } => [certain, longest],
    };
    vec![day_after(received.day), day_after(first), last]
}

/// A contact on the days from one on.
struct Seen<'a> {
    contact: &'a ContactOnDay,
    knowledge: &'a Knowledge,
    from: Date,
}

impl<'a> Seen<'a> {
    fn drafts(&self) -> Vec<Draft<'a>> {
        let mut drafts: Vec<Draft<'a>> = self.contact.allegations.iter().map(|allegation| self.breach(allegation)).collect();
        match (self.contact.received, self.contact.due) {
            (Some(received), Some(due)) => {
                drafts.extend(self.rate(received, due));
                drafts.extend(self.overdue(received, due));
                drafts.extend(self.reply_wd(received));
                drafts.extend(self.refused(received, due));
            }
            _ => drafts.extend(self.findings_of_refusal().map(|(found, kind)| self.refusal(found.day, kind, &[found.position]))),
        }
        drafts
    }

    fn dims(&self, kind: &'a str) -> DimsRef<'a> {
        let ContactOnDay { responsible, window, channel, .. } = self.contact;
        DimsRef { unit: &responsible.unit, item: "", staff: &responsible.staff, window, channel: channel.code(), kind }
    }

    fn rate(&self, received: Moment, due: AskDue) -> Option<Draft<'a>> {
        let contact = self.contact;
        let reply = contact.replied.map_or(0, |replied| replied.position);
        let chain =
            contact.chain.iter().flat_map(|link| [Some(link.handed), link.accepted]).flatten().map(|moment| moment.position);
        let evidence: Vec<u64> = [received.position, reply].into_iter().chain(chain).collect();
        let draft = |place, why, day| Some(Draft::new(Metric::FirstAskRate, place, why, day, self.dims(""), &evidence));
        let at_once = contact.replied.is_some_and(|replied| replied.day == received.day)
            && contact.chain.first().is_none_or(|link| link.handed.day > received.day);
        match due {
            _ if contact.promised.is_none() && at_once => draft(Place::Numerator, "answered_at_once", received.day),
            AskDue::NotPromised(_) => draft(Place::Unknown, "no_date_promised", received.day),
            AskDue::Provisional { .. } => draft(Place::Unknown, "no_calendar", received.day),
            AskDue::On(due) if self.from < due => None,
            AskDue::On(due) => match contact.replied {
                None => draft(Place::Denominator, "not_replied", due),
                Some(replied) if replied.day > due => draft(Place::Denominator, "replied_late", due),
                Some(_) if !contact.is_held_on(due) => draft(Place::Denominator, "not_accepted", due),
                Some(_) => draft(Place::Numerator, "replied_in_time", due),
            },
        }
    }

    /// Open past due. Refused with an explanation on a ground that allows it, nothing is owed any more.
    fn overdue(&self, received: Moment, due: AskDue) -> Option<Draft<'a>> {
        let contact = self.contact;
        if contact.replied.is_some() || contact.refusals.iter().any(|refused| self.is_allowed(refused)) {
            return None;
        }
        let night = |place, why| {
            let last = contact.chain.last().map_or(0, |link| link.handed.position);
            Some(Draft::night(Metric::PromisesOverdue, place, why, self.dims("first_ask"), &[received.position, last]))
        };
        match due {
            AskDue::On(due) | AskDue::NotPromised(due) if self.from > due => night(Place::Numerator, "open_past_due"),
            AskDue::NotPromised(_) if self.from > received.day => night(Place::Unknown, "no_date_promised"),
            AskDue::Provisional { certain, .. } if self.from > certain => night(Place::Unknown, "no_calendar"),
            _ => None,
        }
    }

    fn reply_wd(&self, received: Moment) -> Option<Draft<'a>> {
        let replied = self.contact.replied?;
        let calendar = &self.knowledge.calendar;
        let evidence = [received.position, replied.position];
        let draft = |place, why| Draft::new(Metric::FirstAskReplyWd, place, why, replied.day, self.dims(""), &evidence);
        if replied.day > received.day && calendar.is_provisional(replied.day) {
            return Some(draft(Place::Unknown, "no_calendar"));
        }
        Some(draft(Place::Numerator, "replied").with_value(f64::from(calendar.working_days(received.day, replied.day))))
    }

    /// The first act of refusing or bouncing: of an event, or of the due date that passed without an acceptance.
    fn refused(&self, received: Moment, due: AskDue) -> Option<Draft<'a>> {
        let contact = self.contact;
        let refusals = contact.refusals.iter().filter(|refused| !self.is_allowed(refused));
        let refusals = refusals.map(|refused| (refused.moment, &*refused.ground));
        let bounced = contact.bounced.map(|moment| (moment, AskBreach::Bounced.code()));
        let first = refusals.chain(self.findings_of_refusal()).chain(bounced).min_by_key(|(moment, _)| moment.nth);

        let (AskDue::On(last) | AskDue::NotPromised(last) | AskDue::Provisional { longest: last, .. }) = due;
        let waits = self.from >= last && !contact.is_held_on(last);
        match first {
            Some((act, kind)) if !waits || act.day <= last => Some(self.refusal(act.day, kind, &[act.position])),
            _ if waits => {
                let handed = contact.chain.iter().rev().find(|link| link.handed.day <= last).map_or(0, |link| link.handed.position);
                let mut draft = self.refusal(last, AskBreach::Bounced.code(), &[received.position, handed]);
                draft.why = "not_accepted_by_due";
                if matches!(due, AskDue::Provisional { .. }) {
                    (draft.place, draft.why) = (Place::Unknown, "no_calendar");
                }
                Some(draft)
            }
            _ => None,
        }
    }

    fn refusal(&self, day: Date, kind: &'a str, evidence: &[u64]) -> Draft<'a> {
        Draft::new(Metric::FirstAskRefused, Place::Numerator, "refused", day, self.dims(kind), evidence)
    }

    fn is_allowed(&self, refused: &Refused) -> bool {
        refused.explained && self.knowledge.rules.lists("refusal_grounds_ok", refused.moment.day, &refused.ground)
    }

    /// Substantiated findings of the kinds that are refusals.
    fn findings_of_refusal(&self) -> impl Iterator<Item = (Moment, &'a str)> + use<'a> {
        self.contact.allegations.iter().filter_map(|allegation| match (allegation.kind, allegation.finding) {
            (AskBreach::Refused | AskBreach::ApplicationRefused | AskBreach::Bounced, Some((Finding::Substantiated, found))) => {
                Some((found, allegation.kind.code()))
            }
            _ => None,
        })
    }

    fn breach(&self, allegation: &'a Allegation) -> Draft<'a> {
        let (place, why) = match allegation.finding {
            None => (Place::Unknown, "open"),
            Some((Finding::Unverifiable, _)) => (Place::Unknown, "unverifiable"),
            Some((Finding::Unsubstantiated, _)) => (Place::Denominator, "unsubstantiated"),
            Some((Finding::Substantiated, _)) => (Place::Numerator, "substantiated"),
        };
        let found = allegation.finding.map_or(0, |(_, found)| found.position);
        let evidence = [allegation.alleged.position, found];
        Draft::new(Metric::FirstAskBreaches, place, why, allegation.alleged.day, self.dims(allegation.kind.code()), &evidence)
    }
}
