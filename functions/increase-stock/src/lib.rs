//! Whenever a delivery is cancelled, give back exactly what the order took from stock.

use shop::inventory;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("increase-stock").whenever(inventory::give_back)
}
