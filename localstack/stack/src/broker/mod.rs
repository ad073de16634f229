//! The topics: an embedded Kafka broker or one that was given, and reading, committing and publishing on it.

mod embedded;
mod error;
mod given;
mod member;
mod publisher;
mod reader;

pub use embedded::Embedded;
pub use error::BrokerError;
pub use given::Given;
pub(crate) use member::{Change, Member};
pub(crate) use publisher::Publisher;
pub(crate) use reader::reader;

/// Where the topics are.
#[derive(Clone)]
pub enum Broker {
    /// In the stack's own broker.
    Embedded(Embedded),
    /// On brokers that run outside the stack.
    Given(Given),
}

impl Broker {
    /// The addresses that Kafka clients are pointed at.
    pub fn bootstrap(&self) -> &str {
        match self {
            Self::Embedded(broker) => broker.bootstrap(),
            Self::Given(broker) => broker.bootstrap(),
        }
    }

    /// The brokers as clients see them: those of the stack's own broker have nobody else's topics.
    pub(crate) fn seen(&self) -> Given {
        match self {
            Self::Embedded(broker) => Given::open(broker.bootstrap(), ""),
            Self::Given(broker) => broker.clone(),
        }
    }
}
