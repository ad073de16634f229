//! C4 and C5: the last step and the deadline at the same instant, and success that comes too late.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::{Stage, types};
use whenever::ports::Clock as _;
use whenever::{Envelope, SystemClock, Timestamp};

use crate::HASTY;

/// Deadlines pass once a hundred orders are paid, even on a machine that has much else to do.
static AT_ONCE: Stage = Stage::new(&[("DeadlineSeconds", "12"), ("SweepIntervalSeconds", "0.3")]);

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
    let shop = AT_ONCE.enter_alone().await;
    let product = shop.product(1_000).await;
    shop.stop("place-order").await;
    let order = json!({"productId": product, "qty": 1});
    // Each is told to be paid at its own deadline, give or take 50 ms, while sweeps follow each other.
    let paid = join_all((0..ORDERS).map(async |n| {
        let accepted = shop.post("/orders", &order).await.json();
        let id = accepted["orderId"].as_str().unwrap().to_owned();
        let due: Timestamp = accepted["dueAt"].as_str().unwrap().parse().unwrap();
        let in_time =
            |events: &Vec<Envelope>| events.iter().find(|event| event.event_type == "PaymentCompleted").cloned();
        let over = |events: &Vec<Envelope>| types(events).contains(&"OrderRejected");
        let events =
            shop.until(async || shop.events_of(&id).await, |events| in_time(events).is_some() || over(events)).await;
        // Paid too late.
        let Some(completed) = in_time(&events) else { return (id, false) };
        let early = due.since(SystemClock.now().plus(Duration::from_millis(50)));
        tokio::time::sleep(early + Duration::from_millis(n)).await;
        shop.deliver("place-order", &[&completed]).await;
        (id, true)
    }));
    let sweeps = async {
        // Until then they would only take the payments' time.
        tokio::time::sleep(Duration::from_secs(10)).await;
        loop {
            assert_eq!(shop.invoke("sweep-deadlines", &json!({})).await.status, 200);
        }
    };
    let orders = tokio::select! { orders = paid => orders, () = sweeps => unreachable!() };
    shop.clear("place-order").await;
    shop.settle().await;
    let raced = orders.iter().filter(|(_, raced)| *raced).count();
    assert!(raced > 0, "no order was paid before its deadline");
    let shown = join_all(orders.iter().map(|(order, _)| shop.show(order))).await;
    let placed = shown.iter().filter(|order| order["status"] == "PLACED").count();
    let expired = shown.iter().filter(|order| order["reason"] == "DEADLINE").count();
    assert_eq!(placed + expired, orders.len(), "{shown:?}");
    assert_eq!(shop.stock(&product).await, 1_000 - i64::try_from(placed).unwrap());
    // That delivery, stock, payment and events agree with which of the two it was is looked at on leaving.
    shop.leave().await;
}
