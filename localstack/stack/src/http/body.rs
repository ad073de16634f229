//! Request bodies in, answers out.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Collected, Full, Limited};
use hyper::body::Incoming;
use serde_json::json;

/// An answer's body, whole or streamed.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Why a request's body cannot be used.
#[derive(Debug)]
pub(super) enum Unreadable {
    TooLong,
    Broken,
}

/// The whole body, up to so many bytes.
pub(super) async fn read(body: Incoming, limit: usize) -> Result<Bytes, Unreadable> {
    let collected = Limited::new(body, limit).collect().await;
    collected.map(Collected::to_bytes).map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() { Unreadable::TooLong } else { Unreadable::Broken }
    })
}

/// An answer of bytes.
pub(super) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl serde::Serialize) -> Response<Body> {
    match serde_json::to_vec(body) {
        Ok(body) => answer(status, "application/json", body),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// An RFC 9457 problem; a 503 says when to come again.
pub(super) fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let body = json!({"type": "about:blank", "status": status.as_u16(), "title": title, "detail": detail});
    let mut response = answer(status, "application/problem+json", body.to_string());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        come_again(&mut response);
    }
    response
}

/// Says when to come again: in a second.
pub(super) fn come_again(response: &mut Response<Body>) {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
}

/// A path that exists, but not with this method.
pub(super) fn not_allowed(method: &http::Method, path: &str, allowed: &str) -> Response<Body> {
    let detail = format!("{path} has no {method}; allowed are {allowed}");
    let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &detail);
    if let Ok(allowed) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, allowed);
    }
    response
}
