//! Whenever an item is written with an outbox, publish the outbox's events to Kafka.

use std::process::ExitCode;
use std::sync::Arc;

use whenever::{KafkaBroker, Relay};

fn main() -> ExitCode {
    whenever::run(|settings| {
        let broker = KafkaBroker::from_settings(settings)?;
        Ok(Relay::named("relay-outbox", Arc::new(broker)))
    })
}
