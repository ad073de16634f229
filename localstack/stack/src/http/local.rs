//! `/_local`: a look into the running stack, and faults to put on it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::body::{self, Body, not_allowed, problem, read};
use super::event::query;
use super::routes::decode;
use super::{Api, dead_letters, outside, settle};
use crate::function::{Fault, Status};

/// Where it starts.
pub(super) const ROOT: &str = "/_local";

/// Requests here are small.
const BODY_LIMIT: usize = 64 << 10;

const INDEX: &str = "\
GET    /_local/addresses               where the APIs, the table store and the broker answer
GET    /_local/functions               functions with processes, triggers, invocations, errors, billed ms, log bytes, lag, totals
GET    /_local/functions/NAME/env      its environment, without credentials
PUT    /_local/functions/NAME/fault    {\"delayMs\": n}, {\"error\": \"text\"} or {\"stopped\": true}
DELETE /_local/functions/NAME/fault    clears it
POST   /_local/functions/NAME/kill     SIGKILL to its processes
GET    /_local/dead-letters            what was parked
GET    /_local/logs?about=TEXT&follow  what functions printed: by function, or any text in the line
POST   /_local/settle                  {\"timeoutMs\": n}: waits until nothing is left to do
";

#[derive(Serialize)]
struct Described {
    #[serde(flatten)]
    status: Status,
    triggers: Vec<String>,
    lag: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Settle {
    timeout_ms: u64,
}

impl Default for Settle {
    fn default() -> Self {
        Self { timeout_ms: 30_000 }
    }
}

/// Answers a call under `/_local`.
pub(super) async fn handle(api: &Arc<Api>, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let segments: Vec<String> = path.trim_matches('/').split('/').skip(1).map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Ok(body) = read(body, BODY_LIMIT).await else {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long, or broke off");
    };
    match (&parts.method, segments.as_slice()) {
        (&Method::GET, []) => body::answer(StatusCode::OK, "text/plain;charset=utf-8", index(api)),
        (&Method::GET, ["addresses"]) => body::json(StatusCode::OK, &json!(api.addresses)),
        (&Method::GET, ["functions"]) => body::json(StatusCode::OK, &json!({"functions": functions(api)})),
        (&Method::GET, ["functions", name, "env"]) => match api.functions.environment(name) {
            Ok(environment) => body::json(StatusCode::OK, &json!(environment)),
            Err(error) => problem(StatusCode::NOT_FOUND, &error.to_string()),
        },
        (&Method::PUT, ["functions", name, "fault"]) => match serde_json::from_slice(&body) {
            Ok(fault) => set_fault(api, name, fault),
            Err(error) => problem(StatusCode::BAD_REQUEST, &format!("the body is no fault: {error}")),
        },
        (&Method::DELETE, ["functions", name, "fault"]) => set_fault(api, name, Fault::default()),
        (&Method::POST, ["functions", name, "kill"]) => match api.functions.kill(name).await {
            Ok(pids) => body::json(StatusCode::OK, &json!({"killed": pids})),
            Err(error) => problem(StatusCode::NOT_FOUND, &error.to_string()),
        },
        (&Method::GET, ["dead-letters"]) => match dead_letters::list(api).await {
            Ok(letters) => body::json(StatusCode::OK, &json!({"deadLetters": letters})),
            Err(error) => problem(StatusCode::BAD_GATEWAY, &error),
        },
        (&Method::GET, ["logs"]) => logs(api, parts.uri.query().unwrap_or_default()),
        (&Method::POST, ["settle"]) => wait_until_settled(api, &body).await,
        (method, ["functions", _, "fault"]) => not_allowed(method, &path, "PUT, DELETE"),
        (method, ["functions", _, "kill"] | ["settle"]) => not_allowed(method, &path, "POST"),
        (method, [] | ["addresses" | "functions" | "dead-letters" | "logs"] | ["functions", _, "env"]) => {
            not_allowed(method, &path, "GET")
        }
        (method, [name, rest @ ..]) if api.outside.contains_key(*name) => {
            outside::handle(&api.outside[*name], method, &path, rest, &body)
        }
        _ => problem(StatusCode::NOT_FOUND, &format!("{path} is not there; GET /_local lists what is")),
    }
}

/// The calls that are always there, then those of the stand-ins for outside systems.
fn index(api: &Api) -> String {
    let mut index = INDEX.to_owned();
    for name in api.outside.keys() {
        let calls = [
            ("GET   ", "", "what the outside system was sent; DELETE forgets it"),
            ("PUT   ", "/fault", "{\"delayMs\": n}, {\"status\": n}, {\"body\": \"text\"} or {\"silent\": true}"),
            ("DELETE", "/fault", "clears it"),
        ];
        for (method, rest, does) in calls {
            let path = format!("{ROOT}/{name}{rest}");
            index.push_str(&format!("{method} {path:<30} {does}\n"));
        }
    }
    index
}

fn functions(api: &Api) -> Vec<Described> {
    let describe = |status: Status| Described {
        triggers: api.triggers(&status.name),
        lag: api.triggers.lag(&status.name),
        status,
    };
    api.functions.status().into_iter().map(describe).collect()
}

fn set_fault(api: &Api, name: &str, fault: Fault) -> Response<Body> {
    match api.functions.set_fault(name, fault) {
        Ok(()) => body::answer(StatusCode::NO_CONTENT, "application/json", Bytes::new()),
        Err(error) => problem(StatusCode::NOT_FOUND, &error.to_string()),
    }
}

fn logs(api: &Api, parameters: &str) -> Response<Body> {
    let parameters = query(parameters);
    let about = parameters.get("about").cloned();
    let logs = api.functions.logs().clone();
    let mut response = if parameters.contains_key("follow") {
        let lines = stream::unfold((logs, about, 0), |(logs, about, from)| async move {
            let (lines, next) = logs.follow(from, about.as_deref()).await;
            Some((Ok(Frame::data(Bytes::from(lines))), (logs, about, next)))
        });
        Response::new(StreamBody::new(lines).boxed_unsync())
    } else {
        let (lines, _) = logs.read(0, about.as_deref());
        return body::answer(StatusCode::OK, "text/plain;charset=utf-8", lines);
    };
    let kind = http::HeaderValue::from_static("text/plain;charset=utf-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
    response
}

async fn wait_until_settled(api: &Api, body: &[u8]) -> Response<Body> {
    let parsed = if body.is_empty() { Ok(Settle::default()) } else { serde_json::from_slice(body) };
    let Settle { timeout_ms } = match parsed {
        Ok(settle) => settle,
        Err(error) => {
            return problem(StatusCode::BAD_REQUEST, &format!("the body is not {{\"timeoutMs\": n}}: {error}"));
        }
    };
    match settle::settle(api, Duration::from_millis(timeout_ms)).await {
        Ok(()) => body::json(StatusCode::OK, &json!({"settled": true})),
        Err(left) => {
            let status = StatusCode::GATEWAY_TIMEOUT;
            let title = "Not settled in time";
            let detail = format!("not settled in time: {}", left.join("; "));
            let problem = json!({"type": "about:blank", "status": 504, "title": title, "detail": detail,
                "settled": false, "left": left});
            body::answer(status, "application/problem+json", problem.to_string())
        }
    }
}
