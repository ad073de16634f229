//! How orders end when nothing goes wrong with their events.

use std::time::Duration;

use serde_json::json;

use super::{DEADLINE, Policy, Shop};
use crate::delivery::{self, Delivery};
use crate::inventory::Reservation;
use crate::order::{self, Status};
use crate::payment::Payment;

const PLACED: [&str; 5] = ["OrderCreated", "DeliveryStarted", "StockDecreased", "PaymentCompleted", "OrderPlaced"];

#[test]
fn c_005_a_provisional_order_is_placed() {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order(1, &[(1, 10)]);
    assert_eq!(shop.status(1), Status::Pending);
    assert!(shop.answer(1).get("dueAt").is_some());
    shop.run();
    assert_eq!(shop.types(1), PLACED);
    assert_eq!(shop.stock(1), 90);
    let answer = shop.answer(1);
    assert_eq!(answer["status"], "PLACED");
    assert_eq!(answer["total"], 0);
    assert!(answer.get("dueAt").is_none() && answer.get("reason").is_none(), "{answer}");
    shop.assert_settled();
}

#[test]
fn c_006_every_event_has_its_type_its_time_and_the_order() {
    let mut shop = Shop::open().with_product(1, 100, 7).with_account(1, 70);
    shop.order(1, &[(1, 10)]);
    shop.run();
    assert!(shop.log.windows(2).all(|pair| pair[0].time < pair[1].time));
    for event in &shop.log {
        assert_eq!((&event.correlationid, &event.data["orderId"]), (&"1".to_owned(), &json!("1")));
    }
    let placed = shop.event(1, "OrderPlaced").data;
    assert_eq!((&placed["total"], &placed["discount"], &placed["payable"]), (&json!(70), &json!(0), &json!(70)));
    assert_eq!(shop.event(1, "StockDecreased").data["items"], json!([{"productId": "1", "quantity": 10, "price": 7}]));
}

#[test]
fn c_012_full_reject_chain() {
    let mut shop = Shop::open().with_product(2, 100, 0);
    shop.order(1, &[(2, 200)]);
    shop.run();
    assert_eq!(
        shop.types(1),
        ["OrderCreated", "DeliveryStarted", "StockDecreaseFailed", "OrderRejected", "DeliveryCancelled"]
    );
    assert_eq!(shop.answer(1)["reason"], "INVENTORY");
    assert_eq!(shop.answer(1)["message"], "product 2: 200 ordered, 100 in stock");
    assert_eq!(shop.event(1, "StockDecreaseFailed").data["stock"], 100);
    assert_eq!(shop.stock(2), 100);
    shop.assert_settled();
}

#[test]
fn c_014_an_unknown_product_is_refused_at_once() {
    let mut shop = Shop::open();
    shop.order(1, &[(99, 1)]);
    shop.run();
    assert_eq!(shop.answer(1)["reason"], "INVENTORY");
    assert_eq!(shop.answer(1)["message"], "product 99 is unknown");
    shop.assert_settled();
}

#[test]
fn c_015_nothing_is_delivered_to_an_undeliverable_area() {
    let mut shop = Shop::open().with_product(1, 10, 0);
    shop.order_to(1, 1, &[(1, 1)], "NOWHERE 5");
    shop.run();
    assert_eq!(shop.types(1), ["OrderCreated", "DeliveryFailed", "OrderRejected"]);
    assert_eq!(shop.answer(1)["reason"], "DELIVERY");
    assert!(matches!(shop.state::<Delivery>(1), Some(Delivery::Failed { .. })));
    shop.assert_settled();
}

#[test]
fn c_041_an_order_that_takes_too_long_is_rejected_by_its_deadline() {
    let mut shop = Shop::open().with_product(1, 1_000, 0);
    shop.order(1, &[(1, 10)]);
    shop.wait(DEADLINE + Duration::from_secs(1));
    shop.sweep();
    assert_eq!(shop.types(1), ["OrderCreated", "DeadlineReached", "OrderRejected"]);
    shop.run();
    assert_eq!(shop.answer(1)["reason"], "DEADLINE");
    assert_eq!(shop.stock(1), 1_000);
    shop.assert_settled();
}

#[test]
fn c_042_c_044_an_expired_order_is_not_delivered() {
    let mut shop = Shop::open().with_product(1, 1_000, 0);
    shop.order(1, &[(1, 10)]);
    shop.wait(DEADLINE + Duration::from_secs(1));
    shop.run();
    assert!(shop.state::<Delivery>(1).is_none(), "an expired order leaves no delivery");
    shop.sweep();
    shop.run();
    assert_eq!(shop.types(1), ["OrderCreated", "DeadlineReached", "OrderRejected"]);
    shop.assert_settled();
}

#[test]
fn c_047_c_048_a_settled_order_has_no_deadline() {
    let mut shop = Shop::open().with_product(1, 10, 0);
    shop.order(1, &[(1, 10)]);
    shop.order(2, &[(1, 1)]);
    shop.run();
    shop.wait(DEADLINE * 2);
    shop.sweep();
    assert_eq!(shop.types(1), PLACED);
    assert!(!shop.types(2).contains(&"DeadlineReached"));
    assert_eq!(shop.answer(2)["reason"], "INVENTORY");
    shop.assert_settled();
}

#[test]
fn c_053_a_customer_cancels_a_placed_order() {
    let mut shop = Shop::open().with_product(1, 10, 100).with_account(1, 1_000);
    shop.order(1, &[(1, 3)]);
    shop.run();
    assert_eq!((shop.stock(1), shop.balance(1)), (7, 700));
    shop.ask(delivery::complete(&1.into())).unwrap();
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run();
    assert_eq!((shop.stock(1), shop.balance(1)), (10, 1_000));
    let cancelled = shop.event(1, "OrderCancelled").data;
    assert_eq!((&cancelled["from"], &cancelled["payable"]), (&json!("PLACED"), &json!(300)));
    assert!(matches!(shop.state(1), Some(Delivery::Cancelled(_))));
    assert!(matches!(shop.state(1), Some(Reservation::Released(_))));
    assert!(matches!(shop.state(1), Some(Payment::Refunded(_))));
    shop.assert_settled();
}

#[test]
fn c_054_who_ended_an_order_is_told_apart() {
    let mut shop = Shop::open().with_product(1, 10, 0);
    [(1, 1), (2, 2), (3, 30)].into_iter().for_each(|(id, pieces)| shop.order(id, &[(1, pieces)]));
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run_without(&[Policy::PlaceOrder]);
    shop.wait(DEADLINE * 2);
    shop.sweep();
    shop.run();
    let reasons: Vec<_> = (1..=3).map(|id| shop.answer(id)["reason"].clone()).collect();
    assert_eq!(reasons, ["CUSTOMER", "DEADLINE", "INVENTORY"]);
    assert_eq!(shop.event(1, "OrderCancelled").data["from"], "PENDING");
    shop.assert_settled();
}

#[test]
fn c_064_c_065_the_last_pieces_are_sold_once() {
    let mut shop = Shop::open().with_product(1, 2, 0);
    (1..=10).for_each(|id| shop.order(id, &[(1, 1)]));
    shop.run();
    assert_eq!((1..=10).filter(|id| shop.status(*id) == Status::Placed).count(), 2);
    assert_eq!(shop.stock(1), 0);
    shop.assert_settled();
}

#[test]
fn c_068_a_balance_for_one_order_pays_one_order() {
    let mut shop = Shop::open().with_product(1, 5, 5_000).with_product(2, 5, 3_000).with_account(1, 10_000);
    (1..=10).for_each(|id| shop.order(id, &[(1, 1), (2, 1)]));
    shop.run();
    assert_eq!((1..=10).filter(|id| shop.status(*id) == Status::Placed).count(), 1);
    assert_eq!((shop.balance(1), shop.stock(1), shop.stock(2)), (2_000, 4, 4));
    shop.assert_settled();
}

#[test]
fn c_072_an_order_costs_what_its_products_cost() {
    let mut shop = Shop::open().with_product(3, 3, 3_000).with_account(1, 10_001);
    shop.order(1, &[(3, 2)]);
    shop.run();
    assert_eq!(shop.answer(1)["total"], 6_000);
    assert_eq!((shop.stock(3), shop.balance(1)), (1, 4_001));
    shop.assert_settled();
}

#[test]
fn c_073_a_failed_payment_gives_the_stock_back() {
    let mut shop = Shop::open().with_product(10, 10, 10_000).with_account(1, 10_001);
    shop.order(1, &[(10, 2)]);
    shop.run();
    assert_eq!(shop.answer(1)["reason"], "PAYMENT");
    assert_eq!(shop.answer(1)["message"], "insufficient balance: 20000 to pay, 10001 there");
    assert_eq!((shop.stock(10), shop.balance(1)), (10, 10_001));
    assert_eq!(shop.types(1).iter().filter(|name| **name == "StockIncreased").count(), 1);
}

#[test]
fn c_074_all_lines_or_none() {
    let mut shop = Shop::open().with_product(1, 100, 0).with_product(2, 5, 0);
    shop.order(1, &[(1, 10), (2, 10)]);
    shop.run();
    assert_eq!((shop.stock(1), shop.stock(2)), (100, 5));
    assert_eq!(shop.status(1), Status::Rejected);
    shop.assert_settled();
}

#[test]
fn c_086_two_lines_are_one_order() {
    let mut shop = Shop::open().with_product(1, 10, 5_000).with_product(2, 5, 2_000).with_account(1, 20_000);
    shop.order(1, &[(1, 2), (2, 3)]);
    shop.run();
    assert_eq!((shop.balance(1), shop.stock(1), shop.stock(2)), (4_000, 8, 2));
    shop.assert_settled();
}
