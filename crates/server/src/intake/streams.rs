//! The streams a writer holds in memory, so that deciding reads nothing.

use lru::LruCache;
use xiaoer_domain::{Recorded, Subject, history::History};

/// Events held, and streams; a stream not used for longest makes room. About 17 MB at most.
const EVENTS_MAX: usize = 20_000;

/// A stream as the writer knows it.
#[derive(Debug)]
pub(super) struct Stream {
    /// Its events in the order they count.
    pub history: History,
    /// Its last revision.
    pub revision: u64,
    /// No event of it was recorded after this position.
    position: u64,
}

impl Stream {
    fn empty(subject: &Subject) -> Self {
        Self { history: History::new(subject.clone()), revision: 0, position: 0 }
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
                stream.position = recorded.position;
                stream.history.insert(recorded);
                self.events += 1;
            }
        }
    }

    /// Puts a stream back to where it stood at a position of the log, when it had this revision.
    pub fn undo(&mut self, subject: &Subject, position: u64, revision: u64) {
        let stream = self.get(subject);
        (stream.revision, stream.position) = (revision, position);
        let dropped = stream.history.forget_after(position);
        self.events -= dropped;
    }

    /// Makes room, least used first; called between batches, so that a batch keeps what it prefetched. A stream with an event after
    /// `written` is kept, which cannot be read again yet.
    pub fn trim(&mut self, written: u64) {
        while self.events.max(self.held.len()) > EVENTS_MAX && self.held.peek_lru().is_some_and(|(_, it)| it.position <= written) {
            let Some((_, stream)) = self.held.pop_lru() else { return };
            self.events -= stream.history.len();
        }
    }

    /// Forgets one stream.
    pub fn drop(&mut self, subject: &Subject) {
        if let Some(stream) = self.held.pop(subject) {
            self.events -= stream.history.len();
        }
    }

    pub fn forget(&mut self) {
        self.held.clear();
        self.events = 0;
    }
}
