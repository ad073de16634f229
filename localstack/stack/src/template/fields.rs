//! Typed access to a resolved object's fields; every error names the field.

use serde_json::{Map, Value};

use super::error::Error;

/// The fields of a resolved object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn new(fields: &'a Map<String, Value>) -> Self {
        Self(fields)
    }

    /// A value that has to be an object.
    pub(super) fn of(value: &'a Value) -> Result<Self, Error> {
        value.as_object().map(Self).ok_or_else(|| Error::new(format!("needs an object, not {value}")))
    }

    /// The field, where it is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Runs a reader on a field that is there; its errors name the field.
    pub(super) fn read<T>(
        &self,
        key: &str,
        reader: impl FnOnce(&'a Value) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        self.get(key).map(reader).transpose().map_err(|error| error.under(key))
    }

    /// The nested object.
    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, Error> {
        self.read(key, Self::of)
    }

    /// The list; empty where there is none.
    pub(super) fn list(&self, key: &str) -> Result<&'a [Value], Error> {
        let list = |value: &'a Value| {
            value.as_array().map(Vec::as_slice).ok_or_else(|| Error::new(format!("needs a list, not {value}")))
        };
        Ok(self.read(key, list)?.unwrap_or_default())
    }

    /// The objects of a list, each read; errors name the place in the list.
    pub(super) fn objects<T>(&self, key: &str, reader: impl Fn(Self) -> Result<T, Error>) -> Result<Vec<T>, Error> {
        let read = |(index, value): (usize, &'a Value)| {
            Self::of(value).and_then(&reader).map_err(|error| error.under(&index.to_string()).under(key))
        };
        self.list(key)?.iter().enumerate().map(read).collect()
    }

    /// A text, or a number or flag as text.
    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Error> {
        self.read(key, |value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
            other => Err(Error::new(format!("needs a text, not {other}"))),
        })
    }

    /// A number, also where it is written as text.
    pub(super) fn number(&self, key: &str) -> Result<Option<i64>, Error> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let number = text.parse().map_err(|_| Error::new(format!("needs a whole number, not {text}")).under(key))?;
        Ok(Some(number))
    }

    /// A number in a range, or the default.
    pub(super) fn number_in(&self, key: &str, least: i64, most: i64, default: i64) -> Result<i64, Error> {
        let number = self.number(key)?.unwrap_or(default);
        if (least..=most).contains(&number) {
            Ok(number)
        } else {
            Err(Error::new(format!("needs a number from {least} to {most}, not {number}")).under(key))
        }
    }

    /// A flag, also where it is written as text.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let flag = text.parse().map_err(|_| Error::new(format!("needs true or false, not {text}")).under(key))?;
        Ok(Some(flag))
    }

    /// A text that has to be there; the hint is an example of one.
    pub(super) fn required(&self, key: &str, hint: &str) -> Result<String, Error> {
        self.text(key)?.ok_or_else(|| Error::new(format!("is missing; add it, for example {hint}")).under(key))
    }
}
