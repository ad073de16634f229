//! The shop as one test sees it: its HTTP API.

use std::collections::BTreeSet;

use localstack::roles::Permission;
use serde_json::Value;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

use crate::Stage;
use crate::client::{Answer, Client};

/// A test's way into the running shop. Ends with [`Shop::leave`].
#[derive(Debug)]
pub struct Shop {
    pub(crate) stage: &'static Stage,
    pub(crate) presence: Option<Presence>,
    pub(crate) client: Client,
}

/// Whether other tests are on the stage.
#[derive(Debug)]
pub(crate) enum Presence {
    Beside(#[expect(dead_code, reason = "held for what it keeps out")] RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

impl Shop {
    pub(crate) fn new(stage: &'static Stage, presence: Presence, client: Client) -> Self {
        Shop { stage, presence: Some(presence), client }
    }

    /// Sends a request to the API, whatever comes back.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send_bytes(method, path, headers, body.as_bytes()).await
    }

    /// The same, with a body that need not be text.
    pub async fn send_bytes(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let url = format!("{}{path}", self.stage.addresses().api);
        self.client.send(method, &url, headers, body.to_vec()).await
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "").await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, JSON, &body.to_string()).await
    }

    /// `PATCH` with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, JSON, &body.to_string()).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], "").await
    }

    /// What a function has used of its role so far.
    #[must_use]
    pub fn used(&self, function: &str) -> BTreeSet<Permission> {
        self.stage.used(function)
    }

    /// Where the table store answers.
    #[must_use]
    pub fn dynamodb(&self) -> String {
        self.stage.addresses().dynamodb
    }

    /// A name that no other test has.
    #[must_use]
    pub fn unique(&self, name: &str) -> String {
        format!("{name}-{}", self.stage.number())
    }
}

/// What a JSON body is sent with.
pub(crate) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

impl Drop for Shop {
    fn drop(&mut self) {
        let left = self.presence.is_none();
        assert!(
            left || std::thread::panicking(),
            "the test ended without leave(): nobody looked at what it left behind"
        );
    }
}
