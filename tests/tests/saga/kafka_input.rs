//! Bad input on a topic: parked with its original bytes, and its neighbours are applied.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shop::{CATALOG_EVENTS, COUPON_EVENTS, ORDER_EVENTS};
use shop_tests::Shop;
use whenever::Record;

use crate::{PLACED, STAGE};

/// The bytes that a dead letter keeps under this name.
fn bytes(letter: &Value, name: &str) -> Option<Vec<u8>> {
    let encoded = letter[format!("{name}Base64")].as_str().map(|text| STANDARD.decode(text).unwrap());
    encoded.or_else(|| letter[name].as_str().map(|text| text.as_bytes().to_vec()))
}

/// A good envelope with some fields set otherwise.
fn envelope(shop: &Shop, changes: Value) -> Vec<u8> {
    let data = json!({"items": [{"productId": "none", "quantity": 1}]});
    let mut event = json!(shop.made_up(&shop.unique("order"), "DeliveryCancelled", &data));
    event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    event.to_string().into_bytes()
}

/// What no policy can decode, and a word of the reason.
fn undecodable(shop: &Shop) -> Vec<(Vec<u8>, &'static str)> {
    let without = |field: &str| {
        let mut event: Value = serde_json::from_slice(&envelope(shop, json!({}))).unwrap();
        event.as_object_mut().unwrap().remove(field);
        event.to_string().into_bytes()
    };
    vec![
        (b"\xff\xfe\x00".to_vec(), "UTF-8"),
        (b"no json".to_vec(), "envelope"),
        (b"{\"half\":".to_vec(), "envelope"),
        (b"[1, 2]".to_vec(), "envelope"),
        (b"{\"orderId\": 7}".to_vec(), "envelope"),
        ("[".repeat(100_000).into_bytes(), "envelope"),
        (without("id"), "id"),
        (without("type"), "type"),
        (without("specversion"), "specversion"),
        (without("data"), "data"),
        (envelope(shop, json!({"id": ""})), "id"),
        (envelope(shop, json!({"type": ""})), "type"),
        (envelope(shop, json!({"specversion": "2.0"})), "specversion"),
        (envelope(shop, json!({"specversion": 1})), "envelope"),
        (envelope(shop, json!({"time": "yesterday"})), "yesterday"),
        (envelope(shop, json!({"time": "9999-12-31T23:59:59-23:59"})), "9999"),
        (envelope(shop, json!({"data": []})), "envelope"),
    ]
}

/// What is an envelope whose data does not fit its type.
fn unfitting(shop: &Shop) -> Vec<(Vec<u8>, &'static str)> {
    let order = shop.unique("order");
    let data = |data: Value| envelope(shop, json!({"data": data}));
    vec![
        (data(json!({})), "orderId"),
        (data(json!({"orderId": order})), "items"),
        (data(json!({"orderId": 7, "items": []})), "data does not fit"),
        (data(json!({"orderId": "x".repeat(129), "items": [{"productId": "1", "quantity": 1}]})), "128"),
        (data(json!({"orderId": order, "items": []})), "at least one line"),
        (data(json!({"orderId": order, "items": [{"productId": "1", "quantity": 0}]})), "quantity"),
        (data(json!({"orderId": order, "items": [{"productId": "1", "quantity": 1.5}]})), "data does not fit"),
    ]
}

/// Delivers each record between two good ones, and looks at its dead letter.
async fn parks(shop: &Shop, function: &str, cases: Vec<(Vec<u8>, &'static str)>) {
    for (value, reason) in cases {
        let orders = [shop.unique("before"), shop.unique("after")];
        let data = json!({"items": [{"productId": "none", "quantity": 1}]});
        let [before, after] = [0, 1].map(|n| shop.record(&shop.made_up(&orders[n], "DeliveryCancelled", &data)));
        let mut bad = shop.raw_record("some key", &value);
        bad.headers = vec![("trace".to_owned(), b"\xfe\x01".to_vec())];
        let failed = shop.deliver_records(function, &[before, bad.clone(), after]).await;
        assert_eq!(failed, [0; 0], "{}", String::from_utf8_lossy(&value));
        let letter = shop.parked(function, &bad).await;
        assert!(letter["reason"].as_str().unwrap().contains(reason), "{reason} is not in {letter:.500}");
        assert_eq!(bytes(&letter, "value"), Some(value));
        assert_eq!(bytes(&letter, "key").as_deref(), Some(b"some key".as_slice()));
        let header = json!([{"name": "trace", "valueBase64": STANDARD.encode(b"\xfe\x01")}]);
        assert_eq!((&letter["headers"], &letter["attempts"]), (&header, &json!(1)));
        for order in &orders {
            let tombstone = shop.item("inventories", &format!("reservation#{order}")).await;
            assert_eq!(tombstone.unwrap()["status"], "TOMBSTONE");
        }
    }
}

#[tokio::test]
async fn c_116_what_is_no_event_is_parked_and_its_neighbours_are_applied() {
    let shop = STAGE.enter().await;
    parks(&shop, "increase-stock", undecodable(&shop)).await;
    shop.leave().await;
}

#[tokio::test]
async fn c_116_data_that_does_not_fit_its_type_is_parked_and_its_neighbours_are_applied() {
    let shop = STAGE.enter().await;
    parks(&shop, "increase-stock", unfitting(&shop)).await;
    shop.leave().await;
}

#[tokio::test]
async fn a_record_without_a_value_or_a_key_is_parked() {
    let shop = STAGE.enter().await;
    for function in ["increase-stock", "place-order", "record-metrics", "record-timeline", "collect-dead-letters"] {
        let mut empty = shop.raw_record("", b"");
        (empty.key, empty.value) = (None, None);
        assert_eq!(shop.deliver_records(function, std::slice::from_ref(&empty)).await, [0; 0]);
        let letter = shop.parked(function, &empty).await;
        assert_eq!((bytes(&letter, "key"), bytes(&letter, "value")), (None, None));
    }
    shop.leave().await;
}

#[tokio::test]
async fn a_long_value_is_parked_whole() {
    let shop = STAGE.enter().await;
    let value: Vec<u8> = (0..700_000_u32).map(|n| (n % 251) as u8).collect();
    let record = shop.raw_record("long", &value);
    assert_eq!(shop.deliver_records("increase-stock", std::slice::from_ref(&record)).await, [0; 0]);
    let letter = shop.parked("increase-stock", &record).await;
    let prefix = format!("{}/", letter["sk"].as_str().unwrap());
    let letters = shop.dead_letters().await;
    let mut parts: Vec<&Value> =
        letters.iter().filter(|part| part["sk"].as_str().is_some_and(|sk| sk.starts_with(&prefix))).collect();
    parts.sort_by_key(|part| part["sk"].as_str());
    let document: String = parts.into_iter().map(|part| part["document"].as_str().unwrap()).collect();
    let whole = bytes(&serde_json::from_str(&document).unwrap(), "value").unwrap();
    assert!(whole == value, "{} bytes came back", whole.len());
    shop.leave().await;
}

#[tokio::test]
async fn parking_twice_is_parking_once() {
    let shop = STAGE.enter().await;
    let record = shop.raw_record("twice", b"garbage");
    for _ in 0..2 {
        assert_eq!(shop.deliver_records("increase-stock", std::slice::from_ref(&record)).await, [0; 0]);
    }
    shop.parked("increase-stock", &record).await;
    let letters = shop.dead_letters().await;
    assert_eq!(letters.iter().filter(|letter| letter["offset"] == record.offset).count(), 1);
    shop.leave().await;
}

#[tokio::test]
async fn an_event_of_a_newer_version_is_wanted_again() {
    let shop = STAGE.enter().await;
    let mut newer = shop.made_up(&shop.unique("order"), "DeliveryCancelled", &json!({"what": "is it"}));
    newer.dataschema = "DeliveryCancelled/2".to_owned();
    let newer = shop.record(&newer);
    let other = shop.unique("other");
    let data = json!({"items": [{"productId": "none", "quantity": 1}]});
    let neighbour = shop.record(&shop.made_up(&other, "DeliveryCancelled", &data));
    // A later record of its key has to wait with it.
    let later = Record { key: newer.key.clone(), ..shop.record(&shop.made_up("late", "DeliveryCancelled", &data)) };
    let failed = shop.deliver_records("increase-stock", &[newer.clone(), neighbour, later.clone()]).await;
    assert_eq!(failed, [newer.offset, later.offset]);
    assert!(shop.item("inventories", &format!("reservation#{other}")).await.is_some());
    assert_eq!(shop.item("inventories", "reservation#late").await, None);
    shop.leave().await;
}

#[tokio::test]
async fn what_is_no_record_is_parked_as_it_came() {
    let shop = STAGE.enter().await;
    let offset = shop.raw_record("", b"").offset;
    let odd = json!({"offset": offset, "value": "%%% no base64 %%%"});
    let event = json!({"eventSource": "SelfManagedKafka", "records": {"order-events-3": [odd]}});
    let answer = shop.invoke("increase-stock", &event).await;
    assert_eq!(answer.json(), json!({"batchItemFailures": []}), "{}", answer.text());
    let letter = shop.parked_where(|letter| letter["offset"] == offset).await;
    assert_eq!((&letter["topic"], &letter["partition"]), (&json!("order-events"), &json!(3)));
    assert_eq!(serde_json::from_slice::<Value>(&bytes(&letter, "value").unwrap()).unwrap(), odd);
    shop.leave().await;
}

#[tokio::test]
async fn an_invocation_with_something_else_is_a_function_error() {
    let shop = STAGE.enter().await;
    for function in ["increase-stock", "relay-outbox", "record-metrics", "collect-dead-letters", "orders-api"] {
        for event in [json!({}), json!([]), json!("text"), json!({"records": 7}), json!({"Records": {}})] {
            let answer = shop.invoke(function, &event).await;
            assert_eq!(
                (answer.status, answer.header("x-amz-function-error")),
                (200, "Unhandled"),
                "{function} {event}"
            );
            assert_eq!(answer.json()["errorType"], "NotHandled", "{function} {event}: {}", answer.text());
        }
    }
    shop.leave().await;
}

#[tokio::test]
async fn garbage_on_a_topic_reaches_its_one_trigger_without_a_filter() {
    let shop = STAGE.enter().await;
    let (product, coupon) = (shop.product(10).await, shop.coupon(&json!({"quantity": 8})).await);
    let key = shop.unique("garbage");
    let unfiltered =
        [(ORDER_EVENTS, "record-timeline"), (CATALOG_EVENTS, "record-metrics"), (COUPON_EVENTS, "issue-coupon")];
    let mut garbage = Vec::new();
    for (topic, function) in unfiltered {
        for value in [&b"\xff\xfe"[..], b"no json", b"{}", b"[]", b""] {
            garbage.push((function, shop.publish_on(topic, &key, value).await));
        }
    }
    // Behind the garbage, on every partition, the shop goes on.
    let orders = futures_util::future::join_all((0..8).map(|_| shop.order_of(&product, 1))).await;
    for order in &orders {
        shop.history(order, &PLACED).await;
    }
    for user in 0..8 {
        shop.request_coupon(&user.to_string(), &coupon).await;
    }
    shop.settle().await;
    assert_eq!(shop.show_coupon(&coupon).await["issued"], 8);
    for (function, record) in &garbage {
        let letter = shop.parked(function, record).await;
        assert_eq!(letter["topic"], record.topic);
        assert_eq!(bytes(&letter, "key"), record.key);
        assert_eq!(bytes(&letter, "value").unwrap_or_default(), record.value.clone().unwrap());
    }
    shop.leave().await;
}
