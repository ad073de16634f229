//! Calls a running stack over HTTP.

use std::sync::LazyLock;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// Keeps connections open for the next request.
static CLIENT: LazyLock<Client<HttpConnector, Full<Bytes>>> = LazyLock::new(|| {
    let mut connector = HttpConnector::new();
    // A delayed acknowledgement would hold a request back for 40 ms.
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
});

/// Sends a request; the answer's body is still to be read.
pub(crate) async fn send(method: Method, url: &str, body: Bytes) -> Result<Response<Incoming>, String> {
    let request = Request::builder().method(method).uri(url).header("content-type", "application/json");
    let request = request.body(Full::new(body)).map_err(|error| format!("{url} is no URL: {error}"))?;
    CLIENT.request(request).await.map_err(|error| {
        if error.is_connect() {
            format!("nothing answers at {url}; start the stack with `cargo run`, or say where it is with --url")
        } else {
            format!("{url} did not answer: {error}")
        }
    })
}

/// Reads an answer's whole body.
pub(crate) async fn whole(response: Response<Incoming>) -> Result<Bytes, String> {
    let body = response.into_body().collect().await.map_err(|error| format!("the answer broke off: {error}"))?;
    Ok(body.to_bytes())
}

/// An answer of success, or what it says is wrong.
pub(crate) async fn succeeded(response: Response<Incoming>) -> Result<Response<Incoming>, String> {
    let status = response.status();
    if status.is_success() { Ok(response) } else { Err(refusal(status, &whole(response).await?)) }
}

/// The message of an AWS error or of a problem, or the body as it is.
fn refusal(status: StatusCode, body: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let message = ["Message", "detail", "title"].iter().find_map(|name| json.get(name)?.as_str());
    message.map_or_else(|| format!("{status}: {}", String::from_utf8_lossy(body)), str::to_owned)
}

/// Encodes what may stand in a path or query.
pub(crate) fn encode(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::{encode, refusal};
    use hyper::StatusCode;

    #[test]
    fn encodes_what_is_not_plain() {
        assert_eq!(encode("place-order a/b%한"), "place-order%20a%2Fb%25%ED%95%9C");
    }

    #[test]
    fn refusals_say_what_the_answer_says() {
        assert_eq!(refusal(StatusCode::NOT_FOUND, br#"{"Message":"Function not found: x"}"#), "Function not found: x");
        assert_eq!(refusal(StatusCode::CONFLICT, br#"{"title":"Conflict","detail":"no"}"#), "no");
        assert_eq!(refusal(StatusCode::BAD_GATEWAY, b"oops"), "502 Bad Gateway: oops");
    }
}
