//! The program of `increase-stock`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(increase_stock::function()))
}
