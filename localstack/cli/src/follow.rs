//! Reads topics as they grow, outside any consumer group.

use std::sync::{Arc, Weak};
use std::time::Duration;

use localstack::broker::Given;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaResult;
use rdkafka::{Message as _, Offset, TopicPartitionList};
use whenever::KafkaConnection;

const TIMEOUT: Duration = Duration::from_secs(10);

/// How soon partitions are noticed that a topic gets later.
const NOTICED: Duration = Duration::from_secs(3);

/// Where to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// With the oldest record that is kept.
    Beginning,
    /// With the first record after now.
    Now,
}

/// A reader of some topics.
pub(crate) struct Follower(Arc<StreamConsumer<KafkaConnection>>);

impl Follower {
    /// A reader whose place is fixed when this returns. The embedded broker does not wake a waiting fetch: a record is
    /// seen at most `pause` late.
    pub(crate) async fn start(broker: &Given, topics: &[&str], from: From, pause: Duration) -> Result<Self, String> {
        let consumer: KafkaResult<StreamConsumer<KafkaConnection>> = (broker.access.config())
            // Demanded by librdkafka, never joined.
            .set("group.id", "whenever-events")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", pause.as_millis().to_string())
            .create_with_context(broker.access.connection());
        let failed = |error| format!("events cannot be read from the broker at {}: {error}", broker.bootstrap());
        let consumer = Arc::new(consumer.map_err(failed)?);
        broker.access.admit(consumer.client())?;
        let topics: Vec<String> = topics.iter().map(|topic| broker.name(topic)).collect();
        let (placed, placed_on) = (Arc::clone(&consumer), topics.clone());
        let placing = tokio::task::spawn_blocking(move || place(&placed, &placed_on, from)).await;
        placing.map_err(|error| format!("the reader of events broke off: {error}"))?.map_err(failed)?;
        tokio::spawn(follow_growth(Arc::downgrade(&consumer), topics));
        Ok(Self(consumer))
    }

    /// The next record's value; waits for one.
    pub(crate) async fn next(&self) -> Result<Vec<u8>, String> {
        let record = self.0.recv().await.map_err(|error| format!("events cannot be read on: {error}"))?;
        Ok(record.payload().unwrap_or_default().to_vec())
    }
}

fn place(consumer: &StreamConsumer<KafkaConnection>, topics: &[String], from: From) -> KafkaResult<()> {
    let mut places = TopicPartitionList::new();
    for (topic, partition) in partitions(consumer, topics)? {
        let (oldest, next) = consumer.fetch_watermarks(topic, partition, TIMEOUT)?;
        let offset = if from == From::Beginning { oldest } else { next };
        places.add_partition_offset(topic, partition, Offset::Offset(offset))?;
    }
    consumer.assign(&places)
}

fn partitions<'a>(
    consumer: &StreamConsumer<KafkaConnection>,
    topics: &'a [String],
) -> KafkaResult<Vec<(&'a str, i32)>> {
    let mut found = Vec::new();
    for topic in topics {
        let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT)?;
        let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions());
        found.extend(partitions.map(|partition| (topic.as_str(), partition.id())));
    }
    Ok(found)
}

/// Takes in what the topics grow by, as long as there is a reader.
async fn follow_growth(consumer: Weak<StreamConsumer<KafkaConnection>>, topics: Vec<String>) {
    loop {
        tokio::time::sleep(NOTICED).await;
        let Some(consumer) = consumer.upgrade() else { return };
        let topics = topics.clone();
        // A broker that does not answer now is asked again.
        drop(tokio::task::spawn_blocking(move || take_in_new(&consumer, &topics)).await);
    }
}

/// Reads partitions that are not read yet from their beginning: they are younger than the reader.
fn take_in_new(consumer: &StreamConsumer<KafkaConnection>, topics: &[String]) -> KafkaResult<()> {
    let read = consumer.assignment()?;
    let mut new = TopicPartitionList::new();
    for (topic, partition) in partitions(consumer, topics)? {
        if read.find_partition(topic, partition).is_none() {
            new.add_partition_offset(topic, partition, Offset::Beginning)?;
        }
    }
    if new.count() == 0 { Ok(()) } else { consumer.incremental_assign(&new) }
}
