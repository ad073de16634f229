//! `/_local`: logs, usage and faults.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::client::{get, post, request};
use crate::stack::{eventually, options, start};
use localstack::{Options, Stack};

#[tokio::test(flavor = "multi_thread")]
async fn what_functions_print_is_kept_and_their_usage_added_up() {
    let stack = start().await;
    let api = &stack.addresses().api;
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    for _ in 0..2 {
        let line = json!({"usage": {"writes": 2}, "order": "no-7"}).to_string();
        post(&echo, &json!({"print": line}).to_string()).await;
    }
    let echo_totals = || async {
        let functions = get(&format!("{api}/_local/functions")).await.json();
        let echo = functions["functions"].as_array().unwrap().iter().find(|known| known["name"] == "echo").cloned();
        echo.unwrap()
    };
    let functions = eventually(echo_totals, |echo: &Value| echo["totals"]["writes"] == 4.0).await;
    assert_eq!((&functions["invocations"], &functions["errors"]), (&json!(2), &json!(0)));
    assert_eq!(functions["triggers"][0], "PUT /things/{id}");
    let lines = get(&format!("{api}/_local/logs?about=no-7")).await;
    assert_eq!(lines.text().lines().count(), 2);
    assert!(lines.text().starts_with("echo {"));
    assert_eq!(get(&format!("{api}/_local/logs?about=record")).await.text(), "");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_stand_in_front_of_a_function() {
    let stack = start().await;
    let fault = format!("{}/_local/functions/echo/fault", stack.addresses().api);
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    assert_eq!(request("PUT", &fault, &[], r#"{"error": "out of order"}"#).await.status, 204);
    assert_eq!(post(&echo, "{}").await.json()["errorMessage"], "out of order");
    assert_eq!(request("PUT", &fault, &[], r#"{"delay": 1}"#).await.status, 400);
    assert_eq!(request("PUT", &fault, &[], r#"{"delayMs": 600000}"#).await.status, 204);
    let waiting = tokio::spawn(async move { post(&echo, "{}").await });
    let settle = format!("{}/_local/settle", stack.addresses().api);
    let is_waiting = || async { post(&settle, r#"{"timeoutMs": 0}"#).await };
    let answer = eventually(is_waiting, |answer| answer.text().contains("1 invocations in flight")).await;
    assert_eq!(answer.status, 504);
    // Clearing it wakes what waits.
    assert_eq!(request("DELETE", &fault, &[], "").await.status, 204);
    assert!(waiting.await.unwrap().json()["pid"].is_number());
    assert_eq!(post(&settle, r#"{"timeoutMs": 10000}"#).await.status, 200);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_system_is_stood_in_for() {
    let stack = start().await;
    let local = format!("{}/_local/elsewhere", stack.addresses().api);
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let url = post(&echo, "{}").await.json()["elsewhere"].as_str().unwrap().to_owned();
    let key = [("idempotency-key", "a"), ("content-type", "application/json")];
    assert_eq!(request("POST", &url, &key, r#"{"n": 1}"#).await.text(), "true");
    assert_eq!(request("PUT", &format!("{local}/fault"), &[], r#"{"status": 503, "body": "no"}"#).await.status, 204);
    let refused = request("POST", &url, &key, r#"{"n": 1}"#).await;
    assert_eq!((refused.status, refused.text()), (503, "no"));
    // What waits is answered when it may be.
    assert_eq!(request("PUT", &format!("{local}/fault"), &[], r#"{"silent": true}"#).await.status, 204);
    let waiting = tokio::spawn(async move { request("POST", &url, &[], "not json").await.status });
    let came = eventually(|| async { get(&local).await.json() }, |shown| shown["total"] == 2).await;
    assert_eq!(came["received"][1]["body"], "not json");
    assert_eq!(request("DELETE", &format!("{local}/fault"), &[], "").await.status, 204);
    assert_eq!(waiting.await.unwrap(), 200);
    let shown = get(&local).await.json();
    let counts = |n: usize| (shown["received"][n]["attempts"].clone(), shown["received"][n]["taken"].clone());
    assert_eq!((counts(0), counts(1)), ((json!(2), json!(1)), (json!(1), json!(1))));
    assert_eq!(request("DELETE", &local, &[], "").await.status, 204);
    assert_eq!(get(&local).await.json(), json!({"total": 0, "received": []}));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_system_with_a_url_is_left_alone() {
    let elsewhere = "http://127.0.0.1:9/elsewhere".to_owned();
    let parameters = BTreeMap::from([("Elsewhere".to_owned(), elsewhere.clone())]);
    let stack = Stack::start(Options { parameters, ..options() }).await.unwrap();
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    assert_eq!(post(&echo, "{}").await.json()["elsewhere"], elsewhere);
    assert_eq!(get(&format!("{}/_local/elsewhere", stack.addresses().api)).await.status, 404);
    stack.stop().await;
}
