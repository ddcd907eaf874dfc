//! Analysis on its own: `analysis serve`, `analysis migrate`.

fn main() -> std::process::ExitCode {
    runtime::boot::main(&analysis::SERVICE)
}
