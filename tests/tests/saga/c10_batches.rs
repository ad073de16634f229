//! C10: batches of metrics, large ones and ones with records that are none.

use serde_json::{Value, json};
use shop::CATALOG_EVENTS;
use shop_tests::Shop;
use whenever::Record;

use crate::STAGE;

fn viewed(shop: &Shop, product: &str) -> Record {
    shop.record(&shop.made_up(product, "ProductViewed", &json!({"productId": product})))
}

async fn views(shop: &Shop, product: &str) -> i64 {
    shop.get(&format!("/products/{product}/metrics")).await.json()["viewCount"].as_i64().unwrap()
}

#[tokio::test]
async fn c_115_three_thousand_records_with_duplicates_are_one_invocation() {
    let shop = STAGE.enter_alone().await;
    let products: Vec<String> = (0..50).map(|_| shop.unique("product")).collect();
    let distinct: Vec<Record> = (0..2_700).map(|n| viewed(&shop, &products[n % 50])).collect();
    let again = distinct.iter().step_by(9).map(|record| Record { offset: record.offset + 1_000_000, ..record.clone() });
    let batch: Vec<Record> = distinct.iter().cloned().chain(again).collect();
    assert_eq!(batch.len(), 3_000);
    let invocations = async || shop.function("record-metrics").await["invocations"].as_i64().unwrap();
    let before = invocations().await;
    assert_eq!(shop.deliver_records("record-metrics", &batch).await, [0; 0]);
    assert_eq!(invocations().await, before + 1);
    for product in &products {
        assert_eq!(views(&shop, product).await, 54);
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_116_what_is_no_event_is_parked_and_its_neighbours_are_counted() {
    let shop = STAGE.enter().await;
    let (one, other) = (shop.unique("product"), shop.unique("product"));
    let like = json!({"productId": one, "userId": "hong", "liked": "yes"});
    let broken = [
        shop.raw_record_on(CATALOG_EVENTS, "broken", b"{\"half\":"),
        shop.record(&shop.made_up(&one, "ProductViewed", &json!({"productId": ""}))),
        shop.record(&shop.made_up(&one, "LikeChanged", &like)),
        shop.record(&shop.made_up(&one, "OrderPlaced", &json!({"items": [{"productId": one, "quantity": -1}]}))),
        shop.record(&shop.made_up(&one, "OrderCancelled", &json!({"items": [], "from": "SOLD"}))),
    ];
    for record in broken {
        let batch = [viewed(&shop, &one), record.clone(), viewed(&shop, &other)];
        assert_eq!(shop.deliver_records("record-metrics", &batch).await, [0; 0]);
        let letter = shop.parked("record-metrics", &record).await;
        let kept = |name: &str| letter[name].as_str().map(str::as_bytes);
        assert_eq!((kept("key"), kept("value")), (record.key.as_deref(), record.value.as_deref()));
    }
    assert_eq!((views(&shop, &one).await, views(&shop, &other).await), (5, 5));
    shop.leave().await;
}

#[tokio::test]
async fn c_116_garbage_on_the_topic_is_parked_and_what_comes_behind_it_is_counted() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let mut garbage = Vec::new();
    for value in [&b"\xff\xfe"[..], b"no json", b"{}", b"[]", b""] {
        garbage.push(shop.publish_on(CATALOG_EVENTS, &product, value).await);
    }
    // A type that nobody has a policy for is no reason to stop either.
    let other = json!(shop.made_up(&product, "ProductPainted", &json!({})));
    shop.publish_on(CATALOG_EVENTS, &product, other.to_string().as_bytes()).await;
    assert_eq!(shop.post(&format!("/products/{product}/views"), &json!({})).await.status, 202);
    shop.until(async || views(&shop, &product).await, |views| *views == 1).await;
    for record in &garbage {
        let letter = shop.parked("record-metrics", record).await;
        assert_eq!((&letter["topic"], &letter["key"]), (&json!(CATALOG_EVENTS), &json!(product)));
    }
    shop.leave().await;
}

#[tokio::test]
async fn c_118_a_batch_of_nothing_but_broken_records_is_parked_whole() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let nameless = |id: Value| {
        let mut event = json!(shop.made_up(&product, "ProductViewed", &json!({"productId": product})));
        event["id"] = id;
        shop.raw_record_on(CATALOG_EVENTS, &product, event.to_string().as_bytes())
    };
    let batch = [nameless(json!(null)), nameless(json!(""))];
    assert_eq!(shop.deliver_records("record-metrics", &batch).await, [0; 0]);
    for record in &batch {
        assert!(shop.parked("record-metrics", record).await["reason"].as_str().unwrap().contains("id"));
    }
    assert_eq!(views(&shop, &product).await, 0);
    shop.leave().await;
}

#[tokio::test]
async fn c_120_what_was_broken_before_holds_nothing_up() {
    let shop = STAGE.enter().await;
    let product = shop.unique("product");
    let mut newer = shop.made_up(&product, "ProductViewed", &json!({"productId": product}));
    newer.dataschema = "ProductViewed/2".to_owned();
    let (newer, behind) = (shop.record(&newer), viewed(&shop, &product));
    let failed = shop.deliver_records("record-metrics", &[newer.clone(), behind.clone()]).await;
    assert_eq!(failed, [newer.offset, behind.offset], "a newer version may be about to be known; its key waits");
    assert_eq!(views(&shop, &product).await, 0);
    assert_eq!(shop.deliver_records("record-metrics", &[behind]).await, [0; 0]);
    assert_eq!(views(&shop, &product).await, 1);
    shop.leave().await;
}
