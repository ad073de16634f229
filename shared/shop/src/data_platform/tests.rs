//! What is told, and what is not.

use serde_json::{Value, json};
use whenever::kit::{given, received};
use whenever::{Event, Received, Refusal};

use super::{cancelled, confirmed};

fn event<E: Event>(own: &Value) -> Received<E> {
    let mut data = json!({
        "orderId": "7", "customerId": "hong", "items": [{"productId": "1", "quantity": 3}], "reason": "CUSTOMER",
    });
    data.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
    received(given().now(), serde_json::from_value(data).unwrap())
}

#[test]
fn c_130_a_placed_order_is_confirmed_with_its_three_amounts() {
    let placed = event(&json!({"total": 30_000, "discount": 1_000, "payable": 29_000}));
    let told = serde_json::to_value(confirmed(&placed).unwrap()).unwrap();
    let wanted = json!({
        "eventId": "OrderPlaced-1767225600000", "type": "ORDER_CONFIRMED", "occurredAt": "2026-01-01T00:00:00.000Z",
        "orderId": "7", "userId": "hong", "status": "CONFIRMED",
        "originalTotalAmount": 30_000, "discountAmount": 1_000, "finalTotalAmount": 29_000,
    });
    assert_eq!(told, wanted);
}

#[test]
fn c_130_only_what_was_placed_is_cancelled() {
    let placed = event(&json!({"from": "PLACED", "total": 500, "discount": 600, "payable": 0}));
    let told = serde_json::to_value(cancelled(&placed).unwrap()).unwrap();
    let wanted = json!({
        "eventId": "OrderCancelled-1767225600000", "type": "ORDER_CANCELLED", "occurredAt": "2026-01-01T00:00:00.000Z",
        "orderId": "7", "userId": "hong", "status": "CANCELLED",
        "originalTotalAmount": 500, "discountAmount": 600, "finalTotalAmount": 0,
    });
    assert_eq!(told, wanted);
    assert_eq!(cancelled(&event(&json!({"from": "PENDING"}))), Ok(None));
}

#[test]
fn a_placed_order_without_amounts_is_not_passed_over_in_silence() {
    let told = cancelled(&event(&json!({"from": "PLACED"})));
    assert!(matches!(told, Err(Refusal::Broken(why)) if why.contains("order 7")));
}
