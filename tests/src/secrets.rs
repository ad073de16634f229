//! A stand-in for AWS Secrets Manager: keeps some secrets in memory and counts how often each is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fail;

/// Secrets by their names. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Mutex<HashMap<String, Kept>>>);

#[derive(Debug, Default)]
struct Kept {
    value: String,
    read: usize,
}

impl Secrets {
    /// Answers until the test's process ends, on a thread of its own: who asks may block theirs. Also answers its URL.
    #[must_use]
    pub fn start() -> (Self, String) {
        let secrets = Secrets::default();
        let (kept, (tell, told)) = (secrets.clone(), std::sync::mpsc::channel());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap_or_else(|e| fail(e)).block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap_or_else(|e| fail(e));
                let address = listener.local_addr().unwrap_or_else(|e| fail(e));
                tell.send(format!("http://{address}")).unwrap_or_else(|e| fail(e));
                let routes = Router::new().fallback(async move |body: String| kept.answer(&body));
                axum::serve(listener, routes).await.unwrap_or_else(|e| fail(e));
            });
        });
        (secrets, told.recv().unwrap_or_else(|e| fail(e)))
    }

    /// Keeps a secret from now on, in place of what was kept under this name.
    pub fn keep(&self, name: &str, value: &Value) {
        self.locked().entry(name.to_owned()).or_default().value = value.to_string();
    }

    /// How often it was read.
    #[must_use]
    pub fn read(&self, name: &str) -> usize {
        self.locked().get(name).map_or(0, |kept| kept.read)
    }

    /// The answer to GetSecretValue.
    fn answer(&self, body: &str) -> (StatusCode, String) {
        let asked: Value = serde_json::from_str(body).unwrap_or_default();
        let name = asked["SecretId"].as_str().unwrap_or_default();
        match self.locked().get_mut(name) {
            Some(kept) => {
                kept.read += 1;
                (StatusCode::OK, json!({"Name": name, "SecretString": kept.value}).to_string())
            }
            None => {
                let error = json!({"__type": "ResourceNotFoundException", "Message": "there is no such secret"});
                (StatusCode::BAD_REQUEST, error.to_string())
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
