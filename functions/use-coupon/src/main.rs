//! Whenever an order with a coupon is placed, use the coupon up.

use std::process::ExitCode;

use shop::coupon;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("use-coupon").whenever(coupon::use_up)))
}
