//! What figures of complaints leave a sealed log (domain.md S8, section 5): those of a whole month that is over, where no count is
//! small (`small_count`).
//!
//! Invariant: no two answers can be subtracted. What [`small`] promises holds of each, and nobody is told both a whole and its parts: a
//! unit its own figures, whoever sees all units their sum.

use super::asked;
use crate::node::Served;
use jiff::{Timestamp, civil::Date};
use xiaoer_domain::{
    Code, LogName, Refusal, Scope,
    knowledge::Knowledge,
    metric::{Metric, small},
    permit::{self, Caller},
};
use xiaoer_projections::{Error, Known, KnownAt};
use xiaoer_wire::v1::{Dimension, MetricScope};

/// A month as it is told, and the smallest count that is.
pub(crate) struct Month {
    /// When what was posted in time was in (`late_posted_wd`).
    pub known: Known,
    /// Smallest count that is told.
    pub least: u64,
}

/// Whether a scope asks a sealed log for figures that the caller is not told in full.
pub(crate) fn is_coarse(caller: &Caller, scope: &MetricScope) -> bool {
    scope.logs.iter().filter_map(|name| LogName::new(name)).any(|log| !permit::tells_small(caller, &log))
}

/// Refuses what could be subtracted from another answer.
pub(crate) fn refuse_narrow(scope: &MetricScope, seen: &Scope, metrics: &[Metric], period: (Date, Date)) -> Result<(), Refusal> {
    let refuse = |message: &str, field: &str| Err(Refusal::new(Code::SmallCounts, message).at(field).by_rule("small_count"));
    if scope.logs.len() > 1 {
        return refuse("figures of complaints are not added to others", "scope.logs");
    }
    if let Some(other) = metrics.iter().find(|metric| !metric.is_of_complaints()) {
        return refuse(&format!("{} is no figure of complaints", other.id()), "metric_id");
    }
    let of_own_unit = |dimension: &Dimension| *seen != Scope::Everything && dimension.name == "unit";
    if !scope.r#where.iter().all(of_own_unit) {
        return refuse("figures of complaints are told to a unit of itself, and to others of all units", "scope.where");
    }
    if scope.known_at.is_some() || !scope.valid_on.is_empty() || !scope.at_least.is_empty() {
        return refuse("a month of complaints is told as known at one time, which is not chosen", "scope.known_at");
    }
    if !small::is_month(period) {
        return refuse("figures of complaints are told of a whole month", "scope.period");
    }
    Ok(())
}

/// Settles a month of a sealed log. Calendar and rules are those that were known when it ended: what was said of it since would give it
/// a second answer.
pub(crate) async fn settle(served: &Served, to: Date, now: Timestamp) -> Result<Month, Error> {
    let ended = over(served, to, now)?;
    let position = served.log.position_at(ended.as_microsecond()).await?;
    let knowledge: &Knowledge = &*served.knowing.at(position.max(1)).await?;
    let at = over(served, small::posted_by(knowledge, to), now)?;
    let known = served.projection.settle(KnownAt::Time(at), 0, now).await?;
    Ok(Month { known, least: small::least(knowledge, to) })
}

/// The last microsecond of a day, where it has come.
fn over(served: &Served, day: Date, now: Timestamp) -> Result<Timestamp, Refusal> {
    asked::end_of(day, &served.log.genesis().zone).filter(|end| *end <= now).ok_or_else(|| {
        let message = format!("the figures of this month are not told before {day} is over");
        Refusal::new(Code::SmallCounts, message).at("scope.period.to").by_rule("late_posted_wd")
    })
}

/// That series are for those who are told everything.
pub(crate) fn refuse_series() -> Refusal {
    Refusal::new(Code::SmallCounts, "a series of figures of complaints is not told").at("metric_id").by_rule("small_count")
}
