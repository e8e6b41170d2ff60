//! The things a worker holds in memory: history, and the rows that are known of it now.

use crate::{
    fold::{CaseRow, StandingRow},
    rows::Open,
};
use lru::LruCache;
use std::sync::Arc;
use xiaoer_domain::{Recorded, Subject, history::History};

/// Events held; a thing not used for longest makes room. About 20 MB at most.
const EVENTS_MAX: usize = 10_000;

/// A thing with standings, or a visit, which only touches others.
#[derive(Debug)]
pub(crate) struct Thing {
    pub thing_id: i64,
    /// What a wide event finds it by, as its row says.
    pub item: Arc<str>,
    pub history: History,
    pub standings: Vec<Open<StandingRow>>,
    pub cases: Vec<Open<CaseRow>>,
    /// Streams beside its own that touch it.
    pub touches: Vec<Subject>,
}

impl Thing {
    pub fn new(subject: Subject, thing_id: i64) -> Self {
        Self {
            thing_id,
            item: Arc::default(),
            history: History::new(subject),
            standings: Vec::new(),
            cases: Vec::new(),
            touches: Vec::new(),
        }
    }
}

/// A bounded set of things.
#[derive(Debug)]
pub(crate) struct Things {
    held: LruCache<Subject, Thing>,
    events: usize,
}

impl Things {
    pub fn new() -> Self {
        Self { held: LruCache::unbounded(), events: 0 }
    }

    pub fn holds(&self, subject: &Subject) -> bool {
        self.held.contains(subject)
    }

    pub fn get(&mut self, subject: &Subject) -> Option<&mut Thing> {
        self.held.get_mut(subject)
    }

    pub fn put(&mut self, thing: Thing) {
        self.events += thing.history.entries().len();
        self.held.put(thing.history.subject().clone(), thing);
    }

    /// Adds an event to a thing that is held.
    pub fn add(&mut self, subject: &Subject, recorded: &Recorded) {
        if let Some(thing) = self.held.get_mut(subject) {
            thing.history.insert(recorded.clone());
            self.events += 1;
        }
    }

    /// Makes room, least used first; called between batches.
    pub fn trim(&mut self) {
        while self.events > EVENTS_MAX {
            let Some((_, thing)) = self.held.pop_lru() else { return };
            self.events -= thing.history.entries().len();
        }
    }
}
