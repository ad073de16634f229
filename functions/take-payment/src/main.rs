//! Whenever the stock of an order is taken, and its coupon reserved if it has one, take what it costs from the customer's balance.

use std::process::ExitCode;

use shop::payment;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("take-payment").whenever(payment::take).whenever(payment::take_reduced)))
}
