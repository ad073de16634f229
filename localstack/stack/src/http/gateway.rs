//! The HTTP API: a request becomes an event, the function's answer an HTTP answer.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::admission::turn_away;
use super::body::{Body, Unreadable, not_allowed, problem, read};
use super::routes::Found;
use super::{Api, answer, event};
use crate::function::{InvokeError, PAYLOAD_LIMIT, Source};

/// API Gateway's limit for a function's answer; the request itself has to have come by then as well.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Answers a request to the HTTP API.
pub(super) async fn handle(api: &Arc<Api>, request: Request<Incoming>) -> Response<Body> {
    let _under_way = api.under_way();
    let Some(_admitted) = api.admission.admit(&request) else {
        turn_away(request).await;
        let detail = "as many requests as the stack lets in are under way; nothing has begun";
        return problem(StatusCode::SERVICE_UNAVAILABLE, detail);
    };
    let deadline = Instant::now() + ANSWER_LIMIT;
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let (route, parameters) = match api.routes.find(parts.method.as_str(), path) {
        Found::Route(route, parameters) => (route, parameters),
        Found::OtherMethods(allowed) => return not_allowed(&parts.method, path, &allowed),
        Found::Nothing => return problem(StatusCode::NOT_FOUND, &format!("{path} is not a path of this API")),
    };
    if route.publishes && !parts.method.is_safe() && api.triggers.are_behind() {
        let detail =
            "a function is too far behind its topic; what would be published now could push unread records out";
        return problem(StatusCode::SERVICE_UNAVAILABLE, detail);
    }
    let body = match timeout_at(deadline, read(body, PAYLOAD_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(Unreadable::TooLong)) => return too_long(),
        Ok(Err(Unreadable::Broken)) => return problem(StatusCode::BAD_REQUEST, "the body broke off"),
        Err(_) => {
            let detail = format!("the body did not come within {} s", ANSWER_LIMIT.as_secs());
            return problem(StatusCode::REQUEST_TIMEOUT, &detail);
        }
    };
    let event = match event::event(&parts, &body, route, parameters, api.ids.next()) {
        Ok(event) if event.len() > PAYLOAD_LIMIT => return too_long(),
        Ok(event) => event,
        Err(error) => return problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    };
    let function = &route.function;
    let invocation = async {
        api.functions.until_running(function).await;
        api.functions.invoke(function, event.into(), Source::Http).await
    };
    match timeout_at(deadline, invocation).await {
        Ok(Ok(answer)) => answer::response(&answer).unwrap_or_else(|wrong| {
            let detail = format!("{function} answered what is no HTTP answer: {wrong}");
            problem(StatusCode::INTERNAL_SERVER_ERROR, &detail)
        }),
        Ok(Err(error)) => failed(function, &error),
        Err(_) => {
            let detail = format!("{function} did not answer within {} s", ANSWER_LIMIT.as_secs());
            problem(StatusCode::SERVICE_UNAVAILABLE, &detail)
        }
    }
}

fn too_long() -> Response<Body> {
    let detail = format!("a request, encoded as an event, may have {PAYLOAD_LIMIT} bytes at most");
    problem(StatusCode::PAYLOAD_TOO_LARGE, &detail)
}

fn failed(function: &str, error: &InvokeError) -> Response<Body> {
    let status = match error {
        InvokeError::Init(_) | InvokeError::Busy(_) | InvokeError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    problem(status, &format!("{function} failed: {error}"))
}
