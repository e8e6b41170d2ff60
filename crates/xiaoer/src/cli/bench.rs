//! What `xiaoer bench` takes.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub what: BenchWhat,
}

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum BenchWhat {
    /// Post events over streams, one event a request, and read the cases they made.
    Stream(BenchStreamArgs),
    /// Post events with unary calls, after as many calls that do nothing.
    Unary(BenchUnaryArgs),
    /// Post cases, and replay them.
    Replay(BenchReplayArgs),
    /// Post an event and ask for a figure that reflects it, again and again.
    Fresh(BenchFreshArgs),
    /// Post four years of cases to a log of simulated time, and ask for the nine figures of `GetZeroBacklog` as known now and as known
    /// a year ago.
    Years(BenchYearsArgs),
    /// The raw limit of a table: its rows again, in many-row inserts straight through sqlx.
    Raw(BenchRawArgs),
    /// Read the clocks of cases with three pauses each, and count working days as often as they must, on one core and without a server.
    Clocks(BenchClocksArgs),
    /// Be a client that does its worst, until told to stop; prints a line when it has begun.
    Abuse(BenchAbuseArgs),
    /// The raw limit of the relay: the log's messages again, in atomic batches to a nats-server of their own.
    RawRelay(BenchRawRelayArgs),
}

#[derive(Debug, Args)]
pub(crate) struct BenchStreamArgs {
    /// Events to post.
    #[arg(long, default_value_t = 200_000)]
    pub events: u64,
    /// Streams at once.
    #[arg(long, default_value_t = 4)]
    pub streams: u64,
    /// Events of each case, the first of its ten; with 7 it stays open.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=10))]
    pub case_events: u64,
    /// States of cases to read afterwards; a tenth as many figures.
    #[arg(long, default_value_t = 0)]
    pub reads: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchUnaryArgs {
    /// Calls to make.
    #[arg(long, default_value_t = 50_000)]
    pub calls: u64,
    /// Calls in flight.
    #[arg(long, default_value_t = 64)]
    pub in_flight: usize,
    /// Posts a second; as many as possible where none is given. The calls that do nothing are then left out.
    #[arg(long)]
    pub rate: Option<f64>,
    /// The one system that sends all of it, as a caller with a certificate or a token must; a hall and an approval system where none
    /// is given.
    #[arg(long)]
    pub system: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct BenchAbuseArgs {
    /// What it does.
    pub how: Abuse,
}

/// What a client does that does its worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Abuse {
    /// 5,000 connections on which nothing is called.
    Idle,
    /// 200 subscriptions to the log from its beginning, of which nothing is read.
    Slow,
    /// 100 MB of requests just below the largest, one after another and again.
    Flood,
    /// 500 connections that send a byte a second and never say what they want; one that is cut is made anew.
    Loris,
    /// 1,000 calls a second that are cancelled at once or within two milliseconds.
    Cancel,
}

#[derive(Debug, Args)]
pub(crate) struct BenchReplayArgs {
    /// Cases to post before.
    #[arg(long, default_value_t = 1_000)]
    pub cases: u64,
    /// Calls to make.
    #[arg(long, default_value_t = 20_000)]
    pub calls: u64,
    /// Calls in flight.
    #[arg(long, default_value_t = 64)]
    pub in_flight: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchFreshArgs {
    /// How often.
    #[arg(long, default_value_t = 200)]
    pub times: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchYearsArgs {
    /// Cases to post.
    #[arg(long, default_value_t = 1_000_000)]
    pub cases: u64,
    /// How often each question is asked.
    #[arg(long, default_value_t = 200)]
    pub times: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchRawArgs {
    /// Where the table is: a SQLite file, or the URL of a Postgres database.
    pub at: String,
    /// The table.
    #[arg(long, default_value = "event")]
    pub table: String,
    /// Most rows to copy; all of them where none is given.
    #[arg(long)]
    pub rows: Option<u64>,
    /// Rows of a transaction.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub batch: u64,
    /// Only checkpoints reach the disk (`synchronous=NORMAL`), as in the file of the projections, which can be made again.
    #[arg(long)]
    pub rebuildable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchClocksArgs {
    /// Cases.
    #[arg(long, default_value_t = 1_000_000)]
    pub cases: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BenchRawRelayArgs {
    /// Where the log is: the folder of the journals, or the URL of a Postgres database.
    pub at: String,
    /// Folder for the nats-server's store; made, and removed again.
    #[arg(long)]
    pub store: PathBuf,
    /// Most messages to publish.
    #[arg(long, default_value_t = 200_000)]
    pub messages: usize,
    /// Folder where a nats-server may lie, beside PATH.
    #[arg(long, default_value = ".tools")]
    pub tools: PathBuf,
}
