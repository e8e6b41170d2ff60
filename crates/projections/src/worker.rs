//! The worker of one log's projection: feed → fold → write, step by step.
//!
//! A step is up to [`STEP_EVENTS_MAX`] events, or [`WIDE_THINGS_MAX`] things of a wide event. It reads what it needs, works out
//! what stands, and writes rows and cursor in one transaction. A step that fails because a database is away is done again; one
//! that meets what cannot be applied stops the projection and says so.

use crate::{
    Error, VERSION,
    fold::{named_cases, rows_of},
    knowing::{learn, registry_rows},
    store::{self, Cursor, NewThing, Store, Write},
    things::{Thing, Things},
};
use jiff::civil::Date;
use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{
    Fact, Recorded, Scope, Subject,
    ids::kind,
    knowledge::{Knowledge, Touches},
};
use xiaoer_journal::{Log, Row};

/// Events of one step.
const STEP_EVENTS_MAX: usize = 1_000;
/// Things of one step of a wide event.
const WIDE_THINGS_MAX: i64 = 500;
/// Wait before a step is tried again after a database was away.
const RETRY_WAIT: Duration = Duration::from_millis(500);

/// What a projection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// At the head.
    Running,
    /// Behind the head.
    CatchingUp,
    /// Applying a wide event in steps.
    Widening,
    /// It met what it cannot apply.
    Stopped,
}

/// One log's projection, as others see it. Clones share it.
#[derive(Debug, Clone)]
pub struct Projection {
    log: Log,
    store: Store,
    cursor: Arc<RwLock<Cursor>>,
    position: watch::Sender<u64>,
}

impl Projection {
    /// The projection of a log over these tables.
    pub async fn open(log: Log, store: Store) -> Result<Self, Error> {
        let cursor = store.cursor(&log.genesis().name).await?;
        if cursor.version != VERSION {
            let what = format!("formulas of version {}, this program has {VERSION}: delete the projections' file to rebuild", cursor.version);
            return Err(Error::Corrupt { table: "projection", what });
        }
        let position = watch::Sender::new(cursor.position);
        Ok(Self { log, store, cursor: Arc::new(RwLock::new(cursor)), position })
    }

    /// Its log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its tables.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where it stands.
    pub fn cursor(&self) -> Cursor {
        self.cursor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it is doing, given the head of its log.
    pub fn state(&self, head: u64) -> State {
        let cursor = self.cursor();
        match () {
            () if !cursor.error.is_empty() => State::Stopped,
            () if cursor.wide_position != 0 => State::Widening,
            () if cursor.position < head => State::CatchingUp,
            () => State::Running,
        }
    }

    /// Waits until a position is reflected, at most so long; says whether it is.
    pub async fn reach(&self, position: u64, patience: Duration) -> bool {
        let mut at = self.position.subscribe();
        let reached = at.wait_for(|&at| at >= position);
        tokio::time::timeout(patience, reached).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Applies events until told to stop.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut worker = Worker::new(self);
        loop {
            let step = tokio::select! {
                () = shutdown.cancelled() => return,
                step = worker.step() => step,
            };
            match step {
                Ok(()) => {}
                Err(error) if is_away(&error) => {
                    tracing::warn!(log = %worker.log.genesis().name, %error, "a projection step failed, trying again");
                    worker.forget();
                    tokio::time::sleep(RETRY_WAIT).await;
                }
                Err(error) => return worker.stop(&error).await,
            }
        }
    }

    /// Applies what the log holds now, and returns; for rebuilding and for tests.
    pub async fn catch_up(&self) -> Result<(), Error> {
        let head = self.log.head().await?.position;
        let mut worker = Worker::new(self.clone());
        while self.cursor().position < head {
            worker.step().await?;
        }
        Ok(())
    }

    fn moved(&self, cursor: Cursor) {
        self.position.send_replace(cursor.position);
        *self.cursor.write().unwrap_or_else(PoisonError::into_inner) = cursor;
    }
}

fn is_away(error: &Error) -> bool {
    matches!(error, Error::Away(_) | Error::Journal(xiaoer_journal::Error::Away(_)))
}

struct Worker {
    projection: Projection,
    log: Log,
    store: Store,
    things: Things,
    /// As of the cursor, or of the wide event under way.
    knowledge: Option<Knowledge>,
}

impl Worker {
    fn new(projection: Projection) -> Self {
        let (log, store) = (projection.log.clone(), projection.store.clone());
        Self { projection, log, store, things: Things::new(), knowledge: None }
    }

    fn forget(&mut self) {
        self.things.forget();
        self.knowledge = None;
    }

    async fn stop(&self, error: &Error) {
        let mut cursor = self.projection.cursor();
        let next = cursor.position + 1;
        tracing::error!(log = %self.log.genesis().name, position = next, %error, "a projection stopped");
        cursor.error = format!("at position {next}: {error}");
        if let Err(error) = self.store.stop(&cursor, &cursor.error).await {
            tracing::error!(%error, "that a projection stopped could not be written");
        }
        self.projection.moved(cursor);
    }

    async fn step(&mut self) -> Result<(), Error> {
        let cursor = self.projection.cursor();
        if self.knowledge.is_none() {
            self.begin(&cursor).await?;
        }
        if cursor.wide_position != 0 {
            return self.widen(cursor).await;
        }
        let rows = self.log.read(Scope::Everything, cursor.position, STEP_EVENTS_MAX).await?;
        if rows.is_empty() {
            self.log.wait_past(cursor.position).await;
            return Ok(());
        }
        self.apply(cursor, &rows).await
    }

    /// Checks that the log still holds what was applied, and learns what was known there.
    async fn begin(&mut self, cursor: &Cursor) -> Result<(), Error> {
        self.log.check(cursor.position, &cursor.leaf_hash).await?;
        let rows = registry_rows(&self.log, cursor.position.max(cursor.wide_position)).await?;
        self.knowledge = Some(learn(&self.log, &rows)?);
        Ok(())
    }

    /// Applies events up to the first wide one. A wide one alone opens its own steps.
    async fn apply(&mut self, cursor: Cursor, rows: &[Row]) -> Result<(), Error> {
        let zone = self.log.genesis().zone.clone();
        let mut events: Vec<Recorded> = rows.iter().map(|row| row.recorded(&zone)).collect::<Result<_, _>>()?;
        let wide = events.iter().position(is_wide);
        if wide == Some(0) {
            return self.open_wide(cursor, &rows[0], &events[0]).await;
        }
        events.truncate(wide.unwrap_or(events.len()));
        let mut write = Write::default();
        self.load(&cursor, &events, &mut write).await?;
        for event in &events {
            self.fold(event, &mut write)?;
        }
        let last = &rows[events.len() - 1];
        let after = Cursor { position: last.position, leaf_hash: last.leaf_hash.to_vec(), ..cursor.clone() };
        self.commit(&cursor, after, &write).await
    }

    async fn commit(&mut self, before: &Cursor, after: Cursor, write: &Write) -> Result<(), Error> {
        if let Err(error) = self.store.write(before, &after, write).await {
            self.forget();
            return Err(error);
        }
        self.things.trim();
        self.projection.moved(after);
        Ok(())
    }

    /// Begins a wide event: what is known changes at once, the things follow in steps, the cursor moves at the end.
    async fn open_wide(&mut self, cursor: Cursor, row: &Row, event: &Recorded) -> Result<(), Error> {
        self.knowledge_mut()?.apply(event);
        self.things.forget();
        let mut write = Write::default();
        if event.event.subject.kind.as_ref() == kind::ITEM {
            // The item is a thing itself.
            self.load(&cursor, std::slice::from_ref(event), &mut write).await?;
            self.fold(event, &mut write)?;
        }
        let after = Cursor { wide_position: row.position, wide_after: 0, ..cursor.clone() };
        self.commit(&cursor, after, &write).await
    }

    /// One step of a wide event.
    async fn widen(&mut self, cursor: Cursor) -> Result<(), Error> {
        let rows = self.log.read(Scope::Everything, cursor.wide_position - 1, 1).await?;
        let [row] = rows.as_slice() else {
            return Err(Error::Corrupt { table: "projection", what: "a wide event that the log does not hold".into() });
        };
        let event = row.recorded(&self.log.genesis().zone)?;
        let item = if event.event.subject.kind.as_ref() == kind::ITEM { &*event.event.subject.id } else { "" };
        let found = store::things_after(&self.store.readers, cursor.log_id, cursor.wide_after, item, WIDE_THINGS_MAX).await?;
        let mut write = Write::default();
        self.load_found(&found, cursor.wide_position).await?;
        let day = recorded_day(&event, self.knowledge_mut()?);
        for thing in &found {
            self.refresh(&thing.subject, event.position, day, &mut write)?;
        }
        let done = found.len() < usize::try_from(WIDE_THINGS_MAX).unwrap_or(usize::MAX);
        let after = if done {
            let leaf_hash = row.leaf_hash.to_vec();
            Cursor { position: cursor.wide_position, leaf_hash, wide_position: 0, wide_after: 0, ..cursor.clone() }
        } else {
            Cursor { wide_after: found.last().map_or(cursor.wide_after, |thing| thing.thing_id), ..cursor.clone() }
        };
        self.commit(&cursor, after, &write).await
    }

    /// Makes every thing that these events touch be held, as it was before the first of them.
    async fn load(&mut self, cursor: &Cursor, events: &[Recorded], write: &mut Write) -> Result<(), Error> {
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
            write.things.push(NewThing { thing_id: thing.thing_id, subject: subject.clone(), item: Box::default() });
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
        let of = |things: &mut Vec<Thing>, id: i64| things.iter().position(|thing| thing.thing_id == id);
        for (id, subject) in store::touches(&self.store.readers, &ids).await? {
            if let Some(at) = of(&mut things, id) {
                things[at].touches.push(subject);
            }
        }
        for (id, open) in store::open_standings(&self.store.readers, &ids).await? {
            if let Some(at) = of(&mut things, id) {
                things[at].standings.push(open);
            }
        }
        for (id, open) in store::open_cases(&self.store.readers, &ids).await? {
            if let Some(at) = of(&mut things, id) {
                things[at].cases.push(open);
            }
        }
        self.load_histories(&mut things, until).await?;
        things.into_iter().for_each(|thing| self.things.put(thing));
        Ok(())
    }

    async fn load_histories(&self, things: &mut [Thing], until: u64) -> Result<(), Error> {
        let zone = &self.log.genesis().zone;
        let streams: BTreeSet<Subject> =
            things.iter().flat_map(|thing| std::iter::once(thing.history.subject()).chain(&thing.touches)).cloned().collect();
        let mut events: std::collections::HashMap<Subject, Vec<Recorded>> = std::collections::HashMap::new();
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
        let day = recorded_day(event, self.knowledge_mut()?);
        if subject.kind.as_ref() == kind::VISIT {
            self.things.add(subject, event);
            let cases = self.things.get(subject).map(|thing| named_cases(&thing.history)).unwrap_or_default();
            for case in cases {
                self.touch(&case, subject, event, write);
                self.refresh(&case, event.position, day, write)?;
            }
            return Ok(());
        }
        let touches = self.knowledge_mut()?.apply(event);
        debug_assert!(!matches!(touches, Touches::Everything) || event.event.subject.kind.as_ref() == kind::LOG);
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
        let events: Vec<Recorded> = self.things.get(visit).map_or(Vec::new(), |thing| {
            thing.history.entries().iter().map(|entry| entry.recorded.clone()).collect()
        });
        events.iter().for_each(|event| self.things.add(case, event));
    }

    /// Works out what stands of a thing, and writes the difference.
    fn refresh(&mut self, subject: &Subject, position: u64, day: Date, write: &mut Write) -> Result<(), Error> {
        let Some(knowledge) = &self.knowledge else { return Err(unlearned()) };
        let Some(thing) = self.things.get(subject) else {
            return Err(Error::Corrupt { table: "thing", what: format!("{subject} is not held") });
        };
        let (standings, cases) = rows_of(&thing.history, knowledge);
        if let Some(case) = cases.last().filter(|case| case.item != thing.item) {
            thing.item = case.item.clone();
            match write.things.iter_mut().find(|new| new.thing_id == thing.thing_id) {
                Some(new) => new.item = case.item.clone(),
                None => write.items.push((thing.thing_id, case.item.clone())),
            }
        }
        write.standings.advance(thing.thing_id, &mut thing.standings, standings, position, day, &self.store.ids);
        write.cases.advance(thing.thing_id, &mut thing.cases, cases, position, day, &self.store.ids);
        Ok(())
    }

    fn knowledge_mut(&mut self) -> Result<&mut Knowledge, Error> {
        self.knowledge.as_mut().ok_or_else(unlearned)
    }
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
    matches!(&*event.event.subject.kind, kind::LOG | kind::ITEM) && !matches!(event.event.fact, Fact::LogOpened(_) | Fact::ItemPosted(_))
}

/// The local date an event was recorded on.
fn recorded_day(event: &Recorded, knowledge: &Knowledge) -> Date {
    event.recorded_at.to_zoned_datetime(knowledge.zone.clone()).date()
}
