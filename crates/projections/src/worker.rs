//! The worker of one log's projection: feed → fold → write, step by step.
//!
//! A step is one batch of up to [`Limits::events`] events or [`Limits::things`] things of a wide event, or a few batches where the
//! log holds them already: then one is written while the next is folded and the one after is read. A batch is one transaction of
//! rows and cursor. A wide event that reaches few things, as at the begin of a log, needs no steps of its own. A step that fails
//! because a database is away is done again; one that meets what cannot be applied stops the projection and says so.

use crate::{
    Cursor, Error, Projection, accesses,
    folding::Folding,
    knowing::learn,
    loading::Loader,
    store::{Store, Write},
    tables::{Found, Reach},
    tally::{MARK_EVENTS, Tallying},
};
use std::collections::VecDeque;
use tokio::task::spawn_blocking;
use xiaoer_domain::{Fact, Recorded, Scope, ids::kind};
use xiaoer_journal::Log;

/// How much is done at a time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Events of one batch.
    pub events: usize,
    /// Things of one batch of a wide event.
    pub things: usize,
    /// Batches of one step. All that they touch is held until the last of them is written.
    pub batches: usize,
    /// Events between two marks of the cells, at least.
    pub mark: u64,
}

impl Default for Limits {
    /// So many that a transaction costs little beside them, so few that a step is done in a fraction of a second.
    fn default() -> Self {
        Self { events: 1_000, things: 500, batches: 4, mark: MARK_EVENTS }
    }
}

/// What applies the events of a log, step by step. A log has one at a time; dropping it between or within steps loses nothing.
#[derive(Debug)]
pub struct Worker {
    projection: Projection,
    log: Log,
    store: Store,
    limits: Limits,
    /// None before the first step, after an error, and after a step that was dropped.
    folding: Option<Folding>,
    /// Events after the cursor that were read and not yet applied, so that none is read twice however small the batches are; at most
    /// those of one batch.
    ahead: VecDeque<Ahead>,
}

/// An event that was read.
#[derive(Debug)]
struct Ahead {
    recorded: Recorded,
    leaf_hash: [u8; 32],
    /// What it is found by, as a record of who read what.
    found_by: Vec<String>,
}

impl Worker {
    /// A worker that holds nothing yet.
    pub fn new(projection: Projection, limits: Limits) -> Self {
        let (log, store) = (projection.log().clone(), projection.store().clone());
        Self { projection, log, store, limits, folding: None, ahead: VecDeque::new() }
    }

    /// Does one step, or waits a moment where the log holds nothing new. After an error the next one begins from the tables.
    pub async fn step(&mut self) -> Result<(), Error> {
        // Whatever ends this call before it is done leaves nothing that is held but not written.
        let mut folding = match self.folding.take() {
            Some(folding) => folding,
            None => self.begin().await?,
        };
        let cursor = self.projection.cursor();
        if cursor.wide_position != 0 {
            folding = self.widen(cursor, folding).await?;
        } else {
            if self.ahead.is_empty() {
                self.ahead = read(&self.log, &cursor, self.limits.events).await?;
            }
            match self.ahead.front() {
                None => self.log.wait_past(cursor.position).await,
                Some(next) if next.recorded.position == cursor.position + 1 => folding = self.apply(cursor, folding).await?,
                Some(_) => return Err(Error::Overtaken),
            }
        }
        folding.things.trim();
        self.folding = Some(folding);
        Ok(())
    }

    /// Takes the projection, checks that the log still holds what was applied, and learns what was known there.
    async fn begin(&mut self) -> Result<Folding, Error> {
        self.ahead.clear();
        let cursor = self.store.lease(self.projection.cursor().id).await?.ok_or(Error::Overtaken)?;
        self.projection.moved(cursor.clone());
        self.log.check(cursor.position, &cursor.leaf_hash).await?;
        let rows = self.log.registry(&Scope::Everything, cursor.position.max(cursor.wide_position)).await?;
        if !cursor.error.is_empty() {
            // What stopped it before may be gone, and will be said again where it is not.
            self.store.stop(cursor.id, "").await?;
            self.projection.moved(Cursor { error: String::new(), ..cursor.clone() });
        }
        let tallying = Tallying::new(self.store.tidy_tally(cursor.id).await?, self.limits.mark);
        Ok(Folding::new(learn(&self.log, &rows)?, tallying, self.store.next_number(&cursor).await?))
    }

    /// Applies the next events, or begins the steps of a wide one.
    async fn apply(&mut self, cursor: Cursor, mut folding: Folding) -> Result<Folding, Error> {
        let Some(batch) = self.next_batch(cursor.clone(), &mut folding).await? else {
            return self.open_wide(cursor, folding).await;
        };
        let mut is_full = batch.events.len() == self.limits.events;
        let mut folded = batch.fold(&mut folding)?;
        for _ in 1..self.limits.batches {
            // Behind a batch that is not full there is a wide event, or nothing yet.
            if is_full && self.ahead.is_empty() {
                self.ahead = read(&self.log, &folded.after, self.limits.events).await.unwrap_or_default();
            }
            // What a wide event reaches is asked of the tables, so everything before it must be written.
            if self.ahead.is_empty() || self.ahead.iter().any(|ahead| is_wide(&ahead.recorded)) {
                break;
            }
            let Some(batch) = self.next_batch(folded.after.clone(), &mut folding).await? else { break };
            let last = batch.after.clone();
            is_full = batch.events.len() == self.limits.events;
            let fold = spawn_blocking(move || batch.fold(&mut folding).map(|folded| (folded, folding)));
            let (written, next, read) = tokio::join!(self.write(&folded), fold, read(&self.log, &last, self.limits.events));
            written?;
            (folded, folding) = next.map_err(|error| Error::Corrupt { table: "projection", what: error.to_string() })??;
            // What could not be read is read again, and said, when it is next.
            self.ahead.extend(read.unwrap_or_default());
        }
        self.write(&folded).await?;
        Ok(folding)
    }

    /// The next events with what they touch held; none where the next is a wide one that needs steps of its own.
    ///
    /// A batch goes up to a wide event after any that changes the things it reaches, or that reaches more than a batch may.
    async fn next_batch(&mut self, before: Cursor, folding: &mut Folding) -> Result<Option<Batch>, Error> {
        let (mut events, mut reached) = (0_usize, VecDeque::new());
        let (mut room, mut is_registry) = (self.limits.things, true);
        for Ahead { recorded, .. } in &self.ahead {
            if is_wide(recorded) {
                if !is_registry {
                    break;
                }
                let found = self.store.things_after(before.id, 0, reach(recorded), room).await?;
                if found.len() >= room {
                    break;
                }
                room -= found.len();
                reached.push_back((recorded.position, found));
            }
            is_registry &= recorded.event.subject.is_registry();
            events += 1;
        }
        let Some(last) = events.checked_sub(1).map(|last| &self.ahead[last]) else { return Ok(None) };
        let after = Cursor { position: last.recorded.position, leaf_hash: last.leaf_hash.to_vec(), ..before.clone() };
        let mut write = Write::default();
        let applied = self.ahead.drain(..events).map(|Ahead { recorded, found_by, .. }| {
            write.accesses.extend(found_by.into_iter().map(|what| (what, recorded.position)));
            recorded
        });
        let events: Vec<Recorded> = applied.collect();
        let loader = self.loader(&before);
        loader.of_events(folding, &events, &mut write).await?;
        for (_, found) in &reached {
            loader.found(&mut folding.things, found).await?;
        }
        Ok(Some(Batch { before, after, events, reached, write }))
    }

    fn loader(&self, cursor: &Cursor) -> Loader<'_> {
        let until = cursor.position.max(cursor.wide_position);
        Loader { log: &self.log, store: &self.store, projection_id: cursor.id, until }
    }

    async fn write(&self, Folded { before, after, write }: &Folded) -> Result<(), Error> {
        self.store.write(before, after, write).await?;
        // What moved goes on, whatever stopped it before; the tables say so too.
        self.projection.moved(Cursor { error: String::new(), ..after.clone() });
        Ok(())
    }

    /// Begins a wide event: what is known changes at once, the things follow in steps, the cursor moves at the end.
    async fn open_wide(&mut self, before: Cursor, mut folding: Folding) -> Result<Folding, Error> {
        let Some(Ahead { recorded, .. }) = self.ahead.pop_front() else { return Ok(folding) };
        let mut write = Write::default();
        self.loader(&before).of_events(&mut folding, std::slice::from_ref(&recorded), &mut write).await?;
        folding.fold(&recorded, &mut write)?;
        let after = Cursor { wide_position: recorded.position, wide_after: 0, ..before.clone() };
        self.write(&Folded::of(before, after, write, &mut folding)).await?;
        Ok(folding)
    }

    /// One step of a wide event.
    async fn widen(&mut self, before: Cursor, mut folding: Folding) -> Result<Folding, Error> {
        let rows = self.log.read(&Scope::Everything, before.wide_position - 1, 1).await?;
        let [row] = rows.as_slice() else {
            return Err(Error::Corrupt { table: "projection", what: "a wide event that the log does not hold".into() });
        };
        let event = row.recorded(&self.log.genesis().zone)?;
        let found = self.store.things_after(before.id, before.wide_after, reach(&event), self.limits.things).await?;
        let mut write = Write::default();
        self.loader(&before).found(&mut folding.things, &found).await?;
        folding.refresh_all(&found, &event, &mut write)?;
        let after = match found.last() {
            Some(last) if found.len() >= self.limits.things => Cursor { wide_after: last.thing_id, ..before.clone() },
            _ => {
                let leaf_hash = row.leaf_hash.to_vec();
                Cursor { position: before.wide_position, leaf_hash, wide_position: 0, wide_after: 0, ..before.clone() }
            }
        };
        self.write(&Folded::of(before, after, write, &mut folding)).await?;
        Ok(folding)
    }
}

/// The next events after a cursor, up to one that cannot be read: those before it are applied first. A log that does not hold what
/// the cursor stands on is refused, also where it was put back and grew again under a worker that runs.
async fn read(log: &Log, after: &Cursor, limit: usize) -> Result<VecDeque<Ahead>, Error> {
    let zone = &log.genesis().zone;
    let rows = match log.follow_from(&Scope::Everything, (after.position, &after.leaf_hash), limit).await {
        // Somewhere on this page.
        Err(xiaoer_journal::Error::Corrupt { .. }) => log.read(&Scope::Everything, after.position, 1).await?,
        rows => rows?,
    };
    let mut read = VecDeque::with_capacity(rows.len());
    for row in rows {
        match row.recorded(zone) {
            Ok(recorded) => {
                let found_by = accesses::keys(&row, &recorded.event.fact);
                read.push_back(Ahead { recorded, leaf_hash: row.leaf_hash, found_by });
            }
            Err(error) if read.is_empty() => return Err(error.into()),
            Err(_) => break,
        }
    }
    Ok(read)
}

/// Events that make one transaction, with what they touch held.
struct Batch {
    before: Cursor,
    after: Cursor,
    events: Vec<Recorded>,
    /// What its wide events reach, by their position.
    reached: VecDeque<(u64, Vec<Found>)>,
    write: Write,
}

impl Batch {
    fn fold(self, folding: &mut Folding) -> Result<Folded, Error> {
        let Self { before, after, events, mut reached, mut write } = self;
        for event in &events {
            folding.fold(event, &mut write)?;
            if let Some((_, found)) = reached.pop_front_if(|(position, _)| *position == event.position) {
                folding.refresh_all(&found, event, &mut write)?;
            }
        }
        Ok(Folded::of(before, after, write, folding))
    }
}

/// A transaction that is to be written.
struct Folded {
    before: Cursor,
    after: Cursor,
    write: Write,
}

impl Folded {
    /// With what the rows change in the cells.
    fn of(before: Cursor, after: Cursor, mut write: Write, folding: &mut Folding) -> Self {
        let cells = std::mem::take(&mut write.standings.cells);
        write.tally = folding.tallying.moves(&before, &after, cells);
        Self { before, after, write }
    }
}

/// An event that may change what stands of many things. A unit and another district change nothing that is stored, and where an item
/// is posted nothing but the item.
fn is_wide(event: &Recorded) -> bool {
    matches!(&*event.event.subject.kind, kind::LOG | kind::ITEM | kind::EDITION | kind::ZONE | kind::WINDOW)
        && !matches!(event.event.fact, Fact::LogOpened(_) | Fact::ItemPosted(_))
}

/// What a wide event reaches. A case reads what its window was for on the day of its receipt, so that a window that is set up otherwise
/// from a day on changes nothing of the cases before; which day a correction of that gives back is not seen here.
fn reach(event: &Recorded) -> Reach<'_> {
    let subject = &event.event.subject;
    match (&*subject.kind, &event.event.fact) {
        (kind::ITEM, _) => Reach::OfItem(&subject.id),
        (kind::EDITION, _) => Reach::Items,
        (kind::WINDOW, Fact::WindowConfigured(_)) => Reach::From(event.event.day),
        (kind::ZONE, _) => Reach::OfZone(&subject.id),
        _ => Reach::Everything,
    }
}
