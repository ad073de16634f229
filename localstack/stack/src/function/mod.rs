//! The template's functions as processes: built, started on demand, invoked through the Lambda Runtime API.

mod error;

use std::sync::Arc;

use bytes::Bytes;

pub use error::InvokeError;

/// Who asked for an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A Kafka or stream trigger.
    Trigger,
    /// A schedule; its invocations do not keep the stack from being settled.
    Schedule,
    /// The HTTP API.
    Http,
    /// The Invoke API.
    Invoke,
}

/// The running functions; cheap to clone.
#[derive(Debug, Clone)]
pub struct Functions(Arc<Inner>);

#[derive(Debug)]
struct Inner;

impl Functions {
    /// Runs one invocation: waits for a free process, starting one on demand up to the function's concurrency.
    /// Payload and answer are the raw JSON.
    pub async fn invoke(&self, name: &str, _payload: Bytes, _from: Source) -> Result<Bytes, InvokeError> {
        Err(InvokeError::UnknownFunction(name.to_owned()))
    }

    /// Waits while a fault stops the function's triggers; returns at once otherwise.
    pub async fn until_running(&self, _name: &str) {}

    /// Invocations under way or waiting for a process, those of schedules apart.
    pub fn in_flight(&self) -> usize {
        0
    }
}
