//! The program of `take-payment`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(take_payment::function()))
}
