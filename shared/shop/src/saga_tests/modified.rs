//! Orders whose address changes while they are under way: the newest address counts, whatever order the news come in.

use std::time::Duration;

use whenever::Refusal;

use super::{DEADLINE, Policy, Shop};
use crate::delivery::{self, Delivery};
use crate::order::{self, Status};

/// Order 1, which nothing has been done for yet.
fn ordered() -> Shop {
    let mut shop = Shop::open().with_product(1, 100, 0);
    shop.order_to(1, 1, &[(1, 10)], "PUSAN");
    shop
}

/// Order 1, placed.
fn placed() -> Shop {
    let mut shop = ordered();
    shop.run();
    assert_eq!(shop.status(1), Status::Placed);
    shop
}

/// Where the delivery of order 1 goes, as the API shows it, and its status.
fn shown(shop: &Shop) -> (String, String) {
    let delivery: &Delivery = shop.state(1).unwrap();
    let view = serde_json::to_value(delivery::view(delivery)).unwrap();
    let text = |field: &str| view[field].as_str().unwrap_or_default().to_owned();
    (text("address"), text("status"))
}

#[test]
fn a_placed_order_is_delivered_to_its_new_address() {
    let mut shop = placed();
    shop.modify(1, "SEOUL").unwrap();
    let modified = shop.event(1, "OrderModified").data;
    assert_eq!((&modified["address"], &modified["modification"]), (&"SEOUL".into(), &1.into()));
    shop.run();
    assert_eq!(shown(&shop), ("SEOUL".to_owned(), "MODIFIED".to_owned()));
    assert_eq!(shop.types(1)[5..], ["OrderModified", "DeliveryModified"]);
    shop.assert_settled();
}

#[test]
fn the_same_address_again_is_no_modification() {
    let mut shop = placed();
    shop.modify(1, "PUSAN").unwrap();
    assert_eq!(shop.types(1).len(), 5);
    shop.modify(1, "SEOUL").unwrap();
    shop.modify(1, "SEOUL").unwrap();
    shop.modify(1, "PUSAN").unwrap();
    shop.run();
    assert_eq!(shop.types(1).iter().filter(|event| **event == "OrderModified").count(), 2);
    assert_eq!(shown(&shop), ("PUSAN".to_owned(), "MODIFIED".to_owned()));
    shop.assert_settled();
}

#[test]
fn c_039_a_modification_that_comes_before_the_delivery_waits_for_it() {
    let mut shop = ordered();
    shop.modify(1, "SEOUL").unwrap();
    shop.modify(1, "INCHEON").unwrap();
    shop.pending.reverse();
    shop.run_without(&[Policy::StartDelivery]);
    assert!(matches!(shop.state(1), Some(Delivery::Placeholder { .. })));
    assert!(delivery::view(shop.state(1).unwrap()).is_none());
    assert!(matches!(shop.ask(delivery::complete(&1.into())), Err(Refusal::Missing(_))));
    shop.run();
    assert_eq!(shop.event(1, "DeliveryStarted").data["address"], "INCHEON");
    assert!(!shop.types(1).contains(&"DeliveryModified"));
    assert_eq!(shown(&shop), ("INCHEON".to_owned(), "STARTED".to_owned()));
    shop.assert_settled();
}

#[test]
fn where_nothing_is_delivered_is_decided_by_the_address_that_waits() {
    for (first, then, last) in [("NOWHERE", "SEOUL", "OrderPlaced"), ("SEOUL", "NOWHERE", "OrderRejected")] {
        let mut shop = Shop::open().with_product(1, 100, 0);
        shop.order_to(1, 1, &[(1, 10)], first);
        shop.modify(1, then).unwrap();
        shop.run_without(&[Policy::StartDelivery]);
        shop.run();
        assert_eq!(shop.types(1).last(), Some(&last));
        shop.assert_settled();
    }
}

#[test]
fn an_older_modification_never_overwrites_a_newer_one() {
    let mut shop = placed();
    ["SEOUL", "INCHEON", "DAEGU"].into_iter().for_each(|address| shop.modify(1, address).unwrap());
    let news: Vec<_> = shop.pending.drain(..).map(|(_, event)| event).collect();
    for late in [1, 2, 0, 1] {
        shop.deliver(Policy::ModifyDelivery, &news[late]);
    }
    assert_eq!(shown(&shop).0, "DAEGU");
    assert_eq!(shop.types(1).iter().filter(|event| **event == "DeliveryModified").count(), 2);
    shop.assert_settled();
}

#[test]
fn c_058_c_060_a_modified_order_is_cancelled() {
    let mut shop = placed();
    shop.modify(1, "SEOUL").unwrap();
    shop.ask(order::cancel(&1.into())).unwrap();
    shop.run();
    let types = shop.types(1);
    assert_eq!(types[5..8], ["OrderModified", "OrderCancelled", "DeliveryModified"]);
    assert!(types[8..].contains(&"DeliveryCancelled") && types[8..].contains(&"StockIncreased"));
    assert_eq!(shown(&shop), ("SEOUL".to_owned(), "CANCELLED".to_owned()));
    shop.assert_settled();
}

#[test]
fn c_059_c_063_a_modification_that_comes_after_the_cancellation_is_ignored() {
    let mut shop = placed();
    shop.modify(1, "SEOUL").unwrap();
    shop.ask(order::cancel(&1.into())).unwrap();
    assert!(matches!(shop.modify(1, "INCHEON"), Err(Refusal::Forbidden(_))));
    shop.run_without(&[Policy::ModifyDelivery]);
    shop.run();
    assert!(!shop.types(1).contains(&"DeliveryModified"));
    assert_eq!(shown(&shop), ("PUSAN".to_owned(), "CANCELLED".to_owned()));
    shop.assert_settled();
}

#[test]
fn an_order_cancelled_and_modified_before_its_delivery_began_leaves_a_tombstone() {
    for cancelled_first in [true, false] {
        let mut shop = ordered();
        shop.modify(1, "SEOUL").unwrap();
        shop.ask(order::cancel(&1.into())).unwrap();
        let later = if cancelled_first { Policy::ModifyDelivery } else { Policy::CancelDelivery };
        shop.run_without(&[Policy::StartDelivery, later]);
        shop.run_without(&[Policy::StartDelivery]);
        assert!(matches!(shop.state(1), Some(Delivery::Tombstone { .. })));
        shop.run();
        assert_eq!(shop.types(1), ["OrderCreated", "OrderModified", "OrderCancelled"]);
        shop.assert_settled();
    }
}

#[test]
fn an_order_that_expires_with_an_address_waiting_leaves_a_tombstone() {
    let mut shop = ordered();
    shop.modify(1, "SEOUL").unwrap();
    shop.run_without(&[Policy::StartDelivery]);
    shop.wait(DEADLINE + Duration::from_secs(1));
    shop.run();
    assert!(matches!(shop.state(1), Some(Delivery::Placeholder { .. })), "it is not begun after the deadline");
    shop.sweep();
    shop.run();
    assert!(matches!(shop.state(1), Some(Delivery::Tombstone { .. })));
    assert_eq!(shop.types(1), ["OrderCreated", "OrderModified", "DeadlineReached", "OrderRejected"]);
    shop.assert_settled();
}

#[test]
fn a_modification_after_the_delivery_arrived_changes_the_order_alone() {
    let mut shop = placed();
    shop.ask(delivery::complete(&1.into())).unwrap();
    shop.modify(1, "SEOUL").unwrap();
    shop.run();
    assert_eq!(shown(&shop), ("PUSAN".to_owned(), "COMPLETED".to_owned()));
    assert_eq!(shop.answer(1)["address"], "SEOUL");
    shop.assert_settled();
}

/// The `n`th of all orders that `items` can be in.
fn permuted<T>(mut items: Vec<T>, mut n: usize) -> Vec<T> {
    let mut permuted = Vec::with_capacity(items.len());
    while !items.is_empty() {
        let at = n % items.len();
        n /= items.len();
        permuted.push(items.remove(at));
    }
    permuted
}

#[test]
fn events_on_several_partitions_may_come_in_any_order() {
    for (cancelled, orders) in [(true, 120), (false, 6)] {
        for (n, at_once) in (0..orders).flat_map(|n| [(n, true), (n, false)]) {
            let mut shop = ordered();
            shop.modify(1, "SEOUL").unwrap();
            shop.modify(1, "INCHEON").unwrap();
            if cancelled {
                shop.ask(order::cancel(&1.into())).unwrap();
            }
            for (policy, event) in permuted(std::mem::take(&mut shop.pending), n) {
                shop.deliver(policy, &event);
                if at_once {
                    shop.run();
                }
            }
            shop.run();
            shop.assert_settled();
            assert_eq!(shop.stock(1), if cancelled { 100 } else { 90 });
            assert!(cancelled || shown(&shop).0 == "INCHEON");
            let after_the_end = shop.types(1).into_iter().skip_while(|event_type| *event_type != "DeliveryCancelled");
            assert!(!after_the_end.into_iter().any(|event_type| event_type == "DeliveryModified"));
        }
    }
}
