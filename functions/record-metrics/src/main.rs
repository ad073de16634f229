//! The program of `record-metrics`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(record_metrics::function()))
}
