//! What can go wrong with a table store, said with what to do about it.

use std::fmt;

/// A table store that does not do what the stack needs.
#[derive(Debug)]
pub enum StoreError {
    /// The embedded store could not be opened.
    Open(String),
    /// The embedded store's address could not be listened on.
    Listen(std::net::SocketAddr, std::io::Error),
    /// A call of the stack itself failed.
    Call {
        /// What was asked for, and of which table.
        what: String,
        /// The store's answer.
        why: String,
    },
    /// The endpoint given does not answer.
    Silent {
        /// The endpoint's URL.
        endpoint: String,
        /// What was tried and how it ended.
        why: String,
    },
}

impl StoreError {
    pub(crate) fn call(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Self::Call { what: what.into(), why: why.to_string() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(why) => write!(out, "the embedded table store cannot be opened: {why}"),
            Self::Listen(address, why) => {
                write!(
                    out,
                    "the embedded table store cannot listen on {address}: {why}; free the port or choose another"
                )
            }
            Self::Call { what, why } => write!(out, "table store: {what} failed: {why}"),
            Self::Silent { endpoint, why } => {
                write!(out, "the table store at {endpoint} does not answer ({why}); start it, or leave --dynamodb out")
            }
        }
    }
}

impl std::error::Error for StoreError {}
