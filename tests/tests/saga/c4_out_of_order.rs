//! C4: compensations before actions, and news that comes too late.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{FAR, PLACED, STAGE, UNPAID};

/// An order of ten pieces as events describe it.
fn ten_of(product: &str) -> Value {
    json!({
        "customerId": "hong", "address": "", "dueAt": FAR, "items": [{"productId": product, "quantity": 10}],
    })
}

#[tokio::test]
async fn c_032_a_compensation_that_comes_first_keeps_the_action_from_happening() {
    let shop = STAGE.enter().await;
    let (product, order) = (shop.product(100).await, shop.unique("order"));
    let [cancelled, started] =
        ["DeliveryCancelled", "DeliveryStarted"].map(|name| shop.made_up(&order, name, &ten_of(&product)));
    shop.deliver("increase-stock", &[&cancelled]).await;
    assert_eq!(shop.stock(&product).await, 100);
    shop.deliver("decrease-stock", &[&started]).await;
    assert_eq!(shop.stock(&product).await, 100);
    shop.settle().await;
    assert_eq!(shop.events_of(&order).await, []);
    let tombstone = shop.item("inventories", &format!("reservation#{order}")).await.unwrap();
    assert_eq!((&tombstone["status"], tombstone.get("outbox")), (&json!("TOMBSTONE"), None));
    shop.leave().await;
}

#[tokio::test]
async fn c_032_a_rejection_that_comes_first_keeps_the_delivery_from_starting() {
    let shop = STAGE.enter().await;
    let (product, order) = (shop.product(100).await, shop.unique("order"));
    let why = json!({"customerId": "hong", "reason": "DEADLINE", "message": "too late"});
    let rejected = shop.made_up(&order, "OrderRejected", &why);
    let created = shop.made_up(&order, "OrderCreated", &ten_of(&product));
    shop.deliver("cancel-delivery", &[&rejected]).await;
    shop.deliver("start-delivery", &[&created]).await;
    shop.settle().await;
    assert_eq!(shop.events_of(&order).await, []);
    // Nobody sees a tombstone.
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.status, 404);
    shop.leave().await;
}

#[tokio::test]
async fn c_032_a_refund_that_comes_first_keeps_the_money_from_being_taken() {
    let shop = STAGE.enter().await;
    let (customer, order) = (shop.account(1_000).await, shop.unique("order"));
    let why = json!({"customerId": customer, "reason": "DEADLINE", "message": "too late"});
    let rejected = shop.made_up(&order, "OrderRejected", &why);
    let mut decreased = shop.made_up(&order, "StockDecreased", &ten_of("none"));
    decreased.data.extend([("customerId".to_owned(), json!(customer)), ("total".to_owned(), json!(500))]);
    shop.deliver("refund-payment", &[&rejected]).await;
    shop.deliver("take-payment", &[&decreased]).await;
    shop.settle().await;
    assert_eq!(shop.balance(&customer).await, 1_000);
    assert_eq!(shop.events_of(&order).await, []);
    shop.leave().await;
}

#[tokio::test]
async fn a_compensation_beside_the_action_leaves_nothing_taken() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.priced_product(1_000, 10).await, shop.account(10_000).await);
    // Cancelled while its saga runs: sooner or later on its way.
    join_all((0..20_u64).map(async |n| {
        let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 10})).await;
        tokio::time::sleep(Duration::from_millis(n * 5)).await;
        assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
    }))
    .await;
    shop.settle().await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (1_000, 10_000));
    shop.leave().await;
}

#[tokio::test]
async fn c_034_an_action_after_its_compensation_is_not_repeated() {
    let shop = STAGE.enter().await;
    let product = shop.priced_product(100, 5).await;
    let order = shop.order_of(&product, 10).await;
    let mut events = shop.history(&order, &UNPAID).await;
    assert_eq!(shop.stock(&product).await, 100);
    events[1].data["dueAt"] = json!(FAR);
    shop.deliver("decrease-stock", &[&events[1]]).await;
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 100);
    shop.history(&order, &UNPAID).await;
    shop.leave().await;
}

#[tokio::test]
async fn c_037_a_late_failure_does_not_touch_a_placed_order() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let order = shop.order_of(&product, 10).await;
    shop.history(&order, &PLACED).await;
    for failure in ["StockDecreaseFailed", "DeliveryFailed", "PaymentFailed"] {
        let late = shop.made_up(&order, failure, &json!({"message": "too late"}));
        shop.deliver("reject-order", &[&late]).await;
    }
    shop.settle().await;
    shop.placed(&order).await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 90);
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.json()["status"], "STARTED");
    shop.leave().await;
}

#[tokio::test]
async fn a_late_success_does_not_revive_a_rejected_order() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 11).await;
    let rejected = shop.rejected(&order, "INVENTORY").await;
    shop.settle().await;
    let bill = json!({"customerId": "anonymous", "total": 0, "discount": 0, "payable": 0});
    shop.deliver("place-order", &[&shop.made_up(&order, "PaymentCompleted", &bill)]).await;
    shop.settle().await;
    assert_eq!(shop.show(&order).await, rejected);
    shop.leave().await;
}

#[tokio::test]
async fn an_event_of_an_order_that_never_was_is_parked() {
    let shop = STAGE.enter().await;
    let order = shop.unique("never");
    let bill = json!({"customerId": "anonymous", "total": 0, "discount": 0, "payable": 0});
    let placing = shop.record(&shop.made_up(&order, "PaymentCompleted", &bill));
    let rejecting = shop.record(&shop.made_up(&order, "PaymentFailed", &json!({"message": "no"})));
    assert_eq!(shop.deliver_records("place-order", std::slice::from_ref(&placing)).await, [0; 0]);
    assert_eq!(shop.deliver_records("reject-order", std::slice::from_ref(&rejecting)).await, [0; 0]);
    for (policy, record) in [("place-order", &placing), ("reject-order", &rejecting)] {
        let letter = shop.parked(policy, record).await;
        assert!(letter["reason"].as_str().unwrap().contains("never created"), "{letter}");
        assert_eq!(letter["correlationId"], json!(order));
    }
    shop.leave().await;
}
