//! The program of `collect-dead-letters`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|settings| Ok(collect_dead_letters::function().of_stack(settings.get("WHENEVER_STACK"))))
}
