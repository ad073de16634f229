//! The broker: what the relay needs of Kafka.

use std::fmt;

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
