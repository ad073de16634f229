//! C-031: what a client sends again under the same `Idempotency-Key` is answered word for word, and done once.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shop_tests::{Answer, Shop};

use crate::STAGE;

async fn send(shop: &Shop, path: &str, key: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("Idempotency-Key", key)];
    shop.send("POST", path, &headers, &body.to_string()).await
}

/// Status, place and body: what a client sees.
fn seen(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.header("location"), answer.text())
}

#[tokio::test]
async fn c_031_a_repeated_order_is_one_order() {
    let shop = STAGE.enter().await;
    let (product, customer, key) = (shop.product(100).await, shop.unique("hong"), shop.unique("key"));
    let body = json!({"productId": product, "qty": 1, "customerId": customer});
    let first = send(&shop, "/orders", &key, &body).await;
    assert_eq!(first.status, 202, "{}", first.text());
    let order = first.json()["orderId"].as_str().unwrap().to_owned();
    shop.placed(&order).await;
    // Still the first answer, although the order is no longer PENDING.
    let again = send(&shop, "/orders", &key, &body).await;
    assert_eq!(seen(&again), seen(&first));
    let orders = shop.get(&format!("/orders?customerId={customer}")).await.json();
    assert_eq!(orders["orders"].as_array().unwrap().len(), 1);
    assert_eq!(shop.stock(&product).await, 99);
    shop.leave().await;
}

#[tokio::test]
async fn c_031_ten_at_once_are_one_order() {
    let shop = STAGE.enter().await;
    let (product, customer, key) = (shop.product(100).await, shop.unique("hong"), shop.unique("key"));
    let body = json!({"productId": product, "qty": 1, "customerId": customer});
    let answers = join_all((0..10).map(|_| send(&shop, "/orders", &key, &body))).await;
    assert_eq!(answers[0].status, 202, "{}", answers[0].text());
    for answer in &answers {
        assert_eq!(seen(answer), seen(&answers[0]));
    }
    shop.settle().await;
    let orders = shop.get(&format!("/orders?customerId={customer}")).await.json();
    assert_eq!(orders["orders"].as_array().unwrap().len(), 1);
    assert_eq!(shop.stock(&product).await, 99);
    shop.leave().await;
}

#[tokio::test]
async fn c_031_without_a_key_each_is_its_own() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.product(100).await, shop.unique("hong"));
    let body = json!({"productId": product, "qty": 1, "customerId": customer});
    let first = shop.order(&body).await;
    assert_ne!(shop.order(&body).await, first);
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 98);
    shop.leave().await;
}

#[tokio::test]
async fn c_031_another_body_under_the_same_key_is_refused() {
    let shop = STAGE.enter().await;
    let (product, key) = (shop.product(100).await, shop.unique("key"));
    let answer = send(&shop, "/orders", &key, &json!({"productId": product, "qty": 1})).await;
    assert_eq!(answer.status, 202);
    let answer = send(&shop, "/orders", &key, &json!({"productId": product, "qty": 2})).await;
    assert_eq!((answer.status, answer.header("content-type")), (422, "application/problem+json"));
    assert!(answer.json()["detail"].as_str().unwrap().contains("Idempotency-Key"), "{}", answer.text());
    shop.settle().await;
    assert_eq!(shop.stock(&product).await, 99);
    shop.leave().await;
}

#[tokio::test]
async fn c_031_every_post_that_changes_state_knows_keys() {
    let shop = STAGE.enter().await;
    let twice = async |path: &str, body: &Value| {
        let key = shop.unique("key");
        let answers = [send(&shop, path, &key, body).await, send(&shop, path, &key, body).await];
        assert!(answers[0].status < 300, "{path}: {}", answers[0].text());
        assert_eq!(seen(&answers[0]), seen(&answers[1]), "{path}");
        answers[0].json()
    };
    // Without ids: the second one would get the next number.
    let product = twice("/inventories", &json!({"name": "TV", "stock": 10})).await["id"].clone();
    let account = twice("/accounts", &json!({"balance": 100})).await["id"].clone();
    let customer = account.as_str().unwrap();
    let charged = twice(&format!("/accounts/{customer}/charge"), &json!({"amount": 50})).await;
    assert_eq!(charged, json!({"id": customer, "balance": 150}));
    let order = twice("/api/orders", &json!({"items": [{"productId": product, "quantity": 1}]})).await;
    let order = order["orderId"].as_str().unwrap();
    shop.placed(order).await;
    let completed = twice(&format!("/deliveries/{order}/complete"), &json!({})).await;
    assert_eq!(completed["status"], "COMPLETED");
    shop.settle().await;
    assert_eq!(shop.stock(product.as_str().unwrap()).await, 9);
    assert_eq!(shop.balance(customer).await, 150);
    shop.leave().await;
}

#[tokio::test]
async fn c_031_a_refusal_is_repeated_too() {
    let shop = STAGE.enter().await;
    let (product, key) = (shop.product(1).await, shop.unique("key"));
    let order = shop.order_of(&product, 1).await;
    shop.placed(&order).await;
    shop.delete(&format!("/orders/{order}")).await;
    shop.settle().await;
    // The delivery is cancelled: nobody can complete it.
    let path = format!("/deliveries/{order}/complete");
    let first = send(&shop, &path, &key, &json!({})).await;
    assert_eq!(first.status, 409, "{}", first.text());
    assert_eq!(seen(&send(&shop, &path, &key, &json!({})).await), seen(&first));
    shop.leave().await;
}
