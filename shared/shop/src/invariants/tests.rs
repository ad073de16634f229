//! Each invariant notices what it is there for.

use serde_json::{Value, json};

use super::{Snapshot, history_violations};
use crate::coupon::Claim;
use crate::delivery::{Delivery, Shipment};
use crate::inventory::Reservation;
use crate::payment::Payment;
use crate::saga_tests::Shop;
use crate::values::{Address, Money, Stock};

/// A shop with order 1 placed and order 2 rejected, and what its tables hold.
fn settled() -> (Shop, Snapshot) {
    let mut shop = Shop::open().with_product(1, 10, 5).with_account(1, 20);
    shop.order(1, &[(1, 3)]);
    shop.order(2, &[(1, 3)]);
    shop.run();
    shop.assert_settled();
    let snapshot = shop.snapshot();
    (shop, snapshot)
}

/// The one violation that `damage` leads to.
fn after(damage: impl FnOnce(&mut Snapshot)) -> String {
    let (_, mut snapshot) = settled();
    damage(&mut snapshot);
    let found = snapshot.violations();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn stock_that_was_lost_or_sold_without_a_product_is_noticed() {
    let lost = after(|shop| shop.products[0].stock = Stock::ZERO);
    assert_eq!(lost, "product 1 has a stock of 0, but 10 were supplied and 3 are in placed orders");
    assert_eq!(after(|shop| shop.products.clear()), "product 1 was sold, but does not exist");
}

#[test]
fn money_that_was_lost_or_paid_without_an_account_is_noticed() {
    let lost = after(|shop| shop.accounts[0].balance = Money::ZERO);
    assert_eq!(lost, "account 1 has a balance of 0, but 20 were deposited and 15 paid");
    assert_eq!(after(|shop| shop.accounts.clear()), "customer 1 paid 15 without an account");
}

#[test]
fn a_sale_that_was_not_counted_or_counted_twice_is_noticed() {
    let lost = after(|shop| shop.metrics.clear());
    assert_eq!(lost, "of product 1 0 pieces in 0 orders were counted, but 3 in 1 were placed");
    let twice = after(|shop| shop.metrics[0].sums = shop.metrics[0].sums.plus(shop.metrics[0].sums));
    assert_eq!(twice, "of product 1 6 pieces in 2 orders were counted, but 3 in 1 were placed");
}

#[test]
fn an_order_that_disagrees_with_its_parts_is_noticed() {
    assert_eq!(after(|shop| shop.deliveries.truncate(0)), "order 1 is PLACED, but has no delivery");
    assert_eq!(after(|shop| shop.reservations.truncate(0)), "order 1 is PLACED, but has no stock");
    let live = after(|shop| {
        if let Delivery::Cancelled(shipment) = shop.deliveries[1].clone() {
            shop.deliveries[1] = Delivery::Started(shipment);
        }
    });
    assert_eq!(live, "order 2 is REJECTED, but still has its delivery");
    let astray = after(|shop| shop.orders[0].address = Address::new("PUSAN").unwrap());
    assert_eq!(astray, "order 1 is delivered to SEOUL, but wanted at PUSAN");
    let may_begin = after(|shop| {
        if let Delivery::Cancelled(Shipment { order_id, destination, .. }) = shop.deliveries[1].clone() {
            shop.deliveries[1] = Delivery::Placeholder { order_id, destination };
        }
    });
    assert_eq!(may_begin, "order 2 is REJECTED, but its delivery may still begin");
    let held = after(|shop| {
        if let Reservation::Released(taken) = shop.reservations[1].clone() {
            shop.reservations[1] = Reservation::Taken(taken);
        }
    });
    assert_eq!(held, "order 2 is REJECTED, but still has its stock");
}

#[test]
fn a_rejected_order_that_was_paid_is_noticed() {
    let (_, mut snapshot) = settled();
    if let Payment::Refused { receipt, .. } = snapshot.payments[1].clone() {
        snapshot.payments[1] = Payment::Paid(receipt);
    }
    let found = snapshot.violations();
    assert!(found.contains(&"order 2 is REJECTED, but still has its payment".to_owned()), "{found:?}");
    assert!(found.iter().any(|violation| violation.starts_with("account 1")), "{found:?}");
}

#[test]
fn a_coupon_that_was_lost_or_that_two_orders_have_is_noticed() {
    let settled = || {
        let mut shop = Shop::open().with_product(1, 100, 0).with_coupon(70, 2, 0, 2);
        shop.order_with(1, 70);
        shop.run();
        shop.assert_settled();
        shop.snapshot()
    };
    let after = |damage: fn(&mut Snapshot)| {
        let mut snapshot = settled();
        damage(&mut snapshot);
        snapshot.violations()
    };
    assert_eq!(
        after(|shop| shop.coupons[0].issued = 3),
        ["coupon 70 was issued 3 times, but 2 customers hold it", "coupon 70 was issued 3 times, but there were 2"]
    );
    assert_eq!(after(|shop| shop.coupons.clear()), ["coupon 70 is held, but does not exist"]);
    assert_eq!(
        after(|shop| shop.claims.clear()),
        ["order 1 is PLACED, but has no coupon", "coupon 70 of customer 1 is not as the claim on it says"]
    );
    let twice = after(|shop| shop.claims.push(shop.claims[0].clone()));
    assert_eq!(twice, ["order 1 has coupon 70, which another order has too"]);
    let kept = after(|shop| {
        if let Claim::Used(claimed) = shop.claims[0].clone() {
            shop.claims[0] = Claim::Reserved(claimed);
        }
    });
    assert!(kept.contains(&"order 1 is PLACED, but has no coupon".to_owned()), "{kept:?}");
}

#[test]
fn an_order_that_is_not_settled_is_noticed() {
    let mut shop = Shop::open();
    shop.order(1, &[(1, 1)]);
    assert_eq!(shop.snapshot().violations(), ["order 1 is still PENDING"]);
}

#[test]
fn a_history_that_tells_another_end_is_noticed() {
    let (shop, snapshot) = settled();
    let mut twice_published = shop.log.clone();
    twice_published.extend(shop.log.clone());
    assert!(history_violations(&snapshot.orders, &twice_published).is_empty());

    let mut placed_twice = shop.log.clone();
    let mut again = shop.event(1, "OrderPlaced");
    again.id = "another".to_owned();
    placed_twice.push(again);
    let found = history_violations(&snapshot.orders, &placed_twice);
    assert_eq!(found, ["order 1 is PLACED, but was said to be placed 2 times, rejected 0 times, cancelled 0 times"]);

    let without_end: Vec<_> = shop.log.iter().filter(|event| event.event_type != "OrderRejected").cloned().collect();
    assert_eq!(history_violations(&snapshot.orders, &without_end).len(), 1);
}

#[test]
fn an_event_that_the_shop_does_not_know_or_cannot_read_is_noticed() {
    let (shop, _) = settled();
    let mut events = [shop.event(1, "OrderPlaced"), shop.event(1, "OrderCreated")];
    events[0].event_type = "OrderSold".to_owned();
    events[1].data.remove("items");
    let found = history_violations(&[], &events);
    assert!(found[0].contains("OrderSold") && found[1].contains("items"), "{found:?}");
}

#[test]
fn a_snapshot_is_read_from_items_and_names_the_damaged_one() {
    let item = |text: Value| text.as_object().cloned().unwrap();
    let account = json!({"pk": "account#a#1", "version": 3, "id": "a#1", "balance": 5, "deposited": 5});
    let counter = json!({"pk": "counter#account", "version": 1, "last": 4});
    let snapshot = Snapshot::read([item(account.clone()), item(counter)]).unwrap();
    assert_eq!(snapshot.accounts[0].id.as_str(), "a#1");
    assert_eq!(snapshot.violations(), Vec::<String>::new());

    let mut damaged = item(account);
    damaged.insert("balance".to_owned(), json!(-5));
    assert_eq!(Snapshot::read([damaged]).unwrap_err().pk, "account#a#1");
}
