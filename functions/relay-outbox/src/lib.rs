//! Whenever an item is written with an outbox, publish the outbox's events to Kafka.

use std::sync::Arc;

use whenever::Relay;
use whenever::ports::{Broker, Publisher};

/// The relay to the shop's topics at `broker`.
#[must_use]
pub fn function(broker: Arc<dyn Broker>) -> Relay {
    Relay::named("relay-outbox", Publisher::to(broker, shop::topics()))
}
