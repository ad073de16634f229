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

pub mod broker;
mod data;
mod error;
pub mod function;
mod http;
mod journal;
mod options;
mod outside;
pub mod provision;
pub mod roles;
mod serve;
mod stack;
pub mod store;
pub mod template;
pub mod triggers;

pub use data::DataError;
pub use error::Error;
pub use options::{Options, Say};
pub use stack::{Addresses, Stack};
