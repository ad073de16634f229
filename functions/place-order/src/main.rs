//! Whenever the payment is completed, place the order.

use std::process::ExitCode;

use shop::order;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("place-order").whenever(order::place)))
}
