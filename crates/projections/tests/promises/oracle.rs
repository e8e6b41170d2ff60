//! Answers by scanning the whole log, to hold the read tables' against.

use crate::site::question;
use jiff::civil::Date;
use std::collections::BTreeMap;
use xiaoer_domain::metric::{Metric, Place, Shape, Tally};
use xiaoer_journal::Log;
use xiaoer_projections::{Figure, Knowing, Known, Member, Projection, Question, Scanned};

/// Days of every period there is.
pub const ALWAYS: (Date, Date) = (Date::MIN, Date::MAX);

/// Metrics that are answered from rows.
pub fn of_rows() -> impl Iterator<Item = Metric> {
    Metric::ALL.iter().copied().filter(|metric| !metric.def().diagnostic && !metric.def().shape.is_derived())
}

/// Everything as known at a position.
pub struct Oracle {
    scanned: Scanned,
    known: Known,
}

impl Oracle {
    pub async fn at(log: &Log, knowing: &Knowing, known: Known) -> Self {
        Self { scanned: Scanned::of_rows(log, knowing, known.position).await.unwrap(), known }
    }

    /// The figure of a question and its parts are what the scan says, and so are the members. Says how many members it had.
    pub async fn check(&self, projection: &Projection, knowing: &Knowing, question: &Question, why: &str) -> usize {
        let what =
            format!("{why}, {} at {} on {} in {:?}", question.metric.id(), self.known.position, question.valid_on, question.period);
        let mut expected = self.scanned.figure(question, "");
        let expected = expected.remove("").unwrap_or_default();
        assert_eq!(whole(projection, knowing, question).await, shown(question.metric, expected.clone()), "{what}");
        let dimensions = question.metric.def().dimensions;
        let by = dimensions[usize::try_from(self.known.position).unwrap() % dimensions.len()];
        let parts: BTreeMap<String, Figure> = projection.figure(knowing, question, by).await.unwrap().into_iter().collect();
        let expected: BTreeMap<String, Figure> =
            self.scanned.figure(question, by).into_iter().map(|(part, figure)| (part, shown(question.metric, figure))).collect();
        assert_eq!(parts, expected, "{what} by {by}");
        let members = all_members(projection, knowing, question).await;
        assert_eq!(sorted(members.clone()), sorted(self.scanned.members(question)), "{what}");
        members.len()
    }

    /// The figure of a question by a dimension is what the scan says; gives the parts.
    pub async fn figures(
        &self,
        projection: &Projection,
        knowing: &Knowing,
        question: &Question,
        by: &str,
        why: &str,
    ) -> Vec<String> {
        let mut expected = self.scanned.figure(question, by);
        if by.is_empty() {
            expected.entry(String::new()).or_default();
        }
        let shown: BTreeMap<_, _> = expected.into_iter().map(|(part, figure)| (part, shown(question.metric, figure))).collect();
        let found: BTreeMap<_, _> = projection.figure(knowing, question, by).await.unwrap().into_iter().collect();
        assert_eq!(
            found,
            shown,
            "{why}, {} at {} on {} in {:?} by {by:?} of {:?}",
            question.metric.id(),
            self.known.position,
            question.valid_on,
            question.period,
            question.of.unit
        );
        found.into_keys().collect()
    }

    /// `zero_backlog_days` by looking at every night for itself; of one unit, or of all where it is empty.
    pub fn zero_backlog_days(&self, days: &[(Date, Vec<Metric>)], unit: &str) -> Tally {
        let mut tally = Tally::default();
        for (day, metrics) in days {
            let on = |metric: Metric| {
                let mut asked = question(metric, self.known, *day, ALWAYS);
                unit.clone_into(&mut asked.of.unit);
                self.scanned.figure(&asked, "").remove("").unwrap_or_default().tally
            };
            let nights: Vec<Tally> = metrics.iter().map(|metric| on(*metric)).collect();
            tally.add(match () {
                () if nights.iter().any(|night| night.numerator > 0) => Place::Denominator,
                () if nights.iter().any(|night| night.unknown > 0) => Place::Unknown,
                () => Place::Numerator,
            });
        }
        tally
    }
}

/// Values of members are a part of the figure of a distribution only.
fn shown(metric: Metric, mut figure: Figure) -> Figure {
    if metric.def().shape != Shape::Distribution {
        figure.values.clear();
    }
    figure
}

/// The figure without parts.
pub async fn whole(projection: &Projection, knowing: &Knowing, question: &Question) -> Figure {
    let parts = projection.figure(knowing, question, "").await.unwrap();
    assert_eq!(parts.len(), 1, "without a dimension there is one part");
    parts.into_iter().next().unwrap().1
}

/// The members behind a figure, page by page.
pub async fn all_members(projection: &Projection, knowing: &Knowing, question: &Question) -> Vec<Member> {
    let mut all: Vec<Member> = Vec::new();
    loop {
        let after = all.last().map_or(0, |member| member.row_id);
        let page = projection.members(knowing, question, after).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Members by place.
pub fn tally(members: &[Member]) -> Tally {
    let mut tally = Tally::default();
    members.iter().for_each(|member| tally.add(member.place));
    tally
}

/// In an order that does not depend on rows.
pub fn sorted(mut members: Vec<Member>) -> Vec<Member> {
    members.iter_mut().for_each(|member| member.row_id = 0);
    members.sort_by_key(|member| format!("{member:?}"));
    members
}
