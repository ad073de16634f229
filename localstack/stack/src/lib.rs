//! Runs a SAM template on one machine: its functions as processes behind the Lambda Runtime API, its tables and topics
//! in an embedded table store and broker (or given ones), its triggers with Lambda's semantics, its HTTP API.

pub mod broker;
pub mod function;
pub mod provision;
pub mod store;
pub mod template;
pub mod triggers;

mod serve;

use std::sync::Arc;

/// Where the stack says what people have to know, one line at a time.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;
