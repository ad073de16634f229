//! The broker's topics themselves: putting any bytes on one, and reading what names an order or a product.

use std::time::Duration;

use localstack::provision::{self, Action, Step, Wish};
use localstack::template::Topic;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use whenever::Record;

use crate::{Shop, fail};

const PATIENCE: Duration = Duration::from_secs(10);

impl Shop {
    /// Puts bytes on `order-events`; answers the record that they became.
    pub async fn publish(&self, key: &str, value: &[u8]) -> Record {
        self.publish_on(shop::ORDER_EVENTS, key, value).await
    }

    /// The same on another topic.
    pub async fn publish_on(&self, topic: &str, key: &str, value: &[u8]) -> Record {
        let producer: FutureProducer = self.kafka().create().unwrap_or_else(|e| fail(e));
        let name = self.on_broker(topic);
        let record = FutureRecord::to(&name).key(key).payload(value);
        let sent = producer.send(record, PATIENCE).await.unwrap_or_else(|(e, _)| fail(e));
        Record { partition: sent.partition, offset: sent.offset, ..self.raw_record_on(topic, key, value) }
    }

    /// Every record on `order-events` whose key or value names this order.
    pub async fn published(&self, order: &str) -> Vec<Record> {
        self.published_on(shop::ORDER_EVENTS, order).await
    }

    /// The same on another topic, whatever the name is of.
    pub async fn published_on(&self, topic: &str, name: &str) -> Vec<Record> {
        let consumer: BaseConsumer = self.kafka().create().unwrap_or_else(|e| fail(e));
        let on_broker = self.on_broker(topic);
        let read = tokio::task::spawn_blocking(move || read_all(&consumer, &on_broker));
        let records = read.await.unwrap_or_else(|e| fail(e));
        let records = records.into_iter().map(|record| Record { topic: topic.to_owned(), ..record });
        let names =
            |bytes: &Option<Vec<u8>>| bytes.as_ref().is_some_and(|bytes| String::from_utf8_lossy(bytes).contains(name));
        records.filter(|record| names(&record.key) || names(&record.value)).collect()
    }

    /// Gives `order-events` more partitions, as `whenever topics --grow` does.
    pub async fn grow(&self, partitions: i32) {
        let topic = Topic { name: shop::ORDER_EVENTS.to_owned(), partitions };
        let wish = Wish { grow: true, ..Wish::default() };
        let steps = provision::topics(&self.stage.addresses().broker(), &[topic], &wish).await;
        let steps = steps.unwrap_or_else(|e| fail(e));
        assert!(matches!(&steps[..], [Step { action: Action::Grow { .. }, .. }]), "{steps:?}");
    }

    /// What a topic is called on the broker.
    fn on_broker(&self, topic: &str) -> String {
        self.stage.addresses().broker().name(topic)
    }

    fn kafka(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.stage.addresses().kafka).set("group.id", "tests");
        config
    }
}

/// From each partition's beginning to its present end; without the topic's name.
fn read_all(consumer: &BaseConsumer, topic: &str) -> Vec<Record> {
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).unwrap_or_else(|e| fail(e));
    let partitions = metadata.topics().iter().flat_map(|topic| topic.partitions()).map(|partition| partition.id());
    let mut list = TopicPartitionList::new();
    let mut left = 0;
    for partition in partitions {
        let (low, high) = consumer.fetch_watermarks(topic, partition, PATIENCE).unwrap_or_else(|e| fail(e));
        left += high - low;
        list.add_partition_offset(topic, partition, Offset::Beginning).unwrap_or_else(|e| fail(e));
    }
    consumer.assign(&list).unwrap_or_else(|e| fail(e));
    let mut records = Vec::new();
    while left > 0 {
        let Some(message) = consumer.poll(PATIENCE) else { fail(format!("{left} records of {topic} did not come")) };
        let message = message.unwrap_or_else(|e| fail(e));
        records.push(Record {
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            ..Record::default()
        });
        left -= 1;
    }
    records
}
