//! Bad input about coupons over HTTP: every refusal says which field and why, and nothing is written.

use serde_json::json;

use crate::STAGE;
use crate::http_input::{JSON, assert_problem, no_id, no_number, no_objects, no_text, refuses};

const REQUEST: &str = "/api/v1/coupon/request-issue";

#[tokio::test]
async fn coupons_refuse_what_is_no_coupon() {
    let good = json!({"quantity": 1});
    let mut cases = no_objects();
    cases.extend(no_number(&good, "quantity", 1, 1_000_000_000));
    cases.extend(no_number(&good, "discount", 0, 1_000_000_000_000));
    cases.extend(no_id(&good, "id"));
    cases.extend(no_text(&good, "name"));
    refuses("POST", "/coupons", &cases).await;
}

#[tokio::test]
async fn coupons_refuse_a_request_that_names_no_customer_or_no_coupon() {
    let good = json!({"userId": "1", "couponId": "1"});
    let mut cases = no_objects();
    cases.push((r#"{"couponId": "1"}"#.to_owned(), Some("userId")));
    cases.push((r#"{"userId": "1", "couponId": null}"#.to_owned(), Some("couponId")));
    cases.extend(["userId", "couponId"].iter().flat_map(|field| no_id(&good, field)));
    refuses("POST", REQUEST, &cases).await;
}

#[tokio::test]
async fn coupons_refuse_ids_pages_bodies_and_methods_that_are_none() {
    let shop = STAGE.enter().await;
    let long = "x".repeat(129);
    for id in [long.as_str(), "a%07b", "%0a"] {
        let calls = [
            (format!("/coupons/{id}"), "id"),
            (format!("/coupons/{id}/users"), "id"),
            (format!("/coupons/{id}/users/1"), "id"),
            (format!("/coupons/1/users/{id}"), "userId"),
            (format!("/users/{id}/coupons"), "id"),
        ];
        for (path, field) in calls {
            assert_problem(&path, &shop.get(&path).await, 400, Some(field));
        }
    }
    let [coupon, other] = [shop.coupon(&json!({})).await, shop.coupon(&json!({})).await];
    // The second is a place in the list of another coupon, the third one behind the last shard.
    let places = ["nonsense".to_owned(), place(&format!("0#{other}")), place(&format!("8#{coupon}")), "e30".to_owned()];
    for next in &places {
        for list in [format!("/coupons/{coupon}/users"), format!("/users/{coupon}/coupons")] {
            let path = format!("{list}?next={next}");
            assert_problem(&path, &shop.get(&path).await, 400, Some("next"));
        }
    }
    let body = json!({"userId": "1", "couponId": "1", "note": "x".repeat(256 * 1024)}).to_string();
    for path in ["/coupons", REQUEST] {
        assert_problem(path, &shop.send("POST", path, JSON, &body).await, 413, None);
    }
    for (method, path) in
        [("GET", "/coupons"), ("GET", REQUEST), ("POST", "/coupons/1"), ("DELETE", "/users/1/coupons")]
    {
        assert_problem(path, &shop.send(method, path, JSON, "{}").await, 405, None);
    }
    shop.leave().await;
}

/// A `next` that names a shard.
fn place(shard: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json!({"listShard": shard}).to_string())
}

#[tokio::test]
async fn a_coupon_gets_its_own_id_or_the_next_number_and_keeps_it() {
    let shop = STAGE.enter().await;
    let id = shop.unique("a/b%2Fc");
    assert_eq!(shop.coupon(&json!({"id": id, "quantity": 3})).await, id);
    let again = shop.post("/coupons", &json!({"id": id, "quantity": 9})).await;
    assert_problem("taken", &again, 409, None);
    let user = shop.unique("c/d");
    shop.request_coupon(&user, &id).await;
    shop.settle().await;
    let [id_in_path, user_in_path] = [&id, &user].map(|id| id.replace('%', "%25").replace('/', "%2F"));
    assert_eq!(shop.show_coupon(&id_in_path).await["remaining"], 2);
    assert_eq!(shop.user_coupon(&user_in_path, &id_in_path).await["status"], "ISSUED");
    let holders = shop.get(&format!("/coupons/{id_in_path}/users")).await.json();
    assert_eq!(holders["users"][0]["userId"], json!(user));

    let key = [("content-type", "application/json"), ("Idempotency-Key", user.as_str())];
    let post = async || shop.send("POST", "/coupons", &key, r#"{"quantity": "5"}"#).await;
    let (first, second) = (post().await, post().await);
    assert_eq!((first.status, first.text()), (201, second.text()));
    let number = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("location"), format!("/coupons/{number}"));
    assert!(number.parse::<u64>().is_ok(), "{number}");
    // The next one is another one.
    assert_ne!(shop.coupon(&json!({"quantity": 5})).await, number);
    shop.leave().await;
}
