//! How a stack starts or refuses to, and that nothing outlives it.

use std::time::Duration;

use localstack::function::Build;
use localstack::{Options, Stack};

use crate::client::post;
use crate::process::OwnProcess;
use crate::stack::{eventually, is_running, options, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_cannot_start_says_what_to_do() {
    let stack = start().await;
    let taken = stack.addresses().api.rsplit(':').next().unwrap().parse().unwrap();
    let refusal = |options| async { Stack::start(options).await.err().unwrap().to_string() };
    let message = refusal(Options { port: taken, ..options() }).await;
    assert!(message.contains(&format!("port {taken} is taken")) && message.contains("--port"), "{message}");
    let folder = std::env::temp_dir();
    let message = refusal(Options { build: Build::Folder(folder), ..options() }).await;
    assert!(message.contains("function echo has no binary"), "{message}");
    let message = refusal(Options { template: Some("nowhere/template.yaml".into()), ..options() }).await;
    assert!(message.contains("nowhere/template.yaml"), "{message}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_outlives_the_stack() {
    let stack = start().await;
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let pid = post(&echo, "{}").await.json()["pid"].as_u64().unwrap();
    assert!(is_running(pid));
    tokio::time::timeout(Duration::from_secs(5), stack.stop()).await.unwrap();
    assert!(!is_running(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_outlives_a_stack_that_was_killed() {
    let mut stack = OwnProcess::start(None).await;
    assert_eq!(Some(stack.addresses.pid), stack.process.id());
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses.lambda);
    let pid = post(&echo, "{}").await.json()["pid"].as_u64().unwrap();
    let running = || async { is_running(pid) };
    assert!(is_running(pid));
    stack.process.kill().await.unwrap();
    eventually(running, |running| !running).await;
}
