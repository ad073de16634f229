//! The program of `modify-delivery`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(modify_delivery::function()))
}
