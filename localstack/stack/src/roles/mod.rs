//! Compares what functions may do with what they need: a role has to allow all of that, and nothing else.

mod findings;
mod needed;
mod network;
mod told;

pub use findings::Finding;
pub use told::{TellError, Told, told};

use std::collections::BTreeSet;

use crate::template::Template;

/// One action on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// `service:Action`
    pub action: String,
    /// An ARN, or `*` where the service knows none.
    pub resource: String,
}

impl Permission {
    fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into() }
    }
}

impl std::fmt::Display for Permission {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} on {}", self.action, self.resource)
    }
}

/// What a function's code does to tables.
///
/// # Errors
///
/// [`Finding::NoVariable`] where the template does not name one of its tables.
pub fn on_tables(template: &Template, told: &Told) -> Result<BTreeSet<Permission>, Finding> {
    let function = template.functions.iter().find(|function| function.name == told.function);
    function.map_or_else(|| Ok(BTreeSet::new()), |function| needed::on_tables(function, told))
}

/// What is wrong with the roles of these functions; nothing where each allows just what is needed.
#[must_use]
pub fn compare(template: &Template, told: &[Told]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for told in told {
        let Some(function) = template.functions.iter().find(|function| function.name == told.function) else {
            continue;
        };
        match needed::needed(function, told, template) {
            Ok(needed) => findings.extend(findings::of(function, &needed)),
            Err(finding) => findings.push(finding),
        }
    }
    findings
}
