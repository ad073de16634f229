//! Whenever an order is rejected or cancelled, cancel its delivery.

use shop::delivery;
use shop::order::{OrderCancelled, OrderRejected};
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("cancel-delivery")
        .whenever(delivery::cancel::<OrderRejected>)
        .whenever(delivery::cancel::<OrderCancelled>)
}
