//! Reads `Rules`: which values of parameters contradict each other, and what to set instead.

use std::collections::BTreeMap;

use serde_yaml_ng::Value as Yaml;

use super::error::Error;
use super::intrinsic::intrinsic;
use super::resolve::Resolver;

/// Checks the rules that are about a parameter with a given value. A default that only a deployment has to replace breaks none.
pub(super) fn check<'a>(
    rules: impl Iterator<Item = (&'a str, &'a Yaml)>,
    given: &BTreeMap<String, String>,
    resolver: &Resolver,
) -> Result<(), Error> {
    for (name, rule) in rules.filter(|(_, rule)| is_about(rule, given)) {
        keep(rule, resolver).map_err(|error| error.under(name).under("Rules"))?;
    }
    Ok(())
}

fn keep(rule: &Yaml, resolver: &Resolver) -> Result<(), Error> {
    if let Some(condition) = rule.get("RuleCondition")
        && !resolver.condition(condition).map_err(|error| error.under("RuleCondition"))?
    {
        return Ok(());
    }
    for assertion in rule.get("Assertions").and_then(Yaml::as_sequence).into_iter().flatten() {
        let assert = assertion.get("Assert").ok_or_else(|| Error::new("has an assertion without Assert; add it"))?;
        if !resolver.condition(assert).map_err(|error| error.under("Assertions"))? {
            let description = assertion.get("AssertDescription").and_then(Yaml::as_str);
            return Err(Error::new(description.unwrap_or("the parameters contradict each other")));
        }
    }
    Ok(())
}

/// Whether a value refers to a given parameter anywhere.
fn is_about(value: &Yaml, given: &BTreeMap<String, String>) -> bool {
    if let Some(call) = intrinsic(value) {
        let name = call.argument.as_str();
        return call.name == "Ref" && name.is_some_and(|name| given.contains_key(name))
            || is_about(call.argument, given);
    }
    match value {
        Yaml::Sequence(items) => items.iter().any(|item| is_about(item, given)),
        Yaml::Mapping(fields) => fields.values().any(|field| is_about(field, given)),
        _ => false,
    }
}
