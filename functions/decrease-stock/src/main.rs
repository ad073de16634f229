//! Whenever a delivery is started, take the order's lines from stock: all of them or none.

use std::process::ExitCode;

use shop::inventory;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("decrease-stock").whenever(inventory::take)))
}
