//! The program of `place-order`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|_| Ok(place_order::function()))
}
