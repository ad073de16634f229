//! Requests as the tutorials type them for HTTPie.

use hyper::Method;
use serde_json::{Map, Value};

/// A request: a method, a path, and fields, `name=text` or `name:=json`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Map<String, Value>,
    fields: Vec<String>,
}

impl Typed {
    /// Reads `POST /orders customerId=yun qty=5`: words without blanks in them. The error names the word that is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let method = words.next().and_then(|word| word.parse().ok());
        let method = method.ok_or_else(|| format!("{text:?} begins with no method"))?;
        let path = words.next().ok_or_else(|| format!("{text:?} has no path"))?.to_owned();
        let fields: Vec<String> = words.map(str::to_owned).collect();
        let body = fields.iter().map(|field| self::field(field)).collect::<Result<_, _>>()?;
        Ok(Self { method, path, body, fields })
    }

    /// What to type in a shell to send it to this port.
    pub(super) fn command(&self, port: &str) -> String {
        let mut command = format!("http {} :{port}{}", self.method, self.path);
        for field in &self.fields {
            let plain = !field.contains(['"', '[', '{']);
            command.push_str(&if plain { format!(" {field}") } else { format!(" '{field}'") });
        }
        command
    }
}

/// Reads fields alone: `stock:=5 status=STARTED`.
pub(super) fn fields(text: &str) -> Result<Vec<(String, Value)>, String> {
    text.split_whitespace().map(field).collect()
}

fn field(field: &str) -> Result<(String, Value), String> {
    let (name, value) = field.split_once('=').ok_or_else(|| format!("{field:?} is not name=value"))?;
    match name.strip_suffix(':') {
        Some(name) => {
            let json = serde_json::from_str(value).map_err(|error| format!("{field:?} is no JSON: {error}"))?;
            Ok((name.to_owned(), json))
        }
        None => Ok((name.to_owned(), Value::from(value))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Typed, fields};

    #[test]
    fn fields_are_text_or_json_as_httpie_sends_them() {
        let typed = Typed::parse(r#"POST /api/orders userId:=1 address=경기도 items:=[{"productId":3}]"#).unwrap();
        assert_eq!(json!(typed.body), json!({"userId": 1, "address": "경기도", "items": [{"productId": 3}]}));
        let command = r#"http POST :8080/api/orders userId:=1 address=경기도 'items:=[{"productId":3}]'"#;
        assert_eq!(typed.command("8080"), command);
        let alone = [("stock".to_owned(), json!(5)), ("status".to_owned(), json!("STARTED"))];
        assert_eq!(fields("stock:=5 status=STARTED").unwrap(), alone);
    }

    #[test]
    fn a_wrong_word_is_named() {
        assert_eq!(Typed::parse("POST"), Err(r#""POST" has no path"#.to_owned()));
        assert_eq!(Typed::parse("POST /orders qty"), Err(r#""qty" is not name=value"#.to_owned()));
        assert!(Typed::parse("POST /orders qty:=x").is_err_and(|error| error.starts_with(r#""qty:=x" is no JSON"#)));
    }
}
