//! `xiaoer bench`: loads a server with cases of ten events and prints what it does; and the raw limits that is set against.

mod posting;
mod reading;
mod years;
mod raw_sqlite;
mod raw_postgres;
mod raw_batches;
mod clocks;
mod abuse;

use crate::{
    cli::{
        To,
        bench::{BenchArgs, BenchWhat},
    },
    client::{Failure, connect, say, say_json},
};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::time::Instant;
use xiaoer_wire::v1::{OpenLogRequest, admin_service_client::AdminServiceClient};

/// Of so many questions for a state one is for a figure as well: with a million cases one takes seconds.
const FIGURES_SHARE: u64 = 200;

/// What was measured.
#[derive(Debug, Serialize)]
struct Measured {
    what: &'static str,
    count: u64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
}

pub(crate) async fn run(to: &To, args: BenchArgs) -> Result<(), Failure> {
    match args.what {
        BenchWhat::Stream(args) => {
            let run = begin(to).await?;
            let case_events = args.case_events;
            show(to, &posting::streamed(to, &args, run).await?)?;
            if args.reads > 0 {
                let cases = args.events / case_events;
                show(to, &reading::states(to, run, cases, args.reads).await?)?;
                show(to, &reading::figures(to, args.reads.div_ceil(FIGURES_SHARE)).await?)?;
            }
            Ok(())
        }
        BenchWhat::Unary(args) => {
            let run = begin(to).await?;
            if args.rate.is_none() {
                show(to, &posting::unary("noop_unary", to, &args, posting::Call::Check, run).await?)?;
            }
            show(to, &posting::unary("post_unary", to, &args, posting::Call::Post, run + 1).await?)
        }
        BenchWhat::Replay(args) => show(to, &reading::replays(to, begin(to).await?, &args).await?),
        BenchWhat::Fresh(args) => show(to, &reading::fresh(to, begin(to).await?, args.times).await?),
        BenchWhat::Years(args) => {
            show(to, &years::posted(to, args.cases).await?)?;
            years::asked(to, &args).await?.iter().try_for_each(|line| show(to, line))
        }
        BenchWhat::Raw(args) if is_postgres(&args.at) => show(to, &raw_postgres::inserted(&args).await?),
        BenchWhat::Raw(args) => show(to, &raw_sqlite::inserted(&args).await?),
        BenchWhat::Clocks(args) => clocks::read(&args).iter().try_for_each(|line| show(to, line)),
        BenchWhat::Abuse(args) => abuse::run(to, args.how).await,
        BenchWhat::RawRelay(args) => show(to, &raw_batches::published(&to.log, &args).await?),
    }
}

fn is_postgres(at: &str) -> bool {
    at.starts_with("postgres://") || at.starts_with("postgresql://")
}

/// Opens the log, and gives the number of this run, which tells its cases from those of others.
async fn begin(to: &To) -> Result<u64, Failure> {
    let open = OpenLogRequest { log: to.log.clone(), ..OpenLogRequest::default() };
    AdminServiceClient::new(connect(to).await?).open_log(open).await?;
    Ok(u64::try_from(jiff::Timestamp::now().as_microsecond()).unwrap_or(0))
}

fn show(to: &To, line: &Measured) -> Result<(), Failure> {
    if to.json {
        return say_json(line);
    }
    let Measured { what, count, per_second, p50_ms, p99_ms } = line;
    say(format_args!("{what:<14} {count:>9} done, {per_second:>9.0} a second, p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms"));
    Ok(())
}

fn histogram() -> Histogram<u64> {
    // Microseconds up to ten minutes with three digits: a constant that is always a valid shape.
    Histogram::new_with_bounds(1, 600_000_000, 3).unwrap_or_else(|_| unreachable!("a fixed shape"))
}

fn record(times: &mut Histogram<u64>, since: Instant) {
    times.saturating_record(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX).max(1));
}

#[allow(clippy::cast_precision_loss)] // rates for people
fn measured(what: &'static str, count: u64, started: Instant, times: &Histogram<u64>) -> Measured {
    let ms = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1_000.0;
    Measured { what, count, per_second: count as f64 / started.elapsed().as_secs_f64(), p50_ms: ms(0.5), p99_ms: ms(0.99) }
}
