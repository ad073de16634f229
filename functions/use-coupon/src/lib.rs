//! Whenever an order with a coupon is placed, use the coupon up.

use shop::coupon;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("use-coupon").whenever(coupon::use_up)
}
