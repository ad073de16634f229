//! C3: whatever a function was doing when it ended, it is done once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::Shop;

use crate::{FROZEN, LATER_FIRST, PATIENT, PLACED};

/// Each policy of an order that is placed, with the event that it waits for.
const POLICIES: [(&str, &str); 4] = [
    ("start-delivery", "OrderCreated"),
    ("decrease-stock", "DeliveryStarted"),
    ("take-payment", "StockDecreased"),
    ("place-order", "PaymentCompleted"),
];

#[tokio::test]
async fn c_003_a_policy_that_starts_late_does_its_part_once() {
    let shop = PATIENT.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("decrease-stock").await;
    let order = shop.order_of(&product, 3).await;
    shop.event(&order, "DeliveryStarted").await;
    assert_eq!(shop.stock(&product).await, 10);
    shop.clear("decrease-stock").await;
    shop.placed(&order).await;
    assert_eq!(shop.stock(&product).await, 7);
    shop.stop("decrease-stock").await;
    shop.clear("decrease-stock").await;
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 7);
    shop.leave().await;
}

#[tokio::test]
async fn c_023_a_policy_killed_between_its_write_and_its_answer_has_one_effect() {
    let shop = PATIENT.enter_alone().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(100, 10).await);
    for (policy, event) in POLICIES {
        shop.stop(policy).await;
        let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 1})).await;
        let event = shop.event(&order, event).await;
        // Written, but the trigger does not know: to it the record is still to be done.
        shop.deliver(policy, &[&event]).await;
        assert!(shop.kill(policy).await > 0);
        shop.clear(policy).await;
        shop.placed(&order).await;
        shop.settle().await;
        shop.history(&order, &PLACED).await;
    }
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (96, 960));
    shop.leave().await;
}

#[tokio::test]
async fn c_024_what_was_written_is_published_although_everybody_crashed() {
    let shop = PATIENT.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("decrease-stock").await;
    let order = shop.order_of(&product, 3).await;
    shop.event(&order, "DeliveryStarted").await;
    shop.stop("relay-outbox").await;
    shop.clear("decrease-stock").await;
    shop.until(async || shop.stock(&product).await, |stock| *stock == 7).await;
    shop.kill("decrease-stock").await;
    shop.kill("relay-outbox").await;
    assert_eq!(shop.events_of(&order).await.len(), 2);
    assert_eq!(shop.show(&order).await["status"], "PENDING");
    shop.clear("relay-outbox").await;
    shop.placed(&order).await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 7);
    shop.leave().await;
}

#[tokio::test]
async fn c_026_a_failed_attempt_does_not_keep_the_next_one_from_working() {
    let shop = PATIENT.enter_alone().await;
    let product = shop.product(100).await;
    for (policy, event) in POLICIES {
        shop.fail_always(policy).await;
        let failures = async || shop.function(policy).await["errors"].as_u64().unwrap_or_default();
        let before = failures().await;
        let order = shop.order_of(&product, 1).await;
        shop.event(&order, event).await;
        shop.until(&failures, |failures| *failures > before).await;
        shop.clear(policy).await;
        shop.placed(&order).await;
        shop.settle().await;
        shop.history(&order, &PLACED).await;
    }
    assert_eq!(shop.stock(&product).await, 96);
    shop.leave().await;
}

#[tokio::test]
async fn c_027_an_attempt_that_runs_out_of_time_is_repeated_with_one_effect() {
    let shop = FROZEN.enter_alone().await;
    let product = shop.product(10).await;
    // A first order, so that there is a process.
    let first = shop.order_of(&product, 1).await;
    shop.placed(&first).await;
    shop.settle().await;
    let errors = async || shop.function("decrease-stock").await["errors"].as_u64().unwrap_or_default();
    let before = errors().await;
    shop.freeze("decrease-stock").await;
    let order = shop.order_of(&product, 3).await;
    // Nothing but the function's timeout of 30 s ends the attempt: longer than anything is waited for otherwise.
    shop.event(&order, "DeliveryStarted").await;
    assert_eq!(shop.stock(&product).await, 9);
    shop.settle().await;
    assert!(errors().await > before);
    shop.placed(&order).await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 6);
    shop.leave().await;
}

/// Places orders while every function is disturbed again and again in this way.
async fn orders_under(shop: &Shop, disturb: impl AsyncFn(&'static str)) {
    const ORDERS: i64 = 40;
    let (customer, product) = (shop.account(100_000).await, shop.priced_product(1_000, 10).await);
    let order = json!({"customerId": customer, "productId": product, "qty": 1});
    let orders = async {
        let mut orders = Vec::new();
        for _ in 0..ORDERS {
            orders.push(shop.order(&order).await);
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        orders
    };
    let disturbances = async {
        for round in 0..3 {
            for (policy, _) in POLICIES {
                disturb(policy).await;
            }
            disturb(if round == 1 { "record-timeline" } else { "relay-outbox" }).await;
        }
    };
    let (orders, ()) = futures_util::future::join(orders, disturbances).await;
    shop.settle().await;
    let shown = join_all(orders.iter().map(|order| shop.show(order))).await;
    assert!(shown.iter().all(|order| order["status"] == "PLACED"), "{shown:?}");
    join_all(orders.iter().map(async |order| shop.history(order, &PLACED).await)).await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (1_000 - ORDERS, 100_000 - 10 * ORDERS));
}

#[tokio::test]
async fn orders_are_placed_although_functions_are_killed() {
    let shop = PATIENT.enter_alone().await;
    orders_under(&shop, async |function| {
        shop.kill(function).await;
        tokio::time::sleep(Duration::from_millis(70)).await;
    })
    .await;
    shop.leave().await;
}

#[tokio::test]
async fn orders_are_placed_although_functions_fail_and_later_records_overtake() {
    let shop = LATER_FIRST.enter_alone().await;
    orders_under(&shop, async |function| {
        shop.fail_always(function).await;
        tokio::time::sleep(Duration::from_millis(70)).await;
        shop.clear(function).await;
    })
    .await;
    shop.leave().await;
}

#[tokio::test]
async fn a_client_that_tries_again_with_its_key_has_one_order_although_the_function_is_killed() {
    let shop = PATIENT.enter_alone().await;
    let (product, customer) = (shop.product(100).await, shop.unique("hong"));
    let body = json!({"customerId": customer, "productId": product, "qty": 1}).to_string();
    let client = async |n: usize| {
        let key = format!("{customer}-{n}");
        let headers = [("content-type", "application/json"), ("Idempotency-Key", key.as_str())];
        let post = async || shop.send("POST", "/orders", &headers, &body).await;
        shop.until(post, |answer| answer.status == 202).await.json()["orderId"].clone()
    };
    let kills = async {
        for _ in 0..10 {
            shop.kill("orders-api").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (mut orders, ()) = futures_util::future::join(join_all((0..50).map(client)), kills).await;
    shop.settle().await;
    let listed = shop.get(&format!("/orders?customerId={customer}")).await.json();
    let mut listed: Vec<_> =
        listed["orders"].as_array().unwrap().iter().map(|order| order["orderId"].clone()).collect();
    for ids in [&mut orders, &mut listed] {
        ids.sort_unstable_by_key(ToString::to_string);
    }
    assert_eq!(listed, orders);
    assert_eq!(shop.stock(&product).await, 50);
    shop.leave().await;
}
