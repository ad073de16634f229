//! Publishing on behalf of the stack itself.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::BrokerError;
use crate::Say;

/// A producer that does not give up. Clones share one connection.
#[derive(Clone)]
pub(crate) struct Publisher {
    producer: FutureProducer,
    say: Say,
}

impl Publisher {
    pub(crate) fn new(bootstrap: &str, say: Say) -> Result<Self, BrokerError> {
        ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("compression.type", "lz4")
            .set("linger.ms", "0")
            .set("log_level", "3")
            .create()
            .map(|producer| Self { producer, say })
            .map_err(BrokerError::call("making a producer"))
    }

    /// Publishes a record; returns once the broker has it.
    pub(crate) async fn publish(&self, topic: &str, payload: &[u8]) {
        let record = || FutureRecord::<(), [u8]>::to(topic).payload(payload);
        while let Err((error, _)) = self.producer.send(record(), Duration::from_secs(30)).await {
            (self.say)(&format!("publishing to {topic} failed: {error}; trying again"));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
