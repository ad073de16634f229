//! What is wrong with a template, and where.

use std::fmt;

/// What is wrong with a template: the resource and property, the problem and its fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    at: String,
    problem: String,
}

impl Error {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self { at: String::new(), problem: problem.into() }
    }

    /// The same error, seen from one level further out.
    pub(super) fn under(mut self, key: &str) -> Self {
        self.at = if self.at.is_empty() { key.to_owned() } else { format!("{key}.{}", self.at) };
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at.as_str() {
            "" => f.write_str(&self.problem),
            at => write!(f, "{at}: {}", self.problem),
        }
    }
}

impl std::error::Error for Error {}
