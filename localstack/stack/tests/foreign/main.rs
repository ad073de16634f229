//! Runs a template that has nothing to do with the shop, and looks at it as its users would.

#[cfg(test)]
mod client;
#[cfg(test)]
mod stack;

use std::time::Duration;

use client::{get, post, request};
use serde_json::{Value, json};
use stack::{options, start};

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
    let pid = post(&echo, "{}").await.json()["pid"].as_u64();
    assert!(pid.is_none_or(|pid| !pids.contains(&pid)));
    stack.stop().await;
}

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
    let functions = stack::eventually(echo_totals, |echo: &Value| echo["totals"]["writes"] == 4.0).await;
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
    let answer = stack::eventually(is_waiting, |answer| answer.status == 504).await;
    assert!(answer.json()["left"].to_string().contains("invocations in flight"), "{}", answer.text());
    // Clearing it wakes what waits.
    assert_eq!(request("DELETE", &fault, &[], "").await.status, 204);
    assert!(waiting.await.unwrap().json()["pid"].is_number());
    assert_eq!(post(&settle, r#"{"timeoutMs": 10000}"#).await.status, 200);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_does_not_start_says_why() {
    let mut options = options();
    options.parameters.insert("FailAtStart".to_owned(), "yes".to_owned());
    let stack = localstack::Stack::start(options).await.unwrap();
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let answer = post(&echo, "{}").await;
    assert_eq!(answer.json()["errorType"], "Runtime.InitError");
    assert!(answer.text().contains("the environment says not to start"), "{}", answer.text());
    let answer = request("PUT", &format!("{}/things/1", stack.addresses().api), &[], "").await;
    assert_eq!(answer.status, 503);
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_outlives_the_stack() {
    let stack = start().await;
    let echo = format!("{}/2015-03-31/functions/echo/invocations", stack.addresses().lambda);
    let pid = post(&echo, "{}").await.json()["pid"].as_u64().unwrap();
    let running = || std::path::Path::new(&format!("/proc/{pid}")).exists();
    assert!(running());
    tokio::time::timeout(Duration::from_secs(5), stack.stop()).await.unwrap();
    assert!(!running());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_cannot_start_says_what_to_do() {
    let stack = start().await;
    let taken = stack.addresses().api.rsplit(':').next().unwrap().parse().unwrap();
    let refusal = |options| async { localstack::Stack::start(options).await.err().unwrap().to_string() };
    let message = refusal(localstack::Options { port: taken, ..options() }).await;
    assert!(message.contains(&format!("port {taken} is taken")) && message.contains("--port"), "{message}");
    let folder = std::env::temp_dir();
    let message =
        refusal(localstack::Options { build: localstack::function::Build::Folder(folder), ..options() }).await;
    assert!(message.contains("function echo has no binary"), "{message}");
    let message = refusal(localstack::Options { template: Some("nowhere/template.yaml".into()), ..options() }).await;
    assert!(message.contains("nowhere/template.yaml"), "{message}");
    stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_and_streams_trigger_their_function() {
    let stack = start().await;
    let addresses = stack.addresses();
    let producer: rdkafka::producer::FutureProducer =
        rdkafka::ClientConfig::new().set("bootstrap.servers", &addresses.kafka).create().unwrap();
    for key in 0..20 {
        let (key, value) = (key.to_string(), format!("value {key}"));
        let record = rdkafka::producer::FutureRecord::to("things").key(&key).payload(&value);
        producer.send(record, Duration::from_secs(10)).await.unwrap();
    }
    let settled = post(&format!("{}/_local/settle", addresses.api), r#"{"timeoutMs": 20000}"#).await;
    assert_eq!(settled.status, 200, "{}", settled.text());
    let store = localstack::store::dynamodb(&addresses.dynamodb);
    let things = store.scan().table_name("Things").send().await.unwrap();
    assert_eq!(things.count(), 20);
    // Settled means that what was written because of the topic went through the stream as well.
    let counts = store.scan().table_name("Counts").send().await.unwrap();
    assert_eq!(counts.count(), 20);
    let letters = get(&format!("{}/_local/dead-letters", addresses.api)).await.json();
    assert_eq!(letters["deadLetters"][0]["seen"], 1);
    let functions = get(&format!("{}/_local/functions", addresses.api)).await.json();
    let record = functions["functions"].as_array().unwrap().iter().find(|known| known["name"] == "record").unwrap();
    assert_eq!((&record["lag"], record["triggers"].as_array().unwrap().len()), (&json!(0), 2));
    stack.stop().await;
}
