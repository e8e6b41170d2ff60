//! A complaint to the hotline (评议热线, domain.md S8, 3.7) on a day.
//!
//! Promises: [`complaint_on`] is total; what does not fit is folded as best makes sense. Leaves what counts in a figure to the
//! metrics, and who may see what of it to [`crate::permit`].

use crate::contact::{Moment, certain_until};
use crate::event::{CodeText, ComplaintOutcome, ComplaintReceived, Event, Fact, Finding, Recorded};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// A transfer to a unit (转交).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// When.
    pub moment: Moment,
    /// To this unit.
    pub unit: CodeText,
    /// Reference of the text it sees.
    pub redacted: CodeText,
    /// Day by which it answers.
    pub due_on: Option<Date>,
    /// Its last answer.
    pub replied: Option<Moment>,
    /// When it was last to answer again.
    pub rework: Option<Moment>,
}

/// Last day in time (3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComplaintDue {
    /// The day, as far as one can tell.
    pub on: Date,
    /// Last night that is certainly not past it; earlier than the day while that rests on days without a calendar.
    pub certain: Date,
}

impl ComplaintDue {
    /// Whether no calendar that is still to come moves it.
    pub fn is_final(self) -> bool {
        self.certain == self.on
    }
}

/// What is known of a complaint on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplaintOnDay {
    /// 登记.
    pub received: Moment,
    /// What was told.
    pub told: ComplaintReceived,
    /// 受理.
    pub accepted: Option<Moment>,
    /// Last day in time.
    pub due: ComplaintDue,
    /// 核实开始.
    pub verifying: Option<Moment>,
    /// The latest finding.
    pub finding: Option<(Finding, Moment)>,
    /// In order.
    pub transfers: Vec<Transfer>,
    /// An extension was asked for; a second one moves nothing.
    pub is_extended: bool,
    /// 办结.
    pub closed: Option<(ComplaintOutcome, Moment)>,
}

/// Warnings of the clock of an open complaint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// 黄牌: one working day is left.
    Yellow,
    /// 红牌: it is over.
    Red,
}

/// The complaint as of a day; facts dated later are cut. Nothing before it is received.
pub fn complaint_on(history: &History, knowledge: &Knowledge, valid_on: Date) -> Option<ComplaintOnDay> {
    fold(history.counting_on(valid_on), knowledge)
}

/// The complaint as an event finds it: what counts and comes before.
pub(crate) fn complaint_before(history: &History, knowledge: &Knowledge, event: &Event) -> Option<ComplaintOnDay> {
    let key = event.order();
    fold(history.counting().take_while(|recorded| recorded.event.order() < key), knowledge)
}

fn fold<'a>(events: impl Iterator<Item = &'a Recorded>, knowledge: &Knowledge) -> Option<ComplaintOnDay> {
    let mut complaint: Option<ComplaintOnDay> = None;
    let mut clock = Clock::default();
    for (nth, recorded) in events.enumerate() {
        let moment = Moment { day: recorded.event.day, nth, position: recorded.position };
        match (&mut complaint, &recorded.event.fact) {
            (None, Fact::ComplaintReceived(told)) => complaint = Some(begin(moment, told)),
            (None, _) => {}
            (Some(complaint), fact) => {
                complaint.apply(moment, &recorded.event.unit, fact);
                clock.apply(moment.day, fact);
            }
        }
    }
    complaint.map(|mut complaint| {
        clock.settle(&mut complaint, knowledge);
        complaint
    })
}

fn begin(received: Moment, told: &ComplaintReceived) -> ComplaintOnDay {
    ComplaintOnDay {
        received,
        told: told.clone(),
        accepted: None,
        due: ComplaintDue { on: received.day, certain: received.day },
        verifying: None,
        finding: None,
        transfers: Vec::new(),
        is_extended: false,
        closed: None,
    }
}

impl ComplaintOnDay {
    fn apply(&mut self, moment: Moment, unit: &CodeText, fact: &Fact) {
        match fact {
            Fact::ComplaintAccepted(_) => self.accepted = self.accepted.or(Some(moment)),
            Fact::ComplaintVerificationStarted(_) => self.verifying = self.verifying.or(Some(moment)),
            Fact::ComplaintVerified(finding) => self.finding = Some((*finding, moment)),
            Fact::ComplaintTransferred(to) => self.transfers.push(Transfer {
                moment,
                unit: to.unit.clone(),
                redacted: to.redacted.clone(),
                due_on: to.due_on,
                replied: None,
                rework: None,
            }),
            Fact::ComplaintReplied => {
                // The hotline may write down the answer of a unit that has no system.
                let of_unit = self.transfers.iter().rposition(|transfer| transfer.unit == *unit);
                let answered = of_unit.or(self.transfers.len().checked_sub(1));
                if let Some(transfer) = answered.map(|at| &mut self.transfers[at]) {
                    transfer.replied = Some(moment);
                }
            }
            Fact::ComplaintReworkOrdered(due_on) => {
                if let Some(transfer) = self.transfers.last_mut() {
                    transfer.rework = Some(moment);
                    transfer.due_on = due_on.or(transfer.due_on);
                }
            }
            Fact::ComplaintClosed(outcome) => self.closed = self.closed.or(Some((*outcome, moment))),
            _ => {}
        }
    }

    /// Whether an answer stands that was not sent back.
    pub fn is_answered(&self) -> bool {
        let stands = |transfer: &Transfer| {
            let rework = transfer.rework.map_or(0, |rework| rework.nth + 1);
            transfer.replied.is_some_and(|replied| replied.nth >= rework)
        };
        self.transfers.last().is_some_and(stands)
    }

    /// The card of its clock on a day (热线: yellow with one working day left, red on the first one after).
    pub fn card(&self, knowledge: &Knowledge, on: Date) -> Option<Card> {
        if self.closed.is_some() || !self.due.is_final() {
            return None;
        }
        match knowledge.calendar.working_days(on, self.due.on) {
            _ if knowledge.calendar.working_days(self.due.on, on) > 0 => Some(Card::Red),
            0 | 1 => Some(Card::Yellow),
            _ => None,
        }
    }

    /// Name of the state, and the same in Chinese.
    pub fn state(&self) -> (&'static str, &'static str) {
        match self {
            Self { closed: Some(_), .. } => ("Closed", "已办结"),
            _ if self.is_answered() => ("Replied", "已答复"),
            _ if !self.transfers.is_empty() => ("Transferred", "已转交"),
            Self { finding: Some(_), .. } => ("Verified", "已核实"),
            Self { verifying: Some(_), .. } => ("Verifying", "核实中"),
            Self { accepted: Some(_), .. } => ("Accepted", "已受理"),
            _ => ("Received", "已登记"),
        }
    }
}

/// What moves the last day.
#[derive(Default)]
struct Clock {
    /// The day promised at acceptance.
    stated: Option<Date>,
    /// Extensions: the day each was given on, and the day it gives.
    extensions: Vec<(Date, Date)>,
}

impl Clock {
    fn apply(&mut self, day: Date, fact: &Fact) {
        match fact {
            Fact::ComplaintAccepted(due_on) => self.stated = self.stated.or(*due_on),
            Fact::ComplaintExtended(due_on) => self.extensions.push((day, *due_on)),
            _ => {}
        }
    }

    /// The earlier of the day promised and receipt + `complaint_wd`, so that a late acceptance gains nothing; then the first
    /// extension that was given in time, by at most `complaint_ext_wd` (3.7).
    fn settle(&self, complaint: &mut ComplaintOnDay, knowledge: &Knowledge) {
        let received = complaint.received.day;
        let calendar = &knowledge.calendar;
        let limit = calendar.nth(received, knowledge.rules.count("complaint_wd", received));
        let mut due = self.stated.map_or(limit, |stated| stated.min(limit));
        let mut longest = limit;
        if let Some(&(_, asked)) = self.extensions.first().filter(|(on, _)| *on <= due) {
            longest = calendar.nth(due, knowledge.rules.count("complaint_ext_wd", received));
            due = asked.min(longest).max(due);
        }
        complaint.is_extended = !self.extensions.is_empty();
        let certain = match calendar.first_provisional(received, longest) {
            None => due,
            Some(unknown_from) => certain_until(calendar, unknown_from, longest).min(due),
        };
        complaint.due = ComplaintDue { on: due, certain };
    }
}
