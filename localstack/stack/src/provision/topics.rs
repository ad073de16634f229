//! Topics on a given broker.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use crate::Say;
use crate::broker::BrokerError;
use crate::template::Topic;

/// How long the brokers may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Creates the topics that the brokers lack and says which; those that exist stay as they are, whatever their
/// partitions.
pub async fn topics(bootstrap: &str, topics: &[Topic], say: &Say) -> Result<(), BrokerError> {
    let client: AdminClient<DefaultClientContext> = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("log_level", "0")
        .create()
        .map_err(BrokerError::call("making a client"))?;
    let (client, existing) = existing(client, bootstrap).await?;
    let missing: Vec<_> = topics.iter().filter(|topic| !existing.contains_key(&topic.name)).collect();
    for topic in topics {
        if let Some(partitions) = existing.get(&topic.name)
            && i32::try_from(*partitions) != Ok(topic.partitions)
        {
            say(&format!("topic {} is used as it is, with {partitions} partitions", topic.name));
        }
    }
    // The broker's own replication factor: -1 asks for it.
    let new = missing.iter().map(|topic| NewTopic::new(&topic.name, topic.partitions, TopicReplication::Fixed(-1)));
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return Ok(());
    }
    let options = AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE));
    let results = client.create_topics(&new, &options).await.map_err(BrokerError::call("creating topics"))?;
    for result in results {
        match result {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(BrokerError::CreateTopic(topic, KafkaError::AdminOp(code))),
        }
    }
    let names: Vec<_> =
        missing.iter().map(|topic| format!("{} ({} partitions)", topic.name, topic.partitions)).collect();
    say(&format!("created topics {}", names.join(", ")));
    Ok(())
}

type Admin = AdminClient<DefaultClientContext>;

/// The topics there are and how many partitions each has.
async fn existing(client: Admin, bootstrap: &str) -> Result<(Admin, HashMap<String, usize>), BrokerError> {
    let silent = |why| BrokerError::Silent { brokers: bootstrap.to_owned(), why };
    let ask = tokio::task::spawn_blocking(move || {
        let metadata = client.inner().fetch_metadata(None, PATIENCE)?;
        let topics = metadata.topics().iter().map(|topic| (topic.name().to_owned(), topic.partitions().len()));
        let topics = topics.collect();
        Ok((client, topics))
    });
    ask.await.unwrap_or(Err(KafkaError::Canceled)).map_err(silent)
}
