//! Reads what a function's role allows: an `AWS::IAM::Role` of the template, or statements in the function's own `Policies`.

use serde_json::Value;

use super::error::Error;
use super::fields::Fields;
use super::read::Resource;
use super::resolve::Resolver;
use super::role::{Effect, Permissions, Role, Statement};

const KIND: &str = "AWS::IAM::Role";

/// What the function may do. A role that cannot be read is no error: its function runs all the same.
pub(super) fn of(function: &Resource<'_>, resources: &[Resource<'_>], resolver: &Resolver) -> Permissions {
    permissions(function, resources, resolver).unwrap_or_else(|error| Permissions::Unknown(error.to_string()))
}

fn permissions(function: &Resource<'_>, resources: &[Resource<'_>], resolver: &Resolver) -> Result<Permissions, Error> {
    let properties = function.properties(resolver, &["Policies", "Role"])?;
    let properties = Fields::new(&properties);
    if let Some(arn) = properties.text("Role")? {
        // `!GetAtt Role.Arn`, as references to what only exists in AWS are resolved.
        let named =
            |resource: &&Resource<'_>| resource.kind == KIND && arn.strip_suffix(".Arn") == Some(resource.logical_id);
        let Some(role) = resources.iter().find(named) else {
            return Ok(Permissions::Unknown(format!("its role {arn} is not in the template")));
        };
        return read(role, resolver).map(Permissions::Role);
    }
    match properties.get("Policies") {
        Some(policies) => own(function.logical_id, policies).map(Permissions::Role),
        None => Ok(Permissions::default()),
    }
}

/// A role with its inline policies.
fn read(resource: &Resource<'_>, resolver: &Resolver) -> Result<Role, Error> {
    let properties = resource.properties(resolver, &["ManagedPolicyArns", "Policies"])?;
    let properties = Fields::new(&properties);
    let read = || {
        let mut role = Role { logical_id: resource.logical_id.to_owned(), ..Role::default() };
        role.managed.extend(properties.list("ManagedPolicyArns")?.iter().map(text));
        for policy in properties.objects("Policies", |policy| document(policy.object("PolicyDocument")?))? {
            role.statements.extend(policy);
        }
        Ok(role)
    };
    read().map_err(|error| resource.within(error))
}

/// A function's own `Policies`, as SAM takes them: statements, documents, names and SAM's policy templates.
fn own(logical_id: &str, policies: &Value) -> Result<Role, Error> {
    let mut role = Role { logical_id: logical_id.to_owned(), ..Role::default() };
    let policies = policies.as_array().map_or(std::slice::from_ref(policies), Vec::as_slice);
    for policy in policies {
        match Fields::of(policy) {
            Ok(fields) if fields.get("Statement").is_some() => role.statements.extend(document(Some(fields))?),
            _ => role.managed.push(text(policy)),
        }
    }
    Ok(role)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn document(document: Option<Fields<'_>>) -> Result<Vec<Statement>, Error> {
    let Some(document) = document else { return Ok(Vec::new()) };
    match document.get("Statement") {
        Some(one @ Value::Object(_)) => {
            Ok(vec![Fields::of(one).and_then(statement).map_err(|error| error.under("Statement"))?])
        }
        _ => document.objects("Statement", statement),
    }
}

fn statement(fields: Fields<'_>) -> Result<Statement, Error> {
    for unread in ["NotAction", "NotResource"] {
        if fields.get(unread).is_some() {
            return Err(Error::new("is not supported; say what is meant").under(unread));
        }
    }
    let effect = match fields.required("Effect", "Allow")?.as_str() {
        "Allow" => Effect::Allow,
        "Deny" => Effect::Deny,
        other => return Err(Error::new(format!("needs Allow or Deny, not {other}")).under("Effect")),
    };
    let conditional = fields.get("Condition").is_some();
    Ok(Statement { effect, actions: texts(fields, "Action")?, resources: texts(fields, "Resource")?, conditional })
}

/// A text, or a list of them.
fn texts(fields: Fields<'_>, key: &str) -> Result<Vec<String>, Error> {
    match fields.get(key) {
        Some(Value::Array(list)) => Ok(list.iter().map(text).collect()),
        _ => Ok(vec![fields.required(key, "one, or a list of them")?]),
    }
}
