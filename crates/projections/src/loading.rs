//! Bringing things into memory, from the tables and the log, before events are folded into them.
//!
//! Invariant: what is held is never loaded again, so that a thing that was folded and is not written yet is read from nowhere.

use crate::{
    Error,
    fold::reached,
    folding::{Folding, has_standings},
    store::{NewThing, Store, Write},
    tables::Found,
    things::{Thing, Things},
};
use std::collections::{BTreeSet, HashMap};
use xiaoer_domain::{Recorded, Scope, Subject};
use xiaoer_journal::Log;

/// Loads things of one log as they were at a position.
pub(crate) struct Loader<'a> {
    pub log: &'a Log,
    pub store: &'a Store,
    pub projection_id: i64,
    /// Last position of the histories that are loaded.
    pub until: u64,
}

impl Loader<'_> {
    /// Makes every thing that these events touch be held, as it was before the first of them.
    pub async fn of_events(&self, folding: &mut Folding, events: &[Recorded], write: &mut Write) -> Result<(), Error> {
        let streams: BTreeSet<Subject> =
            events.iter().map(|event| &event.event.subject).filter(|subject| has_standings(subject)).cloned().collect();
        self.subjects(folding, &streams, write).await?;
        let before = streams.iter().filter_map(|stream| folding.things.get(stream).map(|thing| reached(&thing.history)));
        let mut others: BTreeSet<Subject> = before.flatten().collect();
        others.extend(events.iter().flat_map(|event| event.event.fact.reaches().iter().cloned()));
        self.subjects(folding, &others, write).await
    }

    async fn subjects(&self, folding: &mut Folding, subjects: &BTreeSet<Subject>, write: &mut Write) -> Result<(), Error> {
        let missing: Vec<&Subject> = subjects.iter().filter(|subject| !folding.things.holds(subject)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let found = self.store.find_things(self.projection_id, &missing).await?;
        let known: BTreeSet<&Subject> = found.iter().map(|thing| &thing.subject).collect();
        for subject in missing.into_iter().filter(|subject| !known.contains(subject)) {
            let thing = Thing::new(subject.clone(), folding.next_number());
            write.things.push(NewThing { thing_id: thing.thing_id, subject: subject.clone(), item: "".into() });
            folding.things.put(thing);
        }
        self.found(&mut folding.things, &found).await
    }

    /// Holds things the tables know.
    pub async fn found(&self, things: &mut Things, found: &[Found]) -> Result<(), Error> {
        let missing: Vec<_> = found.iter().filter(|thing| !things.holds(&thing.subject)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = missing.iter().map(|thing| thing.thing_id).collect();
        let mut loaded: Vec<Thing> = missing
            .iter()
            .map(|found| Thing { item: found.item.clone(), ..Thing::new(found.subject.clone(), found.thing_id) })
            .collect();
        let of: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
        for (id, subject) in self.store.touches(&ids).await? {
            loaded[of[&id]].touches.push(subject);
        }
        for (id, open) in self.store.open_standings(&ids).await? {
            loaded[of[&id]].standings.push(open);
        }
        for (id, open) in self.store.open_cases(&ids).await? {
            loaded[of[&id]].cases.push(open);
        }
        self.histories(&mut loaded).await?;
        loaded.into_iter().for_each(|thing| things.put(thing));
        Ok(())
    }

    async fn histories(&self, things: &mut [Thing]) -> Result<(), Error> {
        let zone = &self.log.genesis().zone;
        let streams: BTreeSet<Subject> =
            things.iter().flat_map(|thing| std::iter::once(thing.history.subject()).chain(&thing.touches)).cloned().collect();
        let mut events: HashMap<Subject, Vec<Recorded>> = HashMap::new();
        let wanted: Vec<&Subject> = streams.iter().collect();
        for row in self.log.streams(&Scope::Everything, &wanted, self.until).await? {
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
}
