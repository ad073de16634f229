//! The event of an HTTP API: payload format 2.0.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use serde::Serialize;
use time::OffsetDateTime;

use super::routes::{Entry, decode};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<&'a str, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: BTreeMap<&'a str, String>,
    request_context: Context<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: &'a str,
    domain_prefix: &'static str,
    http: Http<'a>,
    request_id: String,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: &'static str,
    user_agent: &'a str,
}

/// The event for a request that a route was found for, as JSON.
pub(super) fn event(
    request: &Parts,
    body: &Bytes,
    route: &Entry,
    path_parameters: BTreeMap<&str, String>,
    request_id: String,
) -> serde_json::Result<Vec<u8>> {
    let text = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = OffsetDateTime::now_utc();
    let raw_query_string = request.uri.query().unwrap_or_default();
    let (body, is_base64_encoded) = encode(body, text(header::CONTENT_TYPE));
    let cookies = text(header::COOKIE).split("; ").filter(|cookie| !cookie.is_empty());
    let path = request.uri.path();
    serde_json::to_vec(&Event {
        version: "2.0",
        route_key: &route.key,
        raw_path: path,
        raw_query_string,
        cookies: cookies.map(str::to_owned).collect(),
        headers: joined(&request.headers),
        query_string_parameters: query(raw_query_string),
        path_parameters,
        request_context: Context {
            account_id: "000000000000",
            api_id: "local",
            domain_name: text(header::HOST),
            domain_prefix: "local",
            http: Http {
                method: request.method.as_str(),
                path,
                protocol: "HTTP/1.1",
                source_ip: "127.0.0.1",
                user_agent: text(header::USER_AGENT),
            },
            request_id,
            route_key: &route.key,
            stage: "$default",
            time: common_log_time(now),
            time_epoch: (now.unix_timestamp_nanos() / 1_000_000).try_into().unwrap_or(0),
        },
        body,
        is_base64_encoded,
    })
}

/// Text stays text; anything else is encoded, as API Gateway does by content type.
fn encode<'a>(body: &'a Bytes, content_type: &str) -> (Option<Cow<'a, str>>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    let textual = content_type.is_empty()
        || content_type.starts_with("text/")
        || ["json", "xml", "javascript"].iter().any(|kind| content_type.contains(kind));
    match std::str::from_utf8(body) {
        Ok(text) if textual => (Some(Cow::Borrowed(text)), false),
        _ => (Some(Cow::Owned(STANDARD.encode(body))), true),
    }
}

/// Repeated headers are joined with commas; cookies stand apart.
fn joined(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let mut joined: BTreeMap<&str, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    joined
}

/// Query parameters, decoded; repeated ones are joined with commas.
pub(super) fn query(query: &str) -> BTreeMap<String, String> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(&value.replace('+', " "));
        parameters
            .entry(decode(&name.replace('+', " ")))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

/// `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(at: OffsetDateTime) -> String {
    let month = at.month().to_string();
    let (day, month, year) = (at.day(), &month[..3], at.year());
    format!("{day:02}/{month}/{year}:{:02}:{:02}:{:02} +0000", at.hour(), at.minute(), at.second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::{Found, Routes};
    use crate::template::{Function, Route, Trigger};
    use serde_json::{Value, json};

    fn made(request: http::Request<&'static [u8]>) -> Value {
        let route = Route { method: "ANY".to_owned(), path: "/things/{id}".to_owned() };
        let function = Function {
            name: "f".to_owned(),
            logical_id: "F".to_owned(),
            environment: BTreeMap::new(),
            timeout: std::time::Duration::ZERO,
            memory_mib: 128,
            concurrency: 1,
            triggers: vec![Trigger::Http(route)],
            ..Function::default()
        };
        let routes = Routes::new(&[function]);
        let (parts, body) = request.into_parts();
        let Found::Route(route, parameters) = routes.find("GET", parts.uri.path()) else { panic!("no route") };
        let event = event(&parts, &Bytes::from(body), route, parameters, "id".to_owned()).unwrap();
        serde_json::from_slice(&event).unwrap()
    }

    #[test]
    fn has_what_api_gateway_sends() {
        let request = http::Request::put("/things/a%2Fb?x=1&x=2&y=a+b%21")
            .header("Content-Type", "application/json")
            .header("X-Two", "1")
            .header("X-Two", "2")
            .header("Cookie", "a=1; b=2");
        let event = made(request.body(b"{}".as_slice()).unwrap());
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "ANY /things/{id}");
        assert_eq!(event["rawPath"], "/things/a%2Fb");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=a+b%21");
        assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": "a b!"}));
        assert_eq!(event["pathParameters"], json!({"id": "a/b"}));
        assert_eq!(event["headers"], json!({"content-type": "application/json", "x-two": "1,2"}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["requestContext"]["http"]["method"], "PUT");
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    }

    #[test]
    fn what_is_no_text_is_encoded() {
        let body = |kind: &str, body: &'static [u8]| {
            let event = made(http::Request::put("/things/1").header("content-type", kind).body(body).unwrap());
            (event["body"].clone(), event["isBase64Encoded"].clone())
        };
        assert_eq!(body("application/json", b"\xff"), (json!("/w=="), json!(true)));
        assert_eq!(body("application/x-www-form-urlencoded", b"a=1"), (json!("YT0x"), json!(true)));
        assert_eq!(body("text/plain", b""), (json!(null), json!(false)));
    }

    #[test]
    fn times_as_in_a_common_log() {
        let time = OffsetDateTime::from_unix_timestamp(1_584_039_838).unwrap();
        assert_eq!(common_log_time(time), "12/Mar/2020:19:03:58 +0000");
    }
}
