//! Runs a SAM template on one machine: its functions as processes behind the Lambda Runtime API, its tables and topics
//! in an embedded table store and broker (or given ones), its triggers with Lambda's semantics, its HTTP API.

pub mod broker;
pub mod function;
pub mod provision;
pub mod store;
pub mod template;
pub mod triggers;
