//! The streams a writer holds in memory, so that deciding reads nothing.

use lru::LruCache;
use xiaoer_domain::{Recorded, Subject, history::History};

/// Events held; a stream not used for longest makes room. About 25 MB at most.
const EVENTS_MAX: usize = 30_000;

/// A stream as the writer knows it.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    /// Its events in the order they count.
    pub history: History,
    /// Its last revision.
    pub revision: u64,
}

impl Stream {
    fn empty(subject: &Subject) -> Self {
        Self { history: History::new(subject.clone()), revision: 0 }
    }
}

/// A bounded set of streams.
#[derive(Debug)]
pub(super) struct Streams {
    held: LruCache<Subject, Stream>,
    events: usize,
}

impl Streams {
    pub fn new() -> Self {
        Self { held: LruCache::unbounded(), events: 0 }
    }

    pub fn holds(&self, subject: &Subject) -> bool {
        self.held.contains(subject)
    }

    /// A stream that [`Streams::holds`], or an empty one.
    pub fn get(&mut self, subject: &Subject) -> &mut Stream {
        self.held.get_or_insert_mut_ref(subject, || Stream::empty(subject))
    }

    /// Adds an event to a stream that is held; others are read when they are needed.
    pub fn add(&mut self, recorded: Recorded) {
        if let Some(stream) = self.held.get_mut(&recorded.event.subject) {
            // What was prefetched before the lock and comes again with the catch-up is known already.
            if recorded.revision > stream.revision {
                stream.revision = recorded.revision;
                stream.history.insert(recorded);
                self.events += 1;
            }
        }
    }

    /// Puts a stream back as it was.
    pub fn restore(&mut self, subject: &Subject, stream: Stream) {
        let now = self.get(subject);
        let dropped = now.history.entries().len() - stream.history.entries().len();
        *now = stream;
        self.events -= dropped;
    }

    /// Makes room, least used first; called between batches, so that a batch keeps what it prefetched.
    pub fn trim(&mut self) {
        while self.events > EVENTS_MAX {
            let Some((_, stream)) = self.held.pop_lru() else { return };
            self.events -= stream.history.entries().len();
        }
    }

    pub fn forget(&mut self) {
        self.held.clear();
        self.events = 0;
    }
}
