//! What stands in the tables before anything is fuzzed, so that inputs reach more than what is missing.

use std::sync::Arc;

use serde_json::json;
use whenever::item::Item;
use whenever::{Outcome, Record, kafka_event};

use crate::shop::{Items, Shop, fail, function, routes};

/// The order that the test events are about.
const ORDER: &str = "019b7a00-0000-7000-8000-000000000001";

/// The test event that reserves a coupon for it.
const RESERVED: &str = include_str!("../../events/reserve-coupon.json");

/// A product, an account, a coupon that is reserved, and an order, as the functions themselves write them.
pub(crate) fn goods() -> Items {
    let mut shop = Shop::empty();
    for (route, body) in [
        ("POST /inventories", json!({"productName": "TV", "stock": 1000, "price": 3000})),
        ("POST /accounts", json!({"id": "hong", "balance": 1_000_000})),
        ("POST /coupons", json!({"name": "OPENING", "quantity": 100, "discount": 1000})),
        ("POST /orders", json!({"customerId": "hong", "productId": "1", "quantity": 10})),
    ] {
        let call = json!({"routeKey": route, "body": body.to_string()});
        let (function, _) = routes().find(|(_, known)| known == route).unwrap_or_else(|| fail(route));
        let answer = shop.invoke(function, &call.to_string());
        let status = answer.result.ok().and_then(|answer| answer["statusCode"].as_u64());
        assert!(status.is_some_and(|status| status < 300), "{route} is answered {status:?}");
    }
    let order = shop.items().values().find_map(|item| Some(item.get("orderId")?.as_str()?.to_owned()));
    let order = order.as_deref().unwrap_or_else(|| fail("there is no order"));
    for (name, event) in [("issue-coupon", &*asked_for()), ("reserve-coupon", RESERVED)] {
        let handled = shop.invoke(function(name), event).handled;
        assert!(handled.iter().all(|handled| handled.outcome == Outcome::Done), "{name}: {handled:?}");
    }
    let items = shop.items();
    let renamed = |item: &Item| {
        let text = json!(item).to_string().replace(order, ORDER);
        Arc::new(serde_json::from_str(&text).unwrap_or_else(|error| fail(&format!("{text}: {error}"))))
    };
    let rename = |((table, pk, sk), item): (&(&'static str, String, String), &Arc<Item>)| {
        ((*table, pk.replace(order, ORDER), sk.clone()), renamed(item))
    };
    items.iter().map(rename).collect()
}

/// A customer asks for the coupon.
fn asked_for() -> String {
    let event = json!({
        "specversion": "1.0", "id": "asked", "source": "/coupon", "type": "CouponRequested", "partitionkey": "1",
        "time": "2026-01-01T00:00:00.000Z", "data": {"couponId": "1", "userId": "hong"},
    });
    let value = Some(event.to_string().into_bytes());
    kafka_event(&[Record { topic: "coupon-events".to_owned(), value, ..Record::default() }]).to_string()
}
