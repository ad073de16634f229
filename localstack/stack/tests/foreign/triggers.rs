//! A topic and a stream invoke their function.

use std::time::Duration;

use serde_json::json;

use crate::client::{get, post};
use crate::stack::start;

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
