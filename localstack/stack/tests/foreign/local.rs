//! `/_local`: logs, usage and faults.

use serde_json::{Value, json};

use crate::client::{get, post, request};
use crate::stack::{eventually, start};

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
