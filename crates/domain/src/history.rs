//! The events that touch one thing, in the order they count.
//!
//! Promises: the order is that of [`Event::order`](crate::Event::order), whatever the order of insertion; an event counts if
//! and only if no counting void or replacement names it, so a voided void restores its target. Voids act by what is known
//! alone: they have no valid time.
//! Left to others: which events belong to a thing (the journal's streams; for a case also the visits that name it), and what
//! they mean.

use crate::event::{Fact, Recorded};
use crate::ids::{Identity, Subject};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// An event of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The event.
    pub recorded: Recorded,
    /// False where it was voided or replaced, as known now.
    pub counts: bool,
}

/// The events known of one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    subject: Subject,
    entries: Vec<Entry>,
    has_voids: bool,
}

impl History {
    /// A thing of which nothing is known yet.
    pub fn new(subject: Subject) -> Self {
        Self { subject, entries: Vec::new(), has_voids: false }
    }

    /// The thing.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Puts an event where it counts. An event that is there already changes nothing.
    pub fn insert(&mut self, recorded: Recorded) {
        let key = recorded.event.order();
        let Err(at) = self.entries.binary_search_by(|entry| entry.recorded.event.order().cmp(&key)) else {
            return;
        };
        self.has_voids |= void_target(&recorded.event.fact).is_some();
        self.entries.insert(at, Entry { recorded, counts: true });
        if self.has_voids {
            self.resolve_voids();
        }
    }

    /// Takes out what was recorded after a position, as if it had never been put in. Gives how many events that were.
    pub fn forget_after(&mut self, position: u64) -> usize {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.recorded.position <= position);
        if self.has_voids {
            self.resolve_voids();
        }
        before - self.entries.len()
    }

    /// Every event, in the order they count, also those that do not.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The events that are neither voided nor replaced.
    pub fn counting(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.entries.iter().filter(|entry| entry.counts).map(|entry| &entry.recorded)
    }

    /// The events that count and are dated on or before a day.
    pub fn counting_on(&self, valid_on: Date) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.counting().filter(move |recorded| recorded.event.day <= valid_on)
    }

    /// The entry of an identity.
    pub fn find(&self, identity: &Identity) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.recorded.event.identity == *identity)
    }

    /// Number of events, also of those that do not count.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A void names an event recorded before it, so that from the last recorded down each is settled before its target is.
    fn resolve_voids(&mut self) {
        let mut voids: Vec<_> = self.entries.iter().filter(|e| void_target(&e.recorded.event.fact).is_some()).collect();
        voids.sort_by_key(|entry| std::cmp::Reverse(entry.recorded.position));
        let mut gone: BTreeSet<&Identity> = BTreeSet::new();
        for void in voids {
            if !gone.contains(&void.recorded.event.identity) {
                gone.extend(void_target(&void.recorded.event.fact));
            }
        }
        let counts: Vec<bool> = self.entries.iter().map(|entry| !gone.contains(&entry.recorded.event.identity)).collect();
        for (entry, counts) in self.entries.iter_mut().zip(counts) {
            entry.counts = counts;
        }
    }
}

/// The event that a void or a replacement takes away.
pub(crate) fn void_target(fact: &Fact) -> Option<&Identity> {
    match fact {
        Fact::EventVoided(voided) => Some(&voided.target),
        Fact::EventReplaced(replaced) => Some(&replaced.target),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
