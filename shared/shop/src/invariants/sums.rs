//! Nothing is lost and nothing is won: stock, money and metrics add up.

use std::collections::BTreeMap;

use super::Snapshot;
use crate::order::Status;
use crate::payment::Payment;

/// `stock = supplied − what placed orders ordered`.
pub(super) fn stock_violations(shop: &Snapshot) -> Vec<String> {
    let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
    for order in shop.orders.iter().filter(|order| order.status() == Status::Placed) {
        for (product, pieces) in order.items.per_product() {
            *sold.entry(product.as_str()).or_default() += pieces.value();
        }
    }
    let mut found = Vec::new();
    for product in &shop.products {
        let (stock, supplied) = (product.stock.value(), product.supplied.value());
        let sold = sold.remove(product.id.as_str()).unwrap_or(0);
        if stock != supplied - sold {
            found.push(format!(
                "product {} has a stock of {stock}, but {supplied} were supplied and {sold} are in placed orders",
                product.id
            ));
        }
    }
    found.extend(sold.keys().map(|product| format!("product {product} was sold, but does not exist")));
    found
}

/// `balance = deposited − what was paid and not given back`.
pub(super) fn balance_violations(shop: &Snapshot) -> Vec<String> {
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
            found.push(format!(
                "account {} has a balance of {balance}, but {deposited} were deposited and {paid} paid",
                account.id
            ));
        }
    }
    let unknown = paid.into_iter().filter(|(_, paid)| *paid > 0);
    found.extend(unknown.map(|(customer, paid)| format!("customer {customer} paid {paid} without an account")));
    found
}

/// What was counted of each product that was ordered is what placed orders say.
pub(super) fn sales_violations(shop: &Snapshot) -> Vec<String> {
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
            found.push(format!(
                "of product {product} {sales} pieces in {orders} orders were counted, but {pieces} in {placed} were placed"
            ));
        }
    }
    found
}
