//! The HTTP API: payload format 2.0 in, its answer out.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::function::{Answer, Function, Payload};
use crate::http::{Api, Call, Request};
use crate::{Invocation, Needs};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent {
    route_key: String,
    #[serde(default)]
    path_parameters: HashMap<String, String>,
    #[serde(default)]
    query_string_parameters: HashMap<String, String>,
    #[serde(default)]
    headers: HashMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

impl Function for Api {
    fn name(&self) -> &'static str {
        Api::name(self)
    }

    fn needs(&self) -> Needs {
        Api::needs(self)
    }

    async fn check(&self) -> Result<(), String> {
        Api::check(self).await
    }

    async fn invoke(&self, payload: &Payload<'_>, invocation: &Invocation) -> Answer {
        let event: HttpEvent = match payload.read("HTTP API event (payload format 2.0)") {
            Ok(event) => event,
            Err(e) => return Answer::of(Err(e)),
        };
        let call = Call { request: event.into(), invocation: invocation.clone() };
        let reply = self.answer(&call).await;
        let headers = reply.headers().into_iter().map(|(name, value)| (name.to_owned(), Value::String(value)));
        let answer = Answer::of(Ok(json!({
            "statusCode": reply.status,
            "headers": headers.collect::<Map<_, _>>(),
            "body": reply.body,
            "isBase64Encoded": false,
        })));
        Answer { trouble: reply.trouble, ..answer }
    }
}

impl From<HttpEvent> for Request {
    fn from(event: HttpEvent) -> Self {
        let body = event.body.unwrap_or_default();
        // Bytes that are no base64 are no JSON either, and are refused as a body.
        let body = if event.is_base64_encoded { STANDARD.decode(&body).unwrap_or_default() } else { body.into_bytes() };
        Request {
            route: event.route_key,
            path: event.path_parameters,
            query: event.query_string_parameters,
            headers: event.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect(),
            body,
        }
    }
}
