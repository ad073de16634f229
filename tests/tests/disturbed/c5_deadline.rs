//! C5: an order that is not done in time is rejected, and everything that was done for it is undone.

use futures_util::future::join;
use serde_json::json;
use shop_tests::Shop;

use crate::{EXPIRED, HASTY};

/// Ends the sweep that is under way, and keeps the next one from starting.
async fn no_sweeps(shop: &Shop) {
    shop.stop("sweep-deadlines").await;
    shop.kill("sweep-deadlines").await;
}

#[tokio::test]
async fn c_041_a_slow_delivery_is_rejected_by_the_deadline() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(1_000).await;
    shop.delay("start-delivery", 10_000).await;
    let body = json!({"customerId": 1, "productId": product, "productName": "TV", "qty": 10});
    let order = shop.order(&body).await;
    shop.rejected(&order, "DEADLINE").await;
    let events = shop.history(&order, &EXPIRED).await;
    assert_eq!(events[2].data["reason"], "DEADLINE");
    assert_eq!(shop.stock(&product).await, 1_000);
    shop.clear("start-delivery").await;
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 1_000);
    shop.leave().await;
}

#[tokio::test]
async fn c_042_an_expired_order_is_not_delivered() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    // Between the deadline and the sweep: only the deadline itself keeps the delivery from starting.
    no_sweeps(&shop).await;
    shop.stop("start-delivery").await;
    let order = shop.order_of(&product, 1).await;
    let created = shop.event(&order, "OrderCreated").await;
    shop.past_deadline(&order).await;
    shop.deliver("start-delivery", &[&created]).await;
    assert_eq!(shop.show(&order).await["status"], "PENDING");
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.status, 404);
    shop.clear("sweep-deadlines").await;
    shop.rejected(&order, "DEADLINE").await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    shop.history(&order, &EXPIRED).await;
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.status, 404);
    shop.leave().await;
}

#[tokio::test]
async fn c_044_while_delivery_is_down_orders_expire() {
    let shop = HASTY.enter_alone().await;
    let [tv, radio] = [shop.product(1_000).await, shop.product(1_000).await];
    shop.stop("start-delivery").await;
    let orders = [shop.order_of(&tv, 10).await, shop.order_of(&radio, 10).await];
    for order in &orders {
        shop.event(order, "DeadlineReached").await;
    }
    shop.clear("start-delivery").await;
    shop.settle().await;
    for order in &orders {
        shop.rejected(order, "DEADLINE").await;
        shop.history(order, &EXPIRED).await;
    }
    assert_eq!((shop.stock(&tv).await, shop.stock(&radio).await), (1_000, 1_000));
    shop.leave().await;
}

#[tokio::test]
async fn c_047_an_order_that_has_ended_has_no_deadline() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    let [placed, refused] = [shop.order_of(&product, 1).await, shop.order_of(&product, 11).await];
    let [due, _] = [shop.event(&placed, "OrderCreated").await, shop.event(&refused, "OrderCreated").await];
    let ended = [shop.placed(&placed).await, shop.rejected(&refused, "INVENTORY").await];
    shop.settle().await;
    let due: whenever::Timestamp = due.data["dueAt"].as_str().unwrap().parse().unwrap();
    let later = shop.order_of(&product, 1).await;
    shop.settle().await;
    let left = due.since(shop.event(&later, "OrderPlaced").await.time);
    tokio::time::sleep(left + std::time::Duration::from_millis(500)).await;
    // A sweep finds nothing, and neither order has changed (C-048 too).
    let swept = shop.invoke("sweep-deadlines", &json!({})).await.json();
    assert_eq!((&swept["due"], &swept["failed"]), (&json!(0), &json!(0)));
    assert_eq!([shop.show(&placed).await, shop.show(&refused).await], ended);
    for order in [&placed, &refused] {
        let item = shop.item("orders", &format!("order#{order}")).await.unwrap();
        assert!(!item.contains_key("dueAt") && !item.contains_key("dueShard"), "{item:?}");
        assert!(shop.events_of(order).await.iter().all(|event| event.event_type != "DeadlineReached"));
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_048_a_deadline_does_not_reject_what_is_rejected() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    // The sweep reads an index, which may still show an order that has ended meanwhile: here the rejection comes first,
    // after the deadline.
    no_sweeps(&shop).await;
    shop.stop("reject-order").await;
    let order = shop.order_of(&product, 11).await;
    let failed = shop.event(&order, "StockDecreaseFailed").await;
    shop.past_deadline(&order).await;
    let sweep = async || shop.invoke("sweep-deadlines", &json!({})).await;
    let (_, swept) = join(shop.deliver("reject-order", &[&failed]), sweep()).await;
    assert_eq!(swept.json()["failed"], 0, "{}", swept.text());
    let rejected = shop.ended(&order).await;
    sweep().await;
    for function in ["sweep-deadlines", "reject-order"] {
        shop.clear(function).await;
    }
    shop.settle().await;
    assert_eq!(shop.show(&order).await, rejected);
    let events = shop.events_of(&order).await;
    assert_eq!(events.iter().filter(|event| event.event_type == "OrderRejected").count(), 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_054_who_ended_an_order_is_told_apart() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    let [cancelled, short] = [shop.order_of(&product, 1).await, shop.order_of(&product, 11).await];
    shop.placed(&cancelled).await;
    shop.rejected(&short, "INVENTORY").await;
    shop.delete(&format!("/orders/{cancelled}")).await;
    shop.stop("start-delivery").await;
    let late = shop.order_of(&product, 1).await;
    shop.rejected(&late, "DEADLINE").await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    let wanted = [
        (&cancelled, "CANCELLED", "CUSTOMER", "OrderCancelled"),
        (&short, "REJECTED", "INVENTORY", "OrderRejected"),
        (&late, "REJECTED", "DEADLINE", "OrderRejected"),
    ];
    for (order, status, reason, event) in wanted {
        let shown = shop.show(order).await;
        assert_eq!((&shown["status"], &shown["reason"]), (&json!(status), &json!(reason)));
        assert_eq!(shop.event(order, event).await.data["reason"], reason);
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_079_an_order_that_can_never_be_placed_is_undone_by_the_deadline() {
    let shop = HASTY.enter_alone().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(10, 100).await);
    shop.fail_always("place-order").await;
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 2})).await;
    shop.event(&order, "PaymentCompleted").await;
    let rejected = shop.rejected(&order, "DEADLINE").await;
    shop.event(&order, "StockIncreased").await;
    shop.event(&order, "PaymentRefunded").await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (10, 1_000));
    shop.clear("place-order").await;
    shop.settle().await;
    assert_eq!(shop.show(&order).await, rejected);
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (10, 1_000));
    let events = shop.events_of(&order).await;
    for once in ["StockIncreased", "PaymentRefunded", "DeliveryCancelled", "OrderRejected"] {
        assert_eq!(events.iter().filter(|event| event.event_type == once).count(), 1, "{once}");
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_085_an_order_with_an_impossible_amount_ends_by_its_deadline() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("take-payment").await;
    let order = shop.order_of(&product, 2).await;
    let mut decreased = shop.event(&order, "StockDecreased").await;
    for total in [json!(-1), json!(null)] {
        decreased.data["total"] = total;
        let record = shop.record(&decreased);
        assert_eq!(shop.deliver_records("take-payment", std::slice::from_ref(&record)).await, [0; 0]);
        shop.parked("take-payment", &record).await;
    }
    shop.rejected(&order, "DEADLINE").await;
    shop.clear("take-payment").await;
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}
