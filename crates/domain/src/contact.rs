//! A first-ask contact (首问) on a day.
//!
//! Promises: [`contact_on`] is total; what does not fit is folded as best makes sense. Leaves what counts as kept, refused or
//! bounced in a figure to the metrics.

use crate::calendar::Calendar;
use crate::event::{AskBreach, AskBreachAlleged, AskRefused, Channel, CodeText, Event, Fact, Finding, HandedOver, Recorded};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::{ToSpan, civil::Date};

/// When something happened, and the event that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The local date it counts on.
    pub day: Date,
    /// Its place among the events that count, from 0.
    pub nth: usize,
    /// Position of the event.
    pub position: u64,
}

/// Who holds a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Unit.
    pub unit: CodeText,
    /// Work number; empty where unknown.
    pub staff: CodeText,
}

/// A link of the chain: handed to somebody, and accepted or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// When it was handed over.
    pub handed: Moment,
    /// To this unit.
    pub to_unit: CodeText,
    /// When a named person accepted.
    pub accepted: Option<Moment>,
}

/// A refusal of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// When.
    pub moment: Moment,
    /// Code of the ground.
    pub ground: CodeText,
    /// Whether the reason was explained.
    pub explained: bool,
}

/// An allegation and what was found of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allegation {
    /// The sender's id.
    pub id: CodeText,
    /// What was alleged.
    pub kind: AskBreach,
    /// When.
    pub alleged: Moment,
    /// The latest finding.
    pub finding: Option<(Finding, Moment)>,
}

/// The date a reply is due (3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskDue {
    /// The earlier of the promised and the longest date.
    On(Date),
    /// No date was promised; at the latest this one.
    NotPromised(Date),
    /// It rests on days without a calendar.
    Provisional {
        /// Last night that is certainly not past it.
        certain: Date,
        /// The longest date, as far as one can tell.
        longest: Date,
    },
}

/// What is known of a contact, or of allegations against an official without a contact, on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactOnDay {
    /// When a reply is due; nothing without a contact.
    pub due: Option<AskDue>,
    /// 首问; nothing on the stream of an official.
    pub received: Option<Moment>,
    /// How the person asked.
    pub channel: Channel,
    /// Window of the first person; empty where unknown.
    pub window: CodeText,
    /// The reply date promised.
    pub promised: Option<Date>,
    /// Responsible: the last person who accepted, before that the first.
    pub responsible: Holder,
    /// The hand-overs in order.
    pub chain: Vec<Link>,
    /// First answer or reply.
    pub replied: Option<Moment>,
    /// First act of 推诿 that an event shows: handed back to an earlier unit, or sent away with nobody named.
    pub bounced: Option<Moment>,
    /// Refusals in order.
    pub refusals: Vec<Refused>,
    /// Allegations in order.
    pub allegations: Vec<Allegation>,
}

/// The contact as of a day; facts dated later are cut. Nothing before it is received, and on the stream of an official before
/// the first allegation.
pub fn contact_on(history: &History, knowledge: &Knowledge, valid_on: Date) -> Option<ContactOnDay> {
    let is_begin = |recorded: &&Recorded| matches!(recorded.event.fact, Fact::FirstAskReceived(_));
    // Without the streams that reach it.
    let own = || history.counting_on(valid_on).filter(|recorded| recorded.event.subject == *history.subject());
    let mut contact = match own().find(is_begin) {
        Some(recorded) => begin(&recorded.event, Holder { unit: recorded.event.unit.clone(), staff: recorded.event.staff.clone() }),
        // Against an official: who posts it is not who is meant, and the unit of the official is not known here.
        None => begin(&own().next()?.event, Holder { unit: "".into(), staff: history.subject().id.clone() }),
    };
    let mut units = vec![contact.responsible.unit.clone()];
    for (nth, recorded) in own().enumerate() {
        contact.apply(nth, recorded, &mut units);
    }
    contact.due = contact.received.map(|received| due(received.day, contact.promised, knowledge));
    (contact.received.is_some() || !contact.allegations.is_empty()).then_some(contact)
}

fn begin(first: &Event, responsible: Holder) -> ContactOnDay {
    ContactOnDay {
        due: None,
        received: None,
        channel: Channel::Unknown,
        window: first.window.clone(),
        promised: None,
        responsible,
        chain: Vec::new(),
        replied: None,
        bounced: None,
        refusals: Vec::new(),
        allegations: Vec::new(),
    }
}

impl ContactOnDay {
    fn apply(&mut self, nth: usize, recorded: &Recorded, units: &mut Vec<CodeText>) {
        let moment = Moment { day: recorded.event.day, nth, position: recorded.position };
        match &recorded.event.fact {
            Fact::FirstAskReceived(fact) if self.received.is_none() => {
                self.received = Some(moment);
                self.channel = fact.channel;
                self.promised = fact.promised_reply_on;
            }
            Fact::FirstAskAnswered | Fact::FirstAskReplied => self.replied = self.replied.or(Some(moment)),
            Fact::FirstAskHandedOver(fact) => self.hand_over(fact, moment, units),
            Fact::FirstAskAccepted(fact) if !fact.by_staff.is_empty() => {
                let unit = self.chain.last().map_or(&recorded.event.unit, |link| &link.to_unit).clone();
                self.responsible = Holder { unit, staff: fact.by_staff.clone() };
                if let Some(link) = self.chain.last_mut() {
                    link.accepted = link.accepted.or(Some(moment));
                }
            }
            Fact::FirstAskRefused(AskRefused { ground, explained }) => {
                self.refusals.push(Refused { moment, ground: ground.clone(), explained: *explained });
            }
            Fact::FirstAskBreachAlleged(AskBreachAlleged { allegation_id, kind }) => {
                self.allegations.push(Allegation { id: allegation_id.clone(), kind: *kind, alleged: moment, finding: None });
            }
            Fact::FirstAskBreachFound(fact) => {
                let alleged = self.allegations.iter_mut().find(|allegation| allegation.id == fact.allegation_id);
                if let Some(allegation) = alleged {
                    allegation.finding = Some((fact.finding, moment));
                }
            }
            _ => {}
        }
    }

    /// `units` are those of the chain so far, the present one last.
    fn hand_over(&mut self, fact: &HandedOver, moment: Moment, units: &mut Vec<CodeText>) {
        let is_present = units.last() == Some(&fact.to_unit);
        let goes_back = !is_present && units.contains(&fact.to_unit);
        if goes_back || fact.to_staff.is_empty() {
            self.bounced = self.bounced.or(Some(moment));
        }
        if !is_present {
            units.push(fact.to_unit.clone());
        }
        self.chain.push(Link { handed: moment, to_unit: fact.to_unit.clone(), accepted: None });
    }

    /// Held on a day by the first person, or accepted by a named person at the end of the chain of that day.
    pub fn is_held_on(&self, day: Date) -> bool {
        let last = self.chain.iter().rev().find(|link| link.handed.day <= day);
        last.is_none_or(|link| link.accepted.is_some_and(|accepted| accepted.day <= day))
    }

    /// Name of the state, and the same in Chinese.
    pub fn state(&self) -> (&'static str, &'static str) {
        let pending = self.chain.last().is_some_and(|link| link.accepted.is_none());
        match self {
            Self { replied: Some(_), .. } => ("Replied", "已答复"),
            Self { received: None, .. } => ("Alleged", "被反映"),
            _ if !self.refusals.is_empty() => ("Refused", "已拒绝"),
            _ if pending => ("HandedOver", "已转办"),
            _ if !self.chain.is_empty() => ("TakenOver", "已接办"),
            _ => ("Received", "首问"),
        }
    }
}

/// The earlier of the promised date and the longest one, by the rule in force on the day of receipt.
fn due(received: Date, promised: Option<Date>, knowledge: &Knowledge) -> AskDue {
    let longest = knowledge.calendar.nth(received, knowledge.rules.count("first_ask_max_wd", received));
    let Some(unknown_from) = knowledge.calendar.first_provisional(received, longest) else {
        return promised.map_or(AskDue::NotPromised(longest), |promised| AskDue::On(promised.min(longest)));
    };
    let certain = certain_until(&knowledge.calendar, unknown_from, longest);
    match promised {
        Some(promised) if promised <= certain => AskDue::On(promised),
        Some(_) => AskDue::Provisional { certain, longest },
        None => AskDue::Provisional { certain: received, longest },
    }
}

/// The last night that is certainly not past a due date that rests on days without a calendar from one on: whatever they turn
/// out to be, at most one working day passes each night.
pub(crate) fn certain_until(calendar: &Calendar, unknown_from: Date, due: Date) -> Date {
    let known = unknown_from.yesterday().unwrap_or(unknown_from);
    known.saturating_add(i64::from(calendar.working_days(known, due)).days()).min(due)
}
