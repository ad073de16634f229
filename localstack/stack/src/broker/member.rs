//! A member of a consumer group on a given broker.

use std::error::Error;

use rdkafka::client::OAuthToken;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, Rebalance, StreamConsumer};
use rdkafka::error::KafkaError;
use rdkafka::{ClientContext, TopicPartitionList};
use whenever::KafkaConnection;

use super::{BrokerError, Given};

/// What a group does with its member's partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The member has these from now on.
    Assigned(Vec<i32>),
    /// Another member has these from now on.
    Revoked(Vec<i32>),
}

/// A member of a group that reads one topic. Its positions are committed by hand.
pub(crate) struct Member(StreamConsumer<Changes>);

impl Member {
    /// Joins the group, both called as in the template; `on_change` is called in step with the records that the member receives.
    pub(crate) fn join(
        broker: &Given,
        topic: &str,
        group: &str,
        from_start: bool,
        on_change: impl Fn(Change) + Send + Sync + 'static,
    ) -> Result<Self, BrokerError> {
        let failed = || BrokerError::call(format!("joining group {group} on {topic}"));
        let consumer: StreamConsumer<Changes> = (broker.access.config())
            .set("group.id", broker.name(group))
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", if from_start { "earliest" } else { "latest" })
            // All members of a group have to name the same assignor first.
            .set("partition.assignment.strategy", "range")
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "1000")
            // A function that is slow or stopped must not lose the partitions.
            .set("max.poll.interval.ms", "86400000")
            .set("queued.min.messages", "1000")
            .set("queued.max.messages.kbytes", "16384")
            // How soon a broker that was gone is noticed to be back.
            .set("reconnect.backoff.max.ms", "1000")
            // How soon a topic that was made, or that has grown, is noticed.
            .set("topic.metadata.refresh.interval.ms", "3000")
            .create_with_context(Changes { tell: Box::new(on_change), connection: broker.access.connection() })
            .map_err(failed())?;
        consumer.subscribe(&[&broker.name(topic)]).map_err(failed())?;
        Ok(Self(consumer))
    }

    /// The client.
    pub(crate) fn consumer(&self) -> &StreamConsumer<Changes> {
        &self.0
    }
}

/// Passes a group's changes on.
pub(crate) struct Changes {
    tell: Box<dyn Fn(Change) + Send + Sync>,
    connection: KafkaConnection,
}

impl ClientContext for Changes {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = KafkaConnection::ENABLE_REFRESH_OAUTH_TOKEN;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.connection.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.connection.error(error, reason);
    }

    fn generate_oauth_token(&self, config: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.connection.generate_oauth_token(config)
    }
}

impl ConsumerContext for Changes {
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(list) = rebalance {
            (self.tell)(Change::Revoked(partitions(list)));
        }
    }

    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Assign(list) = rebalance {
            (self.tell)(Change::Assigned(partitions(list)));
        }
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<i32> {
    list.elements().iter().map(rdkafka::topic_partition_list::TopicPartitionListElem::partition).collect()
}
