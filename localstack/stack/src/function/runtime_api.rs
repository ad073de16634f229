//! The Lambda Runtime API, as one process sees it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde::Deserialize;

use super::error::InvokeError;
use super::pool::Pool;
use super::process::Process;

/// Lambda's limit on payloads and answers.
pub(crate) const PAYLOAD_LIMIT: usize = 6 << 20;

const ROOT: &str = "/2018-06-01/runtime/";

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");

/// What a function posts about an error.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Diagnostic {
    error_type: String,
    error_message: String,
}

/// Answers one call of a process.
pub(super) async fn handle(
    request: Request<Incoming>,
    pool: Arc<Pool>,
    process: Arc<Process>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().strip_prefix(ROOT).unwrap_or_default().to_owned();
    match (request.method(), path.as_str()) {
        (&Method::GET, "invocation/next") => return next(&pool, &process).await,
        (&Method::POST, "init/error") => {
            let diagnostic = diagnostic(&body(request).await.unwrap_or_default());
            process.init_failed(format!("{}: {}", diagnostic.error_type, diagnostic.error_message));
            return status(StatusCode::ACCEPTED);
        }
        (&Method::POST, path) => {
            if let Some((id, kind)) = path.strip_prefix("invocation/").and_then(|path| path.split_once('/')) {
                let result = match (body(request).await, kind) {
                    (None, _) => {
                        let limit = format!("the answer has more than {PAYLOAD_LIMIT} bytes");
                        Err(function_error("Function.ResponseSizeTooLarge".to_owned(), limit))
                    }
                    (Some(answer), "response") => Ok(answer),
                    (Some(answer), "error") => {
                        let Diagnostic { error_type, error_message } = diagnostic(&answer);
                        Err(InvokeError::FunctionError { error_type, message: error_message, payload: answer })
                    }
                    _ => return status(StatusCode::NOT_FOUND),
                };
                let Some(took) = process.answer(id, result) else { return status(StatusCode::BAD_REQUEST) };
                pool.bill(took);
                return status(StatusCode::ACCEPTED);
            }
        }
        _ => {}
    }
    status(StatusCode::NOT_FOUND)
}

/// Waits for an invocation and delivers it: from now on its timeout runs.
async fn next(pool: &Pool, process: &Process) -> Response<Full<Bytes>> {
    let job = pool.next_job(process).await;
    let timeout = pool.function().timeout;
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let deadline = u64::try_from((since_epoch + timeout).as_millis()).unwrap_or(u64::MAX);
    let mut response = Response::new(Full::new(job.payload.clone()));
    let headers = response.headers_mut();
    headers.insert(DEADLINE, HeaderValue::from(deadline));
    headers.insert(ARN, pool.arn());
    if let Ok(id) = HeaderValue::from_str(&job.id) {
        headers.insert(REQUEST_ID, id);
    }
    let tail: String = job.id.chars().filter(char::is_ascii_hexdigit).skip(8).collect();
    let trace = format!("Root=1-{:08x}-{tail};Parent={};Sampled=0", since_epoch.as_secs(), &tail[8..]);
    if let Ok(trace) = HeaderValue::from_str(&trace) {
        headers.insert(TRACE_ID, trace);
    }
    process.deliver(job, timeout);
    response
}

/// The whole body; `None` where it is too long or breaks off.
async fn body(request: Request<Incoming>) -> Option<Bytes> {
    let collected = Limited::new(request.into_body(), PAYLOAD_LIMIT).collect().await;
    collected.ok().map(http_body_util::Collected::to_bytes)
}

fn diagnostic(body: &[u8]) -> Diagnostic {
    serde_json::from_slice(body).unwrap_or_else(|_| Diagnostic {
        error_type: "Runtime.Unknown".to_owned(),
        error_message: String::from_utf8_lossy(body).into_owned(),
    })
}

/// A function error that the function did not write itself.
pub(super) fn function_error(error_type: String, message: String) -> InvokeError {
    let payload = serde_json::json!({"errorType": error_type, "errorMessage": message});
    InvokeError::FunctionError { error_type, message, payload: Bytes::from(payload.to_string()) }
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(br#"{"status":"OK"}"#)));
    *response.status_mut() = status;
    response
}
