//! One customer's order: placed, looked at, modified, cancelled, completed, as people do.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use whenever::http::Reply;
use whenever::simulation::{Client, Random};

use crate::ask::{insist, request};
use crate::goods::{Goods, some};

/// The ids of the orders that the shop said it had taken.
pub(crate) type Accepted = Rc<RefCell<BTreeSet<String>>>;

/// Nothing is delivered to addresses that begin so.
const NOWHERE: &str = "NOWHERE 1";

/// Places an order after `wait`, and does more with some.
pub(crate) async fn order(client: Client, goods: Rc<Goods>, accepted: Accepted, wait: Duration) {
    let _under_way = client.under_way();
    client.sleep(wait).await;
    let body = client.random(|random| body(random, &goods));
    let call = request("POST /orders", &[], &body);
    let reply = if client.random(|random| random.chance(0.7)) {
        insist(&client, "orders-api", call).await
    } else {
        client.call("orders-api", call).await.filter(|reply| reply.status < 500)
    };
    let Some(id) = reply.filter(|reply| reply.status == 202).and_then(|reply| order_id(&reply)) else { return };
    accepted.borrow_mut().insert(id.clone());
    for _ in 0..client.random(|random| if random.chance(0.2) { random.between(1, 3) } else { 0 }) {
        let (wait, address) = client.random(|random| (soon(random), format!("street {}", random.below(1_000))));
        client.sleep(wait).await;
        let call = request("PATCH /orders/{id}", &[("id", &id)], &json!({ "address": address }));
        insist_or_call(&client, "orders-api", call).await;
    }
    if client.random(|random| random.chance(0.05)) {
        let wait = client.random(soon);
        client.sleep(wait).await;
        let call = request("POST /deliveries/{orderId}/complete", &[("orderId", &id)], &Value::Null);
        insist(&client, "deliveries-api", call).await;
    }
    if client.random(|random| random.chance(0.15)) {
        let wait = client.random(soon);
        client.sleep(wait).await;
        insist_or_call(&client, "orders-api", request("DELETE /orders/{id}", &[("id", &id)], &Value::Null)).await;
    }
}

/// `PATCH` and `DELETE` are tried again with or without a key.
async fn insist_or_call(client: &Client, function: &str, call: whenever::http::Request) {
    if client.random(|random| random.chance(0.5)) {
        insist(client, function, call).await;
    } else {
        client.call(function, call).await;
    }
}

fn body(random: &mut Random, goods: &Goods) -> Value {
    let mut items: Vec<Value> = Vec::new();
    for product in some(random, &goods.products, 3) {
        items.push(json!({ "productId": product, "quantity": random.between(1, 5) }));
    }
    if random.chance(0.02) {
        items.push(json!({ "productId": "unknown", "quantity": 1 }));
    }
    let customer = if random.chance(0.02) { "stranger" } else { random.pick(&goods.customers).as_str() };
    let address = if random.chance(0.05) { NOWHERE } else { "street 0" };
    let with_coupon = !goods.coupons.is_empty() && random.chance(0.15);
    let coupon = with_coupon.then(|| random.pick(&goods.coupons).as_str());
    json!({ "customerId": customer, "items": items, "address": address, "couponId": coupon })
}

/// Mostly while the order is under way, sometimes long after.
fn soon(random: &mut Random) -> Duration {
    let most = if random.chance(0.7) { Duration::from_millis(400) } else { Duration::from_secs(12) };
    random.span(Duration::ZERO, most)
}

fn order_id(reply: &Reply) -> Option<String> {
    let order: Value = serde_json::from_str(&reply.body).ok()?;
    Some(order.get("orderId")?.as_str()?.to_owned())
}
