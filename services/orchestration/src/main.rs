//! The orchestration service as a process: `orchestration serve`, `orchestration migrate`.

fn main() -> std::process::ExitCode {
    runtime::boot::main(&orchestration::SERVICE)
}
