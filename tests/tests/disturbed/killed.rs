//! Everything is killed at random while orders and coupons are asked for: nothing is lost, nothing is done twice.
//!
//! `WHENEVER_KILLED_ORDERS` sets how many orders there are, `WHENEVER_SEED` what is killed and when.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use fastrand::Rng;
use futures_util::future::join_all;
use serde_json::{Value, json};
use shop_tests::{Shop, Stage};

use crate::wish;

/// Deadlines are out of reach: how each order ends is known beforehand.
static KILLED: Stage =
    Stage::new(&[("DeadlineSeconds", "3600"), ("SweepIntervalSeconds", "1")]).apart("kept::runs_until_it_is_killed");

/// How many orders there are without a wish.
const ORDERS: u64 = 200;
/// Who place them at a time.
const CLIENTS: usize = 12;
/// What each of them has.
const BALANCE: i64 = 1_000_000_000;
/// What a product costs.
const PRICE: i64 = 10;
/// The functions that have something to do meanwhile.
const FUNCTIONS: [&str; 12] = [
    "orders-api",
    "coupons-api",
    "relay-outbox",
    "start-delivery",
    "decrease-stock",
    "take-payment",
    "place-order",
    "reject-order",
    "cancel-delivery",
    "increase-stock",
    "issue-coupon",
    "record-timeline",
];

#[tokio::test]
async fn nothing_is_lost_or_done_twice_while_everything_is_killed() {
    let orders = wish("WHENEVER_KILLED_ORDERS").unwrap_or(ORDERS);
    let seed = wish("WHENEVER_SEED").unwrap_or_else(|| fastrand::u64(..));
    // Printed with `println!` it would be seen of tests that fail only.
    writeln!(std::io::stderr(), "killed: {orders} orders, WHENEVER_SEED={seed}").unwrap();
    let shop = KILLED.enter_alone().await;
    let run = Run::new(&shop, orders).await;
    let kills = run.kill_at_random(Rng::with_seed(seed));
    let (placed, kills) = futures_util::future::join(run.place(), kills).await;
    writeln!(std::io::stderr(), "killed: all is answered after {kills:?}").unwrap();
    assert!(kills.get("the stack").is_some_and(|times| *times >= 2), "{kills:?}");
    assert!(kills.get("relay-outbox").is_some_and(|times| *times >= 1), "{kills:?}");

    shop.settle_within(Duration::from_secs(120 + orders / 10)).await;
    let (ids, users): (Vec<String>, Vec<String>) = placed.into_iter().unzip();
    let mut ends: BTreeMap<String, usize> = BTreeMap::new();
    for order in &ids {
        let order = shop.show(order).await;
        *ends.entry(format!("{} {}", order["status"], order["reason"])).or_default() += 1;
    }
    writeln!(std::io::stderr(), "killed: {ends:?}").unwrap();
    let placed = 4 * run.stock as usize;
    let wanted = [("\"PLACED\" null", placed), ("\"REJECTED\" \"INVENTORY\"", orders as usize - placed)];
    assert_eq!(ends, BTreeMap::from(wanted.map(|(end, count)| (end.to_owned(), count))));
    let distinct: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len() as u64, orders);
    run.coupons_are_right(&users).await;
    assert!(run.views().await >= run.viewed.load(Ordering::Relaxed) as i64, "views are lost");
    // `leave` looks at every total and at every order's events.
    shop.leave().await;
}

/// What is asked for.
struct Run<'s> {
    shop: &'s Shop,
    orders: u64,
    customers: Vec<String>,
    products: Vec<String>,
    /// What there is of each product.
    stock: i64,
    coupon: String,
    quantity: i64,
    /// Orders that are answered.
    answered: AtomicUsize,
    /// Views that are answered.
    viewed: AtomicUsize,
}

impl<'s> Run<'s> {
    /// Stock for nine of ten orders, coupons for half of those who want one.
    async fn new(shop: &'s Shop, orders: u64) -> Self {
        let (mut customers, mut products) = (Vec::new(), Vec::new());
        for _ in 0..CLIENTS {
            customers.push(shop.account(BALANCE).await);
        }
        let stock = orders as i64 * 9 / 40;
        for _ in 0..4 {
            products.push(shop.priced_product(stock, PRICE).await);
        }
        let quantity = orders as i64 / 2;
        let coupon = shop.coupon(&json!({"quantity": quantity})).await;
        let [answered, viewed] = [0, 0].map(AtomicUsize::new);
        Self { shop, orders, customers, products, stock, coupon, quantity, answered, viewed }
    }

    /// Places the orders, and asks for a coupon with each; the order's id and the coupon's user.
    async fn place(&self) -> Vec<(String, String)> {
        let begun = AtomicUsize::new(0);
        let client = async |customer: &String| {
            let mut placed = Vec::new();
            loop {
                let number = begun.fetch_add(1, Ordering::Relaxed);
                if number as u64 >= self.orders {
                    return placed;
                }
                placed.push(self.order(number, customer).await);
                self.answered.fetch_add(1, Ordering::Relaxed);
            }
        };
        join_all(self.customers.iter().map(client)).await.into_iter().flatten().collect()
    }

    async fn order(&self, number: usize, customer: &str) -> (String, String) {
        let product = &self.products[number % self.products.len()];
        let (key, user) = (self.shop.unique("order"), self.shop.unique("user"));
        let order = json!({"customerId": customer, "productId": product, "qty": 1});
        let order = self.shop.insist("POST", "/orders", &[("Idempotency-Key", &key)], &order).await;
        assert_eq!(order.status, 202, "{}", order.text());
        let request = json!({"userId": user, "couponId": self.coupon});
        let asked = self.shop.insist("POST", "/api/v1/coupon/request-issue", &[], &request).await;
        assert_eq!(asked.status, 200, "{}", asked.text());
        let view = self.shop.insist("POST", &format!("/products/{}/views", self.products[0]), &[], &json!({})).await;
        assert_eq!(view.status, 202, "{}", view.text());
        self.viewed.fetch_add(1, Ordering::Relaxed);
        (order.json()["orderId"].as_str().unwrap_or_default().to_owned(), user)
    }

    /// Kills a function now and then and the stack sometimes, until every order is answered; how often each was killed.
    async fn kill_at_random(&self, mut random: Rng) -> BTreeMap<&'static str, usize> {
        let mut kills = BTreeMap::new();
        while (self.answered.load(Ordering::Relaxed) as u64) < self.orders {
            tokio::time::sleep(Duration::from_millis(random.u64(20..300))).await;
            // The first are certain.
            let killed = match kills.values().sum::<usize>() {
                0 => "relay-outbox",
                1 | 3 => "the stack",
                _ if random.u8(..) < 20 => "the stack",
                _ if random.u8(..) < 50 => "relay-outbox",
                _ => FUNCTIONS[random.usize(..FUNCTIONS.len())],
            };
            if killed == "the stack" {
                self.shop.kill_the_stack().await;
            } else {
                self.shop.kill(killed).await;
            }
            *kills.entry(killed).or_default() += 1;
        }
        kills
    }

    /// Everybody has one or was told that there is none, and exactly as many have one as there were.
    async fn coupons_are_right(&self, users: &[String]) {
        let mut issued = 0;
        for user in users {
            let shown: Value = self.shop.user_coupon(user, &self.coupon).await;
            match (shown["status"].as_str(), shown["reason"].as_str()) {
                (Some("ISSUED"), _) => issued += 1,
                (_, Some("SOLD_OUT")) => {}
                _ => panic!("{user}: {shown}"),
            }
        }
        assert_eq!(issued, self.quantity);
    }

    async fn views(&self) -> i64 {
        let metrics = self.shop.get(&format!("/products/{}/metrics", self.products[0])).await;
        metrics.json()["viewCount"].as_i64().unwrap_or_default()
    }
}
