//! JSON bodies as people send them: HTTPie's `qty=10` is a string, an id may be a number.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::Problem;

/// Longest id that is taken, in characters.
pub(super) const LONGEST_ID: usize = 128;

/// A JSON object whose fields are read one by one. Each reader takes several names for one field; the first one present counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    fields: Map<String, Value>,
    /// Where the object stands in the whole body: `items[2].`
    place: String,
}

impl Body {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// 400 where it is no JSON object.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => Ok(Body { fields, place: String::new() }),
            Ok(_) => Err(Problem::bad_request("the body must be a JSON object")),
            Err(e) => Err(Problem::bad_request(format!("the body must be a JSON object: {e}"))),
        }
    }

    /// The field's name as it was sent, and its value; `null` counts as absent.
    fn find<'a>(&'a self, names: &[&'a str]) -> Option<(&'a str, &'a Value)> {
        names.iter().find_map(|name| Some((*name, self.fields.get(*name).filter(|value| !value.is_null())?)))
    }

    /// Whether one of `names` is there.
    #[must_use]
    pub fn has(&self, names: &[&str]) -> bool {
        self.find(names).is_some()
    }

    /// An error about a field of this object.
    #[must_use]
    pub fn wrong(&self, name: &str, should: impl std::fmt::Display) -> Problem {
        Problem::field(&format!("{}{name}", self.place), should)
    }

    /// An id: text or a JSON integer, of 1 to 128 characters without control characters.
    ///
    /// # Errors
    ///
    /// 400 where it is something else.
    pub fn id(&self, names: &[&str]) -> Result<Option<String>, Problem> {
        let Some((name, value)) = self.find(names) else { return Ok(None) };
        let id = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
            _ => return Err(self.wrong(name, "must be text or a whole number")),
        };
        check_id(&id).map_err(|should| self.wrong(name, should))?;
        Ok(Some(id))
    }

    /// Text of at most `longest` characters without control characters.
    ///
    /// # Errors
    ///
    /// 400 where it is something else.
    pub fn text(&self, names: &[&str], longest: usize) -> Result<Option<String>, Problem> {
        let Some((name, value)) = self.find(names) else { return Ok(None) };
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(self.wrong(name, "must be text")),
        };
        if text.chars().count() > longest {
            return Err(self.wrong(name, format!("must have at most {longest} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(self.wrong(name, "must not contain control characters"));
        }
        Ok(Some(text))
    }

    /// A whole number: a JSON integer, or text of ASCII digits.
    ///
    /// # Errors
    ///
    /// 400 where it is something else or not in `range`.
    pub fn integer(&self, names: &[&str], range: RangeInclusive<i64>) -> Result<Option<i64>, Problem> {
        let Some((name, value)) = self.find(names) else { return Ok(None) };
        let number = match value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => Ok(Some(number)),
            _ => {
                let (from, to) = (range.start(), range.end());
                Err(self.wrong(name, format!("must be a whole number from {from} to {to}")))
            }
        }
    }

    /// A list of objects.
    ///
    /// # Errors
    ///
    /// 400 where it is something else.
    pub fn list(&self, name: &str) -> Result<Option<Vec<Body>>, Problem> {
        let Some((_, value)) = self.find(&[name]) else { return Ok(None) };
        let Value::Array(list) = value else { return Err(self.wrong(name, "must be a list")) };
        let read = list.iter().enumerate().map(|(n, entry)| match entry {
            Value::Object(fields) => Ok(Body { fields: fields.clone(), place: format!("{}{name}[{n}].", self.place) }),
            _ => Err(self.wrong(&format!("{name}[{n}]"), "must be an object")),
        });
        read.collect::<Result<_, _>>().map(Some)
    }

    /// Says that a field is needed.
    ///
    /// # Errors
    ///
    /// 400 where `value` is absent.
    pub fn required<T>(&self, name: &str, value: Option<T>) -> Result<T, Problem> {
        value.ok_or_else(|| self.wrong(name, "is required"))
    }
}

/// What an id should be, where it is not.
pub(super) fn check_id(id: &str) -> Result<(), &'static str> {
    if id.is_empty() || id.chars().count() > LONGEST_ID {
        return Err("must have 1 to 128 characters");
    }
    if id.chars().any(char::is_control) {
        return Err("must not contain control characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Body {
        Body::parse(text).unwrap()
    }

    #[test]
    fn numbers_come_as_numbers_or_digits() {
        let range = 1..=1_000_000;
        for good in [r#"{"qty": 10}"#, r#"{"qty": "10"}"#] {
            assert_eq!(body(good).integer(&["qty"], range.clone()), Ok(Some(10)), "{good}");
        }
        for bad in ["1e3", "1.0", "true", "\"1e3\"", "\" 1\"", "\"+1\"", "\"\"", "0", "1000001", "\"-1\"", "[]"] {
            let problem = body(&format!(r#"{{"qty": {bad}}}"#)).integer(&["qty"], range.clone()).unwrap_err();
            assert_eq!((problem.status, problem.field.as_deref()), (400, Some("qty")), "{bad}");
        }
        assert_eq!(body(r#"{"qty": null}"#).integer(&["qty"], range), Ok(None));
    }

    #[test]
    fn ids_come_as_text_or_integers_and_have_limits() {
        assert_eq!(body(r#"{"id": 7}"#).id(&["id"]), Ok(Some("7".to_owned())));
        assert_eq!(body(r#"{"userId": "hong"}"#).id(&["id", "userId"]), Ok(Some("hong".to_owned())));
        let long = "x".repeat(129);
        for bad in ["\"\"", "1.5", "\"a\\u0007\"", "{}", &format!("{long:?}")] {
            assert!(body(&format!(r#"{{"id": {bad}}}"#)).id(&["id"]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_field_of_a_list_is_named_with_its_place() {
        let items = body(r#"{"items": [{"quantity": 1}, {"quantity": 0}]}"#).list("items").unwrap().unwrap();
        let problem = items[1].integer(&["quantity"], 1..=5).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("items[1].quantity"));
        assert!(body(r#"{"items": 3}"#).list("items").is_err());
        assert!(Body::parse("[]").is_err());
    }
}
