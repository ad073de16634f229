//! Reading the embedded broker: every topic once, for all groups, because its fetches do not wake on a record and each
//! reader costs.

use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::BrokerError;
use crate::template::Topic;

/// A reader of these topics from their beginning, outside any group.
pub(crate) fn reader(bootstrap: &str, topics: &[Topic]) -> Result<StreamConsumer, BrokerError> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "local-stack")
        .set("enable.auto.commit", "false")
        // What was overwritten is gone: the oldest record that is left comes next.
        .set("auto.offset.reset", "earliest")
        .set("fetch.wait.max.ms", "4")
        .set("log_level", "3")
        .create()
        .map_err(BrokerError::call("making a reader"))?;
    let mut partitions = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..topic.partitions {
            partitions
                .add_partition_offset(&topic.name, partition, Offset::Offset(0))
                .map_err(BrokerError::call(format!("reading {}", topic.name)))?;
        }
    }
    consumer.assign(&partitions).map_err(BrokerError::call("reading the topics"))?;
    Ok(consumer)
}
