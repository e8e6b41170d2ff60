//! Versions of rows: what is known now, and how it changes from one event to the next.

use crate::tally::Cells;
use jiff::civil::Date;
use std::collections::HashMap;

/// `known_to` of what is known now.
pub(crate) const NOW: u64 = i64::MAX as u64;

/// A row of a read table, without its known range.
pub(crate) trait Versioned: Clone + PartialEq {
    /// First day it holds on.
    fn valid_from(&self) -> Date;

    /// Counts it where it came (1), and no longer where it went (-1).
    fn count(&self, by: i8, cells: &mut Cells);
}

/// A row that is known now.
#[derive(Debug, Clone)]
pub(crate) struct Open<R> {
    pub row_id: i64,
    pub row: R,
}

/// A row to insert.
#[derive(Debug)]
pub(crate) struct Insert<R> {
    pub row_id: i64,
    pub thing_id: i64,
    pub known_from: u64,
    pub known_to: u64,
    pub row: R,
}

/// What a batch changes in one table. A row that begins and ends within the batch is written once, or never.
#[derive(Debug)]
pub(crate) struct Changes<R> {
    inserts: Vec<Option<Insert<R>>>,
    by_id: HashMap<i64, usize>,
    /// What all that came and went, also within the batch, changes in the cells.
    pub cells: Cells,
    pub closes: Vec<(i64, u64)>,
    pub drops: Vec<i64>,
}

impl<R> Default for Changes<R> {
    fn default() -> Self {
        Self { inserts: Vec::new(), by_id: HashMap::new(), cells: Cells::default(), closes: Vec::new(), drops: Vec::new() }
    }
}

impl<R: Versioned> Changes<R> {
    /// How many rows there are to insert.
    pub fn insert_count(&self) -> usize {
        self.inserts.iter().flatten().count()
    }

    /// Rows to insert.
    pub fn inserts(&self) -> Vec<&Insert<R>> {
        self.inserts.iter().flatten().collect()
    }

    /// Moves a thing's rows to what stands now. `position` is the event's and `day` the local date it was recorded on; `next` is
    /// the next number of a row.
    pub fn advance(&mut self, thing_id: i64, open: &mut Vec<Open<R>>, now: Vec<R>, position: u64, day: Date, next: &mut i64) {
        let mut new: Vec<_> = now.into_iter().map(Some).collect();
        open.retain(|held| {
            let same = new.iter_mut().find(|row| row.as_ref() == Some(&held.row));
            if let Some(row) = same {
                *row = None;
                return true;
            }
            self.end(held, position, day);
            false
        });
        for row in new.into_iter().flatten() {
            row.count(1, &mut self.cells);
            let row_id = *next;
            *next += 1;
            self.by_id.insert(row_id, self.inserts.len());
            open.push(Open { row_id, row: row.clone() });
            self.inserts.push(Some(Insert { row_id, thing_id, known_from: position, known_to: NOW, row }));
        }
    }

    /// Ends a row: it is no longer known from `position` on. One whose first day had not come was never true for any question.
    fn end(&mut self, held: &Open<R>, position: u64, day: Date) {
        held.row.count(-1, &mut self.cells);
        let never_true = held.row.valid_from() > day;
        match (self.by_id.get(&held.row_id), never_true) {
            (Some(&index), true) => self.inserts[index] = None,
            (Some(&index), false) => {
                if let Some(insert) = &mut self.inserts[index] {
                    insert.known_to = position;
                    // Two events of one batch can come and go at one position only across steps of a wide event.
                    if insert.known_from == position {
                        self.inserts[index] = None;
                    }
                }
            }
            (None, true) => self.drops.push(held.row_id),
            (None, false) => self.closes.push((held.row_id, position)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[derive(Debug, Clone, PartialEq)]
    struct Row(Date, u8);

    impl Versioned for Row {
        fn valid_from(&self) -> Date {
            self.0
        }

        fn count(&self, _: i8, _: &mut Cells) {}
    }

    #[test]
    fn a_row_lives_from_the_event_that_made_it_to_the_one_that_ended_it() {
        let (past, future) = (date(2026, 5, 1), date(2026, 6, 1));
        let today = date(2026, 5, 12);
        let mut next = 1;
        let mut open = vec![Open { row_id: -1, row: Row(past, 0) }, Open { row_id: -2, row: Row(future, 0) }];
        let mut changes = Changes::default();
        changes.advance(7, &mut open, vec![Row(past, 1), Row(future, 1)], 10, today, &mut next);
        changes.advance(7, &mut open, vec![Row(past, 1), Row(future, 2)], 11, today, &mut next);
        changes.advance(7, &mut open, vec![Row(past, 2), Row(future, 2)], 12, today, &mut next);
        assert_eq!(changes.closes, [(-1, 10)]);
        assert_eq!(changes.drops, [-2], "its day had not come");
        let rows: Vec<_> = changes.inserts().iter().map(|i| (i.known_from, i.known_to, i.row.1)).collect();
        assert_eq!(rows, [(10, 12, 1), (11, NOW, 2), (12, NOW, 2)], "the future row of 10 was never true");
    }
}
