//! Whenever Lambda gives up on a batch, keep its records with the dead letters.

use std::process::ExitCode;

use whenever::Collector;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Collector::named("collect-dead-letters")))
}
