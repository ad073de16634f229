//! Measures what an order needs, on a local stack of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use localstack::template::Template;
use localstack::{Addresses, store};
use tokio::time::{Instant, sleep};
use whenever::SystemClock;
use whenever::ports::Clock as _;

use super::SWEEP;
use super::measured::{Measured, Run, Stored};
use crate::api::Api;
use crate::bench::{self, Goods, OwnStack, Pace, count};
use crate::{client, terminal};

/// What is placed besides: how many orders a second, and how many.
const RUNS: [(f64, usize); 3] = [(5.0, 100), (20.0, 400), (100.0, 1_000)];

/// How many orders are placed alone.
const ALONE: usize = 20;

/// What is ordered, and by whom, where orders come many at a time.
const PRODUCTS: usize = 10;
const ACCOUNTS: usize = 100;

/// No order of a run may end by its deadline.
const DEADLINE_SECONDS: f64 = 60.0;

/// How long a function's log line may take to be counted.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// What DynamoDB adds to each stored item for its own index (AWS: developer guide, item sizes).
const BYTES_AN_ITEM: f64 = 100.0;

const HOW: &str = "Orders of one line with payment on a local stack with its own broker and table store, on one machine; \
all figures are of one order. Units, calls and invocations are exact for orders that come alone; times are the machine's. \
The order's customer, product, coupons and metrics existed before. Written by `whenever cost --record`.";

/// Starts a stack, places orders at every pace, and says what they needed.
pub(super) async fn measure(template: &Template, no_build: bool) -> Result<Measured, String> {
    let (stack, addresses) = OwnStack::start(DEADLINE_SECONDS, no_build).await?;
    let measured = on(template, &addresses).await;
    stack.stop().await;
    measured
}

async fn on(template: &Template, addresses: &Addresses) -> Result<Measured, String> {
    let api = Api::at(&addresses.api);
    let sweep_read_units = sweep(&api, addresses).await?;
    let goods = Goods::create(&api, 1, 1).await?;
    // The first order of a product finds no metrics of it.
    run(&api, &goods, 0.0, 1).await?;
    let before = kept(template, addresses).await?;
    let mut runs = vec![run(&api, &goods, 0.0, ALONE).await?];
    let stored = growth(&before, &kept(template, addresses).await?, ALONE);
    let goods = Goods::create(&api, PRODUCTS, ACCOUNTS).await?;
    for (rate, orders) in RUNS {
        runs.push(run(&api, &goods, rate, orders).await?);
    }
    let date = SystemClock.now().to_string().chars().take("2026-01-01".len()).collect();
    let build = if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned();
    Ok(Measured { how: HOW.to_owned(), date, build, sweep_read_units, stored, runs })
}

async fn run(api: &Api, goods: &Goods, rate: f64, orders: usize) -> Result<Run, String> {
    let (pace, how) = match rate {
        0.0 => (Pace::Alone, "one by one".to_owned()),
        rate => (Pace::PerSecond(rate), format!("at {rate} a second")),
    };
    eprintln!("{}", terminal::stderr().dim(format!("{orders} orders {how} ...")));
    let mut functions = bench::units(api, goods, orders, pace).await?;
    // It runs for as long as there is a schedule, whether there are orders or not.
    functions.remove(SWEEP);
    functions.retain(|_, units| units.invocations > 0.0);
    Ok(Run { rate, orders, functions })
}

/// What one look for late orders reads. The schedule's own sweep reports when its minute is over.
async fn sweep(api: &Api, addresses: &Addresses) -> Result<f64, String> {
    let before = bench::totals(api, SWEEP).await?;
    let url = format!("{}/2015-03-31/functions/{SWEEP}/invocations", addresses.lambda);
    client::succeeded(client::send(Method::POST, &url, Bytes::from_static(b"{}")).await?).await?;
    let end = Instant::now() + PATIENCE;
    loop {
        let after = bench::totals(api, SWEEP).await?;
        if after.get("calls") > before.get("calls") {
            let read = |totals: &BTreeMap<String, f64>| totals.get("readUnits").copied().unwrap_or(0.0);
            return Ok(read(&after) - read(&before));
        }
        if Instant::now() > end {
            return Err(format!("{SWEEP} has not said what a sweep read; `whenever logs {SWEEP}` may say why"));
        }
        sleep(PAUSE).await;
    }
}

/// What is in each table.
async fn kept(template: &Template, addresses: &Addresses) -> Result<BTreeMap<String, Stored>, String> {
    let client = store::dynamodb(&addresses.dynamodb);
    let mut kept = BTreeMap::new();
    for table in &template.tables {
        let answer = client.describe_table().table_name(&table.name).send().await;
        let answer = answer.map_err(|error| format!("table {} cannot be looked at: {error}", table.name))?;
        let number = |number: Option<i64>| count(number.and_then(|number| usize::try_from(number).ok()).unwrap_or(0));
        let (items, bytes) =
            answer.table().map_or((None, None), |table| (table.item_count(), table.table_size_bytes()));
        kept.insert(table.logical_id.clone(), Stored { items: number(items), bytes: number(bytes) });
    }
    Ok(kept)
}

fn growth(
    before: &BTreeMap<String, Stored>,
    after: &BTreeMap<String, Stored>,
    orders: usize,
) -> BTreeMap<String, Stored> {
    let of_each = |(name, after): (&String, &Stored)| {
        let before = before.get(name).copied().unwrap_or_default();
        let items = (after.items - before.items) / count(orders);
        let bytes = (after.bytes - before.bytes) / count(orders) + BYTES_AN_ITEM * items;
        (items > 0.0).then(|| (name.clone(), Stored { items, bytes: bytes.round() }))
    };
    after.iter().filter_map(of_each).collect()
}
