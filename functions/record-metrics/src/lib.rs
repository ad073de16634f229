//! Whenever a product is liked, looked at, bought or given up, count it.

use shop::catalog::{LikeChanged, ProductViewed, RECORD_METRICS, Sale, SaleCancelled, count};
use whenever::Policy;

/// The policy.
#[must_use]
pub fn function() -> Policy {
    Policy::named(RECORD_METRICS)
        .whenever(count::<LikeChanged>)
        .whenever(count::<ProductViewed>)
        .whenever(count::<Sale>)
        .whenever(count::<SaleCancelled>)
}
