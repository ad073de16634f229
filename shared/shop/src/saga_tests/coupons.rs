//! Orders that are paid with coupons.

use std::time::Duration;

use serde_json::json;

use super::{DEADLINE, Policy, Shop};
use crate::coupon::{Claim, UserCoupon};
use crate::order::{self, Status};
use crate::payment::Payment;

const COUPON: u64 = 70;

/// Product 1 costs 300, its coupon takes 1,000 off, and customer 1 has one.
fn shop(balance: i64) -> Shop {
    Shop::open().with_product(1, 100, 300).with_account(1, balance).with_coupon(COUPON, 5, 1_000, 1)
}

fn assert_issued_again(shop: &Shop) {
    assert!(matches!(shop.user_coupon(COUPON), Some(UserCoupon::Issued(_))), "{:?}", shop.user_coupon(COUPON));
}

#[test]
fn an_order_is_paid_with_a_coupon() {
    let mut shop = shop(2_000);
    shop.order_with(1, COUPON);
    shop.run();
    let types =
        ["OrderCreated", "DeliveryStarted", "StockDecreased", "CouponReserved", "PaymentCompleted", "OrderPlaced"];
    assert_eq!(shop.types(1), types);
    let bill = ["total", "discount", "payable"].map(|name| shop.event(1, "OrderPlaced").data[name].clone());
    assert_eq!(bill, [json!(3_000), json!(1_000), json!(2_000)]);
    for event_type in types.iter().filter(|name| **name != "PaymentCompleted") {
        assert_eq!(shop.event(1, event_type).data["couponId"], "70", "{event_type}");
    }
    assert_eq!((&shop.answer(1)["total"], &shop.answer(1)["couponId"]), (&json!(3_000), &json!("70")));
    assert_eq!((shop.stock(1), shop.balance(1)), (90, 0));
    assert!(matches!(shop.user_coupon(COUPON), Some(UserCoupon::Used { .. })));
    shop.assert_settled();
}

#[test]
fn c_089_a_failed_payment_gives_the_coupon_back() {
    let mut shop = shop(1_999);
    shop.order_with(1, COUPON);
    shop.run();
    assert_eq!(shop.answer(1)["reason"], "PAYMENT");
    assert_eq!(shop.types(1).iter().filter(|name| **name == "CouponReleased").count(), 1);
    assert_eq!((shop.stock(1), shop.balance(1)), (100, 1_999));
    assert_issued_again(&shop);
    shop.assert_settled();
}

#[test]
fn c_089_a_cancelled_order_gives_back_the_coupon_and_only_what_was_paid() {
    let mut shop = shop(2_500);
    shop.order_with(1, COUPON);
    shop.run();
    assert_eq!(shop.balance(1), 500);
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run();
    assert_eq!(shop.event(1, "PaymentRefunded").data["payable"], 2_000);
    assert_eq!((shop.stock(1), shop.balance(1)), (100, 2_500));
    assert_issued_again(&shop);
    shop.assert_settled();
    shop.order_with(2, COUPON);
    shop.run();
    assert_eq!(shop.status(2), Status::Placed);
    shop.assert_settled();
}

#[test]
fn c_089_of_two_orders_with_the_same_coupon_one_is_placed() {
    let mut shop = shop(10_000);
    [1, 2].into_iter().for_each(|order| shop.order_with(order, COUPON));
    shop.run();
    assert_eq!((shop.status(1), shop.status(2)), (Status::Placed, Status::Rejected));
    assert_eq!(shop.answer(2)["reason"], "COUPON");
    assert!(!shop.types(2).contains(&"CouponReleased"));
    assert_eq!((shop.stock(1), shop.balance(1)), (90, 8_000));
    shop.assert_settled();
}

#[test]
fn a_coupon_that_the_customer_does_not_have_rejects_the_order() {
    let mut shop = shop(10_000);
    shop.order_with(1, 74);
    shop.run();
    assert_eq!((&shop.answer(1)["reason"], shop.stock(1)), (&json!("COUPON"), 100));
    assert_eq!(shop.answer(1)["message"], "customer 1 has no coupon 74");
    shop.assert_settled();
}

#[test]
fn a_coupon_whose_order_reaches_its_deadline_is_given_back() {
    for waiting in [Policy::ReserveCoupon, Policy::TakePayment, Policy::PlaceOrder] {
        let mut shop = shop(2_000);
        shop.order_with(1, COUPON);
        shop.run_without(&[waiting]);
        shop.wait(DEADLINE + Duration::from_secs(1));
        shop.sweep();
        shop.run_without(&[waiting]);
        shop.run();
        assert_eq!(shop.answer(1)["reason"], "DEADLINE");
        assert_eq!((shop.stock(1), shop.balance(1)), (100, 2_000));
        assert_issued_again(&shop);
        shop.assert_settled();
    }
}

#[test]
fn an_order_that_is_cancelled_before_its_coupon_is_reserved_leaves_a_tombstone() {
    let mut shop = shop(2_000);
    shop.order_with(1, COUPON);
    shop.run_without(&[Policy::ReserveCoupon]);
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run_without(&[Policy::ReserveCoupon]);
    shop.run();
    assert!(matches!(shop.state(1), Some(Claim::Tombstone { .. })));
    assert!(!shop.types(1).contains(&"CouponReserved"));
    assert_issued_again(&shop);
    shop.assert_settled();
}

#[test]
fn an_order_that_is_cancelled_before_its_coupon_is_used_keeps_none() {
    let mut shop = shop(2_000);
    shop.order_with(1, COUPON);
    shop.run_without(&[Policy::UseCoupon]);
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run_without(&[Policy::UseCoupon]);
    shop.run();
    assert!(matches!(shop.state(1), Some(Claim::Released(_))));
    assert!(matches!(shop.state(1), Some(Payment::Refunded(_))));
    assert_issued_again(&shop);
    shop.assert_settled();
}
