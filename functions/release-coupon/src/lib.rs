//! Whenever an order with a coupon is rejected or cancelled, give the coupon back.

use shop::coupon;
use shop::order::{OrderCancelled, OrderRejected};
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("release-coupon")
        .whenever(coupon::release::<OrderRejected>)
        .whenever(coupon::release::<OrderCancelled>)
}
