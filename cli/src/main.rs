//! `llama-mapper`: the mesh on one machine, and every question one can ask it.
//!
//! Reading order: `args` what can be said, `up` the main job, `verbs` one file per group of questions, `generate` the
//! demo's findings, `bench` the figures. `mesh` is the only file that knows addresses and credentials.

mod args;
mod bench;
mod config;
mod doctor;
mod files;
mod generate;
mod mesh;
mod output;
mod period;
mod progress;
mod serve;
mod time;
mod up;
mod verbs;
mod wire_json;

use std::process::ExitCode;

use args::{Cli, Globals, Verb};
use clap::{CommandFactory as _, Parser as _};
use output::Output;
use tonic_types::StatusExt as _;

/// How a verb ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    Well,
    /// Something was refused, malformed, partial or found wanting: worth an exit status of its own.
    WithRemarks,
}

fn main() -> ExitCode {
    let Cli { globals, verb } = Cli::parse();
    let output = Output::new(&globals);
    match run(verb, &globals, output) {
        Ok(Done::Well) => ExitCode::SUCCESS,
        Ok(Done::WithRemarks) => ExitCode::from(3),
        Err(err) => {
            output.note(&format!("llama-mapper: {}", describe(&err)));
            let code = exit_code(&err);
            if code == ExitCode::from(AWAY) {
                output.note("`llama-mapper doctor` says which service is away");
            }
            code
        }
    }
}

/// The error and its causes on one line; a refusal in the words and with the reason of the service.
fn describe(err: &anyhow::Error) -> String {
    let causes = err.chain().map(|cause| {
        let Some(status) = cause.downcast_ref::<tonic::Status>() else { return cause.to_string() };
        let Some(info) = status.get_details_error_info() else {
            return status.message().to_owned();
        };
        let request = info.metadata.get("request_id");
        let request = request.map_or(String::new(), |id| format!(", request {id}"));
        format!("{} ({}{request})", status.message(), info.reason)
    });
    let mut causes: Vec<_> = causes.collect();
    // What the transport has to add to a status is the status in other words.
    causes.dedup();
    causes.join(": ")
}

/// The exit status when a service cannot be reached.
const AWAY: u8 = 4;

/// [`AWAY`] when nobody answered, 2 when the request was refused, else 1.
fn exit_code(err: &anyhow::Error) -> ExitCode {
    use tonic::Code;
    let status = err.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>());
    match status.map(tonic::Status::code) {
        Some(Code::Unavailable) => ExitCode::from(AWAY),
        Some(
            Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::Unauthenticated,
        ) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    }
}

fn run(verb: Verb, globals: &Globals, output: Output) -> anyhow::Result<Done> {
    match verb {
        Verb::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "llama-mapper", &mut text);
            output.text(&String::from_utf8_lossy(&text));
            Ok(Done::Well)
        }
        Verb::Generate(args) => verbs::ingest::generate(&args, output),
        Verb::Config(args::ConfigVerb::Check(args)) => config::check(&args, output),
        // These bring a runtime of their own.
        Verb::Serve(args) => serve::serve(&args),
        Verb::Migrate(args) => serve::migrate(&args, output),
        Verb::Up(args) => block_on(up::up(&args, globals, output)),
        Verb::Ingest(args) => block_on(verbs::ingest::ingest(&args, globals, output)),
        Verb::Detect(args) => block_on(verbs::detect::detect(&args, globals, output)),
        Verb::Map(args) => block_on(verbs::map::map(&args, globals, output)),
        Verb::Explain(args) => block_on(verbs::map::explain(&args, globals, output)),
        Verb::Events(args) => block_on(verbs::events::events(&args, globals, output)),
        Verb::Coverage(args) => block_on(verbs::analyse::coverage(&args, globals, output)),
        Verb::Risk(args) => block_on(verbs::analyse::risk(&args, globals, output)),
        Verb::Gaps(args) => block_on(verbs::analyse::gaps(&args, globals, output)),
        Verb::Report(verb) => block_on(verbs::report::report(verb, globals, output)),
        Verb::Taxonomy(verb) => block_on(verbs::taxonomy::taxonomy(verb, globals, output)),
        Verb::Frameworks(args) => block_on(verbs::taxonomy::frameworks(&args, globals, output)),
        Verb::Proposals(args) => block_on(verbs::taxonomy::proposals(&args, globals, output)),
        Verb::Policy(verb) => block_on(verbs::registry::policy(verb, globals, output)),
        Verb::Detectors(verb) => block_on(verbs::registry::detectors(verb, globals, output)),
        Verb::Tenants(verb) => block_on(verbs::tenancy::tenants(verb, globals, output)),
        Verb::Keys(verb) => block_on(verbs::tenancy::keys(verb, globals, output)),
        Verb::Doctor => block_on(doctor::doctor(globals, output)),
        Verb::Bench(args) => block_on(bench::bench(&args, globals, output)),
    }
}

fn block_on(asking: impl Future<Output = anyhow::Result<Done>>) -> anyhow::Result<Done> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(asking)
}
