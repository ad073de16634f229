//! The program of `collect-dead-letters`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(collect_dead_letters::function()))
}
