//! Whenever an order with a coupon is rejected or cancelled, give the coupon back.

use std::process::ExitCode;

use shop::coupon;
use shop::order::{OrderCancelled, OrderRejected};
use whenever::Policy;

fn main() -> ExitCode {
    whenever::run(|_| {
        Ok(Policy::named("release-coupon")
            .whenever(coupon::release::<OrderRejected>)
            .whenever(coupon::release::<OrderCancelled>))
    })
}
