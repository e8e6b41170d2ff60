//! `MetricsService`: figures.

use super::{
    asked::{self, Scoped},
    small::refuse_series,
    unanswered,
};
use crate::{
    Node,
    auth::caller,
    node::{Gate, Reading},
    status::refused,
};
use jiff::{ToSpan, civil::Date};
use std::{collections::BTreeMap, sync::Arc};
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, Refusal, Scope,
    metric::{Metric, small},
    permit::{Caller, Right},
};
use xiaoer_projections::{Error, Figure};
use xiaoer_wire::v1::{
    GetFirstAskRequest, GetFirstAskResponse, GetMetricRequest, GetOneVisitRequest, GetOneVisitResponse, GetSeriesRequest,
    GetSeriesResponse, GetZeroBacklogRequest, GetZeroBacklogResponse, ListMetricsRequest, ListMetricsResponse, LogPosition,
    MetricInfo, MetricScope, MetricValue, Period, Quantile, SeriesPoint, SeriesStep, metrics_service_server::MetricsService,
};

/// Most points of a series.
const POINTS_MAX: usize = 4_000;
/// Figures of a named answer whose members are other things than the rest: contacts beside cases, items beside cases.
const OF_OTHER_THINGS: [Metric; 2] = [Metric::PromisesOverdue, Metric::VisitRateItem];

pub(crate) struct Metrics {
    node: Arc<Node>,
}

impl Metrics {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    fn reading<'a>(&'a self, caller: &'a Caller, call: &str, scope: Option<&MetricScope>) -> Reading<'a> {
        asked::reading(&self.node, caller, &format!("MetricsService/{call}"), Right::Figures, scope)
    }

    async fn value(&self, caller: &Caller, request: &GetMetricRequest) -> Result<MetricValue, Error> {
        let scope = request.scope.as_ref();
        let reading = self.reading(caller, "GetMetric", scope).of_metric(&request.metric_id);
        let value = async |gate: Gate<'_>| {
            let metric = asked::metric(&request.metric_id)?;
            let scoped = Scoped::settle(&gate, scope, &[metric]).await?;
            figure(&scoped, metric).await
        };
        reading.read(value).await
    }

    /// Several figures of one scope, settled once, so that they reflect the same. A figure that lacks a dimension of the scope is
    /// left out where it is one of a part of the answer that has other things for members.
    async fn values<const N: usize>(
        &self,
        caller: &Caller,
        call: &str,
        metrics: [Metric; N],
        scope: Option<&MetricScope>,
    ) -> Result<[Option<MetricValue>; N], Status> {
        let mut names: Vec<&str> =
            scope.map_or(Vec::new(), |scope| scope.r#where.iter().map(|dimension| &*dimension.name).collect());
        if scope.is_some_and(|scope| asked::seen(caller, Right::Figures, scope) != Scope::Everything) {
            names.push("unit");
        }
        let lacks = |metric: Metric| names.iter().any(|name| !metric.def().dimensions.contains(name));
        let asked: Vec<Metric> =
            metrics.into_iter().filter(|&metric| !(OF_OTHER_THINGS.contains(&metric) && lacks(metric))).collect();
        let all = async |gate: Gate<'_>| {
            let scoped = Scoped::settle(&gate, scope, &asked).await?;
            let mut values = [const { None }; N];
            for (value, metric) in values.iter_mut().zip(metrics).filter(|(_, metric)| asked.contains(metric)) {
                *value = Some(figure(&scoped, metric).await?);
            }
            Ok(values)
        };
        self.reading(caller, call, scope).read(all).await.map_err(|error: Error| unanswered(&error))
    }

    async fn series(&self, caller: &Caller, request: &GetSeriesRequest) -> Result<Vec<SeriesPoint>, Error> {
        let reading = self.reading(caller, "GetSeries", request.scope.as_ref()).of_metric(&request.metric_id);
        reading.read(|gate| points(gate, request)).await
    }
}

async fn points(gate: Gate<'_>, request: &GetSeriesRequest) -> Result<Vec<SeriesPoint>, Error> {
    let metric = asked::metric(&request.metric_id)?;
    if !request.by.is_empty() {
        asked::dimension(&request.by, &[metric]).map_err(|refusal| refusal.at("by"))?;
    }
    let step = SeriesStep::try_from(request.step).map_err(|_| Refusal::new(Code::UnknownEnum, "no step").at("step"))?;
    let mut scoped = Scoped::settle(&gate, request.scope.as_ref(), &[metric]).await?;
    let (from, to) = scoped.period;
    if scoped.least.is_some() {
        return Err(refuse_series().into());
    }
    if from == Date::MIN || to == Date::MAX {
        return Err(Refusal::new(Code::MissingField, "a series has a first and a last day").at("scope.period").into());
    }
    let mut points = Vec::new();
    for (first, last) in steps(from, to, step)? {
        scoped.period = (first, last);
        let parts = by_part(&scoped, metric, &request.by).await?;
        for (part, value) in parts {
            let period = Some(Period { from: first.to_string(), to: last.to_string() });
            points.push(SeriesPoint { period, dimension_value: part, value: Some(value) });
        }
        if points.len() > POINTS_MAX {
            return Err(too_long().into());
        }
    }
    Ok(points)
}

fn too_long() -> Refusal {
    Refusal::new(Code::SeriesTooLong, format!("more than {POINTS_MAX} points")).at("scope.period")
}

/// First and last day of each step, cut to the period.
fn steps(from: Date, to: Date, step: SeriesStep) -> Result<Vec<(Date, Date)>, Refusal> {
    let mut steps = Vec::new();
    let mut first = from;
    while first <= to {
        let next = match step {
            SeriesStep::Day => first.checked_add(1.day()),
            SeriesStep::Week => first.checked_add((7 - i64::from(first.weekday().to_monday_zero_offset())).days()),
            SeriesStep::Month | SeriesStep::Unspecified => first.first_of_month().checked_add(1.month()),
        };
        let next = next.unwrap_or(Date::MAX);
        steps.push((first, next.yesterday().unwrap_or(next).min(to)));
        if steps.len() > POINTS_MAX {
            return Err(too_long());
        }
        first = next;
    }
    Ok(steps)
}

/// A figure over all logs of a scope.
async fn figure(scoped: &Scoped, metric: Metric) -> Result<MetricValue, Error> {
    let parts = by_part(scoped, metric, "").await?;
    // Without a dimension there is exactly one part.
    Ok(parts.into_values().next().unwrap_or_default())
}

/// Figures over all logs of a scope, by the values of a dimension.
async fn by_part(scoped: &Scoped, metric: Metric, by: &str) -> Result<BTreeMap<String, MetricValue>, Error> {
    let mut figures: BTreeMap<String, Figure> = BTreeMap::new();
    let mut answer = MetricValue { metric_id: metric.id().into(), version: metric.def().version, ..MetricValue::default() };
    for (served, known) in &scoped.logs {
        let question = scoped.question(known, metric)?;
        for (part, figure) in served.projection.figure(&served.knowing, &question, by).await? {
            figures.entry(part).or_default().add(figure);
        }
        let log = served.log.genesis();
        // How many events a sealed log holds is told to those alone who are told small counts.
        if scoped.least.is_none() {
            answer.positions.push(LogPosition { log: log.name.to_string(), position: known.position });
        }
        answer.known_at = answer.known_at.max_by_time(known.at);
        answer.valid_on = answer.valid_on.max(question.valid_on.to_string());
        answer.synthetic |= log.synthetic;
    }
    Ok(figures.into_iter().map(|(part, figure)| (part, told(answer.clone(), metric, &figure, scoped.least))).collect())
}

/// The later of two times.
trait MaxByTime {
    fn max_by_time(self, at: jiff::Timestamp) -> Self;
}

impl MaxByTime for Option<xiaoer_wire::time::Timestamp> {
    fn max_by_time(self, at: jiff::Timestamp) -> Self {
        let at: xiaoer_wire::time::Timestamp = at.into();
        Some(self.filter(|held| (held.seconds, held.nanos) > (at.seconds, at.nanos)).unwrap_or(at))
    }
}

/// A figure as the caller is told it.
fn told(answer: MetricValue, metric: Metric, figure: &Figure, least: Option<u64>) -> MetricValue {
    let Some(least) = least else { return filled(answer, metric, figure) };
    if !small::tells(metric, &figure.tally, least) {
        return MetricValue { suppressed: true, ..answer };
    }
    let of_size = |count: u64| if count < least { 0 } else { count };
    let filled = filled(answer, metric, figure);
    MetricValue { unknown: of_size(filled.unknown), excluded: of_size(filled.excluded), ..filled }
}

fn filled(answer: MetricValue, metric: Metric, figure: &Figure) -> MetricValue {
    let shape = metric.def().shape;
    let quantiles = match figure.quantiles() {
        Some(q) if shape == xiaoer_domain::metric::Shape::Distribution => {
            [(0.5, q.median), (0.9, q.p90), (1.0, q.max)].map(|(q, value)| Quantile { q, value }).into()
        }
        _ => Vec::new(),
    };
    MetricValue {
        value: figure.value(shape),
        numerator: figure.tally.numerator,
        denominator: figure.denominator(shape),
        unknown: figure.tally.unknown,
        excluded: figure.tally.excluded,
        quantiles,
        ..answer
    }
}

fn info(metric: Metric) -> MetricInfo {
    let def = metric.def();
    MetricInfo {
        metric_id: def.id.into(),
        version: def.version,
        name_zh: def.zh.into(),
        name_en: def.en.into(),
        shape: def.shape.code().into(),
        numerator: def.numerator.into(),
        denominator: def.denominator.into(),
        exclusions: def.exclusions.into(),
        dimensions: def.dimensions.iter().map(|&name| name.into()).collect(),
        source: def.source.into(),
        diagnostic: def.diagnostic,
    }
}

#[tonic::async_trait]
impl MetricsService for Metrics {
    async fn get_metric(&self, request: Request<GetMetricRequest>) -> Result<Response<MetricValue>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        self.value(&caller, &request).await.map(Response::new).map_err(|error| unanswered(&error))
    }

    async fn list_metrics(&self, request: Request<ListMetricsRequest>) -> Result<Response<ListMetricsResponse>, Status> {
        let id = request.into_inner().metric_id;
        let metrics = match id.as_str() {
            "" => Metric::ALL.iter().map(|&metric| info(metric)).collect(),
            id => vec![info(asked::metric(id).map_err(|refusal| refused(&refusal))?)],
        };
        Ok(Response::new(ListMetricsResponse { metrics }))
    }

    async fn get_zero_backlog(&self, request: Request<GetZeroBacklogRequest>) -> Result<Response<GetZeroBacklogResponse>, Status> {
        use Metric as M;
        let metrics = [
            M::BacklogPromised,
            M::BacklogStatutory,
            M::BacklogReceipt,
            M::ZeroBacklogDays,
            M::OnTimeRatePromised,
            M::OnTimeRateStatutory,
            M::ClosedOnTime,
            M::BacklogDelivery,
            M::PromisesOverdue,
            M::BacklogMember,
        ];
        let caller = caller(&request)?;
        let values = self.values(&caller, "GetZeroBacklog", metrics, request.into_inner().scope.as_ref()).await?;
        let [backlog_promised, backlog_statutory, backlog_receipt, zero_backlog_days, rest @ ..] = values;
        let [on_time_rate_promised, on_time_rate_statutory, closed_on_time, backlog_delivery, promises_overdue, backlog_member] =
            rest;
        Ok(Response::new(GetZeroBacklogResponse {
            backlog_promised,
            backlog_statutory,
            backlog_receipt,
            zero_backlog_days,
            on_time_rate_promised,
            on_time_rate_statutory,
            closed_on_time,
            backlog_delivery,
            promises_overdue,
            backlog_member,
        }))
    }

    async fn get_first_ask(&self, request: Request<GetFirstAskRequest>) -> Result<Response<GetFirstAskResponse>, Status> {
        let metrics = [Metric::FirstAskRate, Metric::FirstAskRefused, Metric::FirstAskBreaches, Metric::FirstAskReplyWd];
        let caller = caller(&request)?;
        let [first_ask_rate, first_ask_refused, first_ask_breaches, first_ask_reply_wd] =
            self.values(&caller, "GetFirstAsk", metrics, request.into_inner().scope.as_ref()).await?;
        Ok(Response::new(GetFirstAskResponse { first_ask_rate, first_ask_refused, first_ask_breaches, first_ask_reply_wd }))
    }

    async fn get_one_visit(&self, request: Request<GetOneVisitRequest>) -> Result<Response<GetOneVisitResponse>, Status> {
        use Metric as M;
        let metrics = [
            M::VisitRateItem,
            M::VisitRateCase,
            M::VisitShare0,
            M::VisitShare1,
            M::GovFaultVisits,
            M::OneTimeRate,
            M::NoticeInTime,
        ];
        let caller = caller(&request)?;
        let [visit_rate_item, visit_rate_case, visit_share_0, visit_share_1, rest @ ..] =
            self.values(&caller, "GetOneVisit", metrics, request.into_inner().scope.as_ref()).await?;
        let [gov_fault_visits, one_time_rate, notice_in_time] = rest;
        Ok(Response::new(GetOneVisitResponse {
            visit_rate_item,
            visit_rate_case,
            visit_share_0,
            visit_share_1,
            gov_fault_visits,
            one_time_rate,
            notice_in_time,
        }))
    }

    async fn get_series(&self, request: Request<GetSeriesRequest>) -> Result<Response<GetSeriesResponse>, Status> {
        let caller = caller(&request)?;
        let points = self.series(&caller, &request.into_inner()).await.map_err(|error| unanswered(&error))?;
        Ok(Response::new(GetSeriesResponse { points }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn steps_cover_the_period_without_a_gap() {
        let table = [
            (SeriesStep::Day, date(2026, 2, 27), date(2026, 3, 1), vec!["02-27..02-27", "02-28..02-28", "03-01..03-01"]),
            (SeriesStep::Week, date(2026, 5, 1), date(2026, 5, 12), vec!["05-01..05-03", "05-04..05-10", "05-11..05-12"]),
            (SeriesStep::Month, date(2026, 1, 31), date(2026, 3, 2), vec!["01-31..01-31", "02-01..02-28", "03-01..03-02"]),
        ];
        for (step, from, to, expected) in table {
            let found: Vec<_> = steps(from, to, step)
                .unwrap()
                .into_iter()
                .map(|(a, b)| format!("{}..{}", &a.to_string()[5..], &b.to_string()[5..]))
                .collect();
            assert_eq!(found, expected, "{step:?}");
        }
        assert_eq!(steps(date(2000, 1, 1), date(2026, 1, 1), SeriesStep::Day).unwrap_err().code, Code::SeriesTooLong);
    }
}
