//! The broker on Kafka, through librdkafka.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};

use crate::lambda::{SettingError, Settings};
use crate::ports::{Broker, Message, Pending, PublishError};

/// How long the broker may take to acknowledge a record; shorter than a function's time, so that it can still answer.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(15);

/// A producer that waits for all in-sync replicas and keeps each key's order across its own retries.
pub struct KafkaBroker {
    config: ClientConfig,
    producer: Mutex<FutureProducer>,
}

impl KafkaBroker {
    /// A producer for the brokers of `KAFKA_BOOTSTRAP_SERVERS` (`host:port`, comma-separated), which compresses with
    /// `KAFKA_COMPRESSION` (`lz4` by default, `none`, `gzip`, `snappy`).
    ///
    /// # Errors
    ///
    /// [`SettingError`] where the variable is missing or librdkafka refuses it.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        const SERVERS: &str = "KAFKA_BOOTSTRAP_SERVERS";
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", settings.read::<String>(SERVERS)?)
            .set("acks", "all")
            .set("enable.idempotence", "true")
            // The partitioner of Java's clients, so that every producer agrees where a key belongs.
            .set("partitioner", "murmur2_random")
            .set("compression.type", settings.get("KAFKA_COMPRESSION").unwrap_or("lz4"))
            // Long enough for an invocation's records to go out together, and no longer.
            .set("linger.ms", "1")
            .set("message.timeout.ms", ACKNOWLEDGED_WITHIN.as_millis().to_string());
        let producer =
            config.create().map_err(|e| SettingError::new(SERVERS, &format!("is refused by librdkafka: {e}")))?;
        Ok(KafkaBroker { config, producer: Mutex::new(producer) })
    }

    /// The producer. One that has met a fatal error, such as a broker that forgot it, takes nothing any more and is replaced.
    fn producer(&self) -> FutureProducer {
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if producer.client().fatal_error().is_some()
            && let Ok(fresh) = self.config.create()
        {
            *producer = fresh;
        }
        producer.clone()
    }
}

impl Broker for KafkaBroker {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        let producer = self.producer();
        let sent: Vec<_> = messages
            .iter()
            .map(|message| {
                let record = FutureRecord::to(&message.topic).key(&message.key).payload(&message.value);
                producer.send_result(record).map_err(|(e, _)| failure(&e))
            })
            .collect();
        Box::pin(join_all(sent.into_iter().map(async |sent| match sent?.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err((e, _))) => Err(failure(&e)),
            Err(_) => Err(PublishError::Unavailable("the producer was closed".to_owned())),
        })))
    }
}

/// What the broker says about the record itself is final. What it says about itself or its topics is neither final nor an outage.
fn failure(e: &KafkaError) -> PublishError {
    match e.rdkafka_error_code() {
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::InvalidMessage
            | RDKafkaErrorCode::InvalidMessageSize
            | RDKafkaErrorCode::InvalidRecord
            | RDKafkaErrorCode::InvalidTimestamp,
        ) => PublishError::Refused(e.to_string()),
        Some(
            RDKafkaErrorCode::PolicyViolation
            | RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::ClusterAuthorizationFailed
            | RDKafkaErrorCode::InvalidTopic
            | RDKafkaErrorCode::InvalidPartitions
            | RDKafkaErrorCode::UnsupportedForMessageFormat,
        ) => PublishError::Failed(e.to_string()),
        _ => PublishError::Unavailable(e.to_string()),
    }
}

impl std::fmt::Debug for KafkaBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaBroker").finish_non_exhaustive()
    }
}
