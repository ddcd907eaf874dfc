//! The command line: every verb, flag and default, and nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// One canonical language for every AI-safety detector, and the evidence auditors ask for.
#[derive(Debug, Parser)]
#[command(name = "llama-mapper", version, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub verb: Verb,
}

const EXIT_CODES: &str = "\
Exit status: 0 done · 1 failed · 2 wrong usage or refused request · 3 done, but not everything was \
accepted or covered · 4 a service cannot be reached";

/// Where the mesh is and who is asking. What is not given is read from `<data-dir>/mesh.json`, which `up` writes.
#[derive(Debug, Args)]
pub(crate) struct Globals {
    /// Print JSON for scripts instead of tables.
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto)]
    pub color: ColorWhen,
    /// Where `up` keeps its Postgres, logs, reports and the address book of the mesh.
    #[arg(long, global = true, default_value = ".llama-mapper", env = "LLAMA_MAPPER_DATA_DIR")]
    pub data_dir: PathBuf,
    /// Address of the orchestration service, such as `http://127.0.0.1:50051`.
    #[arg(long, global = true, env = "LLAMA_MAPPER_ORCHESTRATION")]
    pub orchestration: Option<String>,
    /// Address of the mapper service.
    #[arg(long, global = true, env = "LLAMA_MAPPER_MAPPER")]
    pub mapper: Option<String>,
    /// Address of the analysis service.
    #[arg(long, global = true, env = "LLAMA_MAPPER_ANALYSIS")]
    pub analysis: Option<String>,
    /// The tenant's key, `lmk_…`. Prefer the variable: a flag shows in the process list.
    #[arg(long, global = true, env = "LLAMA_MAPPER_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// The operator's key, for `tenants` and `keys`.
    #[arg(long, global = true, env = "LLAMA_MAPPER_OPERATOR_KEY", hide_env_values = true)]
    pub operator_key: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal only.
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Start the whole mesh on this machine, run its main job on real input, and show the result.
    Up(UpArgs),
    /// Send findings from an NDJSON file or standard input, and say what became of each.
    Ingest(IngestArgs),
    /// Look at a text with the detectors the tenant's policy names.
    Detect(DetectArgs),
    /// Map a detector's word to its canonical label.
    Map(MapArgs),
    /// Tell how a word is mapped, and which controls it is evidence for.
    Explain(ExplainArgs),
    /// List, count or follow canonical events.
    Events(EventsArgs),
    /// Show how much of what the policy requires really ran.
    Coverage(CoverageArgs),
    /// Show the highest risks with their breakdown.
    Risk(RankedArgs),
    /// Show what is missing or odd, and what to do about it.
    Gaps(RankedArgs),
    /// Write or list evidence reports.
    #[command(subcommand)]
    Report(ReportVerb),
    /// Show the canonical taxonomy, or what moved between two versions.
    #[command(subcommand)]
    Taxonomy(TaxonomyVerb),
    /// Show frameworks, their controls, and the facts a tenant can state.
    Frameworks(FrameworksArgs),
    /// Show the words that wait for a person's decision.
    Proposals(PageArgs),
    /// Show or publish policies.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Show or register detectors.
    #[command(subcommand)]
    Detectors(DetectorsVerb),
    /// Create or list tenants. Needs the operator's key.
    #[command(subcommand)]
    Tenants(TenantsVerb),
    /// Issue, list or revoke keys. Needs the operator's key.
    #[command(subcommand)]
    Keys(KeysVerb),
    /// Write findings as NDJSON, generated from a fixed seed out of real detector vocabularies.
    Generate(GenerateArgs),
    /// Check that everything this machine and the mesh need is there, and say what to do where it is not.
    Doctor,
    /// Measure the mesh on this machine: mapping, ingest, latency and memory, as ratios where it can.
    Bench(BenchArgs),
    /// Check and show the configuration of a service.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Run one service in the foreground.
    Serve(ServeArgs),
    /// Bring the schema of one service up to date.
    Migrate(ServiceArgs),
    /// Write completions for a shell to standard output.
    Completions {
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Use this Postgres (a URL with the right to create roles) instead of a private one.
    #[arg(long, env = "LLAMA_MAPPER_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Throw the data folder away and start over.
    #[arg(long)]
    pub fresh: bool,
    /// Exit when the result is shown instead of staying up.
    #[arg(long)]
    pub once: bool,
    /// How many findings the demo streams.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=5_000_000))]
    pub findings: u32,
    /// Seed of the demo's findings.
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// Send traces to this OTLP collector over gRPC, such as `http://127.0.0.1:4317`.
    #[arg(long, env = "LLAMA_MAPPER_OTLP_ENDPOINT")]
    pub otlp_endpoint: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct IngestArgs {
    /// NDJSON of findings (or `{"run": …}` for run reports); `-` for standard input.
    pub file: PathBuf,
    /// Print every acknowledgement, not only those that are not ACCEPTED.
    #[arg(long)]
    pub verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DetectArgs {
    /// The text; `-` or nothing reads standard input.
    pub text: Option<String>,
    /// Name of the policy; the tenant's default when not given.
    #[arg(long, default_value = "")]
    pub policy: String,
    /// Which way the text flows.
    #[arg(long, value_enum, default_value_t = Flow::Input)]
    pub direction: Flow,
    /// Opaque reference to what is looked at, such as a conversation id.
    #[arg(long, default_value = "")]
    pub resource: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Flow {
    /// Towards a model.
    Input,
    /// From a model.
    Output,
}

#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    /// Name of the detector, such as `presidio`.
    pub detector: String,
    /// The detector's own words, at most 100.
    #[arg(required = true, num_args = 1..=100)]
    pub raw_labels: Vec<String>,
    /// The detector's score, 0 to 1.
    #[arg(long)]
    pub score: Option<f64>,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Name of the detector.
    pub detector: String,
    /// The detector's own word.
    pub raw_label: String,
    /// The detector's score, 0 to 1.
    #[arg(long)]
    pub score: Option<f64>,
    /// What became of the finding: contained, exposed, ingested, succeeded, unknown.
    #[arg(long, default_value = "unknown")]
    pub disposition: types::Disposition,
    /// A fact the tenant states, by its id; may be repeated. `frameworks --facts` lists them.
    #[arg(long = "fact")]
    pub facts: Vec<String>,
    /// Also show controls that do not hold, and what is missing.
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PeriodArgs {
    /// Start, inclusive: RFC 3339, or an age such as `24h` or `14d`.
    #[arg(long)]
    pub from: Option<crate::time::Moment>,
    /// End, exclusive: RFC 3339, or an age.
    #[arg(long)]
    pub to: Option<crate::time::Moment>,
}

#[derive(Debug, Args)]
pub(crate) struct PageArgs {
    /// How many entries at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Where the page before ended.
    #[arg(long, default_value = "")]
    pub cursor: String,
}

#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Label or group, such as `PII`; may be repeated.
    #[arg(long = "label")]
    pub labels: Vec<String>,
    /// Name of a detector; may be repeated.
    #[arg(long = "detector")]
    pub detectors: Vec<String>,
    /// At least this grave: info, low, medium, high, critical.
    #[arg(long)]
    pub severity: Option<types::Severity>,
    /// Route: rule, alias, model, llm, fallback; may be repeated.
    #[arg(long = "route")]
    pub routes: Vec<types::Route>,
    /// Only the findings of this detection.
    #[arg(long, default_value = "")]
    pub request: String,
    /// Count instead of listing, by this.
    #[arg(long, value_enum, conflicts_with_all = ["follow", "cursor"])]
    pub count_by: Option<CountKey>,
    /// Print the feed from the beginning (or `--cursor`) and wait for more, until interrupted.
    #[arg(long)]
    pub follow: bool,
    #[command(flatten)]
    pub page: PageArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CountKey {
    Domain,
    Label,
    Severity,
    Route,
    Detector,
    Disposition,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Show the check ledger of this one detection instead.
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub request: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RankedArgs {
    #[command(flatten)]
    pub period: PeriodArgs,
    /// How many at most.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Write a report over a period as JSON and HTML.
    Create {
        #[command(flatten)]
        period: PeriodArgs,
        /// Only this framework; may be repeated.
        #[arg(long = "framework")]
        frameworks: Vec<String>,
        /// Title; made from the period when not given.
        #[arg(long, default_value = "")]
        title: String,
        /// Folder to write `report-<id>.json` and `.html` into.
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
    /// List the reports that were written.
    List(PageArgs),
    /// Write a stored report again, byte for byte.
    Get {
        report_id: String,
        /// Folder to write into.
        #[arg(long, default_value = ".")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TaxonomyVerb {
    /// Show every label, or those of one group.
    Show {
        /// Only labels below this, such as `PII.Identifier`.
        group: Option<String>,
    },
    /// Show what moved between two versions.
    Diff {
        #[arg(default_value = "")]
        from: String,
        #[arg(default_value = "")]
        to: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FrameworksArgs {
    /// Show the controls of this framework.
    pub framework: Option<String>,
    /// Show the facts a tenant can state.
    #[arg(long, conflicts_with = "framework")]
    pub facts: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyVerb {
    /// List the policies in force.
    List(PageArgs),
    /// Show one policy as JSON.
    Show {
        #[arg(default_value = "default")]
        name: String,
        /// A past version; the one in force when not given.
        #[arg(long, default_value_t = 0)]
        version: u32,
    },
    /// Publish the next version of a policy from a JSON file (`-` for standard input) and put it into force.
    Publish { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DetectorsVerb {
    /// List the shared detectors and the tenant's own.
    List(PageArgs),
    /// Register a detector that pushes its findings.
    Register {
        name: String,
        /// A label group it is able to report, such as `PII.Identifier`; may be repeated.
        #[arg(long = "group")]
        groups: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TenantsVerb {
    /// Create a tenant with a default policy.
    Create { name: String },
    /// List all tenants.
    List(PageArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Issue a key. It is shown once.
    Issue {
        /// Id of the tenant.
        tenant: String,
        /// Name of the key.
        name: String,
        /// What its bearer may do: admin, analyst, detector, application; may be repeated.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
    },
    /// List the keys of a tenant, without their secrets.
    List {
        /// Id of the tenant.
        tenant: String,
        #[command(flatten)]
        page: PageArgs,
    },
    /// Revoke a key.
    Revoke {
        /// Id of the tenant.
        tenant: String,
        /// Id of the key.
        key_id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GenerateArgs {
    /// How many findings.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=5_000_000))]
    pub findings: u32,
    /// Seed; the same seed and end give the same bytes.
    #[arg(long, default_value_t = 2026)]
    pub seed: u64,
    /// End of the 14 days; now, to the hour, when not given.
    #[arg(long)]
    pub end: Option<crate::time::Moment>,
    /// Print what the mesh must answer for these findings instead of the findings.
    #[arg(long)]
    pub truth: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure; everything when not given.
    #[arg(value_enum)]
    pub what: Vec<Bench>,
    /// Seconds per measurement.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub seconds: u32,
    /// Requests per second of the latency measurement.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rate: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// Latency of unary `Map` over gRPC at a fixed rate.
    Map,
    /// Durable ingest, beside raw COPY into an identical table in the same run.
    Ingest,
    /// Resident memory of each service.
    Memory,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Read the configuration of a service as it would, and print it with secrets masked.
    Check(ServiceArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ServiceArgs {
    #[arg(value_enum)]
    pub service: ServiceName,
    /// A configuration file; the environment and the defaults apply as well.
    #[arg(long)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub service: ServiceArgs,
    /// Stop when standard input closes: a child must not outlive the process that started it.
    #[arg(long)]
    pub stop_with_parent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServiceName {
    Orchestration,
    Mapper,
    Analysis,
}

impl ServiceName {
    pub(crate) const ALL: [ServiceName; 3] =
        [ServiceName::Mapper, ServiceName::Orchestration, ServiceName::Analysis];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ServiceName::Orchestration => "orchestration",
            ServiceName::Mapper => "mapper",
            ServiceName::Analysis => "analysis",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
