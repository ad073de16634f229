//! Events that come late, and compensations that come before what they undo.

use std::time::Duration;

use super::{DEADLINE, Policy, Shop};
use crate::delivery::Delivery;
use crate::inventory::Reservation;
use crate::order::{self, Status};
use crate::payment::Payment;

/// An order whose deadline passes while `waiting` stands still; then all is handled.
fn overtaken(waiting: Policy) -> Shop {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 100);
    shop.order(1, &[(1, 10)]);
    shop.run_without(&[waiting]);
    shop.wait(DEADLINE * 2);
    shop.sweep();
    shop.run_without(&[waiting]);
    shop.run();
    assert_eq!(shop.answer(1)["reason"], "DEADLINE");
    assert_eq!((shop.stock(1), shop.balance(1)), (100, 100));
    shop.assert_settled();
    shop
}

#[test]
fn c_032_c_081_a_compensation_that_comes_first_leaves_a_tombstone() {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order(7, &[(1, 10)]);
    shop.run_without(&[Policy::DecreaseStock]);
    shop.ask(order::cancel(&7.into())).unwrap();
    shop.run_without(&[Policy::DecreaseStock]);
    assert!(matches!(shop.state(7), Some(Reservation::Tombstone { .. })));
    shop.run();
    assert_eq!(shop.types(7), ["OrderCreated", "DeliveryStarted", "OrderCancelled", "DeliveryCancelled"]);
    assert_eq!(shop.stock(1), 100);
    shop.assert_settled();
}

#[test]
fn a_cancelled_order_is_neither_delivered_nor_paid_afterwards() {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 100);
    shop.order(7, &[(1, 10)]);
    shop.run_without(&[Policy::StartDelivery, Policy::TakePayment]);
    shop.ask(order::cancel(&7.into())).unwrap();
    shop.run_without(&[Policy::StartDelivery]);
    assert!(matches!(shop.state(7), Some(Delivery::Tombstone { .. })));
    assert!(matches!(shop.state(7), Some(Payment::Tombstone { .. })));
    shop.run();
    assert_eq!(shop.types(7), ["OrderCreated", "OrderCancelled"]);
    shop.assert_settled();
}

#[test]
fn c_036_a_late_success_does_not_revive_a_rejected_order() {
    let shop = overtaken(Policy::PlaceOrder);
    assert!(shop.types(1).contains(&"PaymentCompleted"));
    assert!(matches!(shop.state(1), Some(Payment::Refunded(_))));
}

#[test]
fn c_036_stock_that_was_taken_too_late_to_be_paid_is_given_back() {
    let shop = overtaken(Policy::TakePayment);
    assert!(matches!(shop.state(1), Some(Payment::Tombstone { .. })));
    assert!(shop.types(1).contains(&"StockIncreased"));
}

#[test]
fn work_is_not_started_after_the_deadline_even_if_no_sweep_has_come() {
    for (waiting, last) in [(Policy::DecreaseStock, "DeliveryStarted"), (Policy::TakePayment, "StockDecreased")] {
        let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 100);
        shop.order(1, &[(1, 10)]);
        shop.run_without(&[waiting]);
        shop.wait(DEADLINE * 2);
        shop.run();
        assert_eq!(shop.types(1).last(), Some(&last));
    }
}

#[test]
fn c_045_an_order_may_still_be_placed_until_a_sweep_wins() {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order(1, &[(1, 10)]);
    shop.run_without(&[Policy::PlaceOrder]);
    shop.wait(DEADLINE + Duration::from_millis(50));
    shop.run();
    shop.sweep();
    assert_eq!(shop.status(1), Status::Placed);
    shop.assert_settled();
}

#[test]
fn c_037_a_late_failure_does_not_touch_a_placed_order() {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order(1, &[(1, 10)]);
    shop.order(2, &[(1, 101)]);
    shop.run();
    let mut failed = shop.event(2, "StockDecreaseFailed");
    failed.data.insert("orderId".to_owned(), "1".into());
    shop.deliver(Policy::RejectOrder, &failed);
    assert_eq!((shop.status(1), shop.stock(1)), (Status::Placed, 90));
    shop.assert_settled();
}

#[test]
fn c_079_a_payment_that_is_heard_of_after_the_rejection_changes_nothing() {
    let mut shop = overtaken(Policy::PlaceOrder);
    let completed = shop.event(1, "PaymentCompleted");
    shop.deliver(Policy::PlaceOrder, &completed);
    assert_eq!(shop.status(1), Status::Rejected);
    shop.assert_settled();
}

#[test]
fn c_087_the_first_answer_of_the_payment_counts() {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 10);
    shop.order(1, &[(1, 10)]);
    shop.order(2, &[(1, 10)]);
    shop.run();
    let mut failed = shop.event(2, "PaymentFailed");
    failed.data.insert("orderId".to_owned(), "1".into());
    shop.deliver(Policy::RejectOrder, &failed);
    let mut completed = shop.event(1, "PaymentCompleted");
    completed.data.insert("orderId".to_owned(), "2".into());
    shop.deliver(Policy::PlaceOrder, &completed);
    assert_eq!((shop.status(1), shop.status(2)), (Status::Placed, Status::Rejected));
    assert!(shop.answer(1).get("reason").is_none());
    shop.assert_settled();
}
