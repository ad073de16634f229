//! Who does something else than order: restocks, charges, likes, looks, asks for coupons, and writes nonsense.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use whenever::digest_bytes;
use whenever::ports::Message;
use whenever::simulation::Client;

use crate::ask::{insist, request};
use crate::goods::Goods;

/// The records that can never succeed: hashes of their values, with the ids that some of them have as events.
pub(crate) type Poison = Rc<RefCell<BTreeMap<String, String>>>;

/// Does one thing after `wait`.
pub(crate) async fn visit(client: Client, goods: Rc<Goods>, wait: Duration) {
    let _under_way = client.under_way();
    client.sleep(wait).await;
    let (product, customer) = client.random(|random| (random.pick(&goods.products), random.pick(&goods.customers)));
    let user = json!({ "userId": customer });
    match client.random(|random| random.below(8)) {
        0 => {
            let body = json!({ "stock": client.random(|random| random.below(2 * goods.stock)) });
            insist(&client, "inventories-api", request("PATCH /inventories/{id}", &[("id", product)], &body)).await;
        }
        1 => {
            let body = json!({ "amount": client.random(|random| random.below(300)) });
            insist(&client, "accounts-api", request("POST /accounts/{id}/charge", &[("id", customer)], &body)).await;
        }
        2 | 3 => {
            insist(&client, "catalog-api", request("POST /products/{id}/likes", &[("id", product)], &user)).await;
        }
        4 => {
            insist(&client, "catalog-api", request("DELETE /products/{id}/likes", &[("id", product)], &user)).await;
        }
        5 => {
            let call = request("POST /products/{id}/views", &[("id", product)], &serde_json::Value::Null);
            client.call("catalog-api", call).await;
        }
        _ if goods.coupons.is_empty() => {}
        _ => {
            let coupon = client.random(|random| random.pick(&goods.coupons));
            let body = json!({ "userId": customer, "couponId": coupon });
            insist(&client, "coupons-api", request("POST /api/v1/coupon/request-issue", &[], &body)).await;
        }
    }
}

/// Puts a record on a topic after `wait` that can never succeed.
pub(crate) async fn poison(client: Client, poison: Poison, wait: Duration) {
    let _under_way = client.under_way();
    client.sleep(wait).await;
    let number = client.random(|random| format!("{:016x}", random.bits()));
    let envelope = |event_type: &str, data: serde_json::Value| {
        json!({
            "specversion": "1.0", "id": number, "source": "/poison", "type": event_type, "subject": number,
            "time": "2026-01-01T00:00:00.000Z", "data": data,
        })
    };
    let paid = json!({ "orderId": number, "customerId": "nobody", "total": 1, "discount": 0, "payable": 1 });
    let (topic, value) = match client.random(|random| random.below(5)) {
        0 => ("order-events", format!("no JSON {number}").into_bytes()),
        1 => ("coupon-events", json!({ "no": "envelope", "number": number }).to_string().into_bytes()),
        2 => ("catalog-events", [number.as_bytes(), &[0xff, 0xfe]].concat()),
        3 => ("order-events", envelope("OrderPlaced", json!({ "orderId": 7 })).to_string().into_bytes()),
        _ => ("order-events", envelope("PaymentCompleted", paid).to_string().into_bytes()),
    };
    poison.borrow_mut().insert(digest_bytes(&value), number.clone());
    client.publish(Message { topic: topic.to_owned(), key: number, value });
}
