//! Whenever an order is rejected or cancelled, give back exactly what it took from the customer's balance.

use shop::order::{OrderCancelled, OrderRejected};
use shop::payment;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("refund-payment")
        .whenever(payment::refund::<OrderRejected>)
        .whenever(payment::refund::<OrderCancelled>)
}
