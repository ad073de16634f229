//! Something that is not as it must be.

use whenever::{Aggregate, AggregateKey};

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// A sentence for people.
    pub says: String,
    /// Partition keys of the items that it is about.
    pub items: Vec<String>,
}

impl Violation {
    /// A violation about these items.
    pub(super) fn new(says: String, items: Vec<String>) -> Self {
        Violation { says, items }
    }

    /// One about a single aggregate.
    pub(super) fn of<A: Aggregate>(id: &str, says: String) -> Self {
        Violation::new(says, vec![pk::<A>(id)])
    }
}

/// The partition key of an aggregate.
pub(super) fn pk<A: Aggregate>(id: &str) -> String {
    AggregateKey::of::<A>(id).pk()
}
