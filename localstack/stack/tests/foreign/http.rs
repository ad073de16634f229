//! The HTTP API and the Invoke API.

use serde_json::json;

use crate::client::{get, post, request};
use crate::stack::start;

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
