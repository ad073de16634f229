//! The program of `decrease-stock`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(decrease_stock::function()))
}
