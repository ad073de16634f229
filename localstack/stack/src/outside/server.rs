//! One stand-in: takes requests, and answers as its fault says.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

use super::fault::Fault;
use super::received::Received;

/// The longest body that is taken, in bytes.
const LONGEST: usize = 64 << 10;

/// A stand-in for one outside system.
#[derive(Debug, Default)]
pub(crate) struct Server {
    received: Mutex<Received>,
    fault: watch::Sender<Fault>,
}

impl Server {
    /// What it was sent.
    pub(crate) fn show(&self) -> Value {
        let (total, messages) = self.received().show();
        json!({"total": total, "received": messages})
    }

    /// Forgets what it was sent.
    pub(crate) fn forget(&self) {
        self.received().forget();
    }

    /// From now on it answers so; what waits for an answer, too.
    pub(crate) fn set_fault(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// Answers one request.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, LONGEST).collect().await else {
            return answer(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long, or broke off".to_owned());
        };
        let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
        let key = header(&parts.headers, "idempotency-key");
        let kind = header(&parts.headers, "content-type");
        let number = self.received().note(key, kind, &body.to_bytes(), now);
        let fault = self.until_it_answers().await;
        let status = fault.status.map_or(StatusCode::OK, |status| status.0);
        let body = fault.body.unwrap_or_else(|| "true".to_owned());
        if status.is_success() && body.trim() != "false" {
            self.received().take(number);
        }
        answer(status, body)
    }

    /// The fault that an answer is given with, after its delay. One that is set meanwhile counts instead.
    async fn until_it_answers(&self) -> Fault {
        let mut faults = self.fault.subscribe();
        loop {
            let fault = faults.borrow_and_update().clone();
            let delay = tokio::time::sleep(Duration::from_millis(fault.delay_ms));
            tokio::select! {
                biased;
                Ok(()) = faults.changed() => {}
                () = delay, if !fault.silent => return fault,
            }
        }
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn answer(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let kind =
        if serde_json::from_str::<Value>(&body).is_ok() { "application/json" } else { "text/plain;charset=utf-8" };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
