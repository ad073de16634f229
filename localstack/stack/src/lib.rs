//! Runs a SAM template on one machine: its functions as processes behind the Lambda Runtime API, its tables and topics
//! in an embedded table store and broker (or given ones), its triggers with Lambda's semantics, its HTTP API.
//!
//! ```no_run
//! # async fn example() -> Result<(), localstack::Error> {
//! use localstack::{Options, Stack};
//!
//! let stack = Stack::start(Options { port: 0, lambda_port: 0, ..Options::default() }).await?;
//! println!("{}", stack.addresses().api);
//! stack.stop().await;
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "run")]
pub mod broker;
#[cfg(feature = "run")]
mod data;
#[cfg(feature = "run")]
mod error;
#[cfg(feature = "run")]
pub mod function;
#[cfg(feature = "run")]
mod http;
#[cfg(feature = "run")]
mod journal;
#[cfg(feature = "run")]
mod options;
#[cfg(feature = "run")]
mod outside;
#[cfg(feature = "run")]
pub mod provision;
#[cfg(feature = "run")]
pub mod roles;
#[cfg(feature = "run")]
mod serve;
#[cfg(feature = "run")]
mod stack;
#[cfg(feature = "run")]
pub mod store;
pub mod template;
#[cfg(feature = "run")]
pub mod triggers;

#[cfg(feature = "run")]
pub use data::DataError;
#[cfg(feature = "run")]
pub use error::Error;
#[cfg(feature = "run")]
pub use options::{Options, Say};
#[cfg(feature = "run")]
pub use stack::{Addresses, Stack};
