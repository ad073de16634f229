//! Reads `Parameters`: their defaults, or the values given in their place, within the limits that the template sets.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_yaml_ng::Value as Yaml;

use super::error::Error;
use super::fields::Fields;
use super::resolve::Resolver;

/// Every parameter's value.
pub(super) fn read<'a>(
    definitions: impl Iterator<Item = (&'a str, &'a Yaml)>,
    values: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Json>, Error> {
    let mut parameters = BTreeMap::new();
    for (name, definition) in definitions {
        let value = parameter(definition, values.get(name));
        let value = value.map_err(|error| error.under(name).under("Parameters"))?;
        parameters.insert(name.to_owned(), value);
    }
    match values.keys().find(|name| !parameters.contains_key(*name)) {
        Some(name) => Err(Error::new("a value was given, but the template has no such parameter; add it")
            .under(name)
            .under("Parameters")),
        None => Ok(parameters),
    }
}

fn parameter(definition: &Yaml, given: Option<&String>) -> Result<Json, Error> {
    let definition = Resolver::default().resolve(definition)?.unwrap_or_default();
    let fields = Fields::of(&definition)?;
    let value = match given {
        Some(value) => value.clone(),
        None => fields
            .text("Default")?
            .ok_or_else(|| Error::new("has no value; give it a Default, so that the template runs without any"))?,
    };
    let kind = fields.text("Type")?.unwrap_or_default();
    if kind.contains("List") {
        return Ok(value.split(',').map(|item| Json::from(item.trim())).collect());
    }
    if kind == "Number" {
        check_range(fields, &value)?;
    }
    let plain = |allowed: &Json| allowed.as_str().map_or_else(|| allowed.to_string(), str::to_owned);
    let allowed: Vec<String> = fields.list("AllowedValues")?.iter().map(plain).collect();
    if allowed.is_empty() || allowed.contains(&value) {
        Ok(Json::String(value))
    } else {
        Err(Error::new(format!("{value} is not allowed; use one of {}", allowed.join(", "))))
    }
}

fn check_range(fields: Fields<'_>, value: &str) -> Result<(), Error> {
    let number = |text: &str| text.parse::<f64>().map_err(|_| Error::new(format!("needs a number, not {text}")));
    let value = number(value)?;
    let limit = |key| fields.text(key)?.map(|limit| number(&limit)).transpose();
    match (limit("MinValue")?, limit("MaxValue")?) {
        (Some(least), _) if value < least => Err(Error::new(format!("needs at least {least}, not {value}"))),
        (_, Some(most)) if value > most => Err(Error::new(format!("needs at most {most}, not {value}"))),
        _ => Ok(()),
    }
}
