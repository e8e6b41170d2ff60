//! What figures of complaints leave a sealed log (domain.md S8, section 5): those of a whole month that is over, where no count is
//! small.
//!
//! Promises: two answers cannot be subtracted from each other. Months do not overlap, and each is told as known at one time.

use super::{Metric, Tally, denominator};
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// The months that are told are whole ones.
pub fn is_month((from, to): (Date, Date)) -> bool {
    from == to.first_of_month() && to == to.last_of_month()
}

/// The last day of posting that counts in a month's figures: what came later than `late_posted_wd` would have them change.
pub fn posted_by(knowledge: &Knowledge, last: Date) -> Date {
    knowledge.calendar.nth(last, knowledge.rules.count("late_posted_wd", last))
}

/// Smallest count of a month that is told (`small_count`).
pub fn least(knowledge: &Knowledge, last: Date) -> u64 {
    u64::from(knowledge.rules.count("small_count", last))
}

/// Whether no count that a figure shows, and no difference of two of them, is small.
pub fn tells(metric: Metric, tally: &Tally, least: u64) -> bool {
    let whole = denominator(metric.def().shape, tally);
    let rest = whole.saturating_sub(tally.numerator);
    tally.numerator >= least && whole >= least && (rest == 0 || rest >= least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, knowledge};

    #[test]
    fn small_counts_are_not_told() {
        let tally = |numerator, denominator_only| Tally { numerator, denominator_only, unknown: 2, excluded: 1 };
        for (metric, numerator, others, expected) in [
            (Metric::ComplaintOnTime, 5, 0, true),
            (Metric::ComplaintOnTime, 4, 0, false),
            (Metric::ComplaintOnTime, 0, 0, false),
            (Metric::ComplaintOnTime, 0, 20, false),
            // One of twenty is as easily known as nineteen.
            (Metric::ComplaintOnTime, 19, 1, false),
            (Metric::ComplaintOnTime, 16, 4, false),
            (Metric::ComplaintOnTime, 15, 5, true),
            (Metric::ComplaintOnTime, 4, 16, false),
            (Metric::ComplaintRepeats, 5, 0, true),
            (Metric::ComplaintRepeats, 4, 0, false),
        ] {
            assert_eq!(tells(metric, &tally(numerator, others), 5), expected, "{numerator} and {others}");
        }
    }

    #[test]
    fn months_and_when_they_are_told() {
        for (from, to, expected) in [
            ("05-01", "05-31", true),
            ("02-01", "02-28", true),
            ("05-01", "05-30", false),
            ("05-02", "05-31", false),
            ("04-01", "05-31", false),
        ] {
            assert_eq!(is_month((day(from), day(to))), expected, "{from} {to}");
        }
        // 30 April is a Thursday, and the next working day is Wednesday 6 May.
        assert_eq!(posted_by(&knowledge(&[]), day("04-30")), day("05-06"));
    }
}
