//! Whenever the stock of an order is taken, and its coupon reserved if it has one, take what it costs from the customer's balance.

use shop::payment;
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named("take-payment").whenever(payment::take).whenever(payment::take_reduced)
}
