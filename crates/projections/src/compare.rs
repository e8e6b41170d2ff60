//! Whether two projections of a log say the same, as known at a position.
//!
//! Compared is what a question may still see: a row whose first day had not come by then may be deleted by what came after.

use crate::{
    Cursor, Error, Store, sql,
    tables::{Found, json, read_case, read_standing, read_thing, text},
};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashSet};
use xiaoer_domain::Subject;

/// Things compared at a time.
const PAGE: i64 = 500;
/// Things that differ, named in what is said.
const NAMED_MAX: usize = 5;

/// Things of which two projections say different things.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub things: u64,
    /// The first of them.
    pub named: Vec<Subject>,
}

impl Differences {
    fn add(&mut self, subject: &Subject) {
        self.things += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(subject.clone());
        }
    }
}

impl std::fmt::Display for Differences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named: Vec<_> = self.named.iter().map(ToString::to_string).collect();
        write!(f, "{} things differ from what answers: {}", self.things, named.join(", "))
    }
}

impl Store {
    /// What differs between two projections as known at a position, of the days up to one.
    pub(crate) async fn compare(&self, live: &Cursor, built: &Cursor, position: u64, day: Date) -> Result<Differences, Error> {
        let known = Known { store: self, position: position.cast_signed(), day: text(day) };
        let mut differences = Differences::default();
        let mut after = 0;
        while let Some(page) = known.page(built, &mut after).await? {
            let there = known.same_things(live, &page).await?;
            let (here, there) = (known.rows(&page).await?, known.rows(&there).await?);
            let differ = page.iter().filter(|thing| here.get(&thing.subject) != there.get(&thing.subject));
            differ.for_each(|thing| differences.add(&thing.subject));
        }
        after = 0;
        while let Some(mut page) = known.page(live, &mut after).await? {
            let there: HashSet<Subject> = known.same_things(built, &page).await?.into_iter().map(|thing| thing.subject).collect();
            page.retain(|thing| !there.contains(&thing.subject));
            known.rows(&page).await?.keys().for_each(|subject| differences.add(subject));
        }
        Ok(differences)
    }
}

/// What is known at a position.
struct Known<'a> {
    store: &'a Store,
    position: i64,
    day: String,
}

impl Known<'_> {
    /// The next things of a projection.
    async fn page(&self, of: &Cursor, after: &mut i64) -> Result<Option<Vec<Found>>, Error> {
        let (from, to) = of.numbers();
        let mut reader = self.store.readers.acquire().await?;
        let query = reader.query(&sql::THINGS_PAGE).bind(from.max(*after)).bind(to).bind(PAGE);
        let page: Vec<Found> = query.all().await?.iter().map(read_thing).collect::<Result<_, _>>()?;
        *after = page.last().map_or(*after, |last| last.thing_id);
        Ok((!page.is_empty()).then_some(page))
    }

    /// The same things in another projection.
    async fn same_things(&self, of: &Cursor, things: &[Found]) -> Result<Vec<Found>, Error> {
        let subjects: Vec<&Subject> = things.iter().map(|thing| &thing.subject).collect();
        self.store.find_things(of.id, &subjects).await
    }

    /// The rows of things, as texts in an order of their own; a thing without rows is not there.
    async fn rows(&self, things: &[Found]) -> Result<BTreeMap<Subject, Vec<String>>, Error> {
        let subjects: BTreeMap<i64, &Subject> = things.iter().map(|thing| (thing.thing_id, &thing.subject)).collect();
        let ids = json(&subjects.keys().collect::<Vec<_>>());
        let mut rows: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
        let mut reader = self.store.readers.acquire().await?;
        for (statement, known_from) in [(&sql::STANDINGS_KNOWN, 16), (&sql::CASE_STATES_KNOWN, 10)] {
            let query = reader.query(statement).bind(ids.as_str()).bind(self.position).bind(self.day.as_str());
            for row in query.all().await? {
                let (thing, text) = if known_from == 16 {
                    let (thing, open) = read_standing(&row)?;
                    (thing, format!("{:?}", open.row))
                } else {
                    let (thing, open) = read_case(&row)?;
                    (thing, format!("{:?}", open.row))
                };
                let known = (row.get::<i64>(known_from)?, row.get::<i64>(known_from + 1)?);
                rows.entry(subjects[&thing].clone()).or_default().push(format!("{known:?} {text}"));
            }
        }
        rows.values_mut().for_each(|rows| rows.sort_unstable());
        Ok(rows)
    }
}
