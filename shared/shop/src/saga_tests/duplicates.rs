//! Events that come more than once.

use super::{Policy, Shop};
use crate::order::Status;

/// Whatever comes again, at whatever moment, changes nothing.
fn repeat_everything(shop: &mut Shop) {
    let before: Vec<String> = shop.log.iter().map(|event| event.id.clone()).collect();
    for event in shop.log.clone() {
        for policy in Policy::ALL.iter().copied().filter(|policy| policy.answer(&event).is_some()) {
            shop.deliver(policy, &event);
        }
    }
    let after: Vec<String> = shop.log.iter().map(|event| event.id.clone()).collect();
    assert_eq!(before, after, "a duplicate emitted something");
    shop.assert_settled();
}

#[test]
fn c_018_c_019_c_022_duplicates_of_a_placed_order_do_nothing() {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 100);
    shop.order(1, &[(1, 10)]);
    shop.run();
    (0..3).for_each(|_| repeat_everything(&mut shop));
    assert_eq!((shop.stock(1), shop.balance(1)), (90, 90));
}

#[test]
fn c_018_an_order_created_three_times_before_anything_else_is_one_order() {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order(1, &[(1, 10)]);
    let created = shop.event(1, "OrderCreated");
    (0..3).for_each(|_| shop.deliver(Policy::StartDelivery, &created));
    let started = shop.event(1, "DeliveryStarted");
    (0..5).for_each(|_| shop.deliver(Policy::DecreaseStock, &started));
    shop.run();
    assert_eq!(shop.stock(1), 90);
    shop.assert_settled();
}

#[test]
fn c_013_c_021_c_022_duplicates_of_a_rejected_order_do_nothing() {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 1);
    shop.order(1, &[(1, 10)]);
    shop.order(2, &[(1, 101)]);
    shop.run();
    assert!(shop.types(1).contains(&"StockIncreased"));
    assert!(!shop.types(2).contains(&"StockIncreased"));
    (0..2).for_each(|_| repeat_everything(&mut shop));
    assert_eq!((shop.stock(1), shop.balance(1)), (100, 1));
}

#[test]
fn c_028_c_034_a_step_that_comes_again_after_it_was_undone_is_not_taken() {
    let mut shop = Shop::open().with_product(1, 100, 1).with_account(1, 100);
    shop.order(9, &[(1, 10)]);
    shop.run();
    shop.ask(crate::order::cancel(&9.into())).unwrap();
    shop.run();
    assert_eq!(shop.stock(1), 100);
    for (policy, event_type) in [
        (Policy::StartDelivery, "OrderCreated"),
        (Policy::DecreaseStock, "DeliveryStarted"),
        (Policy::TakePayment, "StockDecreased"),
        (Policy::PlaceOrder, "PaymentCompleted"),
    ] {
        let event = shop.event(9, event_type);
        shop.deliver(policy, &event);
    }
    assert_eq!((shop.stock(1), shop.balance(1), shop.status(9)), (100, 100, Status::Cancelled));
    shop.assert_settled();
}
