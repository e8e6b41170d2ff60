//! Cells: how many members there are by day, kept beside the rows in the same transaction, so that a figure need not read its members.
//!
//! A row adds one to the cell of its first day and takes one from that of the first day no more, so that the members of a day are
//! what the cells up to it add up to; cells in which nothing is go. What a batch changes is gathered here in the finest cells and
//! written to all that hold it: of every day and every month, of everything and of each unit.
//!
//! The cells in `tally` are those of the last event that was applied. From time to time, and before every wide event that takes
//! steps of its own, a *mark* is put between two batches: a cell that changes after it for the first time is kept in `tally_before`
//! as it was. A question takes the cells as of the first mark that is not before its position, or as they are, and takes back what
//! the rows say came or went since: so it reads no more rows than lie between two marks, and is exact.
//!
//! Always back, never on: a row that went before its first day came is deleted, and the cells no longer count it. Where they are read
//! as of a position before it went they may lack it or not, for its days had not come and nobody may ask about them.

use crate::{Cursor, fold::StandingRow, rows::Versioned as _};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use xiaoer_domain::{
    event::CodeText,
    metric::{Metric, Place, Shape},
};

/// Events between two marks, at least: what a question of an earlier time may have to take back. More of them make such questions
/// slower, fewer keep more versions of the cells.
pub(crate) const MARK_EVENTS: u64 = 16_384;

/// Cells held as changed since the last mark. Beyond them, as in a wide event that moves everything, each is looked up again, and those
/// in which nothing is stay until a worker begins.
const CHANGED_MAX: usize = 65_536;

/// Whether a metric has cells. A distribution is read from its members whatever is asked.
pub(crate) fn has_cells(metric: Metric) -> bool {
    let def = metric.def();
    !def.diagnostic && !matches!(def.shape, Shape::Distribution | Shape::Days)
}

/// Which days, or days of the period, a cell is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Span {
    /// The month of a day.
    Month(Date),
    /// All of them.
    All,
    /// One.
    Day(Date),
}

impl Span {
    fn month(day: Date) -> Self {
        Self::Month(day.first_of_month())
    }
}

/// Which cell.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub metric: Metric,
    /// Of a unit, or of everything.
    pub unit: Option<CodeText>,
    pub counts_on: Span,
    pub day: Span,
    pub place: Place,
}

/// How many, and what their values add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Sum {
    pub n: i64,
    pub total: f64,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.n += other.n;
        self.total += other.total;
    }

    fn is_nothing(&self) -> bool {
        self.n == 0 && self.total == 0.0
    }
}

/// What rows that came and went change in the finest cells.
#[derive(Debug, Default)]
pub(crate) struct Cells(HashMap<(Metric, CodeText, Date, Date, Place), Sum>);

impl Cells {
    /// A row came (1) or went (-1).
    pub fn count(&mut self, row: &StandingRow, by: i8) {
        if !has_cells(row.metric) {
            return;
        }
        // A figure of a night is asked whatever day its members came in.
        let counts_on = if row.metric.def().shape.is_of_a_night() { Date::MAX } else { row.counts_on };
        for (day, by) in [(row.valid_from(), by), (row.valid.until, -by)] {
            if day != Date::MAX {
                let key = (row.metric, row.dims.unit.clone(), counts_on, day, row.place);
                let sum = Sum { n: by.into(), total: f64::from(by) * row.value.unwrap_or(0.0) };
                self.0.entry(key).or_default().add(sum);
            }
        }
    }

    /// What changes in all cells, in the order they are kept in.
    fn summed(self) -> Vec<(Key, Sum)> {
        let mut all: HashMap<Key, Sum> = HashMap::new();
        for ((metric, unit, counts_on, day, place), sum) in self.0.into_iter().filter(|(_, sum)| !sum.is_nothing()) {
            for (counts_on, day, is_of_units) in spans(metric, counts_on, day) {
                let of_unit = is_of_units.then(|| Some(unit.clone()));
                for unit in [None].into_iter().chain(of_unit) {
                    all.entry(Key { metric, unit, counts_on, day, place }).or_default().add(sum);
                }
            }
        }
        let mut all: Vec<_> = all.into_iter().filter(|(_, sum)| !sum.is_nothing()).collect();
        all.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        all
    }
}

/// The cells that hold a day, and whether each unit has such. Those of months make a long time quick to sum; units do without, whose
/// cells are most of all that is written.
fn spans(metric: Metric, counts_on: Date, day: Date) -> impl Iterator<Item = (Span, Span, bool)> {
    let always = [(Span::All, Span::month(day), false), (Span::All, Span::Day(day), true)];
    let of_period = [(Span::month(counts_on), Span::Day(day), false), (Span::Day(counts_on), Span::Day(day), true)];
    always.into_iter().chain(of_period.into_iter().filter(move |_| !metric.def().shape.is_of_a_night()))
}

/// How the cells of a projection are written: after which mark, and which of them are known to be there.
#[derive(Debug)]
pub(crate) struct Tallying {
    every: u64,
    mark: u64,
    /// Those that changed after the mark. They have a version of their own, and are there until the next one.
    changed: HashSet<Key>,
}

/// What a batch writes to the cells.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// They hold after this mark,
    pub mark: u64,
    /// which is put by this batch.
    pub is_new: bool,
    /// Cells that changed after the mark before: those of them go in which nothing is.
    pub ended: Vec<Key>,
    /// Cells that change for the first time after the mark.
    pub first: Vec<(Key, Sum)>,
    /// Those that changed before.
    pub again: Vec<(Key, Sum)>,
}

impl Tallying {
    /// After the last mark, with at least so many events to the next.
    pub fn new(mark: u64, every: u64) -> Self {
        Self { every, mark, changed: HashSet::new() }
    }

    /// What a batch that moves the cursor from one place to another writes, given what it changes.
    pub fn moves(&mut self, before: &Cursor, after: &Cursor, cells: Cells) -> Moves {
        // Of the millions of rows that a wide event may move, none is to be taken back by who asks what was known before it.
        let opens_wide = before.wide_position == 0 && after.wide_position != 0;
        let is_due = before.wide_position == 0 && before.position.saturating_sub(self.mark) >= self.every;
        let is_new = before.position > self.mark && (opens_wide || is_due);
        let mut moves = Moves { is_new, ..Moves::default() };
        if is_new {
            self.mark = before.position;
            moves.ended = self.changed.drain().collect();
            moves.ended.sort_unstable();
        }
        moves.mark = self.mark;
        for (key, sum) in cells.summed() {
            if self.changed.contains(&key) {
                moves.again.push((key, sum));
            } else {
                if self.changed.len() < CHANGED_MAX {
                    self.changed.insert(key.clone());
                }
                moves.first.push((key, sum));
            }
        }
        moves
    }
}
