//! An outside system: what a webhook needs of HTTP.

use std::fmt;
use std::time::Duration;

use super::Pending;

/// The most that is read of an answer's body, in bytes.
pub const MOST_READ: usize = 64 * 1024;

/// A message to an outside system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Sent as `Idempotency-Key`: the same for the same message, however often it is sent.
    pub idempotency_key: String,
    /// The message, in JSON.
    pub body: Vec<u8>,
}

/// What an outside system answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, of which no more than [`MOST_READ`] bytes.
    pub body: Vec<u8>,
}

/// An outside system that takes messages over HTTP.
///
/// What the framework relies on: a call is over after the time that it is given, whatever the other side does, and a redirect is
/// answered, not followed. A call that fails may have been taken all the same; that its key is known makes repeating it harmless.
pub trait Outside: Send + Sync {
    /// Posts a message and answers what comes back within that time.
    fn post(&self, request: Request, within: Duration) -> Pending<'_, Result<Response, CallError>>;
}

/// A call has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// Nothing was reached, or the answer did not come in time or broke off. Waiting helps.
    Unavailable(String),
    /// What came back is no HTTP, or the request is none. It would be so again.
    Rejected(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Unavailable(why) => write!(f, "outside system unavailable: {why}"),
            CallError::Rejected(why) => write!(f, "the call to the outside system cannot be made: {why}"),
        }
    }
}

impl std::error::Error for CallError {}
