//! Whether two projections of a log say the same, as known at a position.
//!
//! Compared is what a question may still see: a row whose first day had not come by then may be deleted by what came after. The cells
//! are compared as they are with what came since taken back, and as they were by what they answer: each has versions of its own.

use crate::{
    Cursor, Error, Store, sql,
    tables::{span, text},
    tally::{Span, has_cells},
};
use jiff::civil::Date;
use xiaoer_domain::{Subject, metric::Metric};

/// Numbers looked at in one statement; a thing and each of its rows have one.
const NUMBERS: i64 = 20_000;
/// Things that differ, named in what is said.
const NAMED_MAX: usize = 5;

/// What two projections say differently.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    pub things: u64,
    /// Cells of the counts.
    pub cells: u64,
    /// Rows by which records of an access log are found.
    pub accesses: u64,
    /// The first of them.
    pub named: Vec<Subject>,
}

impl Differences {
    fn add(&mut self, subject: Subject) {
        self.things += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(subject);
        }
    }
}

impl std::fmt::Display for Differences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named: Vec<_> = self.named.iter().map(ToString::to_string).collect();
        let Self { things, cells, accesses, .. } = self;
        write!(f, "{things} things, {cells} counts and {accesses} ways to a read differ from what answers: {}", named.join(", "))
    }
}

impl Store {
    /// What differs between two projections as known at a position, of the days up to one. The database compares: reading millions of
    /// rows to do it here took as long as writing them.
    pub(crate) async fn compare(&self, live: &Cursor, built: &Cursor, position: u64, day: Date) -> Result<Differences, Error> {
        let mut differences = Differences::default();
        for (of, other, only_missing) in [(built, live, 0), (live, built, 1)] {
            let (mut after, end) = (of.numbers().0 - 1, self.next_number(of).await?);
            while after < end {
                let last = after + NUMBERS;
                let mut reader = self.readers.acquire().await?;
                let query = reader.query(&sql::THINGS_DIFFER).bind(of.id).bind(other.id).bind(after).bind(last);
                for row in query.bind(position.cast_signed()).bind(text(day)).bind(only_missing).all().await? {
                    differences.add(Subject::new(row.get(0)?, row.get(1)?, row.get(2)?));
                }
                after = last;
            }
            differences.accesses += self.accesses_missing(of, other, position).await?;
        }
        for metric in Metric::ALL.iter().copied().filter(|metric| has_cells(*metric)) {
            let mut reader = self.readers.acquire().await?;
            let query =
                reader.query(&sql::TALLY_DIFFERS).bind(live.id).bind(built.id).bind(metric.id()).bind(position.cast_signed());
            let query =
                query.bind(text(day)).bind(span(Span::Month(day)).into_owned()).bind(i64::from(metric.def().shape.is_of_a_night()));
            let row = query.first().await?;
            differences.cells += row.map_or(Ok(0), |row| row.get::<i64>(0))?.unsigned_abs();
        }
        Ok(differences)
    }

    /// How many rows by which records are found one projection has and another has not, up to a position.
    async fn accesses_missing(&self, of: &Cursor, other: &Cursor, position: u64) -> Result<u64, Error> {
        let (mut missing, mut after) = (0, (String::new(), 0_i64));
        loop {
            let mut reader = self.readers.acquire().await?;
            let query = reader.query(&sql::ACCESSES_DIFFER).bind(of.id).bind(other.id).bind(&after.0).bind(after.1);
            let Some(row) = query.bind(position.cast_signed()).bind(NUMBERS).first().await? else { return Ok(missing) };
            missing += row.get::<i64>(2)?.unsigned_abs();
            after = (row.get(0)?, row.get(1)?);
        }
    }
}
