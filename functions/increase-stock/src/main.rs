//! Whenever a delivery is cancelled, give back exactly what the order took from stock.

use std::process::ExitCode;

use shop::inventory;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("increase-stock").whenever(inventory::give_back)))
}
