//! Whenever the stock of an order with a coupon is taken, keep the customer's coupon for it.

use shop::coupon;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("reserve-coupon").whenever(coupon::reserve)
}
