//! What a figure is, given the counts of its members by place.
//!
//! Promises: a rate over nothing is nothing, never 0 or 1 (domain.md section 3). Leaves counting to the projections.

use super::{Place, Shape};

/// Members of a figure by place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// At [`Place::Numerator`].
    pub numerator: u64,
    /// At [`Place::Denominator`]: in the denominator only.
    pub denominator_only: u64,
    /// At [`Place::Unknown`].
    pub unknown: u64,
    /// At [`Place::Excluded`].
    pub excluded: u64,
}

impl Tally {
    /// Counts one more member.
    pub fn add(&mut self, place: Place) {
        let bucket = match place {
            Place::Numerator => &mut self.numerator,
            Place::Denominator => &mut self.denominator_only,
            Place::Unknown => &mut self.unknown,
            Place::Excluded => &mut self.excluded,
        };
        *bucket += 1;
    }
}

/// Sums over the values of members by place.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sums {
    /// At [`Place::Numerator`].
    pub numerator: f64,
    /// At [`Place::Denominator`].
    pub denominator_only: f64,
}

impl Sums {
    /// Adds the values of members.
    pub fn add(&mut self, place: Place, sum: f64) {
        match place {
            Place::Numerator => self.numerator += sum,
            Place::Denominator => self.denominator_only += sum,
            Place::Unknown | Place::Excluded => {}
        }
    }
}

/// The denominator that is shown with a figure.
pub fn denominator(shape: Shape, tally: &Tally) -> u64 {
    match shape {
        Shape::Rate | Shape::Coverage | Shape::Days | Shape::Rank => tally.numerator + tally.denominator_only,
        Shape::Count | Shape::State | Shape::Distribution | Shape::Sum | Shape::Mean => tally.numerator,
        Shape::Per100 | Shape::Reduction => tally.denominator_only,
    }
}

/// The figure: a share for a rate, coverage or days, the number of members for a count or state, the median for a distribution,
/// the sum for a sum, members per hundred for [`Shape::Per100`], the mean for a mean, the share that the sum of the numerator lies
/// below that of the denominator for a reduction, and the place among the compared for a rank. `sorted` are the numerator's values in ascending order.
#[allow(clippy::cast_precision_loss)] // exact below 2^53 members
pub fn value(shape: Shape, tally: &Tally, sums: &Sums, sorted: &[f64]) -> Option<f64> {
    let (numerator, denominator) = (tally.numerator as f64, denominator(shape, tally) as f64);
    let per = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    match shape {
        Shape::Rate | Shape::Coverage | Shape::Days => per(numerator, denominator),
        Shape::Count | Shape::State => Some(numerator),
        Shape::Distribution => quantiles(sorted).map(|q| q.median),
        Shape::Sum => Some(sums.numerator),
        Shape::Mean => per(sums.numerator, denominator),
        Shape::Per100 => per(numerator, denominator).map(|share| share * 100.0),
        Shape::Reduction => per(sums.numerator, sums.denominator_only).map(|share| 1.0 - share),
        // The one that is left out is the district itself.
        Shape::Rank => (tally.unknown == 0 && tally.excluded == 1).then_some(1.0 + numerator),
    }
}

/// Quantiles by lower nearest rank: each is a value that occurred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantiles {
    /// Half of the values are at most this.
    pub median: f64,
    /// Nine tenths are at most about this.
    pub p90: f64,
    /// The greatest.
    pub max: f64,
}

/// Quantiles of values in ascending order; nothing where there is none.
pub fn quantiles(sorted: &[f64]) -> Option<Quantiles> {
    let last = sorted.len().checked_sub(1)?;
    Some(Quantiles { median: sorted[last / 2], p90: sorted[last * 9 / 10], max: sorted[last] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_each_shape() {
        let tally = |n, d| Tally { numerator: n, denominator_only: d, unknown: 7, excluded: 9 };
        let table = [
            (Shape::Rate, tally(17, 1), 18, Some(17.0 / 18.0)),
            (Shape::Rate, tally(0, 0), 0, None),
            (Shape::Coverage, tally(0, 4), 4, Some(0.0)),
            (Shape::Days, tally(0, 0), 0, None),
            (Shape::Count, tally(0, 0), 0, Some(0.0)),
            (Shape::State, tally(3, 0), 3, Some(3.0)),
            (Shape::Per100, tally(3, 50), 50, Some(6.0)),
            (Shape::Per100, tally(3, 0), 0, None),
            (Shape::Sum, tally(2, 0), 2, Some(12.5)),
            (Shape::Mean, tally(5, 0), 5, Some(2.5)),
            (Shape::Mean, tally(0, 0), 0, None),
            (Shape::Reduction, tally(5, 5), 5, Some(0.75)),
            (Shape::Distribution, tally(4, 0), 4, Some(2.0)),
        ];
        for (shape, tally, shown, figure) in table {
            assert_eq!(denominator(shape, &tally), shown, "{shape:?} {tally:?}");
            let sums = Sums { numerator: 12.5, denominator_only: 50.0 };
            assert_eq!(value(shape, &tally, &sums, &[1.0, 2.0, 3.0, 9.0]), figure, "{shape:?} {tally:?}");
        }
        let rank = |n, unknown, excluded| Tally { numerator: n, denominator_only: 5, unknown, excluded };
        for (tally, figure) in [
            (rank(0, 0, 1), Some(1.0)),
            (rank(2, 0, 1), Some(3.0)),
            (rank(2, 1, 1), None),
            (rank(0, 7, 0), None),
            (rank(2, 0, 2), None),
        ] {
            assert_eq!(value(Shape::Rank, &tally, &Sums::default(), &[]), figure, "{tally:?}");
        }
        for shape in [Shape::Distribution, Shape::Mean, Shape::Reduction, Shape::Rank] {
            assert_eq!(value(shape, &Tally::default(), &Sums::default(), &[]), None, "{shape:?}");
        }
    }

    #[test]
    fn quantiles_are_values_that_occurred() {
        let one_to = |n: u32| (1..=n).map(f64::from).collect::<Vec<_>>();
        for (n, median, p90) in [(1, 1.0, 1.0), (2, 1.0, 1.0), (3, 2.0, 2.0), (10, 5.0, 9.0), (11, 6.0, 10.0), (101, 51.0, 91.0)] {
            let expected = Quantiles { median, p90, max: f64::from(n) };
            assert_eq!(quantiles(&one_to(n)), Some(expected), "{n}");
        }
    }
}
