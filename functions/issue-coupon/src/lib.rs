//! Whenever a customer asks for a coupon, issue one if any is left.

use shop::coupon;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("issue-coupon").whenever(coupon::issue)
}
