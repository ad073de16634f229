//! The program of `reject-order`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(reject_order::function()))
}
