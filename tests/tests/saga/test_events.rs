//! `tests/events`: for each function an event of the shape that its trigger sends.

use serde_json::{Value, json};

use crate::STAGE;

/// The order that the events are about: it never was.
const ORDER: &str = "019b7a00-0000-7000-8000-000000000001";

/// A function's test event.
pub(crate) fn event(function: &str) -> Value {
    let path = format!("{}/events/{function}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[tokio::test]
async fn every_function_has_a_test_event() {
    let shop = STAGE.enter().await;
    let functions = shop.get("/_local/functions").await.json();
    let mut functions: Vec<String> = functions["functions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|function| format!("{}.json", function["name"].as_str().unwrap()))
        .collect();
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/events")).unwrap();
    let mut events: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    functions.sort_unstable();
    events.sort_unstable();
    assert_eq!(events, functions);
    shop.leave().await;
}

#[tokio::test]
async fn policies_take_their_test_events() {
    let shop = STAGE.enter().await;
    // Its deadline has passed long ago, so nothing is started.
    let functions = [
        "start-delivery",
        "decrease-stock",
        "take-payment",
        "modify-delivery",
        "reserve-coupon",
        "use-coupon",
        "release-coupon",
        "issue-coupon",
        "cancel-delivery",
        "increase-stock",
        "refund-payment",
        "place-order",
        "reject-order",
        "forward-to-data-platform",
        "record-metrics",
        "record-timeline",
        "collect-dead-letters",
        "relay-outbox",
    ];
    for function in functions {
        let answer = shop.invoke(function, &event(function)).await;
        assert_eq!(answer.json(), json!({"batchItemFailures": []}), "{function}: {}", answer.text());
    }
    let letter_of = async |policy: &str, offset: i64| {
        shop.parked_where(|letter| letter["policy"] == policy && letter["offset"] == offset).await
    };
    for policy in ["place-order", "reject-order"] {
        let letter = letter_of(policy, 15).await;
        assert!(letter["reason"].as_str().unwrap().contains("never created"), "{letter}");
    }
    let letter = letter_of("use-coupon", 17).await;
    assert!(letter["reason"].as_str().unwrap().contains("coupon that it does not have"), "{letter}");
    let refused = shop.get("/coupons/never-was/users/hong").await.json();
    assert_eq!((&refused["status"], &refused["reason"]), (&json!("REFUSED"), &json!("UNKNOWN_COUPON")));
    assert_eq!(letter_of("place-order", 16).await["attempts"], 101);
    let undone =
        [("deliveries", "delivery"), ("inventories", "reservation"), ("accounts", "payment"), ("coupons", "claim")];
    for (table, pk) in undone {
        let tombstone = shop.item(table, &format!("{pk}#{ORDER}")).await.unwrap();
        assert_eq!(tombstone["status"], "TOMBSTONE", "{pk}");
    }
    assert_eq!(shop.told(ORDER).await[0]["body"]["type"], "ORDER_CONFIRMED");
    // Once from its own test event, once from the one that the relay published: two ids.
    shop.history(ORDER, &["OrderCreated", "OrderCreated"]).await;
    shop.leave().await;
}

#[tokio::test]
async fn http_functions_and_the_sweep_answer_their_test_events() {
    let shop = STAGE.enter().await;
    let call = async |function: &str| {
        let mut event = event(function);
        if function == "orders-api" {
            // The product of another test is not to be sold here.
            event["body"] = json!(event["body"].as_str().unwrap().replace("\"1\"", "\"none\""));
        }
        shop.invoke(function, &event).await.json()
    };
    for (function, status) in
        [("orders-api", 202), ("inventories-api", 201), ("accounts-api", 201), ("coupons-api", 201)]
    {
        let answer = call(function).await;
        assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(status), &json!(false)), "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        let id = body["orderId"].as_str().or(body["id"].as_str()).unwrap();
        assert!(answer["headers"]["location"].as_str().unwrap().ends_with(id), "{answer}");
    }
    let liked = call("catalog-api").await;
    assert_eq!((&liked["statusCode"], &liked["body"]), (&json!(202), &json!("")), "{liked}");
    let unknown = call("deliveries-api").await;
    assert_eq!(unknown["statusCode"], 404, "{unknown}");
    assert_eq!(unknown["headers"]["content-type"], "application/problem+json");
    // Without a time it sweeps once, and answers what it found.
    assert_eq!(call("sweep-deadlines").await["failed"], 0);
    shop.leave().await;
}
