//! Asking the shop over HTTP until it answers, as a client with an `Idempotency-Key` may.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::Value;
use whenever::http::{Reply, Request};
use whenever::simulation::Client;

/// How often a call is tried that is not answered.
const TRIES: u32 = 8;

/// One call of a route, `GET /orders/{id}`, with the values of its path.
pub(crate) fn request(route: &str, path: &[(&str, &str)], body: &Value) -> Request {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let path = path.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { route: route.to_owned(), path, query: HashMap::new(), headers: HashMap::new(), body }
}

/// Calls until an answer comes that is none of the server's own failures; `None` if none does. Now and then the call is made once
/// more, and has to be answered in the same words.
pub(crate) async fn insist(client: &Client, function: &str, mut request: Request) -> Option<Reply> {
    let key = client.random(|random| format!("{:016x}", random.bits()));
    request.headers.insert("idempotency-key".to_owned(), key.clone());
    let mut answer = None;
    for attempt in 0..TRIES {
        answer = client.call(function, request.clone()).await.filter(|reply| reply.status < 500);
        if answer.is_some() {
            break;
        }
        client.sleep(Duration::from_millis(200) * (1 << attempt)).await;
    }
    let first = answer?;
    if client.random(|random| random.chance(0.05)) {
        let again = client.call(function, request).await.filter(|reply| reply.status < 500);
        if again.is_some_and(|again| again != first) {
            client.violate(format!("the call {key} of {function} was answered twice, and differently"));
        }
    }
    Some(first)
}
