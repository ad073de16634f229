//! Answers to HTTP calls.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{self, SerializeMap};
use serde::{Serialize, Serializer};

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
    /// What only the log is told: why a call failed that was right.
    pub trouble: Option<String>,
}

/// When to come again after a 503, in seconds.
const RETRY_AFTER: u32 = 1;

/// What a path's segment cannot hold as it is: all but unreserved characters (RFC 3986).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Media type of ordinary bodies.
pub(crate) const JSON: &str = "application/json";

impl Reply {
    /// A JSON body.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        // Views are plain data: text keys, numbers, lists.
        let body = serde_json::to_string(body).unwrap_or_default();
        Reply { status, content_type: JSON, location: None, body, trouble: None }
    }

    /// A status that says all.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Reply { status, content_type: JSON, location: None, body: String::new(), trouble: None }
    }

    /// 200 with a JSON body.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Reply::json(200, body)
    }

    /// 200 with a page of a list under `name`, and in `next` what asks for the page after it.
    #[must_use]
    pub fn list(name: &str, entries: &[impl Serialize], next: Option<&Item>) -> Self {
        Reply::ok(&List { name, entries, next })
    }

    /// Says where the thing is to be found: at `/COLLECTION/ID`, whatever characters the id has.
    #[must_use]
    pub fn at(self, collection: &str, id: &str) -> Self {
        Reply { location: Some(format!("/{collection}/{}", utf8_percent_encode(id, ESCAPED))), ..self }
    }

    /// Its headers, names in lower case. A 503 says when to come again.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let content_type = (!self.body.is_empty()).then(|| ("content-type", self.content_type.to_owned()));
        let location = self.location.clone().map(|location| ("location", location));
        let retry_after = (self.status == 503).then(|| ("retry-after", RETRY_AFTER.to_string()));
        [content_type, location, retry_after].into_iter().flatten().collect()
    }
}

struct List<'a, T> {
    name: &'a str,
    entries: &'a [T],
    next: Option<&'a Item>,
}

impl<T: Serialize> Serialize for List<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        body.serialize_entry(self.name, self.entries)?;
        if let Some(next) = self.next {
            let token = serde_json::to_vec(next).map_err(ser::Error::custom)?;
            body.serialize_entry("next", &URL_SAFE_NO_PAD.encode(token))?;
        }
        body.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_path_of_visible_ascii_whatever_the_id() {
        let location = |id: &str| Reply::empty(201).at("accounts", id).location;
        assert_eq!(location("019b7a00-7").as_deref(), Some("/accounts/019b7a00-7"));
        assert_eq!(location("a/b?c#%").as_deref(), Some("/accounts/a%2Fb%3Fc%23%25"));
        assert_eq!(location("홍 1").as_deref(), Some("/accounts/%ED%99%8D%201"));
    }
}
