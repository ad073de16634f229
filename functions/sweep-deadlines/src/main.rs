//! The program of `sweep-deadlines`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(sweep_deadlines::function)
}
