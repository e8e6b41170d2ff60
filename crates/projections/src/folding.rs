//! What a worker holds in memory, and how an event moves it: no IO.
//!
//! Events are folded in the order of their positions; every thing an event touches must be held before it is folded.

use crate::{
    Error,
    fold::{item_of, reached, rows_of},
    store::Write,
    tables::Found,
    tally::Tallying,
    things::Things,
};
use jiff::civil::Date;
use std::sync::Arc;
use xiaoer_domain::{Fact, Recorded, Subject, history::History, ids::kind, knowledge::Knowledge, metric::KINDS};

/// Things and knowledge as of the last event that was folded, or of the wide event under way.
#[derive(Debug)]
pub(crate) struct Folding {
    pub things: Things,
    knowledge: Knowledge,
    /// How what changes is written to the cells.
    pub tallying: Tallying,
    /// The next number of a row or thing.
    next: i64,
}

impl Folding {
    /// Knows this, and holds nothing yet.
    pub fn new(knowledge: Knowledge, tallying: Tallying, next: i64) -> Self {
        Self { things: Things::new(), knowledge, tallying, next }
    }

    /// A number that no row or thing has.
    pub fn next_number(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    /// Folds one event into everything it touches.
    pub fn fold(&mut self, event: &Recorded, write: &mut Write) -> Result<(), Error> {
        let subject = &event.event.subject;
        let day = self.recorded_day(event);
        self.knowledge.apply(event);
        if !has_standings(subject) {
            return Ok(());
        }
        self.things.add(subject, event);
        // A step of the sender's own is read by no rule and moves no row.
        if !matches!(event.event.fact, Fact::CaseNoteRecorded(_)) {
            self.refresh(subject, event.position, day, write)?;
        }
        let others = self.things.get(subject).map(|thing| reached(&thing.history)).unwrap_or_default();
        for other in others {
            self.touch(&other, subject, event, write);
            self.refresh(&other, event.position, day, write)?;
        }
        Ok(())
    }

    /// Works out anew what stands of the things that a wide event reaches: those that were found, and items that began in the
    /// transaction under way.
    pub fn refresh_all(&mut self, found: &[Found], event: &Recorded, write: &mut Write) -> Result<(), Error> {
        let day = self.recorded_day(event);
        let begun: Vec<Subject> =
            write.things.iter().map(|new| &new.subject).filter(|item| is_reached(item, event)).cloned().collect();
        let mut reached = found.iter().map(|thing| &thing.subject).chain(&begun);
        reached.try_for_each(|subject| self.refresh(subject, event.position, day, write))
    }

    /// Adds an event of a stream to another thing that the stream reaches, linking the two and bringing what came before where the
    /// thing is new to it.
    fn touch(&mut self, other: &Subject, stream: &Subject, event: &Recorded, write: &mut Write) {
        let Some(thing) = self.things.get(other) else { return };
        if thing.touches.contains(stream) {
            return self.things.add(other, event);
        }
        thing.touches.push(stream.clone());
        write.touches.push((thing.thing_id, stream.clone()));
        // Of the stream itself, not of what touches it in turn.
        let own = |history: &History| -> Vec<Recorded> {
            let entries = history.entries().iter().map(|entry| &entry.recorded);
            entries.filter(|recorded| recorded.event.subject == *stream).cloned().collect()
        };
        let events = self.things.get(stream).map_or(Vec::new(), |thing| own(&thing.history));
        events.iter().for_each(|event| self.things.add(other, event));
    }

    /// Works out what stands of a thing, and writes the difference.
    fn refresh(&mut self, subject: &Subject, position: u64, day: Date, write: &mut Write) -> Result<(), Error> {
        let Some(thing) = self.things.get(subject) else {
            return Err(Error::Corrupt { table: "thing", what: format!("{subject} is not held") });
        };
        let (standings, cases) = rows_of(&thing.history, &self.knowledge);
        if let Some(item) = item_of(&thing.history).filter(|item| **item != *thing.item) {
            let item: Arc<str> = item.into();
            thing.item = item.clone();
            match write.things.iter_mut().find(|new| new.thing_id == thing.thing_id) {
                Some(new) => new.item = item,
                None => write.items.push((thing.thing_id, item)),
            }
        }
        write.standings.advance(thing.thing_id, &mut thing.standings, standings, position, day, &mut self.next);
        write.cases.advance(thing.thing_id, &mut thing.cases, cases, position, day, &mut self.next);
        Ok(())
    }

    /// The local date an event was recorded on.
    fn recorded_day(&self, event: &Recorded) -> Date {
        event.recorded_at.to_zoned_datetime(self.knowledge.zone.clone()).date()
    }
}

/// Whether a thing is an item that a wide event reaches: every one, or as whatever system publishes it; what is approved of a zone none.
fn is_reached(thing: &Subject, event: &Recorded) -> bool {
    let subject = &event.event.subject;
    let reaches = match &*subject.kind {
        kind::ITEM => subject.id == thing.id,
        kind::ZONE => false,
        _ => true,
    };
    &*thing.kind == kind::ITEM && reaches
}

/// Whether metrics count it, so that its stream is held.
pub(crate) fn has_standings(subject: &Subject) -> bool {
    KINDS.contains(&&*subject.kind)
}
