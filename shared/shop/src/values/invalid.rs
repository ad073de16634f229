//! What is wrong with a value.

use std::fmt;

/// A value that the shop does not take: which field, and what it should have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The field under its public name: `quantity`.
    pub field: String,
    /// Completes "the field must …": `be a whole number from 1 to 1000000`.
    pub must: String,
}

impl Invalid {
    pub(crate) fn new(field: &str, must: impl Into<String>) -> Self {
        Invalid { field: field.to_owned(), must: must.into() }
    }

    /// The same for a field of another name, such as `items[2].quantity`.
    #[must_use]
    pub fn at(self, field: impl Into<String>) -> Self {
        Invalid { field: field.into(), ..self }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must {}", self.field, self.must)
    }
}

impl std::error::Error for Invalid {}
