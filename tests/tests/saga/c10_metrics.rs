//! C10: what customers like, look at and buy is counted per product, once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shop::CATALOG_EVENTS;
use shop_tests::Shop;
use whenever::Envelope;

use crate::STAGE;

/// A product's metrics as the API shows them.
async fn metrics(shop: &Shop, product: &str) -> Value {
    shop.get(&format!("/products/{product}/metrics")).await.json()
}

/// Likes, views, pieces sold and orders of a product.
async fn counts(shop: &Shop, product: &str) -> [i64; 4] {
    let metrics = metrics(shop, product).await;
    ["likeCount", "viewCount", "salesCount", "orderCount"].map(|name| metrics[name].as_i64().unwrap())
}

/// Waits until that is what was counted.
async fn counted(shop: &Shop, product: &str, wanted: [i64; 4]) {
    shop.until(async || counts(shop, product).await, |counts| *counts == wanted).await;
}

/// Likes, or likes no more; answers what was told about the product so far, once all is settled: whether it was liked each time.
async fn says(shop: &Shop, method: &str, path: &str, body: &str, product: &str) -> Vec<bool> {
    let answer = shop.send(method, path, &[("content-type", "application/json")], body).await;
    assert_eq!((answer.status, answer.text()), (202, ""), "{method} {path}");
    shop.settle().await;
    let told = published(shop, product).await;
    assert!(told.iter().all(|event| event.event_type == "LikeChanged"), "{told:?}");
    told.iter().map(|event| event.data["liked"].as_bool().unwrap()).collect()
}

/// The events of a product on the topic.
async fn published(shop: &Shop, product: &str) -> Vec<Envelope> {
    let records = shop.published_on(CATALOG_EVENTS, product).await;
    let its = records.iter().filter(|record| record.key.as_deref() == Some(product.as_bytes()));
    its.map(|record| Envelope::decode(record.value.as_deref().unwrap()).unwrap()).collect()
}

/// Events of these types about a product, in one batch.
fn liked(shop: &Shop, product: &str) -> Envelope {
    shop.made_up(product, "LikeChanged", &json!({"productId": product, "userId": shop.unique("hong"), "liked": true}))
}

fn viewed(shop: &Shop, product: &str) -> Envelope {
    shop.made_up(product, "ProductViewed", &json!({"productId": product}))
}

fn sold(shop: &Shop, lines: &[(&str, i64)]) -> Envelope {
    let items = lines.iter().map(|(product, quantity)| json!({"productId": product, "quantity": quantity}));
    shop.made_up(&shop.unique("order"), "OrderPlaced", &json!({"items": items.collect::<Value>()}))
}

#[tokio::test]
async fn c_104_a_view_is_counted_and_remembered() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let zeros = json!({"productId": product, "likeCount": 0, "viewCount": 0, "salesCount": 0, "orderCount": 0});
    assert_eq!(metrics(&shop, &product).await, zeros);
    let answer = shop.send("POST", &format!("/products/{product}/views"), &[], "").await;
    assert_eq!((answer.status, answer.text()), (202, ""));
    // Accepted means acknowledged by the broker.
    let events = published(&shop, &product).await;
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.event_type.as_str(), event.partitionkey.as_str()), ("ProductViewed", product.as_str()));
    counted(&shop, &product, [0, 1, 0, 0]).await;
    assert_eq!(metrics(&shop, &product).await["lastEventAt"], json!(event.time));
    assert!(shop.item("catalog", &format!("handled#record-metrics#{}", event.id)).await.is_some());
    shop.leave().await;
}

#[tokio::test]
async fn a_like_is_told_only_when_it_changes_something() {
    let shop = STAGE.enter_alone().await;
    let (product, user) = (shop.unique("product"), shop.unique("hong"));
    let path = format!("/products/{product}/likes");
    let body = json!({"userId": user}).to_string();
    // Never liked, so there is nothing to take back.
    assert!(says(&shop, "DELETE", &path, &body, &product).await.is_empty());
    assert_eq!(says(&shop, "POST", &path, &body, &product).await, [true]);
    assert_eq!(says(&shop, "POST", &path, &body, &product).await, [true]);
    assert_eq!(counts(&shop, &product).await, [1, 0, 0, 0]);
    assert_eq!(says(&shop, "DELETE", &path, &body, &product).await, [true, false]);
    assert_eq!(says(&shop, "DELETE", &path, &body, &product).await, [true, false]);
    assert_eq!(counts(&shop, &product).await, [0, 0, 0, 0]);
    assert_eq!(says(&shop, "POST", &path, &body, &product).await, [true, false, true]);
    // Some clients send no body with DELETE.
    let events = says(&shop, "DELETE", &format!("{path}?userId={user}"), "", &product).await;
    assert_eq!(events, [true, false, true, false]);
    shop.leave().await;
}

#[tokio::test]
async fn c_105_nothing_is_counted_twice() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let (like, view, sale) = (liked(&shop, &product), viewed(&shop, &product), sold(&shop, &[(&product, 5)]));
    // In one batch, in several, at the same time, and through the trigger.
    shop.deliver("record-metrics", &[&like, &view, &view, &sale, &like, &view]).await;
    shop.deliver("record-metrics", &[&sale, &view]).await;
    join_all((0..3).map(async |_| shop.deliver("record-metrics", &[&like, &view, &sale]).await)).await;
    for event in [&like, &view, &view] {
        shop.publish_on(CATALOG_EVENTS, &product, &serde_json::to_vec(event).unwrap()).await;
    }
    shop.settle().await;
    assert_eq!(counts(&shop, &product).await, [1, 1, 5, 1]);
    shop.leave().await;
}

#[tokio::test]
async fn c_106_every_distinct_event_is_counted() {
    let shop = STAGE.enter().await;
    for count in [3, 5] {
        let product = shop.unique("product");
        let likes: Vec<Envelope> = (0..count).map(|_| liked(&shop, &product)).collect();
        shop.deliver("record-metrics", &likes.iter().collect::<Vec<_>>()).await;
        assert_eq!(counts(&shop, &product).await, [count, 0, 0, 0]);
    }
    shop.leave().await;
}

#[tokio::test]
async fn many_customers_at_once_are_all_counted() {
    let shop = STAGE.enter().await;
    let product = shop.product(100).await;
    let everybody = (0..20).map(async |_| {
        let body = json!({"userId": shop.unique("hong")});
        assert_eq!(shop.post(&format!("/products/{product}/likes"), &body).await.status, 202);
        assert_eq!(shop.post(&format!("/products/{product}/views"), &json!({})).await.status, 202);
        shop.order_of(&product, 2).await
    });
    join_all(everybody).await;
    counted(&shop, &product, [20, 20, 40, 20]).await;
    shop.leave().await;
}

#[tokio::test]
async fn c_109_a_sale_counts_its_pieces_and_its_order_and_is_taken_off_when_it_is_cancelled() {
    let shop = STAGE.enter().await;
    let (product, other) = (shop.product(10).await, shop.product(10).await);
    let one = shop.order_of(&product, 2).await;
    let lines = [(&product, 1), (&other, 4), (&product, 3)];
    let items: Vec<Value> = lines.iter().map(|(id, quantity)| json!({"productId": id, "quantity": quantity})).collect();
    shop.order(&json!({"items": items})).await;
    counted(&shop, &product, [0, 0, 6, 2]).await;
    counted(&shop, &other, [0, 0, 4, 1]).await;
    let refused = shop.order_of(&product, 100).await;
    shop.rejected(&refused, "INVENTORY").await;
    assert_eq!(shop.delete(&format!("/orders/{one}")).await.status, 200);
    counted(&shop, &product, [0, 0, 4, 1]).await;
    shop.leave().await;
}

#[tokio::test]
async fn c_109_no_pieces_are_not_counted() {
    let shop = STAGE.enter().await;
    let (product, other) = (shop.unique("product"), shop.unique("product"));
    shop.deliver("record-metrics", &[&sold(&shop, &[(&product, 0)]), &sold(&shop, &[(&product, 0), (&other, 2)])])
        .await;
    assert_eq!(counts(&shop, &product).await, [0, 0, 0, 0]);
    assert_eq!(counts(&shop, &other).await, [0, 0, 2, 1]);
    shop.leave().await;
}

#[tokio::test]
async fn a_cancellation_before_the_sale_comes_out_right() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let sale = sold(&shop, &[(&product, 5)]);
    let mut cancelled = shop.made_up(&sale.subject, "OrderCancelled", &json!({"from": "PLACED"}));
    cancelled.data.insert("items".to_owned(), sale.data["items"].clone());
    shop.deliver("record-metrics", &[&cancelled]).await;
    assert_eq!(counts(&shop, &product).await, [0, 0, 0, 0]);
    shop.deliver("record-metrics", &[&sale]).await;
    assert_eq!(counts(&shop, &product).await, [0, 0, 0, 0]);
    shop.deliver("record-metrics", &[&sold(&shop, &[(&product, 1)])]).await;
    assert_eq!(counts(&shop, &product).await, [0, 0, 1, 1]);
    shop.leave().await;
}

#[tokio::test]
async fn c_111_a_new_process_knows_what_was_counted() {
    let shop = STAGE.enter_alone().await;
    let product = shop.unique("product");
    let like = liked(&shop, &product);
    shop.deliver("record-metrics", &[&like]).await;
    assert!(shop.kill("record-metrics").await > 0);
    shop.deliver("record-metrics", &[&like]).await;
    assert_eq!(counts(&shop, &product).await, [1, 0, 0, 0]);
    shop.leave().await;
}

#[tokio::test]
async fn c_112_an_event_of_long_ago_is_counted() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let mut view = viewed(&shop, &product);
    view.time = "2020-01-01T00:00:00.000Z".parse().unwrap();
    shop.deliver("record-metrics", &[&view]).await;
    assert_eq!(counts(&shop, &product).await, [0, 1, 0, 0]);
    assert_eq!(metrics(&shop, &product).await["lastEventAt"], json!(view.time));
    shop.leave().await;
}

#[tokio::test]
async fn c_113_counted_by_a_process_that_was_killed_before_it_could_say_so() {
    let shop = STAGE.enter_alone().await;
    let product = shop.product(10).await;
    shop.stop("record-metrics").await;
    let order = shop.order_of(&product, 3).await;
    let placed = shop.event(&order, "OrderPlaced").await;
    // Written, but the trigger does not know: to it the record is still to be done.
    shop.deliver("record-metrics", &[&placed]).await;
    assert!(shop.kill("record-metrics").await > 0);
    shop.clear("record-metrics").await;
    shop.settle().await;
    assert_eq!(counts(&shop, &product).await, [0, 0, 3, 1]);
    shop.leave().await;
}
