//! `xiaoer metrics` and `xiaoer explain`: figures and the members behind them.

use super::deadline;
use crate::{
    cli::{ExplainArgs, ExplainWhat, Lang, MetricsArgs, Step, To},
    client::{ANSWER_BYTES_MAX, Failure, connect, say, say_json, scope},
};
use std::collections::HashMap;
use xiaoer_server::Connection;
use xiaoer_wire::v1::{
    ExplainMetricRequest, ExplainMetricResponse, GetMetricRequest, GetSeriesRequest, ListMetricsRequest, MetricInfo, MetricScope,
    MetricValue, SeriesStep, Standing, audit_service_client::AuditServiceClient, metrics_service_client::MetricsServiceClient,
};

/// What the front page shows.
const FRONT: [&str; 10] = [
    "backlog_promised",
    "backlog_statutory",
    "backlog_receipt",
    "zero_backlog_days",
    "on_time_rate_promised",
    "first_ask_rate",
    "first_ask_refused",
    "visit_rate_case",
    "visit_share_0",
    "one_time_rate",
];

pub(crate) async fn run(to: &To, args: MetricsArgs) -> Result<(), Failure> {
    let mut client = MetricsServiceClient::new(connect(to).await?).max_decoding_message_size(ANSWER_BYTES_MAX);
    let infos = client.list_metrics(ListMetricsRequest::default()).await?.into_inner().metrics;
    if args.ids == ["list"] {
        return list(to, &infos, args.lang);
    }
    let names: HashMap<&str, &MetricInfo> = infos.iter().map(|info| (info.metric_id.as_str(), info)).collect();
    let ids: Vec<&str> = if args.ids.is_empty() { FRONT.to_vec() } else { args.ids.iter().map(String::as_str).collect() };
    let scope = scope(to, &args.scope)?;
    for id in ids {
        match args.series {
            Some(step) => series(to, &mut client, id, &scope, step, args.by.as_deref()).await?,
            None => {
                let request = GetMetricRequest { metric_id: id.into(), scope: Some(scope.clone()) };
                let value = client.get_metric(request).await?.into_inner();
                if to.json { say_json(&value)? } else { say(line(&value, names.get(id).copied(), args.lang)) }
            }
        }
    }
    Ok(())
}

fn list(to: &To, infos: &[MetricInfo], lang: Lang) -> Result<(), Failure> {
    for info in infos {
        if to.json {
            say_json(info)?;
        } else {
            let name = if lang == Lang::Zh { &info.name_zh } else { &info.name_en };
            say(format_args!("{:<24} {:<12} {name}", info.metric_id, info.shape));
        }
    }
    Ok(())
}

fn line(value: &MetricValue, info: Option<&MetricInfo>, lang: Lang) -> String {
    let name = info.map_or("", |info| if lang == Lang::Zh { &info.name_zh } else { &info.name_en });
    let shape = info.map_or("", |info| info.shape.as_str());
    let is_share = matches!(shape, "rate" | "coverage" | "days");
    let figure = match value.value {
        None => "–".to_owned(),
        Some(share) if is_share => format!("{:.1} % ({}/{})", share * 100.0, value.numerator, value.denominator),
        Some(share) if shape == "reduction" => format!("{:.1} %", share * 100.0),
        Some(mean) if shape == "mean" => format!("{mean:.2}"),
        Some(figure) => format!("{figure}"),
    };
    let synthetic = if value.synthetic { ", synthetic" } else { "" };
    format!(
        "{:<24} {figure:>20}  unknown {}, excluded {}  on {}{synthetic}  {name}",
        value.metric_id, value.unknown, value.excluded, value.valid_on
    )
}

async fn series(
    to: &To,
    client: &mut MetricsServiceClient<Connection>,
    id: &str,
    scope: &MetricScope,
    step: Step,
    by: Option<&str>,
) -> Result<(), Failure> {
    let step = match step {
        Step::Day => SeriesStep::Day,
        Step::Week => SeriesStep::Week,
        Step::Month => SeriesStep::Month,
    };
    let request =
        GetSeriesRequest { metric_id: id.into(), scope: Some(scope.clone()), step: step as i32, by: by.unwrap_or_default().into() };
    for point in client.get_series(request).await?.into_inner().points {
        if to.json {
            say_json(&point)?;
            continue;
        }
        let (period, value) = (point.period.unwrap_or_default(), point.value.unwrap_or_default());
        let figure = value.value.map_or("–".to_owned(), |figure| format!("{figure:.4}"));
        say(format_args!(
            "{} … {}  {:<20} {figure:>10}  {}/{}  unknown {}",
            period.from, period.to, point.dimension_value, value.numerator, value.denominator, value.unknown
        ));
    }
    Ok(())
}

pub(crate) async fn explain(to: &To, args: ExplainArgs) -> Result<(), Failure> {
    if let Some(ExplainWhat::Deadline(args)) = args.what {
        return deadline::run(to, args).await;
    }
    let mut client = AuditServiceClient::new(connect(to).await?);
    let request = ExplainMetricRequest { metric_id: args.id.unwrap_or_default(), scope: Some(scope(to, &args.scope)?) };
    let mut members = client.explain_metric(request).await?.into_inner();
    let mut shown = 0;
    while let Some(member) = members.message().await? {
        if shown == args.limit {
            say(format_args!("… and more; see --limit"));
            break;
        }
        shown += 1;
        if to.json { say_json(&member)? } else { say(member_line(&member)) }
    }
    Ok(())
}

fn member_line(member: &ExplainMetricResponse) -> String {
    let subject = member.subject.clone().unwrap_or_default();
    let standing = match member.standing() {
        Standing::Numerator => "counts",
        Standing::Denominator => "could have",
        Standing::Unknown => "unknown",
        Standing::Excluded => "left out",
        Standing::Unspecified => "",
    };
    let dimensions: Vec<_> = member.dimensions.iter().map(|dimension| format!("{}={}", dimension.name, dimension.value)).collect();
    format!(
        "{standing:<10} {:<22} {}  {}/{}/{}  [{}]  positions {:?}",
        member.why,
        member.counts_on,
        subject.kind,
        subject.system,
        subject.id,
        dimensions.join(" "),
        member.positions
    )
}
