//! The worker of one log's projection: feed → fold → write, step by step.
//!
//! A step is up to [`Limits::events`] events, or [`Limits::things`] things of a wide event. It reads what it needs, works out
//! what stands, and writes rows and cursor in one transaction. A wide event that reaches few things, as at the begin of a log,
//! needs no steps of its own. A step that fails because a database is away is done again; one that meets what cannot be applied
//! stops the projection and says so.

use crate::{
    Error, Projection,
    fold::{item_of, named_cases, rows_of},
    knowing::learn,
    store::{self, Cursor, NewThing, Store, Write},
    things::{Thing, Things},
};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, VecDeque};
use xiaoer_domain::{Fact, Recorded, Scope, Subject, ids::kind, knowledge::Knowledge};
use xiaoer_journal::Log;

/// How much one step does.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Events of one step.
    pub events: usize,
    /// Things of one step of a wide event.
    pub things: usize,
}

impl Default for Limits {
    /// So many that a transaction costs little beside them, so few that a step is done in a fraction of a second.
    fn default() -> Self {
        Self { events: 1_000, things: 500 }
    }
}

/// What applies the events of a log, step by step. A log has one at a time; dropping it between or within steps loses nothing.
#[derive(Debug)]
pub struct Worker {
    projection: Projection,
    log: Log,
    store: Store,
    limits: Limits,
    things: Things,
    /// As of the cursor, or of the wide event under way.
    knowledge: Option<Knowledge>,
    /// Events after the cursor that were read and not yet applied, so that none is read twice however short the steps are.
    ahead: VecDeque<Ahead>,
}

/// An event that was read.
#[derive(Debug)]
struct Ahead {
    recorded: Recorded,
    leaf_hash: [u8; 32],
}

impl Worker {
    /// A worker that holds nothing yet.
    pub fn new(projection: Projection, limits: Limits) -> Self {
        let (log, store) = (projection.log().clone(), projection.store().clone());
        Self { projection, log, store, limits, things: Things::new(), knowledge: None, ahead: VecDeque::new() }
    }

    fn forget(&mut self) {
        self.things.forget();
        self.knowledge = None;
        self.ahead.clear();
    }

    pub(crate) async fn stop(&self, error: &Error) {
        let mut cursor = self.projection.cursor();
        let next = cursor.position + 1;
        tracing::error!(log = %self.log.genesis().name, position = next, %error, "a projection stopped");
        cursor.error = format!("at position {next}: {error}");
        if let Err(error) = self.store.stop(&cursor, &cursor.error).await {
            tracing::error!(%error, "that a projection stopped could not be written");
        }
        self.projection.moved(cursor);
    }

    /// Does one step, or waits a moment where the log holds nothing new. After an error the next one begins from the tables.
    pub async fn step(&mut self) -> Result<(), Error> {
        let done = self.next_step().await;
        if done.is_err() {
            self.forget();
        }
        done
    }

    async fn next_step(&mut self) -> Result<(), Error> {
        let cursor = self.projection.cursor();
        if self.knowledge.is_none() {
            self.begin(&cursor).await?;
        }
        if cursor.wide_position != 0 {
            return self.widen(cursor).await;
        }
        if self.ahead.is_empty() {
            self.read(cursor.position).await?;
        }
        match self.ahead.front() {
            None => self.log.wait_past(cursor.position).await,
            Some(next) if next.recorded.position == cursor.position + 1 => self.apply(cursor).await?,
            Some(_) => return Err(Error::Corrupt { table: "projection", what: "another worker moved this cursor".into() }),
        }
        Ok(())
    }

    /// Reads the next events, up to one that cannot be read: those before it are applied first.
    async fn read(&mut self, after: u64) -> Result<(), Error> {
        let zone = &self.log.genesis().zone;
        let rows = match self.log.read(Scope::Everything, after, self.limits.events).await {
            // Somewhere on this page.
            Err(xiaoer_journal::Error::Corrupt { .. }) => self.log.read(Scope::Everything, after, 1).await?,
            rows => rows?,
        };
        for row in rows {
            match row.recorded(zone) {
                Ok(recorded) => self.ahead.push_back(Ahead { recorded, leaf_hash: row.leaf_hash }),
                Err(error) if self.ahead.is_empty() => return Err(error.into()),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Checks that the log still holds what was applied, and learns what was known there.
    async fn begin(&mut self, cursor: &Cursor) -> Result<(), Error> {
        self.log.check(cursor.position, &cursor.leaf_hash).await?;
        let rows = self.log.registry(Scope::Everything, cursor.position.max(cursor.wide_position)).await?;
        self.knowledge = Some(learn(&self.log, &rows)?);
        Ok(())
    }

    /// Applies the next events in one step, or begins the steps of a wide one.
    async fn apply(&mut self, cursor: Cursor) -> Result<(), Error> {
        let Batch { events, reached } = self.batch(&cursor).await?;
        if events == 0 {
            return self.open_wide(cursor).await;
        }
        let applied: Vec<Ahead> = self.ahead.drain(..events).collect();
        let mut write = Write::default();
        self.load(&cursor, applied.iter().map(|ahead| &ahead.recorded), &mut write).await?;
        for (_, found) in &reached {
            self.load_found(found, cursor.position).await?;
        }
        let mut reached = reached.into_iter().peekable();
        for Ahead { recorded, .. } in &applied {
            self.fold(recorded, &mut write)?;
            if let Some((position, found)) = reached.next_if(|(position, _)| *position == recorded.position) {
                self.refresh_all(&found, position, self.recorded_day(recorded)?, &mut write)?;
            }
        }
        let Some(Ahead { recorded, leaf_hash }) = applied.last() else { return Ok(()) };
        let after = Cursor { position: recorded.position, leaf_hash: leaf_hash.to_vec(), ..cursor.clone() };
        self.commit(&cursor, after, &write).await
    }

    /// How many of the events that were read make one step: up to a wide one after any that changes the things it reaches, or
    /// that reaches more than one step may.
    async fn batch(&self, cursor: &Cursor) -> Result<Batch, Error> {
        let mut batch = Batch { events: 0, reached: Vec::new() };
        let (mut room, mut is_registry) = (self.limits.things, true);
        for Ahead { recorded, .. } in &self.ahead {
            if is_wide(recorded) {
                if !is_registry {
                    break;
                }
                let found = store::things_after(&self.store.readers, cursor.log_id, 0, item_of_wide(recorded), room).await?;
                if found.len() >= room {
                    break;
                }
                room -= found.len();
                batch.reached.push((recorded.position, found));
            }
            is_registry &= recorded.event.subject.is_registry();
            batch.events += 1;
        }
        Ok(batch)
    }

    async fn commit(&mut self, before: &Cursor, after: Cursor, write: &Write) -> Result<(), Error> {
        self.store.write(before, &after, write).await?;
        self.things.trim();
        // What moved goes on, whatever stopped it before; the tables say so too.
        self.projection.moved(Cursor { error: String::new(), ..after });
        Ok(())
    }

    /// Begins a wide event: what is known changes at once, the things follow in steps, the cursor moves at the end.
    async fn open_wide(&mut self, cursor: Cursor) -> Result<(), Error> {
        let Some(Ahead { recorded, .. }) = self.ahead.pop_front() else { return Ok(()) };
        let mut write = Write::default();
        self.load(&cursor, [&recorded], &mut write).await?;
        self.fold(&recorded, &mut write)?;
        let after = Cursor { wide_position: recorded.position, wide_after: 0, ..cursor.clone() };
        self.commit(&cursor, after, &write).await
    }

    /// One step of a wide event.
    async fn widen(&mut self, cursor: Cursor) -> Result<(), Error> {
        let rows = self.log.read(Scope::Everything, cursor.wide_position - 1, 1).await?;
        let [row] = rows.as_slice() else {
            return Err(Error::Corrupt { table: "projection", what: "a wide event that the log does not hold".into() });
        };
        let event = row.recorded(&self.log.genesis().zone)?;
        let item = item_of_wide(&event);
        let found = store::things_after(&self.store.readers, cursor.log_id, cursor.wide_after, item, self.limits.things).await?;
        let mut write = Write::default();
        self.load_found(&found, cursor.wide_position).await?;
        self.refresh_all(&found, event.position, self.recorded_day(&event)?, &mut write)?;
        let after = match found.last() {
            Some(last) if found.len() >= self.limits.things => Cursor { wide_after: last.thing_id, ..cursor.clone() },
            _ => {
                let leaf_hash = row.leaf_hash.to_vec();
                Cursor { position: cursor.wide_position, leaf_hash, wide_position: 0, wide_after: 0, ..cursor.clone() }
            }
        };
        self.commit(&cursor, after, &write).await
    }

    fn refresh_all(&mut self, found: &[store::Found], position: u64, day: Date, write: &mut Write) -> Result<(), Error> {
        found.iter().try_for_each(|thing| self.refresh(&thing.subject, position, day, write))
    }

    /// Makes every thing that these events touch be held, as it was before the first of them.
    async fn load(&mut self, cursor: &Cursor, events: impl IntoIterator<Item = &Recorded>, write: &mut Write) -> Result<(), Error> {
        let mut subjects: BTreeSet<Subject> = BTreeSet::new();
        let mut visits: BTreeSet<Subject> = BTreeSet::new();
        for event in events {
            let subject = &event.event.subject;
            if subject.kind.as_ref() == kind::VISIT {
                visits.insert(subject.clone());
                if let Fact::ApplicantVisited(visit) = &event.event.fact {
                    subjects.extend(visit.cases.iter().cloned());
                }
            } else if has_standings(subject) {
                subjects.insert(subject.clone());
            }
        }
        self.load_subjects(cursor, &visits, write).await?;
        for visit in &visits {
            if let Some(thing) = self.things.get(visit) {
                subjects.extend(named_cases(&thing.history));
            }
        }
        self.load_subjects(cursor, &subjects, write).await
    }

    async fn load_subjects(&mut self, cursor: &Cursor, subjects: &BTreeSet<Subject>, write: &mut Write) -> Result<(), Error> {
        let missing: Vec<&Subject> = subjects.iter().filter(|subject| !self.things.holds(subject)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let found = store::find_things(&self.store.readers, cursor.log_id, &missing).await?;
        let known: BTreeSet<&Subject> = found.iter().map(|thing| &thing.subject).collect();
        for subject in missing.into_iter().filter(|subject| !known.contains(subject)) {
            let thing = Thing::new(subject.clone(), self.store.next_id());
            write.things.push(NewThing { thing_id: thing.thing_id, subject: subject.clone(), item: "".into() });
            self.things.put(thing);
        }
        self.load_found(&found, cursor.position).await
    }

    /// Holds things the tables know, with their histories up to a position.
    async fn load_found(&mut self, found: &[store::Found], until: u64) -> Result<(), Error> {
        let missing: Vec<_> = found.iter().filter(|thing| !self.things.holds(&thing.subject)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = missing.iter().map(|thing| thing.thing_id).collect();
        let mut things: Vec<Thing> = missing
            .iter()
            .map(|found| Thing { item: found.item.clone(), ..Thing::new(found.subject.clone(), found.thing_id) })
            .collect();
        let of: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
        for (id, subject) in store::touches(&self.store.readers, &ids).await? {
            things[of[&id]].touches.push(subject);
        }
        for (id, open) in store::open_standings(&self.store.readers, &ids).await? {
            things[of[&id]].standings.push(open);
        }
        for (id, open) in store::open_cases(&self.store.readers, &ids).await? {
            things[of[&id]].cases.push(open);
        }
        self.load_histories(&mut things, until).await?;
        things.into_iter().for_each(|thing| self.things.put(thing));
        Ok(())
    }

    async fn load_histories(&self, things: &mut [Thing], until: u64) -> Result<(), Error> {
        let zone = &self.log.genesis().zone;
        let streams: BTreeSet<Subject> =
            things.iter().flat_map(|thing| std::iter::once(thing.history.subject()).chain(&thing.touches)).cloned().collect();
        let mut events: HashMap<Subject, Vec<Recorded>> = HashMap::new();
        let wanted: Vec<&Subject> = streams.iter().collect();
        for row in self.log.streams(Scope::Everything, &wanted, until).await? {
            events.entry(row.subject.clone()).or_default().push(row.recorded(zone)?);
        }
        for thing in things {
            let own = thing.history.subject().clone();
            for stream in std::iter::once(&own).chain(&thing.touches) {
                for recorded in events.get(stream).into_iter().flatten() {
                    thing.history.insert(recorded.clone());
                }
            }
        }
        Ok(())
    }

    /// Folds one event into everything it touches.
    fn fold(&mut self, event: &Recorded, write: &mut Write) -> Result<(), Error> {
        let subject = &event.event.subject;
        let day = self.recorded_day(event)?;
        if subject.kind.as_ref() == kind::VISIT {
            self.things.add(subject, event);
            let cases = self.things.get(subject).map(|thing| named_cases(&thing.history)).unwrap_or_default();
            for case in cases {
                self.touch(&case, subject, event, write);
                self.refresh(&case, event.position, day, write)?;
            }
            return Ok(());
        }
        self.knowledge.as_mut().ok_or_else(unlearned)?.apply(event);
        if has_standings(subject) {
            self.things.add(subject, event);
            // A step of the sender's own is read by no rule and moves no row.
            if !matches!(event.event.fact, Fact::CaseNoteRecorded(_)) {
                self.refresh(subject, event.position, day, write)?;
            }
        }
        Ok(())
    }

    /// Adds an event of a visit to a case, linking the visit's stream and bringing what came before where the case is new to it.
    fn touch(&mut self, case: &Subject, visit: &Subject, event: &Recorded, write: &mut Write) {
        let Some(thing) = self.things.get(case) else { return };
        if thing.touches.contains(visit) {
            return self.things.add(case, event);
        }
        thing.touches.push(visit.clone());
        write.touches.push((thing.thing_id, visit.clone()));
        let events: Vec<Recorded> = self
            .things
            .get(visit)
            .map_or(Vec::new(), |thing| thing.history.entries().iter().map(|entry| entry.recorded.clone()).collect());
        events.iter().for_each(|event| self.things.add(case, event));
    }

    /// Works out what stands of a thing, and writes the difference.
    fn refresh(&mut self, subject: &Subject, position: u64, day: Date, write: &mut Write) -> Result<(), Error> {
        let Some(knowledge) = &self.knowledge else { return Err(unlearned()) };
        let Some(thing) = self.things.get(subject) else {
            return Err(Error::Corrupt { table: "thing", what: format!("{subject} is not held") });
        };
        let (standings, cases) = rows_of(&thing.history, knowledge);
        if let Some(item) = item_of(&thing.history).filter(|item| **item != *thing.item) {
            thing.item = item.into();
            match write.things.iter_mut().find(|new| new.thing_id == thing.thing_id) {
                Some(new) => new.item = item.into(),
                None => write.items.push((thing.thing_id, item.into())),
            }
        }
        write.standings.advance(thing.thing_id, &mut thing.standings, standings, position, day, &self.store.ids);
        write.cases.advance(thing.thing_id, &mut thing.cases, cases, position, day, &self.store.ids);
        Ok(())
    }

    /// The local date an event was recorded on.
    fn recorded_day(&self, event: &Recorded) -> Result<Date, Error> {
        let knowledge = self.knowledge.as_ref().ok_or_else(unlearned)?;
        Ok(event.recorded_at.to_zoned_datetime(knowledge.zone.clone()).date())
    }
}

/// The next step.
struct Batch {
    /// How many events it has; none where the next is a wide one that needs steps of its own.
    events: usize,
    /// What its wide events reach, by their position.
    reached: Vec<(u64, Vec<store::Found>)>,
}

fn unlearned() -> Error {
    Error::Corrupt { table: "projection", what: "a step before anything was learned".into() }
}

/// Kinds of subject that metrics count.
fn has_standings(subject: &Subject) -> bool {
    matches!(&*subject.kind, kind::CASE | kind::CONTACT | kind::STAFF | kind::ITEM)
}

/// An event that may change what stands of many things. A unit, and where an item is posted, change nothing that is counted.
fn is_wide(event: &Recorded) -> bool {
    matches!(&*event.event.subject.kind, kind::LOG | kind::ITEM)
        && !matches!(event.event.fact, Fact::LogOpened(_) | Fact::ItemPosted(_))
}

/// The item whose cases a wide event reaches; empty where it reaches everything.
fn item_of_wide(event: &Recorded) -> &str {
    let subject = &event.event.subject;
    if &*subject.kind == kind::ITEM { &subject.id } else { "" }
}
