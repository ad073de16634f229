//! The program of `record-timeline`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(record_timeline::function()))
}
