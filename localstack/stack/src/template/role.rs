//! What a role allows.

use std::fmt;

/// What is known of a function's permissions.
#[derive(Debug, Clone)]
pub enum Permissions {
    /// The template says what it may do.
    Role(Role),
    /// It does not, for this reason.
    Unknown(String),
}

impl Default for Permissions {
    fn default() -> Self {
        Permissions::Unknown("the template gives it no role".to_owned())
    }
}

impl Permissions {
    /// The role, if the template says all that it allows: then the local stack holds the function to it.
    #[must_use]
    pub fn whole(&self) -> Option<&Role> {
        match self {
            Permissions::Role(role) if role.managed.is_empty() => Some(role),
            _ => None,
        }
    }
}

/// The permissions that a function runs with.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// The key under `Resources`, or the function's where the statements are its own.
    pub logical_id: String,
    /// Policies that are only named, by ARN or name: what they allow is not in the template.
    pub managed: Vec<String>,
    /// What the template itself says.
    pub statements: Vec<Statement>,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    /// What it does.
    pub effect: Effect,
    /// `service:Action`, `*` and `?` stand for any characters.
    pub actions: Vec<String>,
    /// ARNs, `*` and `?` stand for any characters.
    pub resources: Vec<String>,
    /// It holds under a condition only.
    pub conditional: bool,
}

/// Whether a statement allows or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl Role {
    /// Whether `action` is allowed on `resource`. Conditions are not judged: what is allowed under one is allowed, what is forbidden
    /// under one is not forbidden.
    #[must_use]
    pub fn allows(&self, action: &str, resource: &str) -> bool {
        let concerned = |statement: &&Statement| {
            statement.actions.iter().any(|pattern| matches(pattern, action))
                && statement.resources.iter().any(|pattern| matches(pattern, resource))
        };
        let mut allowed = false;
        for statement in self.statements.iter().filter(concerned) {
            match statement.effect {
                Effect::Allow => allowed = true,
                Effect::Deny if !statement.conditional => return false,
                Effect::Deny => {}
            }
        }
        allowed
    }
}

/// Whether `text` is what `pattern` says; `*` stands for any characters, `?` for one.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.find(['*', '?']) {
        None => pattern == text,
        Some(at) => {
            let (before, rest) = pattern.split_at(at);
            let Some(text) = text.strip_prefix(before) else { return false };
            let after = rest.get(1..).unwrap_or_default();
            if rest.starts_with('?') {
                return text.chars().next().is_some_and(|first| matches(after, text.split_at(first.len_utf8()).1));
            }
            after.is_empty() || text.char_indices().any(|(start, _)| matches(after, text.split_at(start).1))
        }
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} {} on {}", self.effect, self.actions.join(", "), self.resources.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Role, Statement, matches};

    #[test]
    fn a_star_stands_for_any_characters_and_a_question_mark_for_one() {
        let same =
            [("a", "a"), ("*", "anything"), ("a*", "a"), ("a*c", "abbc"), ("a?c", "abc"), ("*:table/*", "x:table/y")];
        for (pattern, text) in same {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a*c", "abb"), ("a?", "a"), ("?", ""), ("*/index/*", "x/index")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_forbidden_is_not_allowed_by_another_statement() {
        let statement = |effect, action: &str, conditional| Statement {
            effect,
            actions: vec![action.to_owned()],
            resources: vec!["t".to_owned()],
            conditional,
        };
        let mut role = Role { statements: vec![statement(Effect::Allow, "dynamodb:*", false)], ..Role::default() };
        assert!(role.allows("dynamodb:PutItem", "t") && !role.allows("dynamodb:PutItem", "u"));
        role.statements.push(statement(Effect::Deny, "dynamodb:PutItem", true));
        assert!(role.allows("dynamodb:PutItem", "t"));
        role.statements.push(statement(Effect::Deny, "dynamodb:PutItem", false));
        assert!(role.allows("dynamodb:GetItem", "t") && !role.allows("dynamodb:PutItem", "t"));
    }
}
