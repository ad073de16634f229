//! The HTTP API and the Invoke API.

use serde_json::json;

use crate::client::{get, post, request};
use crate::stack::{eventually, options, start};
use localstack::{Options, Stack};

#[tokio::test(flavor = "multi_thread")]
async fn a_route_leads_to_its_function_and_back() {
    let stack = start().await;
    let api = &stack.addresses().api;
    let answer = request("PUT", &format!("{api}/things/7?x=1"), &[("content-type", "text/plain")], "hello").await;
    assert_eq!((answer.status, answer.text()), (201, "hello"));
    assert_eq!(answer.header("x-route"), "PUT /things/{id}");
    let answer = get(&format!("{api}/things/7")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "PUT".to_owned()));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(get(&format!("{api}/nope")).await.status, 404);
    let long = "x".repeat((6 << 20) + 1);
    assert_eq!(request("PUT", &format!("{api}/things/7"), &[], &long).await.status, 413);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn invoke_answers_as_aws_does() {
    let stack = start().await;
    let invoke = |name: &str| format!("{}/2015-03-31/functions/{name}/invocations", stack.addresses().lambda);
    let answer = post(&invoke("echo"), r#"{"a": 1}"#).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["event"]), (200, &json!({"a": 1})));
    assert_eq!(body["arn"], "arn:aws:lambda:us-east-1:000000000000:function:echo");
    assert_eq!(body["store"], stack.addresses().dynamodb.as_str());
    assert_eq!(body["greeting"], "hello");

    let answer = post(&invoke("echo"), r#"{"fail": "no luck"}"#).await;
    assert_eq!((answer.status, answer.header("x-amz-function-error")), (200, "Unhandled".to_owned()));
    assert_eq!(answer.json()["errorMessage"], "no luck");

    assert_eq!(post(&invoke("nope"), "{}").await.status, 404);
    assert_eq!(post(&invoke("echo"), "{").await.status, 400);
    assert_eq!(request("POST", &invoke("echo"), &[("x-amz-invocation-type", "DryRun")], "{}").await.status, 204);
    assert_eq!(request("POST", &invoke("echo"), &[("x-amz-invocation-type", "Event")], "{}").await.status, 202);
    let by_arn = invoke("arn:aws:lambda:us-east-1:000000000000:function:echo");
    assert_eq!(post(&by_arn, "").await.json()["event"], json!({}));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_is_told_when_to_come_again() {
    let stack = Stack::start(Options { most_requests: 1, ..options() }).await.unwrap();
    let api = stack.addresses().api.clone();
    let (fault, settle) = (format!("{api}/_local/functions/echo/fault"), format!("{api}/_local/settle"));
    let (thing, echo) =
        (format!("{api}/things/7"), format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda));
    assert_eq!(request("PUT", &fault, &[], r#"{"delayMs": 600000}"#).await.status, 204);
    let first = tokio::spawn({
        let thing = thing.clone();
        async move { request("PUT", &thing, &[], "first").await }
    });
    let is_let_in = || async { post(&settle, r#"{"timeoutMs": 0}"#).await };
    eventually(is_let_in, |answer| answer.text().contains("1 invocations in flight")).await;

    let refused = request("PUT", &thing, &[], "second").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1".to_owned()));
    assert!(refused.text().contains("nothing has begun"), "{}", refused.text());
    let refused = post(&echo, "{}").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1".to_owned()));
    assert_eq!(refused.header("x-amzn-errortype"), "TooManyRequestsException");

    assert_eq!(request("DELETE", &fault, &[], "").await.status, 204);
    assert_eq!(first.await.unwrap().status, 201);
    assert_eq!(request("PUT", &thing, &[], "third").await.status, 201);
    assert_eq!(post(&echo, "{}").await.status, 200);
    stack.stop().await;
}
