//! C1: orders are accepted, and each policy does its part.

use serde_json::json;
use shop_tests::types;

use crate::{PLACED, STAGE};

#[tokio::test]
async fn c_001_an_order_is_accepted_without_any_stock() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.unique("none"), shop.unique("hong"));
    // As HTTPie sends it: all text.
    let order = json!({"productId": product, "qty": "3", "customerId": customer, "productName": "TV"});
    let answer = shop.post("/orders", &order).await;
    let accepted = answer.json();
    let id = accepted["orderId"].as_str().unwrap();
    assert_eq!((answer.status, answer.header("location")), (202, format!("/orders/{id}").as_str()));
    assert_eq!(accepted["status"], "PENDING");
    let created = shop.event(id, "OrderCreated").await;
    assert_eq!(created.data["items"], json!([{"productId": product, "productName": "TV", "quantity": 3}]));
    assert_eq!(created.data["customerId"], json!(customer));
    assert_eq!(created.data["orderId"], json!(id));
    assert_eq!(json!(created.time).as_str().unwrap().len(), "2026-01-01T00:00:00.000Z".len());
    shop.rejected(id, "INVENTORY").await;
    shop.settle().await;
    let all = shop.events_of(id).await;
    assert_eq!(all.iter().filter(|event| event.event_type == "OrderCreated").count(), 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_002_stock_decreases_by_the_ordered_quantity() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 5).await;
    shop.placed(&order).await;
    assert_eq!(shop.stock(&product).await, 5);
    shop.leave().await;
}

#[tokio::test]
async fn c_004_an_order_goes_through_delivery_and_stock() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let customer = shop.unique("yun");
    // `itemId` and `qty` are what one of the tutorials calls them.
    let order = json!({"customerId": customer, "itemId": product, "qty": 5, "address": "경기도"});
    let order = shop.order(&order).await;
    let placed = shop.placed(&order).await;
    assert_eq!(placed["address"], "경기도");
    let events = shop.history(&order, &PLACED).await;
    let items = json!([{"productId": product, "quantity": 5}]);
    let started = &events[1].data;
    assert_eq!((&started["customerId"], &started["items"]), (&json!(customer), &items));
    assert_eq!(started["address"], "경기도");
    let delivery = shop.get(&format!("/deliveries/{order}")).await.json();
    let wanted = json!({
        "orderId": order, "customerId": customer, "status": "STARTED", "address": "경기도", "items": items,
    });
    assert_eq!(delivery, wanted);
    assert_eq!(shop.stock(&product).await, 5);
    shop.leave().await;
}

#[tokio::test]
async fn c_005_a_pending_order_is_placed() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let body = json!({"customerId": 1, "productId": product, "productName": "TV", "qty": 10});
    let accepted = shop.post("/orders", &body).await.json();
    assert_eq!((&accepted["status"], &accepted["customerId"]), (&json!("PENDING"), &json!("1")));
    assert!(accepted["dueAt"].as_str() > accepted["createdAt"].as_str(), "{accepted}");
    let order = accepted["orderId"].as_str().unwrap();
    let placed = shop.placed(order).await;
    assert_eq!((&placed["total"], &placed["reason"], &placed["dueAt"]), (&json!(0), &json!(null), &json!(null)));
    shop.history(order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 90);
    let reservation = shop.item("inventories", &format!("reservation#{order}")).await.unwrap();
    assert_eq!((&reservation["status"], &reservation["customerId"]), (&json!("TAKEN"), &json!("1")));
    assert_eq!(reservation["items"][0]["quantity"], 10);
    // What the sweep looks for is gone.
    let item = shop.item("orders", &format!("order#{order}")).await.unwrap();
    assert!(!item.contains_key("dueAt") && !item.contains_key("dueShard"), "{item:?}");
    shop.leave().await;
}

#[tokio::test]
async fn c_006_every_event_keeps_to_the_envelope() {
    let shop = STAGE.enter().await;
    let product = shop.priced_product(10, 100).await;
    let customer = shop.account(1_000).await;
    let placed = shop.order(&json!({"customerId": customer, "productId": product, "qty": 2})).await;
    let refused = shop.order(&json!({"customerId": customer, "productId": product, "qty": 11})).await;
    shop.placed(&placed).await;
    shop.rejected(&refused, "INVENTORY").await;
    shop.delete(&format!("/orders/{placed}")).await;
    shop.settle().await;
    for order in [&placed, &refused] {
        let events = shop.events_of(order).await;
        assert!(events.len() >= 5, "{:?}", types(&events));
        let mut seen = Vec::new();
        for event in &events {
            let kind = event.source.trim_start_matches('/');
            assert!(["order", "delivery", "reservation", "payment"].contains(&kind), "{event:?}");
            assert_eq!(event.dataschema, format!("{}/1", event.event_type));
            assert_eq!([&event.subject, &event.partitionkey, &event.correlationid], [order; 3]);
            assert_eq!(event.data["orderId"], json!(order));
            let is_commanded = ["OrderCreated", "OrderCancelled"].contains(&event.event_type.as_str());
            assert_ne!(seen.contains(&event.causationid), is_commanded, "{} and its cause", event.event_type);
            seen.push(event.id.clone());
        }
        assert!(events.windows(2).all(|pair| pair[0].time <= pair[1].time), "{events:?}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), events.len(), "an id is there twice");
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_006_an_event_without_a_policy_is_ignored() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 1).await;
    shop.placed(&order).await;
    let mut event = shop.event(&order, "OrderPlaced").await;
    event.event_type = "CustomerWaved".to_owned();
    for function in ["start-delivery", "decrease-stock", "take-payment", "place-order", "reject-order"] {
        shop.deliver(function, &[&event]).await;
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_007_a_refused_command_emits_nothing() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 1).await;
    shop.placed(&order).await;
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
    shop.settle().await;
    let before = shop.events_of(&order).await;
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 409);
    assert_eq!(shop.post("/inventories", &json!({"id": product, "stock": 1})).await.status, 409);
    shop.settle().await;
    assert_eq!(shop.events_of(&order).await, before);
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn c_008_what_is_unknown_is_not_found() {
    let shop = STAGE.enter().await;
    let unknown = shop.unique("unknown");
    for path in ["/orders", "/inventories", "/accounts", "/deliveries"] {
        let answer = shop.get(&format!("{path}/{unknown}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
        assert_eq!(answer.json()["status"], 404);
    }
    assert_eq!(shop.get(&format!("/orders/{unknown}/events")).await.status, 404);
    assert_eq!(shop.delete(&format!("/orders/{unknown}")).await.status, 404);
    assert_eq!(shop.post(&format!("/deliveries/{unknown}/complete"), &json!({})).await.status, 404);
    assert_eq!(shop.patch(&format!("/inventories/{unknown}"), &json!({"stock": 1})).await.status, 404);
    assert_eq!(shop.post(&format!("/accounts/{unknown}/charge"), &json!({"amount": 1})).await.status, 404);
    for (table, key) in [("orders", "order"), ("inventories", "product"), ("accounts", "account")] {
        assert_eq!(shop.item(table, &format!("{key}#{unknown}")).await, None);
    }
    shop.leave().await;
}
