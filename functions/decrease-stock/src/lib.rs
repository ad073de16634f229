//! Whenever a delivery is started, take the order's lines from stock: all of them or none.

use shop::inventory;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("decrease-stock").whenever(inventory::take)
}
