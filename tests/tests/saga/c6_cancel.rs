//! C6: the customer cancels.

use serde_json::json;
use shop_tests::types;

use crate::{PLACED, STAGE};

#[tokio::test]
async fn c_053_a_placed_order_is_cancelled_by_its_customer() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.priced_product(10, 100).await, shop.account(1_000).await);
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 3})).await;
    shop.placed(&order).await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (7, 700));
    let answer = shop.delete(&format!("/orders/{order}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cancelled = answer.json();
    assert_eq!(
        [&cancelled["status"], &cancelled["reason"], &cancelled["total"]],
        [&json!("CANCELLED"), &json!("CUSTOMER"), &json!(300)]
    );
    shop.settle().await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (10, 1_000));
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.json()["status"], "CANCELLED");
    let events = shop.events_of(&order).await;
    let mut compensations = types(&events)[5..].to_vec();
    assert_eq!((&types(&events)[..5], compensations.remove(0)), (&PLACED[..], "OrderCancelled"));
    compensations.sort_unstable();
    assert_eq!(compensations, ["DeliveryCancelled", "PaymentRefunded", "StockIncreased"]);
    let bill = ["from", "reason", "total", "discount", "payable"].map(|name| events[5].data[name].clone());
    assert_eq!(bill, [json!("PLACED"), json!("CUSTOMER"), json!(300), json!(0), json!(300)]);
    assert_eq!(shop.show(&order).await, cancelled);
    shop.leave().await;
}

#[tokio::test]
async fn a_pending_order_is_cancelled_by_its_customer() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 3).await;
    let cancelled = shop.delete(&format!("/orders/{order}")).await;
    assert_eq!(cancelled.status, 200, "{}", cancelled.text());
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 10);
    assert_eq!(shop.show(&order).await["status"], "CANCELLED");
    shop.leave().await;
}

#[tokio::test]
async fn a_completed_delivery_is_sent_back() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let order = shop.order_of(&product, 3).await;
    shop.placed(&order).await;
    let complete = format!("/deliveries/{order}/complete");
    assert_eq!(shop.post(&complete, &json!({})).await.json()["status"], "COMPLETED");
    assert_eq!(shop.post(&complete, &json!({})).await.status, 409);
    shop.delete(&format!("/orders/{order}")).await;
    shop.settle().await;
    assert_eq!(shop.get(&format!("/deliveries/{order}")).await.json()["status"], "CANCELLED");
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn c_057_an_order_is_cancelled_once() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let [cancelled, rejected] = [shop.order_of(&product, 3).await, shop.order_of(&product, 11).await];
    shop.placed(&cancelled).await;
    shop.rejected(&rejected, "INVENTORY").await;
    assert_eq!(shop.delete(&format!("/orders/{cancelled}")).await.status, 200);
    shop.settle().await;
    let before = [shop.events_of(&cancelled).await, shop.events_of(&rejected).await];
    for order in [&cancelled, &rejected] {
        let answer = shop.delete(&format!("/orders/{order}")).await;
        assert_eq!((answer.status, answer.header("content-type")), (409, "application/problem+json"));
    }
    // The event of the first cancellation, delivered again.
    let event = shop.event(&cancelled, "OrderCancelled").await;
    shop.deliver("cancel-delivery", &[&event]).await;
    shop.deliver("refund-payment", &[&event, &event]).await;
    shop.settle().await;
    assert_eq!([shop.events_of(&cancelled).await, shop.events_of(&rejected).await], before);
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}
