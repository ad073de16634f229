//! Topics on given brokers: made where they are missing, grown where that is wanted, never shrunk or deleted.

mod plan;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication, TopicResult};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use whenever::KafkaConnection;

use self::plan::plan;
pub use self::plan::{Action, Step, Wish};
use crate::broker::{BrokerError, Given};
use crate::template::Topic;

/// How long the brokers may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a silent broker's client is listened to for why.
const HEARD_WITHIN: Duration = Duration::from_millis(500);

/// Brings the topics about and answers what it did about each, or with [`Wish::dry_run`] would do.
///
/// # Errors
///
/// [`BrokerError`] where the brokers do not answer, or refuse; what was done before stays done.
pub async fn topics(broker: &Given, topics: &[Topic], wish: &Wish) -> Result<Vec<Step>, BrokerError> {
    let existing = existing(broker.clone()).await?;
    let steps = plan(topics, &existing, wish);
    if !wish.dry_run {
        let admin: Admin = (broker.access.config().create_with_context(broker.access.connection()))
            .map_err(BrokerError::call("making a client"))?;
        broker.admit(admin.inner())?;
        create(&admin, broker, &steps, wish.replication).await?;
        grow(&admin, broker, &steps).await?;
    }
    Ok(steps)
}

/// The topics there are and how many partitions each has, called as in the template.
async fn existing(broker: Given) -> Result<HashMap<String, i32>, BrokerError> {
    let ask = move || {
        let connection = broker.access.connection();
        // The group is never joined: with it the client's queue is that of its connections too.
        let client: BaseConsumer<KafkaConnection> = (broker.access.config().set("group.id", "whenever-topics"))
            .create_with_context(connection.clone())
            .map_err(BrokerError::call("making a client"))?;
        broker.admit(client.client())?;
        let metadata = client.fetch_metadata(None, PATIENCE).map_err(|_| {
            // What was heard waits in the queue to be taken note of.
            let until = Instant::now() + HEARD_WITHIN;
            while connection.trouble().is_none() && Instant::now() < until {
                client.poll(HEARD_WITHIN / 10);
            }
            BrokerError::Silent { brokers: broker.bootstrap().to_owned(), trouble: connection.trouble() }
        })?;
        let partitions = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        let topics = metadata.topics().iter().filter(|topic| !topic.partitions().is_empty());
        let known = |name| broker.known(name).map(str::to_owned);
        Ok(topics.filter_map(|topic| Some((known(topic.name())?, partitions(topic.partitions().len())))).collect())
    };
    let asked = tokio::task::spawn_blocking(ask).await;
    asked.unwrap_or(Err(BrokerError::Call { what: "listing topics".to_owned(), why: KafkaError::Canceled }))
}

async fn create(admin: &Admin, broker: &Given, steps: &[Step], replication: Option<i32>) -> Result<(), BrokerError> {
    let missing = steps.iter().filter_map(|step| match step.action {
        Action::Create(partitions) => Some((broker.name(&step.topic), partitions)),
        _ => None,
    });
    let missing: Vec<_> = missing.collect();
    // -1 asks for the brokers' own replication factor.
    let replication = replication.unwrap_or(-1);
    let new: Vec<_> = (missing.iter())
        .map(|(name, partitions)| NewTopic::new(name, *partitions, TopicReplication::Fixed(replication)))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let results = admin.create_topics(&new, &options()).await.map_err(BrokerError::call("creating topics"))?;
    done(results, "be created", |code| code == RDKafkaErrorCode::TopicAlreadyExists)
}

async fn grow(admin: &Admin, broker: &Given, steps: &[Step]) -> Result<(), BrokerError> {
    let growing = steps.iter().filter_map(|step| match step.action {
        Action::Grow { to, .. } => Some((broker.name(&step.topic), usize::try_from(to).ok()?)),
        _ => None,
    });
    let growing: Vec<_> = growing.collect();
    let new: Vec<_> = growing.iter().map(|(name, partitions)| NewPartitions::new(name, *partitions)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let results = admin.create_partitions(&new, &options()).await.map_err(BrokerError::call("growing topics"))?;
    done(results, "grow", |_| false)
}

type Admin = AdminClient<KafkaConnection>;

/// The first refusal that does not say that it is as wanted already.
fn done(
    results: Vec<TopicResult>,
    what: &'static str,
    as_wanted: impl Fn(RDKafkaErrorCode) -> bool,
) -> Result<(), BrokerError> {
    let refused = results.into_iter().filter_map(Result::err).find(|(_, code)| !as_wanted(*code));
    refused.map_or(Ok(()), |(topic, code)| Err(BrokerError::Topic { topic, what, why: KafkaError::AdminOp(code) }))
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn refusal(bootstrap: &str) -> String {
        let broker = Given::open(bootstrap, "");
        topics(&broker, &[], &Wish::default()).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn what_is_no_broker_is_told_in_one_line_with_what_to_do() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let [silent_at, gone_at] = [&silent, &gone].map(|listener| listener.local_addr().unwrap().to_string());
        drop(gone);
        let (silent, gone, unknown) =
            tokio::join!(refusal(&silent_at), refusal(&gone_at), refusal("no-such-host.invalid:9092"));
        assert!(silent.contains("does not answer as a Kafka broker"), "{silent}");
        assert!(gone.contains("Connection refused; start it, or correct --kafka"), "{gone}");
        assert!(unknown.contains("Failed to resolve 'no-such-host.invalid:9092'"), "{unknown}");
        assert!([silent, gone, unknown].iter().all(|line| line.lines().count() == 1));
    }
}
