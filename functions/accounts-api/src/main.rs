//! The program of `accounts-api`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(accounts_api::function()))
}
