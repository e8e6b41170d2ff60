//! The command line.

pub(crate) mod bench;

use bench::BenchArgs;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::SocketAddr, path::PathBuf};
use xiaoer_bus::Login;
use xiaoer_server::{Access, Database};

/// Xiaoer (小二): the record of a government service centre's promises.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub to: ToArgs,
    /// Write the program's own log as JSON lines (to standard error, as always).
    #[arg(long, global = true)]
    pub log_json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// Which server and log a client command is told to talk to.
#[derive(Debug, Clone, Args)]
pub(crate) struct ToArgs {
    /// The server.
    #[arg(long, global = true, env = "XIAOER_SERVER", default_value = "http://127.0.0.1:50051")]
    server: String,
    /// The log, one jurisdiction. Where none is given: 370306; for `simulate` demo, for `bench` bench, since what those post does
    /// not belong into the log of a district.
    #[arg(long, global = true, env = "XIAOER_LOG_NAME")]
    log: Option<String>,
    /// JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// How a client command makes itself known to a server with authentication.
#[derive(Debug, Clone, Args)]
pub(crate) struct AccessArgs {
    /// Root that the server's certificate is signed by (PEM); the system's roots where none is given.
    #[arg(long, global = true, env = "XIAOER_ROOTS", value_name = "FILE")]
    roots: Option<PathBuf>,
    /// Certificate of the client (PEM).
    #[arg(long, global = true, env = "XIAOER_CERTIFICATE", value_name = "FILE", requires = "certificate_key")]
    certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, global = true, env = "XIAOER_CERTIFICATE_KEY", value_name = "FILE", requires = "certificate")]
    certificate_key: Option<PathBuf>,
    /// File with a token.
    #[arg(long, global = true, env = "XIAOER_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl From<AccessArgs> for Access {
    fn from(args: AccessArgs) -> Self {
        Self { roots: args.roots, certificate: args.certificate.zip(args.certificate_key), token: args.token_file }
    }
}

/// Which server and log a client command talks to.
#[derive(Debug, Clone)]
pub(crate) struct To {
    /// The server.
    pub server: String,
    /// The log.
    pub log: String,
    /// JSON instead of text.
    pub json: bool,
    /// Whether the log was named, and is not the default.
    pub named: bool,
    /// How the client makes itself known.
    pub access: Access,
}

impl Cli {
    /// Server and log of the command.
    pub(crate) fn to(&self) -> To {
        let default = match self.command {
            Command::Simulate(_) => "demo",
            Command::Bench(_) => "bench",
            _ => "370306",
        };
        let ToArgs { server, log, json, access } = self.to.clone();
        To { server, named: log.is_some(), log: log.unwrap_or_else(|| default.into()), json, access: access.into() }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(ServeArgs),
    /// Follow logs that are written elsewhere, through NATS JetStream, and answer questions about them.
    Project(ProjectArgs),
    /// Open a log; the same call again changes nothing.
    OpenLog(OpenLogArgs),
    /// Post events: one proto3 JSON event a line.
    Post(PostArgs),
    /// Say what posting would do, and change nothing.
    Check(PostArgs),
    /// Show the history of one thing, with the state after each event.
    Replay(ReplayArgs),
    /// Show figures.
    Metrics(MetricsArgs),
    /// Show the members behind a figure, and why each stands where it stands; or why a case is due when it is.
    Explain(ExplainArgs),
    /// Show who read what of a jurisdiction, oldest first.
    Accesses(AccessesArgs),
    /// Show logs, relay and projections.
    Status(StatusArgs),
    /// Build the read tables of a log anew beside those that answer, and tell how it goes; stopping this command stops nothing.
    Rebuild(RebuildArgs),
    /// Live through a synthetic district.
    Simulate(SimulateArgs),
    /// Import a log of another system.
    Import(ImportArgs),
    /// Make keys and certificates for development: a root, a server, systems, tokens, and the list of actors.
    Keys(KeysArgs),
    /// Sign a token with a key that `keys` made.
    Token(TokenArgs),
    /// Write the configuration of a nats-server with who may do what there, and the keys of the relay and of readers.
    NatsConfig(NatsConfigArgs),
    /// Print who may do what, as Markdown.
    Permits,
    /// Show which forms of events the logs take, or let them take the newest. Works on the databases, beside servers or without.
    Upgrade(UpgradeArgs),
    /// Make a new key for the vault and wrap what it holds anew, or destroy the key of an old epoch.
    Vault(VaultArgs),
    /// Compare a log that was put back with its stream on NATS, take back what it lost, or record the loss. Works on the databases.
    Recover(RecoverArgs),
    /// Load a server and print what it does.
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// Folder of the databases of this node.
    #[arg(long, default_value = "data-project")]
    pub data: PathBuf,
    /// Where the copies of the logs are: `sqlite` (files in the data folder), or the URL of a Postgres database of this node's own.
    #[arg(long, env = "XIAOER_DATABASE", hide_env_values = true)]
    pub database: Option<Database>,
    /// URL of the NATS server that has the streams.
    #[arg(long)]
    pub nats: String,
    #[command(flatten)]
    pub login: NatsLoginArgs,
    /// A log to follow, may be repeated; every log that is found but sealed ones where none is given.
    #[arg(long = "follow", value_name = "LOG")]
    pub logs: Vec<String>,
    /// A stream that holds the events of several logs, or a mirror under another name; each log's own stream where none is given.
    #[arg(long, value_name = "STREAM")]
    pub hub: Option<String>,
    /// URL of a server that has the logs, for events that the stream's retention has dropped.
    #[arg(long, value_name = "URL")]
    pub bootstrap: Option<String>,
    /// Address; loopback unless `--security` has TLS and callers are known.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// TOML file that says how callers are known, as for `serve`.
    #[arg(long, value_name = "FILE")]
    pub security: Option<PathBuf>,
    /// Listen on any address although there is no authentication, or no TLS.
    #[arg(long)]
    pub insecure: bool,
}

#[derive(Debug, Args)]
pub(crate) struct KeysArgs {
    /// Folder to make.
    pub folder: PathBuf,
    /// Name or address of the server, beside localhost; may be repeated.
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// The key, `tokens.key`.
    #[arg(long)]
    pub key: PathBuf,
    /// Name of the account: a work number or a system, never a person's name.
    #[arg(long)]
    pub name: String,
    /// The system that its events are sent by.
    #[arg(long, default_value = "")]
    pub system: String,
    /// Code of its unit.
    #[arg(long, default_value = "")]
    pub unit: String,
    /// Work number.
    #[arg(long, default_value = "")]
    pub staff: String,
    /// A role (`xiaoer permits`); may be repeated.
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// A jurisdiction, or a beginning of names with a `*` behind; may be repeated.
    #[arg(long = "logs", value_name = "LOGS", default_value = "*")]
    pub logs: Vec<String>,
    /// Code of what it is for.
    #[arg(long, default_value = "")]
    pub purpose: String,
    /// How long it is good for; below 0 it is expired, to see what becomes of it.
    #[arg(long, default_value_t = 8, allow_negative_numbers = true)]
    pub hours: i32,
}

/// What a NATS server of yours is logged in with.
#[derive(Debug, Clone, Args)]
pub(crate) struct NatsLoginArgs {
    /// File with the seed of a key (nkey) that the NATS server knows, as `nats-config` writes it.
    #[arg(long, env = "XIAOER_NATS_SEED", value_name = "FILE")]
    nats_seed: Option<PathBuf>,
    /// Root that its certificate is signed by (PEM); the connection must be TLS then.
    #[arg(long, env = "XIAOER_NATS_ROOTS", value_name = "FILE")]
    nats_roots: Option<PathBuf>,
}

impl From<NatsLoginArgs> for Login {
    fn from(args: NatsLoginArgs) -> Self {
        Self { seed: args.nats_seed, roots: args.nats_roots }
    }
}

#[derive(Debug, Args)]
pub(crate) struct NatsConfigArgs {
    /// Folder to make.
    pub folder: PathBuf,
    /// Where the server listens.
    #[arg(long, default_value = "127.0.0.1:4222")]
    pub listen: String,
    /// Folder of its streams; `store` in the folder where none is given.
    #[arg(long, value_name = "DIR")]
    pub store: Option<PathBuf>,
    /// Its certificate (PEM).
    #[arg(long, value_name = "FILE", requires = "server_key")]
    pub server_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[arg(long, value_name = "FILE", requires = "server_certificate")]
    pub server_key: Option<PathBuf>,
    /// A reader and the logs it reads, `NAME=LOG,LOG`, or `NAME=*` for all, sealed ones too; may be repeated.
    #[arg(long = "reader", value_name = "NAME=LOG,…")]
    pub readers: Vec<String>,
}

/// Where the journals are.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// Folder of the databases and of the NATS store.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Where the journals are: `sqlite` (files in the data folder), or the URL of a Postgres database (`postgres://…`, which
    /// may name its primary and standbys as `host:5432,other:5432`). Others of
    /// this machine see the command line; the environment or the file of `--config` is the place for a password.
    #[arg(long, env = "XIAOER_DATABASE", hide_env_values = true)]
    pub database: Option<Database>,
    /// TOML file with the same keys (data, database, nats, nats_seed, nats_roots, nats_replicas, vault_keys, listen, security, insecure); the command line goes first. `database`
    /// may be a list of tables there, each with `url` or `url_file` and the `logs` it holds.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// `managed` (start a local nats-server), `off`, or the URL of yours; of a cluster several, with commas between.
    #[arg(long)]
    pub nats: Option<String>,
    #[command(flatten)]
    pub login: NatsLoginArgs,
    /// Copies of each stream in a cluster of yours: 1, 3 or 5; 1 where nothing is said.
    #[arg(long)]
    pub nats_replicas: Option<usize>,
    /// Folder with the keys of the vault, of mode 0700. Where none is given: the credentials of systemd, where a key of a vault is
    /// among them, else `vault-keys` in the data folder.
    #[arg(long)]
    pub vault_keys: Option<PathBuf>,
    /// Address; loopback unless `--security` has TLS and callers are known.
    #[arg(long)]
    pub listen: Option<SocketAddr>,
    /// TOML file that says how callers are known: `actors`, `[tls]` and `[tokens]` (docs/security.md). Without it anyone who reaches
    /// the server may do everything, and it listens on loopback only.
    #[arg(long, value_name = "FILE")]
    pub security: Option<PathBuf>,
    /// Listen on any address although there is no authentication, or no TLS.
    #[arg(long)]
    pub insecure: bool,
    /// Folder where a nats-server may lie, beside PATH.
    #[arg(long, default_value = ".tools")]
    pub tools: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct OpenLogArgs {
    /// IANA time zone of its local dates.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub time_zone: String,
    /// A log of simulated time.
    #[arg(long)]
    pub synthetic: bool,
    /// Do not post the calendar years that come with the program.
    #[arg(long)]
    pub without_seed: bool,
}

/// How irregular events are treated.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Mode {
    /// Refused.
    Strict,
    /// Stored and flagged.
    Record,
}

#[derive(Debug, Args)]
pub(crate) struct PostArgs {
    /// File of events; standard input where none is given. Posting a file again resumes it: what is recorded is not recorded twice.
    pub file: Option<PathBuf>,
    /// How irregular events are treated.
    #[arg(long, value_enum, default_value = "strict")]
    pub mode: Mode,
}

#[derive(Debug, Args)]
pub(crate) struct KnownArgs {
    /// As known at this position, or at this time (RFC 3339).
    #[arg(long)]
    pub known_at: Option<String>,
    /// The day the question is about (YYYY-MM-DD).
    #[arg(long)]
    pub valid_on: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ReplayArgs {
    /// System that numbers the thing.
    pub system: String,
    /// Its number.
    pub id: String,
    /// Kind of thing.
    #[arg(long, default_value = "case")]
    pub kind: String,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Language of the timeline.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Lang,
}

#[derive(Debug, Args)]
pub(crate) struct AccessesArgs {
    /// Only reads of this log, for example 370306-sealed.
    #[arg(long, value_name = "LOG")]
    pub of_log: Option<String>,
    /// Only by the caller of this name.
    #[arg(long, value_name = "NAME")]
    pub caller: Option<String>,
    /// Only of this thing.
    #[arg(long, num_args = 3, value_names = ["KIND", "SYSTEM", "NUMBER"])]
    pub subject: Vec<String>,
    /// Only of this reference into the vault.
    #[arg(long = "ref", value_name = "REF")]
    pub reference: Option<String>,
    /// Only from this local day or time on (YYYY-MM-DD, YYYY-MM-DDThh:mm:ss).
    #[arg(long)]
    pub from: Option<String>,
    /// Only up to the end of this local day, or up to this time.
    #[arg(long)]
    pub to: Option<String>,
}

/// Languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// First day of the period (YYYY-MM-DD).
    #[arg(long)]
    pub from: Option<String>,
    /// Last day of the period, and the night of a state (YYYY-MM-DD).
    #[arg(long)]
    pub to: Option<String>,
    /// Only members with this dimension, for example `unit=11370306XXXX00019K`; may be repeated.
    #[arg(long = "where", value_name = "NAME=VALUE")]
    pub dimensions: Vec<String>,
    #[command(flatten)]
    pub known: KnownArgs,
}

#[derive(Debug, Args)]
pub(crate) struct MetricsArgs {
    /// Ids of metrics; the three of the front page where none is given, `list` for what there is.
    pub ids: Vec<String>,
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// A series: one figure per step.
    #[arg(long, value_enum)]
    pub series: Option<Step>,
    /// In a series: also by the values of this dimension.
    #[arg(long)]
    pub by: Option<String>,
    /// Language of names.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Lang,
}

/// Steps of a series.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Step {
    /// By day.
    Day,
    /// By week, from Monday.
    Week,
    /// By calendar month.
    Month,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ExplainArgs {
    #[command(subcommand)]
    pub what: Option<ExplainWhat>,
    /// Id of the metric.
    #[arg(required = true)]
    pub id: Option<String>,
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// At most this many members.
    #[arg(long, default_value_t = 1_000)]
    pub limit: usize,
}

/// What is explained beside figures.
#[derive(Debug, Subcommand)]
pub(crate) enum ExplainWhat {
    /// A deadline, day by day: what counted, what did not, and why.
    Deadline(DeadlineArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DeadlineArgs {
    /// System that numbers the case.
    pub system: String,
    /// Its number.
    pub id: String,
    /// `promised`, `statutory`, `receipt`, `delivery` or `hearing`; of a joint case also `promised_official`, `statutory_internal` or
    /// `member`.
    #[arg(long, default_value = "promised")]
    pub clock: String,
    /// For the clock `member`: the part of the joint case, its system and its number.
    #[arg(long, num_args = 2, value_names = ["SYSTEM", "NUMBER"])]
    pub sub_case: Vec<String>,
    #[command(flatten)]
    pub known: KnownArgs,
    /// Language of the reasons.
    #[arg(long, value_enum, default_value = "en")]
    pub lang: Lang,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Number of cases.
    #[arg(long, default_value_t = 300)]
    pub cases: u32,
    /// Seed; the same seed gives the same district.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// First day (YYYY-MM-DD).
    #[arg(long, default_value = "2026-01-05")]
    pub from: String,
    /// Months the cases are spread over.
    #[arg(long, default_value_t = 6)]
    pub months: u32,
    /// Write the events as JSON lines to standard output instead of posting them.
    #[arg(long)]
    pub print: bool,
    /// Put an invented person or text into the vault for each that an event refers to.
    #[arg(long, conflicts_with = "print")]
    pub vault: bool,
    /// Do nothing where the installation holds another log, or this one holds cases already.
    #[arg(long)]
    pub if_empty: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RebuildArgs {
    /// Let what was built answer although it differs from what does.
    #[arg(long)]
    pub accept: bool,
    /// Give up what was built.
    #[arg(long, conflicts_with = "accept")]
    pub abandon: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Form of the file.
    #[arg(value_enum)]
    pub form: Form,
    /// The file; may be compressed with gzip.
    pub file: PathBuf,
    /// What becomes of its activities, see docs/import.md.
    #[arg(long)]
    pub mapping: PathBuf,
    /// Open the log, with this time zone and without a calendar, where it is missing.
    #[arg(long)]
    pub open: Option<String>,
    /// Shuffle the cases with this seed; the figures must not change.
    #[arg(long)]
    pub shuffle: Option<u64>,
}

/// Forms of import.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Form {
    /// IEEE 1849 XES.
    Xes,
}

#[derive(Debug, Args)]
pub(crate) struct UpgradeArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Let the logs (or the one of `--log`) take every form this program knows. Older programs refuse them from then on, and there
    /// is no way back.
    #[arg(long)]
    pub finalize: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VaultArgs {
    #[command(subcommand)]
    pub command: VaultCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Make the key of a new epoch, and tell until every data key is wrapped by it; stopping this command stops nothing.
    Rotate,
    /// Destroy the key of an epoch that wraps nothing any more; what was erased before is then gone from every backup too, and so is
    /// all else that a backup holds under that epoch.
    DestroyEpoch {
        /// Its number, as `xiaoer status` shows it.
        epoch: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// URL of NATS, or `managed`: the nats-server of the data folder, which is started where no server runs it.
    #[arg(long)]
    pub nats: Option<String>,
    #[command(flatten)]
    pub login: NatsLoginArgs,
    /// Folder where a nats-server may lie, beside PATH.
    #[arg(long, default_value = ".tools")]
    pub tools: PathBuf,
    /// Append what is lost from the stream, as it was; where the log has not gone on otherwise.
    #[arg(long, conflicts_with = "accept_loss")]
    pub take_back: bool,
    /// Save what is lost, record the loss in the log, and let the stream be made anew.
    #[arg(long)]
    pub accept_loss: bool,
    /// File for what is lost; `<log>-lost-<from>-<to>.jsonl` here where none is given. One that is there is not written over.
    #[arg(long, requires = "accept_loss")]
    pub save: Option<PathBuf>,
    /// Code of the reason, to be recorded with the loss.
    #[arg(long, requires = "accept_loss", default_value = "backup-restored")]
    pub reason: String,
}
