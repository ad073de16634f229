//! The program of `cancel-delivery`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(cancel_delivery::function()))
}
