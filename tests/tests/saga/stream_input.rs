//! Odd records of a table's stream, and what Lambda gave up on: never a stuck shard, nothing lost.

use serde_json::{Value, json};

use crate::STAGE;

const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/OrdersTable/stream/2026-01-01T00:00:00.000";

fn change(sequence: &str, kind: &str, image: Option<Value>) -> Value {
    let mut dynamodb = json!({"Keys": {"pk": {"S": "order#1"}}, "SequenceNumber": sequence});
    if let Some(image) = image {
        dynamodb["NewImage"] = image;
    }
    json!({"eventID": sequence, "eventName": kind, "eventSourceARN": ARN, "dynamodb": dynamodb})
}

#[tokio::test]
async fn changes_that_emit_nothing_are_passed() {
    let shop = STAGE.enter().await;
    let mut expired = change("100000000000000000001", "REMOVE", None);
    expired["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
    let silent =
        change("100000000000000000002", "INSERT", Some(json!({"pk": {"S": "product#1"}, "stock": {"N": "1"}})));
    let every_type = json!({
        "pk": {"S": "a#1"}, "flag": {"BOOL": true}, "none": {"NULL": true}, "bytes": {"B": "AA=="},
        "list": {"L": [{"N": "1.5"}, {"M": {"a": {"S": "b"}}}]}, "set": {"SS": ["a"]},
    });
    let every_type = change("100000000000000000003", "MODIFY", Some(every_type));
    let answer = shop.invoke("relay-outbox", &json!({"Records": [expired, silent, every_type]})).await;
    assert_eq!(answer.json(), json!({"batchItemFailures": []}), "{}", answer.text());
    shop.leave().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_parked_and_its_neighbours_are_published() {
    let shop = STAGE.enter().await;
    let (damaged, order, product) = (shop.unique("damaged"), shop.unique("order"), shop.unique("product"));
    let outbox =
        json!([{"type": "OrderPlaced", "topic": "order-events", "time": 1_767_225_600_000_i64, "cause": damaged}]);
    let bill = ["total", "discount", "payable"].map(|name| (name.to_owned(), json!({"N": "0"})));
    let mut good = json!({
        "pk": {"S": format!("order#{order}")}, "outbox": {"S": outbox.to_string()}, "version": {"N": "2"},
        "orderId": {"S": order}, "customerId": {"S": "hong"},
        "items": {"L": [{"M": {"productId": {"S": product}, "quantity": {"N": "1"}}}]},
    });
    good.as_object_mut().unwrap().extend(bill);
    let images = [
        json!({"pk": {"S": damaged}, "outbox": {"S": "[]"}, "what": {"X": 1}}),
        json!({"pk": {"S": format!("order#{damaged}")}, "outbox": {"S": "no json"}}),
        json!({"pk": {"S": format!("order#{damaged}")}, "outbox": {"N": "1"}}),
        json!({"pk": {"S": damaged}, "outbox": {"S": outbox.to_string()}}),
        json!({"pk": {"S": format!("order#{damaged}")}, "outbox": {"S": outbox.to_string().replace("OrderPlaced", "")}}),
    ];
    let mut records = vec![json!({"what": "is this", "id": damaged}), json!({"dynamodb": {}, "id": damaged})];
    records
        .extend((0..).zip(images).map(|(n, image)| change(&format!("20000000000000000000{n}"), "MODIFY", Some(image))));
    let bad = records.len();
    records.push(change("300000000000000000000", "MODIFY", Some(good)));
    let answer = shop.invoke("relay-outbox", &json!({"Records": records})).await;
    assert_eq!(answer.json(), json!({"batchItemFailures": []}), "{}", answer.text());
    // Each with the record as it came.
    for record in &records[..bad] {
        let is_its = |letter: &Value| {
            let value = letter["value"].as_str().map(serde_json::from_str::<Value>);
            letter["policy"] == "relay-outbox" && value.is_some_and(|value| value.is_ok_and(|value| value == *record))
        };
        assert!(shop.parked_where(is_its).await["reason"].is_string());
    }
    let events = shop.history(&order, &["OrderPlaced"]).await;
    assert_eq!(events[0].causationid, damaged);
    shop.leave().await;
}

#[tokio::test]
async fn what_lambda_gave_up_on_is_collected_in_the_name_of_its_policy() {
    let shop = STAGE.enter().await;
    let lost = shop.raw_record("7", b"what the function failed on");
    let value = "d2hhdCB0aGUgZnVuY3Rpb24gZmFpbGVkIG9u";
    let lost_json = json!({
        "topic": lost.topic, "partition": 0, "offset": lost.offset, "timestamp": 1_767_225_600_000_i64, "key": "Nw==",
        "value": value, "headers": [],
    });
    let given_up = json!({
        "requestContext": {
            "requestId": "00000000-0000-0000-0000-000000000000", "condition": "RetryAttemptsExhausted",
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:place-order", "approximateInvokeCount": 101,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0", "timestamp": "2026-01-01T00:00:00.000Z",
        "KafkaBatchInfo": {"batchSize": 1},
        "payload": {"eventSource": "SelfManagedKafka", "records": {"order-events-0": [lost_json]}},
    });
    let record = shop.raw_record("", given_up.to_string().as_bytes());
    assert_eq!(shop.deliver_records("collect-dead-letters", &[record]).await, [0; 0]);
    let letter = shop.parked("place-order", &lost).await;
    assert_eq!((&letter["value"], &letter["key"]), (&json!("what the function failed on"), &json!("7")));
    assert!(letter["reason"].as_str().unwrap().contains("RetryAttemptsExhausted"), "{letter}");
    assert_eq!(letter["attempts"], 101);
    shop.leave().await;
}
