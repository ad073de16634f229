//! Where the broker's topics end, asked once for all who want to know at the same time.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaResult;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::sync::{mpsc, oneshot};

use super::Ends;
use crate::Say;
use crate::broker::BrokerError;
use crate::template::Topic;

/// How long the broker may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts what asks; it ends with the last sender. Who asks learns of everything that was on the topics before.
pub(super) fn start(
    bootstrap: &str,
    topics: Vec<Topic>,
    say: Say,
) -> Result<mpsc::UnboundedSender<oneshot::Sender<Arc<Ends>>>, BrokerError> {
    let client: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("log_level", "3")
        .create()
        .map_err(BrokerError::call("making a client"))?;
    let (asks, mut asked) = mpsc::unbounded_channel::<oneshot::Sender<Arc<Ends>>>();
    let client = Arc::new(client);
    let topics: Arc<[Topic]> = topics.into();
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        // Those who ask while the broker answers are in time for the next question only.
        while asked.recv_many(&mut waiting, usize::MAX).await > 0 {
            let ends = Arc::new(until_answered(&client, &topics, &say).await);
            for ask in waiting.drain(..) {
                // Nobody is left to know.
                drop(ask.send(Arc::clone(&ends)));
            }
        }
    });
    Ok(asks)
}

async fn until_answered(client: &Arc<BaseConsumer>, topics: &Arc<[Topic]>, say: &Say) -> Ends {
    loop {
        let (client, topics) = (Arc::clone(client), Arc::clone(topics));
        match tokio::task::spawn_blocking(move || ask(&client, &topics)).await {
            Ok(Ok(ends)) => return ends,
            Ok(Err(error)) => say(&format!("the broker does not say where its topics end: {error}; it is asked again")),
            // The runtime ends.
            Err(_) => return std::future::pending().await,
        }
        tokio::time::sleep(super::PAUSE).await;
    }
}

/// One request for all partitions: the time of the end stands for the end itself.
fn ask(client: &BaseConsumer, topics: &[Topic]) -> KafkaResult<Ends> {
    let mut list = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..topic.partitions {
            list.add_partition_offset(&topic.name, partition, Offset::End)?;
        }
    }
    if list.count() == 0 {
        return Ok(Ends::new());
    }
    let answer = client.offsets_for_times(list, PATIENCE)?;
    let end = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        element.error()?;
        let partition = (element.topic().to_owned(), element.partition().unsigned_abs());
        Ok((partition, element.offset().to_raw().unwrap_or_default()))
    };
    answer.elements().iter().map(end).collect()
}

#[cfg(test)]
mod tests {
    use rdkafka::producer::{FutureProducer, FutureRecord};

    use super::*;
    use crate::broker::Embedded;

    #[tokio::test]
    async fn what_was_acknowledged_before_the_question_is_below_the_end() {
        let topics = vec![Topic { name: "a".into(), partitions: 2 }, Topic { name: "b".into(), partitions: 1 }];
        let broker = Embedded::start(&topics).unwrap();
        let asks = start(broker.bootstrap(), topics, Arc::new(|_| ())).unwrap();
        let producer: FutureProducer =
            ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
        for _ in 0..3 {
            let record = FutureRecord::<(), _>::to("a").partition(1).payload("x");
            producer.send(record, PATIENCE).await.unwrap();
        }
        let (ask, ends) = oneshot::channel();
        asks.send(ask).unwrap();
        let ends = ends.await.unwrap();
        let end = |topic: &str, partition| ends[&(topic.to_owned(), partition)];
        assert_eq!((end("a", 0), end("a", 1), end("b", 0)), (0, 3, 0));
    }
}
