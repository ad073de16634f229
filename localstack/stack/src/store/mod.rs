//! The tables: an embedded table store that speaks DynamoDB's HTTP API, and what the stack itself reads from tables,
//! of the embedded store or of one that was given.

mod embedded;
mod error;
mod http;
mod operations;
mod stream;
mod tokens;
mod ttl;

pub use embedded::Embedded;
pub use error::StoreError;
pub use stream::{Image, Sequence};
