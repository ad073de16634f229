//! C8: orders of several items, and what they cost.

use futures_util::future::join_all;
use serde_json::json;
use shop_tests::types;

use crate::{FAR, PLACED, STAGE, UNPAID};

#[tokio::test]
async fn c_072_an_order_with_prices_is_paid() {
    let shop = STAGE.enter().await;
    let (customer, product) = (shop.account(10_001).await, shop.priced_product(3, 3_000).await);
    let body = json!({"userId": customer, "items": [{"productId": product, "quantity": 2}]});
    let answer = shop.post("/api/orders", &body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let order = answer.json()["orderId"].as_str().unwrap().to_owned();
    assert_eq!(shop.placed(&order).await["total"], 6_000);
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (1, 4_001));
    let events = shop.history(&order, &PLACED).await;
    let items = json!([{"productId": product, "quantity": 2, "price": 3_000}]);
    assert_eq!((&events[2].data["items"], &events[2].data["total"]), (&items, &json!(6_000)));
    for paid in &events[3..] {
        let bill = ["total", "discount", "payable"].map(|name| paid.data[name].clone());
        assert_eq!(bill, [json!(6_000), json!(0), json!(6_000)], "{}", paid.event_type);
    }
    // On the topic, all of it stands under the order's id, so that it stays in order.
    let records = shop.published(&order).await;
    assert!(records.len() >= PLACED.len());
    for record in &records {
        assert_eq!(record.key.as_deref(), Some(order.as_bytes()));
        assert_eq!(record.partition, records[0].partition);
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_073_what_cannot_be_paid_is_given_back() {
    let shop = STAGE.enter().await;
    let (customer, product) = (shop.account(10_001).await, shop.priced_product(10, 10_000).await);
    let order = shop.order(&json!({"userId": customer, "items": [{"productId": product, "quantity": 2}]})).await;
    let rejected = shop.rejected(&order, "PAYMENT").await;
    assert_eq!(rejected["message"], "insufficient balance: 20000 to pay, 10001 there");
    shop.settle().await;
    shop.history(&order, &UNPAID).await;
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (10, 10_001));
    shop.leave().await;
}

#[tokio::test]
async fn c_074_all_lines_or_none() {
    let shop = STAGE.enter().await;
    let [a, b] = [shop.product(100).await, shop.product(5).await];
    let items = [&a, &b].map(|product| json!({"productId": product, "quantity": 10}));
    let order = shop.order(&json!({"items": items})).await;
    shop.rejected(&order, "INVENTORY").await;
    assert_eq!((shop.stock(&a).await, shop.stock(&b).await), (100, 5));
    shop.settle().await;
    let events = shop.events_of(&order).await;
    assert!(types(&events).contains(&"StockDecreaseFailed") && !types(&events).contains(&"StockDecreased"));
    assert_eq!((shop.stock(&a).await, shop.stock(&b).await), (100, 5));
    shop.leave().await;
}

#[tokio::test]
async fn the_same_product_on_two_lines_counts_together() {
    let shop = STAGE.enter().await;
    let product = shop.product(10).await;
    let lines = |quantity: i64| json!({"items": vec![json!({"productId": product, "quantity": quantity}); 2]});
    let refused = shop.order(&lines(6)).await;
    shop.rejected(&refused, "INVENTORY").await;
    let placed = shop.order(&lines(5)).await;
    assert_eq!(shop.placed(&placed).await["items"].as_array().unwrap().len(), 2);
    assert_eq!(shop.stock(&product).await, 0);
    shop.leave().await;
}

#[tokio::test]
async fn an_order_keeps_the_price_that_it_was_taken_at() {
    let shop = STAGE.enter().await;
    let (customer, product) = (shop.account(1_000).await, shop.priced_product(10, 100).await);
    let order = shop.order(&json!({"customerId": customer, "productId": product, "qty": 2})).await;
    shop.placed(&order).await;
    shop.patch(&format!("/inventories/{product}"), &json!({"price": 999})).await;
    shop.delete(&format!("/orders/{order}")).await;
    shop.settle().await;
    assert_eq!(shop.balance(&customer).await, 1_000);
    shop.leave().await;
}

#[tokio::test]
async fn c_077_a_very_large_order_is_placed_whole_or_refused_before_any_write() {
    let shop = STAGE.enter().await;
    let customer = shop.unique("hong");
    let products = join_all((0..99).map(|_| shop.product(1))).await;
    let mut items: Vec<_> = products.iter().map(|product| json!({"productId": product, "quantity": 1})).collect();
    let order = shop.order(&json!({"items": items})).await;
    shop.placed(&order).await;
    let stocks = join_all(products.iter().map(|product| shop.stock(product))).await;
    assert_eq!(stocks, [0; 99]);

    items.extend((0..51).map(|n| json!({"productId": format!("more-{n}"), "quantity": 1})));
    let answer = shop.post("/orders", &json!({"customerId": customer, "items": items})).await;
    assert_eq!((answer.status, &answer.json()["field"]), (400, &json!("items")), "{}", answer.text());
    assert_eq!(shop.get(&format!("/orders?customerId={customer}")).await.json(), json!({"orders": []}));
    shop.leave().await;
}

#[tokio::test]
async fn c_078_an_order_of_nothing_is_refused() {
    let shop = STAGE.enter().await;
    let customer = shop.unique("hong");
    let answer = shop.post("/orders", &json!({"customerId": customer, "items": []})).await;
    assert_eq!((answer.status, &answer.json()["field"]), (400, &json!("items")), "{}", answer.text());
    assert_eq!(shop.get(&format!("/orders?customerId={customer}")).await.json(), json!({"orders": []}));
    shop.leave().await;
}

#[tokio::test]
async fn c_081_a_rollback_without_a_decrease_changes_nothing() {
    let shop = STAGE.enter().await;
    let (product, order) = (shop.product(10).await, shop.unique("order"));
    let items = json!([{"productId": product, "quantity": 2}]);
    let data = json!({"customerId": "hong", "address": "", "items": items, "dueAt": FAR});
    shop.deliver("increase-stock", &[&shop.made_up(&order, "DeliveryCancelled", &data)]).await;
    assert_eq!(shop.stock(&product).await, 10);
    shop.deliver("start-delivery", &[&shop.made_up(&order, "OrderCreated", &data)]).await;
    shop.settle().await;
    shop.history(&order, &["DeliveryStarted"]).await;
    assert_eq!(shop.stock(&product).await, 10);
    shop.leave().await;
}

#[tokio::test]
async fn c_082_every_type_has_a_subscriber_and_every_subscriber_a_type() {
    let template = include_str!("../../../template.yaml");
    let patterns = template.split("Pattern: '{").skip(1).filter_map(|rest| rest.split_once('\''));
    let patterns = patterns.map(|(rest, _)| serde_json::from_str::<serde_json::Value>(&format!("{{{rest}")).unwrap());
    let listened: Vec<String> = patterns
        .filter_map(|pattern| serde_json::from_value::<Vec<String>>(pattern["value"]["type"].clone()).ok())
        .flatten()
        .collect();
    assert!(listened.len() >= 10, "{listened:?}");
    let emitted: Vec<&str> = shop::event_types().iter().map(|entry| entry.name).collect();
    for event_type in &listened {
        assert!(emitted.contains(&event_type.as_str()), "nobody emits {event_type}");
    }
    // Whatever has no policy of its own is at least seen by the topic's one trigger without a filter.
    let topics = [shop::ORDER_EVENTS, shop::COUPON_EVENTS, shop::CATALOG_EVENTS];
    for entry in shop::event_types() {
        assert!(topics.contains(&entry.topic), "{} is on {}", entry.name, entry.topic);
    }
}

#[tokio::test]
async fn c_085_a_free_order_needs_no_account_and_an_unknown_customer_cannot_pay() {
    let shop = STAGE.enter().await;
    let [free, dear] = [shop.product(10).await, shop.priced_product(10, 1).await];
    let customer = shop.unique("nobody");
    let order =
        async |product: &str| shop.order(&json!({"customerId": customer, "productId": product, "qty": 1})).await;
    let [free, dear] = [order(&free).await, order(&dear).await];
    shop.placed(&free).await;
    let rejected = shop.rejected(&dear, "PAYMENT").await;
    assert_eq!(rejected["message"], format!("customer {customer} has no account"));
    shop.settle().await;
    shop.history(&dear, &UNPAID).await;
    shop.leave().await;
}

#[tokio::test]
async fn c_085_an_amount_that_is_none_is_parked() {
    let shop = STAGE.enter().await;
    let order = shop.unique("order");
    for total in [json!(-1), json!(null), json!("12"), json!(1.5)] {
        let data =
            json!({"customerId": "hong", "items": [{"productId": "1", "quantity": 1}], "dueAt": FAR, "total": total});
        let record = shop.record(&shop.made_up(&order, "StockDecreased", &data));
        assert_eq!(shop.deliver_records("take-payment", std::slice::from_ref(&record)).await, [0; 0]);
        let letter = shop.parked("take-payment", &record).await;
        assert_eq!((&letter["type"], &letter["correlationId"]), (&json!("StockDecreased"), &json!(order)));
    }
    assert_eq!(shop.item("accounts", &format!("payment#{order}")).await, None);
    shop.leave().await;
}

#[tokio::test]
async fn c_086_two_items_are_paid_together() {
    let shop = STAGE.enter().await;
    let customer = shop.account(20_000).await;
    let [p1, p2] = [shop.priced_product(10, 5_000).await, shop.priced_product(5, 2_000).await];
    let items = json!([{"productId": p1, "quantity": 2}, {"productId": p2, "quantity": 3}]);
    let order = shop.order(&json!({"customerId": customer, "items": items})).await;
    let placed = shop.placed(&order).await;
    assert_eq!((placed["items"].as_array().unwrap().len(), &placed["total"]), (2, &json!(16_000)));
    assert_eq!((shop.stock(&p1).await, shop.stock(&p2).await), (8, 2));
    assert_eq!(shop.balance(&customer).await, 4_000);
    shop.leave().await;
}

#[tokio::test]
async fn c_087_payment_news_that_repeats_or_contradicts_itself_changes_nothing() {
    let shop = STAGE.enter().await;
    let (customer, product) = (shop.account(100).await, shop.priced_product(10, 100).await);
    let body = json!({"customerId": customer, "productId": product, "qty": 1});
    let paid = shop.order(&body).await;
    shop.history(&paid, &PLACED).await;
    let unpaid = shop.order(&body).await;
    shop.history(&unpaid, &UNPAID).await;
    shop.settle().await;
    let read = async || [shop.show(&paid).await, shop.show(&unpaid).await];
    let before = read().await;
    let completed = shop.event(&paid, "PaymentCompleted").await;
    let failed = shop.event(&unpaid, "PaymentFailed").await;
    let too_late = shop.made_up(&paid, "PaymentFailed", &json!({"message": "too late"}));
    let bill = json!({"customerId": customer, "total": 100, "discount": 0, "payable": 100});
    let after_all = shop.made_up(&unpaid, "PaymentCompleted", &bill);
    let pending = shop.made_up(&paid, "PaymentPending", &bill);
    shop.deliver("place-order", &[&completed, &completed, &after_all, &pending]).await;
    shop.deliver("reject-order", &[&failed, &failed, &too_late, &pending]).await;
    shop.settle().await;
    assert_eq!(read().await, before);
    assert_eq!(before[0].get("reason"), None);
    shop.history(&paid, &PLACED).await;
    shop.history(&unpaid, &UNPAID).await;
    shop.leave().await;
}
