//! Functions that cannot do their work say so in one line and end before they ask for an event; an outage keeps none from starting.

use std::process::Stdio;
use std::time::Duration;

use localstack::function::{Build, binaries};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::STAGE;

const PATIENCE: Duration = Duration::from_secs(20);

/// Nothing listens there.
const NOBODY: &str = "127.0.0.1:1";

/// A function's process, and the Runtime API that it would ask for events.
struct Started {
    child: Child,
    runtime_api: TcpListener,
}

/// Starts a function with this environment; its access key is its name, as the local stack has it.
async fn start(function: &str, environment: &[(&str, &str)]) -> Started {
    let runtime_api = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let binary = binaries(&Build::Skip, &folder, &[function], false).await.unwrap().join(function);
    let child = Command::new(binary)
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", function)
        .env("AWS_SECRET_ACCESS_KEY", "local")
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api.local_addr().unwrap().to_string())
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    Started { child, runtime_api }
}

impl Started {
    /// Why it ended, in its one line.
    async fn refusal(self) -> String {
        let ended = timeout(PATIENCE, self.child.wait_with_output()).await.expect("it ends").unwrap();
        assert!(!ended.status.success());
        let asked = timeout(Duration::ZERO, self.runtime_api.accept()).await;
        assert!(asked.is_err(), "it asked for an event");
        let printed = String::from_utf8(ended.stdout).unwrap();
        let line: Value = serde_json::from_str(&printed).unwrap_or_else(|e| panic!("{e} in {printed}"));
        assert_eq!((&line["outcome"], &line["level"]), (&"not started".into(), &"ERROR".into()));
        line["message"].as_str().unwrap().to_owned()
    }

    /// Waits until it asks for an event.
    async fn asks(self) {
        timeout(PATIENCE, self.runtime_api.accept()).await.expect("it asks for an event").unwrap();
    }
}

#[tokio::test]
async fn a_function_that_cannot_do_its_work_says_why_and_ends() {
    let shop = STAGE.enter().await;
    let dynamodb = shop.dynamodb();
    let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.as_str());
    let (orders, letters) = (("ORDERS_TABLE", "OrdersTable"), ("DEAD_LETTERS_TABLE", "DeadLettersTable"));
    let cases = [
        (vec![letters], "environment variable ORDERS_TABLE does not name a table"),
        (vec![], "environment variable DEAD_LETTERS_TABLE, ORDERS_TABLE does not name a table"),
        (vec![("ORDERS_TABLE", "Nowhere"), letters], "environment variable ORDERS_TABLE names the table Nowhere: "),
        (
            vec![orders, ("DEAD_LETTERS_TABLE", "Nowhere")],
            "environment variable DEAD_LETTERS_TABLE names the table Nowhere: ",
        ),
        (
            vec![("ORDERS_TABLE", "AccountsTable"), letters],
            "environment variable ORDERS_TABLE names the table AccountsTable: it may not be used",
        ),
    ];
    for (mut environment, why) in cases {
        environment.push(endpoint);
        let refusal = start("place-order", &environment).await.refusal().await;
        assert!(refusal.starts_with(why), "{refusal:?} does not say {why:?}");
    }
    let nowhere = [endpoint, ("DEAD_LETTERS_TABLE", "Nowhere"), ("KAFKA_BOOTSTRAP_SERVERS", NOBODY)];
    let refusal = start("relay-outbox", &nowhere).await.refusal().await;
    assert!(refusal.starts_with("environment variable DEAD_LETTERS_TABLE names the table Nowhere: "), "{refusal}");
    let missing = start("relay-outbox", &[endpoint, letters]).await.refusal().await;
    assert_eq!(missing, "environment variable KAFKA_BOOTSTRAP_SERVERS is not set");
    shop.leave().await;
}

#[tokio::test]
async fn tables_of_another_shape_are_refused_whatever_the_role_allows() {
    let shop = STAGE.enter().await;
    let dynamodb = shop.dynamodb();
    let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.as_str());
    let operator = ("AWS_ACCESS_KEY_ID", "local");
    let sorted = [("ORDERS_TABLE", "TimelineTable"), ("DEAD_LETTERS_TABLE", "DeadLettersTable"), endpoint, operator];
    let refusal = start("place-order", &sorted).await.refusal().await;
    assert!(
        refusal
            .starts_with("environment variable ORDERS_TABLE names the table TimelineTable: it is not a table of ours"),
        "{refusal}"
    );
    let plain = [("TIMELINE_TABLE", "OrdersTable"), ("DEAD_LETTERS_TABLE", "DeadLettersTable"), endpoint, operator];
    let refusal = start("record-timeline", &plain).await.refusal().await;
    assert!(
        refusal
            .starts_with("environment variable TIMELINE_TABLE names the table OrdersTable: it is not a table of ours"),
        "{refusal}"
    );
    shop.leave().await;
}

#[tokio::test]
async fn an_outage_keeps_no_function_from_starting() {
    let shop = STAGE.enter().await;
    let nobody = format!("http://{NOBODY}");
    let tables = [("ORDERS_TABLE", "OrdersTable"), ("DEAD_LETTERS_TABLE", "DeadLettersTable")];
    start("place-order", &[tables[0], tables[1], ("AWS_ENDPOINT_URL_DYNAMODB", &nobody)]).await.asks().await;
    let dynamodb = shop.dynamodb();
    let endpoint = ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb.as_str());
    start("relay-outbox", &[tables[1], endpoint, ("KAFKA_BOOTSTRAP_SERVERS", NOBODY)]).await.asks().await;
    shop.leave().await;
}
