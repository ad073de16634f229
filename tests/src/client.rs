//! An HTTP client that answers whatever it was answered.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::fail;

/// Connections of one test; they live in its runtime.
#[derive(Debug, Clone)]
pub struct Client(Pool<HttpConnector, Full<Bytes>>);

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    headers: HeaderMap,
    body: Bytes,
}

impl Default for Client {
    fn default() -> Self {
        Client::new()
    }
}

impl Client {
    /// No connection yet.
    #[must_use]
    pub fn new() -> Self {
        Client(Pool::builder(TokioExecutor::new()).build_http())
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, method: &str, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let named = |why: &dyn std::fmt::Display| format!("{method} {url}: {why}");
        let request = request.body(Full::new(body.into())).unwrap_or_else(|e| fail(named(&e)));
        let (parts, body) = self.0.request(request).await.unwrap_or_else(|e| fail(named(&e))).into_parts();
        let body = body.collect().await.unwrap_or_else(|e| fail(named(&e))).to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Answer {
    /// A header's value; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|e| fail(e))
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| fail(format!("{e}: {:?}", self.body)))
    }
}
