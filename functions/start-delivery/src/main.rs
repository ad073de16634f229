//! The program of `start-delivery`.

use std::process::ExitCode;

fn main() -> ExitCode {
    whenever::run(|settings| Ok(start_delivery::function(settings)))
}
