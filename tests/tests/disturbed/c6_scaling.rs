//! C6 on a topic of two partitions: however the events of one order are spread, its delivery ends as the order did.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use shop_tests::{Shop, types};

use crate::{HASTY, PLACED, TWO_PARTITIONS};

/// KIM's order as the tutorial has it, placed and beside PARK's.
async fn kim(shop: &Shop) -> String {
    let product = shop.product(100).await;
    let order = |customer: u32, address: &str| json!({"customerId": customer, "productId": product, "productName": "TV", "qty": 3, "address": address});
    let park = shop.order(&order(1000, "SEOUL")).await;
    let kim = shop.order(&order(2000, "PUSAN")).await;
    shop.placed(&park).await;
    shop.placed(&kim).await;
    kim
}

/// KIM wants it in SEOUL, and a second later not at all.
async fn change_their_mind(shop: &Shop, order: &str) {
    let patched = shop.patch(&format!("/orders/{order}"), &json!({"address": "SEOUL"})).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
}

async fn delivery(shop: &Shop, order: &str) -> Value {
    shop.get(&format!("/deliveries/{order}")).await.json()
}

#[tokio::test]
async fn c_059_a_cancellation_that_overtakes_the_modification_wins() {
    let shop = TWO_PARTITIONS.enter_alone().await;
    let kim = kim(&shop).await;
    shop.delay("modify-delivery", 3_000).await;
    change_their_mind(&shop, &kim).await;
    shop.event(&kim, "DeliveryCancelled").await;
    // Without a key it would sit on either partition.
    let modified = shop.event(&kim, "OrderModified").await;
    let published = serde_json::to_vec(&modified).unwrap();
    let mut partitions = BTreeSet::new();
    for key in 0..16 {
        partitions.insert(shop.publish(&format!("no-key-{key}"), &published).await.partition);
    }
    assert_eq!(partitions.len(), 2);
    shop.clear("modify-delivery").await;
    shop.settle().await;
    let events = shop.events_of(&kim).await;
    assert!(!types(&events).contains(&"DeliveryModified"), "{:?}", types(&events));
    assert_eq!(delivery(&shop, &kim).await["status"], "CANCELLED");
    assert_eq!(shop.show(&kim).await["status"], "CANCELLED");
    shop.leave().await;
}

#[tokio::test]
async fn c_060_with_its_id_as_key_an_order_is_modified_and_then_cancelled() {
    let shop = TWO_PARTITIONS.enter_alone().await;
    let kim = kim(&shop).await;
    for function in ["modify-delivery", "cancel-delivery"] {
        shop.delay(function, 3_000).await;
    }
    change_their_mind(&shop, &kim).await;
    shop.event(&kim, "DeliveryCancelled").await;
    for function in ["modify-delivery", "cancel-delivery"] {
        shop.clear(function).await;
    }
    shop.settle().await;
    let events = shop.events_of(&kim).await;
    let deliveries: Vec<&str> =
        types(&events).into_iter().filter(|event_type| event_type.starts_with("Delivery")).collect();
    assert_eq!(deliveries, ["DeliveryStarted", "DeliveryModified", "DeliveryCancelled"]);
    let cancelled = delivery(&shop, &kim).await;
    assert_eq!((&cancelled["address"], &cancelled["status"]), (&json!("SEOUL"), &json!("CANCELLED")));
    let partitions: BTreeSet<i32> = shop.published(&kim).await.iter().map(|record| record.partition).collect();
    assert_eq!(partitions.len(), 1, "all that happened to one order is on one partition");
    shop.leave().await;
}

#[tokio::test]
async fn events_of_one_order_on_two_partitions_in_the_wrong_order_end_right() {
    let shop = TWO_PARTITIONS.enter_alone().await;
    let policies = ["start-delivery", "modify-delivery", "cancel-delivery", "refund-payment"];
    for policy in policies {
        shop.stop(policy).await;
    }
    let product = shop.product(10).await;
    let order = shop.order(&json!({"productId": product, "qty": 3, "address": "PUSAN"})).await;
    for address in ["SEOUL", "INCHEON"] {
        shop.patch(&format!("/orders/{order}"), &json!({"address": address})).await;
    }
    shop.delete(&format!("/orders/{order}")).await;
    let events = shop.history(&order, &["OrderCreated", "OrderModified", "OrderModified", "OrderCancelled"]).await;
    // As after the topic has grown: the last come first, and on any partition.
    for (key, event) in events.iter().rev().enumerate() {
        shop.publish(&format!("grown-{key}"), &serde_json::to_vec(event).unwrap()).await;
    }
    let [created, seoul, incheon, cancelled] = &events[..] else { panic!("{:?}", types(&events)) };
    shop.deliver("modify-delivery", &[incheon]).await;
    shop.deliver("cancel-delivery", &[cancelled]).await;
    shop.deliver("modify-delivery", &[seoul]).await;
    shop.deliver("start-delivery", &[created]).await;
    for policy in policies {
        shop.clear(policy).await;
    }
    shop.settle().await;
    assert_eq!(types(&shop.events_of(&order).await).len(), 4, "there was nothing to undo");
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.status, 404);
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn an_order_that_expires_with_an_address_waiting_is_never_delivered() {
    let shop = HASTY.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("start-delivery").await;
    let order = shop.order(&json!({"productId": product, "qty": 3, "address": "PUSAN"})).await;
    let patched = shop.patch(&format!("/orders/{order}"), &json!({"address": "SEOUL"})).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    shop.rejected(&order, "DEADLINE").await;
    shop.clear("start-delivery").await;
    shop.settle().await;
    assert_eq!(shop.item("deliveries", &format!("delivery#{order}")).await.unwrap()["status"], "TOMBSTONE");
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn orders_on_two_partitions_are_placed_side_by_side() {
    let shop = TWO_PARTITIONS.enter_alone().await;
    let product = shop.product(100).await;
    let orders = futures_util::future::join_all((0..20).map(|_| shop.order_of(&product, 1))).await;
    let mut partitions = BTreeSet::new();
    for order in &orders {
        shop.history(order, &PLACED).await;
        partitions.extend(shop.published(order).await.iter().map(|record| record.partition));
    }
    assert_eq!(partitions.len(), 2);
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 80);
    shop.leave().await;
}
