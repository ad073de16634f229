//! Functions' processes: how many there are, and how they end.

use localstack::Stack;

use crate::client::{post, request};
use crate::stack::{is_running, options, start};

#[tokio::test(flavor = "multi_thread")]
async fn what_times_out_or_crashes_is_an_error_and_the_next_invocation_works() {
    let stack = start().await;
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let first = post(&echo, "{}").await.json()["pid"].clone();
    let answer = post(&echo, r#"{"sleepMs": 60000}"#).await;
    assert_eq!(answer.json()["errorType"], "Sandbox.Timedout");
    assert_eq!(answer.json()["errorMessage"], "Task timed out after 1.00 seconds");
    let second = post(&echo, "{}").await.json()["pid"].clone();
    assert_ne!(first, second);
    let answer = post(&echo, r#"{"exit": 3}"#).await;
    assert_eq!(answer.json()["errorType"], "Runtime.ExitError");
    assert!(answer.json()["errorMessage"].as_str().unwrap().contains("exit status: 3"), "{}", answer.text());
    assert!(post(&echo, "{}").await.json()["pid"].is_number());
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_are_started_up_to_the_concurrency() {
    let stack = start().await;
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let calls = (0..4).map(|_| post(&echo, r#"{"sleepMs": 100}"#));
    let answers = futures_util::future::join_all(calls).await;
    let mut pids: Vec<_> = answers.iter().map(|answer| answer.json()["pid"].as_u64().unwrap()).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 2);

    let api = &stack.addresses().api;
    let killed = post(&format!("{api}/_local/functions/echo/kill"), "").await.json();
    assert_eq!(killed["killed"].as_array().unwrap().len(), 2);
    assert!(pids.iter().all(|pid| !is_running(*pid)));
    let pid = post(&echo, "{}").await.json()["pid"].as_u64().unwrap();
    assert!(!pids.contains(&pid));
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_does_not_start_says_why() {
    let mut options = options();
    options.parameters.insert("FailAtStart".to_owned(), "yes".to_owned());
    let stack = Stack::start(options).await.unwrap();
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let answer = post(&echo, "{}").await;
    assert_eq!(answer.json()["errorType"], "Runtime.InitError");
    assert!(answer.text().contains("the environment says not to start"), "{}", answer.text());
    let answer = request("PUT", &format!("{}/things/1", stack.addresses().api), &[], "").await;
    assert_eq!(answer.status, 503);
    stack.stop().await;
}
