//! What Kafka may do to every consumer: deliver again.

use whenever::ports::{Broker as _, Message};
use whenever::{Envelope, KafkaBroker, Settings};

/// Puts the order's events on its topic again, all in their order, so many times.
pub(super) async fn publish(broker: &str, events: &[Envelope], times: u32) -> Result<(), String> {
    let settings: Settings = [("KAFKA_BOOTSTRAP_SERVERS".to_owned(), broker.to_owned())].into_iter().collect();
    let broker = KafkaBroker::from_settings(&settings).map_err(|error| error.to_string())?;
    let messages = events.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    for _ in 0..times {
        for fate in broker.publish(messages.clone()).await {
            fate.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn message(event: &Envelope) -> Result<Message, String> {
    let value = serde_json::to_vec(event).map_err(|error| format!("{} cannot be written: {error}", event.id))?;
    Ok(Message { topic: shop::ORDER_EVENTS.to_owned(), key: event.partitionkey.clone(), value })
}
