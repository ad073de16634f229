//! Invokes functions through AWS's Invoke API.

use bytes::Bytes;
use hyper::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::client;

/// Where a local stack's Invoke API is expected.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:9000";

/// What a function answered.
pub(crate) struct Answered {
    /// The payload.
    pub(crate) payload: Bytes,
    /// It is the function's error.
    pub(crate) failed: bool,
}

/// A function's answer to a batch: which records failed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchAnswer {
    pub(crate) batch_item_failures: Vec<Value>,
}

/// Runs a function on a trigger's event.
pub(crate) async fn invoke(base: &str, name: &str, event: Bytes) -> Result<Answered, String> {
    let base = base.trim_end_matches('/');
    if !base.starts_with("http://") {
        return Err(format!(
            "{base} cannot be called: invocations are not signed; name a proxy that signs them, as http://..."
        ));
    }
    let url = format!("{base}/2015-03-31/functions/{}/invocations", client::encode(name));
    let response = client::succeeded(client::send(Method::POST, &url, event).await?).await?;
    let failed = response.headers().contains_key("x-amz-function-error");
    Ok(Answered { payload: client::whole(response).await?, failed })
}
