//! What the bench orders, and who pays.

use std::time::SystemTime;

use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};

use crate::api::Api;

/// As much as the shop allows, so that nobody runs out.
const STOCK: u64 = 1_000_000_000;
const BALANCE: u64 = 1_000_000_000_000;
const PRICE: u64 = 3_000;

/// Products in stock, and accounts with money on them.
#[derive(Debug, Clone)]
pub(crate) struct Goods {
    /// Makes the ids of this run its own, also on a stack that has seen others.
    run: String,
    products: usize,
    accounts: usize,
}

impl Goods {
    /// Creates so many of each.
    pub(crate) async fn create(api: &Api, products: usize, accounts: usize) -> Result<Self, String> {
        let goods = Self { run: run_name(), products, accounts };
        for number in 0..products {
            let product = json!({"id": goods.product(number), "name": "TV", "stock": STOCK, "price": PRICE});
            post(api, "/inventories", &product).await?;
        }
        for number in 0..accounts {
            post(api, "/accounts", &json!({"id": goods.customer(number), "balance": BALANCE})).await?;
        }
        Ok(goods)
    }

    /// The body of an order for one piece of any product by any customer.
    pub(super) fn order(&self) -> Bytes {
        let customer = self.customer(fastrand::usize(..self.accounts));
        let product = self.product(fastrand::usize(..self.products));
        let order =
            json!({"customerId": customer, "productId": product, "productName": "TV", "qty": 1, "address": "서울"});
        Bytes::from(order.to_string())
    }

    fn product(&self, number: usize) -> String {
        format!("{}-product-{number}", self.run)
    }

    fn customer(&self, number: usize) -> String {
        format!("{}-customer-{number}", self.run)
    }
}

/// A name that no other run has.
pub(super) fn run_name() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("bench-{}", since.as_millis())
}

/// Creates something.
pub(super) async fn post(api: &Api, path: &str, body: &Value) -> Result<(), String> {
    api.call(Method::POST, path, Bytes::from(body.to_string())).await.map(drop)
}
