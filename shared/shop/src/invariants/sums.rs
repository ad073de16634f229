//! Nothing is lost and nothing is won: stock, money and metrics add up.

use std::collections::BTreeMap;

use super::Snapshot;
use super::violation::Violation;
use crate::catalog::ProductMetrics;
use crate::inventory::{Product, Reservation};
use crate::order::Status;
use crate::payment::{Account, Payment};

/// `stock = supplied − what placed orders ordered`.
pub(super) fn stock_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
    for order in shop.orders.iter().filter(|order| order.status() == Status::Placed) {
        for (product, pieces) in order.items.per_product() {
            *sold.entry(product.as_str()).or_default() += pieces.value();
        }
    }
    compare(shop, sold, "in placed orders")
}

/// `stock = supplied − what is taken`: both change in one transaction, so this holds at any instant.
pub(super) fn taken_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for reservation in &shop.reservations {
        let Reservation::Taken(of_order) = reservation else { continue };
        for (product, pieces) in of_order.items.per_product() {
            *taken.entry(product.as_str()).or_default() += pieces.value();
        }
    }
    compare(shop, taken, "taken for orders")
}

fn compare(shop: &Snapshot, mut gone: BTreeMap<&str, i64>, where_to: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    for product in &shop.products {
        let (stock, supplied) = (product.stock.value(), product.supplied.value());
        let gone = gone.remove(product.id.as_str()).unwrap_or(0);
        if stock != supplied - gone {
            let id = product.id.as_str();
            let says =
                format!("product {id} has a stock of {stock}, but {supplied} were supplied and {gone} are {where_to}");
            found.push(Violation::of::<Product>(id, says));
        }
    }
    let unknown = gone.keys();
    found.extend(unknown.map(|id| Violation::of::<Product>(id, format!("product {id} was sold, but does not exist"))));
    found
}

/// `balance = deposited − what was paid and not given back`.
pub(super) fn balance_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
    for payment in &shop.payments {
        if let Payment::Paid(receipt) = payment {
            *paid.entry(receipt.customer_id.as_str()).or_default() += receipt.bill.payable().value();
        }
    }
    let mut found = Vec::new();
    for account in &shop.accounts {
        let (balance, deposited) = (account.balance.value(), account.deposited.value());
        let paid = paid.remove(account.id.as_str()).unwrap_or(0);
        if balance != deposited - paid {
            let id = account.id.as_str();
            let says =
                format!("account {id} has a balance of {balance}, but {deposited} were deposited and {paid} paid");
            found.push(Violation::of::<Account>(id, says));
        }
    }
    let unknown = paid.into_iter().filter(|(_, paid)| *paid > 0);
    found.extend(unknown.map(|(customer, paid)| {
        Violation::of::<Account>(customer, format!("customer {customer} paid {paid} without an account"))
    }));
    found
}

/// What was counted of each product that was ordered is what placed orders say.
pub(super) fn sales_violations(shop: &Snapshot) -> Vec<Violation> {
    let mut sold: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for order in &shop.orders {
        let placed = i64::from(order.status() == Status::Placed);
        for (product, pieces) in order.items.per_product() {
            let (sales, orders) = sold.entry(product.as_str()).or_default();
            (*sales, *orders) = (*sales + placed * pieces.value(), *orders + placed);
        }
    }
    let counted: BTreeMap<&str, (i64, i64)> = shop
        .metrics
        .iter()
        .map(|metrics| (metrics.product_id.as_str(), (metrics.sums.sales, metrics.sums.orders)))
        .collect();
    let mut found = Vec::new();
    for (product, sold) in sold {
        let counted = counted.get(product).copied().unwrap_or_default();
        if counted != sold {
            let ((sales, orders), (pieces, placed)) = (counted, sold);
            let says = format!(
                "of product {product} {sales} pieces in {orders} orders were counted, but {pieces} in {placed} were placed"
            );
            found.push(Violation::of::<ProductMetrics>(product, says));
        }
    }
    found
}
