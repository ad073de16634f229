//! Answers to HTTP calls.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use crate::item::Item;

/// Status, headers and JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Location`, where something was created or accepted.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// Media type of ordinary bodies.
pub(crate) const JSON: &str = "application/json";

impl Reply {
    /// A JSON body.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Views are plain data: text keys, numbers, lists.
        let body = serde_json::to_string(body).unwrap_or_default();
        Reply { status, content_type: JSON, location: None, body }
    }

    /// 200 with a JSON body.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Reply::json(200, body)
    }

    /// 200 with a page of a list under `name`, and in `next` what asks for the page after it.
    #[must_use]
    pub fn list(name: &str, entries: &[impl Serialize], next: Option<&Item>) -> Self {
        let mut body = json!({ name: entries });
        if let Some(next) = next {
            body["next"] = URL_SAFE_NO_PAD.encode(Value::Object(next.clone()).to_string()).into();
        }
        Reply::ok(&body)
    }

    /// Says where the thing is to be found.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }
}
