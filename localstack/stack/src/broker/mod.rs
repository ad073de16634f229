//! The topics: an embedded Kafka broker or one that was given, and reading, committing and publishing on it.

mod embedded;
mod error;
mod member;
mod publisher;
mod reader;

pub use embedded::Embedded;
pub use error::BrokerError;
pub(crate) use member::{Change, Member};
pub(crate) use publisher::Publisher;
pub(crate) use reader::reader;

/// Where the topics are.
#[derive(Clone)]
pub enum Broker {
    /// In the stack's own broker.
    Embedded(Embedded),
    /// On the brokers at these addresses.
    Given(String),
}

impl Broker {
    /// The addresses that Kafka clients are pointed at.
    pub fn bootstrap(&self) -> &str {
        match self {
            Self::Embedded(broker) => broker.bootstrap(),
            Self::Given(bootstrap) => bootstrap,
        }
    }
}
