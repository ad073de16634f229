//! What there is before the first customer comes: products, accounts, coupons.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use whenever::simulation::{Client, Random};

use crate::ask::{insist, request};

/// What orders choose from.
#[derive(Clone)]
pub(crate) struct Goods {
    pub(crate) products: Vec<String>,
    /// As much of each as orders nearly use up.
    pub(crate) stock: u64,
    pub(crate) customers: Vec<String>,
    pub(crate) coupons: Vec<String>,
}

impl Goods {
    /// As much as so many orders nearly use up, or more.
    pub(crate) fn drawn(random: &mut Random, orders: usize) -> (Self, Vec<Call>) {
        let names = |what: &str, count: u64| (1..=count).map(|n| format!("{what}-{n}")).collect::<Vec<_>>();
        let few = |random: &mut Random, most: u64| random.between(1, most.max(1));
        let products = few(random, 4 + orders as u64 / 20);
        let customers = few(random, (orders as u64 / 10).clamp(2, 200));
        let coupons = random.between(0, 4);
        let share = |all: u64| orders as u64 * 4 / all + 2;
        let goods = Goods {
            products: names("product", products),
            stock: share(products),
            customers: names("customer", customers),
            coupons: names("coupon", coupons),
        };
        let mut calls = Vec::new();
        for id in &goods.products {
            let stock = random.between(goods.stock / 2, 4 * goods.stock);
            let body = json!({ "id": id, "name": id, "stock": stock, "price": random.between(0, 50) });
            calls.push(Call { function: "inventories-api", route: "POST /inventories", body });
        }
        for id in &goods.customers {
            let body = json!({ "id": id, "balance": random.between(30 * share(customers), 200 * share(customers)) });
            calls.push(Call { function: "accounts-api", route: "POST /accounts", body });
        }
        for id in &goods.coupons {
            let quantity = random.chance(0.7).then(|| random.between(1, customers + 2));
            let body = json!({ "id": id, "quantity": quantity, "discount": random.between(0, 80) });
            calls.push(Call { function: "coupons-api", route: "POST /coupons", body });
        }
        (goods, calls)
    }
}

/// A call that makes one of them.
pub(crate) struct Call {
    function: &'static str,
    route: &'static str,
    body: Value,
}

impl Call {
    /// Makes it. What nobody answers may be there or not: orders find out.
    pub(crate) async fn make(self, client: &Client) {
        let _ = insist(client, self.function, request(self.route, &[], &self.body)).await;
    }
}

/// A few different ones of `all`.
pub(crate) fn some<'a>(random: &mut Random, all: &'a [String], most: u64) -> BTreeSet<&'a String> {
    let count = random.between(1, most);
    (0..count).map(|_| random.pick(all)).collect()
}
