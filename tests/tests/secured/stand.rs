//! What the tests publish, and where.

use std::time::Duration;

use localstack::broker::Given;
use localstack::provision::{self, Wish};
use localstack::template::Topic;
use shop_tests::broker::own_prefix;
use shop_tests::secured::{Entry, Way, address};
use whenever::KafkaBroker;
use whenever::ports::{Broker as _, Message, PublishError};

/// A producer and a topic of its own, on the secured broker.
pub(crate) struct Stand {
    pub(crate) producer: KafkaBroker,
    topic: String,
}

impl Stand {
    pub(crate) async fn new(entry: &Entry) -> Self {
        let topic = own_prefix() + "orders";
        let open = Given::open(&address(Way::Plaintext), "");
        provision::topics(&open, &[Topic { name: topic.clone(), partitions: 1 }], &Wish::default()).await.unwrap();
        Stand { producer: KafkaBroker::from_settings(&entry.settings()).unwrap(), topic }
    }

    pub(crate) async fn publish(&self) -> Result<(), PublishError> {
        let message = Message { topic: self.topic.clone(), key: "7".to_owned(), value: b"{}".to_vec() };
        self.producer.publish(vec![message]).await.remove(0)
    }

    /// Publishes again and again for so long; every record has to be taken.
    pub(crate) async fn publish_for(&self, span: Duration) {
        let began = std::time::Instant::now();
        while began.elapsed() < span {
            self.publish().await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
