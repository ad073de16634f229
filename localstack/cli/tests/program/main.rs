//! The program as people use it, from its command line to its exit status.

#![cfg(test)]

mod letters;
mod republish;
mod run;
mod verify;

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use run::{Up, printed, whenever};

#[test]
fn the_demo_plays_every_chapter_and_all_ends_as_it_should() {
    // Long enough for slow machines that test other things meanwhile.
    let demo = printed(&["demo", "--deadline", "5"]);
    let (drawn, summary) = demo.split_once("What happened").unwrap();
    assert!(summary.contains("scenes ended as they should"), "{demo}");
    assert!(!demo.contains('✗'), "{demo}");
    for chapter in
        ["pubsub", "chain", "compensation", "idempotency", "deadline", "pipeline", "coupon", "scaling", "payment"]
    {
        assert!(summary.contains(&format!("   {chapter} 1 ")), "{chapter} was not played: {summary}");
    }
    assert!(drawn.contains("│ DeadlineReached │ sweep-deadlines │ REJECTED (DEADLINE)"), "{demo}");
    assert!(!demo.contains('\u{1b}'), "there are colours in a pipe");
}

#[test]
fn a_chapter_that_is_not_there_is_answered_with_those_that_are() {
    let output = whenever(&["demo", "pubsup"]).output().unwrap();
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("pubsub") && message.contains("payment"), "{message}");
}

#[test]
fn what_orders_cost_follows_their_pace_and_the_template() {
    let bill = |more: &[&str]| -> Value {
        let json = printed(&[&["cost", "--json"], more].concat());
        serde_json::from_str::<Value>(&json).unwrap()["bill"].take()
    };
    let usd = |bill: &Value, item: &str| {
        let lines = bill["lines"].as_array().unwrap();
        lines.iter().find(|line| line["item"] == item).and_then(|line| line["usd"].as_f64()).unwrap()
    };
    let (quick, slow) = (bill(&["--rate", "10"]), bill(&["--rate", "1"]));
    assert!((usd(&slow, "Kafka pollers") / usd(&quick, "Kafka pollers") - 10.0).abs() < 1e-6, "{slow}");
    assert!(slow["usd"].as_f64() > quick["usd"].as_f64());
    let told = bill(&["--rate", "10", "--parameter", "DataPlatformUrl=https://example.com"]);
    assert!(
        usd(&told, "DynamoDB writes") > usd(&quick, "DynamoDB writes"),
        "a message sent is a marker written: {told}"
    );

    for (wrong, named) in [
        (["--rate", "0"], "orders a second"),
        (["--prices", "nowhere.yaml"], "nowhere.yaml"),
        (["--measured", "../measured.txt"], "measured.txt"),
        (["--parameter", "Nothing=1"], "Nothing"),
    ] {
        let output = whenever(&["cost", wrong[0], wrong[1]]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && message.contains(named), "{message}");
    }
}

#[test]
fn a_running_stack_can_be_looked_at() {
    let up = Up::start(&[]);
    let url = up.api.as_str();

    let bench = printed(&["bench", "--url", url, "--orders", "6", "--clients", "2", "--json"]);
    let bench: Value = serde_json::from_str(&bench).unwrap();
    assert_eq!((&bench["orders"], &bench["failed"]), (&6.into(), &0.into()));
    for function in ["orders-api", "start-delivery", "decrease-stock", "take-payment", "place-order"] {
        assert!(bench["functions"][function]["writeUnits"].as_f64() >= Some(1.0), "{function} wrote nothing: {bench}");
    }

    let environment = printed(&["env", "--url", url]);
    for variable in
        ["ORDERS_TABLE=OrdersTable", "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:", "KAFKA_BOOTSTRAP_SERVERS=127."]
    {
        assert!(environment.lines().any(|line| line.starts_with(variable)), "{variable} is not there: {environment}");
    }
    let coupons = printed(&["env", "coupons-api", "--url", url]);
    assert!(coupons.contains("COUPONS_TABLE=") && !coupons.contains("ORDERS_TABLE="), "{coupons}");

    let init = printed(&["bench", "init", "--url", url, "--starts", "1", "--json"]);
    let init: Value = serde_json::from_str(&init).unwrap();
    let started = init["functions"].as_array().unwrap();
    assert!(started.iter().all(|function| function["medianMs"].as_f64() > Some(0.0)), "{init}");
    assert!(started.iter().any(|function| function["function"] == "relay-outbox"), "{init}");

    let orders = printed(&["orders", "--url", url]);
    let placed: Vec<&str> = orders.lines().filter(|line| line.ends_with("│ PLACED")).collect();
    assert_eq!(placed.len(), 6, "{orders}");
    let id = placed[0].split('│').nth(1).unwrap().trim();
    let timeline = printed(&["orders", id, "--url", url]);
    assert!(timeline.contains("│ OrderPlaced      │ place-order    │ PLACED"), "{timeline}");

    let mut following = whenever(&["events", "--from-beginning", "--json", "--url", url]);
    let mut following = following.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(following.stdout.take().unwrap()).read_line(&mut line).unwrap();
    following.kill().unwrap();
    following.wait().unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(event["specversion"], "1.0");

    assert_eq!(printed(&["dead-letters", "--url", url]), "no dead letters\n");
    let garbage = std::env::temp_dir().join(format!("whenever-garbage-{}.json", std::process::id()));
    let record = r#"{"topic":"order-events","partition":0,"offset":7,"timestamp":1,"timestampType":"CREATE_TIME",
        "key":"a2V5","value":"bm9wZQ==","headers":[]}"#;
    std::fs::write(
        &garbage,
        format!(r#"{{"eventSource":"SelfManagedKafka","records":{{"order-events-0":[{record}]}}}}"#),
    )
    .unwrap();
    printed(&["invoke", "place-order", "--event", garbage.to_str().unwrap(), "--lambda-url", &up.lambda]);
    std::fs::remove_file(&garbage).unwrap();
    let letters = printed(&["dead-letters", "list", "--url", url]);
    assert!(
        letters.contains("│ place-order │ order-events/0/7       │ key │     1 │ the value is no CloudEvents envelope"),
        "{letters}"
    );

    assert!(up.interrupt(), "Ctrl-C is no failure");
}

#[test]
fn nothing_there_is_said_in_one_line() {
    let output = whenever(&["orders", "--url", "http://127.0.0.1:1"]).output().unwrap();
    assert!(!output.status.success());
    let expected = "error: nothing answers at http://127.0.0.1:1/orders; start the stack with `cargo run`, or say where it is with --url\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}
