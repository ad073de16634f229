//! Answers with its event, unless the event asks for trouble: `sleepMs`, `exit`, `fail`, `print`.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    if std::env::var("FAIL_AT_START").is_ok_and(|value| value == "yes") {
        return Err("the environment says not to start".into());
    }
    run(service_fn(echo)).await
}

async fn echo(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let (event, context) = event.into_parts();
    if let Some(line) = event["print"].as_str() {
        println!("{line}");
    }
    if let Some(sleep) = event["sleepMs"].as_u64() {
        tokio::time::sleep(Duration::from_millis(sleep)).await;
    }
    if let Some(status) = event["exit"].as_i64() {
        std::process::exit(i32::try_from(status)?);
    }
    if let Some(message) = event["fail"].as_str() {
        return Err(message.into());
    }
    if event["routeKey"].is_string() {
        return Ok(json!({"statusCode": 201, "headers": {"x-route": event["routeKey"]}, "body": event["body"]}));
    }
    Ok(json!({
        "event": event,
        "pid": std::process::id(),
        "arn": context.invoked_function_arn,
        "store": std::env::var("AWS_ENDPOINT_URL_DYNAMODB")?,
        "greeting": std::env::var("GREETING")?,
        "elsewhere": std::env::var("ELSEWHERE")?,
    }))
}
