//! `xiaoer`: the one binary. Exit status: 0 done, 1 refused or not found, 2 used wrongly, 3 the server is away.

mod cli;
mod client;
mod commands;
mod sender;

use clap::Parser;
use cli::{Cli, Command};
use std::{io::IsTerminal, panic, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// Every request makes and frees some hundred small pieces on several threads, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("XIAOER_LOG").unwrap_or_else(|_| EnvFilter::new("info,async_nats=warn"));
    let logs =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    if cli.log_json {
        logs.json().init();
    } else {
        logs.init();
    }
    panic::set_hook(Box::new(|panic| {
        // Where, and not what: the words of a panic may hold what somebody sent.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "the program made a mistake");
    }));
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return client::Failure::from(anyhow::Error::from(error)).report(),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(cli: Cli) -> Result<(), client::Failure> {
    let to = cli.to();
    match cli.command {
        Command::Serve(args) => commands::serve::run(args).await,
        Command::Project(args) => commands::serve::project(args, to.access).await,
        Command::OpenLog(args) => commands::status::open_log(&to, args).await,
        Command::Post(args) => commands::post::run(&to, args).await,
        Command::Check(args) => commands::post::check(&to, args).await,
        Command::Replay(args) => commands::replay::run(&to, args).await,
        Command::Metrics(args) => commands::metrics::run(&to, args).await,
        Command::Explain(args) => commands::metrics::explain(&to, args).await,
        Command::Accesses(args) => commands::accesses::run(&to, args).await,
        Command::Status(args) => commands::status::run(&to, args).await,
        Command::Rebuild(args) => commands::rebuild::run(&to, args).await,
        Command::Simulate(args) => commands::simulate::run(&to, args).await,
        Command::Import(args) => commands::import::run(&to, args).await,
        Command::Keys(args) => commands::keys::run(&args),
        Command::Token(args) => commands::keys::token(args),
        Command::NatsConfig(args) => commands::keys::nats_config(&args),
        Command::Permits => {
            client::say(xiaoer_domain::permit::page().trim_end());
            Ok(())
        }
        Command::Upgrade(args) => commands::upgrade::run(&to, args).await,
        Command::Vault(args) => commands::vault::run(&to, args).await,
        Command::Recover(args) => commands::recover::run(&to, args).await,
        Command::Bench(args) => commands::bench::run(&to, args).await,
    }
}
