//! Resolves a template's intrinsic functions, conditions and references to plain JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use serde_yaml_ng::{Mapping, Value as Yaml};

use super::arn;
use super::error::Error;
use super::intrinsic::{Intrinsic, intrinsic};

/// What a `Ref` or `GetAtt` on a resource leads to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Function(String),
    Table(String),
    /// A resource that only exists in AWS; references to it stay well-formed but lead nowhere.
    Other,
}

/// Parameters, conditions and resources, by name.
#[derive(Debug, Default)]
pub(super) struct Resolver {
    pub(super) parameters: BTreeMap<String, Json>,
    pub(super) conditions: BTreeMap<String, bool>,
    pub(super) mappings: BTreeMap<String, Json>,
    pub(super) targets: BTreeMap<String, Target>,
}

impl Resolver {
    /// A value with every intrinsic resolved; `None` for `AWS::NoValue`.
    pub(super) fn resolve(&self, value: &Yaml) -> Result<Option<Json>, Error> {
        if let Some(call) = intrinsic(value) {
            return self.call(&call).map_err(|error| error.under(&call.name));
        }
        Ok(Some(match value {
            Yaml::Null => Json::Null,
            Yaml::Bool(flag) => Json::Bool(*flag),
            Yaml::Number(number) => serde_json::to_value(number).map_err(|error| Error::new(error.to_string()))?,
            Yaml::String(text) => Json::String(text.clone()),
            Yaml::Sequence(items) => Json::Array(self.list(items)?),
            Yaml::Mapping(fields) => Json::Object(self.fields(fields, |_| true)?),
            Yaml::Tagged(tagged) => {
                let tag = tagged.tag.to_string();
                return Err(Error::new(format!("the tag {tag} is not supported; write the value itself")));
            }
        }))
    }

    /// The wanted fields of a mapping, resolved.
    pub(super) fn fields(&self, fields: &Mapping, wanted: impl Fn(&str) -> bool) -> Result<Map<String, Json>, Error> {
        let mut resolved = Map::new();
        for (key, value) in fields {
            let key = match key {
                Yaml::String(key) => key.clone(),
                other => format!("{other:?}"),
            };
            if wanted(&key)
                && let Some(value) = self.resolve(value).map_err(|error| error.under(&key))?
            {
                resolved.insert(key, value);
            }
        }
        Ok(resolved)
    }

    fn list(&self, items: &[Yaml]) -> Result<Vec<Json>, Error> {
        let resolve = |(index, item): (usize, &Yaml)| {
            self.resolve(item).map_err(|error| error.under(&index.to_string())).transpose()
        };
        items.iter().enumerate().filter_map(resolve).collect()
    }

    fn call(&self, call: &Intrinsic<'_>) -> Result<Option<Json>, Error> {
        let value = match call.name.as_str() {
            "Ref" => return self.reference(&self.text(call.argument)?),
            "Fn::GetAtt" => self.attribute(&self.path(call.argument)?)?,
            "Fn::Sub" => Json::String(self.substitute(call.argument)?),
            "Fn::If" => {
                let [condition, then, otherwise] = call.arguments()?;
                let chosen = if self.named_condition(&self.text(condition)?)? { then } else { otherwise };
                return self.resolve(chosen);
            }
            "Fn::Join" => {
                let [separator, items] = call.arguments()?;
                let items = self.array(items)?.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
                Json::String(items.join(&self.text(separator)?))
            }
            "Fn::Split" => {
                let [separator, text] = call.arguments()?;
                let text = self.text(text)?;
                text.split(&self.text(separator)?).map(Json::from).collect()
            }
            "Fn::Select" => {
                let [index, items] = call.arguments()?;
                let index = self.text(index)?;
                let item = index.parse().ok().and_then(|index: usize| self.array(items).ok()?.get(index).cloned());
                item.ok_or_else(|| Error::new(format!("there is no item {index} in the list")))?
            }
            "Fn::FindInMap" => {
                let path = self.array(call.argument)?.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
                let [map, first, second] = path.as_slice() else {
                    return Err(Error::new("needs a mapping's name and two keys"));
                };
                let found = self.mappings.get(map).and_then(|map| map.get(first)?.get(second));
                found.cloned().ok_or_else(|| Error::new(format!("Mappings has no {map}.{first}.{second}")))?
            }
            "Condition" | "Fn::Equals" | "Fn::Not" | "Fn::And" | "Fn::Or" => Json::Bool(self.call_condition(call)?),
            _ => return Err(Error::new("this intrinsic function is not supported here; write the value itself")),
        };
        Ok(Some(value))
    }

    /// Decides a condition's definition.
    pub(super) fn condition(&self, definition: &Yaml) -> Result<bool, Error> {
        match (intrinsic(definition), definition) {
            (Some(call), _) => self.call_condition(&call).map_err(|error| error.under(&call.name)),
            (None, Yaml::Bool(flag)) => Ok(*flag),
            _ => Err(Error::new("a condition is one of Fn::Equals, Fn::Not, Fn::And, Fn::Or, Condition")),
        }
    }

    fn call_condition(&self, call: &Intrinsic<'_>) -> Result<bool, Error> {
        let mut inner = call.items().iter().map(|item| self.condition(item));
        match call.name.as_str() {
            "Condition" => self.named_condition(&self.text(call.argument)?),
            "Fn::Equals" => {
                let [left, right] = call.arguments()?;
                Ok(self.text(left)? == self.text(right)?)
            }
            "Fn::Not" => {
                let [condition] = call.arguments()?;
                self.condition(condition).map(|met| !met)
            }
            "Fn::And" => inner.try_fold(true, |all, met| Ok(met? && all)),
            "Fn::Or" => inner.try_fold(false, |any, met| Ok(met? || any)),
            _ => Err(Error::new("is no condition; use Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition")),
        }
    }

    pub(super) fn named_condition(&self, name: &str) -> Result<bool, Error> {
        let known = self.conditions.get(name).copied();
        known.ok_or_else(|| Error::new(format!("Conditions has no {name}; add it, or name one that exists")))
    }

    fn reference(&self, name: &str) -> Result<Option<Json>, Error> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(value.clone()));
        }
        let value = match (arn::pseudo_parameter(name), self.targets.get(name)) {
            (Some(value), _) => value,
            (None, Some(Target::Function(name) | Target::Table(name))) => name,
            (None, Some(Target::Other)) => name,
            (None, None) => {
                return Err(Error::new(format!("{name} is neither a parameter nor a resource of this template")));
            }
        };
        Ok(Some(Json::from(value)))
    }

    /// `Resource.Attribute`.
    fn attribute(&self, path: &str) -> Result<Json, Error> {
        let (name, attribute) = path.split_once('.').unwrap_or((path, ""));
        let target = self.targets.get(name);
        let value = match (target, attribute) {
            (None, _) => return Err(Error::new(format!("{name} is not a resource of this template"))),
            (Some(Target::Function(name)), "Arn") => arn::function(name),
            (Some(Target::Table(name)), "Arn") => arn::table(name),
            (Some(Target::Table(name)), "StreamArn") => arn::stream(name),
            (Some(_), _) => path.to_owned(),
        };
        Ok(Json::String(value))
    }

    /// `${Name}`, `${Resource.Attribute}`, `${!Literal}`, and variables of the long form.
    fn substitute(&self, argument: &Yaml) -> Result<String, Error> {
        let (text, variables) = match argument {
            Yaml::Sequence(items) => match items.as_slice() {
                [Yaml::String(text), Yaml::Mapping(variables)] => (text, self.fields(variables, |_| true)?),
                _ => return Err(Error::new("needs a text, or a list of a text and its variables")),
            },
            Yaml::String(text) => (text, Map::new()),
            _ => return Err(Error::new("needs a text, or a list of a text and its variables")),
        };
        let mut result = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| Error::new("a ${ has no closing brace"))?;
            result.push_str(before);
            match (name.strip_prefix('!'), variables.get(name)) {
                (Some(literal), _) => result.push_str(&format!("${{{literal}}}")),
                (None, Some(value)) => result.push_str(&scalar(value)?),
                (None, None) if name.contains('.') => result.push_str(&scalar(&self.attribute(name)?)?),
                (None, None) => {
                    let value = self.reference(name)?.unwrap_or(Json::String(String::new()));
                    result.push_str(&scalar(&value)?);
                }
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn text(&self, value: &Yaml) -> Result<String, Error> {
        self.resolve(value)?.map_or_else(|| Ok(String::new()), |value| scalar(&value))
    }

    fn array(&self, value: &Yaml) -> Result<Vec<Json>, Error> {
        match self.resolve(value)? {
            Some(Json::Array(items)) => Ok(items),
            _ => Err(Error::new("needs a list")),
        }
    }

    /// `GetAtt`'s argument: `Resource.Attribute`, or the two as a list.
    fn path(&self, argument: &Yaml) -> Result<String, Error> {
        match argument {
            Yaml::Sequence(_) => {
                let parts = self.array(argument)?.iter().map(scalar).collect::<Result<Vec<_>, _>>()?;
                Ok(parts.join("."))
            }
            _ => self.text(argument),
        }
    }
}

/// A value as CloudFormation puts it into a text.
fn scalar(value: &Json) -> Result<String, Error> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Bool(_) | Json::Number(_) => Ok(value.to_string()),
        Json::Array(items) => Ok(items.iter().map(scalar).collect::<Result<Vec<_>, _>>()?.join(",")),
        _ => Err(Error::new(format!("needs a text, not {value}"))),
    }
}
