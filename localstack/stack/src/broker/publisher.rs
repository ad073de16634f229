//! Publishing on behalf of the stack itself.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rdkafka::error::{KafkaResult, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
use whenever::KafkaConnection;

use super::Given;
use crate::Say;

/// The largest message that is offered to the broker, which may take less: an invocation's payload, and what is around it.
const LARGEST: &str = "8388608";

/// The broker takes no message of this size.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// A producer that does not give up, made when it is first needed. Clones share it.
#[derive(Clone)]
pub(crate) struct Publisher {
    producer: Arc<OnceLock<FutureProducer<KafkaConnection>>>,
    broker: Given,
    say: Say,
}

impl Publisher {
    pub(crate) fn new(broker: Given, say: Say) -> Self {
        Self { producer: Arc::default(), broker, say }
    }

    /// Publishes a record to a topic of the template; returns once the broker has it, however long that takes, or will never
    /// take it.
    pub(crate) async fn publish(&self, topic: &str, payload: &[u8]) -> Result<(), TooLarge> {
        while let Err(error) = self.try_publish(topic, payload).await {
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::MessageSizeTooLarge) {
                return Err(TooLarge);
            }
            (self.say)(&format!("publishing to {topic} failed: {error}; trying again"));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    }

    async fn try_publish(&self, topic: &str, payload: &[u8]) -> KafkaResult<()> {
        let producer = match self.producer.get() {
            Some(producer) => producer,
            None => {
                let producer = self.connect()?;
                self.producer.get_or_init(|| producer)
            }
        };
        let topic = self.broker.name(topic);
        let record = FutureRecord::<(), [u8]>::to(&topic).payload(payload);
        producer.send(record, Duration::from_secs(30)).await.map(drop).map_err(|(error, _)| error)
    }

    fn connect(&self) -> KafkaResult<FutureProducer<KafkaConnection>> {
        (self.broker.access.config())
            .set("acks", "all")
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("compression.type", "lz4")
            .set("linger.ms", "0")
            .set("message.max.bytes", LARGEST)
            .create_with_context(self.broker.access.connection())
    }
}
