//! AWS's Invoke API, for `aws lambda invoke`, `cargo lambda invoke` and every SDK.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde::de::IgnoredAny;
use serde_json::json;

use super::Api;
use super::admission::turn_away;
use super::body::{self, Body, read};
use super::routes::decode;
use crate::function::{InvokeError, PAYLOAD_LIMIT, Source};

const FUNCTION_ERROR: HeaderName = HeaderName::from_static("x-amz-function-error");
const EXECUTED_VERSION: HeaderName = HeaderName::from_static("x-amz-executed-version");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Answers `POST /2015-03-31/functions/NAME/invocations`.
pub(super) async fn handle(api: Arc<Api>, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().strip_prefix("/2015-03-31/functions/");
    let name = path.and_then(|path| path.strip_suffix("/invocations")).filter(|_| request.method() == Method::POST);
    let Some(name) = name.map(|name| plain_name(&decode(name))) else {
        let message = "only POST /2015-03-31/functions/NAME/invocations is answered here";
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", message);
    };
    if !api.functions.knows(&name) {
        let message = format!("Function not found: {name}");
        return refused(StatusCode::NOT_FOUND, "ResourceNotFoundException", &message);
    }
    let kind = request.headers().get("x-amz-invocation-type").map(|kind| kind.as_bytes().to_owned());
    let _under_way = api.under_way();
    let Some(admitted) = api.admission.admit(&request) else {
        turn_away(request).await;
        let message = "as many requests as the stack lets in are under way";
        let mut refused = refused(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message);
        body::come_again(&mut refused);
        return refused;
    };
    let Ok(payload) = read(request.into_body(), PAYLOAD_LIMIT).await else {
        let message = format!("the payload has more than {PAYLOAD_LIMIT} bytes, or broke off");
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", &message);
    };
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    if let Err(error) = serde_json::from_slice::<IgnoredAny>(&payload) {
        let message = format!("Could not parse request body into json: {error}");
        return refused(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &message);
    }
    match kind.as_deref() {
        None | Some(b"RequestResponse") => answered(api.functions.invoke(&name, payload, Source::Invoke).await),
        Some(b"Event") => {
            let under_way = api.under_way();
            let functions = api.functions.clone();
            tokio::spawn(async move {
                // Nobody waits for the answer; an error shows in the function's status and log.
                functions.invoke(&name, payload, Source::Invoke).await.ok();
                drop((under_way, admitted));
            });
            body::answer(StatusCode::ACCEPTED, "application/json", Bytes::new())
        }
        Some(b"DryRun") => body::answer(StatusCode::NO_CONTENT, "application/json", Bytes::new()),
        Some(_) => {
            let message = "X-Amz-Invocation-Type is one of RequestResponse, Event, DryRun";
            refused(StatusCode::BAD_REQUEST, "InvalidParameterValueException", message)
        }
    }
}

/// A function may be named by its ARN, and with a version or alias behind it.
fn plain_name(name: &str) -> String {
    match name.split_once(":function:") {
        Some((_, name)) => plain_name(name),
        None => name.split(':').next().unwrap_or_default().to_owned(),
    }
}

fn answered(answer: Result<Bytes, InvokeError>) -> Response<Body> {
    let (payload, failed) = match answer {
        Ok(payload) => (payload, false),
        Err(InvokeError::Stopping) => {
            return refused(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", "the stack is stopping");
        }
        Err(error) => (error.payload(), true),
    };
    let mut response = body::answer(StatusCode::OK, "application/json", payload);
    let headers = response.headers_mut();
    headers.insert(EXECUTED_VERSION, HeaderValue::from_static("$LATEST"));
    if failed {
        headers.insert(FUNCTION_ERROR, HeaderValue::from_static("Unhandled"));
    }
    response
}

fn refused(status: StatusCode, kind: &'static str, message: &str) -> Response<Body> {
    let mut response = body::json(status, &json!({"Type": "User", "Message": message, "message": message}));
    response.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_function_by_name_arn_or_version() {
        for name in ["f", "f:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:f", "000000000000:function:f:1"]
        {
            assert_eq!(plain_name(name), "f", "{name}");
        }
    }
}
