//! A topic and a stream invoke their function.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};
use serde_json::json;

use crate::client::{Answer, get, post, request};
use crate::stack::{eventually, start};

/// Publishes from outside.
pub(crate) fn producer(brokers: &str) -> FutureProducer {
    ClientConfig::new().set("bootstrap.servers", brokers).set("compression.type", "lz4").create().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_and_streams_trigger_their_function() {
    let stack = start().await;
    let addresses = stack.addresses();
    let producer = producer(&addresses.kafka);
    for key in 0..20 {
        let (key, value) = (key.to_string(), format!("value {key}"));
        let record = FutureRecord::to("things").key(&key).payload(&value);
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

#[tokio::test(flavor = "multi_thread")]
async fn functions_that_publish_are_not_asked_while_what_they_would_publish_is_not_read() {
    let stack = start().await;
    let addresses = stack.addresses();
    let fault = format!("{}/_local/functions/record/fault", addresses.api);
    assert_eq!(request("PUT", &fault, &[], r#"{"stopped": true}"#).await.status, 204);
    let producer = producer(&addresses.kafka);
    let value = "x".repeat(100_000);
    for key in 0..600 {
        let key = key.to_string();
        producer.send(FutureRecord::to("things").key(&key).payload(&value), Duration::from_secs(10)).await.unwrap();
    }
    let thing = format!("{}/things/7", addresses.api);
    let put = || request("PUT", &thing, &[], "");
    let held: Answer = eventually(put, |answer| answer.status == 503).await;
    assert_eq!(
        (held.header("content-type").as_str(), held.header("retry-after").as_str()),
        ("application/problem+json", "1")
    );
    let read = get(&format!("{}/greeting", addresses.api)).await;
    assert_eq!(read.status, 201, "what only reads goes on");
    assert_eq!(request("DELETE", &fault, &[], "").await.status, 204);
    eventually(put, |answer| answer.status == 201).await;
    stack.stop().await;
}
