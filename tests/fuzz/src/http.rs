//! Calls of the HTTP API: each is answered with what HTTP can carry, bad input is the caller's fault and writes nothing, and a call that is
//! repeated under its key is answered in the same words.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use whenever::NotHandled;

use crate::shop::{Shop, fail, object, routes};

/// A call of payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "most of it only has to be of its type")]
struct Call {
    route_key: String,
    #[serde(default)]
    path_parameters: BTreeMap<String, String>,
    #[serde(default)]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// A reply as API Gateway reads it.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Reply {
    status_code: u16,
    headers: BTreeMap<String, String>,
    body: String,
    is_base64_encoded: bool,
}

/// One call of each route in the template, whose body has something for every one.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let body = json!({
        "customerId": "hong", "userId": "hong", "couponId": "1", "id": "7", "name": "TV", "productId": "1", "qty": "2",
        "items": [{"productId": "1", "quantity": 2}], "address": "SEOUL", "stock": 5, "price": 100, "balance": 100,
        "amount": 10, "quantity": 3, "discount": 50,
    });
    let call = |route: String| {
        let call = json!({
            "version": "2.0", "routeKey": route, "headers": {"Idempotency-Key": "k", "content-type": "application/json"},
            "pathParameters": {"id": "1", "userId": "hong"}, "body": body.to_string(), "isBase64Encoded": false,
            "queryStringParameters": {"customerId": "hong", "userId": "hong"},
        });
        call.to_string().into_bytes()
    };
    routes().map(|(_, route)| call(route)).collect()
}

/// Judges what the function does that has the route; any may get a call of a route that none has.
pub(crate) fn judge(payload: &str) {
    let call = object::<Call>(payload);
    let route = call.as_ref().map(|call| call.route_key.as_str()).unwrap_or_default();
    let function = routes().find(|(_, known)| known == route).or_else(|| routes().next());
    let (function, _) = function.unwrap_or_else(|| fail("the template has no routes"));
    let mut shop = Shop::open();
    let before = shop.items();
    let answer = shop.invoke(function, payload);
    let (after, name) = (shop.items(), &function.name);
    let Some(call) = call else {
        assert!(answer.result.is_err(), "{name} takes what is no call");
        assert_eq!(after, before, "{name} writes for what is no call");
        return;
    };
    let reply = Reply::read(name, answer.result);
    assert!((200..500).contains(&reply.status_code), "{name} is at fault: {reply:?}, {:?}", answer.trouble);
    if reply.status_code >= 400 {
        // That it was refused may be remembered, and nothing else.
        let mut written = after.iter().filter(|(key, item)| before.get(*key) != Some(item));
        let written = written.find(|((_, pk, _), _)| !pk.starts_with("answer#"));
        assert!(written.is_none() && shop.published().is_empty(), "{name} refuses and writes {written:?}");
    }
    let keys = call.headers.keys().filter(|name| name.eq_ignore_ascii_case("idempotency-key")).count();
    if keys == 1 {
        let again = Reply::read(name, shop.invoke(function, payload).result);
        assert_eq!(again, reply, "{name} answers a repeated call otherwise");
        assert_eq!(shop.items(), after, "{name} does a repeated call again");
    }
}

impl Reply {
    /// Reads an answer that HTTP can carry: a header holds visible ASCII, or its bytes are anybody's guess.
    fn read(function: &str, answer: Result<Value, NotHandled>) -> Self {
        let reply = answer.map_err(|error| error.to_string());
        let reply = reply.and_then(|reply| serde_json::from_value::<Reply>(reply).map_err(|error| error.to_string()));
        let reply = reply.unwrap_or_else(|error| fail(&format!("{function} does not answer a call: {error}")));
        for (name, value) in &reply.headers {
            assert!(value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '), "{function}: {name}: {value:?}");
        }
        let body = serde_json::from_str::<Value>(&reply.body);
        assert!(reply.body.is_empty() || body.is_ok(), "{function} answers no JSON: {}", reply.body);
        if reply.status_code >= 400 {
            assert!(
                body.is_ok_and(|problem| problem["detail"].is_string()),
                "{function} does not say why: {}",
                reply.body
            );
        }
        reply
    }
}
