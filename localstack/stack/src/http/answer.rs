//! A function's answer as the HTTP API gives it on.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::body::{self, Body};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status_code: Option<u16>,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The HTTP answer; the error says what is wrong with the function's.
pub(super) fn response(answer: &Bytes) -> Result<Response<Body>, String> {
    match serde_json::from_slice::<Answer<'_>>(answer) {
        Ok(Answer { status_code: Some(status), headers, cookies, body, is_base64_encoded }) => {
            let status = StatusCode::from_u16(status).map_err(|_| format!("{status} is no status"))?;
            let body = body.unwrap_or_default();
            let body = if is_base64_encoded == Some(true) {
                STANDARD.decode(body.as_bytes()).map_err(|error| format!("its body is no base64: {error}"))?
            } else {
                body.into_owned().into_bytes()
            };
            let mut response = body::answer(status, "text/plain;charset=utf-8", body);
            for (name, value) in headers.unwrap_or_default() {
                let value = match value {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                insert(&mut response, &name, &value)?;
            }
            for cookie in cookies.unwrap_or_default() {
                let cookie = HeaderValue::from_str(&cookie).map_err(|_| format!("cookie {cookie:?} is not valid"))?;
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(error) if has_status(answer) => Err(error.to_string()),
        // Without a status it is the body itself.
        _ => Ok(body::answer(StatusCode::OK, "application/json", answer.clone())),
    }
}

fn insert(response: &mut Response<Body>, name: &str, value: &str) -> Result<(), String> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
    let (parsed, value) = parsed.ok_or_else(|| format!("header {name}: {value:?} is not valid"))?;
    // What the server itself says about the connection and the length.
    if !matches!(parsed.as_str(), "content-length" | "transfer-encoding" | "connection") {
        response.headers_mut().insert(parsed, value);
    }
    Ok(())
}

fn has_status(answer: &[u8]) -> bool {
    serde_json::from_slice::<Value>(answer).is_ok_and(|answer| answer.get("statusCode").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::CONTENT_TYPE;
    use http_body_util::BodyExt as _;
    use serde_json::json;

    async fn read(answer: Value) -> (u16, Option<String>, String) {
        let response = response(&Bytes::from(answer.to_string())).unwrap();
        let kind = response.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_status_makes_it_a_whole_answer() {
        let answer = json!({"statusCode": 201, "headers": {"Content-Type": "a/b", "X": 1, "Content-Length": "9"},
            "body": "YWI=", "isBase64Encoded": true});
        assert_eq!(read(answer).await, (201, Some("a/b".to_owned()), "ab".to_owned()));
        assert_eq!(read(json!({"statusCode": 204})).await.0, 204);
    }

    #[tokio::test]
    async fn without_a_status_it_is_the_body() {
        let json_kind = Some("application/json".to_owned());
        assert_eq!(read(json!({"a": 1})).await, (200, json_kind.clone(), r#"{"a":1}"#.to_owned()));
        assert_eq!(read(json!("text")).await, (200, json_kind, r#""text""#.to_owned()));
    }

    #[test]
    fn cookies_are_headers_of_their_own() {
        let answer = json!({"statusCode": 200, "cookies": ["a=1", "b=2"]}).to_string();
        let response = response(&Bytes::from(answer)).unwrap();
        assert_eq!(response.headers().get_all(SET_COOKIE).iter().count(), 2);
    }

    #[test]
    fn what_cannot_be_given_on_is_refused() {
        for answer in [
            json!({"statusCode": 9}),
            json!({"statusCode": "x"}),
            json!({"statusCode": 200, "body": {}}),
            json!({"statusCode": 200, "body": "#", "isBase64Encoded": true}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
            json!({"statusCode": 200, "headers": {"a": "b\nc"}}),
        ] {
            assert!(response(&Bytes::from(answer.to_string())).is_err(), "{answer} was taken");
        }
    }
}
