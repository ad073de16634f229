//! C3: whatever is delivered again has its effect once.

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::types;

use crate::{PLACED, STAGE, UNPAID};

#[tokio::test]
async fn c_018_an_order_created_three_times_is_delivered_once() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let order = shop.order_of(&product, 10).await;
    let events = shop.history(&order, &PLACED).await;
    shop.deliver("start-delivery", &[&events[0], &events[0]]).await;
    shop.deliver("start-delivery", &[&events[0]]).await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 90);
    shop.leave().await;
}

#[tokio::test]
async fn c_019_a_delivery_started_five_times_takes_stock_once() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let order = shop.order_of(&product, 10).await;
    let events = shop.history(&order, &PLACED).await;
    shop.deliver("decrease-stock", &[&events[1], &events[1], &events[1]]).await;
    shop.deliver("decrease-stock", &[&events[1]]).await;
    shop.deliver("decrease-stock", &[&events[1]]).await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 90);
    shop.leave().await;
}

#[tokio::test]
async fn duplicates_in_parallel_have_one_effect() {
    let shop = STAGE.enter().await;
    let product = shop.priced_product(100, 7).await;
    let customer = shop.account(1_000).await;
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 10})).await;
    let events = shop.history(&order, &PLACED).await;
    let functions = ["start-delivery", "decrease-stock", "take-payment", "place-order"];
    let again = functions.iter().zip(&events).flat_map(|pair| [pair; 4]);
    join_all(again.map(async |(function, event)| shop.deliver(function, &[event]).await)).await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (90, 930));
    shop.leave().await;
}

#[tokio::test]
async fn c_021_a_delivery_cancelled_twice_gives_back_once() {
    let shop = STAGE.enter().await;
    let product = shop.priced_product(100, 5).await;
    let order = shop.order_of(&product, 10).await;
    let events = shop.history(&order, &UNPAID).await;
    let cancelled = &events[5];
    shop.deliver("increase-stock", &[cancelled, cancelled]).await;
    join_all((0..4).map(async |_| shop.deliver("increase-stock", &[cancelled]).await)).await;
    shop.settle().await;
    let events = shop.history(&order, &UNPAID).await;
    assert_eq!(events[6].data["orderId"], json!(order));
    assert_eq!(shop.stock(&product).await, 100);
    shop.leave().await;
}

#[tokio::test]
async fn c_022_what_ends_an_order_twice_ends_it_once() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let placed = shop.order_of(&product, 1).await;
    let refused = shop.order_of(&product, 11).await;
    let [completed, decreased] = ["PaymentCompleted", "StockDecreased"];
    let [completed, decreased] = [shop.event(&placed, completed).await, shop.event(&placed, decreased).await];
    let failed = shop.event(&refused, "StockDecreaseFailed").await;
    shop.settle().await;
    let read = async || {
        let [a, b] = [&placed, &refused].map(|order| format!("order#{order}"));
        [shop.item("orders", &a).await.unwrap(), shop.item("orders", &b).await.unwrap()]
    };
    let before = read().await;
    for _ in 0..2 {
        shop.deliver("take-payment", &[&decreased, &decreased]).await;
        shop.deliver("place-order", &[&completed, &completed]).await;
        shop.deliver("reject-order", &[&failed, &failed]).await;
    }
    shop.settle().await;
    // The version too: nothing was written.
    assert_eq!(read().await, before);
    shop.history(&placed, &PLACED).await;
    assert_eq!(types(&shop.events_of(&refused).await)[3..], ["OrderRejected", "DeliveryCancelled"]);
    shop.leave().await;
}

#[tokio::test]
async fn c_028_a_duplicate_of_days_ago_does_no_harm() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let order = shop.order_of(&product, 10).await;
    let mut events = shop.history(&order, &PLACED).await;
    // Nobody remembers its id any more, and its deadline would still allow it.
    events[1].id = shop.unique("redriven");
    events[1].data["dueAt"] = json!("2999-01-01T00:00:00.000Z");
    shop.deliver("decrease-stock", &[&events[1]]).await;
    shop.settle().await;
    shop.history(&order, &PLACED).await;
    assert_eq!(shop.stock(&product).await, 90);
    shop.leave().await;
}

#[tokio::test]
async fn c_030_an_event_without_an_id_is_parked_and_its_neighbours_are_applied() {
    let shop = STAGE.enter().await;
    let [one, other] = ["one", "other"].map(|name| shop.unique(name));
    let data = json!({"items": [{"productId": "none", "quantity": 1}]});
    let [before, after] = [&one, &other].map(|order| shop.made_up(order, "DeliveryCancelled", &data));
    let mut nameless = json!(before);
    nameless["id"] = json!(null);
    let nameless = shop.raw_record(&one, nameless.to_string().as_bytes());
    let batch = [shop.record(&before), nameless.clone(), shop.record(&after)];
    assert_eq!(shop.deliver_records("increase-stock", &batch).await, [0; 0]);
    let letter = shop.parked("increase-stock", &nameless).await;
    assert!(letter["reason"].as_str().unwrap().contains("id"), "{letter}");
    assert_eq!(letter["value"].as_str().unwrap().as_bytes(), nameless.value.unwrap());
    for order in [one, other] {
        let tombstone = shop.item("inventories", &format!("reservation#{order}")).await.unwrap();
        assert_eq!(tombstone["status"], "TOMBSTONE");
    }
    shop.leave().await;
}
