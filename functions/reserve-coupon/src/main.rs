//! Whenever the stock of an order with a coupon is taken, keep the customer's coupon for it.

use std::process::ExitCode;

use shop::coupon;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("reserve-coupon").whenever(coupon::reserve)))
}
