//! Whenever an order is modified, send its delivery to the new address.

use shop::delivery;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("modify-delivery").whenever(delivery::modify)
}
