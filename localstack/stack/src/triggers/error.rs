//! Why the triggers do not start.

use std::fmt;

use crate::broker::BrokerError;

/// Why the triggers do not start.
#[derive(Debug)]
pub enum TriggerError {
    /// The broker refuses.
    Broker(BrokerError),
    /// A trigger reads a topic that the template does not have.
    UnknownTopic {
        /// The function triggered.
        function: String,
        /// The topic's name.
        topic: String,
    },
    /// A trigger reads the stream of a table that has none.
    NoStream {
        /// The function triggered.
        function: String,
        /// The table's name.
        table: String,
    },
}

impl fmt::Display for TriggerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(error) => error.fmt(out),
            Self::UnknownTopic { function, topic } => {
                write!(out, "{function}'s trigger reads topic {topic}: add it to Metadata.Whenever.Topics")
            }
            Self::NoStream { function, table } => {
                write!(out, "{function}'s trigger reads the stream of {table}: give the table a StreamSpecification")
            }
        }
    }
}

impl std::error::Error for TriggerError {}

impl From<BrokerError> for TriggerError {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}
