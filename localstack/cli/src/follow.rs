//! Reads `order-events` as it grows, outside any consumer group.

use std::sync::{Arc, Weak};
use std::time::Duration;

use localstack::broker::Given;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::{ClientConfig, Message as _, Offset, TopicPartitionList};
use shop::ORDER_EVENTS;

const TIMEOUT: Duration = Duration::from_secs(10);

/// How soon partitions are noticed that the topic gets later.
const NOTICED: Duration = Duration::from_secs(3);

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// With the oldest record that is kept.
    Beginning,
    /// With the first record after now.
    Now,
}

/// A reader of `order-events`.
pub(crate) struct Follower(Arc<StreamConsumer>);

impl Follower {
    /// A reader whose place is fixed when this returns. The embedded broker does not wake a waiting fetch: a record is
    /// seen at most `pause` late.
    pub(crate) async fn start(broker: &Given, from: From, pause: Duration) -> Result<Self, String> {
        let consumer: KafkaResult<StreamConsumer> = ClientConfig::new()
            .set("bootstrap.servers", &broker.bootstrap)
            // Demanded by librdkafka, never joined.
            .set("group.id", "whenever-events")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", pause.as_millis().to_string())
            .set("log_level", "3")
            .create();
        let failed = |error| format!("{ORDER_EVENTS} cannot be read from the broker at {}: {error}", broker.bootstrap);
        let consumer = Arc::new(consumer.map_err(failed)?);
        let (placed, topic) = (Arc::clone(&consumer), broker.name(ORDER_EVENTS));
        let placing = tokio::task::spawn_blocking(move || place(&placed, &topic, from)).await;
        placing.map_err(|error| format!("the reader of {ORDER_EVENTS} broke off: {error}"))?.map_err(failed)?;
        tokio::spawn(follow_growth(Arc::downgrade(&consumer), broker.name(ORDER_EVENTS)));
        Ok(Self(consumer))
    }

    /// The next record's value; waits for one.
    pub(crate) async fn next(&self) -> Result<Vec<u8>, String> {
        let record = self.0.recv().await.map_err(|error| format!("{ORDER_EVENTS} cannot be read on: {error}"))?;
        Ok(record.payload().unwrap_or_default().to_vec())
    }
}

fn place(consumer: &StreamConsumer, topic: &str, from: From) -> KafkaResult<()> {
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
    let mut places = TopicPartitionList::new();
    for partition in partitions {
        let (oldest, next) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
        let offset = if from == From::Beginning { oldest } else { next };
        places.add_partition_offset(topic, partition.id(), Offset::Offset(offset))?;
    }
    consumer.assign(&places)
}

/// Takes in what the topic grows by, as long as there is a reader.
async fn follow_growth(consumer: Weak<StreamConsumer>, topic: String) {
    loop {
        tokio::time::sleep(NOTICED).await;
        let Some(consumer) = consumer.upgrade() else { return };
        let topic = topic.clone();
        // A broker that does not answer now is asked again.
        drop(tokio::task::spawn_blocking(move || take_in_new(&consumer, &topic)).await);
    }
}

/// Reads partitions that are not read yet from their beginning: they are younger than the reader.
fn take_in_new(consumer: &StreamConsumer, topic: &str) -> KafkaResult<()> {
    let read = consumer.assignment()?;
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
    let mut new = TopicPartitionList::new();
    for partition in metadata.topics().iter().flat_map(|topic| topic.partitions()) {
        if read.find_partition(topic, partition.id()).is_none() {
            new.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
        }
    }
    if new.count() == 0 { Ok(()) } else { consumer.incremental_assign(&new) }
}
