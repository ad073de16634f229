//! The program of `deliveries-api`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(deliveries_api::function()))
}
