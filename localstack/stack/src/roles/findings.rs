//! Where a role and what is needed of it differ, said with what to do about it.

use std::collections::BTreeSet;
use std::fmt;

use super::Permission;
use crate::template::{Effect, Function, Permissions, Role};

/// Something wrong with a function's role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The function has no role in the template, for this reason.
    NoRole(String, String),
    /// The function needs a table that none of its environment variables names.
    NoVariable(String, String),
    /// A policy is only named: function, role, policy.
    Managed(String, String, String),
    /// An action is no name but a pattern: function, role, action.
    Wildcard(String, String, String),
    /// The role lacks something: function, role, permission.
    Lacks(String, String, Permission),
    /// The role allows more than is needed: function, role, permission.
    Exceeds(String, String, Permission),
}

/// The differences between what is needed and what the function's role allows.
pub(super) fn of(function: &Function, needed: &BTreeSet<Permission>) -> Vec<Finding> {
    let name = || function.name.clone();
    let role = match &function.permissions {
        Permissions::Role(role) => role,
        Permissions::Unknown(why) => return vec![Finding::NoRole(name(), why.clone())],
    };
    let id = || role.logical_id.clone();
    let allowed = allowed(role);
    let mut findings: Vec<Finding> =
        role.managed.iter().map(|policy| Finding::Managed(name(), id(), policy.clone())).collect();
    let patterns: BTreeSet<&str> = allowed
        .iter()
        .map(|permission| permission.action.as_str())
        .filter(|action| action.contains(['*', '?']))
        .collect();
    findings.extend(patterns.iter().map(|action| Finding::Wildcard(name(), id(), (*action).to_owned())));
    findings.extend(needed.difference(&allowed).map(|missing| Finding::Lacks(name(), id(), missing.clone())));
    let more = allowed.difference(needed).filter(|more| !patterns.contains(more.action.as_str()));
    let more = more.filter(|more| !(more.action == "kms:Decrypt" && opens_secrets(more, needed)));
    findings.extend(more.map(|more| Finding::Exceeds(name(), id(), more.clone())));
    findings
}

fn allowed(role: &Role) -> BTreeSet<Permission> {
    let statements = role.statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let pairs = statements.flat_map(|statement| {
        let of = |action| statement.resources.iter().map(move |resource| Permission::new(action, resource));
        statement.actions.iter().flat_map(move |action| of(action))
    });
    pairs.collect()
}

/// Which key a secret is encrypted with stands nowhere but in the role.
fn opens_secrets(key: &Permission, needed: &BTreeSet<Permission>) -> bool {
    let reads_secrets = needed.iter().any(|permission| permission.action == "secretsmanager:GetSecretValue");
    reads_secrets && !key.resource.contains(['*', '?'])
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::NoRole(function, why) => write!(out, "{function}: {why}; give it an AWS::IAM::Role"),
            Finding::NoVariable(function, variable) => {
                write!(
                    out,
                    "{function}: its code needs the environment variable {variable}; set it to its table's name"
                )
            }
            Finding::Managed(function, role, policy) => {
                write!(
                    out,
                    "{function}: {role} has the policy {policy}, which allows more; write its statements instead"
                )
            }
            Finding::Wildcard(function, role, action) => {
                write!(out, "{function}: {role} allows {action}; name the actions one by one")
            }
            Finding::Lacks(function, role, permission) => {
                write!(out, "{function}: {role} lacks {permission}; allow it, or take it from what the code needs")
            }
            Finding::Exceeds(function, role, permission) => {
                write!(out, "{function}: {role} allows {permission}, which nothing needs; take it away")
            }
        }
    }
}
