//! Bad input over HTTP: every refusal says which field and why, and nothing is written.

use serde_json::{Value, json};
use shop_tests::{Answer, Shop};

use crate::STAGE;

/// Every table that a request could have written to.
const TABLES: &[&str] = &["orders", "deliveries", "inventories", "accounts", "coupons", "catalog", "timeline"];

pub(crate) const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

/// A refusal as RFC 9457 wants it.
pub(crate) fn assert_problem(what: &str, answer: &Answer, status: u16, field: Option<&str>) {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/problem+json"), "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}: {problem}");
    assert_eq!(problem.get("field").and_then(Value::as_str), field, "{what}: {problem}");
    for name in ["title", "detail"] {
        assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{what}: {problem}");
    }
}

async fn counts(shop: &Shop) -> Vec<usize> {
    let mut counts = Vec::new();
    for &table in TABLES {
        counts.push(shop.count(table).await);
    }
    counts
}

/// Sends each body to a path that has to refuse it because of that field, and to write nothing.
pub(crate) async fn refuses(method: &str, path: &str, cases: &[(String, Option<&str>)]) {
    let shop = STAGE.enter_alone().await;
    shop.settle().await;
    let before = counts(&shop).await;
    for (body, field) in cases {
        let answer = shop.send(method, path, JSON, body).await;
        assert_problem(&format!("{method} {path} {body:.100}"), &answer, 400, *field);
    }
    shop.settle().await;
    assert_eq!(counts(&shop).await, before);
    shop.leave().await;
}

/// Values that are no whole number from `from` to `to`, as a field of an otherwise good body.
pub(crate) fn no_number(good: &Value, field: &'static str, from: i64, to: i64) -> Vec<(String, Option<&'static str>)> {
    let wrong = [json!(from - 1), json!(to + 1), json!(1.5), json!("1e3"), json!("1.0"), json!(true), json!([1])];
    let wrong = wrong.into_iter().chain([json!({}), json!(""), json!(" 1"), json!("+1"), json!("one")]);
    wrong.map(|value| with(good, field, &value)).collect()
}

/// Values that are no id.
pub(crate) fn no_id(good: &Value, field: &'static str) -> Vec<(String, Option<&'static str>)> {
    let wrong =
        [json!(""), json!("x".repeat(129)), json!("a\u{7}b"), json!("a\nb"), json!(1.5), json!(true), json!({})];
    wrong.iter().map(|value| with(good, field, value)).collect()
}

/// Values that are no text, or too long.
pub(crate) fn no_text(good: &Value, field: &'static str) -> Vec<(String, Option<&'static str>)> {
    let wrong = [json!("x".repeat(501)), json!("a\u{0}b"), json!([]), json!({})];
    wrong.iter().map(|value| with(good, field, value)).collect()
}

fn with(good: &Value, field: &'static str, value: &Value) -> (String, Option<&'static str>) {
    let mut body = good.clone();
    body[field] = value.clone();
    (body.to_string(), Some(field))
}

/// Bodies that are no JSON object.
pub(crate) fn no_objects() -> Vec<(String, Option<&'static str>)> {
    let deep = "[".repeat(10_000);
    let bodies = ["", "{", "nope", "[]", "7", "null", "\"text\"", r#"{"qty": 1,}"#, r#"{"qty": 1} {}"#, &deep];
    bodies.iter().map(|body| ((*body).to_owned(), None)).collect()
}

#[tokio::test]
async fn orders_refuse_what_is_no_order() {
    let good = json!({"productId": "1", "qty": 1});
    let mut cases = no_objects();
    cases.push((r#"{"qty": 1}"#.to_owned(), Some("productId")));
    cases.push((r#"{"productId": 1}"#.to_owned(), Some("qty")));
    cases.push((r#"{"productId": 1, "qty": null}"#.to_owned(), Some("qty")));
    cases.push((r#"{"productId": 1, "qty": 99999999999999999999}"#.to_owned(), Some("qty")));
    cases.extend(no_number(&good, "qty", 1, 1_000_000));
    cases.extend(["productId", "customerId", "couponId"].iter().flat_map(|field| no_id(&good, field)));
    cases.extend(["address", "productName"].iter().flat_map(|field| no_text(&good, field)));
    refuses("POST", "/orders", &cases).await;
}

#[tokio::test]
async fn orders_refuse_a_modification_that_is_none() {
    let mut cases = no_objects();
    cases.push(("{}".to_owned(), Some("address")));
    cases.push((r#"{"address": null}"#.to_owned(), Some("address")));
    cases.extend(no_text(&json!({}), "address"));
    refuses("PATCH", "/orders/1", &cases).await;
}

#[tokio::test]
async fn orders_refuse_items_that_are_none() {
    let lines = |items: Value| json!({"items": items}).to_string();
    let line = |n: usize| json!({"productId": format!("p-{n}"), "quantity": 1});
    let cases = [
        (lines(json!([])), Some("items")),
        (lines(json!({})), Some("items")),
        (lines(json!("1")), Some("items")),
        (lines(json!([1])), Some("items[0]")),
        (lines(json!([line(0), {"productId": "2"}])), Some("items[1].qty")),
        (lines(json!([line(0), {"quantity": 2}])), Some("items[1].productId")),
        (lines(json!([{"productId": "1", "quantity": 0}])), Some("items[0].quantity")),
        (lines((0..100).map(line).collect()), Some("items")),
        (lines(json!(vec![line(0); 1_001])), Some("items")),
    ];
    refuses("POST", "/api/orders", &cases).await;
}

#[tokio::test]
async fn inventories_refuse_what_is_no_product() {
    let good = json!({"name": "TV", "stock": 1});
    let mut cases = no_objects();
    cases.push((r#"{"name": "TV"}"#.to_owned(), Some("stock")));
    cases.extend(no_number(&good, "stock", 0, 1_000_000_000));
    cases.extend(no_number(&good, "price", 0, 1_000_000_000_000));
    cases.extend(no_id(&good, "id"));
    cases.extend(no_text(&good, "name"));
    refuses("POST", "/inventories", &cases).await;
}

#[tokio::test]
async fn inventories_refuse_a_change_that_is_none() {
    let good = json!({});
    let mut cases = no_objects();
    cases.extend(no_number(&good, "stock", 0, 1_000_000_000));
    cases.extend(no_number(&good, "price", 0, 1_000_000_000_000));
    cases.extend(no_text(&good, "name"));
    refuses("PATCH", "/inventories/1", &cases).await;
}

#[tokio::test]
async fn accounts_refuse_what_is_no_money() {
    let good = json!({"balance": 1});
    let mut cases = no_objects();
    cases.extend(no_number(&good, "balance", 0, 1_000_000_000_000));
    cases.extend(no_id(&good, "id"));
    refuses("POST", "/accounts", &cases).await;
    let mut cases = no_objects();
    cases.push(("{}".to_owned(), Some("amount")));
    cases.extend(no_number(&json!({}), "amount", 0, 1_000_000_000_000));
    refuses("POST", "/accounts/hong/charge", &cases).await;
}

#[tokio::test]
async fn likes_refuse_what_is_no_customer() {
    let mut cases = no_objects();
    cases.push(("{}".to_owned(), Some("userId")));
    cases.push((r#"{"userId": null}"#.to_owned(), Some("userId")));
    cases.extend(no_id(&json!({}), "userId"));
    refuses("POST", "/products/1/likes", &cases).await;
    refuses("DELETE", "/products/1/likes", &cases).await;
    let nobody = [(String::new(), Some("userId"))];
    for path in ["/products/1/likes?userId=", "/products/1/likes?userId=a%07b"] {
        refuses("DELETE", path, &nobody).await;
    }
}

#[tokio::test]
async fn bodies_have_a_greatest_length_and_an_encoding() {
    let shop = STAGE.enter_alone().await;
    shop.settle().await;
    let before = counts(&shop).await;
    let long = json!({"productId": "1", "qty": 1, "note": "x".repeat(256 * 1024)}).to_string();
    for path in ["/orders", "/api/orders", "/inventories", "/accounts", "/accounts/1/charge", "/products/1/likes"] {
        assert_problem(path, &shop.send("POST", path, JSON, &long).await, 413, None);
        let latin = shop.send_bytes("POST", path, JSON, b"{\"productId\": \"\xe9\", \"qty\": 1}").await;
        assert_problem(path, &latin, 400, None);
    }
    shop.settle().await;
    assert_eq!(counts(&shop).await, before);
    shop.leave().await;
}

#[tokio::test]
async fn ids_in_paths_keys_and_pages_are_checked() {
    let shop = STAGE.enter_alone().await;
    shop.settle().await;
    let before = counts(&shop).await;
    let long = "x".repeat(129);
    for id in [long.as_str(), "a%07b", "%0a"] {
        let calls = [
            ("GET", format!("/orders/{id}"), "id"),
            ("GET", format!("/orders/{id}/events"), "id"),
            ("PATCH", format!("/orders/{id}"), "id"),
            ("DELETE", format!("/orders/{id}"), "id"),
            ("GET", format!("/inventories/{id}"), "id"),
            ("PATCH", format!("/inventories/{id}"), "id"),
            ("GET", format!("/accounts/{id}"), "id"),
            ("POST", format!("/accounts/{id}/charge"), "id"),
            ("POST", format!("/products/{id}/likes"), "id"),
            ("DELETE", format!("/products/{id}/likes?userId=hong"), "id"),
            ("POST", format!("/products/{id}/views"), "id"),
            ("GET", format!("/products/{id}/metrics"), "id"),
            ("GET", format!("/deliveries/{id}"), "orderId"),
            ("POST", format!("/deliveries/{id}/complete"), "orderId"),
        ];
        for (method, path, field) in calls {
            let answer = shop.send(method, &path, JSON, r#"{"amount": 1}"#).await;
            assert_problem(&format!("{method} {path}"), &answer, 400, Some(field));
        }
    }
    for key in ["", &long] {
        let headers = [("content-type", "application/json"), ("Idempotency-Key", key)];
        let answer = shop.send("POST", "/orders", &headers, r#"{"productId": 1, "qty": 1}"#).await;
        assert_problem(&format!("key {key:?}"), &answer, 400, Some("Idempotency-Key"));
    }
    for next in ["nonsense", "e30", "bnVsbA"] {
        for list in ["/orders", "/inventories", "/deliveries"] {
            let answer = shop.get(&format!("{list}?next={next}")).await;
            assert_problem(&format!("{list}?next={next}"), &answer, 400, Some("next"));
        }
    }
    for customer in ["", "a%07b", &long] {
        let answer = shop.get(&format!("/orders?customerId={customer}")).await;
        assert_problem(&format!("customer {customer:?}"), &answer, 400, Some("customerId"));
    }
    shop.settle().await;
    assert_eq!(counts(&shop).await, before);
    shop.leave().await;
}

#[tokio::test]
async fn what_is_no_path_or_no_method_of_it_is_refused() {
    let shop = STAGE.enter().await;
    for path in ["/", "/nope", "/orders/1/2/3", "/orders/", "/Orders", "/api/orders/1", "/products/1"] {
        assert_problem(path, &shop.get(path).await, 404, None);
    }
    let calls = [
        ("PUT", "/orders", "GET, POST"),
        ("DELETE", "/orders", "GET, POST"),
        ("POST", "/orders/1", "DELETE, GET, PATCH"),
        ("DELETE", "/inventories/1", "GET, PATCH"),
        ("GET", "/accounts", "POST"),
        ("GET", "/accounts/1/charge", "POST"),
        ("DELETE", "/deliveries/1", "GET"),
        ("GET", "/products/1/likes", "DELETE, POST"),
        ("GET", "/products/1/views", "POST"),
        ("DELETE", "/products/1/metrics", "GET"),
    ];
    for (method, path, allowed) in calls {
        let answer = shop.send(method, path, JSON, "{}").await;
        assert_problem(&format!("{method} {path}"), &answer, 405, None);
        let mut methods: Vec<&str> = answer.header("allow").split(", ").collect();
        methods.sort_unstable();
        assert_eq!(methods.join(", "), allowed, "{method} {path}");
    }
    shop.leave().await;
}

#[tokio::test]
async fn ids_that_are_taken_are_refused() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.product(1).await, shop.account(1).await);
    let again = shop.post("/inventories", &json!({"id": product, "stock": 9})).await;
    assert_problem("product", &again, 409, None);
    assert_problem("account", &shop.post("/accounts", &json!({"userId": customer, "balance": 9})).await, 409, None);
    assert_eq!((shop.stock(&product).await, shop.balance(&customer).await), (1, 1));
    shop.leave().await;
}

#[tokio::test]
async fn pages_of_a_list_hold_everything_once() {
    let shop = STAGE.enter().await;
    let (product, customer) = (shop.product(1_000).await, shop.unique("hong"));
    let order = json!({"customerId": customer, "productId": product, "qty": 1});
    let mut wanted = futures_util::future::join_all((0..120).map(|_| shop.order(&order))).await;
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let page = shop.get(&format!("/orders?customerId={customer}{next}")).await.json();
        found.extend(
            page["orders"].as_array().unwrap().iter().map(|order| order["orderId"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(token) => next = format!("&next={token}"),
            None => break,
        }
    }
    assert!(found.windows(2).all(|pair| pair[0] > pair[1]), "not newest first");
    wanted.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(found, wanted);
    shop.settle().await;
    shop.leave().await;
}
