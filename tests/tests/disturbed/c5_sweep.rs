//! C5: sweeps come soon after the deadline, never before it, and end every order once.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use whenever::Timestamp;

use crate::{EXPIRED, HASTY};

#[tokio::test]
async fn c_050_a_sweep_comes_after_the_deadline_and_soon() {
    const SLACK: Duration = Duration::from_millis(300 + 3_000);
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("start-delivery").await;
    let mut orders = Vec::new();
    // Steps that are no multiple of the sweep's interval.
    for step in [0, 70, 190, 310, 130, 230, 370, 110] {
        tokio::time::sleep(Duration::from_millis(step)).await;
        orders.push(shop.order_of(&product, 1).await);
    }
    for order in &orders {
        let events = shop.history(order, &EXPIRED).await;
        let due: Timestamp = events[0].data["dueAt"].as_str().unwrap().parse().unwrap();
        assert_eq!(events[1].data["dueAt"], events[0].data["dueAt"]);
        assert!(events[1].time > due, "{} is not after {due}", events[1].time);
        assert!(events[1].time.since(due) <= SLACK, "{} is too long after {due}", events[1].time);
    }
    shop.clear("start-delivery").await;
    shop.leave().await;
}

#[tokio::test]
async fn sweeps_that_overlap_end_each_order_once() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(1_000).await;
    shop.stop("start-delivery").await;
    let orders = join_all((0..30).map(|_| shop.order_of(&product, 1))).await;
    shop.past_deadline(&orders[29]).await;
    join_all((0..4).map(async |_| {
        let swept = shop.invoke("sweep-deadlines", &json!({})).await;
        assert_eq!(swept.json()["failed"], 0, "{}", swept.text());
    }))
    .await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    for order in &orders {
        shop.history(order, &EXPIRED).await;
    }
    shop.leave().await;
}

#[tokio::test]
async fn how_long_an_order_is_overdue_is_counted_by_the_sweep_that_finds_it() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("sweep-deadlines").await;
    shop.kill("sweep-deadlines").await;
    shop.stop("start-delivery").await;
    let order = shop.order_of(&product, 1).await;
    shop.past_deadline(&order).await;
    let before = shop.metrics("sweep-deadlines").await.len();
    let swept = shop.invoke("sweep-deadlines", &json!({})).await.json();
    assert_eq!(swept["due"], 1);
    let counted = shop.until(async || shop.metrics("sweep-deadlines").await, |lines| lines.len() > before).await;
    assert!(counted[before]["Overdue"].as_u64() > Some(0), "{}", counted[before]);
    // Nothing is due any more, and nothing is counted.
    shop.invoke("sweep-deadlines", &json!({})).await;
    shop.clear("sweep-deadlines").await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    assert_eq!(shop.metrics("sweep-deadlines").await.len(), before + 1);
    shop.leave().await;
}

#[tokio::test]
async fn c_052_a_sweep_that_is_killed_leaves_the_rest_to_the_next() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(1_000).await;
    shop.stop("start-delivery").await;
    let orders = join_all((0..100).map(|_| shop.order_of(&product, 1))).await;
    let rejected = async || {
        let shown = join_all(orders.iter().map(|order| shop.show(order))).await;
        shown.iter().filter(|order| order["reason"] == "DEADLINE").count()
    };
    // Killed as soon as it has begun, and again while it goes on.
    shop.until(&rejected, |count| *count > 0).await;
    shop.kill("sweep-deadlines").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    shop.kill("sweep-deadlines").await;
    shop.until(&rejected, |count| *count == orders.len()).await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    for order in &orders {
        shop.history(order, &EXPIRED).await;
    }
    shop.leave().await;
}
