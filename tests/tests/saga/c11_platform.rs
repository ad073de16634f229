//! C11: the data platform is told of what was placed and cancelled, however it behaves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shop_tests::Shop;
use whenever::Envelope;

use crate::STAGE;

const FORWARD: &str = "forward-to-data-platform";

/// An order for 300 that is placed, and the event that says so.
async fn placed(shop: &Shop) -> (String, Envelope) {
    let (product, customer) = (shop.priced_product(10, 100).await, shop.account(1_000).await);
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 3})).await;
    shop.placed(&order).await;
    let event = shop.event(&order, "OrderPlaced").await;
    (order, event)
}

/// How often each of these messages came, and how often it was taken.
fn counts(told: &[Value]) -> Vec<(u64, u64)> {
    let count = |message: &Value, name: &str| message[name].as_u64().unwrap();
    told.iter().map(|message| (count(message, "attempts"), count(message, "taken"))).collect()
}

/// Waits until the platform was told of the order this often, whether it took it or not.
async fn attempted(shop: &Shop, order: &str, times: u64) {
    shop.until(async || shop.told(order).await, |told| counts(told).iter().any(|(attempts, _)| *attempts >= times))
        .await;
}

#[tokio::test]
async fn c_130_confirmed_and_cancelled_orders_are_told_with_their_amounts() {
    let shop = STAGE.enter().await;
    let (order, confirmed) = placed(&shop).await;
    assert_eq!(shop.delete(&format!("/orders/{order}")).await.status, 200);
    let cancelled = shop.event(&order, "OrderCancelled").await;
    shop.settle().await;
    let told = shop.told(&order).await;
    assert_eq!(counts(&told), [(1, 1), (1, 1)]);
    let notices = [(confirmed, "ORDER_CONFIRMED", "CONFIRMED"), (cancelled, "ORDER_CANCELLED", "CANCELLED")];
    for (message, (event, notice_type, status)) in told.iter().zip(notices) {
        assert_eq!(message["idempotencyKey"], json!(event.id));
        assert_eq!(message["contentType"], "application/json");
        let wanted = json!({
            "eventId": event.id, "type": notice_type, "occurredAt": event.time, "orderId": order,
            "userId": event.data["customerId"], "status": status,
            "originalTotalAmount": 300, "discountAmount": 0, "finalTotalAmount": 300,
        });
        assert_eq!(message["body"], wanted);
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_130_an_order_that_was_never_placed_is_not_told() {
    let shop = STAGE.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("place-order").await;
    let cancelled = shop.order_of(&product, 1).await;
    assert_eq!(shop.delete(&format!("/orders/{cancelled}")).await.status, 200);
    shop.clear("place-order").await;
    let rejected = shop.order_of(&product, 11).await;
    shop.rejected(&rejected, "INVENTORY").await;
    shop.settle().await;
    assert_eq!((shop.told(&cancelled).await, shop.told(&rejected).await), (vec![], vec![]));
    shop.leave().await;
}

#[tokio::test]
async fn c_127_a_slow_platform_does_not_lengthen_the_post() {
    let shop = STAGE.enter_alone().await;
    let product = shop.product(10).await;
    shop.platform_fault(&json!({"delayMs": 3_000})).await;
    let began = Instant::now();
    let order = shop.order_of(&product, 1).await;
    let answered = began.elapsed();
    shop.placed(&order).await;
    // Neither the call nor the order waits for the platform, which has taken nothing yet.
    let ended = began.elapsed();
    assert!(answered < Duration::from_millis(1_500) && ended < Duration::from_secs(3), "{answered:?}, {ended:?}");
    assert!(counts(&shop.told(&order).await).iter().all(|(_, taken)| *taken == 0));
    let event = shop.event(&order, "OrderPlaced").await;
    let told = shop.until(async || shop.told(&order).await, |told| counts(told) == [(1, 1)]).await;
    assert!(began.elapsed() >= Duration::from_secs(3));
    assert_eq!((&told[0]["body"]["occurredAt"], &told[0]["body"]["orderId"]), (&json!(event.time), &json!(order)));
    shop.platform_works().await;
    shop.settle().await;
    assert_eq!(counts(&shop.told(&order).await), [(1, 1)]);
    shop.leave().await;
}

#[tokio::test]
async fn c_129_a_restart_does_not_tell_again() {
    let shop = STAGE.enter_alone().await;
    let product = shop.product(1_000).await;
    let mut orders = Vec::new();
    for _ in 0..20 {
        orders.push(shop.order_of(&product, 1).await);
    }
    let mut events = Vec::new();
    for order in &orders {
        events.push(shop.event(order, "OrderPlaced").await);
    }
    shop.settle().await;
    assert!(shop.kill(FORWARD).await > 0);
    // From the trigger's own offset, and from the topic's beginning as a group that was forgotten reads it.
    shop.deliver(FORWARD, &events.iter().collect::<Vec<_>>()).await;
    for event in &events {
        shop.publish(&event.partitionkey, &serde_json::to_vec(event).unwrap()).await;
    }
    shop.settle().await;
    for order in &orders {
        assert_eq!(counts(&shop.told(order).await), [(1, 1)], "{order}");
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_130_a_platform_that_fails_or_says_false_loses_nothing() {
    let shop = STAGE.enter_alone().await;
    for fault in [json!({"status": 500}), json!({"body": "false"})] {
        shop.platform_fault(&fault).await;
        let mut orders = Vec::new();
        for _ in 0..5 {
            orders.push(placed(&shop).await.0);
        }
        attempted(&shop, &orders[0], 2).await;
        let told = shop.told(&orders[0]).await;
        assert!(counts(&told).iter().all(|(_, taken)| *taken == 0), "{told:?}");
        shop.platform_works().await;
        shop.settle().await;
        for order in &orders {
            let told = shop.told(order).await;
            assert!(matches!(counts(&told)[..], [(1.., 1)]), "{fault}: {told:?}");
            assert_eq!(shop.show(order).await["status"], "PLACED", "the order does not depend on it");
        }
    }
    shop.leave().await;
}

#[tokio::test]
async fn a_platform_that_redirects_or_refuses_is_seen_in_the_dead_letters() {
    let shop = STAGE.enter_alone().await;
    for (fault, reason) in [
        (json!({"status": 302}), "302: true; redirects are not followed"),
        (json!({"status": 404, "body": "<html>not here</html>"}), "404: <html>not here</html>"),
    ] {
        shop.platform_fault(&fault).await;
        let (order, event) = placed(&shop).await;
        let letter = shop.parked_where(|letter| letter["policy"] == FORWARD && letter["eventId"] == *event.id).await;
        assert!(letter["reason"].as_str().unwrap().ends_with(reason), "{letter}");
        assert_eq!((&letter["type"], &letter["attempts"]), (&json!("OrderPlaced"), &json!(1)));
        shop.platform_works().await;
        let (next, _) = placed(&shop).await;
        shop.settle().await;
        assert_eq!(counts(&shop.told(&next).await), [(1, 1)]);
        assert_eq!(counts(&shop.told(&order).await), [(1, 0)], "it is not tried again");
    }
    shop.leave().await;
}

#[tokio::test]
async fn a_silent_platform_is_given_up_on_and_asked_again() {
    let shop = STAGE.enter_alone().await;
    shop.platform_fault(&json!({"silent": true})).await;
    let (order, _) = placed(&shop).await;
    // The second attempt comes after the first one's time is over.
    attempted(&shop, &order, 2).await;
    shop.platform_works().await;
    shop.settle().await;
    assert!(matches!(counts(&shop.told(&order).await)[..], [(2.., 1)]));
    shop.leave().await;
}

#[tokio::test]
async fn the_stand_in_says_what_it_takes() {
    let shop = STAGE.enter_alone().await;
    for bad in ["", "{}{}", r#"{"status": 99}"#, r#"{"delay": 1}"#] {
        assert_eq!(shop.send("PUT", "/_local/platform/fault", &[], bad).await.status, 400, "{bad}");
    }
    assert_eq!(shop.post("/_local/platform", &json!({})).await.status, 405);
    assert_eq!(shop.get("/_local/platform/fault").await.header("allow"), "PUT, DELETE");
    assert_eq!(shop.get("/_local/platform/other").await.status, 404);
    assert!(shop.get("/_local").await.text().contains("/_local/platform/fault"));
    assert_eq!(shop.delete("/_local/platform").await.status, 204);
    assert_eq!(shop.get("/_local/platform").await.json(), json!({"total": 0, "received": []}));
    shop.leave().await;
}
