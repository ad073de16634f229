//! Whenever a customer asks for a coupon, issue one if any is left.

use std::process::ExitCode;

use shop::coupon;
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| Ok(Policy::named("issue-coupon").whenever(coupon::issue)))
}
