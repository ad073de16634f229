//! Whenever the payment is completed, place the order.

use shop::order;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("place-order").whenever(order::place)
}
