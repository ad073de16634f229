//! What can go wrong with a broker, said with what to do about it.

use std::fmt;

use rdkafka::error::KafkaError;

/// A broker that does not do what the stack needs.
#[derive(Debug)]
pub enum BrokerError {
    /// The embedded broker did not start.
    Start(KafkaError),
    /// A topic could not be made as wanted.
    Topic {
        /// Its name on the broker.
        topic: String,
        /// What was wanted.
        what: &'static str,
        /// The broker's answer.
        why: KafkaError,
    },
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
        /// What was heard of the connections; `None` where something listens there and says nothing that Kafka says.
        trouble: Option<String>,
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
            Self::Topic { topic, what, why } => write!(out, "topic {topic} cannot {what}: {why}"),
            Self::Call { what, why } => write!(out, "broker: {what} failed: {why}"),
            Self::Silent { brokers, trouble: Some(trouble) } => {
                write!(out, "the broker at {brokers} does not answer: {trouble}; start it, or correct --kafka")
            }
            Self::Silent { brokers, trouble: None } => write!(
                out,
                "what listens at {brokers} does not answer as a Kafka broker does; correct --kafka, or say in KAFKA_AUTHENTICATION \
                 how to log in"
            ),
        }
    }
}

impl std::error::Error for BrokerError {}
