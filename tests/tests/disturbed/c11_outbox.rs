//! C11: what was written is published, however long the way to the broker is broken, and has its effect once.

use crate::{PATIENT, PLACED};

#[tokio::test]
async fn c_121_an_order_is_placed_while_nothing_can_be_published_and_told_afterwards() {
    let shop = PATIENT.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("place-order").await;
    let order = shop.order_of(&product, 1).await;
    shop.event(&order, "PaymentCompleted").await;
    shop.fail_always("relay-outbox").await;
    let failures = async || shop.function("relay-outbox").await["errors"].as_u64().unwrap_or_default();
    let before = failures().await;
    shop.clear("place-order").await;
    shop.placed(&order).await;
    shop.until(failures, |failures| *failures > before + 1).await;
    // The event waits in the item.
    let item = shop.item("orders", &format!("order#{order}")).await.unwrap();
    assert!(item["outbox"].as_str().unwrap().contains("OrderPlaced"), "{item:?}");
    shop.history(&order, &PLACED[..4]).await;
    shop.clear("relay-outbox").await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    shop.leave().await;
}

#[tokio::test]
async fn what_is_published_twice_has_its_effect_once() {
    let shop = PATIENT.enter_alone().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 1).await;
    let events = shop.history(&order, &PLACED).await;
    shop.settle().await;
    let before = shop.published(&order).await.len();
    // As a relay that was killed before its answer does.
    for event in &events {
        shop.publish(&order, &serde_json::to_vec(event).unwrap()).await;
    }
    shop.settle().await;
    assert_eq!(shop.published(&order).await.len(), before + events.len());
    assert_eq!(shop.events_of(&order).await, events);
    assert_eq!(shop.stock(&product).await, 9);
    shop.leave().await;
}
