//! Figures from the cells: which of them add up to what a question asks, and what they say.

use crate::{
    Error, Projection, Question,
    answer::{Figure, days_of},
    sql,
    tables::{UNIT, place_of, span, text},
    tally::{Span, has_cells},
};
use jiff::civil::Date;
use std::collections::BTreeMap;
use xiaoer_domain::metric::{Days, Metric, Place};

/// What a question asks that the cells can say: of everything, of each unit, or of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut<'a> {
    dimension: &'static str,
    /// Empty for each.
    unit: &'a str,
    by_unit: bool,
}

impl<'a> Cut<'a> {
    /// Nothing where only the members can say it.
    pub fn of(question: &'a Question, by: &str) -> Option<Self> {
        let [unit, others @ ..] = question.of.values();
        if !matches!(by, "" | "unit") || others.iter().any(|value| !value.is_empty()) {
            return None;
        }
        let by_unit = by == "unit";
        Some(Self { dimension: if by_unit || !unit.is_empty() { UNIT } else { "" }, unit, by_unit })
    }
}

/// What cells add up to.
struct Counted {
    part: String,
    place: Place,
    /// What this night adds to the one before it; none for all nights before the first that was asked about.
    night: Option<Date>,
    n: i64,
    total: f64,
}

impl Projection {
    /// A figure by part; nothing where the cells do not say it.
    pub(crate) async fn figure_of_cells(&self, question: &Question, by: &str) -> Result<Option<BTreeMap<String, Figure>>, Error> {
        let Some(cut) = Cut::of(question, by).filter(|_| has_cells(question.metric)) else { return Ok(None) };
        let (valid_on, from, to) = days_of(question);
        let mut sums: BTreeMap<(String, Place), (i64, f64)> = BTreeMap::new();
        for Counted { part, place, n, total, .. } in
            self.counted(question, question.metric, cut, (from, to), (valid_on, valid_on)).await?
        {
            let sum = sums.entry((part, place)).or_default();
            *sum = (sum.0 + n, sum.1 + total);
        }
        let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
        for ((part, place), (n, total)) in sums.into_iter().filter(|(_, (n, _))| *n != 0) {
            parts.entry(part).or_default().count(place, members(n)?, total);
        }
        Ok(Some(parts))
    }

    /// The stretches of nights, of those from one day to another, on which a metric has members; by part and place.
    pub(crate) async fn nights_of_cells(
        &self,
        question: &Question,
        metric: Metric,
        cut: Cut<'_>,
        nights: (Date, Date),
    ) -> Result<Vec<(String, Place, Days)>, Error> {
        let mut by_night: BTreeMap<(String, Place), BTreeMap<Date, i64>> = BTreeMap::new();
        for Counted { part, place, night, n, .. } in self.counted(question, metric, cut, (Date::MIN, Date::MAX), nights).await? {
            *by_night.entry((part, place)).or_default().entry(night.unwrap_or(Date::MIN)).or_default() += n;
        }
        let mut stretches = Vec::new();
        for ((part, place), changes) in by_night {
            let (mut n, mut since) = (0, None);
            for (night, change) in changes {
                n += change;
                match (members(n)? > 0, since) {
                    (true, None) => since = Some(night),
                    (false, Some(from)) => {
                        stretches.push((part.clone(), place, Days { from, until: night }));
                        since = None;
                    }
                    _ => {}
                }
            }
            stretches.extend(since.map(|from| (part, place, Days { from, until: Date::MAX })));
        }
        // One that ended before the first night is none of them.
        stretches.retain(|(.., valid)| valid.until > nights.0);
        Ok(stretches)
    }

    async fn counted(
        &self,
        question: &Question,
        metric: Metric,
        cut: Cut<'_>,
        period: (Date, Date),
        nights: (Date, Date),
    ) -> Result<Vec<Counted>, Error> {
        let mut reader = self.store().readers.acquire().await?;
        let mut query = reader
            .query(&sql::TALLY)
            .bind(self.cursor().id)
            .bind(metric.id())
            .bind(question.known.position.cast_signed())
            .bind(cut.dimension)
            .bind(cut.unit);
        for day in [period.0, period.1, nights.0, nights.1] {
            query = query.bind(text(day));
        }
        for bound in ranges(period, nights, cut.dimension.is_empty()).into_iter().flatten() {
            query = query.bind(bound);
        }
        let rows = query.all().await?;
        let read = |row: &xiaoer_journal::connection::Found| {
            let (place, night): (&str, &str) = (row.get(0)?, row.get(2)?);
            Ok(Counted {
                part: if cut.by_unit { row.get(1)? } else { String::new() },
                place: place_of(place).ok_or_else(|| wrong(format!("{place} is no place")))?,
                night: if night.is_empty() { None } else { Some(crate::tables::day(night, "tally")?) },
                n: row.get(3)?,
                total: row.get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn wrong(what: String) -> Error {
    Error::Corrupt { table: "tally", what }
}

fn members(n: i64) -> Result<u64, Error> {
    u64::try_from(n).map_err(|_| wrong(format!("{n} members")))
}

/// Which cells add up to a question: those of the whole time by two ranges of days, and others by three ranges of `counts_on`. Together
/// they hold each row that counts in the period once, in cells as large as there are: of months only where all units are meant.
fn ranges(period: (Date, Date), nights: (Date, Date), has_months: bool) -> [[String; 2]; 5] {
    let none = [String::new(), String::new()];
    let days = |first: Date, last: Date| [first, last].map(|day| span(Span::Day(day)).into_owned());
    let months = |first: Date, last: Date| [first, last].map(|day| span(Span::Month(day)).into_owned());
    let (first, last) = period;
    let mut ranges = [const { [String::new(), String::new()] }; 5];
    if period == (Date::MIN, Date::MAX) {
        let month = if has_months { nights.0.first_of_month() } else { Date::MIN };
        ranges[0] = month.yesterday().map_or(none, |last| months(Date::MIN, last));
        ranges[1] = days(month, nights.1);
        return ranges;
    }
    // The months that lie in the period as a whole, from the first day of one to the last day of one.
    let whole_from = if first == first.first_of_month() { Some(first) } else { first.last_of_month().tomorrow().ok() };
    let whole_to = if last == last.last_of_month() { Some(last) } else { last.first_of_month().yesterday().ok() };
    let Some((from, to)) = whole_from.zip(whole_to).filter(|(from, to)| has_months && from < to) else {
        ranges[2] = days(first, last);
        return ranges;
    };
    ranges[2] = months(from, to);
    ranges[3] = from.yesterday().map_or(none.clone(), |end| days(first, end));
    ranges[4] = to.tomorrow().map_or(none, |begin| days(begin, last));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{ToSpan as _, civil::date};

    /// Each day of a period is in one range, as itself or within its month, and no other day is.
    #[test]
    fn the_ranges_of_a_period_hold_each_of_its_days_once() {
        let (begin, end) = (date(2025, 12, 1), date(2026, 5, 31));
        let nights = (end, end);
        let periods = [
            (date(2026, 2, 3), date(2026, 2, 3)),
            (date(2026, 2, 1), date(2026, 2, 28)),
            (date(2026, 1, 31), date(2026, 2, 1)),
            (date(2026, 1, 17), date(2026, 4, 30)),
            (date(2026, 1, 1), date(2026, 4, 3)),
            (date(2026, 2, 27), date(2026, 3, 30)),
            (Date::MIN, date(2026, 3, 30)),
            (date(2026, 3, 31), Date::MAX),
        ];
        for period in periods {
            let [.., months, before, after] = ranges(period, nights, true);
            let ranges = [months, before, after];
            for day in begin.series(1.day()).take_while(|day| *day <= end) {
                let keys = [span(Span::Day(day)), span(Span::Month(day))];
                let holds = |[first, last]: &&[String; 2]| keys.iter().any(|key| (&**first..=&**last).contains(&&**key));
                let held = ranges.iter().filter(holds).count();
                assert_eq!(held, usize::from((period.0..=period.1).contains(&day)), "{day} of {period:?}: {ranges:?}");
            }
        }
    }
}
