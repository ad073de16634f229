//! C2: shortage, its boundaries, and what a rejection undoes.

use serde_json::json;

use crate::STAGE;

const SHORT: [&str; 5] =
    ["OrderCreated", "DeliveryStarted", "StockDecreaseFailed", "OrderRejected", "DeliveryCancelled"];

#[tokio::test]
async fn c_011_short_stock_rejects_the_order() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 11).await;
    let rejected = shop.rejected(&order, "INVENTORY").await;
    assert_eq!(rejected["message"], format!("product {product}: 11 ordered, 10 in stock"));
    let failed = shop.event(&order, "StockDecreaseFailed").await;
    let said = ["orderId", "productId", "requested", "stock", "reason"].map(|name| failed.data[name].clone());
    assert_eq!(said, [json!(order), json!(product), json!(11), json!(10), json!("INVENTORY")]);
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn the_last_piece_can_be_ordered() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 10).await;
    shop.placed(&order).await;
    assert_eq!(shop.stock(&product).await, 0);
    shop.leave().await;
}

#[tokio::test]
async fn c_012_full_reject_chain() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let accepted = shop.post("/orders", &json!({"customerId": 1, "productId": product, "qty": 200})).await.json();
    assert_eq!(accepted["status"], "PENDING");
    let order = accepted["orderId"].as_str().unwrap();
    shop.rejected(order, "INVENTORY").await;
    shop.settle().await;
    shop.history(order, &SHORT).await;
    assert_eq!(shop.stock(&product).await, 100);
    let delivery = shop.get(&format!("/deliveries/{order}")).await.json();
    assert_eq!(delivery["status"], "CANCELLED");
    // Not taken, so there is nothing to give back.
    let reservation = shop.item("inventories", &format!("reservation#{order}")).await.unwrap();
    assert_eq!(reservation["status"], "REFUSED");
    shop.leave().await;
}

#[tokio::test]
async fn c_013_what_was_never_taken_is_not_given_back() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let order = shop.order_of(&product, 200).await;
    let events = shop.history(&order, &SHORT).await;
    shop.settle().await;
    let reservation = shop.item("inventories", &format!("reservation#{order}")).await;
    // The compensation is taken as done: not wanted again, not parked, and it changes nothing.
    shop.deliver("increase-stock", &[&events[4]]).await;
    shop.settle().await;
    assert_eq!(shop.item("inventories", &format!("reservation#{order}")).await, reservation);
    shop.history(&order, &SHORT).await;
    assert_eq!(shop.stock(&product).await, 100);
    shop.leave().await;
}

#[tokio::test]
async fn c_014_an_unknown_product_is_refused_at_once() {
    let shop = STAGE.enter().await;
    let product = shop.unique("unknown");
    let order = shop.order_of(&product, 1).await;
    // The deadline is a minute away.
    let rejected = shop.rejected(&order, "INVENTORY").await;
    assert_eq!(rejected["message"], format!("product {product} is unknown"));
    shop.settle().await;
    shop.history(&order, &SHORT).await;
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.json()["status"], "CANCELLED");
    shop.leave().await;
}

#[tokio::test]
async fn c_015_an_undeliverable_address_rejects_the_order() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order(&json!({"productId": product, "qty": 1, "address": "NOWHERE 7"})).await;
    shop.rejected(&order, "DELIVERY").await;
    shop.settle().await;
    // Nothing was started, so nothing is cancelled.
    shop.history(&order, &["OrderCreated", "DeliveryFailed", "OrderRejected"]).await;
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.json()["status"], "FAILED");
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn c_017_a_reason_is_one_word_that_stays() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let placed = shop.order_of(&product, 1).await;
    let refused = shop.order_of(&product, 11).await;
    assert_eq!(shop.placed(&placed).await.get("reason"), None);
    let rejected = shop.rejected(&refused, "INVENTORY").await;
    shop.settle().await;
    // A late failure of another kind does not change it.
    let mut late = shop.event(&refused, "StockDecreaseFailed").await;
    (late.id, late.event_type) = (shop.unique("late"), "PaymentFailed".to_owned());
    shop.deliver("reject-order", &[&late]).await;
    assert_eq!(shop.show(&refused).await, rejected);
    assert_eq!(shop.show(&placed).await.get("reason"), None);
    shop.leave().await;
}
