//! The tables: an embedded table store that speaks DynamoDB's HTTP API, and what the stack itself reads from tables,
//! of the embedded store or of one that was given.

mod client;
mod embedded;
mod error;
mod file;
mod guard;
mod http;
mod operations;
mod remote;
mod request;
mod stream;
mod tokens;
mod ttl;

pub(crate) use client::reason;
pub use client::{dynamodb, streams};
pub use embedded::Embedded;
pub use error::StoreError;
pub use remote::Remote;
pub use stream::{Image, Sequence};
pub use ttl::Round;

/// Where the tables are.
#[derive(Clone)]
pub enum Store {
    /// In the stack's own store.
    Embedded(Embedded),
    /// In one that was given.
    Remote(Remote),
}

impl Store {
    /// The URL that DynamoDB clients are pointed at.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::Embedded(store) => store.endpoint(),
            Self::Remote(store) => store.endpoint(),
        }
    }

    /// Ends it, if it is the stack's own.
    pub fn stop(&self) {
        if let Self::Embedded(store) = self {
            store.stop();
        }
    }
}
