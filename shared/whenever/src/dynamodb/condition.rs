//! A put's condition in DynamoDB's words.

use std::collections::HashMap;

use super::convert;
use crate::item::{PK, VERSION};
use crate::ports::store::Condition;

/// A condition expression with what it refers to.
pub(super) struct Expression {
    pub(super) text: &'static str,
    name: &'static str,
    version: Option<u64>,
}

impl Expression {
    pub(super) fn of(condition: Condition) -> Option<Self> {
        match condition {
            Condition::Any => None,
            Condition::Absent => Some(Expression { text: "attribute_not_exists(#name)", name: PK, version: None }),
            Condition::Version(version) => Some(Expression::version(version)),
        }
    }

    /// The item has this version.
    pub(super) fn version(version: u64) -> Self {
        Expression { text: "#name = :version", name: VERSION, version: Some(version) }
    }

    /// There is such an item.
    pub(super) fn present() -> Self {
        Expression { text: "attribute_exists(#name)", name: PK, version: None }
    }

    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        Some(HashMap::from([("#name".to_owned(), self.name.to_owned())]))
    }

    pub(super) fn values(&self) -> Option<convert::Attributes> {
        self.version.map(|version| HashMap::from([(":version".to_owned(), convert::number(version))]))
    }
}
