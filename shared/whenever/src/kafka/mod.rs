//! The broker on Kafka, through librdkafka.

mod connection;
mod failure;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};

use self::connection::Connection;
use self::failure::failure;
use crate::ports::{Broker, Message, Pending, PublishError};
use crate::{SettingError, Settings};

/// How long the broker may take to acknowledge a record; shorter than a function's time, so that it can still answer.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(15);

/// How soon a topic that has grown is noticed, in milliseconds.
const PARTITIONS_NOTICED: &str = "3000";

/// How long a topic that the broker does not know may still turn up, in milliseconds; then its records fail.
const TOPIC_TURNS_UP: &str = "5000";

/// A producer that waits for all in-sync replicas and keeps each key's order across its own retries.
pub struct KafkaBroker {
    config: ClientConfig,
    producer: Mutex<FutureProducer<Connection>>,
    connection: Connection,
    prefix: String,
}

impl KafkaBroker {
    /// A producer for the brokers of `KAFKA_BOOTSTRAP_SERVERS` (`host:port`, comma-separated), which compresses with
    /// `KAFKA_COMPRESSION` (`lz4` by default, `none`, `gzip`, `snappy`). Where others use these brokers too, every topic's name is
    /// put behind `KAFKA_TOPIC_PREFIX`.
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
            .set("topic.metadata.refresh.interval.ms", PARTITIONS_NOTICED)
            .set("topic.metadata.propagation.max.ms", TOPIC_TURNS_UP)
            .set("message.timeout.ms", ACKNOWLEDGED_WITHIN.as_millis().to_string());
        let connection = Connection::default();
        let producer = config
            .create_with_context(connection.clone())
            .map_err(|e| SettingError::new(SERVERS, &format!("is refused by librdkafka: {e}")))?;
        let prefix = settings.get("KAFKA_TOPIC_PREFIX").unwrap_or_default().to_owned();
        Ok(KafkaBroker { config, producer: Mutex::new(producer), connection, prefix })
    }

    /// The producer. One that has met a fatal error, such as a broker that forgot it, takes nothing any more and is replaced.
    fn producer(&self) -> FutureProducer<Connection> {
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if producer.client().fatal_error().is_some()
            && let Ok(fresh) = self.config.create_with_context(self.connection.clone())
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
                let topic = format!("{}{}", self.prefix, message.topic);
                let record = FutureRecord::to(&topic).key(&message.key).payload(&message.value);
                let sent = producer.send_result(record).map_err(|(e, _)| failure(&topic, &e, &self.connection));
                (topic, sent)
            })
            .collect();
        Box::pin(join_all(sent.into_iter().map(async |(topic, sent)| match sent?.await {
            Ok(Ok(_)) => {
                self.connection.works();
                Ok(())
            }
            Ok(Err((e, _))) => Err(failure(&topic, &e, &self.connection)),
            Err(_) => Err(PublishError::Unavailable("the producer was closed".to_owned())),
        })))
    }
}

impl std::fmt::Debug for KafkaBroker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaBroker").finish_non_exhaustive()
    }
}
