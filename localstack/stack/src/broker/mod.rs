//! The topics: an embedded Kafka broker or one that was given, and reading, committing and publishing on it.

mod embedded;
mod error;

pub use embedded::Embedded;
pub use error::BrokerError;
