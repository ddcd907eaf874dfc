//! The mapper on its own: `mapper serve`, `mapper migrate`.

fn main() -> std::process::ExitCode {
    runtime::boot::main(&mapper::SERVICE)
}
