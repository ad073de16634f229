//! A running stack's HTTP API, in JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use localstack::Addresses;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::client;

/// Where a stack is expected.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// The HTTP API of one running stack.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    base: String,
}

impl Api {
    /// The API at this URL.
    pub(crate) fn at(url: &str) -> Self {
        Self { base: url.trim_end_matches('/').to_owned() }
    }

    /// Its URL, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.base
    }

    /// What `GET path` answers.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, String> {
        let body = self.call(Method::GET, path, Bytes::new()).await?;
        serde_json::from_slice(&body).map_err(|error| format!("the answer to GET {path} was not understood: {error}"))
    }

    /// The body of a successful answer; anything else is an error that says what the stack says.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, String> {
        let answer = client::send(method.clone(), &format!("{}{path}", self.base), body).await?;
        let answer = client::succeeded(answer).await.map_err(|error| format!("{method} {path}: {error}"))?;
        client::whole(answer).await
    }

    /// Waits until the stack has nothing left to do, for at most that long.
    pub(crate) async fn settle(&self, timeout: Duration) -> Result<(), String> {
        let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        self.call(Method::POST, "/_local/settle", body(&json!({"timeoutMs": timeout_ms}))).await.map(drop)
    }

    /// Puts a fault on a function.
    pub(crate) async fn put_fault(&self, function: &str, fault: &Value) -> Result<(), String> {
        self.call(Method::PUT, &fault_of(function), body(fault)).await.map(drop)
    }

    /// Clears a function's fault, and wakes what waited for it.
    pub(crate) async fn clear_fault(&self, function: &str) -> Result<(), String> {
        self.call(Method::DELETE, &fault_of(function), Bytes::new()).await.map(drop)
    }

    /// Where the stack's other parts answer.
    pub(crate) async fn addresses(&self) -> Result<Addresses, String> {
        self.get("/_local/addresses").await
    }

    /// The names of the functions.
    pub(crate) async fn function_names(&self) -> Result<Vec<String>, String> {
        let answer: Value = self.get("/_local/functions").await?;
        let functions = answer["functions"].as_array().into_iter().flatten();
        Ok(functions.filter_map(|function| function["name"].as_str().map(str::to_owned)).collect())
    }

    /// A function's environment.
    pub(crate) async fn environment(&self, function: &str) -> Result<BTreeMap<String, String>, String> {
        self.get(&format!("/_local/functions/{}/env", client::encode(function))).await
    }
}

fn fault_of(function: &str) -> String {
    format!("/_local/functions/{}/fault", client::encode(function))
}

fn body(json: &Value) -> Bytes {
    Bytes::from(json.to_string())
}
