//! From a thing's history to the rows that stand now.

use crate::{rows::Versioned, tally::Cells};
use jiff::civil::Date;
use std::{borrow::Cow, fmt::Write as _, sync::Arc};
use xiaoer_domain::{
    Event, Fact, Subject,
    case::CaseOnDay,
    history::History,
    ids::kind,
    knowledge::Knowledge,
    metric::{Days, Dims, Metric, Place, Seen, Standing, seen},
};

/// A row of `standing`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StandingRow {
    pub metric: Metric,
    pub place: Place,
    pub why: Cow<'static, str>,
    pub counts_on: Date,
    pub valid: Days,
    pub value: Option<f64>,
    pub dims: Dims,
    pub evidence: String,
}

impl Versioned for StandingRow {
    fn valid_from(&self) -> Date {
        self.valid.from
    }

    fn count(&self, by: i8, cells: &mut Cells) {
        cells.count(self, by);
    }
}

impl From<Standing> for StandingRow {
    fn from(standing: Standing) -> Self {
        let Standing { metric, place, why, counts_on, valid, value, dims, evidence } = standing;
        Self { metric, place, why: Cow::Borrowed(why), counts_on, valid, value, dims, evidence: positions(&evidence) }
    }
}

/// A row of `case_state`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CaseRow {
    pub valid: Days,
    pub system: Arc<str>,
    pub id: Arc<str>,
    pub state: Cow<'static, str>,
    pub unit: Arc<str>,
    pub item: Arc<str>,
    pub received_on: Date,
}

impl Versioned for CaseRow {
    fn valid_from(&self) -> Date {
        self.valid.from
    }

    fn count(&self, _: i8, _: &mut Cells) {}
}

/// What stands of a thing, given what is known.
pub(crate) fn rows_of(history: &History, knowledge: &Knowledge) -> (Vec<StandingRow>, Vec<CaseRow>) {
    let Seen { standings, case } = seen(history, knowledge);
    (standings.into_iter().map(StandingRow::from).collect(), case_rows(history, &case))
}

/// The state of a case with every fact that is known, and the states that time alone brings after the last of them.
fn case_rows(history: &History, seen: &[(Date, CaseOnDay)]) -> Vec<CaseRow> {
    // No state is read from a visit or from a step of the sender's own, so time goes on over their days.
    let is_read = |event: &Event| event.subject == *history.subject() && !matches!(event.fact, Fact::CaseNoteRecorded(_));
    let last = history.counting().map(|recorded| &recorded.event).filter(|event| is_read(event)).map(|event| event.day).max();
    let mut rows = Vec::new();
    for (from, case) in seen.iter().filter(|(from, _)| last.is_some_and(|last| *from >= last)) {
        let row = CaseRow {
            valid: Days { from: if rows.is_empty() { Date::MIN } else { *from }, until: Date::MAX },
            system: history.subject().system.clone(),
            id: history.subject().id.clone(),
            state: Cow::Borrowed(case.state.name()),
            unit: case.unit.clone(),
            item: case.received.item_code.clone(),
            received_on: case.received.day,
        };
        push_changed(&mut rows, row);
    }
    rows
}

/// Adds a row that differs from the last one, which ends where it begins.
fn push_changed(rows: &mut Vec<CaseRow>, row: CaseRow) {
    if let Some(last) = rows.last_mut() {
        if (CaseRow { valid: row.valid, ..last.clone() }) == row {
            return;
        }
        last.valid.until = row.valid.from;
    }
    rows.push(row);
}

fn positions(evidence: &[u64]) -> String {
    let mut text = String::with_capacity(evidence.len() * 8);
    for position in evidence {
        let space = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{space}{position}");
    }
    text
}

/// Things beside its own that a stream reaches, also by events that do not count any more.
pub(crate) fn reached(history: &History) -> Vec<Subject> {
    // What reaches the thing itself reaches nothing through it.
    let own = history.entries().iter().map(|entry| &entry.recorded.event).filter(|event| event.subject == *history.subject());
    let mut reached: Vec<_> = own.flat_map(|event| event.fact.reaches().iter().cloned()).collect();
    reached.sort_unstable();
    reached.dedup();
    reached
}

/// `item` of a thing that several things concern, of items or zones: whatever concerns any of them concerns it.
const SEVERAL: &str = "*";

/// What a wide event finds a thing by, whatever day the thing is seen on: the item it is or a case is of, the zone that a project lies
/// in; nothing where no receipt or registration counts.
pub(crate) fn item_of(history: &History) -> Option<Cow<'_, str>> {
    let subject = history.subject();
    if &*subject.kind == kind::ITEM {
        return Some(Cow::Borrowed(&subject.id));
    }
    // Also of what reaches the thing, but a case is never registered and a project never received.
    let mut named = history.counting().filter_map(|recorded| match (&recorded.event.fact, &*subject.kind) {
        (Fact::CaseReceived(received), kind::CASE) => Some(Cow::Borrowed(&*received.item_code)),
        (Fact::SubjectRegistered(says), kind::SUBJECT) if !says.zone_id.is_empty() => Some(Cow::Owned(zone_key(&says.zone_id))),
        _ => None,
    });
    let first = named.next()?;
    Some(if named.all(|other| other == first) { first } else { Cow::Borrowed(SEVERAL) })
}

/// What a zone's events find its projects by. An item of such a code would only have them looked at once more.
pub(crate) fn zone_key(zone_id: &str) -> String {
    format!("zone:{zone_id}")
}
