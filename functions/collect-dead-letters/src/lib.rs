//! Whenever Lambda gives up on a batch, keep its records with the dead letters.

use whenever::Collector;

/// The collector.
#[must_use]
pub fn function() -> Collector {
    Collector::named("collect-dead-letters")
}
