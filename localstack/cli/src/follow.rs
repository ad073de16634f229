//! Reads `order-events` as it grows, outside any consumer group.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};
use shop::ORDER_EVENTS;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// With the oldest record that is kept.
    Beginning,
    /// With the first record after now.
    Now,
}

/// A reader of `order-events`.
pub(crate) struct Follower(StreamConsumer);

impl Follower {
    /// A reader whose place is fixed when this returns. The embedded broker does not wake a waiting fetch: a record is
    /// seen at most `pause` late.
    pub(crate) async fn start(brokers: &str, from: From, pause: Duration) -> Result<Self, String> {
        let consumer: KafkaResult<StreamConsumer> = ClientConfig::new()
            .set("bootstrap.servers", brokers)
            // Demanded by librdkafka, never joined.
            .set("group.id", "whenever-events")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", pause.as_millis().to_string())
            .set("log_level", "3")
            .create();
        let failed = |error| format!("{ORDER_EVENTS} cannot be read from the broker at {brokers}: {error}");
        let consumer = Arc::new(consumer.map_err(failed)?);
        let placed = Arc::clone(&consumer);
        let placing = tokio::task::spawn_blocking(move || place(&placed, from)).await;
        placing.map_err(|error| format!("the reader of {ORDER_EVENTS} broke off: {error}"))?.map_err(failed)?;
        let consumer = Arc::into_inner(consumer).ok_or_else(|| "the reader is still being placed".to_owned())?;
        Ok(Self(consumer))
    }

    /// The next record's value; waits for one.
    pub(crate) async fn next(&self) -> Result<Vec<u8>, String> {
        let record = self.0.recv().await.map_err(|error| format!("{ORDER_EVENTS} cannot be read on: {error}"))?;
        Ok(record.payload().unwrap_or_default().to_vec())
    }
}

fn place(consumer: &StreamConsumer, from: From) -> KafkaResult<()> {
    let metadata = consumer.fetch_metadata(Some(ORDER_EVENTS), TIMEOUT)?;
    let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
    let mut places = TopicPartitionList::new();
    for partition in partitions {
        let (oldest, next) = consumer.fetch_watermarks(ORDER_EVENTS, partition.id(), TIMEOUT)?;
        let offset = if from == From::Beginning { oldest } else { next };
        places.add_partition_offset(ORDER_EVENTS, partition.id(), Offset::Offset(offset))?;
    }
    consumer.assign(&places)
}
