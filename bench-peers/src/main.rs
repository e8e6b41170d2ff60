//! Loads other event stores as `xiaoer bench` loads ours: cases of ten events of about 500 bytes, an event a call, each case's events
//! one after another; prints a line of JSON for each thing measured, in the form of `xiaoer bench --json`.
//!
//! ```text
//! bench-peers umadb-serve ARGUMENTS…           UmaDB's own server, its own options and defaults
//! bench-peers umadb URL CALLS EVENTS           conditional appends with 64 and 256 in flight; EVENTS in unconditional batches, 4 streams
//! bench-peers cqrs-es POSTGRES-URL CALLS       `execute` with 32 in flight
//! ```

mod cqrs;
mod load;
mod uma;

use anyhow::{Context as _, bail};
use std::env;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let names: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let number = |text: &str| text.parse::<u64>().with_context(|| format!("{text} is no number"));
    match *names {
        ["umadb-serve", ..] => {
            let options = umadb::parse_cli_options(&arguments).map_err(|error| anyhow::anyhow!("{error}"))?;
            umadb::start_server_with_cli_options(options).map_err(|error| anyhow::anyhow!("{error}"))
        }
        ["umadb", url, calls, events] => runtime()?.block_on(uma::run(url, number(calls)?, number(events)?)),
        ["cqrs-es", url, calls] => runtime()?.block_on(cqrs::run(url, number(calls)?)),
        _ => bail!("bench-peers umadb-serve ARGUMENTS… | umadb URL CALLS EVENTS | cqrs-es POSTGRES-URL CALLS"),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new()
}
