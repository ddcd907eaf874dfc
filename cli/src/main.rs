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
mod serve;
mod time;
mod up;
mod verbs;
mod wire_json;

use std::process::ExitCode;

use args::{Cli, Globals, Verb};
use clap::{CommandFactory as _, Parser as _};
use output::Output;

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
            output.note(&format!("llama-mapper: {err:#}"));
            exit_code(&err)
        }
    }
}

/// 4 when nobody answered, 2 when the request was refused, else 1.
fn exit_code(err: &anyhow::Error) -> ExitCode {
    use tonic::Code;
    let status = err.chain().find_map(|cause| cause.downcast_ref::<tonic::Status>());
    match status.map(tonic::Status::code) {
        Some(Code::Unavailable) => ExitCode::from(4),
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
    // Verbs that are not a client of the mesh, or bring their own runtime.
    match verb {
        Verb::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "llama-mapper", &mut text);
            output.text(&String::from_utf8_lossy(&text));
            return Ok(Done::Well);
        }
        Verb::Generate(args) => return verbs::ingest::generate(&args, output),
        Verb::Config(args::ConfigVerb::Check(args)) => return config::check(&args, output),
        Verb::Serve(args) => return serve::serve(&args),
        Verb::Migrate(args) => return serve::migrate(&args, output),
        verb => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(ask(verb, globals, output))
        }
    }
}

async fn ask(verb: Verb, globals: &Globals, output: Output) -> anyhow::Result<Done> {
    match verb {
        Verb::Up(args) => up::up(&args, globals, output).await,
        Verb::Ingest(args) => verbs::ingest::ingest(&args, globals, output).await,
        Verb::Detect(args) => verbs::detect::detect(&args, globals, output).await,
        Verb::Map(args) => verbs::map::map(&args, globals, output).await,
        Verb::Explain(args) => verbs::map::explain(&args, globals, output).await,
        Verb::Events(args) => verbs::events::events(&args, globals, output).await,
        Verb::Coverage(args) => verbs::analyse::coverage(&args, globals, output).await,
        Verb::Risk(args) => verbs::analyse::risk(&args, globals, output).await,
        Verb::Gaps(args) => verbs::analyse::gaps(&args, globals, output).await,
        Verb::Report(verb) => verbs::report::report(verb, globals, output).await,
        Verb::Taxonomy(verb) => verbs::taxonomy::taxonomy(verb, globals, output).await,
        Verb::Frameworks(args) => verbs::taxonomy::frameworks(&args, globals, output).await,
        Verb::Proposals(args) => verbs::taxonomy::proposals(&args, globals, output).await,
        Verb::Policy(verb) => verbs::registry::policy(verb, globals, output).await,
        Verb::Detectors(verb) => verbs::registry::detectors(verb, globals, output).await,
        Verb::Tenants(verb) => verbs::tenancy::tenants(verb, globals, output).await,
        Verb::Keys(verb) => verbs::tenancy::keys(verb, globals, output).await,
        Verb::Doctor => doctor::doctor(globals, output).await,
        Verb::Bench(args) => bench::bench(&args, globals, output).await,
        Verb::Completions { .. }
        | Verb::Generate(_)
        | Verb::Config(_)
        | Verb::Serve(_)
        | Verb::Migrate(_) => unreachable!("`run` has answered these"),
    }
}
