//! Puts each record of a topic into a table, and counts what it then sees on the table's stream.

use std::env;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue::{N, S};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new(env::var("AWS_REGION")?))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("local", "local", None, None, "test"))
        .endpoint_url(env::var("AWS_ENDPOINT_URL_DYNAMODB")?)
        .build();
    let client = Client::from_conf(config);
    run(service_fn(|event| record(&client, event))).await
}

async fn record(client: &Client, event: LambdaEvent<Value>) -> Result<Value, Error> {
    match &event.payload["Records"] {
        Value::Array(images) => {
            for image in images {
                let id = image["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap_or_default();
                let count = client.update_item().table_name(env::var("COUNTS")?).key("id", S(id.to_owned()));
                count
                    .update_expression("ADD seen :one")
                    .expression_attribute_values(":one", N("1".to_owned()))
                    .send()
                    .await?;
            }
        }
        _ => {
            let partitions = event.payload["records"].as_object().ok_or("neither a stream's nor a topic's records")?;
            for record in partitions.values().flat_map(|records| records.as_array()).flatten() {
                let id = format!("{}-{}", record["partition"], record["offset"]);
                let value = record["value"].as_str().unwrap_or_default().to_owned();
                let put = client.put_item().table_name(env::var("THINGS")?);
                put.item("id", S(id)).item("value", S(value)).send().await?;
            }
        }
    }
    Ok(json!({"batchItemFailures": []}))
}
