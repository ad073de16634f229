//! The embedded broker: librdkafka's mock cluster, a real listener on loopback that any Kafka client connects to.

use std::sync::Arc;

use rdkafka::ClientConfig;
use rdkafka::bindings::{rd_kafka_handle_mock_cluster, rd_kafka_mock_group_initial_rebalance_delay_ms};
use rdkafka::producer::{BaseProducer, DefaultProducerContext, Producer as _};

use super::BrokerError;
use crate::template::Topic;

/// A broker in memory. It keeps 5 MiB or 100,000 batches a partition. Clones are the same broker, which ends with the
/// last of them.
#[derive(Clone)]
pub struct Embedded {
    /// The mock cluster belongs to a client and lives as long as it.
    _cluster: Arc<BaseProducer>,
    bootstrap: String,
}

impl Embedded {
    /// Starts a broker with these topics.
    pub fn start(topics: &[Topic]) -> Result<Self, BrokerError> {
        let cluster: BaseProducer = ClientConfig::new()
            .set("test.mock.num.brokers", "1")
            .set("log_level", "3")
            .create()
            .map_err(BrokerError::Start)?;
        join_at_once(&cluster);
        let mock = (cluster.client().mock_cluster())
            .ok_or_else(|| BrokerError::Start(rdkafka::error::KafkaError::ClientCreation("no mock cluster".into())))?;
        for topic in topics {
            mock.create_topic(&topic.name, topic.partitions, 1).map_err(|why| BrokerError::Topic {
                topic: topic.name.clone(),
                what: "be created",
                why,
            })?;
        }
        let bootstrap = mock.bootstrap_servers();
        drop(mock);
        Ok(Self { _cluster: Arc::new(cluster), bootstrap })
    }

    /// The address that Kafka clients are pointed at.
    pub fn bootstrap(&self) -> &str {
        &self.bootstrap
    }
}

/// Without this a consumer group's first member waits three seconds for others.
#[expect(unsafe_code, reason = "librdkafka has this setting, its binding has no safe call for it")]
fn join_at_once(cluster: &BaseProducer<DefaultProducerContext>) {
    // SAFETY: the client is alive and was made with a mock cluster, whose handle is not kept beyond the call.
    unsafe {
        rd_kafka_mock_group_initial_rebalance_delay_ms(rd_kafka_handle_mock_cluster(cluster.client().native_ptr()), 0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rdkafka::consumer::{BaseConsumer, Consumer as _};

    use super::*;

    #[test]
    fn topics_have_the_partitions_asked_for() {
        let topics = [Topic { name: "a".into(), partitions: 3 }, Topic { name: "b".into(), partitions: 1 }];
        let broker = Embedded::start(&topics).unwrap();
        let client: BaseConsumer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
        let metadata = client.fetch_metadata(None, Duration::from_secs(10)).unwrap();
        let mut seen: Vec<_> = metadata.topics().iter().map(|t| (t.name(), t.partitions().len())).collect();
        seen.sort_unstable();
        assert_eq!(seen, [("a", 3), ("b", 1)]);
    }
}
