//! The program of `inventories-api`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(inventories_api::function()))
}
