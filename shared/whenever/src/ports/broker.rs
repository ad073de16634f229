//! The broker: what the relay needs of Kafka.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::ready;

use super::Pending;

/// A record to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic.
    pub topic: String,
    /// The partition key.
    pub key: String,
    /// The value.
    pub value: Vec<u8>,
}

/// A broker that acknowledges what it has taken.
///
/// What the framework relies on: records of one key that are handed over one after another are kept in that order, and
/// `Ok` is only said of a record that all in-sync replicas hold.
pub trait Broker: Send + Sync {
    /// Publishes `messages` in their order and answers each one's fate, in the same order.
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>>;

    /// Whether it takes this program as it is set up. An error says what to mend, because waiting will not help; what cannot be
    /// reached is no error.
    fn check(&self) -> Pending<'_, Result<(), String>> {
        ready(Ok(())).boxed()
    }
}

/// A broker that takes records of some topics only: which ones a function publishes to is known before it does.
#[derive(Clone)]
pub struct Publisher {
    broker: Arc<dyn Broker>,
    topics: BTreeSet<&'static str>,
}

impl Publisher {
    /// Publishes to these topics of `broker`.
    #[must_use]
    pub fn to(broker: Arc<dyn Broker>, topics: impl IntoIterator<Item = &'static str>) -> Self {
        Publisher { broker, topics: topics.into_iter().collect() }
    }

    /// The topics.
    pub fn topics(&self) -> impl Iterator<Item = &'static str> {
        self.topics.iter().copied()
    }

    fn refusal(&self, message: &Message) -> Option<PublishError> {
        let why = || format!("{} is none of the topics that this function publishes to", message.topic);
        (!self.topics.contains(message.topic.as_str())).then(|| PublishError::Refused(why()))
    }
}

impl Broker for Publisher {
    fn publish(&self, messages: Vec<Message>) -> Pending<'_, Vec<Result<(), PublishError>>> {
        let refusals: Vec<Option<PublishError>> = messages.iter().map(|message| self.refusal(message)).collect();
        let taken = messages.into_iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none());
        let answers = self.broker.publish(taken.map(|(message, _)| message).collect());
        let merged = answers.map(|answers| {
            let mut answers = answers.into_iter();
            let answer = |refusal: Option<PublishError>| refusal.map_or_else(|| answers.next(), |why| Some(Err(why)));
            refusals.into_iter().map_while(answer).collect()
        });
        merged.boxed()
    }

    fn check(&self) -> Pending<'_, Result<(), String>> {
        self.broker.check()
    }
}

impl fmt::Debug for Publisher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher").field("topics", &self.topics).finish_non_exhaustive()
    }
}

/// A record was not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublishError {
    /// The broker refuses this record itself: too large, invalid. It would refuse it again.
    Refused(String),
    /// The broker was not reached, did not answer in time or has no leader; the record may have been taken. Waiting helps.
    Unavailable(String),
    /// The broker answered that it could not take this record now, for no reason that waiting is known to help against.
    Failed(String),
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Refused(why) => write!(f, "the broker refuses the record: {why}"),
            PublishError::Unavailable(why) => write!(f, "broker unavailable: {why}"),
            PublishError::Failed(why) => write!(f, "the broker did not take the record: {why}"),
        }
    }
}

impl std::error::Error for PublishError {}
