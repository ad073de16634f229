//! What a placed order may cost: no function may write more than was recorded with `whenever cost --record`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shop_tests::Shop;

use crate::STAGE;

const RECORD: &str = include_str!("../../../localstack/measured.json");

/// How many orders are measured, each alone: what only some of them cost would show as well.
const ORDERS: u32 = 3;

/// What there was of a function up to a moment.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    invocations: u64,
    /// Log lines, each read a little after the answer that it goes with.
    reports: u64,
    write_units: f64,
}

type Counts = BTreeMap<String, Count>;

#[tokio::test]
async fn a_placed_order_costs_no_function_more_writes_than_recorded() {
    let recorded = recorded();
    let shop = STAGE.enter_alone().await;
    let (product, customer) = (shop.priced_product(1_000, 3_000).await, shop.account(1_000_000).await);
    let order = json!({"customerId": customer, "productId": product, "productName": "TV", "qty": 1, "address": "서울"});
    // The first one of a product finds no metrics of it.
    let before = place(&shop, &order, 1, &counts(&shop).await).await;
    let after = place(&shop, &order, ORDERS, &before).await;
    shop.leave().await;

    let wrote = |name: &str| (after[name].write_units - before[name].write_units) / f64::from(ORDERS);
    let dearer: Vec<String> = after
        .keys()
        .map(|name| (name, wrote(name), recorded.get(name).copied().unwrap_or(0.0)))
        .filter(|(_, writes, allowed)| writes > allowed)
        .map(|(name, writes, allowed)| format!("{name} writes {writes} units for an order, {allowed} are recorded"))
        .collect();
    let hint = "if that must be: `whenever cost --record localstack/measured.json`";
    assert!(dearer.is_empty(), "{}; {hint}", dearer.join(", "));
    let all: f64 = after.keys().map(|name| wrote(name)).sum();
    assert!(all > 10.0, "only {all} units were counted: the orders were not seen");
}

/// Places orders one after the other; the counts once every log line since `before` is read.
async fn place(shop: &Shop, order: &Value, orders: u32, before: &Counts) -> Counts {
    for _ in 0..orders {
        let id = shop.order(order).await;
        shop.settle().await;
        shop.placed(&id).await;
    }
    let read = |(name, now): (&String, &Count)| {
        let before = before.get(name).copied().unwrap_or_default();
        now.invocations - before.invocations <= now.reports - before.reports
    };
    // The sweep's reports come when its minutes are over.
    let orders_own = |name: &String| name != "sweep-deadlines";
    shop.until(async || counts(shop).await, |now| now.iter().filter(|(name, _)| orders_own(name)).all(read)).await
}

async fn counts(shop: &Shop) -> Counts {
    let functions = shop.get("/_local/functions").await.json()["functions"].as_array().cloned().unwrap_or_default();
    let count = |function: &Value| {
        let number = |name: &str| function[name].as_u64().unwrap();
        let write_units = function["totals"]["writeUnits"].as_f64().unwrap_or(0.0);
        let count = Count { invocations: number("invocations"), reports: number("reports"), write_units };
        (function["name"].as_str().unwrap().to_owned(), count)
    };
    functions.iter().map(count).collect()
}

/// The recorded write units of an order that comes alone, by function.
fn recorded() -> BTreeMap<String, f64> {
    let record: Value = serde_json::from_str(RECORD).unwrap();
    let alone = &record["runs"][0];
    assert_eq!(alone["rate"], 0.0, "the first run of the record is that of orders that come alone");
    let functions = alone["functions"].as_object().unwrap();
    functions.iter().map(|(name, units)| (name.clone(), units["writeUnits"].as_f64().unwrap())).collect()
}
