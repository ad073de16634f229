//! C10: a record whose effect keeps failing is given up after the configured attempts, kept as it came, and what comes behind it is
//! done.

use serde_json::json;
use shop::CATALOG_EVENTS;
use shop_tests::Shop;
use whenever::{Envelope, Timestamp};

use crate::IMPATIENT;

/// Publishes that a product was viewed, and answers the event.
async fn view(shop: &Shop, product: &str) -> Envelope {
    let event = shop.made_up(product, "ProductViewed", &json!({"productId": product}));
    shop.publish_on(CATALOG_EVENTS, product, &serde_json::to_vec(&event).unwrap()).await;
    event
}

async fn views(shop: &Shop, product: &str) -> i64 {
    shop.get(&format!("/products/{product}/metrics")).await.json()["viewCount"].as_i64().unwrap()
}

#[tokio::test]
async fn c_116_c_118_what_keeps_failing_is_parked_after_its_attempts_and_the_topic_moves_on() {
    let shop = IMPATIENT.enter_alone().await;
    let (poison, product) = (shop.unique("poison"), shop.unique("product"));
    shop.fail_always("record-metrics").await;
    let event = view(&shop, &poison).await;
    let value = serde_json::to_string(&event).unwrap();
    let letter = shop.parked_where(|letter| letter["key"] == *poison).await;
    assert_eq!((&letter["policy"], &letter["topic"]), (&json!("record-metrics"), &json!(CATALOG_EVENTS)));
    assert_eq!((&letter["value"], &letter["attempts"]), (&json!(value), &json!(3)), "tried, and tried again twice");
    assert!(letter["offset"].as_i64().is_some_and(|offset| offset >= 0), "{letter}");
    assert_eq!(letter["reason"], "Lambda gave up after 3 attempts: RetryAttemptsExhausted");
    assert_eq!((&letter["eventId"], &letter["type"]), (&json!(event.id), &json!("ProductViewed")));
    assert_eq!((&letter["correlationId"], &letter["headers"]), (&json!(event.correlationid), &json!([])));
    let at = |name: &str| letter[name].as_str().and_then(|at| at.parse::<Timestamp>().ok()).unwrap();
    assert_eq!(at("firstFailedAt"), at("recordTime"), "not before the broker had it");
    assert!(at("firstFailedAt") < at("lastFailedAt") && at("lastFailedAt") <= at("parkedAt"), "{letter}");
    shop.clear("record-metrics").await;
    view(&shop, &product).await;
    shop.settle().await;
    assert_eq!((views(&shop, &product).await, views(&shop, &poison).await), (1, 0));
    // Put right, it can be handed in again, however late.
    shop.deliver("record-metrics", &[&event]).await;
    assert_eq!(views(&shop, &poison).await, 1);
    shop.leave().await;
}
