//! C4 and C5: the last step and the deadline at the same instant, and success that comes too late.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::types;
use whenever::ports::Clock as _;
use whenever::{SystemClock, Timestamp};

use crate::HASTY;

const FAR: &str = "2999-01-01T00:00:00.000Z";

#[tokio::test]
async fn c_036_success_after_the_rejection_changes_nothing() {
    let shop = HASTY.enter_alone().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(10, 100).await);
    shop.stop("take-payment").await;
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 2})).await;
    let mut decreased = shop.event(&order, "StockDecreased").await;
    let rejected = shop.rejected(&order, "DEADLINE").await;
    shop.event(&order, "StockIncreased").await;
    shop.until(
        async || shop.item("accounts", &format!("payment#{order}")).await,
        |payment| payment.as_ref().is_some_and(|payment| payment["status"] == "TOMBSTONE"),
    )
    .await;
    // As if the policy had looked at the deadline just before it passed.
    decreased.data["dueAt"] = json!(FAR);
    shop.deliver("take-payment", &[&decreased]).await;
    let bill = json!({"customerId": customer, "total": 200, "discount": 0, "payable": 200});
    shop.deliver("place-order", &[&shop.made_up(&order, "PaymentCompleted", &bill)]).await;
    shop.clear("take-payment").await;
    shop.settle().await;
    assert_eq!(shop.show(&order).await, rejected);
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (10, 1_000));
    let events = shop.events_of(&order).await;
    assert!(!types(&events).contains(&"OrderPlaced") && !types(&events).contains(&"PaymentCompleted"));
    shop.leave().await;
}

#[tokio::test]
async fn c_036_stock_taken_in_time_but_told_too_late_is_given_back() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("decrease-stock").await;
    let order = shop.order_of(&product, 2).await;
    shop.event(&order, "DeliveryStarted").await;
    shop.stop("relay-outbox").await;
    shop.clear("decrease-stock").await;
    shop.until(async || shop.stock(&product).await, |stock| *stock == 8).await;
    shop.rejected(&order, "DEADLINE").await;
    shop.clear("relay-outbox").await;
    shop.settle().await;
    shop.rejected(&order, "DEADLINE").await;
    assert_eq!(shop.stock(&product).await, 10);
    let events = shop.events_of(&order).await;
    assert!(types(&events).contains(&"StockDecreased") && types(&events).contains(&"StockIncreased"), "{events:?}");
    shop.leave().await;
}

#[tokio::test]
async fn c_045_a_hundred_orders_are_placed_or_rejected_at_the_instant_of_their_deadline() {
    const ORDERS: u64 = 100;
    let shop = HASTY.enter_alone().await;
    let product = shop.product(1_000).await;
    shop.stop("place-order").await;
    let order = json!({"productId": product, "qty": 1});
    // Each is told to be paid at its own deadline, give or take 50 ms, while sweeps follow each other.
    let paid = join_all((0..ORDERS).map(async |n| {
        let accepted = shop.post("/orders", &order).await.json();
        let id = accepted["orderId"].as_str().unwrap().to_owned();
        let due: Timestamp = accepted["dueAt"].as_str().unwrap().parse().unwrap();
        let completed = shop.event(&id, "PaymentCompleted").await;
        let early = due.since(SystemClock.now().plus(Duration::from_millis(50)));
        tokio::time::sleep(early + Duration::from_millis(n)).await;
        shop.deliver("place-order", &[&completed]).await;
        id
    }));
    let sweeps = async {
        loop {
            assert_eq!(shop.invoke("sweep-deadlines", &json!({})).await.status, 200);
        }
    };
    let orders = tokio::select! { orders = paid => orders, () = sweeps => unreachable!() };
    shop.clear("place-order").await;
    shop.settle().await;
    let shown = join_all(orders.iter().map(|order| shop.show(order))).await;
    let placed = shown.iter().filter(|order| order["status"] == "PLACED").count();
    let expired = shown.iter().filter(|order| order["reason"] == "DEADLINE").count();
    assert_eq!(placed + expired, orders.len(), "{shown:?}");
    assert_eq!(shop.stock(&product).await, 1_000 - i64::try_from(placed).unwrap());
    // That delivery, stock, payment and events agree with which of the two it was is looked at on leaving.
    shop.leave().await;
}
