//! Years of cases in a log of simulated time, and the nine figures of `GetZeroBacklog` from them: as known now, and as known a year
//! ago.

use super::{Measured, histogram, measured, record};
use crate::{
    cli::{To, bench::BenchYearsArgs},
    client::{Failure, connect},
    sender::send,
};
use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use std::time::{Duration, Instant};
use tonic::Code;
use xiaoer::{simulate::bench_years, splitmix::SplitMix};
use xiaoer_wire::v1::{
    GetZeroBacklogRequest, KnownAt, LogPosition, MetricScope, OpenLogRequest, Period, PostRequest,
    admin_service_client::AdminServiceClient, known_at::Bound, metrics_service_client::MetricsServiceClient,
};

/// How many years the cases lie over.
const YEARS: i64 = 4;
/// Days around the day a year ago that are asked as known then.
const YEAR_AGO_DAYS: u64 = 60;

/// Posts the cases and waits until figures reflect them; those of a run that was broken off are not posted twice.
pub(super) async fn posted(to: &To, cases: u64) -> Result<Measured, Failure> {
    let open = OpenLogRequest { log: to.log.clone(), synthetic: true, ..OpenLogRequest::default() };
    AdminServiceClient::new(connect(to).await?).open_log(open).await?;
    // Days that are all over, so that nothing is recorded after the clock.
    let until = TimeZone::UTC.to_datetime(Timestamp::now()).date().yesterday().map_err(anyhow::Error::from)?;
    let from = until.saturating_sub(YEARS.years());
    let log = &to.log;
    let requests = bench_years(cases, from, until).map(|post| {
        let recorded_at = Some(post.simulated_recorded_at.into());
        Ok(PostRequest { log: log.clone(), events: post.events, simulated_recorded_at: recorded_at, ..PostRequest::default() })
    });
    let started = Instant::now();
    let summary = send(to, requests, None).await?;
    if let Some((number, refusal)) = summary.refusals.first() {
        return Err(Failure::Refused(format!("request {number}: {}: {}", refusal.code, refusal.message)));
    }
    let posted = measured("post_years", summary.recorded, started, &histogram());
    let mut client = MetricsServiceClient::new(connect(to).await?);
    let at_least = vec![LogPosition { log: to.log.clone(), position: summary.position }];
    let reflected =
        GetZeroBacklogRequest { scope: Some(MetricScope { logs: vec![log.clone()], at_least, ..MetricScope::default() }) };
    while let Err(status) = client.get_zero_backlog(reflected.clone()).await {
        if status.code() != Code::Unavailable {
            return Err(status.into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(posted)
}

/// Asks for the nine figures: of all cases as known now, of those of the last twelve months, and of all as known at some moment
/// around a year ago.
pub(super) async fn asked(to: &To, args: &BenchYearsArgs) -> Result<Vec<Measured>, Failure> {
    let mut client = MetricsServiceClient::new(connect(to).await?);
    let (now, mut random) = (Timestamp::now(), SplitMix::new(args.cases));
    let today = TimeZone::UTC.to_datetime(now).date();
    let year = Period { from: today.saturating_sub(1.years()).to_string(), to: today.to_string() };
    let mut year_ago = || {
        let seconds = random.below(YEAR_AGO_DAYS * 24 * 3_600).cast_signed();
        let at =
            now - SignedDuration::from_hours((365 + YEAR_AGO_DAYS.cast_signed() / 2) * 24) + SignedDuration::from_secs(seconds);
        MetricScope { known_at: Some(KnownAt { bound: Some(Bound::Time(at.into())) }), ..MetricScope::default() }
    };
    let mut all = Vec::new();
    for what in ["zero_backlog_now", "zero_backlog_of_a_year", "zero_backlog_year_ago"] {
        let (mut times, started) = (histogram(), Instant::now());
        for _ in 0..args.times {
            let scope = match what {
                "zero_backlog_now" => MetricScope::default(),
                "zero_backlog_of_a_year" => MetricScope { period: Some(year.clone()), ..MetricScope::default() },
                _ => year_ago(),
            };
            let scope = Some(MetricScope { logs: vec![to.log.clone()], ..scope });
            let asked = Instant::now();
            client.get_zero_backlog(GetZeroBacklogRequest { scope }).await?;
            record(&mut times, asked);
        }
        all.push(measured(what, args.times, started, &times));
    }
    Ok(all)
}
