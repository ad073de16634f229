//! A topic grows under way: keys move to other partitions, and what is read later may have happened earlier.

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::{Shop, Stage, broker, types};
use whenever::item::Item;

/// Its topic grows, so the one test on it has it alone.
static STAGE: Stage =
    Stage::new(&[("DeadlineSeconds", "120"), ("SweepIntervalSeconds", "1"), ("OrderPartitions", "1")]);

const STOCK: i64 = 1_000;

#[tokio::test]
async fn fifty_orders_end_right_while_their_topic_grows_from_one_partition_to_four() {
    if !broker::is_given("fifty_orders_end_right_while_their_topic_grows_from_one_partition_to_four") {
        return;
    }
    let shop = STAGE.enter_alone().await;
    let product = shop.product(STOCK).await;
    let mut orders = place(&shop, &product, 25).await;
    for order in &orders {
        shop.placed(order).await;
    }
    // These are modified and those begin when what cancels them has come by another partition.
    shop.stop("modify-delivery").await;
    shop.stop("start-delivery").await;
    let waiting = place(&shop, &product, 25).await;
    orders.extend(waiting.iter().cloned());
    for order in &orders {
        let answer = shop.patch(&format!("/orders/{order}"), &json!({"address": "SEOUL"})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    shop.grow(4).await;
    orders.extend(until_noticed(&shop, &product).await);
    for order in &orders {
        let answer = shop.delete(&format!("/orders/{order}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let over = |item: &Option<Item>| {
        item.as_ref().is_some_and(|item| item["status"] == "CANCELLED" || item["status"] == "TOMBSTONE")
    };
    for order in &orders {
        shop.until(async || shop.item("deliveries", &format!("delivery#{order}")).await, over).await;
    }
    shop.clear("start-delivery").await;
    shop.clear("modify-delivery").await;
    shop.settle().await;
    for order in &orders {
        assert_eq!(shop.show(order).await["status"], "CANCELLED");
        ends_cancelled(&shop, order).await;
    }
    assert_eq!(shop.stock(&product).await, STOCK);
    shop.leave().await;
}

async fn place(shop: &Shop, product: &str, orders: usize) -> Vec<String> {
    join_all((0..orders).map(|_| shop.order_of(product, 2))).await
}

/// Places orders until one comes by a partition that was not there before and somebody has read it; answers all of them.
async fn until_noticed(shop: &Shop, product: &str) -> Vec<String> {
    let mut orders = Vec::new();
    loop {
        let order = shop.order_of(product, 2).await;
        orders.push(order.clone());
        let records = shop.until(async || shop.published(&order).await, |records| !records.is_empty()).await;
        if records[0].partition > 0 {
            shop.event(&order, "OrderCreated").await;
            return orders;
        }
        assert!(orders.len() < 2_000, "after {} orders none came by a new partition", orders.len());
    }
}

/// The delivery is cancelled, or was before it could begin; and nothing happened to it afterwards.
async fn ends_cancelled(shop: &Shop, order: &str) {
    let delivery = shop.get(&format!("/deliveries/{order}")).await;
    assert!(delivery.status == 404 || delivery.json()["status"] == "CANCELLED", "{}", delivery.text());
    let events = shop.events_of(order).await;
    let history = types(&events);
    assert_eq!(history.contains(&"DeliveryStarted"), history.contains(&"DeliveryCancelled"), "{history:?}");
    let cancelled = history.iter().position(|event| *event == "DeliveryCancelled");
    let after = cancelled.map_or(&[][..], |at| &history[at..]);
    assert!(!after.iter().any(|event| ["DeliveryStarted", "DeliveryModified"].contains(event)), "{history:?}");
}
