//! Whenever an order is modified, send its delivery to the new address.

use std::process::ExitCode;

use shop::delivery;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("modify-delivery").whenever(delivery::modify)))
}
