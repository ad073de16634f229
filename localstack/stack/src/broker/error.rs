//! What can go wrong with a broker, said with what to do about it.

use std::fmt;

use rdkafka::error::KafkaError;

/// A broker that does not do what the stack needs.
#[derive(Debug)]
pub enum BrokerError {
    /// The embedded broker did not start.
    Start(KafkaError),
    /// A topic could not be created.
    CreateTopic(String, KafkaError),
    /// A client could not be made, or a call of the stack itself failed.
    Call {
        /// What was asked for, and of which topic or group.
        what: String,
        /// The client's or the broker's answer.
        why: KafkaError,
    },
    /// The brokers given do not answer.
    Silent {
        /// The brokers' addresses.
        brokers: String,
        /// What was tried and how it ended.
        why: KafkaError,
    },
}

impl BrokerError {
    pub(crate) fn call(what: impl Into<String>) -> impl FnOnce(KafkaError) -> Self {
        let what = what.into();
        move |why| Self::Call { what, why }
    }
}

impl fmt::Display for BrokerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(why) => write!(out, "the embedded broker does not start: {why}"),
            Self::CreateTopic(topic, why) => write!(out, "topic {topic} cannot be created: {why}"),
            Self::Call { what, why } => write!(out, "broker: {what} failed: {why}"),
            Self::Silent { brokers, why } => {
                write!(out, "the broker at {brokers} does not answer ({why}); start it, or leave --kafka out")
            }
        }
    }
}

impl std::error::Error for BrokerError {}
