//! The broker on Kafka, through librdkafka.

mod access;
mod connection;
mod failure;
#[cfg(feature = "kafka-tls")]
mod secured;
mod trouble;

use std::fmt;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, join_all, select};
use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};

pub use self::access::KafkaAccess;
pub use self::connection::KafkaConnection;
use self::failure::failure;
use self::trouble::Trouble;
use crate::ports::{Broker, Message, Pending, PublishError};
use crate::{SettingError, Settings};

/// How long the broker may take to acknowledge a record; shorter than a function's time, so that it can still answer.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(15);

/// How soon a topic that has grown is noticed, in milliseconds.
const PARTITIONS_NOTICED: &str = "3000";

/// How long a topic that the broker does not know may still turn up, in milliseconds; then its records fail.
const TOPIC_TURNS_UP: &str = "5000";

/// How long a broker may take to say what it has, when it is checked; and how often it is looked for why it does not.
const CHECKED_WITHIN: Duration = Duration::from_secs(5);
const LOOKED_EVERY: Duration = Duration::from_millis(500);

/// A producer that waits for all in-sync replicas and keeps each key's order across its own retries.
pub struct KafkaBroker {
    access: KafkaAccess,
    compression: String,
    producer: Mutex<FutureProducer<KafkaConnection>>,
    connection: KafkaConnection,
    prefix: String,
}

/// Why the broker could not be spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotConnected {
    /// It answers, and will not take this program as it is set up. Says which setting to mend.
    Refused(String),
    /// It does not answer. It may yet.
    Unreachable(String),
}

impl KafkaBroker {
    /// A producer for the brokers of [`KafkaAccess::from_settings`], which compresses with `KAFKA_COMPRESSION` (`lz4` by default,
    /// `none`, `gzip`, `snappy`). Where others use these brokers too, every topic's name is put behind `KAFKA_TOPIC_PREFIX`.
    ///
    /// # Errors
    ///
    /// [`SettingError`] as of [`KafkaAccess::from_settings`], or where librdkafka refuses a setting.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let access = KafkaAccess::from_settings(settings)?;
        let compression = settings.get("KAFKA_COMPRESSION").unwrap_or("lz4").to_owned();
        let connection = access.connection();
        let producer = config(&access, &compression).create_with_context(connection.clone()).map_err(|e| {
            SettingError::new(access::SERVERS, &format!("or another KAFKA setting is refused by librdkafka: {e}"))
        })?;
        let prefix = settings.get("KAFKA_TOPIC_PREFIX").unwrap_or_default().to_owned();
        Ok(KafkaBroker { access, compression, producer: Mutex::new(producer), connection, prefix })
    }

    /// Connects and asks the broker what it has, to tell what will never work from what may work later.
    ///
    /// # Errors
    ///
    /// [`NotConnected`] as soon as it is known, at the latest after 5 s.
    pub async fn connect(&self) -> Result<(), NotConnected> {
        let (producer, connection) = (self.producer(), self.connection.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let until = Instant::now() + CHECKED_WITHIN;
            loop {
                match (producer.client().fetch_metadata(None, LOOKED_EVERY), connection.last()) {
                    (Ok(_), _) => {
                        connection.works();
                        return Ok(());
                    }
                    (Err(_), Some(Trouble::Refused(why) | Trouble::Denied(why))) => {
                        return Err(NotConnected::Refused(why));
                    }
                    (Err(e), _) if Instant::now() >= until => {
                        return Err(NotConnected::Unreachable(connection.explain(&e)));
                    }
                    (Err(_), _) => {}
                }
            }
        });
        checked.await.unwrap_or_else(|e| Err(NotConnected::Unreachable(format!("the check broke off: {e}"))))
    }

    /// The producer. One that has met a fatal error, such as a broker that forgot it, takes nothing any more and is replaced.
    fn producer(&self) -> FutureProducer<KafkaConnection> {
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if producer.client().fatal_error().is_some()
            && let Ok(fresh) = config(&self.access, &self.compression).create_with_context(self.connection.clone())
        {
            *producer = fresh;
        }
        producer.clone()
    }

    /// The broker does not take the user any more: what waits goes out as soon as the secret says another that it does take.
    #[cfg_attr(
        not(feature = "kafka-tls"),
        expect(unused_variables, clippy::unused_async, reason = "there are no secrets")
    )]
    async fn renew(&self, producer: &FutureProducer<KafkaConnection>) {
        #[cfg(feature = "kafka-tls")]
        if let Some(secured) = self.access.secured() {
            secured.renew(producer.client()).await;
        }
    }
}

fn config(access: &KafkaAccess, compression: &str) -> ClientConfig {
    let mut config = access.config();
    config
        .set("acks", "all")
        .set("enable.idempotence", "true")
        // The partitioner of Java's clients, so that every producer agrees where a key belongs.
        .set("partitioner", "murmur2_random")
        .set("compression.type", compression)
        // Long enough for an invocation's records to go out together, and no longer.
        .set("linger.ms", "1")
        .set("topic.metadata.refresh.interval.ms", PARTITIONS_NOTICED)
        .set("topic.metadata.propagation.max.ms", TOPIC_TURNS_UP)
        .set("message.timeout.ms", ACKNOWLEDGED_WITHIN.as_millis().to_string());
    config
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
        let answers = join_all(sent.into_iter().map(async |(topic, sent)| match sent?.await {
            Ok(Ok(_)) => {
                self.connection.works();
                Ok(())
            }
            Ok(Err((e, _))) => Err(failure(&topic, &e, &self.connection)),
            Err(_) => Err(PublishError::Unavailable("the producer was closed".to_owned())),
        }));
        Box::pin(async move {
            match select(answers, pin!(self.connection.denied())).await {
                Either::Left((answers, _)) => answers,
                Either::Right(((), answers)) => {
                    self.renew(&producer).await;
                    answers.await
                }
            }
        })
    }

    fn check(&self) -> Pending<'_, Result<(), String>> {
        Box::pin(async move {
            match self.connect().await {
                Err(NotConnected::Refused(why)) => Err(why),
                Ok(()) | Err(NotConnected::Unreachable(_)) => Ok(()),
            }
        })
    }
}

impl fmt::Display for NotConnected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => write!(f, "the broker does not take this program: {why}"),
            Self::Unreachable(why) => write!(f, "the broker does not answer: {why}"),
        }
    }
}

impl std::error::Error for NotConnected {}

impl fmt::Debug for KafkaBroker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KafkaBroker").field("access", &self.access).finish_non_exhaustive()
    }
}
